"""How long, how often and in which order: the timing rules of the starting article, for scripts that say what they are.

Tags say so (``course``, with ``lesson 3`` and ``day 9``; ``isometric``, ``neck``, ``office``, ``chain``),
or the audience. Each rule is a row: name, lines of the article, to whom it applies, and what is wrong with a plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from .document import Document, Hold, Say
from .safety import Finding
from .spans import Plan
from .timing import RATE_HZ, in_words


@dataclass(frozen=True)
class Rule:
    """One rule: ``wrong`` gives a sentence, or an empty text where the plan keeps it."""

    name: str
    lines: str
    applies: Callable[[Document], bool]
    wrong: Callable[[Plan, Document], str]
    instead: str


def _tagged(tag: str) -> Callable[[Document], bool]:
    return lambda script: tag in {one.casefold() for one in script.tags}


def _lasts(low_s: int, high_s: int) -> Callable[[Plan, Document], str]:
    def wrong(plan: Plan, script: Document) -> str:
        kept = low_s * RATE_HZ <= plan.length <= high_s * RATE_HZ
        return "" if kept else f"it lasts {in_words(plan.length)}"

    return wrong


def _repeats(plan: Plan, script: Document) -> str:
    """Efforts in the chapter that has most of them: a lesson without any is one of release only."""
    ends = [one.start for one in plan.chapters[1:]] + [plan.length]
    holds = [span.start for span in plan.spans if isinstance(span.node, Hold)]
    most = max(sum(one.start <= at < end for at in holds) for one, end in zip(plan.chapters, ends, strict=True))
    return "" if most in (0, 5) else f"the exercise comes {most} times"


def _day(plan: Plan, script: Document) -> str:
    named = dict(re.findall(r"\b(lesson|day) (\d+)\b", " ".join(script.tags).casefold()))
    if "lesson" not in named:
        return ""
    day = 4 * (int(named["lesson"]) - 1) + 1
    return "" if named.get("day") == str(day) else f"lesson {named['lesson']} is not tagged day {day}"


def _held(plan: Plan, script: Document) -> str:
    wrong = [span for span in plan.spans if isinstance(span.node, Hold) and not 5 <= span.node.seconds <= 10]
    return f"a hold lasts {in_words(wrong[0].length)}" if wrong else ""


def _rested(plan: Plan, script: Document) -> str:
    """From the end of a hold to the start of the next, words and all."""
    holds = [span for span in plan.spans if isinstance(span.node, Hold)]
    short = [b.start - a.end for a, b in pairwise(holds) if b.start - a.end < 20 * RATE_HZ]
    return f"only {in_words(min(short))} lie between two holds" if short else ""


def _sets(plan: Plan, script: Document) -> str:
    count = sum(isinstance(span.node, Hold) for span in plan.spans)
    return f"there are {count} holds" if count % 3 else ""


def _upwards(plan: Plan, script: Document) -> str:
    titles = " ".join(one.title.casefold() for one in plan.chapters)
    found = [re.search(words, titles) for words in ("feet|foot|sole", "cal(?:f|ves)", "thigh|back|hinge", "neck")]
    places = [hit.start() for hit in found if hit]
    return "" if places == sorted(places) else "its chapters go another way"


def _doctor(plan: Plan, script: Document) -> str:
    said = " ".join(
        [script.notes, script.description, *(span.text for span in plan.spans if isinstance(span.node, Say))]
    )
    return "" if re.search(r"\b(?:doctor|gp|physician)\b", said, re.IGNORECASE) else "nothing says when to see a doctor"


def _rising(plan: Plan, script: Document) -> str:
    """In the last chapter: nobody stands before the eyes are open, arms and legs have moved, and one has sat."""
    last = plan.chapters[-1].start
    said = " ".join(span.text.casefold() for span in plan.spans if isinstance(span.node, Say) and span.start >= last)
    stands = list(re.finditer(r"\bstand\b|\bget up\b", said))
    before = [re.search(words, said) for words in (r"\beyes?\b", r"\b(?:arms?|fingers|hands)\b", r"\bsit\b")]
    late = stands and any(hit is None or hit.start() > stands[-1].start() for hit in before)
    return "it has people stand before they have opened their eyes, moved and sat" if late else ""


RULES = (
    Rule("T1", "L153", _tagged("course"), _lasts(0, 900), "at most 15 minutes"),
    Rule("T2", "L154", _tagged("course"), _repeats, "five times"),
    Rule("T3", "L152", _tagged("course"), _day, "a new lesson every four days"),
    Rule("T4", "L251-253", _tagged("isometric"), _held, "5 to 10 seconds"),
    Rule("T5", "L251", _tagged("isometric"), _rested, "20 seconds of rest"),
    Rule("T6", "L251-253", _tagged("isometric"), _sets, "three in each direction"),
    Rule(
        "T7",
        "L305",
        lambda one: one.audience == "pregnancy" and one.ending == "return",
        _lasts(600, 900),
        "10 to 15 minutes",
    ),
    Rule("T8", "L339", _tagged("chain"), _lasts(600, 600), "10 minutes"),
    Rule("T9", "L339-352", _tagged("chain"), _upwards, "feet, calves, thighs and back, neck"),
    Rule("T10", "L367", _tagged("office"), _lasts(0, 330), "about 5 minutes"),
    Rule("T11", "L419", _tagged("neck"), _lasts(0, 1200), "at most 20 minutes"),
    Rule("T13", "L89-91", _tagged("neck"), _doctor, "when to see a doctor, in the notes"),
    Rule(
        "T14",
        "L301-303",
        lambda one: one.audience == "pregnancy" and one.ending == "return",
        _rising,
        "eyes, arms and legs, sit, stand",
    ),
)  # T12, counts of single exercises, hangs on words: a test of the sessions has it


def against_rules(plan: Plan, script: Document, file: str) -> Iterator[Finding]:
    """A warning for each timing rule that the plan of a script breaks."""
    for rule in RULES:
        if rule.applies(script) and (wrong := rule.wrong(plan, script)):
            why = f"{wrong}; the starting article ({rule.lines}) has {rule.instead}."
            yield Finding(file, 1, f"timing_{rule.name.lower()}", "warn", "", why, suggestion=rule.instead)
