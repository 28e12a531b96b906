"""Scripts as people write them, against the contract and against what they gave before: see tests/golden.py."""

import re

import pytest

from narration.script import parse
from narration.script.fmt import fmt

from .golden import COMMAND, document, given, golden, notes, scripts, stale, text, unmet

GOOD, BAD = scripts("good"), scripts("bad")


def settle(path, problems):
    """No problem, or one that is known and noted in the script itself."""
    disputed = notes(path, "disputed")
    if problems and disputed:
        pytest.xfail(f"{disputed[0]}: {problems}")
    assert not problems, f"{path.name} is not as the contract has it"
    assert not disputed, f"{path.name} is as the contract has it: take out its disputed comment"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_a_good_script_is_laid_out_as_before_and_as_the_contract_has_it(path):
    assert given(path) == golden(path).read_text(encoding="utf-8"), f"where the change is meant: {COMMAND}"
    settle(path, unmet(path))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_fault_of_a_bad_script_is_told_as_before_once_and_with_its_line(path):
    told = given(path)
    assert told == golden(path).read_text(encoding="utf-8"), f"where the change is meant: {COMMAND}"
    (stated,) = notes(path, "faults")
    lines = re.findall(rf"^{re.escape(path.name)}(?::(\d+))?: ", told, re.MULTILINE)
    found = " ".join(line or "0" for line in lines)
    settle(path, [] if found == stated else [f"stated {stated}, found {found or 'nothing'}"])


def test_a_good_script_means_the_same_in_its_standard_spelling():
    for path in GOOD:
        spelled = fmt(text(path), path.name)
        assert parse(spelled, path.name) == document(path), path.name
        assert fmt(spelled, path.name) == spelled, path.name


def test_the_cases_are_many_and_none_of_their_files_is_left_over():
    assert min(len(GOOD), len(BAD)) >= 65
    assert sum(bool(notes(path, "expect")) for path in GOOD) >= 40
    assert stale() == [], COMMAND
