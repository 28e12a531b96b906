"""A script in its standard spelling: the marks rewritten, the words and comments left as they are."""

from __future__ import annotations

import re

from . import body_of, parse
from .front_matter import split
from .inline import read_inline, spell_inline
from .marks import read_break_tag, read_mark
from .tokens import Token, tokens


def fmt(text: str, source: str = "-") -> str:
    """The same script with every mark in its standard spelling, single blank lines and no trailing white space.

    ``parse(fmt(text)) == parse(text)``, and fmt is idempotent. The front matter is left as it is. Raises ScriptError
    for a script that does not parse: nothing is rewritten on a guess.
    """
    parse(text, source)
    lines = split(text).lines
    body = body_of(text, lines)
    head = text[: len(text) - len(body)]
    spelled = "".join(_spell(token, body) for token in tokens(body, lines + 1))
    spelled = re.sub(r"[ \t]+(?=\n|\Z)", "", spelled)
    spelled = re.sub(r"\n{3,}", "\n\n", spelled).strip("\n")
    gap = "\n" if head and spelled else ""
    return head.rstrip("\n") + "\n" * bool(head) + gap + spelled + "\n" * bool(spelled)


def _spell(token: Token, body: str) -> str:
    match token.kind:
        case "mark":
            words = " ".join(token.value.split()).lower()
            if words in ("end", "otherwise"):
                return f"[{words}]"
            mark, node = read_mark(token.value)
            return f"[{mark.spell(node)}]"
        case "tag":
            mark, _ = read_mark("0s")
            return f"[{mark.spell(read_break_tag(token.value))}]"
        case "inline":
            inner = body[token.start : token.end].rpartition("[")[0]
            return f"{inner}[{spell_inline(read_inline(token.value))}]"
        case "heading":
            raw = body[token.start : token.end]
            hashes = raw.lstrip()
            level = len(hashes) - len(hashes.lstrip("#"))
            return raw if "<!--" in raw else f"{'#' * level} {_escaped(token.value)}"
    return body[token.start : token.end]


def _escaped(text: str) -> str:
    return re.sub(r"([\[\]<>])", r"\\\1", text)
