"""What there is: the built-in sessions, voices and backgrounds as rows, each with language, licence and source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from . import backgrounds, voices
from .script import parse
from .script.builtin import Source, courses, find, lessons
from .script.builtin import names as script_names
from .timing import format_duration

Row = dict[str, Any]


def script_rows() -> list[Row]:
    """A row for each built-in session, then one for each lesson of the courses."""
    alone = [_script_row(find(name), name) for name in script_names()]
    taught = [(course, lesson) for course in courses() for lesson in lessons(course)]
    return alone + [{**_script_row(lesson, f"{course}/{lesson.stem}"), "course": course} for course, lesson in taught]


def _script_row(source: Source, name: str) -> Row:
    document = parse(source.text, source.name)
    return {
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
        "album": document.album,
        "course": "",
        "licence": "MIT",
        "sources": list(document.sources),
        "reviewed_by": document.reviewed_by,
    }


def show_scripts(rows: Sequence[Row]) -> str:
    """The sessions for people: name, title, lengths, for whom, in which posture, and one line about each."""
    lines = []
    for row in rows:
        about = re.split(r"(?<=[.!?])\s", " ".join(row["description"].split()))[0]
        lines += [
            f"{row['name']}: {row['title']}",
            f"    {', '.join(row['lengths'])}; {row['audience']}, ending {row['ending']}; {row['posture']}",
            f"    {about}",
        ]
    return "\n".join(lines)


def voice_rows() -> list[Row]:
    """A row for each registered voice, the preferred ones first; ``variants`` are what may follow its name."""
    return [_voice_row(entry) | {"variants": list(voices.variants(entry.name))} for entry in voices.entries()]


def variant_rows(name: str) -> list[Row]:
    """A row for a voice, or, where it has variants and none is named, for each of them."""
    found = [] if ":" in name else voices.variants(voices.entry(name).name)
    return [_voice_row(voices.entry(each)) for each in ([f"{name}:{variant}" for variant in found] or [name])]


def _voice_row(entry: voices.Entry) -> Row:
    return {
        "name": entry.name,
        "title": entry.title,
        "language": entry.language,
        "licence": entry.licence,
        "source": entry.source,
        "works": entry.available,
        "problem": entry.problem,
        "remedy": entry.remedy,
    }


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
