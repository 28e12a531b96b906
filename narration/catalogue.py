"""What there is: the built-in sessions, voices and backgrounds as rows, each with language, licence and source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import backgrounds, voices
from .script import parse
from .script.builtin import find
from .script.builtin import names as script_names
from .timing import format_duration

Row = dict[str, Any]


def script_rows() -> list[Row]:
    """A row for each built-in session."""
    rows = []
    for name in script_names():
        document = parse(find(name).text, name)
        rows.append(
            {
                "name": name,
                "title": document.title,
                "description": document.description,
                "language": document.language,
                "lengths": [format_duration(length) for length in document.lengths],
                "ending": document.ending,
                "audience": document.audience,
                "pace": document.pace,
                "posture": document.posture,
                "tension": document.tension,
                "tags": list(document.tags),
                "licence": "MIT",
                "sources": list(document.sources),
                "reviewed_by": document.reviewed_by,
            }
        )
    return rows


def voice_rows() -> list[Row]:
    """A row for each registered voice, the preferred ones first."""
    return [
        {
            "name": entry.name,
            "title": entry.title,
            "language": entry.language,
            "licence": entry.licence,
            "source": entry.source,
            "works": entry.available,
            "problem": entry.problem,
            "remedy": entry.remedy,
        }
        for entry in voices.entries()
    ]


def background_rows() -> list[Row]:
    """A row for each registered background, and one for silence."""
    rows = []
    for name in backgrounds.names():
        sound = backgrounds.load(name, seed=0)
        if sound is not None:
            info = sound.info
            rows.append(
                {
                    "name": name,
                    "title": info.title,
                    "kind": info.kind,
                    "language": "",
                    "licence": info.licence,
                    "source": info.source,
                }
            )
    return rows


def show(rows: Sequence[Row], columns: Sequence[str]) -> str:
    """The rows as a table for people, one line each, columns lined up."""
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    widths = [max(len(line[index]) for line in [list(columns), *cells]) for index in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in [list(columns), *cells]
    ]
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)
