"""Silences longer than a pace allows that nobody announced: a listener would think that the file has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from .document import Document, Hold, Pause, Say
from .pace import PACES
from .safety import Finding
from .spans import Plan
from .timing import in_words

_ANNOUNCED = re.compile(
    r"\b(?:quiet|silen\w+|stop(?:s|ped)? (?:talking|speaking)|leave you|without (?:my )?(?:voice|words)|say nothing|"
    r"for a (?:while|time|moment|minute)|for (?:a few|some|\w+) (?:breaths|minutes|seconds)|stay here|rest here|"
    r"nothing (?:more )?to do|in your own time|as long as you)\b",
    re.I,
)
_QUIET = re.compile(
    r"\bI (?:am|will be|shall be|will stay|stay|will keep) (?:quiet|silent)\b|\bI will (?:say|stop|leave)\b", re.I
)
_EARLIER = 2  # utterances before a silence that may announce it


def long_silences(plan: Plan, script: Document, file: str) -> Iterator[Finding]:
    """A warning for each silence between two utterances over the pace's longest, unless it was announced.

    "I will be quiet" announces all that follows; words such as "for a while", the next silence only.
    """
    pace, said, since, told = PACES[script.pace], list[str](), 0, False
    for span in plan.spans:
        if isinstance(span.node, Say):
            said = [*said, span.text][-_EARLIER:]
            since = 0
            told = told or bool(_QUIET.search(span.text))
            continue
        if not isinstance(span.node, Pause | Hold):
            since = 0
            continue
        since += span.length
        allowed = pace.longest_at(Fraction(span.start, plan.length))
        if isinstance(span.node, Hold) or span.node.kind == "release":  # what was just asked for fills it
            continue
        if not told and since > allowed * plan.rate_hz and said and not _ANNOUNCED.search(" ".join(said)):
            why = (
                f"{in_words(since)} without a word, and the pace allows {float(allowed):.0f} s; "
                "whoever listens may think that the track has ended."
            )
            yield Finding(
                file, span.line, "long_silence", "warn", said[-1], why, suggestion='"I will be quiet for a while."'
            )
            since = 0
