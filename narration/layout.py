"""The plan: every span of the track in samples, laid out from the steps of a document and the lengths of its clips.

All times count from the first sample of the finished file. Spans tile [0, length): where one ends the next begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from .document import Breathe, Change, Document, Hold, Pause, Say
from .errors import NarrationError, Place
from .pace import PACES
from .steps import Heading, Step, ranged, repeated, unroll
from .timing import RATE_HZ, format_duration, in_words, to_samples
from .words import cardinal

Lengths = Mapping[Say, int]  # samples of each clip, measured or estimated


@dataclass(frozen=True)
class Edge:
    """The background alone: before the first word (lead) or after the last (tail)."""

    kind: str


Timed = Say | Pause | Hold | Breathe | Edge


@dataclass(frozen=True)
class Span:
    """Samples [start, start + length) of the track, and what fills them."""

    start: int
    length: int
    node: Timed

    @property
    def end(self) -> int:
        """The first sample after it."""
        return self.start + self.length

    @property
    def kind(self) -> str:
        """say | pause | release | hold | breathe | lead | tail."""
        match self.node:
            case Edge(kind=kind):
                return kind
            case Pause(kind=kind):
                return kind if kind == "release" else "pause"
        return type(self.node).__name__.lower()

    @property
    def line(self) -> int:
        """The line of the script that it comes from; 0 for what the pace or the ending added."""
        return getattr(self.node, "line", 0)

    @property
    def text(self) -> str:
        """What is said, or the cue in a few words."""
        match self.node:
            case Say(text=text):
                return text
            case Pause(kind="sentence" | "paragraph" | "heading" as after):
                return f"after a {after}"
            case Hold(count=count) if count:
                return f"count {count}"
            case Breathe(phases=phases, times=times):
                return ", ".join(f"{name} {format_duration(time)}" for name, time in phases) + f", {times} times"
        return ""


@dataclass(frozen=True)
class Utterance:
    """Speech in the track: ``length`` samples of the clip of ``say`` from ``start`` on."""

    start: int
    length: int
    say: Say

    @property
    def end(self) -> int:
        """The first sample after it."""
        return self.start + self.length


@dataclass(frozen=True)
class Chapter:
    """A chapter begins at sample ``start`` and ends where the next begins, or with the track."""

    start: int
    title: str


@dataclass(frozen=True)
class Turn:
    """From sample ``start`` on the background is ``background``."""

    start: int
    background: str


@dataclass(frozen=True)
class Plan:
    """Everything that the mix and the sidecars need to know about time."""

    title: str
    spans: tuple[Span, ...]
    utterances: tuple[Utterance, ...]
    chapters: tuple[Chapter, ...]
    turns: tuple[Turn, ...]
    rate_hz: int = RATE_HZ

    @cached_property
    def length(self) -> int:
        """Samples of the whole track."""
        return self.spans[-1].end

    @cached_property
    def speech(self) -> int:
        """Samples in which the voice speaks."""
        return sum(utterance.length for utterance in self.utterances)

    @cached_property
    def words(self) -> int:
        """How many words are spoken."""
        return sum(len(utterance.say.text.split()) for utterance in self.utterances)


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
        hint = "a length between the two, or wider pauses such as [release 20-60s]"
        super().__init__(message, Place(document.source), hint)


def sayings(document: Document) -> tuple[Say, ...]:
    """Every distinct line that a chosen document may need spoken, counts and breaths included, in order of speech."""
    most = repeated(document, [repeat.most for repeat in ranged(document)])
    found: dict[Say, None] = {}
    for step in unroll(most):
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
    _check_counts(steps, lengths, document)
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


def stretch(bounds: Sequence[tuple[int, int]], extra: int) -> list[int]:
    """Lengths of elastic pauses with these (least, most) samples, ``extra`` samples longer in all than their leasts.

    Like the glue between the words of a justified line (Knuth and Plass 1981, "Breaking paragraphs into lines"): one
    factor for all, least × factor, each clamped to its own bounds; what rounding leaves goes out sample by sample, from
    the first pause on. A larger ``extra`` never shortens a pause. A pause of nothing grows as one of a second would.

    ``extra`` must lie between 0 and the sum of most − least.
    """
    if not extra:
        return [low for low, _ in bounds]

    def grown(step: int) -> list[int]:
        return [min(high, low + step * (low or RATE_HZ) // _FINE) for low, high in bounds]

    start = sum(low for low, _ in bounds)
    low_step, high_step = 0, _FINE * max(high for _, high in bounds)  # at the last every pause has its most
    while high_step - low_step > 1:
        middle = (low_step + high_step) // 2
        if sum(grown(middle)) - start <= extra:
            low_step = middle
        else:
            high_step = middle
    fitted = grown(low_step)
    left = extra - (sum(fitted) - start)
    for index, longer in enumerate(grown(high_step)):
        given = min(left, longer - fitted[index])
        fitted[index] += given
        left -= given
    return fitted


_FINE = 1 << 32  # steps of the factor between 1 and 2: finer than a sample in a pause of a day


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


def _check_counts(steps: Sequence[Step], lengths: Lengths, document: Document) -> None:
    """No number or breath cue may run into the next, or out of its span."""
    for step in steps:
        if not isinstance(step, Hold | Breathe):
            continue
        said = _spoken(step)
        ends = [at for at, _ in said[1:]] + [_seconds_of_count(step)]
        for (start, say), end in zip(said, ends, strict=False):
            if to_samples(start) + lengths[say] > to_samples(end):
                raise NarrationError(
                    f'"{say.text}" takes {in_words(lengths[say])} to say, and has {format_duration(end - start)}.',
                    Place(document.source, step.line),
                    "a longer time, or the same without the count",
                )


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
                start = at if at > lead or chapters else 0
                if chapters and chapters[-1].start == start:
                    chapters.pop()  # nothing lies under the heading before
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
    if tail:
        spans.append(Span(at, tail, Edge("tail")))
    if not chapters or chapters[0].start:
        chapters.insert(0, Chapter(0, document.title))
    return Plan(document.title, tuple(spans), tuple(utterances), tuple(chapters), tuple(turns))
