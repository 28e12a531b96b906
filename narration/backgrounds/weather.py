"""Wind in trees, a background of nature made from chance.

A recipe of figures; most were set by judgement and then measured (loudness range, sharpness, energy below 40 Hz). The
gain brings it to REFERENCE_LUFS.
"""

from __future__ import annotations

import numpy as np

from ..timing import RATE_HZ
from .chance import Floats, sway
from .engine import Synthetic, band, frequencies, high_pass, low_pass, nature, noise, raised, tilt

_TIMES = 2
_LOW_HZ = RATE_HZ // _TIMES  # next to nothing above 8 kHz
_HIGHEST_HZ = 8500.0
_SIZE = 2**12  # 190 ms: short enough for a gust to move in, long enough for its lows
_LATER_S = 0.35  # it blows from the left
_SLUGGISH_S = 1.2  # leaves stir after the air does

_GAIN = 10 ** (-13.91 / 20)  # measured: the middle of 48 seeds at REFERENCE_LUFS


def wind(seed: int) -> Synthetic:
    """Wind that comes and goes in trees: as it rises it brightens, the leaves answer late, the right side follows."""
    hz = frequencies(_SIZE, _LOW_HZ, _HIGHEST_HZ)
    octaves = np.log2(hz)
    above_rumble = high_pass(hz, 60.0, 2)
    leaves = 0.24 * band(hz, 1900.0, 1.0) * low_pass(hz, 4500.0, 3)
    steady = 0.06 * tilt(hz, -4.0) * low_pass(hz, 500.0, 1)

    def bell(centre: float, wide: float) -> Floats:
        return np.asarray(np.exp(-0.5 * ((octaves - centre) / wide) ** 2))

    def side(time_s: float, name: str) -> Floats:
        force = 0.38 + 0.62 * (0.75 * _gust(seed, "both", time_s) + 0.25 * _gust(seed, name, time_s))
        trunks = bell(np.log2(150.0) + 1.2 * force, 0.9)
        twigs = 0.35 * bell(np.log2(420.0) + 0.9 * force, 0.55)
        stirred = (0.30 + 0.70 * _gust(seed, "both", time_s - _SLUGGISH_S)) ** 2
        return np.asarray(_GAIN * above_rumble * (force**1.2 * (trunks + twigs) + stirred * leaves + steady))

    def colour(time_s: float) -> Floats:
        return np.stack([side(time_s, "left"), side(time_s - _LATER_S, "right")])

    return nature("wind", "Wind in trees", raised(noise(seed, "wind", colour, _SIZE, rate_hz=_LOW_HZ), _TIMES))


def _gust(seed: int, name: str, time_s: float) -> float:
    """How hard it blows, 0 to 1: long gusts, and the unrest in them."""
    long, short = (sway(seed, f"{name} {period_s}", time_s, period_s, 0.0, 1.0) for period_s in (8.7, 2.9))
    return 0.68 * long + 0.32 * short
