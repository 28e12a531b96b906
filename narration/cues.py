"""Cues: the soft tones that pace a breath, told apart with eyes closed: one rises, the other falls."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .document import Breathe
from .timing import RATE_HZ, to_samples

# A fourth up on the in-breath, down on the out-breath, in the range of a hummed voice: judgement.
_LOW_HZ, _HIGH_HZ = 174.6, 233.1
_PARTIALS = (
    (1, 1.0),
    (2, 0.22),
    (3, 0.07),
)  # (harmonic, amplitude): round, with just enough to hear on a small speaker
AMPLITUDE = 0.022  # about 13 LU under a voice of -23 LUFS


def tones(breathe: Breathe) -> NDArray[np.float32]:
    """The tones of one breath, mono float32 in [-AMPLITUDE, AMPLITUDE] at 44.1 kHz; a hold is silent.

    Its length is the breath's: the phases' times, each edge rounded as the plan rounds it.
    """
    edges = [
        to_samples(seconds)
        for seconds in accumulate((seconds for _, seconds in breathe.phases), initial=type(breathe.phases[0][1])(0))
    ]
    out = np.zeros(edges[-1], np.float32)
    for (kind, _), start, end in zip(breathe.phases, edges, edges[1:], strict=False):
        if kind != "hold":
            out[start:end] = _glide(kind, end - start)
    return out


@lru_cache(maxsize=16)
def _glide(kind: Literal["in", "out"], length: int) -> NDArray[np.float32]:
    """One phase: the pitch glides over its whole length, the level swells and sinks with silence at both ends."""
    along = (np.arange(length) + 0.5) / length
    low, high = (_LOW_HZ, _HIGH_HZ) if kind == "in" else (_HIGH_HZ, _LOW_HZ)
    bend = along * along * (3 - 2 * along)
    phase = 2 * np.pi * np.cumsum(low * (high / low) ** bend) / RATE_HZ
    tone = sum(amplitude * np.sin(harmonic * phase) for harmonic, amplitude in _PARTIALS)
    peak_at = 0.65 if kind == "in" else 0.3  # the in-breath grows, the out-breath lets go
    swell = np.where(along < peak_at, along / peak_at, (1 - along) / (1 - peak_at))
    level = np.sin(0.5 * np.pi * swell) ** 1.5
    return (AMPLITUDE / sum(amplitude for _, amplitude in _PARTIALS) * tone * level).astype(np.float32)
