"""Scripts: text into a Document, and the choice of what is said at a length, for an ending and an audience.

The only room that knows the syntax. See docs/script-format.md for what an author writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from ..document import Condition, Document, Node, Repeat, Section, Sides, When
from ..errors import NarrationError, Place, Problem, ScriptError
from .front_matter import read, split
from .tokens import tokens
from .tree import Tree

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LARGEST = 1_000_000  # bytes: about a day and a night of speech


def decode(data: bytes, source: str, largest: int = LARGEST) -> str:
    """The text of a script's bytes: UTF-8, with or without a mark at the start, any line ends.

    Raises NarrationError for a file that is not text, or larger than so many bytes.
    """
    if len(data) > largest:
        raise NarrationError(
            f"the script has {len(data):,} bytes; expected at most {largest:,}.",
            Place(source),
            "several scripts of one session each",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte 0x{data[error.start]:02x}"
        raise ScriptError(
            source, [Problem(line, f"not UTF-8 text: found {found}.", "saving the file as UTF-8")]
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def load(path: Path, largest: int = LARGEST) -> str:
    """The text of a file of at most so many bytes. Raises NarrationError if it cannot be read; see :func:`decode`."""
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
        size = path.stat().st_size
    except IsADirectoryError:
        raise NarrationError("this is a folder; expected a text file.", Place(str(path))) from None
    except OSError as error:
        raise NarrationError(f"this file cannot be read: {error.strerror or error}.", Place(str(path))) from None
    if size > largest:
        raise NarrationError(
            f"the script has {size:,} bytes; expected at most {largest:,}.",
            Place(str(path)),
            "several scripts of one session each",
        )
    return decode(data, str(path), largest)


def parse(text: str, source: str = "-") -> Document:
    """The document that a script's text describes. Inverse of spelling it out: ``parse(fmt(text)) == parse(text)``.

    Raises ScriptError with every problem of the text, each with its line.
    """
    problems = list(_control_characters(text))
    try:
        head = split(text)
    except ValueError as error:
        raise ScriptError(source, [*problems, Problem(1, f"{error}.")]) from None
    fields, faults = read(head)
    tree = Tree()
    body = tree.build(tokens(body_of(text, head.lines), head.lines + 1))
    problems += [*faults, *tree.problems]
    if problems:
        raise ScriptError(source, problems)
    title = fields.pop("title", "") or _title(source)
    return Document(title=title, body=body, source=source, **fields)


def _control_characters(text: str) -> Iterator[Problem]:
    """The first control character of each line that has one; they are no text, and a voice may choke on them."""
    for number, line in enumerate(text.split("\n"), start=1):
        if found := _CONTROL.search(line):
            yield Problem(number, f"found the control character U+{ord(found[0]):04X}; expected text.")


def body_of(text: str, lines: int) -> str:
    """The text after its first ``lines`` lines."""
    return text.split("\n", lines)[lines] if text.count("\n") >= lines else ""


def _title(source: str) -> str:
    stem = Path(source).stem.replace("-", " ").replace("_", " ").strip()
    return stem[:1].upper() + stem[1:] if stem else "Untitled session"


def choose(document: Document, length: Fraction | None) -> Document:
    """The document with every ``when`` settled for a length in seconds and for the document's ending and audience.

    Without a length the shortest form is chosen: no ``N or longer`` holds.
    """
    asked = length if length is not None else Fraction(0)

    def holds(condition: Condition) -> bool:
        match condition.relation, condition.value:
            case "at_least", Fraction() as seconds:
                return asked >= seconds
            case "below", Fraction() as seconds:
                return asked < seconds
        return condition.value == (document.ending if condition.subject == "ending" else document.audience)

    def settle(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        out: list[Node] = []
        for node in nodes:
            match node:
                case When():
                    out.extend(settle(node.body if holds(node.condition) else node.otherwise))
                case Repeat() | Sides() | Section():
                    out.append(replace(node, body=settle(node.body)))
                case _:
                    out.append(node)
        return tuple(out)

    return replace(document, body=settle(document.body))


def thresholds(document: Document) -> tuple[Fraction, ...]:
    """The lengths in seconds at which some ``when`` changes sides, ascending."""
    found: set[Fraction] = set()

    def walk(nodes: tuple[Node, ...]) -> None:
        for node in nodes:
            match node:
                case When(condition=Condition(value=Fraction() as seconds)):
                    found.add(seconds)
                    walk(node.body)
                    walk(node.otherwise)
                case When():
                    walk(node.body)
                    walk(node.otherwise)
                case Repeat() | Sides() | Section():
                    walk(node.body)

    walk(document.body)
    return tuple(sorted(found))
