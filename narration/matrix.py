"""A matrix: one TOML file that asks for many tracks, every script at every length, voice, background and format."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from glob import glob
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from . import backgrounds
from .blend import OFF, read_blend, spell_blend
from .encode import FORMATS, Target, target_for
from .errors import NarrationError, Place, Problem, ScriptError, UsageError, nearest
from .script.builtin import Source, courses, find, lessons
from .script.front_matter import ONE
from .text import load, table
from .timing import format_duration
from .wishes import Wishes, tag_fault

MOST = 10_000  # tracks: more than a life of evenings; a slip of the hand asks for more
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Wanted:
    """One track to be made: its script, what is asked over the script's own word, and where it goes."""

    source: Source
    wishes: Wishes
    target: Target

    @property
    def speaks(self) -> tuple[object, ...]:
        """What decides its lines, but for its length: tracks of the same have most of them in common."""
        return self.source.name, self.wishes.voice


def read(path: Path, usual: Path, output: Path | None = None) -> tuple[Wanted, ...]:
    """The tracks that a matrix asks for, one script's after the other's.

    They go to the folder ``output``, else to the matrix's own, else to the ``usual`` one. Scripts, backgrounds and the
    matrix's own folder are looked for beside it. A name has what the tracks differ in, ``bedtime-20m-rain.mp3``;
    several formats have a folder each. Raises ScriptError with every problem of the matrix.
    """
    text = load(path)
    asked, problems = _asked(table(text, str(path)), text)
    by_axis, faults = _meant(asked, text, path.parent)
    problems += [*faults, *_misfits(by_axis["formats"], asked.get("bitrate"), text)]
    if problems:
        raise ScriptError(str(path), problems)
    folder = output or (path.parent / asked["output"] if "output" in asked else usual)
    if (count := prod(map(len, by_axis.values()))) > MOST:
        raise NarrationError(f"{count:,} tracks; expected at most {MOST:,}.", Place(str(path)), "several matrices")
    tracks = tuple(_tracks(by_axis, asked, folder))
    _check_names(tracks, path)
    return tracks


def _tracks(by_axis: Mapping[str, list[Any]], asked: Mapping[str, Any], folder: Path) -> Iterator[Wanted]:
    wishes = Wishes(**{field: asked[key] for key, field in _WISHES.items() if key in asked})
    several = {axis for axis, values in by_axis.items() if len(values) > 1}
    for source, length, voice, background, format_ in product(*by_axis.values()):
        told = {"lengths": _length_told(length), "voices": voice, "backgrounds": _background_told(background)}
        name = "-".join([source.stem, *(_slug(told[axis]) for axis in told if axis in several)])
        at = folder / format_ if "formats" in several else folder
        target = target_for(at / f"{name}{FORMATS[format_].suffix}", format_, asked.get("bitrate"))
        yield Wanted(source, replace(wishes, length=length, voice=voice, background=background), target)


def _check_names(tracks: Iterable[Wanted], path: Path) -> None:
    seen: dict[str, Wanted] = {}
    for one in tracks:
        if (other := seen.setdefault(str(one.target.path).casefold(), one)) is not one:
            fault = f"{other.source.name} and {one.source.name} would be written to the same {one.target.path}."
            raise NarrationError(fault, Place(str(path)), "another name for one of the files")


# --- what stands in the file ---


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"found {value!r}, expected a text in quotes")
    return value.strip()


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"found {value!r}, expected a number")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"found {value!r}, expected a whole number")
    return value


def _several(value: Any) -> tuple[str, ...]:
    """One or more texts, each once."""
    if not isinstance(value, str | list) or not value:
        raise ValueError(f'found {value!r}, expected one or more, as in ["one", "two"]')
    return tuple(dict.fromkeys(map(_text, [value] if isinstance(value, str) else value)))


def _as_in_scripts(key: str) -> Callable[[Any], Any]:
    return lambda value: ONE[key](_text(value))


def _tags(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError(f'found {value!r}, expected a table such as [tags] with album = "Quiet evenings"')
    texts = {name: str(one) if isinstance(one, int) else _text(one) for name, one in value.items()}
    for name, one in texts.items():
        if fault := tag_fault(name, one):
            raise ValueError(fault)
    return texts


KEYS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("scripts", "lengths", "voices", "backgrounds", "formats", "unsafe-ok"), _several),
    **{key: _as_in_scripts(key) for key in ("ending", "audience", "pace", "tail")},
    **dict.fromkeys(("output", "bitrate"), _text),
    **dict.fromkeys(("loudness", "background-level"), _number),
    "seed": _whole,
    "tags": _tags,
}
_WISHES = {  # keys of the matrix, and the wish that each is
    **{key: key for key in ("ending", "audience", "pace", "tail", "seed", "loudness", "tags")},
    "background-level": "background_level",
    "unsafe-ok": "unsafe_ok",
}


def _asked(found: Mapping[str, Any], text: str) -> tuple[dict[str, Any], list[Problem]]:
    """What stands in a matrix, read; and what is wrong with it."""
    asked: dict[str, Any] = {}
    problems = []
    for key, value in found.items():
        if key not in KEYS:
            problems.append(Problem(_line_of(text, key), f'unknown key "{key}" ({nearest(key, KEYS)}).'))
            continue
        try:
            asked[key] = KEYS[key](value)
        except ValueError as error:
            problems.append(Problem(_line_of(text, key), f"{key}: {error}."))
    if "scripts" not in found:
        problems.append(Problem(1, "no scripts; expected the names of one or more.", 'scripts = ["bedtime"]'))
    return asked, problems


def _meant(asked: Mapping[str, Any], text: str, folder: Path) -> tuple[dict[str, list[Any]], list[Problem]]:
    """What the names on each axis mean, each once; and what is wrong with them."""
    by_axis: dict[str, list[Any]] = {}
    problems = []
    for axis, (meant, default) in _AXES.items():
        values: dict[Any, None] = {}
        for name in asked.get(axis, ()):
            try:
                values.update(dict.fromkeys(meant(name, folder)))
            except NarrationError as error:
                problems.append(Problem(_line_of(text, axis), error.message, error.hint))
            except ValueError as error:
                problems.append(Problem(_line_of(text, axis), f"{axis}: {error}.", getattr(error, "hint", "")))
        by_axis[axis] = list(values) or default
    return by_axis, problems


def _misfits(formats: Iterable[str], bitrate: str | None, text: str) -> Iterator[Problem]:
    """What is wrong with a bitrate for each of the formats."""
    for format_ in formats:
        try:
            target_for(Path(), format_, bitrate)
        except UsageError as error:
            yield Problem(_line_of(text, "bitrate"), error.message, error.hint)


def _line_of(text: str, key: str) -> int:
    found = re.search(rf"^[ \t]*\[?[ \t]*[\"']?{re.escape(key)}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


# --- what the values of an axis mean ---


def _scripts(name: str, folder: Path) -> list[Source]:
    """A file beside the matrix, the files that a pattern matches, a built-in session, or a course's lessons."""
    if os.path.isfile(folder / name):
        return [find(str(folder / name))]
    if _GLOB.search(name):
        paths = sorted(filter(os.path.isfile, glob(str(folder / name), recursive=True)))
        if not paths:
            raise ValueError(f'no file matches "{name}"')
        return [find(path) for path in paths]
    if name == "-":
        raise ValueError("standard input cannot be read again for each track; expected a file")
    return list(lessons(name)) if name in courses() else [find(name)]


def _lengths(length: str, _: Path) -> list[Fraction]:
    seconds: Fraction = ONE["length"](length)
    return [seconds]


def _voices(name: str, _: Path) -> list[str]:
    return [name]


def _backgrounds(name: str, folder: Path) -> list[str]:
    """A background's name, the files in it that lie beside the matrix as paths from here."""
    known = (*backgrounds.names(), OFF)
    if name not in known and os.path.exists(folder / name):
        return [str(folder / name)]
    beside = [
        one._replace(name=str(folder / one.name))
        if one.name not in known and os.path.exists(folder / one.name)
        else one
        for one in read_blend(name)
    ]
    return [spell_blend(tuple(beside))]


def _formats(name: str, _: Path) -> list[str]:
    if name not in FORMATS:
        raise ValueError(f'there is no format "{name}"; {nearest(name, FORMATS)}')
    return [name]


_AXES: dict[str, tuple[Callable[[str, Path], list[Any]], list[Any]]] = {  # what a value means; what no value means
    "scripts": (_scripts, []),
    "lengths": (_lengths, [None]),
    "voices": (_voices, [""]),
    "backgrounds": (_backgrounds, [""]),
    "formats": (_formats, ["mp3"]),
}


def _length_told(length: Fraction | None) -> str:
    return format_duration(length).replace(" min", "m").replace(" ", "") if length else ""


def _background_told(name: str) -> str:
    """``sea``, ``canon-rain-6``: files by their stems, gains with their signs."""
    if os.path.exists(name):
        return Path(name).stem
    parts = read_blend(name)
    stems = (Path(one.name).stem if os.path.exists(one.name) else one.name for one in parts)
    return "-".join(stem + (f"{one.gain_lu:+g}" if one.gain_lu else "") for stem, one in zip(stems, parts, strict=True))


def _slug(told: str) -> str:
    """A text as part of a file's name."""
    return re.sub(r"[^\w.+]+", "-", told).strip("-.")
