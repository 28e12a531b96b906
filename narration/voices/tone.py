"""The tone voice: a soft sine for each word, its pitch a function of the word. For tests and docs; needs no model."""

from __future__ import annotations

import hashlib
import re

import numpy as np
from numpy.typing import NDArray

from . import Entry, VoiceError, VoiceInfo

RATE_HZ = 24_000
PITCHES_HZ = (220.0, 247.5, 277.2, 330.0, 371.3, 440.0, 495.0, 554.4, 660.0)  # pentatonic: any two sound well together
PEAK = 0.1
LEVEL_LUFS = -24.3  # BS.1770 of 46 sentences at 120 words a minute; ±0.3 at 80 and 200
EDGE_S = 0.008  # raised cosine: no click, yet an energy gate finds the edge within a few milliseconds
GAP_S = 0.06  # between words: shorter than any pause a script can ask for
PADDING_S = (0.25, 0.4)  # before and after, as neural voices have it, so that trimming is needed
LETTERS = 4.1  # of an average English word; a longer word sounds longer

TITLE, LANGUAGE, LICENCE, SOURCE = "Tone (a pitch for each word)", "any", "MIT", "narration"


class Tone:
    """The voice ``tone``: deterministic, and the same on every machine to the last few bits of a float."""

    def __init__(self, variant: str = "") -> None:
        found = self.entry(variant)
        if found.problem:
            raise VoiceError(f"{found.problem}.", hint=found.remedy)
        self.info = VoiceInfo(
            name="tone",
            title=TITLE,
            language=LANGUAGE,
            licence=LICENCE,
            source=SOURCE,
            rate_hz=RATE_HZ,
            wpm=120,
            speeds=(40, 300),
            level_lufs=LEVEL_LUFS,
            fingerprint="tone 1",
        )

    @classmethod
    def entry(cls, variant: str = "") -> Entry:
        """What there is to know of the voice: it always works, and it has no variants."""
        problem = f'the voice "tone" has no variant "{variant}"' if variant else ""
        return Entry("tone", TITLE, LANGUAGE, LICENCE, SOURCE, problem, remedy="tone" if variant else "")

    def synthesize(
        self, text: str, wpm: int, seed: int, phonemes: tuple[tuple[int, int, str], ...] = ()
    ) -> NDArray[np.float32]:
        """Mono samples in [-1, 1] at 24 kHz, silence at both ends. ``seed`` and ``phonemes`` change nothing.

        Raises VoiceError for a text without a letter or digit.
        """
        words = re.findall(r"\w+(?:['’]\w+)*", text)
        if not any(character.isalnum() for word in words for character in word):
            raise VoiceError(f'the voice "tone" found no word in "{text}".')
        gap = np.zeros(round(GAP_S * RATE_HZ), np.float32)
        sounds = [np.zeros(round(PADDING_S[0] * RATE_HZ), np.float32)]
        for word in words:
            sounds += [_tone(word, 60 / wpm), gap]
        sounds[-1] = np.zeros(round(PADDING_S[1] * RATE_HZ), np.float32)
        return np.concatenate(sounds)

    def close(self) -> None:
        """Nothing to let go of."""


def _tone(word: str, average_s: float) -> NDArray[np.float32]:
    """One word: with its gap an average one takes ``average_s``, half for being a word and half for its letters."""
    seconds = average_s * (0.5 + 0.5 * len(word) / LETTERS) - GAP_S
    time_s = np.arange(round(max(seconds, 4 * EDGE_S) * RATE_HZ)) / RATE_HZ
    digest = hashlib.sha256(word.lower().encode()).digest()
    wave = PEAK * np.sin(2 * np.pi * PITCHES_HZ[digest[0] % len(PITCHES_HZ)] * time_s)
    ends = np.minimum(time_s, time_s[::-1]) / EDGE_S
    return (wave * (0.5 - 0.5 * np.cos(np.pi * np.minimum(ends, 1)))).astype(np.float32)
