"""The heart voice: hibari's neural model inside its wheel, a calm US woman, a hundred times faster than real time."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..manner import Manner, louder
from ..speech_bounds import trim
from . import Entry, VoiceError, VoiceInfo, heart_model, heart_text

MODEL_SHA256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"
REMEDY = "pip install --force-reinstall hibari-tts==0.2.1"
RATE_HZ = 24_000

TITLE, LANGUAGE, LICENCE = "Heart (neural, US English, female)", "en-us", "Apache-2.0 (code and model)"
SOURCE = "hibari-tts 0.2.1, https://pypi.org/project/hibari-tts"

# hibari's speed → words a minute within the phrase: the 379 words of 46 relaxation sentences of 4 to 15 words over
# their seconds, each trimmed to its speech, seed 0. The model counts in whole frames, so the steps are this uneven;
# eight in ten sentences lie within 18 % of the figure.
SPEED_WPM = (
    *(
        (0.35, 82.8),
        (0.375, 91.7),
        (0.4, 97.0),
        (0.425, 102.2),
        (0.45, 113.7),
        (0.475, 118.0),
        (0.5, 119.6),
        (0.525, 121.2),
    ),
    *(
        (0.55, 125.4),
        (0.575, 140.7),
        (0.6, 143.4),
        (0.625, 145.7),
        (0.65, 147.7),
        (0.675, 164.1),
        (0.7, 168.9),
        (0.725, 171.7),
    ),
    *(
        (0.75, 174.5),
        (0.775, 177.0),
        (0.8, 193.9),
        (0.825, 213.5),
        (0.85, 217.9),
        (0.875, 227.5),
        (0.9, 231.3),
        (0.925, 234.1),
    ),
    *((0.95, 236.2), (0.975, 238.9), (1.0, 240.9), (1.025, 242.5), (1.05, 244.5), (1.075, 246.2), (1.1, 248.0)),
)
SPEEDS, WPM = zip(*SPEED_WPM, strict=True)
NATURAL_WPM = 170  # hibari's speed 0.7; at its 1.0 it rushes
SPEEDS_WPM = (83, 248)  # whisper-base mistakes at most 1 word in 100 of the same sentences over this range
# A lone word spoken slower than this slurs: whisper-base takes "one" for "once" at 0.65 and "six" for "sex" at 0.75.
LONE_WORD_SPEED = 0.85
LEVEL_LUFS = -26.5  # BS.1770 of the same sentences end to end: -26.6 at speed 0.45, -26.5 at 0.55, -26.2 at 0.7


class Heart:
    """The voice ``heart``: deterministic for a seed, whatever the number of threads that call it."""

    def __init__(self, variant: str = "") -> None:
        found = self.entry(variant)
        if found.problem:
            raise VoiceError(f"{found.problem}.", hint=found.remedy)
        from hibari import dsp

        self._loading = Lock()
        self._hibari: Any = None
        self.info = VoiceInfo(
            name="heart",
            title=TITLE,
            language=LANGUAGE,
            licence=LICENCE,
            source=SOURCE,
            rate_hz=RATE_HZ,
            wpm=NATURAL_WPM,
            speeds=SPEEDS_WPM,
            level_lufs=LEVEL_LUFS,
            fingerprint=(
                f"heart {MODEL_SHA256} hibari-tts {version('hibari-tts')} onnxruntime {version('onnxruntime')}"
                f" {dsp.FFT_BACKEND} threads 1 rules {heart_text.RULES}"
            ),
            can=frozenset({"ipa", "rate", "volume", "emphasis"}),
        )

    @classmethod
    def entry(cls, variant: str = "") -> Entry:
        """What there is to know of the voice; its model is there and is the one that was measured, or why not."""
        problem, remedy = "", REMEDY
        if variant:
            problem, remedy = f'the voice "heart" has no variant "{variant}"', "heart"
        elif find_spec("hibari") is None or find_spec("onnxruntime") is None:
            problem = "hibari-tts is not installed"
        else:
            problem = model_problem(_model())
        return Entry("heart", TITLE, LANGUAGE, LICENCE, SOURCE, problem, remedy if problem else "")

    def synthesize(
        self,
        text: str,
        wpm: int,
        seed: int,
        phonemes: tuple[tuple[int, int, str], ...] = (),
        manners: tuple[Manner, ...] = (),
    ) -> NDArray[np.float32]:
        """Mono samples in [-1, 1] at 24 kHz of ``text`` at about ``wpm`` words a minute, near-silence at both ends.

        The text is spoken in one run however long it is, and however many ``manners`` it has: the model is asked for a
        speed for every sound, and tells where each lies. Raises VoiceError for what the voice cannot say, and for a
        pace outside ``info.speeds``.
        """
        slowest, fastest = SPEEDS_WPM
        if not slowest <= wpm <= fastest:
            raise VoiceError(f'the voice "heart" speaks {slowest} to {fastest} words a minute, not {wpm}.')
        hibari = self._engine()
        cuts = tuple(sorted({cut for manner in manners for cut in (manner.start, manner.end)}))
        sounds, places = heart_text.located(hibari.g2p, text, phonemes, cuts)
        speed = max(float(np.interp(wpm, WPM, SPEEDS)), 0.0 if len(sounds.split()) > 1 else LONE_WORD_SPEED)
        ids = hibari.ids(sounds)
        at = {cut: len(hibari.ids(sounds[:place])) - 1 for cut, place in zip(cuts, places, strict=True)}
        speeds = np.full(len(ids), speed, np.float32)
        for manner in manners:
            speeds[at[manner.start] : at[manner.end]] *= manner.rate
        made, starts = heart_model.speak(hibari, ids, np.clip(speeds, SPEEDS[0], SPEEDS[-1]), seed)
        stretches = [(starts[at[manner.start]], starts[at[manner.end]], manner.gain_db) for manner in manners]
        samples: NDArray[np.float32] = np.clip(louder(made, stretches, RATE_HZ), -1, 1)
        try:
            trim(samples, RATE_HZ)
        except ValueError:
            raise VoiceError(f'the voice "heart" made no sound of "{text}".') from None
        return samples

    def close(self) -> None:
        """Let go of the model."""
        self._hibari = None

    def _engine(self) -> Any:
        """hibari with its model, loaded for the first line that is not in the cache, by one of the threads that ask."""
        with self._loading:
            if self._hibari is None:
                self._hibari = heart_model.load(_model())
        return self._hibari


@cache
def model_problem(path: Path) -> str:
    """Why the model at ``path`` must not be used, or nothing: it is missing, or not the one that was measured."""
    if not path.is_file():
        return f"the model {path} is missing"
    if hashlib.sha256(path.read_bytes()).hexdigest() != MODEL_SHA256:
        return f"the model {path} is not that of hibari-tts 0.2.1 (its checksum differs)"
    return ""


def _model() -> Path:
    """Where the wheel keeps the model; looked up without importing hibari."""
    spec = find_spec("hibari")
    return Path((spec and spec.origin) or "").parent / "assets" / "hibari.onnx"
