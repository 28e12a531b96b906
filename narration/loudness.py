"""How loud a stream of blocks is: ITU-R BS.1770-4 loudness and EBU Tech 3342 loudness range.

Conventions: a block is float32 (n, 2) at 44.1 kHz, full scale 1.0. Blocks may have any length; how a stream is cut into
them changes no figure by more than rounding, 1e-5 dB, because all work happens on hops of 100 ms counted from the
stream's first sample. Memory stays flat but for 80 bytes a second of energies. Silence measures ``-inf``. Peaks and the
limiter are in ``peaks``.
"""

from __future__ import annotations

from array import array
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .peaks import Limiter, TruePeak
from .timing import RATE_HZ

__all__ = ["Limiter", "Meter", "TruePeak", "gated_lufs", "range_lu", "to_energy", "to_lufs"]

Block = NDArray[np.float32]
Floats = NDArray[np.float64]

HOP = RATE_HZ // 10  # samples between gating blocks: 100 ms, so a 400 ms block overlaps the next by 75 % (BS.1770-4)
_RUN = 63  # samples the filter takes in one matrix product; divides HOP
_RUNS = HOP // _RUN
_BATCH = 10  # hops filtered at once: what they need stays in the processor's cache, whatever the caller pushes
_INAUDIBLE = 1e-30  # filter state below this becomes zero, or silence would be filtered in slow denormal numbers


def gated_lufs(energies: Floats) -> float:
    """Integrated loudness in LUFS of 100 ms energies, by the gates at -70 LUFS and 10 LU under the mean above that.

    Energies add: those of a sum of unrelated stems are the stems' own, each times its gain squared. ``-inf`` where
    nothing passes, or for less than 400 ms. Source: BS.1770-4, annex 1, eqs. 3 to 7.
    """
    loud = _above(_means(energies, 4), -70.0)
    return to_lufs(float(_above(loud, to_lufs(_mean(loud)) - 10.0).mean())) if len(loud) else -np.inf


def range_lu(energies: Floats) -> float:
    """Loudness range in LU of 100 ms energies: from the 10th to the 95th percentile of the gated 3 s loudness.

    0 for less than 3 s. Source: EBU Tech 3342, section 3 (the percentiles are those of its Matlab code).
    """
    loud = _above(_means(energies, 30), -70.0)
    if not len(loud):
        return 0.0
    kept = np.sort(_above(loud, to_lufs(_mean(loud)) - 20.0))
    low, high = (kept[int((len(kept) - 1) * part + 0.5)] for part in (0.10, 0.95))
    return to_lufs(float(high)) - to_lufs(float(low))


def to_lufs(energy: float) -> float:
    """LUFS of a K-weighted mean square summed over the channels (BS.1770-4, eq. 2). Inverse: :func:`to_energy`."""
    return float(10.0 * np.log10(energy) - 0.691) if energy > 0 else -np.inf


def to_energy(lufs: float) -> float:
    """The K-weighted mean square, summed over the channels, of a loudness in LUFS. Inverse: :func:`to_lufs`."""
    return float(10.0 ** ((lufs + 0.691) / 10.0))


def _mean(energies: Floats) -> float:
    return float(energies.mean()) if len(energies) else 0.0


def _means(energies: Floats, count: int) -> Floats:
    """Means of every ``count`` neighbouring energies; the plain sum of windows, as a running sum would round."""
    return sliding_window_view(energies, count).mean(axis=1) if len(energies) >= count else np.empty(0)


def _above(energies: Floats, lufs: float) -> Floats:
    return energies[energies >= to_energy(lufs)] if lufs > -np.inf else energies


class Meter:
    """The loudness of a stream of blocks by BS.1770-4; agrees with libebur128 within 0.01 LU."""

    def __init__(self) -> None:
        self._energies = array("d")
        self._pending = np.empty((0, 2), np.float32)
        self._state = np.zeros((2, 4))
        self._work = _Work()

    def push(self, block: Block) -> None:
        """Take the next samples in. What does not fill 100 ms waits for the next block, and is left out at the end."""
        waiting = np.concatenate([self._pending, block]) if len(self._pending) else block
        whole = len(waiting) - len(waiting) % HOP
        for start in range(0, whole, _BATCH * HOP):
            self._measure(waiting[start : min(start + _BATCH * HOP, whole)])
        self._pending = waiting[whole:].copy()

    def _measure(self, block: Block) -> None:
        """Filter whole hops: each run of samples by a matrix, each hop's run states by a second, hops one by one.

        Every step fills an array made once: fresh ones of this size cost the system more than the filter does.
        """
        filters, work, hops = _k_weighting(), self._work, len(block) // HOP
        runs = hops * 2 * _RUNS
        work.runs.reshape(-1, 2, HOP)[:hops] = block.reshape(hops, HOP, 2).transpose(0, 2, 1)
        # What a run gives of itself is its samples times numbers near 1, and single precision does for it; the states
        # of a filter with poles so near 1 are differences of large numbers, and it does not.
        weighted = np.matmul(work.runs[:runs], filters["output"].astype(np.float32), out=work.weighted[:runs])
        work.ringing[:runs] = work.runs[:runs]
        added = work.ringing[:runs] @ filters["added"]
        states = (added.reshape(-1, _RUNS * 4) @ filters["carried"]).reshape(-1, 2, _RUNS * 4 + 4)
        for hop in states:
            hop += self._state @ filters["started"]
            self._state = np.where(np.abs(hop[:, -4:]) < _INAUDIBLE, 0.0, hop[:, -4:])
        before = states[:, :, :-4].reshape(-1, 4)
        output = np.matmul(before, filters["ringing"], out=work.ringing[:runs])
        output += weighted
        flat = output.reshape(hops, -1)
        self._energies.extend(np.einsum("ij,ij->i", flat, flat) / HOP)

    @property
    def energies(self) -> Floats:
        """K-weighted mean squares, summed over both channels, one for every whole 100 ms so far."""
        return np.array(self._energies)

    @property
    def integrated_lufs(self) -> float:
        """Gated loudness of everything so far, in LUFS; ``-inf`` for silence or less than 400 ms."""
        return gated_lufs(self.energies)

    @property
    def range_lu(self) -> float:
        """Loudness range (LRA) of everything so far, in LU; see :func:`range_lu`."""
        return range_lu(self.energies)

    @property
    def momentary_max_lufs(self) -> float:
        """The loudest 400 ms so far, in LUFS, ungated (EBU Tech 3341)."""
        return to_lufs(float(_means(self.energies, 4).max(initial=0.0)))

    @property
    def short_term_max_lufs(self) -> float:
        """The loudest 3 s so far, in LUFS, ungated (EBU Tech 3341)."""
        return to_lufs(float(_means(self.energies, 30).max(initial=0.0)))


class _Work:
    """The large arrays of one batch of hops, a row for each run of samples of a channel."""

    def __init__(self) -> None:
        rows = _BATCH * 2 * _RUNS, _RUN
        self.runs, self.weighted = np.empty(rows, np.float32), np.empty(rows, np.float32)
        self.ringing = np.empty(rows)  # and before that the samples in double precision


@cache
def _k_weighting() -> dict[str, Floats]:
    """The K filter as matrices over runs of samples, for row vectors: no loop over samples, and no scipy.

    ``output``: a run -> its output from rest; ``added``: a run -> what it adds to the state; ``carried`` and
    ``started``: what all runs of a hop add, and the state the hop starts with, -> the states before its runs and after
    its last; ``ringing``: a state -> the output it still causes.
    """
    b, a = _k_coefficients()
    step = np.eye(4, k=1)
    step[:, 0] = -a[1:]  # transposed direct form II: y = b0 x + s0, s' = step s + (b - a b0) x
    powers = [np.linalg.matrix_power(step, n) for n in range(_RUN + 1)]
    enter = b[1:] - a[1:] * b[0]
    ringing = np.array([power[0] for power in powers[:_RUN]])
    response = np.concatenate([b[:1], ringing[:-1] @ enter])
    lag = np.subtract.outer(np.arange(_RUN), np.arange(_RUN))
    across = [np.linalg.matrix_power(powers[_RUN], n).T for n in range(_RUNS + 1)]
    nothing = np.zeros((4, 4))
    rows = [[across[j - 1 - i] if j > i else nothing for j in range(_RUNS + 1)] for i in range(_RUNS)]
    return {
        "output": np.where(lag >= 0, response[lag], 0.0).T.copy(),
        "added": np.array([power @ enter for power in reversed(powers[:_RUN])]),
        "carried": np.block(rows),
        "started": np.hstack(across),
        "ringing": ringing.T.copy(),
    }


def _k_coefficients() -> tuple[Floats, Floats]:
    """Numerator and denominator of the K filter at 44.1 kHz: the head's shelf and the RLB high-pass in one.

    BS.1770-4 tabulates it for 48 kHz only; these analogue parameters give its table at 48 kHz and are what libebur128
    and pyloudnorm use elsewhere. Source: B. De Man, "Evaluation of implementations of the EBU R128 loudness
    measurement", AES 145 (2018).
    """
    k, q, gain = np.tan(np.pi * 1681.974450955533 / RATE_HZ), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = gain**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf_b = np.array([gain + band * k / q + k * k, 2 * (k * k - gain), gain - band * k / q + k * k]) / a0
    shelf_a = np.array([a0, 2 * (k * k - 1), 1 - k / q + k * k]) / a0
    k, q = np.tan(np.pi * 38.13547087602444 / RATE_HZ), 0.5003270373238773
    a0 = 1 + k / q + k * k
    pass_a = np.array([a0, 2 * (k * k - 1), 1 - k / q + k * k]) / a0
    return np.convolve(shelf_b, [1.0, -2.0, 1.0]), np.convolve(shelf_a, pass_a)
