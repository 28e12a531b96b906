"""A document unrolled: the flat row of what is said and how long it is silent, with the pace's defaults filled in.

The one place that knows in what order things come; speech and plan both read its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from .document import Breathe, Change, Document, Hold, Node, Paragraph, Pause, Repeat, Say, Section, Sides
from .errors import NarrationError, Place
from .pace import PACES, After, Pace
from .words import ordinal

MOST_STEPS = 100_000  # a day of one utterance a second
_RANK: tuple[After, ...] = ("sentence", "paragraph", "heading")


@dataclass(frozen=True)
class Heading:
    """Here a chapter begins."""

    title: str


Step = Say | Pause | Hold | Breathe | Change | Heading


def unroll(document: Document) -> tuple[Step, ...]:
    """The row of steps of a chosen document (no ``when`` in it), a ranged repeat as often as its least.

    Between two utterances there is what is written there or, where nothing is, one elastic pause: the longest of the
    pace's defaults that applies. Raises NarrationError for a script that unrolls to more than a day of speech.
    """
    row = list(_flat(_rated(document), document.source))
    return tuple(_paced(_joined(row), PACES[document.pace]))


def lines(document: Document) -> Iterator[Step]:
    """Every step that a chosen document can come to, however often its ranged repeats run; some come twice.

    A body that does not say which time it is comes once only: it is the same every time.
    """
    return (step for step in _flat(_rated(document), document.source, every=True) if not isinstance(step, Paragraph))


def ranged(document: Document) -> tuple[Repeat, ...]:
    """The repeats whose count is left to the length, outer ones before inner ones, in the order of the script."""
    found: list[Repeat] = []
    _rebuilt(document.body, lambda repeat: found.append(repeat) or repeat)  # type: ignore[func-returns-value]
    return tuple(found)


def repeated(document: Document, counts: Sequence[int]) -> Document:
    """The document with its ranged repeats settled to ``counts``, in the order of :func:`ranged`."""
    left = iter(counts)

    def settle(repeat: Repeat) -> Repeat:
        count = next(left)
        return replace(repeat, least=count, most=count)

    return replace(document, body=_rebuilt(document.body, settle))


def _rebuilt(nodes: tuple[Node, ...], change: Callable[[Repeat], Repeat]) -> tuple[Node, ...]:
    """The nodes with ``change`` applied to each ranged repeat, outer ones first."""
    out: list[Node] = []
    for node in nodes:
        changed = change(node) if isinstance(node, Repeat) and node.least != node.most else node
        if isinstance(changed, Repeat | Sides | Section):
            changed = replace(changed, body=_rebuilt(changed.body, change))
        out.append(changed)
    return tuple(out)


def _rated(document: Document) -> tuple[Node, ...]:
    """The body with the speaking rate of each line: that of its chapter, as the pace has it there.

    By the chapter and not by the line, so that an edited line leaves every other line's clip as it was; by the order of
    the script and not of the session, so that a line sounds the same however often it is repeated.
    """
    pace = PACES[document.pace]
    last = max(1, _sections(document.body) - 1)
    seen = 0

    def rate(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        nonlocal seen
        out: list[Node] = []
        for node in nodes:
            match node:
                case Section(body=body):
                    seen += 1
                    out.append(replace(node, body=rate(body)))
                case Repeat(body=body) | Sides(body=body):
                    out.append(replace(node, body=rate(body)))
                case Say():
                    out.append(replace(node, wpm=pace.wpm_at(Fraction(max(seen - 1, 0), last))))
                case _:
                    out.append(node)
        return tuple(out)

    return rate(document.body)


def _sections(nodes: tuple[Node, ...]) -> int:
    inside = sum(_sections(node.body) for node in nodes if isinstance(node, Repeat | Sides | Section))
    return inside + sum(isinstance(node, Section) for node in nodes)


def _flat(nodes: tuple[Node, ...], source: str, every: bool = False) -> Iterator[Step | Paragraph]:
    """The nodes in order, repeats unrolled and places filled; a budget guards against a script that never ends.

    ``every``: ranged repeats unrolled as far as they say something new, for :func:`lines`.
    """
    budget = [MOST_STEPS]

    def spend() -> None:
        budget[0] -= 1
        if budget[0] < 0:
            raise NarrationError(
                f"the repeats make more than {MOST_STEPS:,} steps.", Place(source), "fewer repetitions"
            )

    def walk(nodes: tuple[Node, ...], places: dict[str, str]) -> Iterator[Step | Paragraph]:
        for node in nodes:
            spend()
            match node:
                case Section(title=title, body=body):
                    yield Heading(_fill(title, places))
                    yield from walk(body, places)
                case Repeat(body=body):
                    for number in range(1, _times(node, every) + 1):
                        spend()
                        yield from walk(body, {**places, "n": ordinal(number)})
                case Sides(first=first, body=body):
                    for side in ("left", "right") if first == "left" else ("right", "left"):
                        yield from walk(body, {**places, "side": side})
                case Say():
                    yield _filled(node, places)
                case Pause() | Hold() | Breathe() | Change() | Paragraph():
                    yield node

    yield from walk(nodes, {})


def _times(repeat: Repeat, every: bool) -> int:
    if not every:
        return repeat.least
    return repeat.most if _numbered(repeat.body) else 1


def _numbered(nodes: tuple[Node, ...]) -> bool:
    """Whether a body says which time it is."""
    return any(
        "{n}" in node.text
        if isinstance(node, Say)
        else isinstance(node, Sides | Section | Repeat) and _numbered(node.body)
        for node in nodes
    )


_PLACE = re.compile(r"\{(n|side)\}")


def _fill(text: str, places: Mapping[str, str]) -> str:
    def word(found: re.Match[str]) -> str:
        value = places.get(found[1], found[0])
        return value[:1].upper() + value[1:] if found.start() == 0 else value

    return _PLACE.sub(word, text)


def _filled(say: Say, places: Mapping[str, str]) -> Say:
    if "{" not in say.text:
        return say
    moved: Callable[[int], int] = lambda offset: len(_fill(say.text[:offset], places))  # noqa: E731
    inline = tuple(replace(mark, start=moved(mark.start), end=moved(mark.end)) for mark in say.inline)
    return replace(say, text=_fill(say.text, places), inline=inline)


def _joined(row: list[Step | Paragraph]) -> list[Step | After]:
    """The row with one default between two utterances that have no written time between them.

    A chapter begins after the default, so that whoever jumps to it hears it begin.
    """
    out: list[Step | After] = []
    after: int | None = None  # rank of the default due since the last utterance; None where time is written
    slot = 0  # where in ``out`` that default would go
    for step in row:
        match step:
            case Say():
                if after is not None:
                    out.insert(slot, _RANK[after])
                out.append(step)
                after, slot = 0, len(out)
            case Paragraph():
                after = None if after is None else max(after, 1)
            case Heading():
                after = None if after is None else 2
                out.append(step)
            case Change():
                out.append(step)
            case _:
                after = None
                out.append(step)
    return out


def _paced(row: list[Step | After], pace: Pace) -> Iterator[Step]:
    """The row with the pace's default pauses, as they are at each place along the utterances of the session."""
    last = max(1, sum(isinstance(step, Say) for step in row) - 1)
    says = -1
    for step in row:
        along = Fraction(max(says, 0), last)
        match step:
            case Say():
                says += 1
                yield step
            case Pause(max=None):
                yield replace(step, max=max(step.min, pace.longest_at(along)))
            case str():
                least, most = pace.pause(step, along)
                yield Pause(least, most, kind=step)
            case _:
                yield step
