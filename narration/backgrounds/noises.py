"""Backgrounds of nature, made from chance: noises of plain colours, and rain.

Each is a recipe of figures; most were set by judgement and then measured (loudness range, sharpness, sudden rises,
energy below 40 Hz). The gains bring each to REFERENCE_LUFS.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .chance import drift
from .drops import BUBBLES, DROPS_HZ, DROPS_TIMES, shapes
from .engine import (
    Cells,
    Magnitudes,
    Scatter,
    Sum,
    Synthetic,
    band,
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

_HIGHEST_HZ = 16_000.0  # where MP3 at 128 kbit/s ends too; less than a thousandth of the energy is above

_SIZE = 2**15  # 740 ms: nothing here changes fast
_PASSING = 0.0625  # of a grain of a colour that stays, until the next has come in: 46 ms

_BROWN_GAIN = 10 ** (-26.52 / 20)  # measured, as the next: the mean of 24 seeds at REFERENCE_LUFS
_RAIN_GAIN = 10 ** (-10.97 / 20)
_PINK_GAIN = 10 ** (-22.16 / 20)
_GREEN_GAIN = 10 ** (-13.93 / 20)


def brown(seed: int) -> Synthetic:
    """Brown noise: -6 dB an octave, steady, without the deepest lows that only take headroom."""
    hz = frequencies(_SIZE, highest_hz=_HIGHEST_HZ)
    colour = _BROWN_GAIN * tilt(hz, -6.0) * high_pass(hz, 54.0, 3) * low_pass(hz, 6500.0, 1)
    return nature("brown", "Brown noise", _steady(seed, "brown", colour))


def pink(seed: int) -> Synthetic:
    """Soft pink noise: -4 dB an octave and dull above 2.4 kHz, as true pink noise (-3 dB) is too sharp to sleep by."""
    hz = frequencies(_SIZE, highest_hz=_HIGHEST_HZ)
    colour = _PINK_GAIN * tilt(hz, -4.0) * high_pass(hz, 55.0, 2) * low_pass(hz, 2400.0, 1.5)
    return nature("pink", "Soft pink noise", _steady(seed, "pink", colour))


def green(seed: int) -> Synthetic:
    """Green noise: the middle of the spectrum, a bell of 1.25 octaves around 420 Hz, like a far waterfall."""
    hz = frequencies(_SIZE, highest_hz=_HIGHEST_HZ)
    colour = _GREEN_GAIN * band(hz, 420.0, 1.25) * low_pass(hz, 3000.0, 1)
    return nature("green", "Green noise", _steady(seed, "green", colour))


def _steady(seed: int, name: str, colour: Magnitudes) -> Cells:
    return noise(seed, name, colour, _SIZE, overlap=_PASSING)


def rain(seed: int) -> Synthetic:
    """Steady rain on leaves and a roof: a soft hiss that breathes slowly, and single drops in a small space."""
    drops = Sum(
        (
            _drops(seed, "leaf", Scatter(150.0, 0.10 * _RAIN_GAIN, exponent=2.0, largest=6.0, handful=5)),
            _drops(seed, "roof", Scatter(30.0, 0.16 * _RAIN_GAIN, exponent=2.4, largest=4.0)),
            _drops(seed, "bubble", Scatter(2.2, 0.10 * _RAIN_GAIN, exponent=3.0, largest=2.2)),
        )
    )
    both = Sum((_hiss(seed), raised(in_room(drops, _small_room(), 0.9, 0.22), DROPS_TIMES)))
    return nature("rain", "Rain", both, BUBBLES)


def _strength(seed: int, time_s: float) -> float:
    return drift(seed, "strength", time_s, 7.3, 0.90, 1.10)


def _hiss(seed: int) -> Cells:
    """The drops too many and too far to be heard singly."""
    hz = frequencies(_SIZE, highest_hz=_HIGHEST_HZ)
    far = tilt(hz, -3.2) * high_pass(hz, 110.0, 1) * low_pass(hz, 3900.0, 1.5)
    low = 0.35 * band(hz, 240.0, 0.8)
    ends = np.array([far * low_pass(hz, corner_hz, 1) + low for corner_hz in (2720.0, 3570.0)], np.float32)

    def colour(time_s: float) -> Magnitudes:
        bright = drift(seed, "brightness", time_s, 23.0, 0.0, 1.0)
        return 0.25 * _RAIN_GAIN * _strength(seed, time_s) * mixed((1.0 - bright, bright), ends)

    return noise(seed, "hiss", colour, _SIZE, overlap=0.25)


def _drops(seed: int, kind: str, scatter: Scatter) -> Cells:
    return scattered(seed, kind, shapes(kind), scatter, DROPS_HZ, lambda time_s: _strength(seed, time_s))


@cache
def _small_room() -> NDArray[np.float32]:
    return room(11, (0.7, 0.25), 3500.0, DROPS_HZ)
