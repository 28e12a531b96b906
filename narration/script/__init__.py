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
from ..errors import Problem, ScriptError
from .front_matter import read, split
from .tokens import tokens
from .tree import Tree

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


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
