"""XML text into elements that know their places; nothing that a stranger's document asks for is fetched or expanded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from ..errors import Problem, ScriptError

DEEPEST = 100  # elements inside elements
_SHOWN = 24  # characters of what was found
_EXPECTED = {  # by expat's word for the fault: what was expected, and what to try
    expat.errors.XML_ERROR_UNDEFINED_ENTITY: (
        "one of &amp; &lt; &gt; &quot; &apos; or a number like &#233;",
        "&amp; for an & that is spoken, or the character itself",
    ),
    expat.errors.XML_ERROR_INVALID_TOKEN: ("XML", "&amp; for an & and &lt; for a < that are spoken"),
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: ("nothing after </speak>", "one <speak> around everything"),
    expat.errors.XML_ERROR_MISPLACED_XML_PI: ("<?xml …?> at the very start of the file", "no line before it"),
}


@dataclass(frozen=True)
class Element:
    """An element: its name and attributes as written, prefixes too, its place, and what is in it."""

    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Element | str] = field(default_factory=list)


class _Builder:
    """Hears what expat tells, and refuses document types, and so every entity of a document's own."""

    def __init__(self, text: str, source: str) -> None:
        self.text, self.source = text, source
        self.top = Element("", {}, 1, 1)
        self.open = [self.top]
        self.expat = expat.ParserCreate()
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = lambda name: self.open.pop()
        self.expat.CharacterDataHandler = lambda text: self.open[-1].children.append(text)
        self.expat.StartDoctypeDeclHandler = self._doctype

    def _place(self) -> tuple[int, int]:
        return self.expat.CurrentLineNumber, self.expat.CurrentColumnNumber + 1

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) > DEEPEST:
            line, column = self._place()
            message = f"found more than {DEEPEST} elements inside one another; expected fewer."
            raise ScriptError(self.source, [Problem(line, message, column=column)])
        element = Element(name, attributes, *self._place())
        self.open[-1].children.append(element)
        self.open.append(element)

    def _doctype(self, *_: object) -> None:
        before = self.text[: self.text.index("<!DOCTYPE")]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = "found a <!DOCTYPE …>, which is not read; expected <speak>."
        raise ScriptError(self.source, [Problem(line, message, "the file without its <!DOCTYPE …>", column=column)])


def read_xml(text: str, source: str) -> Element:
    """The outermost element of an XML text. Raises ScriptError, with line and column, for what is not XML."""
    builder = _Builder(text, source)
    try:
        builder.expat.Parse(text, True)
    except expat.ExpatError as error:
        raise ScriptError(source, [_problem(error, text, builder.open[1:])]) from None
    (root,) = (child for child in builder.top.children if isinstance(child, Element))
    return root


def shown(text: str) -> str:
    """The text on one line as messages show it: no control character of a stranger's reaches a terminal."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", text).split())


def _problem(error: expat.ExpatError, text: str, still_open: list[Element]) -> Problem:
    """A fault of expat's, in our words."""
    rows = text.split("\n")
    row = rows[error.lineno - 1] if error.lineno <= len(rows) else ""
    column = error.offset + 1
    column -= row[column - 2 : column - 1] in ("&", "<")  # expat stops at what follows the fault
    found = shown(row[column - 1 :][:_SHOWN])
    told = f'found "{found}" ({_fault(error)})' if found else f"found the end of the line ({_fault(error)})"
    expected, hint = _EXPECTED.get(_fault(error), ("XML", ""))
    if not text.strip():
        told, expected, hint = "found nothing", "<speak>", "a file of SSML"
    elif still_open and _fault(error) in (expat.errors.XML_ERROR_TAG_MISMATCH, expat.errors.XML_ERROR_NO_ELEMENTS):
        expected = hint = f"</{still_open[-1].name}>"
        expected += f" for the <{still_open[-1].name}> of line {still_open[-1].line}"
    elif not still_open and not text.lstrip().startswith("<"):
        expected, hint = "<speak>", "a file of SSML; a script needs no conversion"
    return Problem(error.lineno, f"{told}; expected {expected}.", hint, column=column)


def _fault(error: expat.ExpatError) -> str:
    """expat's word for a fault, such as ``mismatched tag``."""
    return expat.errors.messages[error.code]
