"""What a file of the user's sounds like: rushing or made of tones, and how much of it is where consonants are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..timing import RATE_HZ

Floats = NDArray[np.floating[Any]]
Read = Callable[[int, int], NDArray[np.float32]]  # samples start to end, float32 (n, 2)

_LOOKS, _SIZE = 64, 2**13  # looks spread evenly over the sound, each of 0.19 s
_TONES_HZ = (100.0, 2000.0)  # where rain rushes and music has its notes; birds and crickets sing above
_CONSONANTS_HZ = (1000.0, 4500.0)
_NOISE_FROM = 0.45  # flatness: the built-in noises have 0.61 to 0.68, the built-in music 0.02 to 0.06
_BRIGHT_FROM = 0.12  # presence: the built-in music has 0.02 or less, noise that falls by 2 dB an octave 0.28


class Character(NamedTuple):
    """Both from 0 to 1.

    ``flatness``: geometric over arithmetic mean of the power spectrum within thirds of an octave, weighted by their
    power, the middle of all looks: about 0.6 for noise, less the more its power stands in single tones.
    ``presence``: the share of the power, weighted about as BS.1770 does, that lies from 1 to 4.5 kHz.
    """

    flatness: float
    presence: float

    @property
    def ambience(self) -> bool:
        """Whether it rushes as rain, sea, wind and fire do, rather than being made of tones."""
        return self.flatness >= _NOISE_FROM

    @property
    def bright(self) -> bool:
        """Whether it covers consonants, and should make room for them."""
        return self.presence >= _BRIGHT_FROM


def character(read: Read, length: int) -> Character:
    """The character of ``length`` samples, read at a few places: the same whatever the length costs."""
    starts = np.linspace(0, max(0, length - _SIZE), _LOOKS).astype(int)
    hz = np.fft.rfftfreq(_SIZE, 1 / RATE_HZ)
    window = np.hanning(_SIZE)
    powers = np.zeros((_LOOKS, len(hz)))
    for row, start in zip(powers, starts, strict=True):
        block = read(int(start), int(min(start + _SIZE, length)))
        mono = np.zeros(_SIZE)
        mono[: len(block)] = block @ np.array([1.0, 0.7])  # not 1 and 1, where opposite channels would leave nothing
        row[:] = np.abs(np.fft.rfft(mono * window)) ** 2
    weighted = powers.sum(axis=0) * (1.0 + 1.5 / (1.0 + (1500.0 / np.maximum(hz, 1.0)) ** 4)) * (hz > 60.0)
    inside = (hz >= _CONSONANTS_HZ[0]) & (hz < _CONSONANTS_HZ[1])
    return Character(_flatness(powers, hz), float(weighted[inside].sum() / max(weighted.sum(), 1e-30)))


def _flatness(powers: Floats, hz: Floats) -> float:
    edges = np.searchsorted(hz, _TONES_HZ[0] * 2 ** (np.arange(14) / 3))
    bands = [powers[:, low:high] for low, high in pairwise(edges)]
    total = np.stack([band.sum(axis=1) for band in bands])
    flat = np.stack([np.exp(np.log(band + 1e-30).mean(axis=1)) / (band.mean(axis=1) + 1e-30) for band in bands])
    heard = total.sum(axis=0) > 1e-4 * total.sum(axis=0).max()  # what is 40 dB under the loudest look tells nothing
    return float(np.median(((flat * total).sum(axis=0) / (total.sum(axis=0) + 1e-30))[heard]))
