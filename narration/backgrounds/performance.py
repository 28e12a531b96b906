"""How a written piece is played: slowly, softly, with a hand's freedom of time and touch, and a pedal.

A performance is a pure function of the piece, a seed and a name. Its length is that of the piece at its pace, whatever
the freedom taken, so that it is known where the next piece begins without playing this one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .chance import Floats, drift, uniform
from .piano import Note
from .score import Piece, Written

_TOUCH = {"melody": 0.40, "second": 0.30, "inner": 0.24, "low": 0.26, "bass": 0.29}
_STEPS = 4  # points of the time map in a quarter
_FREEDOM = 0.03  # how far the tempo moves either way, over some 16 quarters
_SLOWING = 0.30  # of the last quarters before the end, which come 30 % slower
_SLOWING_QUARTERS = 8.0
_EARLY_S = 0.16  # a grace note before its note
_ROLLED_S = 0.028  # between the notes of a chord, from the bottom up: no chord comes as one blow
_LATE_S = 0.018  # chance lateness of any note
_OVERLAP = 1.08  # legato without the pedal


@dataclass(frozen=True)
class Performance:
    """Notes in order of time. ``starts`` and ``ends``, shape (notes,), are in seconds from the first note."""

    notes: tuple[Note, ...]
    starts: Floats
    ends: Floats
    inner: Floats  # how much each belongs to the harmony, 0 to 1: a melody does less


def length_s(piece: Piece) -> float:
    """How long any performance of the piece takes, from its first note to the last double bar."""
    return float(piece.end) * 60.0 / piece.pace


def performed(piece: Piece, seed: int, name: str, shift: int) -> Performance:
    """The piece ``shift`` semitones higher; another ``name``, another evening."""
    quarters, seconds = _time_map(piece, seed, name)
    chance = uniform(seed, f"{name} hand", 0, 2 * len(piece.notes)).reshape(2, -1)
    sung = {(written.start, written.number) for written in piece.notes if written.voice == "melody"}
    thick = Counter((written.start, written.voice == "melody") for written in piece.notes)
    rank, before = 0, None
    rows = []
    for written, late, firm in zip(piece.notes, *chance, strict=True):
        rank = rank + 1 if written.start == before else 0
        before = written.start
        grace = not written.length
        melody = written.voice == "melody"
        if not melody and (written.start, written.number) in sung:
            continue  # one key, two voices: it is struck once
        start_s, until_s = np.interp([float(written.start), _until(written, piece)], quarters, seconds)
        at_s = float(start_s) + _ROLLED_S * min(rank, 5) + _LATE_S * float(late) - grace * _EARLY_S
        touch = _TOUCH[written.voice] * _shape(written, piece) * (0.94 + 0.12 * float(firm)) * (0.75 if grace else 1.0)
        touch *= 1.0 + 0.10 * drift(seed, f"{name} swell", float(written.start), 9.7, -1.0, 1.0)
        touch *= (4.0 / (3.0 + thick[written.start, melody])) ** 0.85  # a thick chord is not a loud one
        at_s, side = max(0.0, at_s), (written.number - 62) / 60
        held_s = max(0.3, float(until_s) - at_s)
        rows.append((Note(at_s, written.number + shift, touch, held_s, side), float(until_s), 0.25 if melody else 1.0))
    rows.sort(key=lambda row: row[0].start_s)
    notes, ends, inner = zip(*rows, strict=True)
    return Performance(notes, np.array([note.start_s for note in notes]), np.array(ends), np.array(inner))


def _time_map(piece: Piece, seed: int, name: str) -> tuple[Floats, Floats]:
    """Quarters and the seconds they fall on: the tempo sways, and slows at the end, within the same whole."""
    quarters = np.arange(int(piece.end * _STEPS) + 1) / _STEPS
    free = np.array([drift(seed, f"{name} tempo", at, 7.9, -_FREEDOM, _FREEDOM) for at in quarters])
    nearing = np.clip(1.0 - (float(piece.end) - quarters) / _SLOWING_QUARTERS, 0.0, 1.0)
    passed = np.concatenate([[0.0], np.cumsum(1.0 + free + _SLOWING * nearing**1.5)])[: len(quarters)]
    return quarters, passed * length_s(piece) / passed[-1]


def _bar_line(piece: Piece) -> Fraction:
    """Where the first bar line is, in quarters from the first note: before it, unless that stands on the line."""
    return piece.end - piece.bars * piece.metre


def _until(written: Written, piece: Piece) -> float:
    """When the damper falls: a little after the note's end, or where the pedal is changed."""
    end = float(written.start) + max(0.25, float(written.length)) * _OVERLAP
    if not piece.pedal:
        return end
    first = _bar_line(piece)
    changed = ((written.start - first) // piece.pedal + 1) * piece.pedal + first
    return max(end, float(changed) + 0.08)


def _shape(written: Written, piece: Piece) -> float:
    """Firmer at the head of a bar, softer between its beats; the first notes come softly, and the last."""
    place = (written.start - _bar_line(piece)) % piece.metre
    beat = 1.0 if place == 0 else 0.95 if place == int(place) else 0.90
    near = min(1.0, float(written.start) / 6.0 + 0.3, float(piece.end - written.start) / 24.0)
    return beat * (0.84 + 0.16 * near)
