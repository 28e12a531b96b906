"""How the matches of a pattern begin: five letters that a text must have at the head of a word, or nothing is there.

Most patterns are about words that a text does not have. To see that from a few letters spares looking with the pattern,
and compiling it. What is read is the part of regular expressions that the table of rules is written in; what is beyond
it ("any word", repeats) has no known beginning, and the pattern is then looked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_LETTERS = 5
_DIGIT = "0"  # the beginning of every figure
_ANY = "*"
_TOKEN = re.compile(
    r"\{[a-z_]+\}|\(\?(?:P<\w+>|<?[:=!])|\[[^\]]*\]|\\.|\{\d*,?\d*\}\??|[?*+]\??|[()|^$.]|[^\\()|\[{?*+^$.]+"
)
_NAME = re.compile(r"\{[a-z_]+\}")
_QUANTIFIER = re.compile(r"[?*+{]")
_WORD = re.compile(r"\w+")
_EMPTY = frozenset(("",))


def heads(text: str) -> frozenset[str]:
    """The first letters of each word of a text."""
    return frozenset(_DIGIT if word[0].isdigit() else word[:_LETTERS] for word in _WORD.findall(text))


Beginnings = frozenset[str]


def beginnings(pattern: str, named: Callable[[str], Beginnings]) -> Beginnings:
    """How the matches of a pattern can begin; ``named`` tells how those of ``{name}`` in it do."""
    return _Reader(_TOKEN.findall(pattern), named).either()


def alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, those within brackets left together."""
    found, depth = [""], 0
    for sign in _TOKEN.findall(pattern):
        depth += sign.startswith("(") - (sign == ")")
        if sign == "|" and not depth:
            found.append("")
        else:
            found[-1] += sign
    return found


def stems(heads: frozenset[str]) -> frozenset[str]:
    """Everything that the words of a text with such heads can begin with, up to _LETTERS letters."""
    return frozenset(head[:count] for head in heads for count in range(1, _LETTERS + 1))


def may_begin(found: Beginnings, stems: frozenset[str]) -> bool:
    """Whether one of the words that can begin with ``stems`` begins so, or that cannot be told."""
    words = [_WORD.match(one) for one in found]
    return not all(word and (_DIGIT if word[0][0].isdigit() else word[0][:_LETTERS]) not in stems for word in words)


def wanted(found: Beginnings) -> frozenset[str] | None:
    """The heads, one of which a text has in which a match begins so, at a word's own beginning; None if not known."""
    known = frozenset(map(_head, found))
    return None if "" in known else known


def _head(beginning: str) -> str:
    """The head of a word that begins so, or "" if that is not enough to tell."""
    word = _WORD.match(beginning)
    if not word:
        return ""
    if word[0][0].isdigit():
        return _DIGIT
    return "" if len(word[0]) < _LETTERS and beginning[word.end() :].startswith(_ANY) else word[0][:_LETTERS]


class _Reader:
    """Reads the tokens of a pattern once, from the left."""

    def __init__(self, tokens: list[str], named: Callable[[str], Beginnings]) -> None:
        self._tokens, self._named, self._at = [*tokens, ")"], named, 0

    def either(self) -> Beginnings:
        """The beginnings of alternatives, up to the bracket that closes them."""
        found = self._in_order()
        while self._tokens[self._at] == "|":
            self._at += 1
            found |= self._in_order()
        return frozenset(found)

    def _in_order(self) -> set[str]:
        """The beginnings of one alternative."""
        growing, grown = {""}, set[str]()
        while self._tokens[self._at] not in "|)":
            if not growing:
                self._skip()
                break
            item = self._item()
            longer = {one + more for one in growing for more in item}
            growing = {one for one in longer if len(one) < _LETTERS and (not one or one.isalpha())}
            grown |= longer - growing
        return growing | grown

    def _skip(self) -> None:
        """Go to the end of the alternative."""
        depth = 0
        while depth or self._tokens[self._at] not in "|)":
            sign = self._tokens[self._at]
            depth += sign.startswith("(") - (sign == ")")
            self._at += 1

    def _item(self) -> Beginnings:
        """The beginnings of what stands here, with its quantifier."""
        sign = self._tokens[self._at]
        self._at += 1
        if sign.startswith("("):
            item = self.either()
            self._at += 1
            if sign[-1] in "=!":
                return _EMPTY
        elif len(sign) > 1 and _NAME.fullmatch(sign):
            item = self._named(sign[1:-1])
        elif sign in ("\\b", "^", "$"):
            return _EMPTY
        elif sign == "\\d":
            item = frozenset((_DIGIT + _ANY,))
        elif sign[0] in "\\[.":
            item = frozenset((_ANY,))
        elif len(sign) > 1 and _QUANTIFIER.match(self._tokens[self._at]):  # which is about the last letter only
            self._at -= 1
            self._tokens[self._at] = sign[-1]
            return frozenset((sign[:-1],))
        else:
            item = frozenset((sign,))
        return self._quantified(item)

    def _quantified(self, item: Beginnings) -> Beginnings:
        quantifier = self._tokens[self._at]
        if not _QUANTIFIER.match(quantifier) or _NAME.fullmatch(quantifier):
            return item
        self._at += 1
        if not quantifier.startswith("?"):  # it may come again
            item = frozenset(one + _ANY for one in item)
        return item | _EMPTY if quantifier[0] in "?*" or quantifier.startswith(("{0", "{,")) else item
