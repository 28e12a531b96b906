"""Room for consonants: 1 to 4.5 kHz of a bright background dips while somebody speaks, and nothing else moves.

The dip is ``x - c (1 - 10^(-depth/20)) BP(x)``, BP a linear-phase FIR filter and c from 0 to 1 along the plan. The
filter works by overlap-save on blocks counted from the first sample of the track: the same bits wherever one enters.
Where c is 0 the background passes untouched, and nothing is filtered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .timing import RATE_HZ

Mono = NDArray[np.float32]  # (n,)
Block = NDArray[np.float32]  # (n, 2)

TAPS = 2047  # odd, so that its delay is a whole number of samples; 46 ms, 43 Hz fine
_HALF = TAPS // 2
_SIZE = 2**15
_HOP = _SIZE - TAPS + 1  # samples that a transform gives


def in_pocket(
    play: Callable[[int], Iterator[Block]],
    start: int,
    presence: Callable[[int, int], Mono],
    depth_db: float,
    shape: tuple[tuple[float, float], ...],
) -> Iterator[Block]:
    """Endless blocks, float32 (n, 2), of a background from sample ``start`` on, with its pocket.

    ``play(start)`` gives its blocks from a sample on; ``presence(start, stop)`` is c there. ``shape`` is the filter:
    (Hz, share) joined by straight lines, 0 outside.
    """
    number = start // _HOP
    feed = _Feed(play, max(0, number * _HOP - _HALF))
    response, less = _response(shape), np.float32(1.0 - 10 ** (-depth_db / 20))
    while True:
        first = number * _HOP
        around = feed.take(first - _HALF, first + _HOP + _HALF)
        out = around[_HALF:-_HALF]
        c = presence(first, first + _HOP)
        if c.any():
            spectrum = np.fft.rfft(np.ascontiguousarray(around.T), norm="forward") * response
            band = np.fft.irfft(spectrum)[:, TAPS - 1 :].T.astype(np.float32, copy=False)
            out = out - (c * less)[:, None] * band
        yield out[max(0, start - first) :]
        number += 1


class _Feed:
    """A background read in overlapping stretches; silence stands before its first sample."""

    def __init__(self, play: Callable[[int], Iterator[Block]], start: int) -> None:
        self._blocks, self._held, self._from = play(start), np.empty((0, 2), np.float32), start

    def take(self, start: int, stop: int) -> Block:
        """Samples ``start`` to ``stop``; both never go back."""
        before = np.zeros((max(0, -start), 2), np.float32)
        parts = [self._held[max(0, start - self._from) :]]
        self._from = max(start, self._from)
        have = self._from + len(parts[0])
        while have < stop:
            parts.append(next(self._blocks))
            have += len(parts[-1])
        self._held = np.concatenate(parts)
        return np.concatenate([before, self._held[: stop - self._from]])


@lru_cache(4)
def _response(shape: tuple[tuple[float, float], ...]) -> NDArray[np.complex64]:
    """The filter's spectrum for stretches of _SIZE samples: the shape's own, its taps under a Hamming window."""
    hz = np.fft.rfftfreq(_SIZE, 1 / RATE_HZ)
    wanted = np.interp(hz, [at for at, _ in shape], [share for _, share in shape], left=0.0, right=0.0)
    taps = np.roll(np.fft.irfft(wanted), _HALF)[:TAPS] * np.hamming(TAPS)
    # Times _SIZE, for the sound's own transform is scaled by 1 / _SIZE: by 1, numpy would do it in long double, slowly.
    return np.asarray(_SIZE * np.fft.rfft(taps, _SIZE), np.complex64)
