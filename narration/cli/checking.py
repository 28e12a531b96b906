"""What ``narration check`` prints: findings, a score, or the table of rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ..findings import check
from ..safety import Figures, Finding, judge_text, read_cases, rules, score
from ..text import load
from ..wishes import Wishes
from .common import print_json

_MOST_CASES = 100_000_000  # bytes: some half a million cases


def show_findings(scripts: Sequence[str], wishes: Wishes, as_json: bool) -> None:
    """Every finding of scripts; exit code 1 where any stops a render."""
    found = [one for script in scripts for one in check(script, wishes)]
    _show(found, _counted(len(scripts), "script"), as_json)


def show_text(text: str, audience: str, ending: str, as_json: bool) -> None:
    """Every finding in a text."""
    _show(judge_text(text, audience, ending), "1 text", as_json)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _show(found: Sequence[Finding], what: str, as_json: bool) -> None:
    errors = sum(one.stops for one in found)
    if as_json:
        print_json({"findings": [one.as_json() for one in found]})
    else:
        for one in found:
            click.echo(str(one))
        told = f"{_counted(errors, 'error')}, {_counted(len(found) - errors, 'note')}." if found else "nothing to mend."
        click.echo(f"{what}: {told}")
    if errors:
        raise SystemExit(1)


def show_score(path: Path, as_json: bool) -> None:
    """Precision, recall and F1 of the check on labelled cases, and every miss."""
    result = score(read_cases(load(path, _MOST_CASES), str(path)))
    if as_json:
        print_json(result.as_json())
        return
    for miss in result.misses:
        wrong = "flagged wrongly" if miss["flagged"] else "overlooked"
        click.echo(f"{wrong}: {miss['rule']}: {miss['text']}")
    for rule, figures in result.by_rule.items():
        click.echo(_row(rule, figures))
    click.echo(_row("all", result.overall))


def _row(name: str, figures: Figures) -> str:
    return (
        f"{name:<24}  precision {figures.precision:.3f}  recall {figures.recall:.3f}  F1 {figures.f1:.3f}"
        f"  ({figures.overlooked} overlooked, {figures.false} wrongly flagged)"
    )


def show_rules(as_json: bool) -> None:
    """The rules of the safety check with severities, reasons, sources and safer wording."""
    if as_json:
        print_json({"reviewed_by": "", "rules": [rule.as_json() for rule in rules()]})
        return
    click.echo("No clinician has reviewed these rules.")
    for rule in rules():
        severity = ", ".join(f"{audience}: {grave}" for audience, grave in rule.severity.items())
        click.echo(
            f"\n{rule.id} ({severity})\n  finds: {rule.pattern}\n  why: {rule.why}\n  instead: {rule.suggestion}"
        )
        click.echo(f"  basis: {rule.basis}\n  source: {rule.source}")
