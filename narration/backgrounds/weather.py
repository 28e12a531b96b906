"""Wind in trees, a background of nature made from chance.

A recipe of figures; most were set by judgement and then measured (loudness range, sharpness, energy below 40 Hz). The
gain brings it to REFERENCE_LUFS.
"""

from __future__ import annotations

import numpy as np

from .chance import Floats, sway
from .engine import Magnitudes, Synthetic, band, beside, frequencies, high_pass, low_pass, mixed, nature, noise, tilt

_HIGHEST_HZ = 8500.0  # next to nothing is above
_SIZE = 2**14  # 370 ms: short enough for a gust to move in, long enough for its lows
_LATER_S = 0.35  # it blows from the left
_CALM = 0.38  # of the strongest: the weakest it blows
_FORCES = 16  # kept apart; what lies between is mixed of two
_SLUGGISH_S = 1.2  # leaves stir after the air does

_GAIN = 10 ** (-10.90 / 20)  # measured: the middle of 48 seeds at REFERENCE_LUFS


def wind(seed: int) -> Synthetic:
    """Wind that comes and goes in trees: as it rises it brightens, the leaves answer late, the right side follows."""
    hz = frequencies(_SIZE, highest_hz=_HIGHEST_HZ)
    above_rumble = _GAIN * high_pass(hz, 60.0, 2)
    leaves = 0.24 * band(hz, 1900.0, 1.0) * low_pass(hz, 4500.0, 3)
    steady = 0.06 * tilt(hz, -4.0) * low_pass(hz, 500.0, 1)

    def blown(force: float) -> Floats:
        trunks, twigs = band(hz, 150.0 * 2 ** (1.2 * force), 0.9), band(hz, 420.0 * 2 ** (0.9 * force), 0.55)
        return np.asarray(force**1.2 * (trunks + 0.35 * twigs) + steady)

    forces = np.linspace(_CALM, 1.0, _FORCES)
    colours = np.array([above_rumble * one for one in (leaves, *map(blown, forces))], np.float32)

    def side(time_s: float, name: str) -> Floats:
        force = 0.75 * _gust(seed, "both", time_s) + 0.25 * _gust(seed, name, time_s)
        stirred = (0.30 + 0.70 * _gust(seed, "both", time_s - _SLUGGISH_S)) ** 2
        return np.concatenate([[stirred], beside(force * (_FORCES - 1), _FORCES)])

    def colour(time_s: float) -> Magnitudes:
        return mixed((side(time_s, "left"), side(time_s - _LATER_S, "right")), colours)

    return nature("wind", "Wind in trees", noise(seed, "wind", colour, _SIZE))


def _gust(seed: int, name: str, time_s: float) -> float:
    """How hard it blows, 0 to 1: long gusts, and the unrest in them."""
    long, short = (sway(seed, f"{name} {period_s}", time_s, period_s, 0.0, 1.0) for period_s in (8.7, 2.9))
    return 0.68 * long + 0.32 * short
