"""A felt piano: one note at a time as pure samples, made from the physics of a string.

Conventions: pitches are MIDI numbers (A4, 440 Hz, is 69); samples are mono at :data:`PIANO_HZ`, for the felt leaves
nothing above 3.4 kHz. Figures without a source were fitted to recordings of a grand piano played softly, then dulled.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..timing import RATE_HZ
from .chance import Floats, uniform
from .engine import Sound, modal
from .rooms import room

PIANO_TIMES = 5
PIANO_HZ = RATE_HZ // PIANO_TIMES
FORCES = 8  # how many strengths of touch are kept apart: 1 is the softest

_HIGHEST_HZ = 3400.0
_LONGEST_S = 6.0
_ATTACK_S = 0.070  # seven times a real felt's: nothing startles
_DAMPER_S = 0.6
_KEYS = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
_STRINGS = ((0.9, 0.42), (-0.7, 0.36), (0.25, 0.22))  # cents off the pitch, share: three strings that beat slowly


def pitch(name: str) -> int:
    """The MIDI number of a note: ``pitch("C4")`` is 60, ``pitch("F#4")`` is 66, ``pitch("Bb3")`` is 58."""
    return 12 * (int(name[-1]) + 1) + _KEYS[name[0]] + name.count("#") - name.count("b")


def to_hz(number: float) -> float:
    """The frequency of a MIDI number in equal temperament."""
    return float(440.0 * 2.0 ** ((number - 69) / 12))


class Note(NamedTuple):
    """A note to play: when, what, how firmly, how long until the damper falls, and from where."""

    start_s: float
    number: int  # MIDI
    touch: float  # 0 to 1
    held_s: float
    side: float  # -1 left, 1 right


def strike(sound: Sound, note: Note, gain: float) -> None:
    """Add a note to ``sound``, float32 (2, n) at PIANO_HZ, which must be long enough to hold it.

    The touch is had in full: its timbre from the nearest of FORCES, its loudness exactly.
    """
    force = min(FORCES, max(1, round(note.touch * FORCES)))
    one = struck(note.number, force, note.held_s)
    size = gain * _loudness(note.touch) / _loudness(force / FORCES)
    angle = (1.0 + note.side) * np.pi / 4
    start = round(note.start_s * PIANO_HZ)
    sound[0, start : start + len(one)] += np.float32(size * np.cos(angle)) * one
    sound[1, start : start + len(one)] += np.float32(size * np.sin(angle)) * one


@cache
def hall() -> Sound:
    """The hall the piano stands in: what it answers to a click at PIANO_HZ, float32 (2, n), first after 25 ms."""
    return np.pad(room(42, (2.2, 0.7), 2800.0, PIANO_HZ), ((0, 0), (round(0.025 * PIANO_HZ), 0)))


@cache
def large_hall() -> Sound:
    """A larger hall, as :func:`hall`: it carries slow music over its pauses."""
    return np.pad(room(44, (3.4, 1.1), 2400.0, PIANO_HZ), ((0, 0), (round(0.030 * PIANO_HZ), 0)))


def struck(number: int, force: int, held_s: float) -> NDArray[np.float32]:
    """A note played with ``force`` of FORCES and held that long before the damper falls; RMS about 0.06 at first."""
    sound = _string(number, force)[: int((held_s + _DAMPER_S) * PIANO_HZ)].copy()
    fall = np.linspace(1.0, 0.0, int(_DAMPER_S * PIANO_HZ), dtype=np.float32)
    sound[-len(fall) :] *= fall**2
    return sound


@lru_cache(256)  # 210 kB each; a piece has some fifty
def _string(number: int, force: int) -> NDArray[np.float32]:
    """A note that nobody damps.

    Stiff strings, f_n = n f_0 sqrt(1 + B n^2), B as fitted by Rigaud, David and Daudet, "A parametric model and
    estimation techniques for the inharmonicity and tuning of the piano", JASA 133(5), 2013. A prompt sound that soon
    dies and an aftersound that stays: Weinreich, "Coupled piano strings", JASA 62(6), 1977.
    """
    touch, first_hz = force / FORCES, to_hz(number)
    stiffness = np.exp(0.0926 * number - 13.64) + np.exp(-0.0847 * number - 5.82)
    order = np.arange(1, 61)
    hz = order * first_hz * np.sqrt(1 + stiffness * order**2)
    order, hz = order[hz < _HIGHEST_HZ], hz[hz < _HIGHEST_HZ]
    size = _spectrum(order, hz, first_hz, touch) * (0.75 + 0.5 * uniform(0, "string", number, len(hz)))
    t60_s = np.clip(17.0 * (first_hz / 110.0) ** -0.62, 1.6, 22.0) / (1 + (hz / 1500.0) ** 1.15)
    after = 0.28 * np.minimum(1.0, np.sqrt(900.0 / hz))
    sound = modal(
        np.concatenate([hz * 2 ** (cents / 1200) for cents, _ in _STRINGS] + [hz * 2 ** (0.15 / 1200)]),
        np.concatenate([0.86 * share * size for _, share in _STRINGS] + [after * size]),
        np.concatenate([0.48 * t60_s] * len(_STRINGS) + [1.9 * t60_s]),
        int(_LONGEST_S * PIANO_HZ),
        PIANO_HZ,
    )
    sound[: int(0.4 * PIANO_HZ)] += _thump(touch) * float(size.sum()) * np.float32(0.012)
    attack = np.arange(int(_ATTACK_S * (1.3 - 0.6 * touch) * PIANO_HZ))
    sound[: len(attack)] *= 0.5 - 0.5 * np.cos(np.pi * attack / len(attack))
    level = 0.06 * _loudness(touch) * (first_hz / 262.0) ** -0.12  # as loud to the ear from low to high
    return np.asarray(sound * (level / np.sqrt((sound[: int(0.7 * PIANO_HZ)] ** 2).mean())), np.float32)


def _loudness(touch: float) -> float:
    return float((0.35 + 0.65 * touch) ** 1.4)


def _spectrum(order: NDArray[np.int_], hz: Floats, first_hz: float, touch: float) -> Floats:
    """How loud the partials start: dull, brighter under a firm touch and high up, combed by the place of the hammer."""
    corner_hz = (260.0 + 620.0 * touch) * (first_hz / 262.0) ** 0.42
    return np.asarray(order**-0.8 / (1 + (hz / corner_hz) ** 2) ** 1.1 * (np.abs(np.sin(np.pi * order * 0.118)) + 0.08))


def _thump(touch: float) -> NDArray[np.float32]:
    """The wood that answers the hammer: four low modes, gone in a sixth of a second."""
    hz, size, t60_s = np.array([(62, 0.50, 0.16), (96, 0.45, 0.13), (143, 0.30, 0.10), (228, 0.12, 0.06)]).T
    return modal(hz, (0.4 + touch) * size, t60_s, int(0.4 * PIANO_HZ), PIANO_HZ)
