"""Whether a place in a text is commanded, forbidden, or only spoken of: the reach of negations and conditions.

The words come from the table ``[scope]`` of rules.toml. The idea is that of NegEx: a negation reaches forwards until a
contrast, some phrases look like negations and are none ("do not stop pressing"), and some stand after what they deny.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .beginnings import heads
from .patterns import Lexicon, Span, word

_LISTED = re.compile(
    r"(?:or|nor|not|no|even|and not|let alone|much less|still less|least of all)\b"
    r"|(?:[\w' ]{1,40}, ?){0,3}(?:[\w' ]{1,40}? )?(?:or|nor)\b"
)
_DONE = re.compile(  # where a picture goes over into what is to be done meanwhile
    r"\b(?:while|as) you\b(?! (?:were|are)\b)|, (?:and )?(?:now|then)\b"
    r"|, and (?=(?:hold|press|push|pull|squeeze|tighten|tense|clench|stretch|tilt|twist|bend|rub|knead|pant|gasp"
    r"|roll your)\b)"
)
_SUBORDINATE = re.compile(r"\b(?:if|when|whenever|because|since|although|though|while|until|once|where) [^,]{0,60}$")
_REFUSED = re.compile(
    r"\? (?:please )?(?:do not\b|not (?:here|today|now|at all|in)\b|never\b|better not|no[.,;]|no thank)"
)
_LISTED_SIGN = re.compile(r"(?:or|have)\b|(?:a|an|some|any|your baby)\b[^,]*(?:,|\bor\b)")
_PAUSE = re.compile(r",|\bthen\b")
_COMMA, _AND = re.compile(r", "), re.compile(r" and ")
_TOLD = re.compile(r"\b(?:you|we|i|it|that|this|they|there)\b")  # a picture that is told on, no command


@dataclass(frozen=True)
class Scope:
    """The compiled table."""

    negators: re.Pattern[str]
    brief: re.Pattern[str]  # negators that reach no further than a comma
    dropping: re.Pattern[str]  # negators of a thing, which reach no further than "and" with a command
    pseudo: re.Pattern[str]
    following: re.Pattern[str]
    conditions: re.Pattern[str]
    commands: re.Pattern[str]
    imagery: re.Pattern[str]
    reports: re.Pattern[str]
    noticing: re.Pattern[str]


def scope_of(table: Mapping[str, str], lexicon: Lexicon) -> Scope:
    """The scope words of a table. Raises KeyError where one is missing."""
    return Scope(**{name: word(lexicon.expand(table[name])) for name in Scope.__dataclass_fields__})


class Reading:
    """One normalised text and what its small words do."""

    def __init__(self, text: str, segments: list[Span], scope: Scope) -> None:
        self.text, self.segments, self._scope = text, segments, scope
        self.heads = {span: heads(text[slice(*span)]) for span in [*segments, (0, len(text))]}
        self._negations = list(self._negated())
        self._conditions = [(hit.start(), self._condition_end(hit.end())) for hit in scope.conditions.finditer(text)]
        self._asides = {
            kind: [(hit.start(), self._aside_end(hit.end(), kind)) for hit in getattr(scope, kind).finditer(text)]
            for kind in ("imagery", "reports", "noticing")
        }

    def _negated(self) -> Iterator[tuple[int, int, int]]:
        """(start, end, reach) of each negation; one that begins a pseudo-negation reaches no further than that."""
        pseudo = [hit.span() for hit in self._scope.pseudo.finditer(self.text)]
        for hit in self._scope.negators.finditer(self.text):
            within = next((stop for start, stop in pseudo if start <= hit.start() < stop), None)
            reach = self._reach(hit.end(), bool(self._scope.brief.fullmatch(hit[0]))) if within is None else within
            if self._scope.dropping.fullmatch(hit[0]):
                reach = self._before_command(_AND, hit.end(), reach)
            yield hit.start(), hit.end(), reach

    def negated(self, place: int, spans: tuple[Span, ...] = ()) -> bool:
        """Whether a negation reaches the place; those within one of ``spans`` belong to what is looked for."""
        return any(
            end <= place < reach for start, end, reach in self._negations if not any(a <= start < b for a, b in spans)
        )

    def denied_within(self, span: Span) -> bool:
        """Whether a negation inside the span reaches its end ("the bath should be warm, never hot")."""
        return any(start != span[0] and span[0] < end < span[1] <= reach for start, end, reach in self._negations)

    def denied_after(self, end: int) -> bool:
        """Whether the segment goes on with a phrase such as "is not needed"."""
        comma = self.text.find(",", end)
        stop = self._segment_end(end)
        if self.text.startswith("?", stop) and _REFUSED.match(self.text, stop):
            return True
        return bool(self._scope.following.search(self.text, end, stop if comma < 0 else min(comma, stop)))

    def conditional(self, spans: tuple[Span, ...]) -> bool:
        """Whether all of it stands within one condition ("if you notice that you hold your breath, …")."""
        return any(all(start <= a and b <= end for a, b in spans) for start, end in self._conditions)

    def aside(self, place: int, kind: str) -> bool:
        """Whether the place stands in a picture, a report of others, or is something noticed."""
        return any(start <= place < end for start, end in self._asides[kind])

    def _before_command(self, joint: re.Pattern[str], place: int, end: int) -> int:
        """The first joint in text[place:end] that a command follows; the end where there is none."""
        for hit in joint.finditer(self.text, place, end):
            command = self._scope.commands.match(self.text, hit.end())
            if command and not _TOLD.search(command[0]):
                return hit.start()
        return end

    def _segment_end(self, place: int) -> int:
        return next((end for start, end in self.segments if place <= end), len(self.text))

    def _aside_end(self, place: int, kind: str) -> int:
        """Where an aside stops; a picture, too, where a command begins ("imagine a nut, and crush it")."""
        end = self._segment_end(place)
        if kind != "imagery":
            return end
        done = _DONE.search(self.text, place, end)
        return min(done.start() if done else end, self._before_command(_COMMA, place, end))

    def _segment_start(self, place: int) -> int:
        return next((start for start, end in self.segments if place <= end), 0)

    def _reach(self, place: int, brief: bool) -> int:
        """Where a negation that ends at ``place`` stops: a comma before a new command, or the segment's end."""
        end = self._segment_end(place)
        comma = self.text.find(",", place, end)
        brief = brief or bool(_SUBORDINATE.search(self.text, self._segment_start(place), place))
        while comma >= 0:
            after = self.text[comma + 1 : end].lstrip()
            if not _LISTED.match(after) and (brief or self._scope.commands.match(after)):
                return comma
            comma = self.text.find(",", comma + 1, end)
        return end

    def _condition_end(self, place: int) -> int:
        end = self._segment_end(place)
        for hit in _PAUSE.finditer(self.text, place, end):
            after = self.text[hit.end() : end].lstrip()
            if hit[0] == "then" or not _LISTED_SIGN.match(after):
                return hit.start()
        return end
