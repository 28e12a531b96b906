"""How well the check does on labelled cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import NarrationError, Place, nearest
from .judging import found, missing
from .language import windows
from .table import rules

AUDIENCES = ("general", "pregnancy", "sleep")
_EXAMPLE = '{"rule": "breath_hold", "text": "Hold your breath.", "should_flag": true, "audience": "general"}'


@dataclass(frozen=True)
class Figures:
    """Counts of flagged as they should be, flagged wrongly, and overlooked."""

    true: int = 0
    false: int = 0
    overlooked: int = 0

    @property
    def precision(self) -> float:
        """The share of what was flagged that should be; 1 where nothing was flagged."""
        return self.true / (self.true + self.false) if self.true + self.false else 1.0

    @property
    def recall(self) -> float:
        """The share of what should be flagged that was; 1 where nothing should be."""
        return self.true / (self.true + self.overlooked) if self.true + self.overlooked else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return (
            2 * self.true / (2 * self.true + self.false + self.overlooked)
            if self.true
            else float(not self.false and not self.overlooked)
        )

    def counted(self, should: bool, flagged: bool) -> Figures:
        """These figures and one more case."""
        return Figures(
            self.true + (should and flagged),
            self.false + (flagged and not should),
            self.overlooked + (should and not flagged),
        )

    def as_json(self) -> dict[str, float]:
        """The three figures."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1}


@dataclass(frozen=True)
class Score:
    """The figures over all cases and by rule, the cases judged wrongly, and one prediction a case, in order."""

    overall: Figures
    by_rule: Mapping[str, Figures]
    misses: tuple[dict[str, Any], ...]
    predictions: tuple[dict[str, Any], ...]

    @property
    def precision(self) -> float:
        """Over all cases."""
        return self.overall.precision

    @property
    def recall(self) -> float:
        """Over all cases."""
        return self.overall.recall

    @property
    def f1(self) -> float:
        """Over all cases."""
        return self.overall.f1

    def as_json(self) -> dict[str, Any]:
        """The document that ``check --cases --json`` prints."""
        by_rule = {rule: figures.as_json() for rule, figures in self.by_rule.items()}
        return {**self.overall.as_json(), "rules": by_rule, "predictions": list(self.predictions)}


def read_cases(text: str, file: str) -> list[dict[str, Any]]:
    """The cases of a JSON lines file. Raises NarrationError with the line where one is malformed."""
    known = {rule.id: rule for rule in rules()}
    cases = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        place = Place(file, number)
        try:
            case = json.loads(line)
        except ValueError as error:
            raise NarrationError(f"this line is not JSON: {error}.", place) from error
        if not isinstance(case, dict) or not all(isinstance(case.get(key), str) for key in ("rule", "text")):
            raise NarrationError('a case is an object with at least "rule" and "text".', place, _EXAMPLE)
        if case["rule"] not in known:
            raise NarrationError(f'there is no rule "{case["rule"]}" ({nearest(case["rule"], known)}).', place)
        if (case.get("audience") or "general") not in AUDIENCES:
            raise NarrationError(f"found the audience {case['audience']!r}, expected {', '.join(AUDIENCES)}.", place)
        if not isinstance(case.get("should_flag"), bool | None):
            raise NarrationError(f"found should_flag {case['should_flag']!r}, expected true or false.", place)
        cases.append(case)
    return cases


def score(cases: Iterable[Mapping[str, Any]]) -> Score:
    """The score of labelled cases, each judged under its ``audience`` and only for the ``rule`` it names.

    A case without ``should_flag`` is predicted and not counted. Raises KeyError for a case without rule or text.
    """
    overall, by_rule = Figures(), dict[str, Figures]()
    misses, predictions = [], []
    for case in cases:
        rule, should = case["rule"], case.get("should_flag")
        flagged = _flagged(rule, case["text"], case.get("audience") or "general")
        predictions.append({"rule": rule, "text": case["text"], "flagged": flagged})
        if should is None:
            continue
        overall = overall.counted(should, flagged)
        by_rule[rule] = by_rule.get(rule, Figures()).counted(should, flagged)
        if flagged != should:
            misses.append({**case, "flagged": flagged})
    return Score(overall, by_rule, tuple(misses), tuple(predictions))


def _flagged(name: str, text: str, tag: str) -> bool:
    """Whether one rule finds fault with a text tagged general, pregnancy or sleep."""
    rule = next(rule for rule in rules() if rule.id == name)
    audience, ending = ("general", "sleep") if tag == "sleep" else (tag, "return")
    if rule.severity_for(audience, ending) is None:
        return False
    if rule.level == "document":
        return missing(rule, [text], tension=False)
    return any(found(rule, window, audience) is not None for window in windows(text))
