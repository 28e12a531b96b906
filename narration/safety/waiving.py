"""Waivers: a comment in a script by which a named person answers for a rule, ``<!-- waive RULE: reason (Name) -->``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .judging import Finding
from .table import levels

_COMMENT = re.compile(r"<!--\s*waive\b(.*?)-->", re.S | re.I)
_FORM = re.compile(r"\s*([a-z_]+)\s*:\s*([^()]*\S)\s*\(\s*([^()]*\S)\s*\)\s*")


def waivers(text: str) -> dict[str, tuple[str, str]]:
    """{rule: (reason, name)} of the whole waivers in a script's text."""
    return {rule: (reason, name) for _, rule, reason, name in _read(text) if name}


def waived(findings: Iterable[Finding], text: str, file: str) -> list[Finding]:
    """The findings, those of a waived rule with who waived it and why, and one for each waiver that is not whole."""
    allowed = waivers(text)
    out = [
        replace(one, waived="{} ({})".format(*allowed[one.rule])) if one.rule in allowed else one for one in findings
    ]
    return out + list(_faulty(text, file))


def _read(text: str) -> Iterator[tuple[int, str, str, str]]:
    """(line, rule, reason, name) of each waiver; without a name where it is not whole."""
    for found in _COMMENT.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        form = _FORM.fullmatch(found[1])
        if form and form[1] in levels():
            yield line, form[1], " ".join(form[2].split()), " ".join(form[3].split())
        else:
            yield line, " ".join(found[1].split()), "", ""


def _faulty(text: str, file: str) -> Iterator[Finding]:
    for line, said, _, name in _read(text):
        if not name:
            yield Finding(
                file,
                line,
                "waiver",
                "error",
                f"waive {said}",
                "A waiver names a rule that there is, a reason, and a person who answers for it; this one does not.",
                suggestion="<!-- waive RULE: reason (Name) -->",
            )
