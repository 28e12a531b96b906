"""Laying out: the steps of a document and the lengths of its clips become a plan, every span of it in samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from .document import Breathe, Change, Document, Hold, Pause, Say
from .errors import NarrationError, Place, Problem, ScriptError
from .fit import stretch
from .pace import PACES
from .spans import Chapter, Edge, Plan, Span, Turn, Utterance
from .steps import Heading, Step, lines, ranged, repeated, unroll
from .timing import format_duration, in_words, to_samples
from .words import cardinal

Lengths = Mapping[Say, int]  # samples of each clip, measured or estimated


class FitError(NarrationError):
    """A length that the script cannot be. ``shortest`` and ``longest`` are what it can be, in samples.

    ``here`` is the same for what its ``when`` choose at that very length: the two differ where a script has a gap.
    """

    def __init__(self, document: Document, length: int, reach: tuple[int, int], here: tuple[int, int]) -> None:
        self.shortest, self.longest = reach
        self.here = here
        message = (
            f"this session cannot last {in_words(length)}: "
            f"the shortest it can be is {in_words(self.shortest)}, the longest {in_words(self.longest)}."
        )
        if self.shortest <= length <= self.longest:
            message += f" What it says at {in_words(length)} takes from {in_words(here[0])} to {in_words(here[1])}."
        super().__init__(message, Place(document.source), _what_to_try(length, reach))


def _what_to_try(length: int, reach: tuple[int, int]) -> str:
    shortest, longest = reach
    if length < shortest:
        return f"--length {in_words(shortest)} or more, or smaller first figures in the pauses"
    if length > longest:
        return f"--length {in_words(longest)} or less, or larger second figures such as [release 20-60s]"
    return "wider pauses in what it says at this length, or another length in a [when … or longer]"


def sayings(document: Document) -> tuple[Say, ...]:
    """Every distinct line that a chosen document may need spoken, counts and breaths included, in order of speech."""
    found: dict[Say, None] = {}
    for step in lines(document):
        found.update(dict.fromkeys(say for _, say in _spoken(step)))
    if not found:
        raise NarrationError(
            "nothing in this script is spoken.", Place(document.source), "a sentence outside the brackets"
        )
    return tuple(found)


def lay_out(document: Document, lengths: Lengths, length: int | None = None) -> Plan:
    """The plan of a chosen document whose clips have these lengths, ``length`` samples long in all.

    Ranged repeats take the largest count that fits; then the elastic pauses are stretched together (see
    :func:`stretch`). Without a length every pause has its first figure and every ranged repeat its least. Holds, counts
    and breaths never change. Raises FitError where the length cannot be, NarrationError where a count cannot be
    spoken as fast as it is asked for.
    """
    repeats = ranged(document)
    counts = [repeat.least for repeat in repeats]
    if length is not None:
        for index, repeat in enumerate(repeats):
            counts[index] = _largest(document, lengths, length, counts, index, repeat.most)
    settled = repeated(document, counts)
    steps = unroll(settled)
    _check_counts(steps, lengths, document.source)
    lead, tail = edges(settled)
    pauses = [step for step in steps if isinstance(step, Pause)]
    bounds = [(to_samples(pause.min), to_samples(pause.max or pause.min)) for pause in pauses]
    least = lead + tail + _rigid(steps, lengths) + sum(low for low, _ in bounds)
    if length is not None and not least <= length <= least + sum(high - low for low, high in bounds):
        reach = extremes(document, lengths)
        raise FitError(document, length, reach, reach)
    fitted = iter(stretch(bounds, 0 if length is None else length - least))
    return _tile(settled, steps, lengths, fitted, lead, tail)


def edges(document: Document) -> tuple[int, int]:
    """Samples of the lead and of the tail."""
    pace = PACES[document.pace]
    lead = document.lead if document.lead is not None else Fraction(pace.lead)
    tail = document.tail if document.tail is not None else Fraction(pace.tail[document.ending])
    return to_samples(lead), to_samples(tail)


def extremes(document: Document, lengths: Lengths) -> tuple[int, int]:
    """The shortest and the longest that a chosen document can be, in samples."""
    repeats = ranged(document)
    low = repeated(document, [repeat.least for repeat in repeats])
    high = repeated(document, [repeat.most for repeat in repeats])
    return _total(low, lengths, longest=False), _total(high, lengths, longest=True)


def _total(document: Document, lengths: Lengths, longest: bool) -> int:
    steps = unroll(document)
    pauses = [step for step in steps if isinstance(step, Pause)]
    chosen = sum(to_samples((pause.max or pause.min) if longest else pause.min) for pause in pauses)
    return sum(edges(document)) + _rigid(steps, lengths) + chosen


def _rigid(steps: Sequence[Step], lengths: Lengths) -> int:
    return sum(_length(step, lengths) for step in steps if isinstance(step, Say | Hold | Breathe))


def _length(step: Say | Hold | Breathe, lengths: Lengths) -> int:
    match step:
        case Say():
            return lengths[step]
        case Hold(seconds=seconds):
            return to_samples(seconds)
        case Breathe(phases=phases, times=times):
            return to_samples(sum((time for _, time in phases), Fraction(0)) * times)


def _largest(document: Document, lengths: Lengths, length: int, counts: list[int], index: int, most: int) -> int:
    """The largest count of repeat ``index`` with which the least total still fits, the others staying as they are."""
    low, high = counts[index], most
    while low < high:
        middle = (low + high + 1) // 2
        tried = [*counts[:index], middle, *counts[index + 1 :]]
        if _total(repeated(document, tried), lengths, longest=False) <= length:
            low = middle
        else:
            high = middle - 1
    return low


def _spoken(step: Step) -> list[tuple[Fraction, Say]]:
    """What is said in a step, and how many seconds after its start."""
    match step:
        case Say():
            return [(Fraction(0), step)]
        case Hold(count="down" | "up" as count, seconds=seconds, line=line):
            whole = int(seconds)
            numbers = range(whole, 0, -1) if count == "down" else range(1, whole + 1)
            return [
                (Fraction(at), Say(cardinal(number), wpm=_COUNT_WPM, line=line)) for at, number in enumerate(numbers)
            ]
        case Breathe(phases=phases, aloud=aloud, line=line):
            said: list[tuple[Fraction, Say]] = []
            at = Fraction(0)
            for _ in range(aloud):
                for name, time in phases:
                    said.append((at, Say(_PHASES[name], wpm=_COUNT_WPM, line=line)))
                    at += time
            return said
    return []


_COUNT_WPM = 126  # numbers and "In", "Out" keep one pace along the session, so that each needs one clip
_PHASES = {"in": "In.", "out": "Out.", "hold": "Hold."}


def _check_counts(steps: Sequence[Step], lengths: Lengths, source: str) -> None:
    """No number or breath cue may run into the next or out of its span; ScriptError with every one that does."""
    problems: dict[Problem, None] = {}
    for step in steps:
        if not isinstance(step, Hold | Breathe):
            continue
        said = _spoken(step)
        ends = [at for at, _ in said[1:]] + [_seconds_of_count(step)]
        for (start, say), end in zip(said, ends, strict=False):
            if to_samples(start) + lengths[say] > to_samples(end):
                message = f'"{say.text}" takes {in_words(lengths[say])} to say, and has {format_duration(end - start)}.'
                hint = "a hold without a count" if isinstance(step, Hold) else "longer breaths, or none aloud"
                problems[Problem(step.line, message, hint)] = None
                break
    if problems:
        raise ScriptError(source, problems)


def _seconds_of_count(step: Hold | Breathe) -> Fraction:
    """Seconds after the start of a step by which the last of what is said in it must be over."""
    if isinstance(step, Hold):
        return step.seconds
    return sum((time for _, time in step.phases), Fraction(0)) * step.aloud


def _tile(
    document: Document, steps: Sequence[Step], lengths: Lengths, pauses: Iterator[int], lead: int, tail: int
) -> Plan:
    """The steps one after the other, between the lead and the tail."""
    spans = [Span(0, lead, Edge("lead"))] if lead else []
    utterances: list[Utterance] = []
    chapters: list[Chapter] = []
    turns = [Turn(0, document.background)]
    at = lead
    for step in steps:
        match step:
            case Heading(title=title):
                start = at if at > lead else 0
                if chapters and chapters[-1].start == start:  # a heading right under a heading: one chapter of both
                    title = f"{chapters.pop().title}: {title}"
                chapters.append(Chapter(start, title))
                continue
            case Change(background=background):
                turns.append(Turn(at, background))
                continue
            case Pause():
                length = next(pauses)
            case _:
                length = _length(step, lengths)
        utterances += [Utterance(at + to_samples(when), lengths[say], say) for when, say in _spoken(step)]
        if length:
            spans.append(Span(at, length, step))
        at += length
    if not utterances:
        raise NarrationError("at this length nothing is spoken.", Place(document.source), "another --length")
    if tail:
        spans.append(Span(at, tail, Edge("tail")))
    if not chapters or chapters[0].start:
        chapters.insert(0, Chapter(0, document.title))
    return Plan(document.title, tuple(spans), tuple(utterances), tuple(chapters), tuple(turns))
