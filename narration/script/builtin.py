"""The sessions that come with narration, and how a SCRIPT named on the command line becomes text."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError, nearest
from ..text import decode, load

SUFFIX = ".md"
_HERE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Source:
    """A script found: its text, the name that messages give it, a stem for files, the folder beside it.

    ``path`` is its file, None where there is none that belongs to the user.
    """

    text: str
    name: str
    stem: str
    folder: Path
    path: Path | None = None


def folder() -> Path:
    """Where the built-in scripts are: inside the installed package, or beside it in a checkout."""
    inside = _HERE / "_scripts"
    return inside if inside.is_dir() else _HERE.parent / "scripts"


def names() -> tuple[str, ...]:
    """The built-in sessions, by name."""
    return tuple(sorted(path.stem for path in folder().glob(f"*{SUFFIX}")))


def courses() -> tuple[str, ...]:
    """The built-in courses, by name: folders of numbered lessons."""
    return tuple(sorted(path.parent.name for path in folder().glob(f"*/01-*{SUFFIX}")))


def lessons(course: str) -> tuple[Source, ...]:
    """The scripts of a built-in course, in order. Raises UsageError for a course there is not."""
    if course not in courses():
        raise UsageError(f'no course "{course}" ({nearest(course, courses())}).', hint="narration scripts")
    return tuple(_builtin(f"{course}/{path.stem}") for path in sorted((folder() / course).glob(f"*{SUFFIX}")))


def find(script: str) -> Source:
    """The script that a word on the command line means: a file, ``-`` for standard input, or a built-in name.

    A lesson of a course is ``course/lesson``. Raises UsageError where it is none of these, NarrationError where the
    file cannot be read.
    """
    if script == "-":
        return Source(decode(sys.stdin.buffer.read() if sys.stdin else b"", "-"), "-", "session", Path.cwd())
    path = Path(script)
    if not os.path.isfile(path) and script in (
        *names(),
        *(f"{course}/{stem}" for course in courses() for stem in _stems(course)),
    ):
        return _builtin(script)
    if not os.path.exists(path):
        if script in courses():
            fault = f'"{script}" is a course of {len(_stems(script))} lessons.'
            raise UsageError(fault, hint=f"narration course {script} -o {script}")
        raise UsageError(
            f'no file "{script}", and no built-in session of that name ({nearest(script, names())}).',
            hint="narration scripts",
        )
    return Source(load(path), script, path.stem, path.resolve().parent, path)


def _stems(course: str) -> tuple[str, ...]:
    return tuple(path.stem for path in (folder() / course).glob(f"*{SUFFIX}"))


def _builtin(name: str) -> Source:
    path = folder() / f"{name}{SUFFIX}"
    return Source(load(path), f"{name}{SUFFIX}", path.stem, path.parent)
