"""Eleven far voices, each with one note and a period of its own, that meet differently for ever.

The system, not the music, is Brian Eno's (Music for Airports, 1978): loops of such lengths that they never fall into
step again. Notes, periods and voices are ours. A quiet pad lies below.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import BackgroundInfo
from .chance import Floats, lone
from .engine import Cells, Sound, Sum, Synthetic, band, frequencies, noise
from .piano import pitch, to_hz
from .rooms import in_room, raised, room
from .tones import LOW_HZ, LOW_TIMES, Chords, choir


class Voice(NamedTuple):
    """Who sings what, how often, and from where."""

    note: str
    period_s: float
    side: float  # -1 left, 1 right


VOICES = (  # tenths of a second, all prime: no two meet again within an hour; the low ones come least often
    Voice("A2", 41.9, 0.0),
    Voice("D3", 37.3, -0.15),
    Voice("A3", 25.1, 0.3),
    Voice("B3", 35.9, -0.45),
    Voice("D4", 22.3, 0.5),
    Voice("E4", 28.1, -0.6),
    Voice("F#4", 19.7, 0.15),
    Voice("G4", 43.3, -0.3),
    Voice("A4", 23.9, 0.6),
    Voice("B4", 31.7, -0.7),
    Voice("D5", 39.7, 0.35),
)
_SHARE, _LONGEST_S = 0.45, 11.0  # of its period a voice sounds, at most so long
_HIGHEST_HZ = 2300.0
_GRAIN = 2**14  # 3.3 s: a voice swells no faster than this, whatever its envelope
_GAIN = 10 ** (4.12 / 20)
_PAD = Chords(
    ("D2 A2 D3 A3 E4", "A2 D3 A3 D4 E4", "G2 D3 A3 B3 D4"),
    dwell_s=47.0,
    cents=11.0,
    bright_hz=480.0,
    gain=10 ** (2.12 / 20),
)


def loops(seed: int) -> Synthetic:
    """Eleven voices in a large room that come and go, each in its own time."""
    info = BackgroundInfo(
        "loops", "Voices in loops of their own", "music", "MIT", "made by narration from its seed; the system is Eno's"
    )
    voices = in_room(_choir(seed), _room(), 0.6, 0.6)
    return Synthetic(info, raised(Sum((voices, choir(seed, "loops", _PAD))), LOW_TIMES))


def swell(seed: int, voice: int, time_s: float) -> float:
    """How loud that voice of VOICES is, 0 to 1: where its period begins, and each time's loudness, are the seed's."""
    period_s = VOICES[voice].period_s
    turn, passed_s = divmod(time_s - period_s * lone(seed, "begins", voice), period_s)
    sounds_s = min(_LONGEST_S, _SHARE * period_s)
    if passed_s >= sounds_s:
        return 0.0
    firm = lone(seed, f"voice {voice}", int(turn))
    return float(np.sin(np.pi * (passed_s / sounds_s) ** 0.8) ** 1.3) * (0.75 + 0.25 * firm)


def _choir(seed: int) -> Cells:
    hz = frequencies(_GRAIN, LOW_HZ, _HIGHEST_HZ)
    sung = np.array([_vowel(hz, to_hz(pitch(voice.note))) for voice in VOICES]) ** 2
    angles = (1.0 + np.array([voice.side for voice in VOICES])) * np.pi / 4
    sides = np.stack([np.cos(angles), np.sin(angles)]) ** 2

    def colour(time_s: float) -> Floats:
        levels = np.array([swell(seed, voice, time_s) for voice in range(len(VOICES))])
        return np.asarray(_GAIN * np.sqrt((sides * levels**2) @ sung))

    return noise(seed, "loops", colour, _GRAIN, np.full(len(hz), 0.3), LOW_HZ)


def _vowel(hz: Floats, first_hz: float) -> Floats:
    """A note of a soft choir, between oo and ah: blurred partials under two formants; as much power for every note."""
    total = np.zeros(len(hz))
    for order in range(1, int(_HIGHEST_HZ / first_hz) + 1):
        centre_hz = np.array(order * first_hz)
        wide_hz = 0.0042 * centre_hz + 0.4
        size = order**-0.6 * (band(centre_hz, 420.0, 0.9) + 0.22 * band(centre_hz, 1000.0, 0.5))
        total += size / np.sqrt(wide_hz) * np.exp(-0.5 * ((hz - centre_hz) / wide_hz) ** 2)
    return np.asarray(total / np.sqrt((total**2).sum()))


def _room() -> Sound:
    return np.pad(room(23, (3.6, 1.2), 2200.0, LOW_HZ), ((0, 0), (round(0.04 * LOW_HZ), 0)))
