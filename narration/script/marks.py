"""The marks: one row each, with how it is read and how it is spelt. Reading and spelling are inverses.

A row's ``read`` takes what stands in the brackets and gives a node, or for a block a node without its body.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ..blend import OFF, BlendError
from ..blend import standard as standard_blend
from ..document import Breathe, Change, Condition, Hold, Pause, Repeat, Sides, When
from ..errors import nearest
from ..timing import format_duration
from .inline import EXAMPLE, KEYS, MarkError
from .spelling import NAMES, meant_by
from .times import NUMBER, duration, read_range, some_duration, spell_range

MOST_TIMES = 999
_PAUSE_ALIASES = (  # spellings people already use, and the standard one
    (re.compile(r"(?:pause|break)\s*:?\s*[\"“']?([^\"”']*?)[\"”']?", re.I), r"\1"),
    (
        re.compile(
            rf"({NUMBER}(?:\s*[-–—]\s*{NUMBER})?)[ -]?(m?s|secs?|seconds?|mins?|minutes?) (?:pause|break|silence)",
            re.I,
        ),
        r"\1 \2",
    ),
)
BREAK_TAG = re.compile(r"<break\s+time\s*=\s*[\"']([^\"'<>]*)[\"']\s*/?>", re.IGNORECASE)


@dataclass(frozen=True)
class Mark:
    """A row: how the mark begins, an example, how its words become a node and back, and whether it opens a block."""

    name: str
    example: str
    read: Callable[[str], Any]
    spell: Callable[[Any], str]
    block: bool = False


def _read_pause(words: str) -> Pause:
    return Pause(*read_range(words))


def _read_hold(words: str) -> Hold:
    time, *rest = (part.strip() for part in re.sub(r"(?<![,\s])\s+count\b", ", count", words).split(","))
    if len(rest) > 1 or (rest and rest[0] not in ("count down", "count up")):
        raise MarkError(
            f'found "{", ".join(rest)}" after the time of a hold, expected count down or count up',
            "[hold 5s, count down]",
        )
    if not time:
        raise MarkError("a hold needs its time", "[hold 6s]")
    if time.endswith("+") or re.search(r"\d\s*(?:[-–—\u2011]|to)\s*\d", time):
        raise MarkError(
            f'a hold is exact, found "{time}"; expected one time', "[hold 6s], or [release 20-40s] for what may stretch"
        )
    seconds = some_duration(time, "a hold")
    count = rest[0].removeprefix("count ") if rest else ""
    if count and not 1 <= seconds <= MOST_TIMES:
        raise MarkError(f"a counted hold lasts from 1 to {MOST_TIMES} seconds, found {format_duration(seconds)}")
    return Hold(seconds, "down" if count == "down" else "up" if count == "up" else "")


def _spell_hold(node: Hold) -> str:
    return f"hold {format_duration(node.seconds)}" + (f", count {node.count}" if node.count else "")


def _read_release(words: str) -> Pause:
    if not words:
        raise MarkError("a release needs its time", "[release 20-40s]")
    return Pause(*read_range(words, "release "), kind="release")


_PHASE = re.compile(r"(in|out|hold)\s+(.*)")


def _read_breathe(words: str) -> Breathe:
    phases: list[tuple[Any, Fraction]] = []
    times, aloud, seen = 1, 0, set()
    if not words:
        raise MarkError("a breath needs its times", "[breathe in 4s, out 6s, 6 times]")
    for part in (part.strip() for part in words.split(",")):
        if phase := _PHASE.fullmatch(part):
            phases.append((phase[1], some_duration(phase[2], f'the phase "{phase[1]}"')))
        elif (found := re.fullmatch(r"aloud(?:\s+(\d{1,4}))?", part)) and "aloud" not in seen:
            aloud = int(found[1]) if found[1] else -1
            seen.add("aloud")
        elif re.fullmatch(r"(\d{1,4}\s*(times?|x|breaths)|once|twice)", part) and "times" not in seen:
            times = _times(part)
            seen.add("times")
        else:
            raise MarkError(
                f'found "{part}" in a breath, expected in, hold or out with a time, or how many times',
                "[breathe in 4s, out 6s, 6 times]",
            )
    kinds = [kind for kind, _ in phases]
    if "in" not in kinds or "out" not in kinds:
        raise MarkError("a breath needs an in and an out", "[breathe in 4s, out 6s, 6 times]")
    if any(a == b for a, b in pairwise(kinds)):
        raise MarkError("the same phase twice running in a breath; expected in, hold and out in turn")
    if aloud > times:
        raise MarkError(f"found {aloud} breaths aloud of {times}; expected at most {times}")
    return Breathe(tuple(phases), times, times if aloud < 0 else aloud)


def _spell_breathe(node: Breathe) -> str:
    parts = [f"{kind} {format_duration(seconds)}" for kind, seconds in node.phases]
    parts += [f"{node.times} times"] * (node.times != 1) + [f"aloud {node.aloud}"] * bool(node.aloud)
    return "breathe " + ", ".join(parts)


def _times(text: str) -> int:
    named = {"once": 1, "twice": 2}
    count = named.get(text) or int(re.match(r"\d+", text)[0])  # type: ignore[index]  # the callers matched it
    if not 1 <= count <= MOST_TIMES:
        raise MarkError(f"found {text}, expected from 1 to {MOST_TIMES} times")
    return count


def _read_repeat(words: str) -> Repeat:
    if re.fullmatch(r"once|twice|\d{1,9}(\s*(times|time|x))?", words):
        count = _times(words)
        return Repeat(count, count, ())
    found = re.fullmatch(r"(\d{1,9})\s*(?:[-–—]|to)\s*(\d{1,9})(?:\s*(?:times|x))?", words)
    if not found:
        raise MarkError(f'found "repeat {words}", expected how many times', "[repeat 3 times] or [repeat 1-3 times]")
    least, most = int(found[1]), int(found[2])
    if least > most:
        raise MarkError(f'the range "{words}" is upside down', f"[repeat {most}-{least} times]")
    if not 1 <= most <= MOST_TIMES:
        raise MarkError(f"found {words}, expected from 1 to {MOST_TIMES} times")
    return Repeat(least, most, ())


def _spell_repeat(node: Repeat) -> str:
    return f"repeat {node.least} times" if node.least == node.most else f"repeat {node.least}-{node.most} times"


def _read_sides(words: str) -> Sides:
    match words.removeprefix("side").strip().removeprefix(",").split():
        case [] | ["left", "first"] if words.startswith("side"):
            return Sides("left", ())
        case ["right", "first"] if words.startswith("side"):
            return Sides("right", ())
    raise MarkError(f'found "each {words}", expected each side', "[each side] or [each side, right first]")


def _read_when(words: str) -> When:
    if not words:
        raise MarkError("a when needs its case", _WHENS)
    if found := re.fullmatch(r"(.+?)\s+or\s+(?:longer|more)", words):
        return When(Condition("length", "at_least", duration(found[1])), ())
    if found := re.fullmatch(r"(?:shorter|less)\s+than\s+(.+)", words):
        return When(Condition("length", "below", duration(found[1])), ())
    if found := re.fullmatch(r"(ending|audience)\s+is\s+(\S+)", words):
        options = {"ending": ("return", "sleep"), "audience": ("general", "pregnancy")}[found[1]]
        if found[2] not in options:
            raise MarkError(f'unknown {found[1]} "{found[2]}" ({nearest(found[2], options)})')
        return When(Condition("ending" if found[1] == "ending" else "audience", "is", found[2]), ())
    raise MarkError(
        f'found "when {words}", expected a length, an ending or an audience',
        _WHENS,
    )


_WHENS = "[when 10 min or longer], [when shorter than 10 min], [when ending is sleep] or [when audience is pregnancy]"


def _spell_when(node: When) -> str:
    condition = node.condition
    match condition.relation, condition.value:
        case "at_least", Fraction() as seconds:
            return f"when {format_duration(seconds)} or longer"
        case "below", Fraction() as seconds:
            return f"when shorter than {format_duration(seconds)}"
    return f"when {condition.subject} is {condition.value}"


def _read_background(words: str) -> Change:
    if not words:
        raise MarkError("a background needs its name", "[background ocean] or [background off]")
    try:
        return Change(OFF if words.lower() == OFF else standard_blend(words))
    except BlendError as error:
        raise MarkError(str(error), f"[background {error.hint}]") from None


MARKS = (
    Mark("hold", "[hold 6s]", _read_hold, _spell_hold),
    Mark("release", "[release 20-40s]", _read_release, lambda node: f"release {spell_range(node.min, node.max)}"),
    Mark("breathe", "[breathe in 4s, out 6s, 6 times]", _read_breathe, _spell_breathe),
    Mark("repeat", "[repeat 3 times]", _read_repeat, _spell_repeat, block=True),
    Mark(
        "each",
        "[each side]",
        _read_sides,
        lambda node: "each side" + ", right first" * (node.first == "right"),
        block=True,
    ),
    Mark("when", "[when 10 min or longer]", _read_when, _spell_when, block=True),
    Mark("background", "[background ocean]", _read_background, lambda node: f"background {node.background}"),
    Mark("pause", "[4s]", _read_pause, lambda node: spell_range(node.min, node.max)),
)
_BY_NAME = {mark.name: mark for mark in MARKS}


def read_mark(inside: str) -> tuple[Mark, Any]:
    """The row and the node of what stands in brackets. Raises MarkError."""
    words = " ".join(inside.split())
    if not words:
        raise MarkError("empty brackets; expected a mark", "[4s]")
    first, _, rest = words.partition(" ")
    mark = _BY_NAME.get(first.lower().rstrip(":"))
    if mark and mark.name != "pause":
        return mark, mark.read(rest.strip() if mark.name == "background" else rest.strip().lower())
    time = words.lower()
    for pattern, standard in _PAUSE_ALIASES:
        found = pattern.fullmatch(time)
        time = found.expand(standard) if found else time
    if re.match(r"[-–+.]?\d", time) or re.match(r"(pause|break)\b", words, re.IGNORECASE):
        if not time.strip():
            raise MarkError("a pause needs its time", "[4s] or [4-10s]")
        return _BY_NAME["pause"], _read_pause(time.strip())
    raise _unknown(words, first.lower().rstrip(":"))


def _unknown(words: str, first: str) -> MarkError:
    if first.partition(":")[0] in KEYS:
        return MarkError(f'the inline mark "{words}" needs its words in round brackets right before it', EXAMPLE)
    meant = meant_by(first)
    near = f'did you mean "{meant}"?' if meant else f"have: {', '.join(NAMES)}"
    return MarkError(f'unknown mark "{words}" ({near})', rf"\[{words}\] to have it spoken")


def read_break_tag(tag: str) -> Pause:
    """``<break time="3s"/>`` as a pause. Raises MarkError for any other tag."""
    found = BREAK_TAG.fullmatch(tag)
    if not found:
        raise MarkError(
            f"found the tag {tag}, which is not read; expected words or a mark in [brackets]", r"\< to have it spoken"
        )
    return _read_pause(found[1].strip().lower())
