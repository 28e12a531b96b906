"""Backgrounds of nature by the water: waves on a beach, and a stream.

Each is a recipe of figures; most were set by judgement and then measured (loudness range, sharpness, sudden rises,
energy below 40 Hz). The gains bring each to REFERENCE_LUFS. What they have of bubbles is made at a quarter of the rate.
"""

from __future__ import annotations

from functools import cache, lru_cache
from math import cos, exp, floor, pi, sin
from typing import NamedTuple

import numpy as np

from .chance import drift, sway, uniform
from .drops import BUBBLES, DROPS_HZ, DROPS_TIMES, shapes
from .engine import (
    Cells,
    Magnitudes,
    Scatter,
    Sound,
    Sum,
    Synthetic,
    band,
    beside,
    frequencies,
    high_pass,
    low_pass,
    mixed,
    nature,
    noise,
    scattered,
    tilt,
)
from .rooms import in_room, raised, room

_SIZE = 2**14  # 370 ms: short enough for a wave to move in, long enough for its lows
_HIGHEST_HZ = 8500.0  # next to nothing is above

_DARKEST_HZ, _BRIGHTER = 260.0, 6.0  # the corner of a swell, and how many times as high it is at its brightest
_STEPS = 16  # of brightness that are kept; what lies between is mixed of two
_HEARD_S = (-8.5, 14.0)  # from when to when a wave of usual slowness rises, breaks and draws back

_OCEAN_GAIN = 10 ** (-27.12 / 20)  # measured, as the next: the middle of 48 seeds at REFERENCE_LUFS
_STREAM_GAIN = 10 ** (-15.19 / 20)


class Train(NamedTuple):
    """Waves that follow each other. Trains whose periods share no multiple never fall in step."""

    name: str
    period_s: float
    gain: float


class _Wave(NamedTuple):
    """One wave of a train."""

    at_s: float  # when it is loudest
    slow: float  # how many times as long as usual it takes
    size: float
    rise_s: float
    fall_s: float
    pan: float  # -1 left to 1 right


class _Heard(NamedTuple):
    """What a wave sounds like at one moment."""

    swell: float  # the levels of the water that rises,
    surf: float  # breaks,
    foam: float  # and draws back
    bright: float  # the first of them, 0 to 1
    angle: float  # of the pan: 0 left, pi / 2 right


TRAINS = (Train("near", 11.9, 1.0), Train("far", 16.3, 0.75))


def ocean(seed: int) -> Synthetic:
    """Waves that come in, break and draw back over sand, above the steady low of the far sea."""
    fizz = Scatter(260.0, 0.233 * _OCEAN_GAIN, exponent=3.0, largest=2.0, spread=0.9, handful=6)
    foam = scattered(seed, "fizz", shapes("fizz"), fizz, DROPS_HZ, lambda time_s: _foam(seed, time_s))
    return nature("ocean", "Ocean waves", Sum((_water(seed), raised(foam, DROPS_TIMES))))


def _water(seed: int) -> Cells:
    hz = frequencies(_SIZE, highest_hz=_HIGHEST_HZ)
    top = low_pass(hz, 6000.0, 3)
    swell = tilt(hz, -4.4) * high_pass(hz, 60.0, 3) * top
    surf = 0.72 * tilt(hz, -2.8) * high_pass(hz, 350.0, 1) * low_pass(hz, 2400.0, 1) * top
    foam = 0.42 * band(hz, 2000.0, 0.9) * low_pass(hz, 4500.0, 1.5) * top
    sea = 0.64 * tilt(hz, -6.0) * high_pass(hz, 58.0, 3) * low_pass(hz, 350.0, 1) + 0.26 * swell * low_pass(
        hz, 900.0, 1
    )
    swells = [swell * low_pass(hz, _DARKEST_HZ * _BRIGHTER ** (step / (_STEPS - 1)), 1.5) for step in range(_STEPS)]
    colours = _OCEAN_GAIN * np.array([sea, *(1.4 * one for one in (surf, foam, *swells))], np.float32)

    def colour(time_s: float) -> Magnitudes:
        weights = np.zeros((2, len(colours)))
        weights[:, 0] = sway(seed, "sea", time_s, 13.0, 0.85, 1.15)
        for wave in heard_at(seed, time_s):
            swelling = wave.swell * beside(wave.bright * (_STEPS - 1), _STEPS)
            weights[:, 1:] += np.outer((cos(wave.angle), sin(wave.angle)), (wave.surf, wave.foam, *swelling))
        return mixed(weights, colours)

    return noise(seed, "ocean", colour, _SIZE)


def _foam(seed: int, time_s: float) -> float:
    return sum(wave.foam for wave in heard_at(seed, time_s))


def heard_at(seed: int, time_s: float) -> list[_Heard]:
    """The waves that can be heard at a time."""
    heard = []
    for train in TRAINS:
        nearest = floor(time_s / train.period_s)
        for k in range(nearest - 4, nearest + 3):
            wave = wave_of(seed, train, k)
            after_s = (time_s - wave.at_s) / wave.slow
            if not _HEARD_S[0] < after_s < _HEARD_S[1]:
                continue
            swell = wave.size * _swelling(after_s, wave.rise_s, wave.fall_s)
            foam = wave.size * _swelling(after_s - 3.2, 1.7, 4.4)  # left behind by water that draws back
            if max(swell, foam) > 0.003:
                surf = wave.size**1.5 * _swelling(after_s - 1.1, 1.5, 2.6)  # it breaks after it is loudest
                bright = _swelling(after_s - 0.9, 2.1, 3.4)
                pan = min(0.7, max(-0.7, wave.pan + 0.05 * after_s))
                bright *= 0.6 + 0.4 * wave.size
                heard.append(_Heard(swell, surf, foam, bright, (1.0 + pan) * pi / 4))
    even = (1.0 + 0.8 * sum(wave.swell**2 for wave in heard)) ** -0.45  # two at once are not twice as loud
    return [_Heard(even * w.swell, even * w.surf, even * w.foam, w.bright, w.angle) for w in heard]


@lru_cache(256)  # asked for at every grain while it is heard
def wave_of(seed: int, train: Train, k: int) -> _Wave:
    """The k-th wave of a train.

    The sea wanders, so that the next minute keeps no time with this one. A wave that is longer in coming takes longer.
    """

    def wanders_s(k: int) -> float:
        return drift(seed, f"{train.name} wanders", k * train.period_s, 67.0, 0.0, 1.6 * train.period_s)

    when, size, rise, fall, side = uniform(seed, train.name, k, 5)
    size_before = uniform(seed, train.name, k - 1, 5)[1]
    at_s = (k + 0.4 * (when - 0.5)) * train.period_s + wanders_s(k)
    slow = 1.0 + (wanders_s(k + 1) - wanders_s(k)) / train.period_s
    balanced = train.gain * (0.85 + 0.15 * (size - size_before))  # small after large
    return _Wave(*map(float, (at_s, slow, balanced, 2.6 + 0.8 * rise, 3.4 + 1.0 * fall, 0.9 * (side - 0.5))))


def _swelling(after_s: float, rise_s: float, fall_s: float) -> float:
    """A bell over time, 1 at 0, wider after it than before."""
    return exp(-((after_s / (rise_s if after_s < 0 else fall_s)) ** 2))


class _Stone(NamedTuple):
    """A place where the water gurgles."""

    side: float  # -1 left to 1 right
    smallest: int  # its bubbles begin with this one of 256 sizes
    gain: float
    changes_s: float  # how fast its gurgling comes and goes


_MURMUR_SIZE = 2**15  # 740 ms: it changes more slowly than waves
_STONES = (_Stone(-0.5, 60, 1.0, 1.9), _Stone(0.1, 106, 0.9, 2.9), _Stone(0.55, 0, 1.5, 1.3))


def stream(seed: int) -> Synthetic:
    """A stream over stones: small bubbles that gurgle here and there, a murmur, and the low of the water behind."""
    bubbles = Sum(tuple(_gurgle(seed, which) for which in range(len(_STONES))))
    both = Sum((raised(in_room(bubbles, _bank(), 0.8, 0.3), DROPS_TIMES), _murmur(seed)))
    return nature("stream", "Stream", both, BUBBLES)


def _gurgle(seed: int, which: int) -> Cells:
    """The bubbles behind one stone, now more, now fewer."""
    stone, name = _STONES[which], f"stone {which}"
    sizes = sorted(shapes("bubble"), key=len)[stone.smallest : stone.smallest + 150]
    gain = 0.339 * _STREAM_GAIN * stone.gain
    scatter = Scatter(42.0, gain, exponent=2.8, largest=2.0, spread=0.35, centre=stone.side, handful=3)
    return scattered(
        seed, name, sizes, scatter, DROPS_HZ, lambda time_s: drift(seed, name, time_s, stone.changes_s, 0.2, 1.8)
    )


def _murmur(seed: int) -> Cells:
    """The bubbles too small and too many to be heard singly, and the water that falls behind the stones."""
    hz = frequencies(_MURMUR_SIZE, highest_hz=_HIGHEST_HZ)
    near = (band(hz, 450.0, 1.1) + 0.22 * band(hz, 1800.0, 1.0)) * high_pass(hz, 90.0, 1) * low_pass(hz, 5000.0, 3)
    behind = 0.16 * tilt(hz, -5.0) * high_pass(hz, 65.0, 3) * low_pass(hz, 450.0, 1)

    colours = _STREAM_GAIN * np.array([0.6 * near, behind], np.float32)

    def colour(time_s: float) -> Magnitudes:
        sides = [sway(seed, side, time_s, period_s, 0.75, 1.25) for side, period_s in (("left", 5.3), ("right", 6.1))]
        return mixed([(side, 1.0) for side in sides], colours)

    return noise(seed, "stream", colour, _MURMUR_SIZE, overlap=0.25)


@cache
def _bank() -> Sound:
    return room(12, (0.6, 0.2), 3000.0, DROPS_HZ)
