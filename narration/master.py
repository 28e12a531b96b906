"""Mastering: one gain for the whole track, anchored to the voice, and a true-peak limiter that is idle nearly always.

Two passes over blocks: the first measures the spoken spans, the second plays. Memory stays flat.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .backgrounds import REFERENCE_LUFS
from .loudness import Meter
from .mix import Block, Mix, Stems, anchored
from .peaks import Limiter, TruePeak
from .spans import Utterance
from .speech import LEVEL_LUFS


@dataclass(frozen=True)
class Gains:
    """Amplitude factors: of voice and cues, and of the background; the master gain is in both."""

    voice: float
    background: float


class Master:
    """A mix played at its levels. The facts are complete once :meth:`blocks` has been played to its end.

    ``voice_lufs`` is BS.1770 over the spoken spans of the mix, ``loudness_lufs`` and ``range_lu`` over the whole track,
    ``true_peak_dbtp`` its highest peak, all after limiting.
    """

    def __init__(self, mix: Mix) -> None:
        self.mix = mix
        self._measured = anchored(mix.plan.utterances, mix.levels)
        self.gains = self._balance()
        self._spoken, self._whole, self._peak = Meter(), Meter(), TruePeak()

    def _balance(self) -> Gains:
        """The gains with which the spoken spans of the mix are at their target and the background under the voice."""
        levels = self.mix.levels
        voice = Meter()
        for utterance in self._measured:
            voice.push(_stereo(self.mix.clips[utterance.say].samples))
        # The background follows these very lines, which may be a little off the voice's usual level.
        under = _factor(voice.integrated_lufs - LEVEL_LUFS)
        together = Meter()
        start, stop = self._measured[0].start, self._measured[-1].end
        spoken = _Spoken(self._measured)
        at = start
        for stems in self.mix.stems(start, stop):
            for part in spoken.within(_sum(stems, Gains(1.0, under)), at):
                together.push(part)
            at += len(stems.voice)
        gain = _factor(levels.voice_lufs - together.integrated_lufs)
        return Gains(gain, gain * under)

    def blocks(self) -> Iterator[Block]:
        """The track, float32 (n, 2), from its first sample to its last."""
        limiter = Limiter(self.mix.levels.true_peak_dbtp)
        spoken = _Spoken(self._measured)
        at = 0
        for block in _limited(limiter, (_sum(stems, self.gains) for stems in self.mix.stems())):
            for part in spoken.within(block, at):
                self._spoken.push(part)
            self._whole.push(block)
            self._peak.push(block)
            at += len(block)
            yield block

    @property
    def voice_lufs(self) -> float:
        """LUFS of the spoken spans of the mix, background included."""
        return self._spoken.integrated_lufs

    @property
    def loudness_lufs(self) -> float:
        """LUFS of the whole track."""
        return self._whole.integrated_lufs

    @property
    def range_lu(self) -> float:
        """Loudness range of the whole track in LU."""
        return self._whole.range_lu

    @property
    def true_peak_dbtp(self) -> float:
        """The track's highest true peak in dBTP."""
        return self._peak.dbtp

    @property
    def tail_lufs(self) -> float | None:
        """LUFS of the background after the last word, before it fades; None where it is off. Known without playing."""
        gain = self.mix.tail_gain
        return REFERENCE_LUFS + 20 * math.log10(gain * self.gains.background) if gain else None


def _factor(db: float) -> float:
    return float(10 ** (db / 20))


def _stereo(mono: NDArray[np.float32]) -> Block:
    return np.repeat(mono[:, None], 2, axis=1)


def _sum(stems: Stems, gains: Gains) -> Block:
    centre = np.float32(gains.voice) * (stems.voice + stems.cues)
    return np.float32(gains.background) * stems.background + centre[:, None]


def _limited(limiter: Limiter, blocks: Iterator[Block]) -> Iterator[Block]:
    for block in blocks:
        done = limiter.process(block)
        if len(done):
            yield done
    rest = limiter.flush()
    if len(rest):
        yield rest


class _Spoken:
    """Cuts the spoken samples out of consecutive blocks."""

    def __init__(self, utterances: tuple[Utterance, ...]) -> None:
        self._left = list(reversed(utterances))

    def within(self, block: Block, at: int) -> Iterator[Block]:
        """The parts of the block, which begins at sample ``at`` of the track, in which somebody speaks."""
        end = at + len(block)
        while self._left and self._left[-1].start < end:
            utterance = self._left[-1]
            low, high = max(at, utterance.start), min(end, utterance.end)
            if low < high:
                yield block[low - at : high - at]
            if utterance.end > end:
                break
            self._left.pop()
