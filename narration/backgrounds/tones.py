"""Backgrounds of long tones: a pad of slow chords, a drone of open fifths, and singing bowls.

The first two are noise drawn so narrowly around the partials of a chord that it sings: a choir of countless players,
never twice the same. Source of the idea: Nasca, the PADsynth algorithm (ZynAddSubFX), there for one looped period.
Pitches are MIDI numbers, as in piano. The gains bring each background to REFERENCE_LUFS.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..timing import RATE_HZ
from . import BackgroundInfo
from .chance import Floats, drift, lone, uniform
from .engine import Cells, Sound, Sum, Synthetic, band, frequencies, low_pass, modal, noise
from .piano import pitch, to_hz
from .rooms import in_room, raised, room

LOW_TIMES = 9
LOW_HZ = RATE_HZ // LOW_TIMES  # tones of this file have nothing above 2 kHz
_HIGHEST_HZ = 1900.0
_SOURCE = "made by narration from its seed"

_PAD_GAIN = 10 ** (2.72 / 20)  # measured, as the next: the middle of ten seeds at REFERENCE_LUFS
_DRONE_GAIN = 10 ** (1.03 / 20)
_BOWLS_GAIN = 10 ** (-18.9 / 20)


@dataclass(frozen=True)
class Chords:
    """Slow harmony: which chords, how long each stays, how blurred and how bright its notes are."""

    chords: tuple[str, ...]  # five notes each, the bass first
    dwell_s: float  # the last two thirds of it pass into the next chord
    cents: float  # how far the players of a note are apart
    bright_hz: float
    gain: float


PAD = Chords(  # D major with common tones; the first ones come most often
    ("D2 A3 D4 F#4 A4", "G2 G3 B3 D4 A4", "B1 F#3 A3 D4 F#4", "E2 G3 B3 E4 F#4", "A2 E3 B3 C#4 E4", "G2 D3 A3 B3 F#4"),
    dwell_s=24.0,
    cents=13.0,
    bright_hz=900.0,
    gain=_PAD_GAIN,
)
_DRONE = Chords(
    ("D2 A2 D3 A3 D4", "D2 A2 D3 A3 E4", "D2 G2 D3 A3 D4"), dwell_s=40.0, cents=10.0, bright_hz=750.0, gain=_DRONE_GAIN
)
_SIDES = np.array(
    [0.0, 0.45, -0.25, 0.6, -0.5]
)  # where the five notes of a chord sit, -1 left to 1 right; the bass in the middle


def pad(seed: int) -> Synthetic:
    """Soft chords that pass into each other, like strings far away."""
    return Synthetic(
        BackgroundInfo("pad", "Pad of slow chords", "music", "MIT", _SOURCE), raised(choir(seed, "pad", PAD), LOW_TIMES)
    )


def drone(seed: int) -> Synthetic:
    """Open fifths, low and dark, that hardly move."""
    return Synthetic(
        BackgroundInfo("drone", "Drone of open fifths", "music", "MIT", _SOURCE),
        raised(choir(seed, "drone", _DRONE), LOW_TIMES),
    )


def choir(seed: int, name: str, chords: Chords) -> Sum:
    """Short grains with wide notes shimmer, long grains with narrow ones breathe; both at LOW_HZ."""
    shimmer = _voices(seed, name, chords, 0.4, chords.cents, 2**13)
    breath = _voices(seed, name, chords, 1.3, chords.cents / 8, 2**15)
    return Sum((shimmer, breath))


def chord(seed: int, name: str, chords: Chords, place: int) -> tuple[str, ...]:
    """The notes of the chord of that number: it is whole at ``place * dwell_s``."""
    chance = lone(seed, f"{name} chord", place)
    which = int(chance**1.5 * len(chords.chords))  # the first chords are home: on no grid, or the ear would find it
    return tuple(chords.chords[which].split())


def _voices(seed: int, name: str, chords: Chords, gain: float, cents: float, size: int) -> Cells:
    hz = frequencies(size, LOW_HZ, _HIGHEST_HZ)
    held = {
        note: singing(hz, to_hz(pitch(note)), cents, LOW_HZ / size, chords.bright_hz)
        for chord in chords.chords
        for note in chord.split()
    }

    angles = (1.0 + _SIDES) * np.pi / 4
    sides = np.stack([np.cos(angles), np.sin(angles)])

    def colour(time_s: float) -> Floats:
        place, passed = divmod(time_s / chords.dwell_s, 1.0)
        turn = np.pi / 2 * (0.5 - 0.5 * np.cos(np.pi * max(0.0, (passed - 0.35) / 0.65)))  # powers add to a constant
        levels = np.array([drift(seed, f"{name} voice {v}", time_s, 11.0 + 3.0 * v, 0.6, 1.1) for v in range(5)])
        levels /= np.sqrt((levels**2).sum())  # voices come and go, the whole stays
        power = np.zeros((2, len(hz)))  # so a tone that both chords have is held as it is
        for share, notes in (
            (np.cos(turn), chord(seed, name, chords, int(place))),
            (np.sin(turn), chord(seed, name, chords, int(place) + 1)),
        ):
            power += (share * (sides * levels) @ np.array([held[note] for note in notes])) ** 2
        corner_hz = 1.6 * chords.bright_hz * drift(seed, f"{name} brightness", time_s, 37.0, 0.6, 1.3)
        return gain * chords.gain * np.sqrt(power) * low_pass(hz, corner_hz, 1)

    return noise(seed, f"{name} {size}", colour, size, 0.1 + 0.35 * low_pass(hz, 200.0, 1), LOW_HZ)


def singing(hz: Floats, first_hz: float, cents: float, finest_hz: float, bright_hz: float) -> Floats:
    """The colour of one note: a bell of equal power around each partial, higher partials softer and more blurred."""
    total = np.zeros(len(hz))
    for order in range(1, int(_HIGHEST_HZ / first_hz) + 1):
        centre_hz = order * first_hz
        wide_hz = centre_hz * (2 ** (cents / 1200) - 1) * order**0.12 + 0.35 * finest_hz
        size = order**-1.1 * low_pass(np.array(centre_hz), bright_hz, 1.5) / np.sqrt(wide_hz)
        total += size * np.exp(-0.5 * ((hz - centre_hz) / wide_hz) ** 2)
    return np.asarray(total * (110.0 / first_hz) ** 0.15)


# Bowls

_BOWLS_HZ = tuple(to_hz(pitch(name)) for name in ("A2", "D3", "E3", "G3", "A3", "D4"))  # no thirds: not sad, not gay
_EVERY_S = 5.5
_RINGS_S = 30.0
_SWELL_S = 0.7  # a bowl stroked, not struck


def bowls(seed: int) -> Synthetic:
    """Singing bowls, one every five or six seconds, in a large room over a faint hum of the same notes."""
    hop, longest = round(_EVERY_S * LOW_HZ), round((_EVERY_S + _RINGS_S) * LOW_HZ)

    def cell(k: int) -> Sound:
        firm, when, side = uniform(seed, "bowl", k, 3)
        turn, place = divmod(k, len(_BOWLS_HZ))  # each bowl once a turn, in another order every turn
        first_hz = _BOWLS_HZ[int(np.argsort(uniform(seed, "order", turn, len(_BOWLS_HZ)))[place])]
        gain = _BOWLS_GAIN * (0.7 + 0.3 * firm) * (150.0 / first_hz) ** 0.35
        start = int(when * 0.6 * hop)
        sides = gain * np.array([[0.75 + 0.5 * side], [1.25 - 0.5 * side]], np.float32)
        return np.pad(_bowl(first_hz) * np.float32(sides), ((0, 0), (start, 0)))

    info = BackgroundInfo("bowls", "Singing bowls", "music", "MIT", _SOURCE)
    source = Sum((Cells(hop, longest, cell), _hum(seed)))
    return Synthetic(info, raised(in_room(source, _temple(), 0.7, 0.55), LOW_TIMES))


def _hum(seed: int) -> Cells:
    """What is left between the bowls: four of their notes, breathing."""
    hz = frequencies(2**13, LOW_HZ, _HIGHEST_HZ)
    notes = zip((110.0, 146.83, 220.0, 293.66), (0.5, 0.35, 0.22, 0.12), strict=True)
    colour = sum(
        (size * np.exp(-0.5 * ((hz - first_hz) / 2.2) ** 2) for first_hz, size in notes), 0.004 * band(hz, 200.0, 1.0)
    )

    def breathing(time_s: float) -> Floats:
        return np.asarray(5.0 * _BOWLS_GAIN * drift(seed, "hum", time_s, 13.0, 0.7, 1.1) * colour)

    return noise(seed, "hum", breathing, 2**13, np.full(len(hz), 0.3), LOW_HZ)


@cache
def _bowl(first_hz: float) -> NDArray[np.float32]:
    """A bowl of that pitch, float32 (2, n), of peak about 1: five pairs of modes.

    No bowl is quite round, so each mode is two a little apart, and they beat; the ratios are those of a thin shell,
    from memory of Inacio, Henrique, Antunes, "The dynamics of Tibetan singing bowls", Acta Acustica 92(4), 2006.
    """
    ratio, size, t60_s, apart_hz = np.array(
        [
            (1.00, 1.000, 34.0, 0.55),
            (2.74, 0.420, 17.0, 0.90),
            (5.06, 0.160, 8.0, 1.40),
            (7.90, 0.050, 4.5, 2.10),
            (11.1, 0.015, 2.6, 3.00),
        ]
    ).T
    apart_hz = apart_hz * (0.4 + 0.4 * uniform(0, "bowl", round(first_hz), 5))
    hz = np.concatenate([first_hz * ratio - apart_hz, first_hz * ratio + apart_hz])
    size = np.tile(size * (220.0 / first_hz) ** 0.3, 2) * (hz < _HIGHEST_HZ)
    t60_s = np.tile(t60_s * np.sqrt(180.0 / first_hz), 2)
    length = round(_RINGS_S * LOW_HZ)
    time_s = np.arange(length) / LOW_HZ
    swell = np.minimum(1.0, time_s / _SWELL_S)
    shape = (swell**2 * (3 - 2 * swell) * np.minimum(1.0, (_RINGS_S - time_s) / 4.0)).astype(np.float32)
    shares = np.repeat(
        [[0.72, 0.28], [0.56, 0.44]], 5, axis=1
    )  # beats, deeper on one side, that mono does not make holes of
    return np.stack([modal(hz, share * size, t60_s, length, LOW_HZ) * shape for share in shares])


@cache
def _temple() -> NDArray[np.float32]:
    return np.pad(room(21, (3.2, 1.0), 2000.0, LOW_HZ), ((0, 0), (round(0.03 * LOW_HZ), 0)))
