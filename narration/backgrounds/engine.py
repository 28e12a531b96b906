"""What made-up backgrounds are built from: endless sums of short sounds, each a pure function of its number.

Conventions: inside the engine sound is float32 (2, n), left over right; a source has a rate of its own, and its
``blocks(start)`` counts in samples of that rate. Frequencies are in Hz, colours are magnitudes |H| on a grid of
frequencies, times are in seconds. Sample 0 is not a beginning: cells of negative number came before it, so that at 0
the rain is already falling. No filter here has a state, or a source could not be entered anywhere, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..timing import RATE_HZ
from . import BackgroundInfo
from .chance import Floats, lone, poisson, random_words, uniform

Sound = NDArray[np.float32]
Magnitudes = NDArray[np.float32] | Floats
Colour = Magnitudes | Callable[[float], Magnitudes]  # |H|, shape (bins,) or (2, bins); or that at a time in seconds

_SPREAD_HZ = 180.0  # below it left and right play nearly the same, above it they part: no hole in mono
LN_60_DB = float(np.log(1000.0))
_TURN = np.exp(2j * np.pi * np.arange(256) / 256).astype(np.complex64)  # 256 directions are chance enough for a phase


class Source(Protocol):
    """An endless sound that can be entered anywhere."""

    def blocks(self, start: int = 0) -> Iterator[Sound]:
        """Endless blocks, float32 (2, n), from sample ``start`` on, the same bits however they are reached."""
        ...


@dataclass(frozen=True)
class Cells:
    """The sum of ``cell(k)`` placed at sample ``k * hop`` for every whole k, negative ones too.

    ``cell(k)`` is float32 (2, n), n <= ``length``, and depends on nothing but k.
    """

    hop: int
    length: int
    cell: Callable[[int], Sound]

    def blocks(self, start: int = 0) -> Iterator[Sound]:
        """Endless blocks of up to ``hop`` samples; entering costs the cells that still sound at ``start``."""
        k = (start - self.length) // self.hop + 1
        begun = np.zeros((2, self.length - self.hop), np.float32)  # what earlier cells still play, from k * hop on
        while True:
            total = self._over(begun, self.cell(k))
            if (k + 1) * self.hop > start:
                yield total[:, max(0, start - k * self.hop) : self.hop]
            begun = total[:, self.hop :]
            k += 1

    def _over(self, begun: Sound, cell: Sound) -> Sound:
        """A cell begun over what is still playing, (2, length), an array of its own."""
        if cell.shape[1] == self.length:
            total = cell.copy()
        else:
            total = np.zeros((2, self.length), np.float32)
            total[:, : cell.shape[1]] = cell
        total[:, : begun.shape[1]] += begun
        return total


@dataclass(frozen=True)
class Sum:
    """Several sources of one rate at once."""

    sources: tuple[Source, ...]

    def blocks(self, start: int = 0) -> Iterator[Sound]:
        """Endless blocks, each as long as all the sources have at hand."""
        feeds = [source.blocks(start) for source in self.sources]
        held = [next(feed) for feed in feeds]
        while True:
            count = min(block.shape[1] for block in held)
            total = held[0][:, :count].copy()
            for block in held[1:]:
                total += block[:, :count]
            yield total
            held = [
                block[:, count:] if block.shape[1] > count else next(feed)
                for block, feed in zip(held, feeds, strict=True)
            ]


@dataclass(frozen=True)
class Synthetic:
    """A background made of a source at 44.1 kHz; follows :class:`narration.backgrounds.Background`."""

    info: BackgroundInfo
    source: Source

    def blocks(self, start: int = 0) -> Iterator[Sound]:
        """Endless blocks, float32 (n, 2), from sample ``start`` on."""
        return map(_side_by_side, self.source.blocks(start))


def _side_by_side(block: Sound) -> Sound:
    """A block (2, n) as (n, 2); each channel by itself, four times as fast as numpy's own transposing."""
    out = np.empty(block.shape[::-1], np.float32)
    out[:, 0], out[:, 1] = block
    return out


def nature(name: str, title: str, source: Source, after: str = "") -> Synthetic:
    """A made-up sound of nature as a background; ``after`` says whose recipe it follows."""
    made = "made by narration from its seed"
    return Synthetic(BackgroundInfo(name, title, "nature", "MIT", f"{made}; {after}" if after else made), source)


def take(source: Source, start: int, count: int) -> Sound:
    """Samples ``start`` to ``start + count`` of a source, float32 (2, count)."""
    held, have, feed = list[Sound](), 0, source.blocks(start)
    while have < count:
        held.append(next(feed))
        have += held[-1].shape[1]
    return np.concatenate(held, axis=1)[:, :count]


# Colours, as magnitudes over frequencies > 0


def low_pass(hz: Floats, corner_hz: float, order: float) -> Floats:
    """Butterworth magnitude, -3 dB at the corner, falling by 6 dB times ``order`` an octave above it."""
    return 1.0 / np.sqrt(1.0 + (hz / corner_hz) ** (2.0 * order))


def high_pass(hz: Floats, corner_hz: float, order: float) -> Floats:
    """The mirror image of :func:`low_pass`."""
    return low_pass(1.0 / hz, 1.0 / corner_hz, order)


def band(hz: Floats, centre_hz: float, octaves: float) -> Floats:
    """A bell over log frequency: 1 at the centre, 0.61 at ``octaves`` from it."""
    return np.exp(-0.5 * (np.log2(hz / centre_hz) / octaves) ** 2)


def tilt(hz: Floats, db_per_octave: float) -> Floats:
    """A straight line in dB over octaves, 1 at 1 kHz."""
    return np.asarray((hz / 1000.0) ** (db_per_octave / (20.0 * np.log10(2.0))))


def mixed(weights: Iterable[float] | Iterable[Iterable[float]], colours: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colours (m, bins) by weights (m,) or (2, m): how a colour moves at next to no cost."""
    return np.asarray(np.array(weights, np.float32) @ colours)


def beside(place: float, count: int) -> Floats:
    """Weights of steps 0 to ``count - 1`` that stand for a place between them: those of the two steps beside it."""
    return np.asarray(np.maximum(0.0, 1.0 - np.abs(np.arange(count) - place)))


def frequencies(size: int, rate_hz: int = RATE_HZ, highest_hz: float = RATE_HZ) -> Floats:
    """The grid a colour is given on: centres in Hz of the bins of ``size`` samples, without bin 0."""
    hz = np.arange(1, size // 2 + 1) * rate_hz / size
    return hz[hz <= highest_hz]


def noise(
    seed: int,
    name: str,
    colour: Colour,
    size: int,
    width: Floats | None = None,
    rate_hz: int = RATE_HZ,
    overlap: float = 0.5,
) -> Cells:
    """Endless noise of any colour, also one that moves: grains of ``size`` samples (even) that pass into each other.

    A grain has the colour's magnitudes, given on :func:`frequencies` (its highest bins may be left out), and random
    phases, steadier in the bass than filtered white noise. Over a share ``overlap`` of a grain, at most half, the next
    comes in as a sine and it goes as a cosine, so that their powers add up to a constant: less costs less, but moves a
    colour by steps. ``width`` is the correlation of left and right over frequency (default: mono bass, wide above).
    The RMS is that of a filter |H| on white noise of RMS 1.
    """
    spectrum = colour if callable(colour) else colour.astype(np.float32)
    bins = len(colour(0.0).T) if callable(colour) else len(colour.T)
    if width is None:
        width = 0.9 * low_pass(frequencies(size, rate_hz)[:bins], _SPREAD_HZ, 1) + 0.05
    mid_gain, side_gain = (np.sqrt(size * (1 + sign * width) / 2).astype(np.float32) for sign in (1, -1))
    fade = round(overlap * size)
    hop = size - fade
    window = np.ones(size, np.float32)
    window[:fade] = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / fade)
    window[hop:] = window[:fade][::-1]

    def cell(k: int) -> Sound:
        phases = random_words(seed, name, k, -(-bins // 4)).view(np.uint8)
        mid, side = _TURN.take(phases[:bins]), _TURN.take(phases[-bins:])
        mid *= mid_gain
        side *= side_gain
        bin_values = np.zeros((2, bins + 1), np.complex64)
        np.add(mid, side, out=bin_values[0, 1:])
        np.subtract(mid, side, out=bin_values[1, 1:])
        moved = spectrum((k * hop + size / 2) / rate_hz) if callable(spectrum) else spectrum
        bin_values[:, 1:] *= moved.astype(np.float32, copy=False)
        grain: Sound = np.asarray(np.fft.irfft(bin_values, size), np.float32)
        grain *= window
        return grain

    return Cells(hop, size, cell)


def modal(hz: Floats, amplitudes: Floats, t60_s: Floats, length: int, rate_hz: int = RATE_HZ) -> NDArray[np.float32]:
    """A struck thing: damped sines ``a exp(-t ln 1000 / t60) sin(2 pi f t)`` summed, float32 (length,).

    One matrix product of coarse steps by fine steps, a hundred times cheaper than a sine for every sample.
    """
    step = 256
    pole = (-LN_60_DB / t60_s + 2j * np.pi * hz) / rate_hz
    coarse = amplitudes * np.exp(np.outer(np.arange(0, length, step), pole))
    fine = np.exp(np.outer(pole, np.arange(step)))
    return np.asarray((coarse @ fine).imag.ravel()[:length], np.float32)


@dataclass(frozen=True)
class Scatter:
    """How short sounds fall: how many a second, how loud, how far apart in size, how wide."""

    per_s: float
    amplitude: float
    exponent: float  # sizes follow a power law of this exponent (Pareto): many small, few large
    largest: float  # times the smallest: nothing startles
    spread: float = 0.8  # of the stereo width, 0 to 1
    centre: float = 0.0  # of the spread, -1 left to 1 right
    handful: int = 1  # how many fall within _HANDFUL_S: where they are dense, nobody hears which belong together


_HANDFUL_S = 0.25
_HANDFULS = 128  # kept, each as costly to lay down as a single sound; the same one comes again after seconds

Strewn = NDArray[np.complex64]  # (n,), left and right at once


def scattered(
    seed: int,
    name: str,
    shapes: Sequence[NDArray[np.float32]],
    scatter: Scatter,
    rate_hz: int,
    busy: Callable[[float], float] = lambda time_s: 1.0,
) -> Cells:
    """Short mono sounds at random times (a Poisson process), places and sizes; ``busy`` times as many as usual."""
    hop, per_s = rate_hz // 2, scatter.per_s / scatter.handful
    single = [shape.astype(np.complex64) for shape in shapes]

    def strewn(k: int, count: int) -> Strewn:
        when, *chance = uniform(seed, name, k, 4 * count).reshape(4, count)
        return drawn(when * hop, chance, hop + longest)

    def drawn(starts: Floats, chance: Sequence[Floats], length: int) -> Strewn:
        which, size, where = chance
        gain = scatter.amplitude * np.minimum(scatter.largest, (1.0 - size) ** (-1.0 / scatter.exponent))
        gains = gain * np.exp(0.25j * np.pi * (1.0 + scatter.centre + scatter.spread * (2.0 * where - 1.0)))
        chosen = zip(gains.astype(np.complex64), _chosen(single, which), strict=True)
        return _laid(starts, (own * one for own, one in chosen), length)

    def handful(k: int) -> Strewn:
        """One after the other: of those that fall at once, some would be loud, and come again."""
        when, *chance = uniform(seed, f"{name} handful", k, 4 * scatter.handful).reshape(4, -1)
        within = _HANDFUL_S * rate_hz
        starts = (np.arange(scatter.handful) + when) / scatter.handful * within
        return drawn(starts, chance, round(within) + max(map(len, single)))

    def strewn_by_handfuls(k: int, count: int) -> Strewn:
        when, which = uniform(seed, name, k, 2 * count).reshape(2, count)
        return _laid(when * hop, _chosen(handfuls, which), hop + longest)

    handfuls = [handful(k) for k in range(_HANDFULS)] if scatter.handful > 1 else []
    longest, strew = max(map(len, handfuls or single)), strewn_by_handfuls if handfuls else strewn

    def cell(k: int) -> Sound:
        count = poisson(lone(seed, f"{name} count", k), per_s * hop / rate_hz * busy(k * hop / rate_hz))
        both = strew(k, count)
        return np.stack([both.real, both.imag])

    return Cells(hop, hop + longest, cell)


def _chosen(sounds: Sequence[Strewn], which: Floats) -> list[Strewn]:
    """Of the sounds, those that numbers in [0, 1) stand for."""
    return [sounds[place] for place in (which * len(sounds)).astype(int).tolist()]


def _laid(starts: Floats, sounds: Iterable[Strewn], length: int) -> Strewn:
    """Sounds over each other, each from its start on."""
    both = np.zeros(length, np.complex64)
    for start, sound in zip(starts.astype(int).tolist(), sounds, strict=True):
        both[start : start + len(sound)] += sound
    return both
