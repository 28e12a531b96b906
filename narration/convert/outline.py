"""A plan as one row of what is said and how long it is silent in between, for notations that have no time line.

Lead and tail are not in it: they are the background alone, which these notations do not have.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from ..document import Breathe, Hold, Inline, Pause, Say
from ..spans import Chapter, Edge, Plan, Span, Turn
from ..timing import RATE_HZ, format_duration

LONGEST_BREAK_MS = 10_000  # of one break: Alexa and Polly refuse longer ones, and several running add up


@dataclass(frozen=True)
class Silence:
    """No words for ``ms`` milliseconds; ``cue`` tells of a hold, a release or a breath, ``closes`` a paragraph."""

    ms: int
    cue: str = ""
    closes: bool = False


Step = Say | Silence | Chapter | Turn


def outline(plan: Plan) -> Iterator[Step]:
    """The row of a plan: between two utterances there is always a silence, be it of nothing.

    Silences are rounded to the millisecond along their sum, so that a whole count of milliseconds stays what it is and
    the others are less than one off and never drift. Numbers of a count and spoken breaths stand at their places.
    """
    marks: list[Chapter | Turn] = [*plan.chapters, *plan.turns[1:]]
    places = deque(sorted(marks, key=lambda one: one.start))
    utterances = deque(plan.utterances)
    silent = told_ms = 0  # samples of silence so far, and how many milliseconds of them are told
    spoke = False  # whether the last thing was said, with no silence after it yet
    for span in plan.spans:
        if isinstance(span.node, Edge):
            continue
        while places and places[0].start <= span.start:
            yield places.popleft()
        at, cue = span.start, _cue(span)
        while at < span.end:
            say = utterances.popleft() if utterances and utterances[0].start < span.end else None
            until = say.start if say else span.end
            if until > at or (say and spoke):
                silent += until - at
                ms = (silent * 1000 + RATE_HZ // 2) // RATE_HZ - told_ms
                told_ms += ms
                yield Silence(ms, cue, _closes(span))
                cue, spoke = "", False
            if say:
                yield say.say
                spoke = True
            at = say.end if say else span.end
    yield from places


def _closes(span: Span) -> bool:
    return isinstance(span.node, Pause) and span.node.kind in ("paragraph", "heading")


def _cue(span: Span) -> str:
    match span.node:
        case Hold(seconds=seconds, count=count):
            return f"hold {format_duration(seconds)}" + f", count {count}" * bool(count)
        case Breathe():
            return f"breathe {span.text}"
    return "release" if span.kind == "release" else ""


def breaks(silence: Silence) -> list[str]:
    """The times of the breaks that a silence is written as, each short enough for every service: ``4s``, ``4120ms``."""
    whole, rest = divmod(silence.ms, LONGEST_BREAK_MS)
    times = [LONGEST_BREAK_MS] * whole + [rest] * bool(rest or not whole)
    return [f"{ms // 1000}s" if ms % 1000 == 0 and ms else f"{ms}ms" for ms in times]


def pieces(say: Say) -> Iterator[tuple[str, dict[str, str]]]:
    """The text of a line in pieces, each with the inline marks (kind → value) that it is under."""
    cuts = sorted({0, len(say.text), *(edge for mark in say.inline for edge in (mark.start, mark.end))})
    under: list[tuple[str, tuple[Inline, ...]]] = []
    for start, end in pairwise(cuts):
        marks = tuple(mark for mark in say.inline if mark.start <= start and end <= mark.end)
        under.append((say.text[start:end], marks))
    for marks, run in groupby(under, key=lambda piece: piece[1]):
        yield "".join(text for text, _ in run), {mark.kind: mark.value for mark in marks}
