"""The small language of triggers: operands that stand together, with words from the lexicon, and where they are found.

``{lie} > {on_back}``  the second after the first, at most REACH words between them
``{hold} >2 {breath}`` at most two words between them
``{oil} & {use}``      in either order
``… ~ {soft}``         not where this is said in the same place
``!stop & {pain}``     ``!``: the operand is forbidden or denied where it stands ("do not stop")
``=…``                 its polarity does not matter
``@``                  before the whole: look in all that is read, not in one segment
``#seconds``           a figure with that unit, over the rule's limit for the audience

In words ``press+`` stands for the verb in all its forms. Everything else is a regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from .beginnings import Beginnings, alternatives, beginnings, may_begin, stems, wanted

REACH = 8  # words between two operands; by judgement
UNITS = {
    "seconds": "seconds|counts",
    "breaths": "(?:slow |deep |full |long |easy |whole |big |calm )*breaths",
    "percent": "percent",
    "degrees": "degrees",
    "decibels": "decibels",
    "times": "times|rounds|repetitions|repeats",
}
IRREGULAR = {
    "hold": "hold|holds|held|holding",
    "keep": "keep|keeps|kept|keeping",
    "lie": "lie|lies|lay|lying|lain",
    "lay": "lay|lays|laid|laying",
    "sit": "sit|sits|sat|sitting",
    "stand": "stand|stands|stood|standing",
    "get": "get|gets|got|getting",
    "rise": "rise|rises|rose|risen|rising",
    "take": "take|takes|took|taking",
    "give": "give|gives|gave|giving",
    "draw": "draw|draws|drew|drawn|drawing",
    "drink": "drink|drinks|drank|drinking",
    "drive": "drive|drives|drove|driven|driving",
    "fall": "fall|falls|fell|fallen|falling",
    "throw": "throw|throws|threw|thrown|throwing",
    "hang": "hang|hangs|hung|hanging",
    "bend": "bend|bends|bent|bending",
    "swing": "swing|swings|swung|swinging",
    "spring": "spring|springs|sprang|springing",
    "wring": "wring|wrings|wrung|wringing",
    "wind": "wind|winds|wound|winding",
    "dig": "dig|digs|dug|digging",
    "sleep": "sleep|sleeps|slept|sleeping",
    "go": "go|goes|went|going",
    "come": "come|comes|came|coming",
    "let": "let|lets|letting",
    "put": "put|puts|putting",
    "set": "set|sets|setting",
    "push": "push|pushes|pushed|pushing",
    "leave": "leave|leaves|left|leaving",
    "run": "run|runs|ran|running",
    "bind": "bind|binds|bound|binding",
    "stick": "stick|sticks|stuck|sticking",
    "spin": "spin|spins|spun|spinning",
    "fling": "fling|flings|flung|flinging",
    "think": "think|thinks|thought|thinking",
    "wake": "wake|wakes|woke|waking",
    "breathe": "breathe|breathes|breathed|breathing",
    "tie": "tie|ties|tied|tying",
    "sink": "sink|sinks|sank|sunk|sinking",
    "shake": "shake|shakes|shook|shaking",
    "wear": "wear|wears|wore|wearing",
    "feel": "feel|feels|felt|feeling",
    "make": "make|makes|made|making",
    "grind": "grind|grinds|ground|grinding",
    "hurt": "hurt|hurts|hurting",
    "cut": "cut|cuts|cutting",
    "force": "force|forces|forced|forcing",
}
_NAME = re.compile(r"\{([a-z_]+)\}")
_I = re.compile(r"(?<!\\)\bI\b")  # what is read is in small letters
_VERB = re.compile(r"\b([a-z]{2,})\+")
_DENIAL = re.compile(r"\b(?:not|never|no|cannot|nothing|without|instead of|rather than|hardly|nobody|neither)\b")
_NEVER = "(?!)"
_JOIN = re.compile(r"\s+([>&])(\d*)\s+")


class Lexicon:
    """Concepts: a name and its words, as a pattern that may name others."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words
        self._expanded: dict[str, str] = {}
        self._beginnings: dict[str, Beginnings] = {}
        self._stems: frozenset[str] | None = None  # how the words begin that are known to be all there are

    def narrowed(self, heads: frozenset[str]) -> Lexicon:
        """The lexicon for a text whose words have no other heads: without what cannot be in it, which is most of it."""
        less = Lexicon(self._words)
        less._beginnings, less._stems = self._beginnings, stems(heads)
        return less

    def expand(self, text: str) -> str:
        """A pattern with its verbs inflected and its concepts put in. Raises KeyError for a name there is not."""
        return _NAME.sub(lambda found: f"(?:{self._expand(found[1])})", self._narrow(_inflected(text)))

    def _narrow(self, text: str) -> str:
        if self._stems is None:
            return text
        kept = [one for one in alternatives(text) if may_begin(beginnings(one, self._begin), self._stems)]
        return "|".join(kept) or _NEVER

    def heads(self, text: str) -> frozenset[str] | None:
        """See :func:`.beginnings.wanted`, of a pattern as :meth:`expand` takes it."""
        return wanted(beginnings(_inflected(text), self._begin))

    def _expand(self, name: str) -> str:
        if name not in self._expanded:
            self._expanded[name] = self.expand(self._words[name])
        return self._expanded[name]

    def _begin(self, name: str) -> Beginnings:
        if name not in self._beginnings:
            self._beginnings[name] = beginnings(_inflected(self._words[name]), self._begin)
        return self._beginnings[name]


@dataclass(frozen=True)
class Operand:
    """One word or phrase of a trigger; ``unit`` for a figure over a limit. What it comes to is found when asked for.

    Most is never asked for, because nothing stands before it in what is judged.
    """

    text: str
    lexicon: Lexicon = field(repr=False, compare=False)
    polarity: str = ""  # "" plain | "!" forbidden | "=" any
    unit: str = ""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The words as a regular expression."""
        return word(self._expanded)

    @cached_property
    def denies(self) -> bool:
        """Whether it has a denial among its own words ("cannot open")."""
        return bool(_DENIAL.search(self._expanded))

    @cached_property
    def heads(self) -> frozenset[str] | None:
        """A text without a word that begins so holds no match; None: not known."""
        return self.lexicon.heads(self.text)

    @cached_property
    def _expanded(self) -> str:
        return self.lexicon.expand(self.text)


@dataclass(frozen=True)
class Trigger:
    """Operands and, between each and the next, whether the order counts and how many words may stand there."""

    operands: tuple[Operand, ...]
    joins: tuple[tuple[str, int], ...]
    unless: Operand | None
    whole: bool
    spelling: str

    def may_be_in(self, heads: frozenset[str]) -> bool:
        """Whether a text whose words begin so can hold every operand."""
        for one in self.operands:  # noqa: SIM110 - all() takes twice the time, and a check asks half a million times
            if one.heads is not None and one.heads.isdisjoint(heads):
                return False
        return True


def _inflected(text: str) -> str:
    return _I.sub("i", _VERB.sub(lambda found: _forms(found[1]), text))


def _forms(verb: str) -> str:
    if verb in IRREGULAR:
        return f"(?:{IRREGULAR[verb]})"
    if verb.endswith("e"):
        return f"{verb[:-1]}(?:e|es|ed|ing)"
    if verb.endswith("y") and verb[-2] not in "aeo":
        return f"{verb[:-1]}(?:y|ies|ied|ying)"
    return f"{verb}(?:s|es|ed|ing|{verb[-1]}ed|{verb[-1]}ing)?"


@cache
def word(pattern: str) -> re.Pattern[str]:
    """A pattern that begins and ends with whole words; in small letters or large, for "I" is written as itself."""
    return re.compile(rf"(?<![\w'])(?:{pattern})(?!\w)", re.IGNORECASE)


def trigger(spelling: str, lexicon: Lexicon) -> Trigger:
    """A trigger from its spelling. Raises KeyError for a word that the lexicon lacks."""
    whole = spelling.startswith("@")
    wanted, _, unless = spelling.removeprefix("@").strip().partition(" ~ ")
    parts = _JOIN.split(wanted)
    operands = tuple(_operand(part, lexicon) for part in parts[::3])
    joins = tuple((sign, int(reach or REACH)) for sign, reach in zip(parts[1::3], parts[2::3], strict=True))
    return Trigger(operands, joins, Operand(unless.strip(), lexicon) if unless else None, whole, spelling)


def _operand(text: str, lexicon: Lexicon) -> Operand:
    polarity = text[0] if text[0] in "!=" else ""
    text = text.removeprefix(polarity)
    unit = next((unit for unit in UNITS if f"#{unit}" in text), "")
    if unit:
        text = text.replace(f"#{unit}", rf"(?P<n>\d+(?:\.\d+)?) (?:{UNITS[unit]})")
    return Operand(text, lexicon, polarity, unit)


Span = tuple[int, int]


def matches(
    trigger: Trigger, text: str, limits: Mapping[str, float], start: int, end: int
) -> Iterator[tuple[Span, ...]]:
    """Every way the trigger's operands stand together in text[start:end], as spans in the order of the trigger."""
    found: list[list[Span]] = []
    for operand in trigger.operands:
        spans = [
            hit.span()
            for hit in operand.pattern.finditer(text, start, end)
            if not operand.unit or float(hit["n"]) > limits[operand.unit]
        ]
        if not spans:
            return
        found.append(spans)
    yield from _joined(trigger, text, found, ())


def _joined(
    trigger: Trigger, text: str, found: list[list[Span]], chosen: tuple[Span, ...]
) -> Iterator[tuple[Span, ...]]:
    if len(chosen) == len(found):
        yield chosen
        return
    for span in found[len(chosen)]:
        if not chosen or _near(chosen[-1], span, trigger.joins[len(chosen) - 1], text):
            yield from _joined(trigger, text, found, (*chosen, span))


def _near(first: Span, second: Span, join: tuple[str, int], text: str) -> bool:
    sign, reach = join
    if first[1] <= second[0]:
        gap = text[first[1] : second[0]]
    elif sign == "&" and second[1] <= first[0]:
        gap = text[second[1] : first[0]]
    else:
        return False
    return len(gap.split()) <= reach
