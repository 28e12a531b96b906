"""A script's body cut into tokens: words, marks, headings, blank lines, comments. Every character is in one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "inline", "mark", "heading", "blank", "comment", "tag", "bad"]


@dataclass(frozen=True)
class Token:
    """Characters [start, end) of the body. ``value`` is the words, the inside of the mark, the title, or the fault.

    ``inner`` is what stands in the round brackets of an inline mark ``(inner)[value]``.
    """

    kind: Kind
    start: int
    end: int
    line: int
    value: str
    inner: str = ""


_TOKEN = re.compile(
    r"""
    (?P<comment>  <!--.*?--> )
  | (?P<open>     <!-- )
  | (?P<blank>    \n[ \t]*(?=\n) )
  | (?P<newline>  \n )
  | (?P<escape>   \\[\[\]()\#<>\\] )
  | (?P<inline>   \( (?P<inner>(?:[^()\[\]\n\\]|\\.)*) \) \[ (?P<how>[^\[\]\n]*) \] )
  | (?P<mark>     \[ (?P<inside>[^\[\]\n]*) \] )
  | (?P<stray>    [\[\]] )
  | (?P<tag>      </?[A-Za-z][^<>\n]*> )
  | (?P<text>     [^\\\n<\[\]()]+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})(?:[ \t]+([^\n]*?))?[ \t#]*(?=\n|\Z)")
_NO_SPACE = re.compile(r"[ ]{0,3}#{1,6}[^\s#][^\n]*")


def tokens(body: str, first_line: int) -> Iterator[Token]:
    """The tokens of a body whose first line is number ``first_line`` of its file; text tokens are not merged."""
    at, line, fresh = 0, first_line, True
    while at < len(body):
        if fresh and (found := _HEADING.match(body, at)):
            yield Token("heading", at, found.end(), line, unescape((found[2] or "").strip()))
            at, fresh = found.end(), False
            continue
        if fresh and (found := _NO_SPACE.match(body, at)):
            yield Token("bad", at, found.end(), line, "a heading without a space after #; expected: # Title")
            at, fresh = found.end(), False
            continue
        found = _TOKEN.match(body, at)
        assert found, "the pattern ends in a dot that matches anything"  # noqa: S101 - holds by construction
        yield _token(found, line)
        line += found[0].count("\n")
        fresh = found.lastgroup in ("newline", "blank") or (fresh and not found[0].strip())
        at = found.end()


def _token(found: re.Match[str], line: int) -> Token:
    start, end = found.span()
    kind = next(name for name in _ORDER if found[name] is not None)
    match kind:
        case "comment":
            return Token("comment", start, end, line, found[0])
        case "open":
            return Token("bad", start, end, line, "a comment that is never closed; expected --> after it")
        case "blank":
            return Token("blank", start, end, line, "\n")
        case "newline":
            return Token("text", start, end, line, "\n")
        case "escape":
            return Token("text", start, end, line, found[0][1])
        case "inline":
            return Token("inline", start, end, line, found["how"], unescape(found["inner"]))
        case "mark":
            return Token("mark", start, end, line, found["inside"].strip())
        case "stray":
            fault = "a [ that is never closed on its line" if found[0] == "[" else "a ] without its ["
            return Token("bad", start, end, line, rf"{fault}; to speak a bracket write \{found[0]}")
        case "tag":
            return Token("tag", start, end, line, found[0])
    return Token("text", start, end, line, found[0])


_ORDER = ("comment", "open", "blank", "newline", "escape", "inline", "mark", "stray", "tag", "text")


def unescape(text: str) -> str:
    """The text without the backslashes that protect brackets and the like."""
    return re.sub(r"\\([\[\]()#<>\\])", r"\1", text)
