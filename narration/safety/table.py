"""The rules as values, read from rules.toml, which holds all that is particular to a rule."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

from .patterns import Lexicon, Operand, Trigger, trigger
from .polarity import Scope, scope_of

Severity = Literal["error", "warn", "info"]
ASIDES = ("imagery", "reports", "noticing")


@dataclass(frozen=True)
class Rule:
    """One rule. ``severity`` by audience: general, pregnancy, or ``sleep`` for a script that ends in sleep.

    A sentence rule has ``triggers``; a rule of whole scripts has ``present`` (what makes it apply; empty: always) and
    ``wanted`` (groups, each of which some sentence must meet).
    """

    id: str
    level: Literal["sentence", "document"]
    severity: Mapping[str, Severity]
    pattern: str
    why: str
    suggestion: str
    basis: str
    source: str
    triggers: tuple[Trigger, ...] = ()
    clears: Operand | None = None
    keeps: frozenset[str] = frozenset()  # which of condition | imagery | reports | noticing | following do not clear
    limits: Mapping[str, Mapping[str, float]] | None = None
    present: tuple[Trigger, ...] = ()
    tension: bool = False  # a script that says ``tension: true`` applies
    wanted: tuple[tuple[Trigger, ...], ...] = ()
    endings: tuple[str, ...] = ("return", "sleep")

    def severity_for(self, audience: str, ending: str) -> Severity | None:
        """How grave it is for an audience and an ending; None where the rule does not apply."""
        if ending not in self.endings:
            return None
        return self.severity.get(audience) or (self.severity.get("sleep") if ending == "sleep" else None)

    def as_json(self) -> dict[str, Any]:
        """What the table of rules says of it."""
        names = ("id", "level", "pattern", "why", "suggestion", "basis", "source")
        return {name: getattr(self, name) for name in names} | {"severity": dict(self.severity)}

    def limits_for(self, audience: str) -> dict[str, float]:
        """The limit of each unit for an audience."""
        return {unit: by.get(audience, by["general"]) for unit, by in (self.limits or {}).items()}


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("rules.toml").read_text(encoding="utf-8"))


@cache
def levels() -> dict[str, str]:
    """Which rules there are, and whether each is of sentences or of whole documents; what it looks for is not read."""
    return {row["id"]: row["level"] for row in _table()["rule"]}


@cache
def lexicon() -> Lexicon:
    """The concepts that rules share."""
    return Lexicon(_table()["lexicon"])


@cache
def scope() -> Scope:
    """The words of negation, condition and picture."""
    return scope_of(_table()["scope"], lexicon())


@lru_cache(4)
def rules(heads: frozenset[str] | None = None) -> tuple[Rule, ...]:
    """Every rule, in the order of the table; ``heads``: as far as texts whose words have no others can meet them.

    What cannot be found in such texts is left out, for to compile it takes longer than to judge a script.
    """
    words = lexicon() if heads is None else lexicon().narrowed(heads)
    return tuple(_rule(row, words) for row in _table()["rule"])


def _rule(row: dict[str, Any], words: Lexicon) -> Rule:
    row = dict(row)

    def triggers(key: str) -> tuple[Trigger, ...]:
        return tuple(trigger(spelling, words) for spelling in row.pop(key, ()))

    clears = row.pop("clears", [])
    return Rule(
        triggers=triggers("triggers"),
        present=triggers("present"),
        wanted=tuple(tuple(trigger(one, words) for one in group) for group in row.pop("wanted", ())),
        clears=Operand("|".join(clears), words) if clears else None,
        keeps=frozenset(row.pop("keeps", ())),
        endings=tuple(row.pop("endings", ("return", "sleep"))),
        **row,
    )
