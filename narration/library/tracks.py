"""The tracks of a folder: what narration wrote beside each, read back as values a stranger could not break.

Everything in a report may come from a stranger's script or have been changed since: wrong types fall back to nothing,
and characters that XML and UTF-8 do not know are dropped here, once.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from ..files import made_by_narration

SITE = "player"  # the folder of the site's own files, in the library
TYPES = {  # what is listed, the kinds that most browsers and podcast players know first
    **{".mp3": "audio/mpeg", ".m4b": "audio/mp4", ".m4a": "audio/mp4", ".opus": "audio/ogg"},
    **{".ogg": "audio/ogg", ".flac": "audio/flac", ".wav": "audio/wav"},
}
_RANK = {suffix: rank for rank, suffix in enumerate(TYPES)}
_OURS = UUID("8f3c2b51-6d0e-5a94-9b7e-0c1d5e2f7a36")  # the namespace of our GUIDs; any fixed one does
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


@dataclass(frozen=True)
class Tail:
    """The background after the last word: its name, its loudness in LUFS, and when it begins, in seconds."""

    background: str
    lufs: float
    start: float


@dataclass(frozen=True)
class Track:
    """One finished track. ``name`` is its path in the library with forward slashes; ``version`` hangs on its bytes."""

    path: Path
    name: str
    guid: str
    version: str
    title: str
    seconds: float
    size_bytes: int
    chapters: tuple[tuple[float, str], ...]
    tail: Tail | None
    album: str = ""
    number: int = 0  # in the album; 0 where none is known
    author: str = ""
    voice: str = ""
    synthetic: bool = True
    description: str = ""
    notes: str = ""
    language: str = "en"
    ending: str = "return"
    audience: str = "general"
    pace: str = "day"
    posture: str = ""
    reviewed_by: str = ""

    @property
    def spoken_by(self) -> str:
        """``heart, a synthetic voice``: who speaks, with the disclosure; empty where no voice is named."""
        return self.voice + ", a synthetic voice" * self.synthetic if self.voice else ""

    def beside(self, suffix: str) -> str | None:
        """The name of its sidecar with that suffix, where there is one."""
        there = self.path.with_suffix(suffix)
        return str(Path(self.name).with_suffix(suffix).as_posix()) if there.is_file() else None


@dataclass(frozen=True)
class LeftOut:
    """A sound file that is not listed, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: left out, {self.why}"


def gather(folder: Path) -> tuple[tuple[Track, ...], tuple[LeftOut, ...]]:
    """Every track below ``folder`` that narration made, by name, and every other sound file with the reason."""
    tracks: list[Track] = []
    left: list[LeftOut] = []
    for _, same in groupby(sorted(_sounds(folder), key=lambda path: str(path.with_suffix(""))), _stem):
        first, *others = sorted(same, key=lambda path: (not made_by_narration(path), _RANK[path.suffix.lower()]))
        found = _read(first, folder)
        if isinstance(found, Track):
            tracks.append(found)
        else:
            left.append(found)
        left += [LeftOut(_name(path, folder), f"it is {first.name} in another format") for path in others]
    return tuple(tracks), tuple(left)


def _stem(path: Path) -> Path:
    return path.with_suffix("")


def _sounds(folder: Path) -> Iterator[Path]:
    """Sound files below the folder: nothing hidden, no link to elsewhere, nothing of the site's own."""
    for where, inside, files in os.walk(folder):
        top = Path(where) == folder
        inside[:] = sorted(name for name in inside if name[0] != "." and not (top and name == SITE))
        for name in files:
            path = Path(where, name)
            if path.suffix.lower() in TYPES and name[0] != "." and not path.is_symlink():
                yield path


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _read(path: Path, folder: Path) -> Track | LeftOut:
    name = _name(path, folder)
    try:
        name.encode()
        fields = json.loads(path.with_suffix(".json").read_bytes())
        with path.open("rb") as file:
            digest, size_bytes = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
    except UnicodeError:
        return LeftOut(ascii(name)[1:-1], "its name, or its report, is not UTF-8")
    except FileNotFoundError:
        return LeftOut(name, "there is no report beside it; narration render writes both")
    except OSError as error:
        return LeftOut(name, f"it cannot be read: {error.strerror}")
    except (ValueError, RecursionError):
        return LeftOut(name, "the report beside it is damaged; render it again")
    return _track(path, name, digest, size_bytes, fields) or LeftOut(name, "the report beside it is not narration's")


def _track(path: Path, name: str, digest: str, size_bytes: int, fields: Any) -> Track | None:
    if not isinstance(fields, dict) or not str(fields.get("generator", "")).startswith("narration "):
        return None
    title, seconds = _line(fields, "title"), _number(fields.get("seconds"))
    if not title or seconds is None or seconds <= 0 or not made_by_narration(path):
        return None
    album = _line(fields, "album")
    told = digest + json.dumps(fields, sort_keys=True)
    number = re.match(r"\d{1,4}", _line(fields, "track"))
    plain = {
        name: _line(fields, name) or getattr(Track, name)
        for name in ("author", "voice", "language", "ending", "audience", "pace", "posture", "reviewed_by")
    }
    return Track(
        path=path,
        name=name,
        guid=str(uuid5(_OURS, json.dumps([album, title, name]))),
        version=hashlib.sha256(told.encode()).hexdigest()[:10],
        title=title,
        seconds=seconds,
        size_bytes=size_bytes,
        chapters=tuple(_chapters(fields.get("chapters"), seconds)),
        tail=_tail(fields),
        album=album,
        number=int(number[0]) if number else 0,
        synthetic=fields.get("synthetic") is not False,
        description=_unwrapped(_text(fields, "description")),
        notes=_unwrapped(_text(fields, "notes")),
        **plain,
    )


def _chapters(found: Any, seconds: float) -> Iterator[tuple[float, str]]:
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict) and 0 <= (start := _number(one.get("start")) or 0.0) < seconds:
            yield start, _line(one, "title") or "…"


def _tail(fields: Mapping[str, Any]) -> Tail | None:
    told, spans = fields.get("tail"), fields.get("spans")
    last = spans[-1] if isinstance(spans, list) and spans else None
    if not isinstance(told, dict) or not isinstance(last, dict) or last.get("kind") != "tail":
        return None
    name, lufs, start = _line(told, "background"), _number(told.get("lufs")), _number(last.get("start"))
    return Tail(name, lufs, start) if name and lufs is not None and start is not None else None


def _text(fields: Mapping[str, Any], name: str) -> str:
    found = fields.get(name)
    return _NOT_XML.sub("", found).strip() if isinstance(found, str) else ""


def _unwrapped(text: str) -> str:
    """A text without the line ends inside its sentences; those between sentences stay."""
    return re.sub(r"(?<![.!?:\n])\n(?!\n)", " ", text.replace("\r", ""))


def _line(fields: Mapping[str, Any], name: str) -> str:
    return " ".join(_text(fields, name).split())


def _number(found: Any) -> float | None:
    return float(found) if isinstance(found, (int, float)) and abs(found) < 1e9 else None  # nan is not less
