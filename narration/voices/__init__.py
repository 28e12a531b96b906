"""Voices: what one must tell and do, and where they are found.

A voice is a class whose instances follow :class:`Voice`, registered under the entry-point group ``narration.voices``.
The built-in ones are registered in this project's own pyproject.toml, the same way as a stranger's package would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import NarrationError, UsageError, nearest

GROUP = "narration.voices"
PREFERRED = ("heart", "espeak")  # the default is the first of these that works on this machine


@dataclass(frozen=True)
class VoiceInfo:
    """What a voice says of itself.

    ``rate_hz`` is the sample rate of what it synthesises; ``speeds`` the (slowest, fastest) words a minute it can be
    asked for, and ``wpm`` its natural pace, both within the phrase; ``level_lufs`` the BS.1770 loudness of its speech,
    mono, as it comes, measured once, so that one constant gain serves every line and a soft line stays soft.
    ``fingerprint`` names all that decides its sound (engine, version, model checksum, threads): part of a clip's key.
    """

    name: str
    title: str
    language: str
    licence: str
    source: str
    rate_hz: int
    wpm: int
    speeds: tuple[int, int]
    level_lufs: float
    fingerprint: str
    deterministic: bool = True
    synthetic: bool = True
    can: frozenset[str] = frozenset()  # inline marks it follows within a line: rate, emphasis, volume, ipa


class VoiceError(NarrationError):
    """A voice could not speak a line, or does not work on this machine."""


class Voice(Protocol):
    """A voice, ready to speak. Making one may take seconds and never downloads anything."""

    info: VoiceInfo

    def synthesize(
        self, text: str, wpm: int, seed: int, phonemes: tuple[tuple[int, int, str], ...] = ()
    ) -> NDArray[np.float32]:
        """Mono samples in [-1, 1] at ``info.rate_hz`` of ``text`` spoken at about ``wpm`` words a minute.

        Silence around the speech is welcome: the caller trims. ``phonemes`` are (start, end, IPA) of stretches of the
        text. A voice whose ``info.can`` has rate, volume or emphasis also takes ``manners``, a tuple of
        :class:`narration.manner.Manner`, for stretches of the text; whole lines need nothing of it. Raises VoiceError
        naming the text where it cannot be spoken; never returns silence for a text. May be called from several threads
        at once.
        """
        ...

    def close(self) -> None:
        """Let go of the model, or end the child process."""
        ...


@dataclass(frozen=True)
class Entry:
    """A voice that is registered: whether it works here, and if not, why and what to do."""

    name: str
    title: str
    language: str
    licence: str
    source: str
    problem: str = ""
    remedy: str = ""

    @property
    def available(self) -> bool:
        """Whether it works on this machine."""
        return not self.problem


def _points() -> dict[str, Any]:
    return {point.name: point for point in entry_points(group=GROUP)}


def names() -> tuple[str, ...]:
    """The registered voices, the preferred ones first."""
    known = _points()
    first = [name for name in PREFERRED if name in known]
    return (*first, *sorted(set(known) - set(first)))


def entry(name: str) -> Entry:
    """What there is to know of a registered voice without making it: its class's ``entry()``.

    Raises UsageError for a name that is not registered.
    """
    base, _, variant = name.partition(":")
    known = _points()
    if base not in known:
        raise UsageError(f'unknown voice "{name}" ({nearest(base, known)}).', hint="narration voices")
    try:
        found: Entry = known[base].load().entry(variant)
    except ImportError as error:  # a stranger's package that is broken is told of, and breaks nothing else
        return Entry(
            base, base, "", "", known[base].value, f"it cannot be imported ({error})", "reinstalling its package"
        )
    return found


def entries() -> Iterator[Entry]:
    """Every registered voice, the preferred ones first."""
    return (entry(name) for name in names())


def variants(name: str) -> tuple[str, ...]:
    """What may follow ``name:`` for a registered voice, where its class tells by ``variants()``; else nothing."""
    found = getattr(_points()[name].load(), "variants", None)
    return tuple(found()) if found else ()


def add(name: str, source: Path | None = None) -> list[Path]:
    """The files of a voice that does not come with its package, put where it looks for them: its class's ``add()``.

    They come from ``source``, or from where the voice's makers offer them: the one thing here that uses the network.
    Raises UsageError for a voice with nothing to add, NarrationError where they cannot be had.
    """
    base, _, variant = name.partition(":")
    entry(name)
    found = getattr(_points()[base].load(), "add", None)
    if found is None:
        raise UsageError(f'the voice "{base}" has nothing to add.', hint="narration voices")
    added: list[Path] = found(variant, source)
    return added


def check(name: str) -> None:
    """Raise what :func:`load` would raise for the name: UsageError, or VoiceError with the remedy."""
    found = entry(name)
    if found.problem:
        raise VoiceError(f'the voice "{name}" does not work here: {found.problem}.', hint=found.remedy)


def load(name: str) -> Voice:
    """The voice of that name (``engine`` or ``engine:variant``), ready to speak.

    Raises UsageError for an unknown name, VoiceError with the remedy for one that does not work here.
    """
    check(name)
    base, _, variant = name.partition(":")
    voice: Voice = _points()[base].load()(variant)
    return voice


def default(language: str = "en") -> tuple[str, str]:
    """The name of the best voice for a language that works on this machine, and a word on why it is not the first.

    The word is empty if it is. For English that is the best of all; for another language the first voice that speaks
    it, or that has it as a variant (``espeak:de``). Raises VoiceError where none does.
    """
    tried = [entry(name) for name in names()]
    base = language.lower().split("-")[0]
    if base == "en":
        best = next((found for found in tried if found.available), None)
        if best is None:
            raise VoiceError("no voice works on this machine.", hint="narration doctor")
        first = tried[0]
        word = f'the voice "{first.name}" does not work here ({first.problem}); "{best.name}" speaks instead'
        return best.name, "" if best is first else word
    working = [found for found in tried if found.available]
    for found in working:
        if found.language.lower().split("-")[0] == base:
            return found.name, ""
        for variant in (language.lower(), base):
            if variant in variants(found.name):
                return f"{found.name}:{variant}", ""
    raise VoiceError(f'no voice on this machine is known to speak "{language}".', hint="narration voices, and --voice")
