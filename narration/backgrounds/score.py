"""How a piece of music is written down: the small notation of the files in ``scores/``, and its one reader.

A file begins with lines ``name: value`` (title, composer, year, metre, pace, level, pedal, play). Sections follow,
each named in brackets and holding voices, ``melody: bar | bar | ...``; ``play`` says which sections sound, in order.
All voices of a section have equally many bars, and every bar must fill the metre. In a bar:

    F#4:3       a note and its length in quarters (``:1/2``, ``:3/4``); without one, as long as the note before it
    C4,E4,G4    a chord, from the bottom up       ``.``  a rest
    D5~         tied into the next D5 of its voice   ``/C5``  a short grace note, at no cost of time
    C4*4        the note or chord four times     x2  all that stands before it in the bar, twice

    -           a whole bar of rest (``-3``: three)     %  the bar before again (``%3``: three times)

Lengths and times are exact fractions of a quarter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from .piano import pitch

VOICES = ("melody", "second", "inner", "low", "bass")  # from the top; any of them may be missing

_TOKEN = re.compile(r"(/)?(\.|[A-G][#b]*\d~?(?:,[A-G][#b]*\d~?)*)(?::(\d+(?:/\d+)?))?(?:\*(\d+))?")
_MANY = re.compile(r"([-%])(\d*)")


@dataclass(frozen=True)
class Written:
    """A note as written: which voice, when and how long in quarters, which pitch (MIDI)."""

    start: Fraction
    length: Fraction  # 0 for a grace note
    number: int
    voice: str
    tied: bool = False  # into the next note of its pitch; never so in a Piece, where tied notes are one


@dataclass(frozen=True, eq=False)  # equal only to itself: what is remembered of it is found without reading its notes
class Piece:
    """A whole piece, repeats played out. ``notes`` are in order of time, from the bottom up; the first starts at 0."""

    title: str
    composer: str
    year: int
    metre: Fraction  # quarters a bar
    pace: int  # quarters a minute
    level_db: float  # that brings it to the loudness of the others, measured
    pedal: Fraction  # quarters between changes of the pedal; 0 for none
    bars: int
    end: Fraction  # quarters from the first note to the last double bar
    notes: tuple[Written, ...]


@cache
def names() -> tuple[str, ...]:
    """The pieces there are, by the names of their files."""
    return tuple(sorted(path.name.removesuffix(".txt") for path in _folder().iterdir() if path.name.endswith(".txt")))


@cache
def piece(name: str) -> Piece:
    """The piece of that name."""
    return read(_folder().joinpath(f"{name}.txt").read_text("utf-8"))


def read(text: str) -> Piece:
    """A piece from its text. Raises ValueError, with the place, for what is not the notation or does not add up."""
    about, sections = _parts(text)
    metre, notes, bars = Fraction(about["metre"]), list[Written](), 0
    for name in about["play"].split():
        counts = set()
        for voice, line in sections[name].items():
            place = f"{name}, {voice}"
            measured = _bars(line, metre, place)
            counts.add(len(measured))
            for bar, content in enumerate(measured, bars):
                notes += [replace(note, start=note.start + bar * metre, voice=voice) for note in content]
        if len(counts) != 1:
            raise ValueError(f"{name}: voices of {sorted(counts)} bars")
        bars += counts.pop()
    joined = _ties(sorted(notes, key=lambda note: (note.start, note.number)))
    first = joined[0].start  # an upbeat is written with the rests before it, which are not waited for
    return Piece(
        about["title"],
        about["composer"],
        int(about["year"]),
        metre,
        int(about["pace"]),
        float(about["level"]),
        Fraction(about["pedal"]),
        bars,
        bars * metre - first,
        tuple(replace(note, start=note.start - first) for note in joined),
    )


def _folder() -> Traversable:
    return files(__package__).joinpath("scores")


def _parts(text: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    about: dict[str, str] = {}
    sections: dict[str, dict[str, str]] = {}
    into = about
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("["):
            into = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith(";"):
            name, colon, value = line.partition(":")
            if not colon or (into is not about and name not in VOICES):
                raise ValueError(f'"{line}": expected "name: value", in a section one of {", ".join(VOICES)}')
            into[name] = f"{into[name]} | {value.strip()}" if name in into else value.strip()
    return about, sections


def _bars(line: str, metre: Fraction, place: str) -> list[list[Written]]:
    """The bars of one voice, each with starts counted from its own beginning."""
    bars: list[list[Written]] = []
    length = Fraction(1)
    for text in line.split("|"):
        many = _MANY.fullmatch(text.strip())
        if many:
            bars += [bars[-1] if many[1] == "%" else []] * int(many[2] or 1)
            continue
        content, filled = list[Written](), Fraction(0)
        for token in text.split():
            if token[0] == "x":
                once, count = content, int(token[1:])
                content = [replace(note, start=note.start + i * filled) for i in range(count) for note in once]
                filled *= count
                continue
            found = _TOKEN.fullmatch(token)
            if not found:
                raise ValueError(f'{place}, bar {len(bars) + 1}: "{token}" is not a note')
            grace, pitches = found[1], found[2]
            length = Fraction(found[3]) if found[3] else length
            for _ in range(int(found[4] or 1)):
                for name in pitches.split(",") if pitches != "." else ():
                    note = pitch(name.rstrip("~"))
                    content.append(Written(filled, Fraction(0) if grace else length, note, "", name.endswith("~")))
                filled += 0 if grace else length
        if filled != metre:
            raise ValueError(f"{place}, bar {len(bars) + 1}: {filled} quarters, the metre has {metre}")
        bars.append(content)
    return bars


def _ties(notes: list[Written]) -> list[Written]:
    """Notes with the tied ones made one."""
    joined: list[Written] = []
    held: dict[tuple[str, int], int] = {}
    for note in notes:
        key = (note.voice, note.number)
        place = held.pop(key, None)
        if place is None:
            place = len(joined)
            joined.append(replace(note, tied=False))
        elif joined[place].start + joined[place].length != note.start:
            raise ValueError(f"a tie at quarter {joined[place].start} does not reach its note at {note.start}")
        else:
            joined[place] = replace(joined[place], length=joined[place].length + note.length)
        if note.tied:
            held[key] = place
    if held:
        raise ValueError(f"ties that end nowhere: {sorted(held)}")
    return joined
