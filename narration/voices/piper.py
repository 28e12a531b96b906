"""Piper's voices, for those who install it: ``pip install piper-tts`` (GPL-3.0) and put a model in its folder.

``piper:NAME`` is ``NAME.onnx`` with its ``NAME.onnx.json`` in :func:`folder`. Nothing of Piper comes with narration;
the licence of a model is its maker's. Pace and level are measured on one sentence when the voice is made, since every
model has its own.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from ..speech_bounds import trim
from . import Entry, VoiceError, VoiceInfo

TITLE, LICENCE = "Piper (neural)", "GPL-3.0-or-later (piper-tts); the model's own"
SOURCE = "https://github.com/OHF-Voice/piper1-gpl"
NATURAL = 1.7  # Piper's length scale for a calm reading; 1 is its models' own, brisk pace
SCALES = (0.8, 3.0)  # the fastest and the slowest; slower, its models slur
MEASURED = "Let your shoulders sink, and feel how the chair holds you up."
LEVEL_LUFS = -20.0  # what every utterance is brought to by one gain, that of the sentence above


def folder() -> Path:
    """Where models are looked for: below ``NARRATION_DATA``, or the user's data folder of the system."""
    named = os.environ.get("NARRATION_DATA")
    return (Path(named) if named else platformdirs.user_data_path("narration")) / "piper"


class Piper:
    """A voice of Piper: without its noise, so that the same text makes the same samples."""

    def __init__(self, variant: str = "") -> None:
        found = self.entry(variant)
        if found.problem:
            raise VoiceError(f"{found.problem}.", hint=found.remedy)
        self._path = _model(variant)
        self._rate_hz = int(_config(self._path)["audio"]["sample_rate"])
        spoken = trim(self._spoken(MEASURED, NATURAL), self._rate_hz)
        natural = round(60 * len(MEASURED.split()) * self._rate_hz / len(spoken))
        self._gain = np.float32(10 ** (LEVEL_LUFS / 20) / np.sqrt(np.mean(spoken**2)))
        digest = hashlib.sha256(self._path.read_bytes()).hexdigest()
        self.info = VoiceInfo(
            name=found.name,
            title=found.title,
            language=found.language,
            licence=LICENCE,
            source=SOURCE,
            rate_hz=self._rate_hz,
            wpm=natural,
            speeds=(round(natural * NATURAL / SCALES[1]), round(natural * NATURAL / SCALES[0])),
            level_lufs=LEVEL_LUFS,
            fingerprint=f"piper 1 {digest} piper-tts {version('piper-tts')} onnxruntime {version('onnxruntime')}",
        )

    @classmethod
    def entry(cls, variant: str = "") -> Entry:
        """What there is to know of the voice; looks at files only."""
        path, name = _model(variant), f"piper:{variant}" if variant else "piper"
        if find_spec("piper") is None:
            return Entry(name, TITLE, "any", LICENCE, SOURCE, "it is not installed", "pip install piper-tts")
        if not os.path.isfile(path) or not os.path.isfile(f"{path}.json"):
            what = f"there is no {path.name} with its {path.name}.json" if variant else "no model was chosen"
            remedy = f"a model of Piper in {folder()}, and --voice piper:NAME"
            return Entry(name, TITLE, "any", LICENCE, SOURCE, what, remedy)
        language = str(_config(path).get("espeak", {}).get("voice", "any"))
        return Entry(name, f"{TITLE}, {variant}", language, LICENCE, SOURCE)

    @classmethod
    def variants(cls) -> tuple[str, ...]:
        """The models in the folder, by name."""
        return tuple(sorted(path.stem for path in folder().glob("*.onnx")))

    def synthesize(
        self, text: str, wpm: int, seed: int, phonemes: tuple[tuple[int, int, str], ...] = ()
    ) -> NDArray[np.float32]:
        """Mono samples in [-1, 1] at ``info.rate_hz``. ``seed`` and ``phonemes`` change nothing."""
        slowest, fastest = self.info.speeds
        if not slowest <= wpm <= fastest:
            raise VoiceError(f'the voice "{self.info.name}" speaks {slowest} to {fastest} words a minute, not {wpm}.')
        if not any(character.isalnum() for character in text):
            raise VoiceError(f'the voice "{self.info.name}" found no word in "{text}".')
        samples: NDArray[np.float32] = np.clip(self._spoken(text, NATURAL * self.info.wpm / wpm) * self._gain, -1, 1)
        try:
            trim(samples, self._rate_hz)
        except ValueError:
            raise VoiceError(f'the voice "{self.info.name}" made no sound of "{text}".') from None
        return samples

    def close(self) -> None:
        """Let go of the model."""
        self.__dict__.pop("_piper", None)

    @cached_property
    def _piper(self) -> Any:
        from piper import PiperVoice

        return PiperVoice.load(self._path)

    def _spoken(self, text: str, scale: float) -> NDArray[np.float32]:
        from piper import SynthesisConfig

        asked = SynthesisConfig(length_scale=scale, noise_scale=0.0, noise_w_scale=0.0, normalize_audio=False)
        sounds = [chunk.audio_float_array for chunk in self._piper.synthesize(text, asked)]
        return np.concatenate([np.zeros(0, np.float32), *sounds]).astype(np.float32)


def _model(variant: str) -> Path:
    return folder() / f"{variant}.onnx"


def _config(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict) or "sample_rate" not in found.get("audio", {}):
        raise VoiceError(
            f"{path.name}.json is not the description of a model of Piper.", hint=f"a new copy in {folder()}"
        )
    return found
