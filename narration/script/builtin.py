"""The sessions that come with narration, and how a SCRIPT named on the command line becomes text."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError, nearest
from . import decode, load

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


def find(script: str) -> Source:
    """The script that a word on the command line means: a file, ``-`` for standard input, or a built-in name.

    Raises UsageError where it is none of these, NarrationError where the file cannot be read.
    """
    if script == "-":
        return Source(decode(sys.stdin.buffer.read(), "-"), "-", "session", Path.cwd())
    path = Path(script)
    if not path.is_file() and script in names():
        path = folder() / f"{script}{SUFFIX}"
        return Source(load(path), f"{script}{SUFFIX}", script, path.parent)
    if not path.exists():
        raise UsageError(
            f'no file "{script}", and no built-in session of that name ({nearest(script, names())}).',
            hint="narration scripts",
        )
    return Source(load(path), script, path.stem, path.resolve().parent, path)
