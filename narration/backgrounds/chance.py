"""Chance for made-up backgrounds: every random number is a pure function of a seed, a name and a number.

A counter hashed by splitmix64: any number can be had without those before it, and no release of numpy changes the sound
(its Generator may, NEP 19). Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
figure 17.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from math import exp, floor

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # splitmix64's own
_64_BITS = 2**64 - 1


def random_words(seed: int, name: str, k: int, count: int) -> NDArray[np.uint64]:
    """``count`` random 64-bit words, a pure function of the arguments."""
    word = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_STEP) + np.uint64(_start(seed, name, k))
    word ^= word >> np.uint64(30)
    word *= np.uint64(_FIRST)
    word ^= word >> np.uint64(27)
    word *= np.uint64(_SECOND)
    word ^= word >> np.uint64(31)
    return word


def uniform(seed: int, name: str, k: int, count: int) -> Floats:
    """``count`` random numbers in [0, 1)."""
    return np.asarray((random_words(seed, name, k, count) >> np.uint64(11)) * 2.0**-53, np.float64)


def lone(seed: int, name: str, k: int) -> float:
    """The one number of ``uniform(seed, name, k, 1)``, a fifth as dear without an array."""
    word = (_start(seed, name, k) + _STEP) & _64_BITS
    word = (word ^ word >> 30) * _FIRST & _64_BITS
    word = (word ^ word >> 27) * _SECOND & _64_BITS
    return ((word ^ word >> 31) >> 11) * 2.0**-53


def _start(seed: int, name: str, k: int) -> int:
    return int.from_bytes(blake2b(f"{seed}/{name}/{k}".encode(), digest_size=8).digest(), "little")


def poisson(chance: float, mean: float) -> int:
    """How many happen where ``mean`` do on average: the smallest n whose cumulative probability exceeds ``chance``."""
    count, term = 0, exp(-mean)
    left = chance - term
    while left >= 0.0 and term > 0.0:
        count += 1
        term *= mean / count
        left -= term
    return count


def drift(seed: int, name: str, time_s: float, period_s: float, low: float, high: float) -> float:
    """A slow aimless movement between ``low`` and ``high``: random values a period apart, smoothly joined."""
    k = floor(time_s / period_s)
    x = time_s / period_s - k
    before, after = _knot(seed, name, k), _knot(seed, name, k + 1)
    return low + (high - low) * (before + (after - before) * x**3 * (x * (6 * x - 15) + 10))


def sway(seed: int, name: str, time_s: float, period_s: float, low: float, high: float) -> float:
    """A drift that takes back, a period later, what it gave: any few periods have the same mean, whatever the seed."""
    now, before = (drift(seed, name, at_s, period_s, 0.0, 1.0) for at_s in (time_s, time_s - period_s))
    return low + (high - low) * 0.5 * (1.0 + now - before)


@lru_cache(1024)  # asked for again at every grain between two knots
def _knot(seed: int, name: str, k: int) -> float:
    return lone(seed, name, k)
