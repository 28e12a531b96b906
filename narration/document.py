"""What a script says, as values: the nodes of a document and the document itself. No logic.

Times are exact seconds (Fraction). ``line`` is where a node stands in its file; it is not compared, so that the same
words twice are the same :class:`Say`, and one clip serves both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal


def _line() -> int:
    return field(default=0, compare=False)


@dataclass(frozen=True)
class Inline:
    """A mark on part of a line, as in Speech Markdown: characters [start, end) of the text, what, and how."""

    start: int
    end: int
    kind: str  # rate | emphasis | volume | ipa | sub | voice
    value: str


@dataclass(frozen=True)
class Say:
    """One utterance: a sentence, spoken in one breath of the voice.

    ``wpm`` is the speaking rate asked for, in words a minute within the phrase; 0 until the pace has settled it.
    ``voice`` is empty for the track's own voice.
    """

    text: str
    inline: tuple[Inline, ...] = ()
    voice: str = ""
    wpm: int = 0
    line: int = _line()


@dataclass(frozen=True)
class Pause:
    """Silence of the voice: at least ``min`` seconds, elastic up to ``max`` (None: the pace's longest)."""

    min: Fraction
    max: Fraction | None
    kind: Literal["pause", "release", "sentence", "paragraph", "heading"] = "pause"  # the last three: a pace's default
    line: int = _line()


@dataclass(frozen=True)
class Hold:
    """A rigid silence in which something is held; ``count`` speaks its whole seconds, down to one or up from one."""

    seconds: Fraction
    count: Literal["", "down", "up"] = ""
    line: int = _line()


@dataclass(frozen=True)
class Breathe:
    """``times`` breaths, each the same phases of (in | hold | out, seconds); the first ``aloud`` are also spoken."""

    phases: tuple[tuple[Literal["in", "hold", "out"], Fraction], ...]
    times: int
    aloud: int = 0
    line: int = _line()


@dataclass(frozen=True)
class Paragraph:
    """A blank line between two utterances."""

    line: int = _line()


@dataclass(frozen=True)
class Change:
    """From here on another background: a name, a mix of names, a file beside the script, or ``off``."""

    background: str
    line: int = _line()


@dataclass(frozen=True)
class Repeat:
    """The body, at least ``least`` and at most ``most`` times, as the length allows. ``{n}`` in it is the ordinal."""

    least: int
    most: int
    body: tuple[Node, ...]
    line: int = _line()


@dataclass(frozen=True)
class Sides:
    """The body once for each side, ``first`` first. ``{side}`` in it is left or right."""

    first: Literal["left", "right"]
    body: tuple[Node, ...]
    line: int = _line()


@dataclass(frozen=True)
class Condition:
    """``length`` (at_least | below, seconds), ``ending`` (is, name) or ``audience`` (is, name)."""

    subject: Literal["length", "ending", "audience"]
    relation: Literal["at_least", "below", "is"]
    value: Fraction | str


@dataclass(frozen=True)
class When:
    """The body where the condition holds, else ``otherwise``."""

    condition: Condition
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()
    line: int = _line()


@dataclass(frozen=True)
class Section:
    """A heading and what follows it up to the next heading or the end of its block. Opens a chapter."""

    title: str
    body: tuple[Node, ...]
    line: int = _line()


Node = Say | Pause | Hold | Breathe | Paragraph | Change | Repeat | Sides | When | Section


@dataclass(frozen=True)
class Document:
    """A whole session: the front matter, settled and typed, and the body. ``source`` is for messages only."""

    title: str
    body: tuple[Node, ...]
    language: str = "en"
    length: Fraction | None = None
    lengths: tuple[Fraction, ...] = ()
    ending: Literal["return", "sleep"] = "return"
    audience: Literal["general", "pregnancy"] = "general"
    pace: str = "day"
    background: str = "rain"
    lead: Fraction | None = None
    tail: Fraction | None = None
    posture: str = ""
    tension: bool = False
    tags: tuple[str, ...] = ()
    album: str = ""
    author: str = ""
    description: str = ""
    notes: str = ""
    sources: tuple[str, ...] = ()
    reviewed_by: str = ""
    source: str = field(default="-", compare=False)
