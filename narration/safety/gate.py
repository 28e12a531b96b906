"""Whether a track may be made of a script: no error of the safety check, or a person who answers for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..errors import NarrationError, Place, UsageError, nearest
from .judging import Finding
from .table import levels

ASKED = "--unsafe-ok"


class SafetyError(NarrationError):
    """A script with errors of the safety check that nobody has answered for."""

    def __init__(self, file: str, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        count = len(findings)
        super().__init__(
            f"{count} error{'s' * (count != 1)} of the safety check", Place(file), "narration check --rules"
        )

    def __str__(self) -> str:
        names = ",".join(dict.fromkeys(one.rule for one in self.findings))
        told = "\n".join(str(one) for one in self.findings)
        return (
            f"{told}\n{self.place}: nothing was written. Change these lines, or answer for them: a comment"
            f" <!-- waive RULE: reason (Name) --> in the script, or {ASKED} {names}."
        )

    def as_json(self) -> dict[str, Any]:
        """And ``safety``: the findings, as in a report."""
        return super().as_json() | {"safety": [one.as_json() for one in self.findings]}


def allowed(findings: Iterable[Finding], file: str, audience: str, in_spite: Iterable[str] = ()) -> tuple[Finding, ...]:
    """What the check found, for the report.

    What a script for a general audience leaves unsaid is told and recorded, and holds nothing up: a first try of three
    lines is no finished track. For pregnancy every error does. Raises SafetyError where an error stands that nobody has
    answered for, UsageError where ``in_spite`` names a rule that there is not.
    """
    for name in in_spite:
        if name not in levels():
            raise UsageError(
                f'{ASKED}: there is no rule "{name}" ({nearest(name, levels())}).', hint="narration check --rules"
            )
    found = tuple(replace(one, waived=ASKED) if one.stops and one.rule in in_spite else one for one in findings)
    if stops := tuple(one for one in found if one.stops and (audience == "pregnancy" or not _unsaid(one))):
        raise SafetyError(file, stops)
    return found


def unsaid(findings: Iterable[Finding]) -> tuple[str, ...]:
    """A line for each thing that a script leaves unsaid though it should not, and nobody has answered for."""
    return tuple(
        f'{one.rule}: the script does not say it: "{one.suggestion}"' for one in findings if one.stops and _unsaid(one)
    )


def _unsaid(one: Finding) -> bool:
    return levels().get(one.rule) == "document"  # what is wrong with a waiver is no rule's


def note(findings: Iterable[Finding]) -> str:
    """One line for the tags of a track: the rules that were gone on in spite of, and on whose word."""
    answered = dict.fromkeys((one.rule, one.waived) for one in findings if one.waived)
    return "Safety check, waived: " + "; ".join(f"{rule}: {by}" for rule, by in answered) + "." if answered else ""
