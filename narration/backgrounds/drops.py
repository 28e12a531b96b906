"""Short sounds that many make one of nature: rain drops, bubbles, fizz and embers.

Each is mono float32 of peak 1 at DROPS_HZ, with nothing above 4 kHz, and starts and ends without a step. There are so
many of a kind that none is recognised, and they are the same for every seed: the seed decides when each falls.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..timing import RATE_HZ
from .chance import Floats, uniform
from .engine import modal

DROPS_TIMES = 4
DROPS_HZ = RATE_HZ // DROPS_TIMES
_SHAPES = 256

BUBBLES = "bubbles after van den Doel, ACM Transactions on Applied Perception 2(4), 2005"  # how, see bubble

Drop = NDArray[np.float32]


@cache
def shapes(kind: str) -> tuple[Drop, ...]:
    """The drops of a kind: ``leaf``, ``roof``, ``bubble``, ``ember`` or ``fizz``."""
    return tuple(_KINDS[kind](uniform(0, kind, k, 12)) for k in range(_SHAPES))


def leaf(chance: Floats) -> Drop:
    """A dull tick: four modes of 0.45 to 2.7 kHz that die in 12 to 42 ms."""
    return _tick(450.0 * 2.0 ** (2.6 * chance[:4]), 0.012 + 0.030 * chance[4:8], chance[8:], 0.06)


def roof(chance: Floats) -> Drop:
    """A lower, longer knock: four modes of 180 to 830 Hz that die in 30 to 100 ms."""
    return _tick(180.0 * 2.0 ** (2.2 * chance[:4]), 0.030 + 0.070 * chance[4:8], chance[8:], 0.12)


def _tick(hz: Floats, t60_s: Floats, chance: Floats, length_s: float) -> Drop:
    return _shaped(modal(hz, (chance - 0.5) / np.sqrt(hz), t60_s, int(length_s * DROPS_HZ), DROPS_HZ), 0.0011)


def bubble(chance: Floats) -> Drop:
    """A drop that takes air under water: a sine that rises as it dies, r from 1.4 to 8.5 mm.

    Source: van den Doel, "Physically based models for liquid sounds", ACM Trans. Applied Perception 2(4), 2005.
    """
    radius_m = 0.0014 * (0.0085 / 0.0014) ** (chance[0] ** 1.6)
    damping, rise = 0.13 / radius_m + 0.0072 * radius_m**-1.5, 0.04 + 0.10 * chance[1]
    time_s = np.arange(int(min(0.25, 7.0 / damping) * DROPS_HZ)) / DROPS_HZ
    sine = np.sin(2 * np.pi * 3.0 / radius_m * (time_s + 0.5 * rise * damping * time_s**2))
    return _shaped(np.asarray(sine * np.exp(-damping * time_s), np.float32), 0.0012) * np.float32(
        (radius_m / 0.0085) ** 1.2
    )


def ember(chance: Floats) -> Drop:
    """A soft crack of glowing wood: four modes of 0.3 to 2.7 kHz, swelling in 3 ms, that die in 15 to 60 ms."""
    hz, t60_s = 300.0 * 2.0 ** (3.2 * chance[:4]), 0.015 + 0.045 * chance[4:8] ** 2
    return _shaped(modal(hz, (chance[8:] - 0.5) / np.sqrt(hz), t60_s, int(0.08 * DROPS_HZ), DROPS_HZ), 0.003)


def fizz(chance: Floats) -> Drop:
    """A bubble of foam that bursts: a tick of 1.2 to 3.6 kHz, over in 6 to 16 ms."""
    hz, t60_s = 1200.0 * 2.0 ** (1.6 * chance[:2]), 0.006 + 0.010 * chance[2:4]
    return _shaped(modal(hz, chance[4:6] - 0.5, t60_s, int(0.02 * DROPS_HZ), DROPS_HZ), 0.0015)


def _shaped(sound: Drop, onset_s: float) -> Drop:
    """A sound of peak 1 that starts and ends without a step."""
    place = np.arange(len(sound))
    sound = sound * np.minimum(1.0, np.minimum(place / (onset_s * DROPS_HZ), place[::-1] / (0.004 * DROPS_HZ)))
    return np.asarray(sound / np.abs(sound).max(), np.float32)


_KINDS: dict[str, Callable[[Floats], Drop]] = {
    "leaf": leaf,
    "roof": roof,
    "bubble": bubble,
    "ember": ember,
    "fizz": fizz,
}
