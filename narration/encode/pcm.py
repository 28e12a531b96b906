"""From float samples to integers: rounding, dither, and the count of what did not fit."""

from __future__ import annotations

import numpy as np

from .target import Block, Pcm

_SEED = 1  # any fixed number: the dither of a track is the same in every render


class Quantiser:
    """Turns blocks into integers of 16 bits, dithered, or 24 bits, rounded; the result is the same however blocks fall.

    Dither is triangular, one step to either side, the least that frees the rounding error from the signal (Lipshitz,
    Wannamaker and Vanderkooy, JAES 40(5) 1992). It comes from the raw output of PCG64, which numpy promises to keep the
    same in every release. Exact zeros get none: digital silence stays silent. At 24 bits it would be 144 dB down.
    """

    def __init__(self, bits: int, gain: float = 1.0) -> None:
        """At the first sample of a track; ``bits`` is 16 or 24, ``gain`` a factor."""
        self.bits, self.gain = bits, gain
        self.samples = self.clipped = 0
        self._random = np.random.PCG64(_SEED)

    def quantise(self, block: Block) -> Pcm:
        """Integers for a (n, 2) block of floats; values beyond full scale after the gain are clipped and counted.

        Raises RuntimeError for another shape or type, or for values that are not finite: a bug in what made them.
        """
        if block.dtype != np.float32 or block.ndim != 2 or block.shape[1] != 2:
            raise RuntimeError(f"a block must be float32 of shape (n, 2), not {block.dtype} of {block.shape}")
        full = 1 << (self.bits - 1)
        scaled = block * np.float32(self.gain * full)
        low, high = float(scaled.min(initial=0.0)), float(scaled.max(initial=0.0))
        if not np.isfinite([low, high]).all():
            raise RuntimeError(f"a block holds values that are not finite, at sample {self.samples} or after")
        if max(-low, high) > full:
            self.clipped += int(np.count_nonzero(np.abs(scaled) > full))
        if self.bits == 16:
            scaled += self._dither(block)
        self.samples += len(block)
        whole: Block = np.rint(scaled, out=scaled)
        np.clip(whole, -full, full - 1, out=whole)
        return whole.astype(np.int16) if self.bits == 16 else whole.astype(np.int32) * np.int32(256)

    def _dither(self, block: Block) -> Block:
        """Triangular noise in (-1, 1) steps, 0 where the block is: 64 random bits a sample, 32 a channel.

        A channel's noise is the difference of the two halves of its bits; taken apart by masks, not as numbers of 16
        bits, which processors work on one by one.
        """
        bits = self._random.random_raw(len(block)).astype("<u8", copy=False).view("<u4")
        halves = (bits & np.uint32(0xFFFF)).view("<i4") - (bits >> np.uint32(16)).view("<i4")
        noise: Block = halves.astype(np.float32).reshape(-1, 2)
        noise *= np.float32(1 / 65536)
        silent = block == 0
        if silent.any():
            noise[silent] = 0.0
        return noise
