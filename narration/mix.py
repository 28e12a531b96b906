"""The mix: voice and cues over the background, one block at a time, everything computed from the plan.

The plan is known before the mix, so a duck begins before its line does and never pumps. A mix can be entered anywhere:
the same sample is the same whichever way it is come upon.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .backgrounds import REFERENCE_LUFS, Background
from .cues import tones
from .curves import arc_curve, brighter, duck_curve, gain_of, heard, returning, sampled, scaled, turned
from .document import Breathe
from .levels import Levels
from .pocket import in_pocket
from .spans import Plan, Utterance
from .speech import LEVEL_LUFS, Clips
from .timing import RATE_HZ

BLOCK = RATE_HZ  # samples: a tenth of a second costs half as much again, ten seconds only memory

Mono = NDArray[np.float32]  # (n,)
Block = NDArray[np.float32]  # (n, 2)


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
            yield Stems(self._voice(start, end, sounding), self._cues(start, end), background)
            start = end

    def background(self, start: int, stop: int) -> Iterator[Block]:
        """The background alone, in the blocks of :meth:`stems`."""
        layers = [_Layer(self, index) for index in range(len(self._backgrounds))]
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            at, end = max(start, block * BLOCK), min((block + 1) * BLOCK, stop)
            out = np.zeros((end - at, 2), np.float32)
            for layer in layers:
                layer.add(out, at, end)
            yield out

    def said(self, utterance: Utterance) -> Mono:
        """The voice of one utterance, as it is in the mix."""
        samples = self.clips[utterance.say].samples
        if self._returns is None or utterance.start < self._returns:
            return turned(samples, self._arc, utterance.start)
        risen = np.array([0, self.levels.lift_s * RATE_HZ]) + self._returns, np.array([0, self.levels.lift_lu])
        return turned(np.convolve(samples, brighter(self.levels), "same"), risen, utterance.start)

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
                    out[low - at : high - at] += turned(tone[low - begin : high - begin], self._arc, low)
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
        self._duck, self._pocket, self._arc, self._levels = mix._duck, mix._pocket, mix._arc, levels
        self._playing: Iterator[Block] | None = None

    def add(self, out: Block, at: int, end: int) -> None:
        """Add samples [at, end) of the track to ``out``."""
        low, high = max(at, self._from), min(end, self._to)
        if self._background is None or low >= high:
            return
        if self._playing is None:
            self._playing = _exactly(self._blocks(self._background, low), low, BLOCK)
        block = next(self._playing)[: high - low]
        out[low - at : high - at] += scaled(block, sampled(self._gain_at, low, high))

    def _blocks(self, background: Background, start: int) -> Iterator[Block]:
        if not background.info.bright:
            return background.blocks(start)
        shape = self._levels.pocket_hz
        return in_pocket(background.blocks, start, self._presence, self._levels.pocket_db, shape)

    def _presence(self, start: int, stop: int) -> Mono:
        """How much somebody speaks, 0 to 1, or is about to, or has just spoken."""
        return sampled(lambda where: 1.0 + np.interp(where, *self._pocket), start, stop)

    def _gain_at(self, where: NDArray[np.float64]) -> NDArray[np.float64]:
        level = self._gain * heard(self._plan, self._levels, self._index, where)
        moves_db = np.interp(where, *self._arc)
        if self._background is None or not self._background.info.bright:  # which dips instead
            moves_db += np.interp(where, *self._duck)
        return level * gain_of(moves_db)


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


def background_gain(background: Background | None, levels: Levels) -> float:
    """The constant gain that brings a background at its reference level under a voice at its own."""
    if background is None:
        return 0.0
    under = levels.music_lu if background.info.kind == "music" else levels.nature_lu
    return float(10 ** ((LEVEL_LUFS + under - REFERENCE_LUFS) / 20))
