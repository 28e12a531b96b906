"""The plan as a value: spans, utterances and chapters in samples. No logic beyond what can be read off them.

All times count from the first sample of the finished file. Spans tile [0, length): where one ends the next begins.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .document import Breathe, Hold, Pause, Say
from .timing import RATE_HZ, format_duration


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
