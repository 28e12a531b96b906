"""SSML as a script: what it says and how long it pauses, and a note of whatever a script has no mark for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from ..errors import NarrationError, Place, Problem, ScriptError, nearest
from ..script.front_matter import ONE
from ..script.inline import KEYS
from ..script.sentences import spoken
from ..timing import LONGEST
from .elements import Element, read_xml, shown
from .script_writing import Ends, Piece, Row, Silence, Words, comment, heading, plain, written
from .ssml_writing import BACKGROUND, CHAPTER

STRENGTHS_MS = {"none": 0, "x-weak": 250, "weak": 500, "medium": 750, "strong": 1000, "x-strong": 1250}  # as Azure's
META = ("title", "pace", "ending", "audience", "background", "lead", "tail")  # keys of a script that a meta may give
_TIME = re.compile(r"\+?(\d{0,9}(?:\.\d{1,9})?)(ms|s)", re.ASCII)
_NUMBER = re.compile(r"([+-]?)(\d{1,6}(?:\.\d{1,6})?)(%?)", re.ASCII)
_LOUDER = re.compile(r"([+-]?\d{1,4}(?:\.\d{1,4})?)dB", re.ASCII | re.IGNORECASE)
_RATES = ((60, "x-slow"), (90, "slow"), (110, "medium"), (140, "fast"))  # up to % of the voice's own: by judgement
_VOLUMES_DB = ((-10, "x-soft"), (-3, "soft"), (3, "medium"), (10, "loud"))  # up to dB: by judgement
_VOLUMES = ((0, "silent"), (20, "x-soft"), (40, "soft"), (60, "medium"), (80, "loud"))  # up to SSML 1.0's 0 to 100

Under = dict[str, str]  # inline marks that the words of an element are under


@dataclass(frozen=True)
class Reading:
    """A script, and what of the SSML it could not keep, each with its line."""

    script: str
    notes: tuple[str, ...]


def read_ssml(text: str, source: str = "-") -> Reading:
    """The script of an SSML text. Inverse, but for what a script has no mark for: :func:`~.ssml_writing.ssml`.

    Raises ScriptError with every problem of the text, each with its line and column.
    """
    return _Reader(source).read(read_xml(text, source))


class _Reader:
    """Walks the elements of one text, in order."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.head: dict[str, str] = {}
        self.pieces: list[Piece] = []
        self.problems: list[Problem] = []
        self.notes: dict[str, int] = {}  # each told once, with the first line

    def read(self, root: Element) -> Reading:
        if _name(root) != "speak":
            self.problem(root, f"found <{root.name}>; expected <speak>", "one <speak> around everything")
            raise ScriptError(self.source, self.problems)
        self.language(root, "language")
        self.inside(root, {})
        if self.problems:
            raise ScriptError(self.source, self.problems)
        if not any(isinstance(piece, Words) and spoken(piece.text) for piece in self.pieces):
            raise NarrationError("nothing in this file is spoken.", Place(self.source), "words inside <speak>")
        notes = tuple(f"{Place(self.source, line)}: note: {note}." for note, line in self.notes.items())
        return Reading(written(self.head, self.pieces), notes)

    def problem(self, element: Element, message: str, hint: str = "") -> None:
        self.problems.append(Problem(element.line, f"{shown(message)}.", shown(hint), column=element.column))

    def note(self, element: Element, message: str) -> None:
        self.notes.setdefault(shown(message), element.line)

    def language(self, element: Element, key: str = "") -> None:
        """The language of the whole text, or a note where some of it has another."""
        tag = element.attributes.get("xml:lang", "").strip()
        try:
            known = ONE["language"](tag) if tag else ""
        except ValueError as error:
            self.problem(element, f"xml:lang: {error}")
            return
        if known and key:
            self.head[key] = known
        elif known and known != self.head.get("language", known):
            self.note(element, f"the words in {known} are read as the rest is; a script has one language")

    def inside(self, element: Element, under: Under) -> None:
        for child in element.children:
            if isinstance(child, Element):
                self.element(child, under)
                continue
            if "{" in child or "}" in child:
                self.note(element, "braces are written as round brackets; in a script they are places to be filled")
            self.pieces.append(Words(child, tuple(under.items())))

    def element(self, element: Element, under: Under) -> None:
        name = _name(element)
        if name in _ELEMENTS:
            _ELEMENTS[name](self, element, under)
        elif ":" in name:
            self.note(element, f"<{name}> is not followed; the words inside it are kept")
            self.inside(element, under)
        else:
            self.problem(element, f"found <{name}>, which is no element of SSML ({nearest(name, _ELEMENTS)})")

    def block(self, element: Element, under: Under) -> None:
        """p and s."""
        self.language(element)
        ends = Ends(paragraph=_name(element) in ("p", "paragraph"))
        self.pieces.append(ends)
        self.inside(element, under)
        self.pieces.append(ends)

    def pause(self, element: Element, under: Under) -> None:
        time, strength = (element.attributes.get(key, "").strip() for key in ("time", "strength"))
        found = _TIME.fullmatch(time)
        if time and not (found and found[1]):
            near = f'time="{time}s"' if re.fullmatch(r"\d+(\.\d+)?", time, re.ASCII) else 'time="4s" or time="500ms"'
            self.problem(element, f'break: found time="{time}"; expected seconds or milliseconds', near)
        elif found:
            seconds = Fraction(f"0{found[1]}") / (1000 if found[2] == "ms" else 1)
            if seconds > LONGEST:
                self.problem(element, f'break: found time="{time}"; expected at most 24 hours')
            self.pieces.append(Silence(seconds))
        elif strength and strength not in STRENGTHS_MS:
            self.problem(element, f'break: found strength="{strength}" ({nearest(strength, STRENGTHS_MS)})')
        else:
            self.pieces.append(Silence(Fraction(STRENGTHS_MS[strength or "medium"], 1000)))

    def prosody(self, element: Element, under: Under) -> None:
        marks = dict(under)
        for key, value in element.attributes.items():
            if key in ("rate", "volume"):
                label = _RATE_OR_VOLUME[key](value.strip())
                if not label:
                    options = ", ".join(KEYS[key] or ())
                    self.problem(element, f'prosody: found {key}="{value}"; expected one of {options}')
                elif label != value.strip() and value.strip() != "default":
                    self.note(element, f'{key}="{value.strip()}" is read as {label}, the nearest that a script has')
                marks[key] = label or value
            else:
                self.note(element, f"{key} of <prosody> is not followed; the words inside it are kept")
        self.inside(element, {key: value for key, value in marks.items() if value != "medium"})  # as a voice is unasked

    def emphasis(self, element: Element, under: Under) -> None:
        level = element.attributes.get("level", "moderate").strip()
        if level not in (KEYS["emphasis"] or ()):
            self.problem(element, f'emphasis: found level="{level}" ({nearest(level, KEYS["emphasis"] or ())})')
        self.inside(element, under | {"emphasis": level})

    def sub(self, element: Element, under: Under) -> None:
        alias = _value(element.attributes.get("alias", ""))
        if not alias:
            self.problem(element, "found <sub> without its alias; expected what is said instead", '<sub alias="B W V">')
        self.worded(element, under, "sub", alias, instead=alias)

    def phoneme(self, element: Element, under: Under) -> None:
        alphabet, sounds = element.attributes.get("alphabet", "ipa"), _value(element.attributes.get("ph", ""))
        if alphabet != "ipa":
            self.note(element, f'phoneme: the alphabet "{alphabet}" is not read, only "ipa"; the words are kept')
            self.inside(element, under)
            return
        if not sounds:
            self.problem(
                element, "found <phoneme> without its ph; expected the sounds", '<phoneme alphabet="ipa" ph="…">'
            )
        self.worded(element, under, "ipa", sounds, instead="")

    def worded(self, element: Element, under: Under, kind: str, value: str, instead: str) -> None:
        """An element that puts something in the place of its words, which are text only."""
        words = "".join(child for child in element.children if isinstance(child, str))
        for child in element.children:
            if isinstance(child, Element):
                name = _name(element)
                self.problem(child, f"found <{child.name}> inside <{name}>; expected text only", f"<{name}> inside it")
        if spoken(words):
            self.inside(element, under | {kind: value})
        elif spoken(instead):
            self.pieces.append(Words(instead, tuple(under.items())))
        else:
            self.problem(element, f"found no words inside <{_name(element)}>; expected those that are written")

    def mark(self, element: Element, under: Under) -> None:
        name = plain(element.attributes.get("name", ""))
        if name.startswith(CHAPTER) and spoken(name.removeprefix(CHAPTER)):
            self.pieces.append(heading(name.removeprefix(CHAPTER)))
        elif name.startswith(BACKGROUND) and not set(name) & set("[]<>\\"):
            self.pieces.append(Row(f"[background {name.removeprefix(BACKGROUND)}]"))
        else:
            self.pieces.append(comment(f"mark: {name}"))

    def meta(self, element: Element, under: Under) -> None:
        key, value = element.attributes.get("name", ""), plain(element.attributes.get("content", ""))
        if key not in META or not value:
            return
        try:
            ONE[key](value)
        except ValueError as error:
            self.note(element, f"meta: {key}: {error}; left out")
        else:
            self.head[key] = value

    def through(self, element: Element, under: Under) -> None:
        """What changes the voice or the reading, and nothing about which words are said."""
        self.language(element)
        detail = next((f' {key}="{element.attributes[key]}"' for key in _DETAILS if key in element.attributes), "")
        if _name(element) not in ("token", "w", "lang"):
            self.note(element, f"<{_name(element)}{detail}> is not followed; the words inside it are kept")
        self.inside(element, under)

    def nothing(self, element: Element, under: Under) -> None:
        if _name(element) == "lexicon":
            self.note(element, "<lexicon> is not read: its pronunciations are left out")

    def audio(self, element: Element, under: Under) -> None:
        sound = element.attributes.get("src", "")
        hint = "taking it out; a script has one background at a time: background: FILE in its head"
        self.problem(element, f'found <audio src="{sound}">; expected words, which are all that a script plays', hint)


_DETAILS = ("name", "interpret-as", "ref")  # the attribute that tells most of an element that is read through
_ELEMENTS: dict[str, Callable[[_Reader, Element, Under], None]] = {
    **dict.fromkeys(("p", "s", "paragraph", "sentence"), _Reader.block),
    "break": _Reader.pause,
    "prosody": _Reader.prosody,
    "emphasis": _Reader.emphasis,
    "sub": _Reader.sub,
    "phoneme": _Reader.phoneme,
    "mark": _Reader.mark,
    "meta": _Reader.meta,
    "audio": _Reader.audio,
    **dict.fromkeys(("metadata", "lexicon"), _Reader.nothing),
    **dict.fromkeys(("voice", "lang", "say-as", "token", "w", "lookup"), _Reader.through),
}


def _name(element: Element) -> str:
    return element.name.removeprefix("ssml:")


def _value(text: str) -> str:
    """What may stand in the quotes of an inline mark; its own punctuation is no sound and no word."""
    return plain(text.translate(_NO_VALUE))


_NO_VALUE = str.maketrans('[];"', "  ,”")


def _up_to(rows: tuple[tuple[int, str], ...], number: float, beyond: str) -> str:
    return next((label for most, label in rows if number <= most), beyond)


def _rate(value: str) -> str:
    """The rate's name: of ``80%`` and ``0.8`` as parts of the voice's own rate, of ``-20%`` as a change of it."""
    if value == "default" or value in (KEYS["rate"] or ()):
        return "medium" if value == "default" else value
    if not (found := _NUMBER.fullmatch(value)) or (found[1] and not found[3]):
        return ""
    number = float(found[2]) * (1 if found[3] else 100)
    return _up_to(_RATES, {"+": 100 + number, "-": 100 - number}.get(found[1], number), "x-fast")


def _volume(value: str) -> str:
    """The volume's name: of ``-6dB``, of ``50`` on SSML 1.0's scale of 0 to 100, of ``+10%`` as a change of 100."""
    if value == "default" or value in (KEYS["volume"] or ()):
        return "medium" if value == "default" else value
    if found := _LOUDER.fullmatch(value):
        return _up_to(_VOLUMES_DB, float(found[1]), "x-loud")
    if not (found := _NUMBER.fullmatch(value)) or (found[1] and not found[3]):
        return ""
    number = float(found[2])
    return _up_to(_VOLUMES, {"+": 50 + number / 2, "-": 50 - number / 2}.get(found[1], number), "x-loud")


_RATE_OR_VOLUME: dict[str, Callable[[str], str]] = {"rate": _rate, "volume": _volume}
