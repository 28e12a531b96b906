"""The labelled sentences for the safety check, written before any rule was: their form. See tests/safety."""

import json
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "safety"
KINDS = {"plain", "paraphrase", "seed", "negation", "contrast", "conditional", "nearmiss", "tricky", "pseudo-negation"}


def cases(name):
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]


@pytest.mark.parametrize(("name", "at_least"), [("development", 400), ("held_out", 130)])
def test_cases_are_whole_and_many(name, at_least):
    found = cases(name)
    assert len(found) >= at_least
    for case in found:
        assert set(case) == {"rule", "text", "should_flag", "audience", "level", "kind"}
        assert case["kind"] in KINDS
        assert case["audience"] in {"general", "pregnancy", "sleep"}
        assert case["level"] in {"sentence", "document"}
        assert isinstance(case["should_flag"], bool)


def test_every_rule_has_cases_of_both_labels_to_develop_on_and_none_is_also_held_out():
    develop, held = cases("development"), cases("held_out")
    labels = Counter((case["rule"], case["should_flag"]) for case in develop)
    rules = {case["rule"] for case in develop}
    assert len(rules) == 41
    assert all(labels[rule, label] >= 2 for rule in rules for label in (True, False))
    assert not {case["text"] for case in develop} & {case["text"] for case in held}
