"""How levels move along a track: ducked under lines, down the arc of a night, nearer at a return, in and out at turns.

All of it is computed from the plan, and a curve has the same value at a sample wherever one enters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .backgrounds import OFF
from .levels import END_S, Levels
from .spans import Plan, Utterance
from .timing import RATE_HZ

Mono = NDArray[np.float32]  # (n,)
Block = NDArray[np.float32]  # (n, 2)
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


def turned(sound: Mono, curve: Curve, start: int) -> Mono:
    """One channel from sample ``start`` on, (n,), under a level that moves along a curve in dB."""
    end = start + len(sound)
    if not np.any(np.interp([start, end], *curve)):  # these curves only ever leave 0 one way
        return sound
    return sound * sampled(lambda where: gain_of(np.interp(where, *curve)), start, end)


def gain_of(db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amplitude factors of levels in dB."""
    return np.asarray(10 ** (db / 20))


def sampled(gain: Callable[[NDArray[np.float64]], NDArray[np.float64]], start: int, stop: int) -> Mono:
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
    power = np.zeros(len(where))
    for index, turn in enumerate(plan.turns):
        if turn.background != OFF:
            power += heard(plan, levels, index, where) ** 2
    with np.errstate(divide="ignore"):
        moves = np.interp(where, *duck_curve(plan.utterances, levels)) + np.interp(where, *arc_curve(plan, levels))
        loud: NDArray[np.float64] = moves + 10 * np.log10(power)
    return loud


def heard(plan: Plan, levels: Levels, index: int, where: NDArray[np.float64]) -> NDArray[np.float64]:
    """Amplitude, 0 to 1, of background ``index`` at these samples: in at its turn, out under those that follow.

    However near turns are, the powers of all backgrounds add up to one. The first begins softly; all fade steadily over
    the tail and leave ``END_S`` of true silence.
    """
    turns, cross = plan.turns, round(levels.cross_s * RATE_HZ)
    rise = cross if index else min(round(levels.fade_in_s * RATE_HZ), plan.length // 4)
    last_word = plan.utterances[-1].end if plan.utterances else 0
    end = plan.length - min(round(END_S * RATE_HZ), (plan.length - last_word) // 4)
    fall = max(1, end - last_word - round(levels.hold_s * RATE_HZ))
    share = _quarter((where - turns[index].start) / rise) * _quarter((end - where) / fall)
    for later in turns[index + 1 :]:
        if later.start >= turns[index + 1].start + cross:
            break  # nothing is left of this one by then
        share *= _quarter(1.0 - (where - later.start) / cross)
    return share


def _quarter(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """A quarter of a sine from 0 to 1: with its mirror image, constant power."""
    return np.asarray(np.sin(0.5 * np.pi * np.clip(along, 0.0, 1.0)))
