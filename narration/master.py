"""Mastering: one gain for the whole track, anchored to the voice, and a true-peak limiter that is idle nearly always.

One pass over blocks: its gains come from the voice's own clips and a few seconds of the background. Memory stays flat.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .backgrounds import REFERENCE_LUFS
from .curves import anchored
from .loudness import HOP, Meter, gated_lufs, to_lufs
from .mix import Block, Mix, Stems
from .peaks import Limiter, TruePeak
from .spans import Utterance
from .speech import LEVEL_LUFS

Floats = NDArray[np.float64]

_PROBE = 11 * HOP  # samples of the background measured at once; the filter settles over the first 100 ms
_PROBES_LEAST, _PROBES_MOST = 4, 48
_PROBES_AT_PAR = 480  # for a background as loud as the voice: the less of the sum it is, the fewer tell its part


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
        voice = Meter()
        for utterance in self._measured:
            voice.push(_stereo(self.mix.said(utterance)))
        # The background follows these very lines, which may be a little off the voice's usual level.
        under = _factor(_lufs(voice.energies) - LEVEL_LUFS)
        together = voice.energies + under**2 * self._behind(len(voice.energies))
        gain = _factor(self.mix.levels.voice_lufs - _lufs(together))
        return Gains(gain, gain * under)

    def _behind(self, hops: int) -> Floats:
        """Energy of the background at each 100 ms of the anchored speech, at 0 dB.

        At least 10 LU down, it adds no more than 0.4 LU: a second here and there tells it within hundredths of one,
        and spares playing it twice.
        """
        ends = np.cumsum([utterance.length for utterance in self._measured])
        share = 10 ** (max(self.mix.levels.music_lu, self.mix.levels.nature_lu) / 10)
        count = min(max(_PROBES_LEAST, round(_PROBES_AT_PAR * share)), _PROBES_MOST)
        probes = (np.arange(count) + 0.5) / count * ends[-1]
        which = np.searchsorted(ends, probes, side="right")
        energies = []
        for probe, index in zip(probes, which, strict=True):
            end = self._measured[index].end - round(ends[index] - probe)  # that place of the speech, on the track
            meter = Meter()
            for block in self.mix.background(max(0, end - _PROBE), end):
                meter.push(block)
            energies.append(meter.energies[1:].mean() if len(meter.energies) > 1 else 0.0)
        along: Floats = np.interp((np.arange(hops) + 0.5) * HOP, probes, energies)
        return along

    def blocks(self, start: int = 0, stop: int | None = None) -> Iterator[Block]:
        """The track, float32 (n, 2), from sample ``start`` to ``stop``: by default from its first to its last."""
        limiter = Limiter(self.mix.levels.true_peak_dbtp)
        spoken = _Spoken(self._measured)
        at = start
        for block in _limited(limiter, (_sum(stems, self.gains) for stems in self.mix.stems(start, stop))):
            for part in spoken.within(block, at):
                self._spoken.push(part)
            self._whole.push(block)
            self._peak.push(block)
            at += len(block)
            yield block

    @property
    def voice_lufs(self) -> float:
        """LUFS of the spoken spans of the mix, background included."""
        return _lufs(self._spoken.energies)

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


def _lufs(energies: Floats) -> float:
    """LUFS of speech, also of a single word that is shorter than the 400 ms which the standard asks for."""
    return gated_lufs(energies) if len(energies) >= 4 else to_lufs(float(energies.mean()))


def _factor(db: float) -> float:
    """An amplitude factor, to a thousandth of a dB: so that another processor's rounding changes no sample."""
    db = round(db, 3)
    return float(10 ** (db / 20))


def _stereo(mono: NDArray[np.float32]) -> Block:
    return np.repeat(mono[:, None], 2, axis=1)


def _sum(stems: Stems, gains: Gains) -> Block:
    out: Block = np.float32(gains.background) * stems.background
    for mono in (stems.voice, stems.cues):
        if mono.any():
            out.view(np.complex64)[:, 0] += mono * np.complex64(gains.voice * (1 + 1j))  # left and right at once
    return out


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
