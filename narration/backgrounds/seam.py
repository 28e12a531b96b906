"""How a sound that rushes on goes round: its last seconds cross-faded into its first, where nobody hears it.

The seam is sought over the last 20 s: where the cross-faded level stays nearest to the usual one, then where both
waveforms are most alike, to the sample.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..loudness import HOP
from ..timing import RATE_HZ
from .decoding import Block
from .pieces import BLOCK, Track

SEAM = 7 * RATE_HZ  # judgement: long enough to be a change of scene, not a cut
_SEARCH_HOPS = 200  # the seam may lie up to 20 s before the end, where a long fade-out would leave a hole
_ALIGN = 2 * (HOP // 4)  # half the range, even, over which the waveforms are lined up: 50 ms


def looped(track: Track) -> tuple[Iterator[Block], int]:
    """The track with its last samples cross-faded into its first, in blocks, and its length; see :func:`seam_of`."""
    period = _period(track)
    seam = SEAM if period >= 2 * SEAM else period // 2
    return _joined(track, period, seam), period + seam


def seam_of(length: int) -> int:
    """Samples of the seam at the end of a loop of so many: from its end it goes on at that place from its start."""
    return SEAM if length >= 3 * SEAM else length // 3


def _joined(track: Track, period: int, seam: int) -> Iterator[Block]:
    """The track, its last ``seam`` samples cross-faded into its first."""
    for place in range(0, period, BLOCK):
        yield track.level(place, min(place + BLOCK, period))
    end, start = track.level(period, period + seam), track.level(0, seam)
    out, into = cross_fade(seam, likeness(end, start))
    yield end * out + start * into


def _period(track: Track) -> int:
    """Samples after which the track returns to its start, even; the seam is what follows them."""
    length = track.length
    latest = 2 * ((length - SEAM if length >= 3 * SEAM else length * 2 // 3) // 2)
    coarse = _level_period(track.energies, latest)
    return _aligned_period(track, max(0, coarse - _ALIGN), min(coarse + _ALIGN, latest))


def _level_period(energies: NDArray[np.float64], latest: int) -> int:
    """To 100 ms, the period whose cross-faded seam stays nearest to the track's median level."""
    hops = min(SEAM, latest // 2) // HOP
    fade = np.pi / 2 * (np.arange(hops) + 0.5) / hops
    ends = sliding_window_view(energies, hops)[: latest // HOP + 1]
    first = max(len(ends) * 3 // 4, len(ends) - _SEARCH_HOPS)
    faded = ends[first:] * np.cos(fade) ** 2 + energies[:hops] * np.sin(fade) ** 2
    off_db = 10.0 * np.log10((faded + 1e-12) / (np.median(energies) + 1e-12))
    best_from_end = int(np.argmin((off_db[::-1] ** 2).mean(axis=1)))  # of equals the latest: it cuts least
    return (len(ends) - 1 - best_from_end) * HOP


def _aligned_period(track: Track, first: int, last: int) -> int:
    """Between two even periods, the even one at which both waveforms of the seam are most alike."""
    count = min(SEAM, first // 2)
    start, end = track.level(0, count).sum(axis=1), track.level(first, last + count).sum(axis=1)
    size = 1 << len(end).bit_length()
    alike = np.fft.irfft(np.fft.rfft(end, size) * np.fft.rfft(start, size).conj(), size)[: last - first + 1]
    power = np.concatenate([[0.0], np.cumsum(end.astype(np.float64) ** 2)])
    powers = power[count : count + len(alike)] - power[: len(alike)]
    return first + 2 * int(np.argmax((alike / np.sqrt(powers + 1e-12))[::2]))


def cross_fade(count: int, alike: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Gains (count, 1) out of one sound and into another, at constant power whatever they have in common."""
    angle = np.pi / 2 * np.arange(count)[:, None] / count
    out, into = np.cos(angle), np.sin(angle)
    level = 1.0 / np.sqrt(1.0 + 2.0 * alike * out * into)
    return (out * level).astype(np.float32), (into * level).astype(np.float32)


def likeness(end: Block, start: Block) -> float:
    """How much two waveforms have in common: 0 nothing, 1 all; not below -0.5, or opposite ones would be blown up."""
    both = float((end * start).sum(dtype=np.float64))
    each = float((end**2).sum(dtype=np.float64)) * float((start**2).sum(dtype=np.float64))
    return max(-0.5, both / each**0.5) if each else 0.0
