"""How words are said: pronunciations kept in files, written into a document as inline marks.

A lexicon is a TOML file: ``lexicon.toml`` in the user's configuration folder and beside the script, and
``NAME.lexicon.toml`` beside ``NAME.md``. Where two tell of one word, the one nearer to the script holds; what the
script itself marks holds over all of them.

Conventions: an entry in small letters is meant in any case, one with a capital letter only as it is written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import platformdirs

from .document import Document, Inline, Node, Repeat, Say, Section, Sides, When
from .errors import NarrationError, Place
from .text import load, table

NAME = "lexicon.toml"
EXAMPLE = 'Jacobson = "/ˈdʒeɪkəbsən/" or qigong = "chee gung"'


@dataclass(frozen=True)
class Sound:
    """How a word is said: ``ipa`` for voices that follow it, ``say`` (another spelling) for the others; or one."""

    ipa: str = ""
    say: str = ""


@dataclass(frozen=True)
class Lexicon:
    """Words and how they are said; empty by default."""

    sounds: Mapping[str, Sound] = field(default_factory=dict)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        words = sorted(self.sounds, key=len, reverse=True)  # of two that begin alike the longer is meant
        each = (re.escape(word) if word != word.lower() else f"(?i:{re.escape(word)})" for word in words)
        return re.compile(rf"(?<![\w-])(?:{'|'.join(each)})(?![\w-])")

    def marks(self, text: str, taken: tuple[Inline, ...] = ()) -> tuple[Inline, ...]:
        """The marks ``ipa`` and ``sub`` for the words of a text, but for stretches that have such a mark already."""
        return tuple(self._marks(text, [mark for mark in taken if mark.kind in ("ipa", "sub")]))

    def _marks(self, text: str, taken: list[Inline]) -> Iterator[Inline]:
        if not self.sounds:
            return
        for found in self._pattern.finditer(text):
            if any(mark.start < found.end() and found.start() < mark.end for mark in taken):
                continue
            sound = self.sounds.get(found[0]) or self.sounds[found[0].lower()]
            if sound.ipa:
                yield Inline(*found.span(), "ipa", sound.ipa)
            if sound.say:
                yield Inline(*found.span(), "sub", sound.say)


def config_folder() -> Path:
    """Where the user's own lexicon lies: ``NARRATION_CONFIG``, or the user's configuration folder of the system."""
    named = os.environ.get("NARRATION_CONFIG")
    return Path(named) if named else platformdirs.user_config_path("narration")


def beside(folder: Path | None, stem: str) -> Lexicon:
    """The lexicon for a script of this name in this folder: the user's, the folder's and its own, the last ones first.

    Raises NarrationError for a file that is not a lexicon.
    """
    places = [config_folder() / NAME, *([folder / NAME, folder / f"{stem}.{NAME}"] if folder else [])]
    return Lexicon({word: sound for path in places if os.path.isfile(path) for word, sound in read(path).items()})


def read(path: Path) -> dict[str, Sound]:
    """The words of a lexicon file. Raises NarrationError, with the line, for what is not one."""
    text = load(path)
    words = table(text, str(path), EXAMPLE)
    return {" ".join(word.split()): _sound(word, value, path, text) for word, value in words.items()}


def _sound(word: str, value: Any, path: Path, text: str) -> Sound:
    """``"/ipa/"``, ``"respelling"`` or ``{ ipa = "…", say = "…" }``."""
    fields = {"ipa": value} if _is_ipa(value) else {"say": value} if isinstance(value, str) else value
    good = isinstance(fields, dict) and fields and set(fields) <= {"ipa", "say"} and any(map(str.isalnum, word))
    if not good or not all(isinstance(each, str) and any(map(str.isalpha, each)) for each in fields.values()):
        line = next((at for at, row in enumerate(text.split("\n"), 1) if word in row), 1)
        fault = f'"{word}": found {_shown(value)}, expected IPA between slashes, another spelling, or a table of both.'
        raise NarrationError(fault, Place(str(path), line), EXAMPLE)
    return Sound(fields.get("ipa", "").strip().strip("/"), fields.get("say", "").strip())


def _is_ipa(value: Any) -> bool:
    return isinstance(value, str) and len(value) > 2 and value.strip()[0] == value.strip()[-1] == "/"


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else type(value).__name__


def pronounced(document: Document, lexicon: Lexicon) -> Document:
    """The document with the lexicon's marks on its lines."""
    return replace(document, body=_pronounced(document.body, lexicon)) if lexicon.sounds else document


def _pronounced(nodes: tuple[Node, ...], lexicon: Lexicon) -> tuple[Node, ...]:
    out: list[Node] = []
    for node in nodes:
        match node:
            case Say(text=text, inline=inline):
                out.append(replace(node, inline=(*inline, *lexicon.marks(text, inline))))
            case When():
                body, otherwise = _pronounced(node.body, lexicon), _pronounced(node.otherwise, lexicon)
                out.append(replace(node, body=body, otherwise=otherwise))
            case Repeat() | Sides() | Section():
                out.append(replace(node, body=_pronounced(node.body, lexicon)))
            case _:
                out.append(node)
    return tuple(out)
