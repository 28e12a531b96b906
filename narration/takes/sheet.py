"""The sheet a narrator reads from: every line of a script, numbered, with the name that its recording must have.

A line's name is ``012-3f9a1c2b``: its number in the sheet, for the narrator, and a code of its words, for us. The code
alone decides, so that inserting a line loses no take, and a take of words that have changed since is noticed.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from ..document import Document, Node, Repeat, Section, Sides, When
from ..layout import sayings

CODE_LENGTH = 8  # of 300 lines two share a code once in 100,000 scripts
_HOW = """\
Record each line as a file of its own in one folder, as WAV, FLAC or MP3, under the name before it: `{example}.wav`.
Read from one place and at one distance, leave a second of silence before and after the words, and do not change the
recording level in between. A line that the session says several times is here once. What you leave out is spoken by the
voice. Then:

    narration render {script} --takes FOLDER
"""


@dataclass(frozen=True)
class Line:
    """A line to record: ``name`` is its file's, without the ending; ``line`` where it stands in the script."""

    name: str
    text: str
    chapter: str
    line: int

    @property
    def code(self) -> str:
        """The code of its words."""
        return code(self.text)


def code(text: str) -> str:
    """What the words of a line come to: 8 hexadecimal digits; case and punctuation do not count."""
    words = " ".join(re.findall(r"\w+", text.lower()))
    return hashlib.sha256(words.encode()).hexdigest()[:CODE_LENGTH]


def lines(document: Document) -> tuple[Line, ...]:
    """Every line that a document may say, counts and breath cues too, each words once, in the order of the script.

    A document whose ``when`` are open gives the lines of all its lengths, endings and audiences.
    """
    whole = replace(document, body=_opened(document.body))
    sections = sorted(_sections(whole.body))
    starts = [line for line, _ in sections]
    found: dict[str, Line] = {}
    for say in sayings(whole):
        key = code(say.text)
        if key not in found:
            at = bisect_right(starts, say.line)
            chapter = sections[at - 1][1] if at else ""
            found[key] = Line(f"{len(found) + 1:03}-{key}", say.text, chapter, say.line)
    return tuple(found.values())


def spell(title: str, script: str, found: Sequence[Line]) -> str:
    """The sheet as Markdown that reads well as plain text."""
    words = sum(len(line.text.split()) for line in found)
    out = [
        f"<!-- made by narration {version('narration')} -->",
        f"# {title}: the lines to read",
        "",
        f"{len(found)} lines, {words} words.",
        _HOW.format(example=found[0].name, script=script),
    ]
    chapter = ""
    for line in found:
        if line.chapter != chapter:
            chapter = line.chapter
            out += ["", f"## {chapter}", ""]
        out.append(f"- `{line.name}` {line.text}")
    return "\n".join(out) + "\n"


def _opened(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """The nodes with both branches of every ``when`` in its place."""
    out: list[Node] = []
    for node in nodes:
        match node:
            case When(body=body, otherwise=otherwise):
                out += [*_opened(body), *_opened(otherwise)]
            case Repeat() | Sides() | Section():
                out.append(replace(node, body=_opened(node.body)))
            case _:
                out.append(node)
    return tuple(out)


def _sections(nodes: tuple[Node, ...]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, Section):
            yield node.line, node.title
        if isinstance(node, Section | Repeat | Sides):
            yield from _sections(node.body)
