"""A night outdoors, a background of nature made from chance.

Quiet air, a breath of wind in leaves now and then, and far crickets that come and go. They are low for crickets, below
the band that consonants need, and stay under the air: some 6 % of the A-weighted energy. A recipe of figures;
most were set by judgement and then measured. The gain brings it to REFERENCE_LUFS.
"""

from __future__ import annotations

from functools import cache
from math import cos, pi, sin
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..timing import RATE_HZ
from .chance import drift, sway, uniform
from .engine import (
    Cells,
    Magnitudes,
    Sound,
    Sum,
    Synthetic,
    band,
    frequencies,
    high_pass,
    low_pass,
    mixed,
    nature,
    noise,
    tilt,
)
from .rooms import in_room, raised, room

_AIR_SIZE = 2**15
_TIMES = 6
_LOW_HZ = RATE_HZ // _TIMES  # crickets end at 2.1 kHz

_GAIN = 10 ** (-20.26 / 20)  # measured: the middle of 48 seeds at REFERENCE_LUFS


class _Cricket(NamedTuple):
    """One that sings: its note, how often it chirps, how fast its wings beat, how near and where it sits."""

    hz: float
    every_s: float
    wings_hz: float
    gain: float
    pan: float  # -1 left to 1 right
    stays_s: float  # how long it sings or is silent, about


CRICKETS = (
    _Cricket(1810.0, 0.97, 31.0, 1.0, -0.55, 23.0),
    _Cricket(1960.0, 1.21, 34.0, 0.7, 0.60, 31.0),
    _Cricket(1640.0, 1.53, 27.0, 0.8, 0.15, 27.0),
    _Cricket(2070.0, 1.09, 36.0, 0.45, -0.15, 19.0),
)
_PULSES = (5, 6, 7, 8)  # beats of the wings to a chirp


def night(seed: int) -> Synthetic:
    """Quiet air, and far crickets that come and go."""
    crickets = Sum(tuple(singer(seed, which) for which in range(len(CRICKETS))))
    both = Sum((_air(seed), raised(in_room(crickets, _field(), 0.25, 0.75), _TIMES)))
    return nature("night", "Night with far crickets", both)


def _air(seed: int) -> Cells:
    hz = frequencies(_AIR_SIZE, highest_hz=8500.0)
    still = tilt(hz, -4.0) * high_pass(hz, 75.0, 2) * low_pass(hz, 700.0, 1) * low_pass(hz, 5500.0, 3)
    leaves = 0.13 * band(hz, 900.0, 1.1) * low_pass(hz, 3500.0, 3)

    colours = _GAIN * np.array([still, leaves], np.float32)

    def colour(time_s: float) -> Magnitudes:
        breath = sway(seed, "breath", time_s, 17.0, 0.0, 1.0)
        sides = [sway(seed, side, time_s, 11.0, 0.85, 1.15) for side in ("left", "right")]
        return mixed(np.outer(sides, (0.8 + 0.4 * breath, breath**2)), colours)

    return noise(seed, "air", colour, _AIR_SIZE, overlap=0.25)


def singer(seed: int, which: int) -> Cells:
    """One cricket, at the low rate: a chirp a cell, or none while it is silent."""
    cricket, name = CRICKETS[which], f"cricket {which}"
    hop, angle = round(cricket.every_s * _LOW_HZ), (1.0 + cricket.pan) * pi / 4
    sides = np.array([[cos(angle)], [sin(angle)]], np.float32)
    longest = hop + len(_chirp(which, _PULSES[-1]))

    def cell(k: int) -> Sound:
        when, firm, pulses = uniform(seed, name, k, 3)
        there = drift(seed, name, k * cricket.every_s, cricket.stays_s, -0.75, 1.0)
        if there <= 0.0:
            return np.zeros((2, 0), np.float32)
        gain = 0.742 * _GAIN * cricket.gain * there * (0.8 + 0.2 * firm)
        start = int(0.4 * when * hop)
        return np.pad(_chirp(which, _PULSES[int(4 * pulses)]) * np.float32(gain) * sides, ((0, 0), (start, 0)))

    return Cells(hop, longest, cell)


@cache
def _chirp(which: int, pulses: int) -> NDArray[np.float32]:
    """So many beats of the wings, float32 (n,), swelling and fading; the note falls by a hair."""
    cricket = CRICKETS[which]
    lasts_s = pulses / cricket.wings_hz
    time_s = np.arange(round(lasts_s * _LOW_HZ)) / _LOW_HZ
    beats = np.sin(pi * cricket.wings_hz * time_s) ** 2
    whole = np.sin(pi * time_s / lasts_s)
    phase = 2 * pi * cricket.hz * (time_s - 0.006 * time_s**2 / lasts_s)
    return np.asarray(beats * whole * np.sin(phase), np.float32)


@cache
def _field() -> Sound:
    """Open ground answers late and softly."""
    return np.pad(room(13, (1.4, 0.6), 2500.0, _LOW_HZ), ((0, 0), (round(0.02 * _LOW_HZ), 0)))
