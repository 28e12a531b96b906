"""The plans of good scripts and the messages of bad ones, as text files beside the scripts in tests/cases.

    python -m tests.golden

writes every one of them anew and says which changed: read the difference before committing it.

A script can state what the contract (docs/script-format.md) asks of it, worked out by hand and not by the program, in
comments anywhere in it. Seconds are decimals; ``~`` stands for any one figure; lists of texts are cut by `` | ``.

    <!-- expect: KIND … -->   of the plan with no length asked: see FACTS; a gap ``4-10`` is 4 s and can stretch to 10 s
    <!-- asked: KIND … -->    the same of the plan with the script's own length
    <!-- faults: 3 5 -->      the lines of a bad script's problems, one for each fault; 0 where there is no line
    <!-- disputed: why -->    the program does otherwise today
"""

import json
import re
import sys
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from narration.document import Document
from narration.errors import NarrationError
from narration.layout import extremes, lay_out, sayings
from narration.report import timeline
from narration.script import choose, parse
from narration.script.builtin import Source
from narration.session import estimated
from narration.spans import Plan
from narration.speech import estimate
from narration.steps import ranged, repeated
from narration.text import decode
from narration.timing import seconds_float
from narration.wishes import Wishes, sounds

CASES = Path(__file__).parent / "cases"
COMMAND = "python -m tests.golden"
Plans = tuple[Plan, Plan]  # every pause at its first figure and at its last; the same one twice at a length
_NOTE = re.compile(r"<!-- (expect|asked|faults|disputed): (.*?) -->")


def scripts(kind: str) -> list[Path]:
    """The scripts of ``good`` or ``bad``, by name."""
    return sorted((CASES / kind).glob("*.md"))


def golden(path: Path) -> Path:
    """The file that keeps what a script gave when somebody last looked."""
    return path.with_suffix(".json" if path.parent.name == "good" else ".txt")


def given(path: Path) -> str:
    """What a script gives now: the plan of a good one as JSON, the messages of a bad one."""
    return plan_text(path) if path.parent.name == "good" else told(path)


def text(path: Path) -> str:
    """The text of a script's file; its source is the file's name alone, the same in every checkout."""
    return decode(path.read_bytes(), path.name)


def document(path: Path) -> Document:
    """The document of a script's file."""
    return parse(text(path), path.name)


def plan_text(path: Path) -> str:
    """Front matter, backgrounds and timeline as JSON, one line for each row of a list."""
    script = document(path)
    plan = estimated(script)
    front = {
        field.name: str(value) if isinstance(value := getattr(script, field.name), Fraction) else value
        for field in fields(script)
        if field.name not in ("body", "source", "lengths") and getattr(script, field.name) != field.default
    }
    lengths = {"lengths": [str(length) for length in script.lengths]} if script.lengths else {}
    turns = [{"start": seconds_float(turn.start), "background": turn.background} for turn in plan.turns]
    whole = {"front": front | lengths, **timeline(plan), "backgrounds": turns}
    return "{\n" + ",\n".join(f" {_json(key)}: {_rows(value)}" for key, value in whole.items()) + "\n}\n"


def _rows(value: object) -> str:
    if not isinstance(value, list):
        return _json(value)
    return "[\n" + ",\n".join(f"  {_json(row)}" for row in value) + "\n ]"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def told(path: Path) -> str:
    """The messages that a bad script gets; nothing where it is taken for a good one."""
    try:
        script = document(path)
        estimated(script)
        sounds(script, Wishes(), Source(text(path), path.name, path.stem, path.parent))
    except NarrationError as error:
        return f"{error}\n"
    return ""


def notes(path: Path, kind: str) -> list[str]:
    """What the comments of a kind say, in their order."""
    return [words for name, words in _NOTE.findall(path.read_bytes().decode("utf-8", "replace")) if name == kind]


def unmet(path: Path) -> list[str]:
    """Every fact of a good script that its comments state and its plan does not have."""
    return [
        problem
        for kind, plans in (("expect", _without_length), ("asked", _at_its_length))
        if (stated := notes(path, kind))
        for problem in _unmet(stated, plans(document(path)))
    ]


def _unmet(stated: list[str], plans: Plans) -> list[str]:
    pairs = [(kind, words) for kind, _, words in (note.partition(" ") for note in stated)]
    found = {kind: FACTS[kind](plans) for kind, _ in pairs}
    problems = []
    for kind, words in pairs:
        fact = found[kind].pop(0) if found[kind] else "nothing"
        if not _same(words.split(), fact.split()):
            problems.append(f"{kind}: stated {words}, found {fact}")
    return problems


def _same(stated: list[str], found: list[str]) -> bool:
    return len(stated) == len(found) and all(a in ("~", b) for a, b in zip(stated, found, strict=True))


def _without_length(script: Document) -> Plans:
    chosen = choose(script, None)
    settled = repeated(chosen, [repeat.least for repeat in ranged(chosen)])
    lengths = estimate(sayings(settled))
    return lay_out(chosen, lengths), lay_out(settled, lengths, extremes(settled, lengths)[1])


def _at_its_length(script: Document) -> Plans:
    assert script.length, "nothing is asked: the script needs a length"
    plan = estimated(script)
    return plan, plan


def _seconds(samples: int, plan: Plan) -> str:
    return f"{samples / plan.rate_hz:.3f}".rstrip("0").rstrip(".")


def _gaps(plans: Plans) -> list[str]:
    low, high = ([_seconds(b.start - a.end, plan) for a, b in pairwise(plan.utterances)] for plan in plans)
    return [" ".join(a if a == b else f"{a}-{b}" for a, b in zip(low, high, strict=True))]


def _ratio(plans: Plans) -> list[str]:
    plan = plans[0]
    gaps = [b.start - a.end for a, b in pairwise(plan.utterances)]
    return [" ".join(f"{gap / min(gaps):.3f}".rstrip("0").rstrip(".") for gap in gaps)]


def _rigid(plans: Plans) -> list[str]:
    plan = plans[0]
    return [" ".join(_seconds(span.length, plan) for span in plan.spans if span.kind in ("hold", "breathe"))]


def _inside(plans: Plans) -> list[str]:
    plan = plans[0]
    found = []
    for span in (span for span in plan.spans if span.kind in ("hold", "breathe")):
        said = [one for one in plan.utterances if span.start <= one.start < span.end]
        parts = [f"{one.say.text.strip('.…').lower()}@{_seconds(one.start - span.start, plan)}" for one in said]
        found += [" ".join(parts)] * bool(parts)
    return found


FACTS: dict[str, Callable[[Plans], list[str]]] = {  # each kind of note and what a plan has of it, in order
    "gaps": _gaps,  # the silences between one utterance and the next
    "ratio": _ratio,  # the same, as multiples of the shortest
    "says": lambda plans: [" | ".join(one.say.text for one in plans[0].utterances)],
    "first": lambda plans: [_seconds(plans[0].utterances[0].start, plans[0])],  # before the first word
    "last": lambda plans: [_seconds(plans[0].length - plans[0].utterances[-1].end, plans[0])],  # after the last
    "seconds": lambda plans: [_seconds(plans[0].length, plans[0])],
    "rigid": _rigid,  # the lengths of holds and breaths
    "inside": _inside,  # WORD@SECONDS in one hold or breath; the next note tells of the next one with words
    "chapters": lambda plans: [" | ".join(chapter.title for chapter in plans[0].chapters)],
    "backgrounds": lambda plans: [" | ".join(turn.background for turn in plans[0].turns)],
}


def stale() -> list[Path]:
    """Golden files whose script is gone."""
    return [path for path in sorted(CASES.glob("*/*.*")) if not path.with_suffix(".md").exists()]


def main() -> None:
    """Write every golden file anew."""
    for path in stale():
        path.unlink()
        sys.stdout.write(f"gone: {path.name}\n")
    for script in scripts("good") + scripts("bad"):
        path, now = golden(script), given(script)
        if not path.exists() or path.read_text(encoding="utf-8") != now:
            path.write_text(now, encoding="utf-8", newline="\n")
            sys.stdout.write(f"changed: {path.relative_to(CASES)}\n")


if __name__ == "__main__":
    main()
