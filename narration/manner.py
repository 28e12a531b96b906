"""The manner in which words are said: what the inline marks rate, volume and emphasis come to.

Figures by judgement: within what a calm reader does, so that a mark is heard and no word jumps out. ``rate`` multiplies
the speed, ``gain_db`` is added to the level.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .document import Inline


@dataclass(frozen=True)
class Manner:
    """Characters [start, end) of a text, said ``rate`` times as fast and ``gain_db`` louder."""

    start: int
    end: int
    rate: float = 1.0
    gain_db: float = 0.0


_MARKS: dict[str, dict[str, tuple[float, float]]] = {  # kind → value → (rate, gain_db)
    "rate": {"x-slow": (0.72, 0), "slow": (0.85, 0), "medium": (1, 0), "fast": (1.15, 0), "x-fast": (1.3, 0)},
    "volume": {
        **{"silent": (1, -60), "x-soft": (1, -9), "soft": (1, -5)},
        **{"medium": (1, 0), "loud": (1, 3), "x-loud": (1, 5)},
    },
    "emphasis": {"strong": (0.8, 3), "moderate": (0.87, 1.5), "none": (1, 0), "reduced": (1.08, -3)},
}
KINDS = frozenset(_MARKS)
_RAMP_S = 0.06  # a gain changes over this time: short enough for a word, long enough that no step is heard


def manner_of(mark: Inline) -> Manner:
    """What a mark of one of ``KINDS`` comes to."""
    rate, gain_db = _MARKS[mark.kind][mark.value]
    return Manner(mark.start, mark.end, rate, gain_db)


def louder(
    samples: NDArray[np.float32], stretches: Iterable[tuple[int, int, float]], rate_hz: int
) -> NDArray[np.float32]:
    """The samples with each (first, past the last, gain in dB) stretch louder, by ramps of 60 ms around its ends."""
    gain_db = np.zeros(len(samples))
    for first, last, gain in stretches:
        gain_db[first:last] += gain
    width = min(round(_RAMP_S * rate_hz), len(samples))
    if not gain_db.any() or width < 3:
        return samples
    window = np.hanning(width)
    padded = np.pad(gain_db, (width // 2, width - 1 - width // 2), mode="edge")
    smooth = np.convolve(padded, window / window.sum(), "valid")
    return (samples * 10 ** (smooth / 20)).astype(np.float32)
