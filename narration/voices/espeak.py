"""The espeak voice: pyttsx3 in a child process, with espeak-ng from a wheel, or with the system's own voices.

``espeak:VARIANT`` is a language or voice of espeak-ng (``espeak:de``, ``espeak:en-gb``, ``espeak:en-us+f3``); on macOS
and Windows it is the id of a voice of the system. What goes wrong in the child is an error here, never the end of the
program, see :mod:`narration.voices.espeak_child`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import unicodedata
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..speech_bounds import trim
from . import Entry, VoiceError, VoiceInfo
from .espeak_child import LIMIT_S, OWN_VOICES
from .espeak_names import engine_name, languages

DEFAULT = "" if OWN_VOICES else "en-us"
ATTEMPTS = 3  # pyttsx3 may lose an utterance, and the child may be killed; a text that fails three times is at fault
GRACE_S = 5  # an idle child ends at once when its input closes; one that does not is killed
REMEDY = "pip install --force-reinstall pyttsx3==2.99 espeakng-loader==0.2.4"

TITLE = "The system's own voice, by pyttsx3" if OWN_VOICES else "eSpeak NG (formant synthesis), by pyttsx3"
LICENCE = "MPL-2.0 (pyttsx3)" if OWN_VOICES else "MPL-2.0 (pyttsx3), GPL-3.0-or-later (espeak-ng)"
SOURCE = "https://pypi.org/project/pyttsx3"

# pyttsx3's rate → words a minute within the phrase: the 379 words of 46 relaxation sentences of 4 to 15 words over
# their seconds, each trimmed to its speech, in en-us. The system's own voices take words a minute as their rate.
RATE_WPM = (
    *((80, 106.9), (90, 114.0), (100, 126.7), (110, 139.6), (120, 152.1), (130, 165.8), (140, 178.8), (150, 190.6)),
    *((160, 202.9), (170, 215.7), (180, 228.6), (200, 252.7), (220, 277.7), (240, 301.3), (260, 323.0)),
)
RATES, WPM = zip(*RATE_WPM, strict=True)
RATE_HZ = 22_050  # espeak-ng's, in every language
SPEEDS_WPM = (107, 323)  # 80 is the slowest rate that espeak-ng has
NATURAL_WPM = 170
LEVEL_LUFS = -20.3  # BS.1770 of the same sentences, rates 120 to 180 (±0.5); de, en-gb, es, fr, ru lie within 1.3 LU


class Espeak:
    """The voice ``espeak``: one child process; calls from several threads wait for one another."""

    def __init__(self, variant: str = "") -> None:
        found = self.entry(variant)
        if found.problem:
            raise VoiceError(f"{found.problem}.", hint=found.remedy)
        self._variant = variant or DEFAULT
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        try:
            rate_hz = self._sound("one", 150)[1] if OWN_VOICES else RATE_HZ
        except VoiceError:
            self.close()
            raise
        self.info = VoiceInfo(
            name=found.name,
            title=TITLE,
            language=found.language,
            licence=LICENCE,
            source=SOURCE,
            rate_hz=rate_hz,
            wpm=NATURAL_WPM,
            speeds=SPEEDS_WPM,
            level_lufs=LEVEL_LUFS,
            fingerprint=f"espeak pyttsx3 {version('pyttsx3')} {_engine_version()} {self._variant}",
            deterministic=not OWN_VOICES,
        )

    @classmethod
    def entry(cls, variant: str = "") -> Entry:
        """What there is to know of the voice; looks at the packages' files only, starts nothing.

        Raises UsageError for a variant that espeak-ng does not have.
        """
        missing = [name for name in _packages() if find_spec(name) is None]
        problem = f"{' and '.join(missing)} cannot be imported" if missing else ""
        if not OWN_VOICES and not missing:
            engine_name(variant or DEFAULT)
        language = (variant or DEFAULT).partition("+")[0] or "the system's"
        name = f"espeak:{variant}" if variant else "espeak"
        spoken = "" if problem or OWN_VOICES else languages().get(language, "")
        title = f"{TITLE}: {spoken}" if variant and spoken else TITLE
        return Entry(name, title, language, LICENCE, SOURCE, problem, REMEDY if problem else "")

    @classmethod
    def variants(cls) -> tuple[str, ...]:
        """The languages of espeak-ng; nothing where the system has voices of its own."""
        return () if OWN_VOICES or find_spec("espeakng_loader") is None else tuple(languages())

    def synthesize(
        self, text: str, wpm: int, seed: int, phonemes: tuple[tuple[int, int, str], ...] = ()
    ) -> NDArray[np.float32]:
        """Mono samples in [-1, 1] at ``info.rate_hz``. ``seed`` and ``phonemes`` change nothing.

        Raises VoiceError for a text that has no word, or, in English, letters that are not Latin (espeak would name
        them one by one); for a pace outside ``info.speeds``; and where the engine failed three times.
        """
        slowest, fastest = self.info.speeds
        if not slowest <= wpm <= fastest:
            raise VoiceError(f'the voice "espeak" speaks {slowest} to {fastest} words a minute, not {wpm}.')
        _check(text, self._variant)
        rate = wpm if OWN_VOICES else round(float(np.interp(wpm, WPM, RATES)))
        samples, rate_hz = self._sound(text, rate)
        if rate_hz != self.info.rate_hz:
            raise VoiceError(f'the voice "espeak" spoke at {rate_hz} Hz, not at {self.info.rate_hz}.', hint=REMEDY)
        return samples

    def close(self) -> None:
        """End the child process and remove its folder."""
        with self._lock:
            self._end()

    def _sound(self, text: str, rate: int) -> tuple[NDArray[np.float32], int]:
        """(samples, sample rate) of the text, after as many attempts as it takes."""
        with self._lock:
            problem = ""
            for _ in range(ATTEMPTS):
                problem, samples, rate_hz = self._attempt(text, rate)
                if not problem:
                    return samples, rate_hz
            raise VoiceError(f'the voice "espeak" could not speak "{text}": {problem}.', hint="narration doctor")

    def _attempt(self, text: str, rate: int) -> tuple[str, NDArray[np.float32], int]:
        """(what went wrong or nothing, samples, sample rate) of one request to the child."""
        import soundfile

        nothing = np.zeros(0, np.float32)
        child, folder = self._started()
        path = Path(folder) / "utterance"
        path.unlink(missing_ok=True)
        voice = self._variant if OWN_VOICES else engine_name(self._variant)
        answer = _ask(child, {"text": text, "voice": voice, "rate": rate, "name": path.name})
        if answer is None:
            self._end()
            return "its process ended", nothing, 0
        if answer:
            return answer, nothing, 0
        try:
            sound, rate_hz = soundfile.read(path, dtype="float32")
            samples = np.asarray(sound, np.float32)
            trim(samples, rate_hz)
        except (soundfile.LibsndfileError, ValueError):  # no file, not a sound, or no speech in it
            return "it made no sound", nothing, 0
        return "", samples, rate_hz

    def _started(self) -> tuple[subprocess.Popen[str], str]:
        """The child, started if need be, and its folder."""
        if self._child is None or self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="narration-espeak-", ignore_cleanup_errors=True)
            self._child = subprocess.Popen(
                # -P: a file of the user's named like one of our imports must not be imported
                [sys.executable, "-P", "-m", "narration.voices.espeak_child", self._folder.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # it forks, which wants one thread
            )
        return self._child, self._folder.name

    def _end(self) -> None:
        if self._child is not None:
            try:
                self._child.communicate(timeout=GRACE_S)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.communicate()
            self._child = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _ask(child: subprocess.Popen[str], request: dict[str, str | int]) -> str | None:
    """The child's answer: nothing if all went well, the problem, or None if the child ended or had to be ended."""
    if child.stdin is None or child.stdout is None:
        return None
    timer = threading.Timer(2 * LIMIT_S, child.kill)
    timer.start()
    try:
        child.stdin.write(json.dumps(request) + "\n")
        child.stdin.flush()
        line = child.stdout.readline()
    except BrokenPipeError:
        return None
    finally:
        timer.cancel()
    return str(json.loads(line).get("error", "")) if line.endswith("\n") else None


def _check(text: str, variant: str) -> None:
    letters = [character for character in text if character.isalpha()]
    if not any(character.isalnum() for character in text):
        raise VoiceError(f'the voice "espeak" found no word in "{text}".')
    foreign = {letter for letter in letters if not unicodedata.name(letter, "").startswith("LATIN")}
    if foreign and variant.startswith("en"):
        named = ", ".join(f'"{letter}"' for letter in sorted(foreign))
        raise VoiceError(
            f'the voice "espeak:{variant}" cannot say {named} in "{text}".', hint="espeak in that language"
        )


def _packages() -> tuple[str, ...]:
    """What must be importable for pyttsx3 to speak on this system."""
    return ("pyttsx3", {"darwin": "objc", "win32": "comtypes"}.get(sys.platform, "espeakng_loader"))


def _engine_version() -> str:
    return f"{sys.platform} {platform.version()}" if OWN_VOICES else f"espeakng-loader {version('espeakng-loader')}"
