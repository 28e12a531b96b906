"""A plan as SSML 1.1 (W3C, 2010): every sentence, and every silence between two of them to the millisecond."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from ..document import Document, Say
from ..files import MARK, generator
from ..spans import Chapter, Plan, Turn
from ..timing import format_duration, to_seconds
from .outline import Silence, breaks, outline, pieces

CHAPTER, BACKGROUND = "chapter: ", "background: "  # how the names of our marks begin; read again by read_ssml
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def ssml(document: Document, plan: Plan) -> str:
    """The SSML of a laid-out document. What SSML has no word for stands in ``meta``, ``mark`` and comments.

    Chapters are marks named ``chapter: Title``, changes of the background marks named ``background: NAME``. Of a
    pronunciation and a substitution on the same words only the pronunciation is written: the two cannot be nested.
    Inverse, but for holds, releases and breaths, which come back as pauses: :func:`read_ssml`.
    """
    rows = [f"  <meta name={_quoted(name)} content={_quoted(value)}/>" for name, value in _head(document, plan).items()]
    open_paragraph = False

    def put(row: str, outside: bool = False) -> None:
        nonlocal open_paragraph
        if open_paragraph and outside:
            rows.append("  </p>")
            open_paragraph = False
        rows.append(("    " if open_paragraph else "  ") + row)

    for step in outline(plan):
        match step:
            case Chapter(title=title):
                put(f"<mark name={_quoted(CHAPTER + title)}/>", outside=True)
            case Turn(background=background):
                put(f"<mark name={_quoted(BACKGROUND + background)}/>")
            case Silence(cue=cue, closes=closes):
                row = "".join(f'<break time="{time}"/>' for time in breaks(step))
                put(row + f" <!-- {cue} -->" * bool(cue), outside=closes)
            case Say():
                if not open_paragraph:
                    put("<p>")
                    open_paragraph = True
                put(f"<s>{_sentence(step)}</s>")
    if open_paragraph:
        put("", outside=True)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<!-- {MARK}: {generator()} -->",
            f'<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang={_quoted(document.language)}>',
            *(row for row in rows if row.strip()),
            "</speak>\n",
        ]
    )


def _head(document: Document, plan: Plan) -> dict[str, str]:
    """What is not said, by the key of the front matter that says it in a script."""
    edges = {kind: next((span.length for span in plan.spans if span.kind == kind), 0) for kind in ("lead", "tail")}
    return {
        "title": document.title,
        "pace": document.pace,
        "ending": document.ending,
        "audience": document.audience,
        "background": document.background,
        **{kind: format_duration(to_seconds(length)) for kind, length in edges.items()},
    }


def _sentence(say: Say) -> str:
    return "".join(_wrapped(text, how) for text, how in pieces(say))


def _wrapped(text: str, how: dict[str, str]) -> str:
    """The words inside an element for each of their marks, those that hold only text innermost."""
    inner = _escaped(text)
    if "ipa" in how:
        inner = f'<phoneme alphabet="ipa" ph={_quoted(how["ipa"])}>{inner}</phoneme>'
    elif "sub" in how:
        inner = f"<sub alias={_quoted(how['sub'])}>{inner}</sub>"
    if "emphasis" in how:
        inner = f"<emphasis level={_quoted(how['emphasis'])}>{inner}</emphasis>"
    if prosody := [f" {name}={_quoted(how[name])}" for name in ("rate", "volume") if name in how]:
        inner = f"<prosody{''.join(prosody)}>{inner}</prosody>"
    if "voice" in how:
        inner = f"<voice name={_quoted(how['voice'])}>{inner}</voice>"
    return inner


def _escaped(text: str) -> str:
    return escape(_NO_XML.sub(" ", text))


def _quoted(value: str) -> str:
    return quoteattr(_NO_XML.sub(" ", " ".join(value.split())))
