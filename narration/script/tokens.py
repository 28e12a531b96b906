"""A script's body cut into tokens: words, marks, headings, blank lines, comments. Every character is in one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .inline import looks_inline

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
    (?P<blank>    \n[ \t]*(?=\n) )
  | (?P<newline>  \n )
  | (?P<escape>   \\[\[\]()\#<>\\] )
  | (?P<inline>   \( (?P<inner>(?:[^()\[\]\n\\]|\\.|\n(?![ \t]*\n))*) \) \[ (?P<how>[^\[\]\n]*) \] )
  | (?P<mark>     \[ (?P<inside>[^\[\]\n]*) \] )
  | (?P<stray>    [\[\]] )
  | (?P<close>    --> )
  | (?P<tag>      </?[A-Za-z][^<>\n]*> )
  | (?P<text>     (?:(?!-->)[^\\\n<\[\]()])+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ORDER = ("blank", "newline", "escape", "inline", "mark", "stray", "close", "tag", "text")
_HEADING = re.compile(r"[ ]{0,3}(#+)([^\n]*)")
_RULE = re.compile(r"[ ]{0,3}(-{3,}|_{3,}|\*{3,})[ \t]*(?=\n|\Z)")
_OPEN, _CLOSE = "<!--", "-->"


def tokens(body: str, first_line: int) -> Iterator[Token]:
    """The tokens of a body whose first line is number ``first_line`` of its file; text tokens are not merged."""
    bare = _without_comments(body)
    at, line, fresh = 0, first_line, True  # fresh: nothing but comments and spaces so far on this line
    while at < len(body):
        token = None
        if body.startswith(_OPEN, at):
            token = _comment(body, at, line)
        elif fresh and (found := _HEADING.match(bare, at)):
            token = _heading(found, line)
        elif fresh and (found := _RULE.match(bare, at)):
            fault = f"a line of {found[1]}, which is not spoken; the head of a script stands at its very start"
            token = Token("bad", at, found.end(), line, fault)
        token = token or _token(body, at, line)
        yield token
        raw = body[at : token.end]
        line += raw.count("\n")
        fresh = raw.endswith("\n") or token.kind == "blank" or (fresh and (token.kind == "comment" or not raw.strip()))
        at = token.end


def _without_comments(body: str) -> str:
    """The body with every comment as so many spaces, its line ends too: so a heading goes on after one."""
    parts, at = [], 0
    while (start := body.find(_OPEN, at)) >= 0:
        end = body.find(_CLOSE, start + len(_OPEN))
        end = len(body) if end < 0 else end + len(_CLOSE)
        parts += [body[at:start], " " * (end - start)]
        at = end
    return "".join([*parts, body[at:]])


def _comment(body: str, at: int, line: int) -> Token:
    end = body.find(_CLOSE, at + len(_OPEN))
    if end < 0:  # all the rest is inside it: one fault
        return Token("bad", at, len(body), line, "a comment that is never closed; expected --> after it")
    return Token("comment", at, end + len(_CLOSE), line, body[at : end + len(_CLOSE)])


def _heading(found: re.Match[str], line: int) -> Token:
    """A heading, its closing hashes taken off as in Markdown."""
    hashes, rest = found[1], found[2]
    title = rest.strip(" \t")
    plain = title.rstrip("#")
    if plain != title and (not plain or plain[-1] in " \t"):
        title = plain.rstrip(" \t")
    fault = ""
    if len(hashes) > 6:
        fault = f"a heading of {len(hashes)} hashes; expected one to six"
    elif rest and rest[0] not in " \t":
        fault = "a heading without a space after #; expected: # Title"
    elif re.search(r"(?<!\\)[\[\]]", title):
        fault = r"a mark in a heading; expected it on a line of its own, or \[ and \] to show brackets"
    if fault:
        return Token("bad", found.start(), found.end(), line, fault)
    return Token("heading", found.start(), found.end(), line, " ".join(unescape(title).split()))


def _token(body: str, at: int, line: int) -> Token:
    found = _TOKEN.match(body, at)
    assert found, "the pattern ends in a dot that matches anything"  # noqa: S101 - holds by construction
    kind = next(name for name in _ORDER if found[name] is not None)
    start, end = found.span()
    if kind == "text" and (comment := body.find(_OPEN, start, end)) > start:
        end = comment
    match kind:
        case "blank":
            return Token("blank", start, end, line, "\n")
        case "newline":
            return Token("text", start, end, line, "\n")
        case "escape":
            return Token("text", start, end, line, found[0][1])
        case "inline" if looks_inline(found["how"]):
            return Token("inline", start, end, line, found["how"], unescape(found["inner"]))
        case "inline":  # words in round brackets, and a mark of time after them: the bracket is only a character
            return Token("text", start, start + 1, line, "(")
        case "mark":
            return Token("mark", start, end, line, found["inside"].strip())
        case "stray":
            fault = "a [ that is never closed on its line" if found[0] == "[" else "a ] without its ["
            return Token("bad", start, end, line, rf"{fault}; to speak a bracket write \{found[0]}")
        case "close":
            return Token("bad", start, end, line, "a --> without its <!--")
        case "tag":
            return Token("tag", start, end, line, found[0])
    return Token("text", start, end, line, body[start:end])


def unescape(text: str) -> str:
    """The text without the backslashes that protect brackets and the like."""
    return re.sub(r"\\([\[\]()#<>\\])", r"\1", text)
