"""How high a stream's peaks reach between its samples, and a limiter that keeps them under a ceiling.

Conventions: a block is float32 (n, 2) at 44.1 kHz, full scale 1.0. Blocks may have any length; how a stream is cut into
them changes no figure and no sample, because all work happens on frames counted from the stream's first sample.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .timing import RATE_HZ

Block = NDArray[np.float32]
Floats = NDArray[np.float64]

_TAPS = 32  # of the interpolator: enough for sound up to 20 kHz
_PHASES = 8  # BS.1770-4 annex 2 asks for at least 4; at 4 a 16 kHz sine may read 0.36 dB low, at 8 0.09 dB
_SPAN = 32  # samples whose true peak is found together
_MARGIN = 0.5  # no programme peaks 6 dB higher between its samples than at them; lower spans need no interpolation
_MARGIN_TWICE = 0.7  # nor 3 dB higher than at twice as many: a sine of 20 kHz does 2.4 dB
_SPANS = 256
_FRAME = _SPANS * _SPAN  # samples decided about together: 186 ms
_BEFORE = _TAPS // 2 - 1  # neighbours the interpolator needs; after a frame as many and one
_AROUND = _SPAN  # a frame's neighbours on both sides together, one more than needed: whole spans

_AHEAD = 7  # spans over which the limiter's gain comes down before a peak: 5 ms
_RELEASE_S = 0.15  # time constant of its way back up; judgement: short enough not to pump, long enough not to distort
_IDLE_DB = 1e-3  # a reduction below this is none, so that what follows passes bit for bit again; a step of -79 dB
_SAFETY_DB = 0.02  # what the gain's own movement may add between samples


class TruePeak:
    """The true peak of a stream of blocks: 8 times oversampled (BS.1770-4, annex 2)."""

    def __init__(self) -> None:
        self._frames = _Frames()
        self._peak = 0.0

    def push(self, block: Block) -> None:
        """Take the next samples in."""
        for frame in self._frames.push(block):
            self._peak = self._higher(frame)

    def _higher(self, frame: Block) -> float:
        sample_peak = float(np.abs(frame).max())
        if sample_peak < _MARGIN * self._peak:
            return self._peak
        return max(self._peak, float(_span_peaks(frame, max(self._peak, sample_peak)).max()))

    @property
    def dbtp(self) -> float:
        """The highest peak of either channel so far, in dB relative to full scale; ``-inf`` for silence."""
        highest = max([self._peak, *map(self._higher, self._frames.rest())])
        return float(20.0 * np.log10(highest)) if highest > 0 else -np.inf


class Limiter:
    """Holds the true peak of a stream under a ceiling; both channels get the same gain.

    Measured at 16 times oversampling it is held within 0.05 dB for sound up to 20 kHz, 0.2 dB up to 21 kHz. The gain
    comes down over the 5 ms before a peak and back with a time constant of 150 ms; where nothing needs to come down,
    samples pass unchanged, bit for bit. Output lines up with input: :meth:`process` returns what is decided (up to
    0.4 s less than it was given), :meth:`flush` the rest, together as many samples as went in.
    """

    def __init__(self, ceiling_dbtp: float) -> None:
        """``ceiling_dbtp``: the highest true peak let through, in dB relative to full scale, usually -3 to -1."""
        self.max_reduction_db = 0.0  # the most that has been taken off so far
        self._ceiling = 10.0 ** ((ceiling_dbtp - _SAFETY_DB) / 20.0)
        self._frames = _Frames()
        self._waiting = np.empty((0, 2), np.float32)  # the frame whose future is not known yet
        self._reductions = np.zeros(_AHEAD + 1 + _SPANS)  # in dB, by span: the end of the frame before it, and its own

    def process(self, block: Block) -> Block:
        """The next limited samples, float32 (m, 2), m >= 0."""
        return _joined([self._advance(frame) for frame in self._frames.push(block)])

    def flush(self) -> Block:
        """The samples still held, at the end of the stream. The next stream needs a Limiter of its own."""
        silence = np.zeros((_FRAME + _AROUND, 2), np.float32)
        held = len(self._waiting) + self._frames.held
        return _joined([self._advance(frame) for frame in [*self._frames.rest(), silence]])[:held]

    def _advance(self, frame: Block) -> Block:
        """Let out the frame that waits, now that the one after it is known."""
        coming = self._needed(frame)
        reductions = np.concatenate([self._reductions, coming[: _AHEAD + 1]])
        limited = _turned_down(self._waiting, reductions) if reductions.any() else self._waiting
        self.max_reduction_db = max(self.max_reduction_db, float(coming.max()))
        self._waiting = frame[_BEFORE : _BEFORE + _FRAME]
        self._reductions = np.concatenate([self._reductions[-_AHEAD - 1 :], coming])
        return limited

    def _needed(self, frame: Block) -> Floats:
        """Reduction of each span of a frame in dB: what its own peak needs, or what is left of an earlier one's."""
        last = self._reductions[-1]
        if not last and np.abs(frame).max() <= _MARGIN * self._ceiling:
            return np.zeros(_SPANS)
        over = np.maximum(_span_peaks(frame, self._ceiling) / self._ceiling, 1.0)
        fading = np.exp(-np.arange(_SPANS + 1) * (_SPAN / RATE_HZ / _RELEASE_S))
        needed = np.concatenate([[last], 20.0 * np.log10(over)])
        left = (np.maximum.accumulate(needed / fading) * fading)[1:]  # max(needed, what was left before * fading)
        return np.where(left < _IDLE_DB, 0.0, left)


def limited(samples: NDArray[np.float32], ceiling_dbtp: float) -> NDArray[np.float32]:
    """A whole mono sound, (n,), with its true peak held under a ceiling in dBTP; unchanged where it is under it."""
    limiter = Limiter(ceiling_dbtp)
    both = np.repeat(samples[:, None], 2, axis=1)
    return np.concatenate([limiter.process(both), limiter.flush()])[:, 0]


def _turned_down(frame: Block, reductions: Floats) -> Block:
    """A frame under a gain that moves from span edge to span edge, never above what the spans on either side need.

    The highest need of the next _AHEAD edges, averaged over the last _AHEAD, is at least each edge's own need: all the
    values averaged include it.
    """
    edges = np.maximum(reductions[:-1], reductions[1:])
    highest = sliding_window_view(edges, _AHEAD + 1).max(axis=1)
    weights = np.hanning(_AHEAD + 3)[1:-1]
    smooth = sliding_window_view(highest, _AHEAD + 1) @ (weights / weights.sum())
    gains = 10.0 ** (-smooth[: _SPANS + 1] / 20.0)
    ramp = np.arange(_SPAN) / _SPAN
    moving = gains[:-1, None] + (gains[1:] - gains[:-1])[:, None] * ramp
    turned: Block = frame * moving.reshape(-1, 1).astype(np.float32)[: len(frame)]
    return turned


class _Frames:
    """Cuts a stream into frames of _FRAME samples, each with the neighbours the interpolator needs on both sides.

    Past the stream's ends are zeros.
    """

    def __init__(self) -> None:
        self._samples = np.zeros((_BEFORE, 2), np.float32)

    @property
    def held(self) -> int:
        """Samples pushed that have not been in the middle of a frame."""
        return len(self._samples) - _BEFORE

    def push(self, block: Block) -> list[Block]:
        """The frames that are complete now, each (_FRAME + _AROUND, 2)."""
        samples = np.concatenate([self._samples, block])
        frames = _framed(samples)
        self._samples = samples[len(frames) * _FRAME :].copy()
        return frames

    def rest(self) -> list[Block]:
        """What the stream would still give if it ended here, filled up with zeros; the stream may go on."""
        count = -(-self.held // _FRAME)
        missing = count * _FRAME + _AROUND - len(self._samples)
        return _framed(np.concatenate([self._samples, np.zeros((missing, 2), np.float32)])) if count else []


def _framed(samples: Block) -> list[Block]:
    count = max(0, (len(samples) - _AROUND) // _FRAME)
    return [samples[i * _FRAME : (i + 1) * _FRAME + _AROUND] for i in range(count)]


def _joined(blocks: list[Block]) -> Block:
    return np.concatenate(blocks) if blocks else np.empty((0, 2), np.float32)


def _span_peaks(frame: Block, wanted: float) -> NDArray[np.float32]:
    """True peak of every span of a frame, the higher of both channels, shape (_SPANS,).

    Exact where it is over ``wanted``; lower ones may be read too low, for most of them are not looked into.
    """
    channels = np.ascontiguousarray(frame.T)
    own = np.abs(channels[:, _BEFORE : _BEFORE + _FRAME])
    peaks: NDArray[np.float32] = own.reshape(2, _SPANS, _SPAN).max(axis=(0, 2))
    spans = channels.reshape(2, _SPANS + 1, _SPAN)
    for margin, phases in ((_MARGIN, (_PHASES // 2,)), (_MARGIN_TWICE, range(1, _PHASES))):
        high = np.flatnonzero(peaks > margin * wanted)
        if len(high):
            windows = np.concatenate([spans[:, high], spans[:, high + 1]], axis=2)
            between = windows @ _interpolator(tuple(phases))
            peaks[high] = np.maximum(peaks[high], np.abs(between).max(axis=(0, 2)))
    return peaks


@cache
def _interpolator(phases: tuple[int, ...]) -> NDArray[np.float32]:
    """(2 * _SPAN, _SPAN * len(phases)): a span and its neighbours -> the values between its samples.

    ``phases`` are eighths of the way to the next sample. A sinc under a Kaiser window; each phase sums to 1.
    """
    place = np.array(phases)[None, :] / _PHASES - np.arange(-_BEFORE, _TAPS - _BEFORE)[:, None]
    kernel = np.sinc(place) * np.i0(6.0 * np.sqrt(np.maximum(0.0, 1 - (place / (_TAPS / 2)) ** 2)))
    kernel /= kernel.sum(axis=0)
    matrix = np.zeros((2 * _SPAN, _SPAN, len(phases)))
    for sample in range(_SPAN):
        matrix[sample : sample + _TAPS, sample] = kernel
    return matrix.reshape(len(matrix), -1).astype(np.float32)
