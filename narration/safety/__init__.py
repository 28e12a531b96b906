"""The safety check: what a script tells the listener to do, judged by sourced rules for the audience it is written for.

No clinician has reviewed the rules. They are data, in rules.toml; nothing here is about one rule. See docs/safety.md.
"""

from __future__ import annotations

import json
from dataclasses import replace

from ..document import Document
from ..made import code, once
from .gate import SafetyError, allowed, note, unsaid
from .judging import Finding, faults, finding, heads_of, missing
from .language import sentences, windows
from .scoring import Figures, Score, read_cases, score
from .table import Rule, rules
from .waiving import waived, waivers
from .walking import forms, lines

__all__ = [
    "Figures",
    "Finding",
    "Rule",
    "SafetyError",
    "Score",
    "allowed",
    "judge",
    "judge_text",
    "judged",
    "note",
    "read_cases",
    "rules",
    "score",
    "unsaid",
    "waived",
    "waivers",
]


def judged(document: Document, text: str, source_name: str) -> list[Finding]:
    """Every finding of a document, and what its text says of waivers. What was found in the same words is kept."""
    words = repr(replace(document, source="", length=None, background=""))  # these decide nothing that is said
    found = once("safety check", (words, code("safety", "script", "document.py")), lambda: _written(judge(document)))
    return waived([Finding(**row | {"file": source_name}) for row in json.loads(found)], text, source_name)


def _written(findings: list[Finding]) -> bytes:
    return json.dumps([one.as_json() for one in findings]).encode()


def judge(document: Document, source_name: str = "-") -> list[Finding]:
    """Every finding of a document under its own audience and ending, by line; rules of whole scripts first.

    A line that no length can come to under that audience and ending is not judged.
    """
    told, texts = list(lines(document)), forms(document)
    beside = [sentence for text in (document.notes, document.description) for sentence in sentences(text)]
    heads = heads_of([*(said for _, said, _, _ in told), *(line for form in texts for line in form), *beside])
    out = [
        finding(rule, severity, "", source_name, 1)  # nothing that is said is wrong
        for rule in rules(heads)
        if rule.level == "document"
        and (severity := rule.severity_for(document.audience, document.ending))
        and any(_missing(rule, form, document) for form in texts)
    ]
    seen: dict[tuple[int, str], Finding] = {}
    last = 0  # the line before the one that is read
    for line, said, shown, joined in told:
        for rule, severity, clause in faults(said, document.audience, document.ending, joined, heads):
            if not (joined and (last, rule.id) in seen):
                text = clause if said == shown else shown
                seen.setdefault((line, rule.id), finding(rule, severity, text, source_name, line))
        last = line
    return out + sorted(seen.values(), key=lambda one: one.line)


def _missing(rule: Rule, form: list[str], document: Document) -> bool:
    return missing(rule, [" ".join(form), document.notes, document.description], document.tension)


def judge_text(text: str, audience: str = "general", ending: str = "return") -> list[Finding]:
    """Every finding of the sentence rules in a text; rules of whole scripts are left out."""
    found = {
        (rule.id, clause): finding(rule, severity, clause, "-", 0)
        for window in windows(text)
        for rule, severity, clause in faults(window, audience, ending)
    }
    return list(found.values())
