"""Sources in a made-up room, and brought from a low rate to that of the track.

A sound with nothing above a few kHz is cheaply made at a low rate, its room too; one short filter then brings the sum
of such sounds to 44.1 kHz. Both filters work on stretches counted from sample 0, each with the neighbours it needs, so
that a source can still be entered anywhere, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .engine import LN_60_DB, Sound, Source, frequencies, high_pass, low_pass, noise, take

_SIZES = (2**14, 2**15, 2**16, 3 * 2**15, 2**17, 2**18)  # of transforms: past the fourth they are slow

_EDGE = 0.9  # of the highest frequency of the low rate: 6 dB down; whole up to 0.74, images 80 dB down from 1.07
_KAISER = 8.0
_SPAN = 16  # low-rate samples raised by one row of a matrix product, and looked at on either side of each
_HOP = 256 * _SPAN  # low-rate samples raised at once


@dataclass(frozen=True)
class _Stretches:
    """A source worked on in stretches: ``work`` makes ``hop * times`` samples of ``before + hop + after``."""

    source: Source
    hop: int
    before: int
    after: int
    times: int
    work: Callable[[Sound], Sound]

    def blocks(self, start: int = 0) -> Iterator[Sound]:
        """Endless blocks of up to ``hop * times`` samples, from sample ``start`` on."""
        k = start // (self.hop * self.times)
        for around in self._around(k * self.hop):
            first = k * self.hop * self.times
            yield self.work(around)[:, max(0, start - first) :]
            k += 1

    def _around(self, start: int) -> Iterator[Sound]:
        """Stretches from sample ``start`` of the source on, each with its neighbours."""
        size = self.before + self.hop + self.after
        held, have = list[Sound](), 0
        for block in self.source.blocks(start - self.before):
            held.append(block)
            have += block.shape[1]
            if have >= size:
                whole = np.concatenate(held, axis=1)
                while have >= size:
                    yield whole[:, :size]
                    whole, have = whole[:, self.hop :], have - self.hop
                held = [whole]


def room(seed: int, t60_s: tuple[float, float], bright_hz: float, rate_hz: int) -> Sound:
    """What a made-up room answers to a click, float32 (2, n), energy 1 a channel, different left and right.

    Noise that falls by 60 dB in ``t60_s[0]`` seconds in the bass and ``t60_s[1]`` in the treble, dull above
    ``bright_hz``. Source of the idea: Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979.
    """
    size = rate_hz // 44 * 2  # 45 ms
    hz = frequencies(size, rate_hz)
    fall_s = t60_s[1] + (t60_s[0] - t60_s[1]) * low_pass(hz, 1800.0, 1)
    click = low_pass(hz, bright_hz, 1) * high_pass(hz, 120.0, 1)
    falling = noise(
        seed,
        "room",
        lambda time_s: click * np.exp(-max(0.0, time_s) * LN_60_DB / fall_s),
        size,
        low_pass(hz, 250.0, 1),
        rate_hz,
    )
    length = int(t60_s[0] * rate_hz)
    ends = np.minimum(1.0, np.minimum(np.arange(length) / (0.004 * rate_hz), np.arange(length)[::-1] / (0.1 * rate_hz)))
    response = take(falling, 0, length) * ends
    return np.asarray(response / np.sqrt((response**2).sum(axis=1, keepdims=True)), np.float32)


def in_room(source: Source, response: Sound, dry: float, wet: float) -> Source:
    """A source, ``dry`` times itself and ``wet`` times the answer of a room of its own rate."""
    taps = wet * response
    taps[:, 0] += dry
    before = response.shape[1] - 1
    size = next(size for size in _SIZES if size >= 2.5 * before)  # or too much would be made twice
    gains = (np.fft.rfft(taps, size) * size).astype(np.complex64)

    def answered(around: Sound) -> Sound:
        # Scaled by 1 / size, it stays in float32; by the default 1, numpy goes through long double, four times as slow.
        spectrum = np.fft.rfft(around, norm="forward") * gains
        return np.asarray(np.fft.irfft(spectrum, size)[:, before:], np.float32)

    return _Stretches(source, size - before, before, 0, 1, answered)


def raised(source: Source, times: int) -> Source:
    """A source brought to ``times`` its own rate: left as it is up to 0.74 of its highest frequency, without images."""

    def between(around: Sound) -> Sound:
        spans = around.reshape(2, -1, _SPAN)
        rows = np.concatenate([spans[:, :-2], spans[:, 1:-1], spans[:, 2:]], axis=2)  # each span and its neighbours
        made: Sound = rows @ _interpolator(times)
        return made.reshape(2, -1)

    return _Stretches(source, _HOP, _SPAN, _SPAN, times, between)


@cache
def _interpolator(times: int) -> NDArray[np.float32]:
    """(3 * _SPAN, _SPAN * times): a span of samples between its neighbours -> ``times`` as many.

    A sinc under a Kaiser window; what each new sample is made of sums to 1.
    """
    place = np.arange(_SPAN * times) / times - np.arange(-_SPAN, 2 * _SPAN)[:, None]
    window = np.where(np.abs(place) < _SPAN, np.i0(_KAISER * np.sqrt(np.maximum(0.0, 1 - (place / _SPAN) ** 2))), 0.0)
    kernel = np.sinc(_EDGE * place) * window
    return np.asarray(kernel / kernel.sum(axis=0), np.float32)
