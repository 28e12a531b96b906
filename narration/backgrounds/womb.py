"""What is heard before birth, a background of nature made from chance.

A low rush of blood that swells with a slow heart, and the heart itself, soft and low. Hardly anything is above 500 Hz.
Source: Benzaquen et al., "Analysis of intrauterine noise in ovine and human fetuses", Am. J. Obstetrics and Gynecology
163, 1990. A recipe of figures, measured; the gain brings it to REFERENCE_LUFS.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, pi

import numpy as np
from numpy.typing import NDArray

from ..timing import RATE_HZ
from .chance import Floats, drift, sway
from .engine import Cells, Sound, Sum, Synthetic, frequencies, high_pass, low_pass, nature, noise, tilt
from .rooms import raised

_TIMES = 8
_LOW_HZ = RATE_HZ // _TIMES  # 5.5 kHz
_SIZE = 2**9  # 93 ms: shorter than the pulse
_BEAT = _LOW_HZ * 60 // 56  # samples from one to the next
_DUB_S = 0.31  # after the lub
_RUSH_S = 0.12  # the blood comes after the beat
_WANDERS_S = 3.0  # how far beats stray from even ones, over a minute; breathing adds a tenth
_THUMP_S = 0.35

_GAIN = 10 ** (-16.18 / 20)  # measured: the middle of 48 seeds at REFERENCE_LUFS


def womb(seed: int) -> Synthetic:
    """A low rush of blood that swells with a slow heart, and the heart itself, soft and low."""
    after = "spectrum after Benzaquen et al., Am. J. Obstetrics and Gynecology 163, 1990"
    return nature("womb", "Womb", raised(Sum((_blood(seed), _heart(seed))), _TIMES), after)


def _blood(seed: int) -> Cells:
    hz = frequencies(_SIZE, _LOW_HZ)
    rush = 0.085 * tilt(hz, -7.0) * high_pass(hz, 62.0, 3) * low_pass(hz, 420.0, 1.5)

    def colour(time_s: float) -> Floats:
        now = int(time_s * _LOW_HZ) // _BEAT
        since_s = [time_s - beat_s(seed, k) - _RUSH_S for k in range(now - 5, now + 2)]
        pulse = sum(exp(-((after_s / (0.12 if after_s < 0 else 0.32)) ** 2)) for after_s in since_s)
        breath = sway(seed, "tide", time_s, 5.6, 0.85, 1.15)
        return np.asarray(_GAIN * breath * (0.8 + 0.6 * pulse) * rush)

    return noise(seed, "womb", colour, _SIZE, rate_hz=_LOW_HZ)


def _heart(seed: int) -> Cells:
    """Lub, and a third of a second later dub."""
    lub, dub = np.float32(0.72 * _GAIN) * _thump(64.0, 0.075), np.float32(0.44 * _GAIN) * _thump(78.0, 0.055)
    between = round(_DUB_S * _LOW_HZ)
    longest = round((_WANDERS_S * 1.1 + _DUB_S + _THUMP_S) * _LOW_HZ) + 2

    def cell(k: int) -> Sound:
        start = round(beat_s(seed, k) * _LOW_HZ) - k * _BEAT
        sound = np.zeros((2, start + between + len(dub)), np.float32)
        sound[:, start : start + len(lub)] += lub
        sound[:, start + between :] += dub
        return sound

    return Cells(_BEAT, longest, cell)


@lru_cache(64)  # every grain asks for the beats about it
def beat_s(seed: int, k: int) -> float:
    """When the heart beats for the k-th time: 56 times a minute, but later by what hearts wander."""
    even_s = k * _BEAT / _LOW_HZ
    wanders_s = drift(seed, "heart", even_s, 53.0, 0.0, _WANDERS_S)
    return even_s + wanders_s + drift(seed, "breath", even_s, 7.1, 0.0, 0.1 * _WANDERS_S)


def _thump(hz: float, decay_s: float) -> NDArray[np.float32]:
    """A low tone that falls by a fifth of its pitch as it dies, without a hard start.

    Its overtones are for small speakers, which play nothing at 60 Hz.
    """
    time_s = np.arange(round(_THUMP_S * _LOW_HZ)) / _LOW_HZ
    phase = 2 * pi * hz * time_s * (1.0 - 0.22 * time_s / _THUMP_S)
    tone = np.sin(phase) + 0.40 * np.sin(2 * phase) + 0.16 * np.sin(3 * phase)
    ends = np.minimum(1.0, time_s / 0.050) ** 2 * np.minimum(1.0, (_THUMP_S - time_s) / 0.05)
    return np.asarray(tone * np.exp(-time_s / decay_s) * ends, np.float32)
