"""Tokens into the tree of nodes: blocks, sections, and the words between marks as utterances."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ..document import Condition, Inline, Node, Paragraph, Repeat, Say, Section, Sides, When
from ..errors import Problem, nearest
from .inline import MarkError, read_inline
from .marks import read_break_tag, read_mark
from .sentences import sentences, spoken
from .spelling import meant_by
from .tokens import Token

DEEPEST = 20  # blocks inside blocks; nobody means more
_STAND_INS: dict[str, Node] = {
    "repeat": Repeat(1, 1, ()),
    "each": Sides("left", ()),
    "when": When(Condition("ending", "is", "return"), ()),
}
_PLACE = re.compile(r"\{([^{}]*)\}|[{}]")
_MARKS_ONLY = frozenset(".,;:!?)\"'”’")  # what may stand after a mark at the end of a sentence, and says nothing


@dataclass
class _Block:
    """An open block: its node without a body (None for the whole script), and what it holds so far."""

    node: Any  # Repeat | Sides | When | None
    line: int
    title: str | None = None
    title_line: int = 0
    done: list[Node] = field(default_factory=list)  # before the open section, or before [otherwise]
    body: list[Node] = field(default_factory=list)
    first: tuple[Node, ...] | None = None  # the body of a When whose [otherwise] is open

    def close_section(self) -> None:
        if self.title is not None:
            self.done.append(Section(self.title, tuple(self.body), self.title_line))
        else:
            self.done.extend(self.body)
        self.title, self.body = None, []

    def close(self) -> tuple[Node, ...]:
        self.close_section()
        nodes, self.done = tuple(self.done), []
        return nodes


@dataclass
class _Words:
    """A run of spoken text between two marks, with the line of each character and its inline marks."""

    text: str = ""
    lines: list[tuple[int, int]] = field(default_factory=list)  # (offset, line), ascending
    inline: list[Inline] = field(default_factory=list)

    def add(self, text: str, line: int) -> None:
        self.lines.append((len(self.text), line))
        self.text += text

    def line_at(self, offset: int) -> int:
        return self.lines[max(0, bisect_right(self.lines, offset, key=lambda entry: entry[0]) - 1)][1]


class Tree:
    """Builds the body of a document from tokens, keeping every problem it meets in ``problems``."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._blocks = [_Block(None, 1)]
        self._words = _Words()
        self._stray = False  # a [ that was never closed on its line: the ] of a later one is the same fault

    def build(self, tokens: Iterable[Token]) -> tuple[Node, ...]:
        """The nodes of the whole script."""
        for token in tokens:
            match token.kind:
                case "text":
                    self._words.add(" " if token.value == "\n" else token.value, token.line)
                case "inline":
                    self._inline(token)
                case "comment":
                    self._words.add(" ", token.line)
                case "blank":
                    self._blank(token)
                case "heading":
                    self._heading(token)
                case "mark" | "tag":
                    self._flush()
                    self._mark(token)
                case "bad":
                    self._bad(token)
        self._flush()
        if self._blocks[-1].body and isinstance(self._blocks[-1].body[-1], Paragraph):
            self._blocks[-1].body.pop()  # blank lines at the end of the file
        while len(self._blocks) > 1:
            block = self._blocks.pop()
            self._problem(
                block.line, f"the block [{_name(block.node)} …] is never closed; expected [end] after it.", ""
            )
            self._blocks[-1].body.append(_filled(block))
        return self._blocks[0].close()

    def _problem(self, line: int, message: str, hint: str, text: str = "") -> None:
        self.problems.append(Problem(line, message, hint, text))

    def _blank(self, token: Token) -> None:
        """Two blank lines say no more than one, and those before everything else say nothing."""
        self._flush()
        block = self._blocks[-1]
        first = len(self._blocks) == 1 and block.title is None and not block.body
        if not first and not (block.body and isinstance(block.body[-1], Paragraph)):
            block.body.append(Paragraph(token.line))

    def _bad(self, token: Token) -> None:
        closes = token.value.startswith("a ]")
        second_fence = token.value.startswith("a line of ---") and any(
            problem.message.startswith("a line of ---") for problem in self.problems
        )
        if not (closes and self._stray) and not second_fence:
            self._problem(token.line, f"{token.value}.", "")
        self._stray = token.value.startswith("a [") or (self._stray and not closes)

    def _heading(self, token: Token) -> None:
        self._flush()
        self._check_places(token.value, lambda offset: token.line)
        if not spoken(token.value):
            self._problem(token.line, "a heading without words; expected: # Title.", "")
        block = self._blocks[-1]
        block.close_section()
        block.title, block.title_line = token.value, token.line

    def _inline(self, token: Token) -> None:
        start = len(self._words.text)
        try:
            pairs = read_inline(token.value)
        except MarkError as error:
            self._problem(token.line, f"{error}.", error.hint, f"({token.inner})[{token.value}]")
            pairs = []
        if not spoken(token.inner):
            self._problem(token.line, "an inline mark on no words; expected (words)[key].", '(let go)[rate:"slow"]')
        self._words.add(token.inner, token.line)
        self._words.inline += [Inline(start, start + len(token.inner), key, value) for key, value in pairs]

    def _mark(self, token: Token) -> None:
        words = " ".join(token.value.split()).lower()
        if token.kind == "mark" and words in ("end", "otherwise"):
            self._end(token) if words == "end" else self._otherwise(token)
            return
        try:
            if token.kind == "tag":
                self._blocks[-1].body.append(replace(read_break_tag(token.value), line=token.line))
                return
            mark, node = read_mark(token.value)
        except MarkError as error:
            self._problem(token.line, f"{error}.", error.hint, token.value)
            self._recover(token)
            return
        if not mark.block:
            self._blocks[-1].body.append(replace(node, line=token.line))
            return
        if len(self._blocks) > DEEPEST:
            self._problem(
                token.line, f"more than {DEEPEST} blocks inside one another.", "fewer levels of [repeat] and [when]"
            )
        self._blocks.append(_Block(replace(node, line=token.line), token.line))

    def _recover(self, token: Token) -> None:
        """An unreadable block still opens, and a misspelt end still closes, so that one fault is told once."""
        first = token.value.lower().split()[0].rstrip(":") if token.kind == "mark" and token.value else ""
        meant = first if first in _STAND_INS else meant_by(first)
        if meant in _STAND_INS:
            self._blocks.append(_Block(_STAND_INS[meant], token.line))
        elif meant == "end" and len(self._blocks) > 1:
            block = self._blocks.pop()
            self._blocks[-1].body.append(_filled(block))

    def _end(self, token: Token) -> None:
        if len(self._blocks) == 1:
            self._problem(
                token.line, "an [end] without a block; expected [repeat …], [each side] or [when …] before it.", ""
            )
            return
        block = self._blocks.pop()
        self._blocks[-1].body.append(_filled(block))

    def _otherwise(self, token: Token) -> None:
        block = self._blocks[-1]
        if not isinstance(block.node, When) or block.first is not None:
            fault = "a second [otherwise]" if isinstance(block.node, When) else "an [otherwise] outside [when …]"
            self._problem(token.line, f"{fault}; expected one between [when …] and its [end].", "")
            return
        block.first = block.close()

    def _flush(self) -> None:
        words, self._words = self._words, _Words()
        if not set(words.text.strip()) - _MARKS_ONLY:
            return
        if not spoken(words.text):
            fault = f'nothing in "{words.text.strip()}" can be spoken; expected words, or a mark in [brackets].'
            self._problem(
                words.line_at(len(words.text) - len(words.text.lstrip())),
                fault,
                "a blank line, or [4s]",
                words.text.strip(),
            )
            return
        for start, end in sentences(words.text):
            self._say(words, start, end)

    def _say(self, words: _Words, start: int, end: int) -> None:
        line = words.line_at(start)
        inside = [mark for mark in words.inline if mark.start < end and mark.end > start]
        text, spots = _squeeze(words.text[start:end])
        marks = tuple(
            Inline(spots[max(mark.start - start, 0)], spots[min(mark.end - start, end - start)], mark.kind, mark.value)
            for mark in inside
        )
        self._check_places(words.text[start:end], lambda offset: words.line_at(start + offset))
        self._blocks[-1].body.append(Say(text, marks, line=line))

    def _check_places(self, text: str, line_at: Callable[[int], int]) -> None:
        """Every brace in spoken text and in titles is a place that is filled here: {n} in a repeat, {side} in sides."""
        opened = [type(block.node) for block in self._blocks]
        wanted = {"n": (Repeat, "[repeat …]"), "side": (Sides, "[each side]")}
        for place in _PLACE.finditer(text):
            name, line = place[1], line_at(place.start())
            if name is None:
                self._problem(line, f'found a lone "{place[0]}", expected a place.', "{n} or {side}", place[0])
            elif name not in wanted:
                known = nearest(name.strip(), wanted)
                self._problem(line, f"unknown place {place[0]} ({known}).", "{n} or {side}, without spaces", name)
            elif wanted[name][0] not in opened:
                hint = f"put it between {wanted[name][1]} and [end]"
                self._problem(line, f"{place[0]} stands outside {wanted[name][1]}.", hint, name)


def _name(node: Node) -> str:
    return "repeat" if isinstance(node, Repeat) else "each side" if isinstance(node, Sides) else "when"


def _filled(block: _Block) -> Repeat | Sides | When:
    nodes = block.close()
    if block.first is not None:
        nodes, block.node = block.first, replace(block.node, otherwise=nodes)
    node: Repeat | Sides | When = replace(block.node, body=nodes)
    return node


def _squeeze(text: str) -> tuple[str, list[int]]:
    """The text with each run of white space as one space, and where each old offset (the end too) went."""
    out: list[str] = []
    spots: list[int] = []
    for character in text:
        if character.isspace() and out and out[-1] == " ":
            spots.append(len(out) - 1)
            continue
        spots.append(len(out))
        out.append(" " if character.isspace() else character)
    return "".join(out), [*spots, len(out)]
