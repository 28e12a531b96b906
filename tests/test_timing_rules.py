"""The timing rules, each broken once by a script that says what it is, and kept by every session."""

from dataclasses import replace

import pytest

from narration.script import parse
from narration.script.builtin import find, lessons, names
from narration.session import estimated
from narration.timing_rules import RULES, against_rules

ALL = [*(find(name) for name in names()), *lessons("jacobson")]
HOLD = "Push. [hold 6s] And let go. [release 20s]\n"
RISE = "Open your eyes. Move your arms. Sit for a minute. Stand up slowly."


def broken(tags, body, **head):
    lines = [f"{key}: {value}" for key, value in ({"tags": f"[{tags}]"} | head).items()]
    script = parse("---\n" + "\n".join(lines) + f"\n---\n{body}\n", "a.md")
    return {one.rule for one in against_rules(estimated(script), script, "a.md")}


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.stem)
def test_every_session_keeps_them_at_each_of_its_lengths(source):
    script = parse(source.text, source.name)
    for length in script.lengths:
        assert list(against_rules(estimated(replace(script, length=length)), script, source.name)) == []


@pytest.mark.parametrize(
    ("rule", "tags", "body", "head"),
    [
        ("t1", "course", "Rest. [16 min]", {}),
        ("t2", "course", "# One\n" + HOLD * 4, {}),
        ("t3", "course, lesson 3, day 8", "Rest.", {}),
        ("t4", "isometric", HOLD.replace("6s", "12s") * 3, {}),
        ("t5", "isometric", HOLD.replace("20s", "9s") * 3, {}),
        ("t6", "isometric", HOLD * 4, {}),
        ("t7", "", "Rest. [3 min]\n\n" + RISE, {"audience": "pregnancy"}),
        ("t8", "chain", "Rest. [5 min]", {}),
        ("t9", "chain", "# Neck\nRest.\n# Feet\nRest.", {}),
        ("t10", "office", "Rest. [7 min]", {}),
        ("t11", "neck", "Rest. [21 min] See a doctor.", {}),
        ("t13", "neck", "Rest.", {}),
        ("t14", "", "Rest. [11 min] Stand up. Sit. Move your arms. Open your eyes.", {"audience": "pregnancy"}),
    ],
)
def test_each_is_found_where_it_is_broken(rule, tags, body, head):
    assert f"timing_{rule}" in broken(tags, body, **head)


def test_none_applies_to_a_script_that_does_not_say_what_it_is():
    assert broken("", HOLD.replace("6s", "12s") + "Rest. [30 min]") == set()
    assert len({rule.name for rule in RULES}) == len(RULES) == 13
