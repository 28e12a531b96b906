"""What a rule finds in a sentence: its triggers, where nothing denies, conditions or only pictures them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from .language import normal, resolved, segments, sentences, windows
from .patterns import Operand, Span, Trigger, matches
from .polarity import Reading
from .table import ASIDES, Rule, Severity, rules, scope


@dataclass(frozen=True)
class Finding:
    """One thing found: where, by which rule, how grave, why, by whose authority, and what to write instead.

    ``basis`` is how strong the ground is; ``waived`` the reason and the name of who answers for it, or empty.
    """

    file: str
    line: int
    rule: str
    severity: Severity
    text: str
    why: str
    source: str = ""
    suggestion: str = ""
    basis: str = ""
    waived: str = ""

    @property
    def stops(self) -> bool:
        """Whether no track is made until this is put right or a person answers for it."""
        return self.severity == "error" and not self.waived

    def as_json(self) -> dict[str, Any]:
        """The fields of the command line's contract."""
        return asdict(self)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        said = f' "{self.text}":' if self.text and self.basis else ""
        hint = f" Try: {self.suggestion}" if self.suggestion else ""
        ground = f" [{self.basis}: {self.source}]" if self.basis else ""
        waived = f" Waived: {self.waived}" if self.waived else ""
        if self.basis and not self.text:
            unsaid = f'left unsaid: "{self.suggestion}". Why: {self.why}'
            return f"{place}: {self.severity}: {unsaid}{ground} ({self.rule}){waived}"
        return f"{place}: {self.severity}:{said} {self.why}{ground} ({self.rule}){hint}{waived}"


@lru_cache(maxsize=4096)
def readings(said: str) -> tuple[Reading, ...]:
    """What was said, read once for all rules: as it stands and, where that differs, with "it" put into words."""
    text = normal(said)
    return tuple(Reading(one, segments(one), scope()) for one in dict.fromkeys((text, resolved(text))))


def found(rule: Rule, said: str, audience: str, joined: bool = False) -> str | None:
    """The clause of what is said that the rule finds fault with, as it is written; None where there is none.

    ``joined``: two lines of a script, in which only the triggers that may span sentences are looked for.
    """
    triggers = tuple(one for one in rule.triggers if one.whole) if joined else rule.triggers
    limits = rule.limits_for(audience)
    clauses = (_found(rule, triggers, said, read, limits) for read in readings(said)) if triggers else ()
    return next((clause for clause in clauses if clause is not None), None)


def _found(
    rule: Rule, triggers: tuple[Trigger, ...], said: str, read: Reading, limits: Mapping[str, float]
) -> str | None:
    for trigger in triggers:
        for start, end in [(0, len(read.text))] if trigger.whole else read.segments:
            if not trigger.may_be_in(read.heads[start, end]):
                continue
            if not any(
                _stands(rule, trigger, read, spans) for spans in matches(trigger, read.text, limits, start, end)
            ):
                continue
            if not _said(rule.clears, read, start, end) and not _said(trigger.unless, read, start, end):
                return _written(said, read, start, end)
    return None


def _said(words: Operand | None, read: Reading, start: int, end: int) -> bool:
    """Whether the words, if any are wanted, stand there and are not denied."""
    return words is not None and any(
        not read.negated(hit.start(), (hit.span(),)) for hit in words.pattern.finditer(read.text, start, end)
    )


def _stands(rule: Rule, trigger: Trigger, read: Reading, spans: tuple[Span, ...]) -> bool:
    """Whether what was matched is said as something to do."""
    for operand, span in zip(trigger.operands, spans, strict=True):
        denied = read.negated(span[0], spans)
        denied = denied or (operand.polarity == "" and not operand.denies and read.denied_within(span))
        if operand.polarity != "=" and denied != (operand.polarity == "!"):
            return False
    if "condition" not in rule.keeps and read.conditional(spans):
        return False
    if "following" not in rule.keeps and read.denied_after(max(end for _, end in spans)):
        return False
    first = min(start for start, _ in spans)
    return not any(kind not in rule.keeps and read.aside(first, kind) for kind in ASIDES)


def _written(sentence: str, read: Reading, start: int, end: int) -> str:
    """The segment as the author wrote it; the sentence where it cannot be told apart."""
    written = segments(sentence)
    if (start, end) not in read.segments or len(written) != len(read.segments):
        return sentence
    a, b = written[read.segments.index((start, end))]
    return sentence[a:b]


def heads_of(texts: Iterable[str]) -> frozenset[str]:
    """How the words of texts begin, as they are read."""
    return frozenset().union(*(read.heads[0, len(read.text)] for text in texts for read in readings(text)))


@lru_cache(maxsize=4096)
def faults(
    said: str, audience: str, ending: str, joined: bool = False, heads: frozenset[str] | None = None
) -> tuple[tuple[Rule, Severity, str], ...]:
    """(rule, severity, clause) for every sentence rule that finds fault with what is said; ``heads`` as for rules."""
    return tuple(
        (rule, severity, clause)
        for rule in rules(heads)
        if rule.level == "sentence"
        and (severity := rule.severity_for(audience, ending))
        and (clause := found(rule, said, audience, joined)) is not None
    )


def says(trigger: Trigger, sentence: str) -> bool:
    """Whether a sentence holds the trigger's words; polarity counts only where the trigger asks for a denial."""
    read = readings(sentence)[0]
    if not trigger.may_be_in(read.heads[0, len(read.text)]):
        return False
    for spans in matches(trigger, read.text, {}, 0, len(read.text)):
        if trigger.unless and trigger.unless.pattern.search(read.text):
            return False
        if all(
            operand.polarity == "=" or read.negated(span[0], spans) == (operand.polarity == "!")
            for operand, span in zip(trigger.operands, spans, strict=True)
        ):
            return True
    return False


def missing(rule: Rule, texts: list[str], tension: bool) -> bool:
    """Whether a rule of whole scripts applies and some group of what it wants is said nowhere.

    The first of ``texts`` is what is spoken, which decides whether the rule applies; the others are read beside it.
    """
    said = [sentence for text in texts for sentence in sentences(text)]
    spoken = sentences(texts[0])
    applies = (
        not rule.present or (rule.tension and tension) or any(says(one, s) for one in rule.present for s in spoken)
    )
    if not applies:
        return False
    pairs = said + [window for text in texts for window in windows(text)]
    return any(not any(says(one, pair) for one in group for pair in pairs) for group in rule.wanted)


def finding(rule: Rule, severity: Severity, text: str, file: str, line: int) -> Finding:
    """A finding of a rule at a place."""
    return Finding(file, line, rule.id, severity, text, rule.why, rule.source, rule.suggestion, rule.basis)
