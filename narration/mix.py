"""The mix: voice and cues over the background, one block at a time, everything computed from the plan.

The plan is known before the mix, so a duck begins before its line does and never pumps. A mix can be entered anywhere:
the same sample is the same whichever way it is come upon.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .backgrounds import OFF, REFERENCE_LUFS, Background
from .cues import tones
from .document import Breathe
from .pocket import in_pocket
from .spans import Plan, Utterance
from .speech import LEVEL_LUFS, Clips
from .timing import RATE_HZ

BLOCK = RATE_HZ  # samples: a tenth of a second costs half as much again, ten seconds only memory

Mono = NDArray[np.float32]  # (n,)
Block = NDArray[np.float32]  # (n, 2)


@dataclass(frozen=True)
class Levels:
    """Every loudness and time constant of the mix. J marks judgement; T is Torcoli et al., JAES 67(12), 2019.

    B was measured on noise falling by 2 dB an octave, 10 LU under speech: the dip raises the speech intelligibility
    index from 0.950 to 0.979 and moves the background by 1.4 LU, where ducking all of it by 4 dB gives 0.986 and 4 LU.

    Speech wants 10 LU over music and 15 LU over ambience, lay listeners 4 more (T): hence 16 and 18.
    """

    voice_lufs: float = -18.0  # LUFS of the spoken spans: day and office -18 (AES TD1008 for speech), sleep -20 (J)
    music_lu: float = -16.0  # LU of music against the voice, while it speaks (T)
    nature_lu: float = -18.0  # LU of nature sounds against the voice, while it speaks (T)
    duck_db: float = 3.0  # dB that the background comes up where nobody speaks: slow and shallow (J)
    attack_s: float = 0.6  # seconds before a line in which the background goes down (J)
    hold_s: float = 0.8  # seconds after a line before it comes up (J)
    release_s: float = 2.5  # seconds in which it comes up (J)
    merge_s: float = 8.0  # seconds: in shorter gaps it stays down, so that it does not breathe with every line (J)
    pocket_db: float = 6.0  # dB that a bright background, never ducked, dips under a line where consonants are (B)
    pocket_hz: tuple[tuple[float, float], ...] = (  # that dip: (Hz, share of it), straight lines between (B)
        *((500.0, 0.0), (900.0, 0.6), (1500.0, 1.0), (3500.0, 1.0), (5500.0, 0.5), (8000.0, 0.0)),
    )
    pocket_merge_s: float = 4.0  # seconds: in shorter gaps the dip stays (J)
    fade_in_s: float = 3.0  # seconds in which the background begins (J)
    cross_s: float = 6.0  # seconds in which one background gives way to another (J)
    true_peak_dbtp: float = -1.5  # dBTP at most; sleep -3
    window_s: float | None = None  # seconds of speech that the loudness is anchored to, from the first on; None: all
    arc_lu: float = 0.0  # LU that voice and background sink together after that, down to the last word; sleep 6-9 (J)
    lift_lu: float = 0.0  # LU that the voice comes nearer in the last chapter of a track that returns; 2 (J)
    lift_s: float = 20.0  # seconds of that chapter in which it does (J)
    bright_db: float = 2.0  # dB that it is brighter there above ``bright_hz``, at once: it is a new line (J)
    bright_hz: float = 3000.0  # Hz where consonants begin (J)


SLEEP = Levels(voice_lufs=-20.0, true_peak_dbtp=-3.0, window_s=120.0)
ARC_LU = 7.0  # of a session that ends in sleep
LIFT_LU = 2.0  # of a session that returns
END_S = 1.0  # seconds of true silence after the fade of the tail


class Stems(NamedTuple):
    """The parts of one block before mastering, each under a voice of LEVEL_LUFS as far as it should be."""

    voice: Mono
    cues: Mono
    background: Block


class Mix:
    """A plan with its clips and backgrounds, ready to be played from anywhere."""

    def __init__(self, plan: Plan, clips: Clips, backgrounds: Sequence[Background | None], levels: Levels) -> None:
        """``backgrounds`` are those of ``plan.turns``, None where the background is off."""
        self.plan, self.clips, self.levels = plan, clips, levels
        self._backgrounds = tuple(backgrounds)
        self._duck = duck_curve(plan.utterances, levels)
        self._pocket = duck_curve(plan.utterances, replace(levels, duck_db=-1.0, merge_s=levels.pocket_merge_s))
        self._arc = arc_curve(plan, levels)
        self._returns = returning(plan, levels)
        self._starts = [utterance.start for utterance in plan.utterances]
        self._breaths = [(span.start, span.end, span.node) for span in plan.spans if isinstance(span.node, Breathe)]

    @property
    def tail_gain(self) -> float:
        """Amplitude factor of the last background after the last word, before its fade; 0 where it is off."""
        moves_db = self.levels.duck_db + float(self._arc[1][-1])
        return background_gain(self._backgrounds[-1], self.levels) * float(10 ** (moves_db / 20))

    def stems(self, start: int = 0, stop: int | None = None) -> Iterator[Stems]:
        """Blocks from ``start`` to ``stop`` (the end of the track), each up to the next whole multiple of BLOCK."""
        stop = self.plan.length if stop is None else stop
        sounding: dict[Utterance, Mono] = {}  # clips are held only while they sound
        for background in self.background(start, stop):
            end = min((start // BLOCK + 1) * BLOCK, stop)
            cues = _turned(self._cues(start, end), self._arc, start)
            yield Stems(self._voice(start, end, sounding), cues, background)
            start = end

    def background(self, start: int, stop: int) -> Iterator[Block]:
        """The background alone, in the blocks of :meth:`stems`."""
        layers = [_Layer(self, index) for index in range(len(self._backgrounds))]
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            at, end = max(start, block * BLOCK), min((block + 1) * BLOCK, stop)
            out = np.zeros((end - at, 2), np.float32)
            for layer in layers:
                layer.add(out, at, end)
            yield _turned(out, self._arc, at)

    def said(self, utterance: Utterance) -> Mono:
        """The voice of one utterance, as it is in the mix."""
        samples = self.clips[utterance.say].samples
        if self._returns is None or utterance.start < self._returns:
            return _turned(samples, self._arc, utterance.start)
        risen = np.array([0, self.levels.lift_s * RATE_HZ]) + self._returns, np.array([0, self.levels.lift_lu])
        return _turned(np.convolve(samples, brighter(self.levels), "same"), risen, utterance.start)

    def _voice(self, at: int, end: int, sounding: dict[Utterance, Mono]) -> Mono:
        out = np.zeros(end - at, np.float32)
        first = max(0, bisect_right(self._starts, at) - 1)
        for utterance in self.plan.utterances[first:]:
            if utterance.start >= end:
                break
            if utterance.end <= at:
                continue
            samples = sounding.pop(utterance, None)
            if samples is None:
                samples = self.said(utterance)
            low, high = max(at, utterance.start), min(end, utterance.end)
            out[low - at : high - at] += samples[low - utterance.start : high - utterance.start]
            if utterance.end > end:
                sounding[utterance] = samples
        return out

    def _cues(self, at: int, end: int) -> Mono:
        out = np.zeros(end - at, np.float32)
        for start, stop, breathe in self._breaths:
            if stop <= at or start >= end:
                continue
            tone = tones(breathe)
            for number in range(breathe.times):
                begin = start + (stop - start) * number // breathe.times
                low, high = max(at, begin), min(end, begin + len(tone))
                if low < high:
                    out[low - at : high - at] += tone[low - begin : high - begin]
        return out


class _Layer:
    """One background on its stretch of the track, with its gain."""

    def __init__(self, mix: Mix, index: int) -> None:
        turns, levels = mix.plan.turns, mix.levels
        self._background = mix._backgrounds[index]
        self._gain = background_gain(self._background, levels)
        cross = round(levels.cross_s * RATE_HZ)
        self._from = turns[index].start
        self._to = turns[index + 1].start + cross if index + 1 < len(turns) else mix.plan.length
        self._plan, self._index = mix.plan, index
        self._duck, self._pocket, self._levels = mix._duck, mix._pocket, levels
        self._playing: Iterator[Block] | None = None

    def add(self, out: Block, at: int, end: int) -> None:
        """Add samples [at, end) of the track to ``out``."""
        low, high = max(at, self._from), min(end, self._to)
        if self._background is None or low >= high:
            return
        if self._playing is None:
            self._playing = _exactly(self._blocks(self._background, low), low, BLOCK)
        block = next(self._playing)[: high - low]
        out[low - at : high - at] += scaled(block, _sampled(self._gain_at, low, high))

    def _blocks(self, background: Background, start: int) -> Iterator[Block]:
        if not background.info.bright:
            return background.blocks(start)
        shape = self._levels.pocket_hz
        return in_pocket(background.blocks, start, self._presence, self._levels.pocket_db, shape)

    def _presence(self, start: int, stop: int) -> Mono:
        """How much somebody speaks, 0 to 1, or is about to, or has just spoken."""
        return _sampled(lambda where: 1.0 + np.interp(where, *self._pocket), start, stop)

    def _gain_at(self, where: NDArray[np.float64]) -> NDArray[np.float64]:
        heard = self._gain * _heard(self._plan, self._levels, self._index, where)
        if self._background is not None and self._background.info.bright:
            return heard  # it dips instead
        return heard * _gain(np.interp(where, *self._duck))


def _exactly(blocks: Iterator[Block], start: int, size: int) -> Iterator[Block]:
    """The same samples in blocks that end on whole multiples of ``size``, as those of the mix do."""
    held: list[Block] = []
    count, wanted = 0, size - start % size if start % size else size
    while True:
        while count < wanted:
            block = next(blocks)
            held.append(block)
            count += len(block)
        whole = np.concatenate(held) if len(held) > 1 else held[0]
        yield whole[:wanted]
        held, count, wanted = [whole[wanted:]], count - wanted, size


Curve = tuple[NDArray[np.float64], NDArray[np.float64]]  # (samples, values): straight lines between


def duck_curve(utterances: Sequence[Utterance], levels: Levels) -> Curve:
    """Gain of the background along the track in dB: 0 under the voice, ``duck_db`` where it is silent for long.

    Down ``attack_s`` before a line, up ``release_s`` after ``hold_s``, along half a cosine; lines closer than
    ``merge_s`` count as one.
    """
    attack, hold, release, merge = (
        round(seconds * RATE_HZ) for seconds in (levels.attack_s, levels.hold_s, levels.release_s, levels.merge_s)
    )
    spoken: list[list[int]] = []
    for utterance in utterances:
        if spoken and utterance.start - spoken[-1][1] < max(merge, attack + hold + release):
            spoken[-1][1] = max(spoken[-1][1], utterance.end)
        else:
            spoken.append([utterance.start, utterance.end])
    bend = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, 17))
    where, gain = [np.array([-1e12])], [np.array([levels.duck_db])]
    for start, end in spoken:
        where += [start - attack + attack * np.linspace(0, 1, 17), end + hold + release * np.linspace(0, 1, 17)]
        gain += [levels.duck_db * (1 - bend), levels.duck_db * bend]
    return np.concatenate(where), np.concatenate(gain)


def scaled(block: Block, gain: Mono) -> Block:
    """A block, each sample of both channels under its gain; left and right as one complex number, 8 times as fast."""
    both = np.ascontiguousarray(block).view(np.complex64)[:, 0]
    return (both * gain).view(np.float32).reshape(-1, 2)


def _turned(sound: NDArray[np.float32], curve: Curve, start: int) -> NDArray[np.float32]:
    """A block, or one channel of it, that begins at sample ``start``, under a level that moves along a curve in dB."""
    end = start + len(sound)
    if not np.any(np.interp([start, end], *curve)):  # these curves only ever leave 0 one way
        return sound
    gain = _sampled(lambda where: _gain(np.interp(where, *curve)), start, end)
    return sound * gain if sound.ndim == 1 else scaled(sound, gain)


def _gain(db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amplitude factors of levels in dB."""
    return np.asarray(10 ** (db / 20))


def _sampled(gain: Callable[[NDArray[np.float64]], NDArray[np.float64]], start: int, stop: int) -> Mono:
    """A slow gain at every sample of [start, stop): worked out on a grid of the whole track, straight in between.

    The grid does not hang on where one enters, so the same sample always has the same gain.
    """
    first = start // _GRID
    points = gain(np.arange(first, -(-stop // _GRID) + 1, dtype=np.float64) * _GRID).astype(np.float32)
    lines = points[:-1, None] + (points[1:] - points[:-1])[:, None] * _RAMP
    return lines.reshape(-1)[start - first * _GRID : stop - first * _GRID]


_GRID = 105  # samples: 2.4 ms, and a whole number of them in a block
_RAMP = (np.arange(_GRID) / _GRID).astype(np.float32)


def anchored(utterances: tuple[Utterance, ...], levels: Levels) -> tuple[Utterance, ...]:
    """The utterances that the loudness is anchored to: all, or the first ``window_s`` of speech."""
    if levels.window_s is None:
        return utterances
    left = levels.window_s * RATE_HZ
    for count, utterance in enumerate(utterances, start=1):
        left -= utterance.length
        if left <= 0:
            return utterances[:count]
    return utterances


def arc_curve(plan: Plan, levels: Levels) -> Curve:
    """Level of the whole mix along the track in dB: 0 while its loudness is anchored, then down by ``arc_lu`` steadily.

    The last word is the lowest; after it the background fades by itself.
    """
    start, end = anchored(plan.utterances, levels)[-1].end, plan.utterances[-1].end
    if not levels.arc_lu or end <= start:
        return np.array([0.0, 1.0]), np.zeros(2)
    return np.array([start, end], np.float64), np.array([0.0, -levels.arc_lu])


def returning(plan: Plan, levels: Levels) -> int | None:
    """Where the voice comes nearer: the first sample of the last of several chapters; None where it does not."""
    return plan.chapters[-1].start if levels.lift_lu and len(plan.chapters) > 1 else None


@cache
def brighter(levels: Levels) -> Mono:
    """A filter without delay, odd and symmetric, that leaves the bass alone and lifts the treble by ``bright_db``."""
    place = np.arange(-_HALF, _HALF + 1)
    corner = 2 * levels.bright_hz / RATE_HZ
    low = corner * np.sinc(corner * place) * np.hanning(2 * _HALF + 3)[1:-1]
    up = 10 ** (levels.bright_db / 20)
    taps = (place == 0) * up - (up - 1) * low / low.sum()
    return np.asarray(taps, np.float32)


_HALF = 31  # taps on either side: 0.7 ms


def level_db(plan: Plan, levels: Levels, where: NDArray[np.float64]) -> NDArray[np.float64]:
    """dB of the background at these samples against its level under the voice: for pictures; -inf where it is off."""
    heard = np.zeros(len(where))
    for index, turn in enumerate(plan.turns):
        if turn.background != OFF:
            heard += _heard(plan, levels, index, where) ** 2
    with np.errstate(divide="ignore"):
        moves = np.interp(where, *duck_curve(plan.utterances, levels)) + np.interp(where, *arc_curve(plan, levels))
        loud: NDArray[np.float64] = moves + 10 * np.log10(heard)
    return loud


def _heard(plan: Plan, levels: Levels, index: int, where: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amplitude, 0 to 1, of background ``index`` at these samples: in at its turn, out under those that follow.

    However near turns are, the powers of all backgrounds add up to one. The first begins softly; all fade steadily over
    the tail and leave ``END_S`` of true silence.
    """
    turns, cross = plan.turns, round(levels.cross_s * RATE_HZ)
    rise = cross if index else min(round(levels.fade_in_s * RATE_HZ), plan.length // 4)
    last_word = plan.utterances[-1].end if plan.utterances else 0
    end = plan.length - min(round(END_S * RATE_HZ), (plan.length - last_word) // 4)
    fall = max(1, end - last_word - round(levels.hold_s * RATE_HZ))
    heard = _quarter((where - turns[index].start) / rise) * _quarter((end - where) / fall)
    for later in turns[index + 1 :]:
        if later.start >= turns[index + 1].start + cross:
            break  # nothing is left of this one by then
        heard *= _quarter(1.0 - (where - later.start) / cross)
    return heard


def _quarter(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """A quarter of a sine from 0 to 1: with its mirror image, constant power."""
    return np.asarray(np.sin(0.5 * np.pi * np.clip(along, 0.0, 1.0)))


def background_gain(background: Background | None, levels: Levels) -> float:
    """The constant gain that brings a background at its reference level under a voice at its own."""
    if background is None:
        return 0.0
    under = levels.music_lu if background.info.kind == "music" else levels.nature_lu
    return float(10 ** ((LEVEL_LUFS + under - REFERENCE_LUFS) / 20))
