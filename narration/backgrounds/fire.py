"""A wood fire, a background of nature made from chance.

Flames that flutter low, a faint hiss, and embers that crack softly in clusters: heard from across a room, so that none
startles. A recipe of figures; most were set by judgement and then measured. The gain brings it to REFERENCE_LUFS.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from .chance import drift, sway
from .drops import DROPS_HZ, DROPS_TIMES, shapes
from .engine import (
    Cells,
    Magnitudes,
    Scatter,
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
    scattered,
)
from .rooms import in_room, raised, room

_SIZE = 2**11  # 190 ms, and 93 ms from one to the next: flames flicker

_GAIN = 10 ** (-5.89 / 20)  # measured: the middle of 48 seeds at REFERENCE_LUFS


def fire(seed: int) -> Synthetic:
    """A wood fire: low flames that flutter, a faint hiss, embers that crack softly."""
    embers = Sum(
        (
            _falling(seed, "ember", Scatter(14.0, 0.15 * _GAIN, exponent=2.8, largest=2.2, spread=0.6), 4.3),
            _falling(seed, "roof", Scatter(1.5, 0.125 * _GAIN, exponent=3.0, largest=1.8, spread=0.5), 6.1),
        )
    )
    both = Sum((_flames(seed), in_room(embers, _hearth(), 0.7, 0.5)))
    return nature("fire", "Wood fire", raised(both, DROPS_TIMES))


def _flames(seed: int) -> Cells:
    hz = frequencies(_SIZE, DROPS_HZ)
    low = band(hz, 105.0, 0.75) + 0.35 * band(hz, 280.0, 0.7) + 0.07 * band(hz, 900.0, 0.9)
    roar = low * high_pass(hz, 50.0, 2)
    hiss = 0.05 * band(hz, 2300.0, 0.9) * low_pass(hz, 4000.0, 1)

    colours = _GAIN / np.sqrt(DROPS_TIMES) * np.array([roar, hiss], np.float32)  # the band of noise is as much narrower

    def colour(time_s: float) -> Magnitudes:
        draught = sway(seed, "draught", time_s, 6.7, 0.8, 1.2)
        flutter = [drift(seed, side, time_s, 0.45, 0.6, 1.1) for side in ("left", "right")]
        lick = [drift(seed, f"{side} lick", time_s, 1.3, 0.7, 1.1) for side in ("left", "right")]
        steam = 0.5 + drift(seed, "steam", time_s, 0.9, 0.0, 1.0) ** 3
        return mixed([(draught * a * b, steam) for a, b in zip(flutter, lick, strict=True)], colours)

    return noise(seed, "flames", colour, _SIZE, rate_hz=DROPS_HZ)


def _falling(seed: int, kind: str, scatter: Scatter, period_s: float) -> Cells:
    """Embers come in clusters: few for a while, then many."""
    return scattered(
        seed,
        kind,
        shapes(kind),
        scatter,
        DROPS_HZ,
        lambda time_s: 0.25 + 2.6 * drift(seed, f"{kind} busy", time_s, period_s, 0.0, 1.0) ** 3,
    )


@cache
def _hearth() -> Sound:
    return room(17, (0.6, 0.25), 2600.0, DROPS_HZ)
