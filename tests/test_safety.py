"""The safety check: how well it judges labelled sentences, how it reads them, and what an error stops."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.errors import NarrationError, UsageError
from narration.findings import findings
from narration.safety import allowed, judge, judge_text, read_cases, rules, score, unsaid, waived
from narration.safety.beginnings import alternatives, heads
from narration.safety.judging import faults, heads_of
from narration.safety.language import LONGEST, normal, sentences, windows
from narration.safety.patterns import Lexicon
from narration.script import parse
from narration.script.builtin import find, lessons, names
from narration.wishes import Wishes

from .test_safety_cases import cases

DOCS = Path(__file__).parents[1] / "docs" / "safety.md"
ERRORS = {rule.id for rule in rules() if "error" in rule.severity.values()}
HELD_OUT_F1, HELD_OUT_RECALL = 0.975, 0.97  # measured: 0.994, and 0.980 on the rules that have errors
HEAD = "---\ntitle: A\nnotes: For relaxation only, not medical advice. Do not listen while driving. Stand up slowly.\n"


def ruled(text, audience="general", ending="return"):
    return {one.rule for one in judge_text(text, audience, ending)}


def test_every_pattern_of_the_table_can_be_read():
    """They are compiled when first asked for."""
    for rule in rules():
        triggers = [*rule.triggers, *rule.present, *(one for group in rule.wanted for one in group)]
        operands = [rule.clears, *(part for one in triggers for part in (one.unless, *one.operands))]
        for one in filter(None, operands):
            assert one.pattern.match("") is None, f"{rule.id}: {one.text}"


@pytest.mark.parametrize(
    ("pattern", "heads"),
    [
        ("breath(?:e|ing) in|in breath", {"breat", "in"}),
        ("us(?:e|es)|a (?:b|c)", {"use", "uses", "a"}),
        (r"(?:very )?hot|\d+ cats", {"very", "hot", "0"}),
        ("colou?rs?", {"color", "colou"}),
        ("(?!hot)(?:in|on)to|{warm}er", {"into", "onto", "warme", "cosie"}),
        (r"(?:\w+ )?hot", None),
        ("(?:ab)+c", None),
    ],
)
def test_how_a_pattern_can_begin(pattern, heads):
    assert Lexicon({"warm": "warm|cosi"}).heads(pattern) == heads


def test_no_pattern_is_passed_over_where_it_matches():
    texts = [normal(case["text"]) for case in cases("development")[::6] if case["level"] == "sentence"]
    held = [(text, heads(text)) for text in texts]
    operands = {one for rule in rules() for trigger in rule.triggers for one in trigger.operands if one.heads}
    for one in operands:
        for text, its in held:
            assert its & one.heads or not one.pattern.search(text), f"{text}: {one.text}"


def test_alternatives_are_told_apart_outside_brackets_only():
    assert alternatives(r"a(?:b|c)|[|]\||{warm}|") == ["a(?:b|c)", r"[|]\|", "{warm}", ""]


def test_a_lexicon_is_narrowed_to_what_a_text_can_hold():
    less = Lexicon({"warm": r"warm|(?:in)?cosi|hot|\w+ish|8 degrees"}).narrowed(heads("her incosier warmth, say"))
    assert less.expand("{warm}er|said|{warm} x") == r"(?:warm|(?:in)?cosi|\w+ish)er|(?:warm|(?:in)?cosi|\w+ish) x"
    assert re.fullmatch(less.expand("hot|said"), "hot") is None


def test_rules_narrowed_to_a_text_find_the_same_in_it():
    sample = [case for case in cases("development")[::23] if case["level"] == "sentence"]
    for start in range(0, len(sample), 60):
        some = [(case["text"], case["audience"]) for case in sample[start : start + 60]]
        known = heads_of(text for text, _ in some)
        for text, audience in some:
            whole, narrow = (faults(text, audience, "return", heads=one) for one in (None, known))
            assert [(rule.id, *more) for rule, *more in narrow] == [(rule.id, *more) for rule, *more in whole]


def test_the_check_does_as_well_as_it_did_on_the_cases_it_was_made_with():
    result = score(cases("development"))
    assert result.f1 >= 0.985
    assert len(result.predictions) == len(cases("development"))


def test_the_check_does_as_well_as_it_did_on_cases_never_looked_at():
    result = score(cases("held_out"))
    assert result.f1 >= HELD_OUT_F1
    grave = score(case for case in cases("held_out") if case["rule"] in ERRORS)
    assert grave.recall >= HELD_OUT_RECALL


@pytest.mark.parametrize(
    ("text", "flagged"),
    [
        ("Hold your breath.", True),
        ("Do not hold your breath.", False),
        ("Never stop holding your breath.", True),
        ("If you notice that you are holding your breath, let it go.", False),
        ("Instead of holding your breath, sigh.", False),
        ("Do not sigh, hold your breath.", True),
        ("Breathe in. Hold. Breathe out.", True),
        ("Some people hold their breath.", False),
        ("Don’t breathe out yet.", True),
    ],
)
def test_negation_contrast_and_condition_have_their_reach(text, flagged):
    assert ("breath_hold" in ruled(text, "pregnancy")) == flagged


@pytest.mark.parametrize(
    ("seconds", "audience", "flagged"),
    [
        ("ten", "general", False),
        ("eleven", "general", True),
        ("5", "pregnancy", False),
        ("six", "pregnancy", True),
        ("half a minute, not 5", "general", True),
    ],
)
def test_holds_are_measured_by_audience(seconds, audience, flagged):
    text = f"Tense your shoulders for {seconds} seconds.".replace(", not 5 seconds", "")
    assert ("strong_isometric" in ruled(text, audience)) == flagged


def test_numbers_and_units_are_read_in_words_and_figures():
    assert normal("Don't hold for half a minute") == "do not hold for 30 seconds"
    assert normal("forty-five seconds, 80 per cent, 40 °C, 65 dB") == "45 seconds, 80 percent, 40 degrees, 65 decibels"


def test_what_only_one_audience_must_not_hear_is_judged_for_it_alone():
    assert "preg_supine" in ruled("Lie on your back.", "pregnancy")
    assert ruled("Lie on your back.") == set()
    assert "sleep_wakeup" in ruled("Open your eyes.", ending="sleep")


@given(st.text(max_size=300))
def test_no_text_breaks_the_check(text):
    judge_text(text, "pregnancy", "sleep")


@pytest.mark.parametrize("word", ["hold ", "breath, ", "not ", "a", "do not stop, ", "press ", "....", "your ", "1 "])
def test_hostile_text_is_cut_into_pieces_of_bounded_length(word):
    text = word * 3000
    pieces = windows(text)
    assert all(len(piece.split()) <= 3 * LONGEST for piece in pieces)
    assert len(sentences(text)) <= len(text.split()) / LONGEST + 1 or "." in word
    judge_text(word * 300, "pregnancy")


@pytest.mark.parametrize("source", [*(find(name) for name in names()), *lessons("jacobson")], ids=lambda one: one.stem)
def test_every_session_that_comes_with_narration_passes(source):
    assert [str(one) for one in findings(source, Wishes()) if not one.waived] == []


def script(tmp_path, body, head=""):
    path = tmp_path / "a.md"
    path.write_text(f"{HEAD}{head}---\n{body}\n")
    return find(str(path))


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("Tense your shoulders.\n[hold 15s]\nLet go.", "strong_isometric"),
        ("[breathe in 4s, hold 7s, out 8s]\nRest.", "breath_hold"),
        ("[breathe in 1s, out 1s, 20 times]\nRest.", "fast_breathing"),
        ("Breathe in. [1s] Hold. [1s] Breathe out.", "breath_hold"),
    ],
)
def test_marks_are_instructions(tmp_path, body, rule):
    assert rule in {one.rule for one in findings(script(tmp_path, body), Wishes())}


def test_blocks_are_judged_under_the_audience_that_hears_them(tmp_path):
    source = script(tmp_path, "Rest.\n[when audience is pregnancy]\nSigh.\n[otherwise]\nHold your breath.\n[end]")
    found = {wish: {one.rule for one in findings(source, Wishes(audience=wish))} for wish in ("general", "pregnancy")}
    assert "breath_hold" in found["general"]
    assert "breath_hold" not in found["pregnancy"]


def test_a_waiver_needs_a_rule_a_reason_and_a_name():
    found = judge_text("Hold your breath.", "pregnancy")
    whole = waived(found, "<!-- waive breath_hold: taught by a midwife (Ada Byron) -->", "a.md")
    assert [one.waived for one in whole] == ["taught by a midwife (Ada Byron)"]
    assert not any(one.stops for one in whole)
    for text in ("<!-- waive breath_hold: no name -->", "<!-- waive breth_hold: why (Ada) -->", "<!-- waive -->"):
        assert [one.rule for one in waived([], text, "a.md") if one.stops] == ["waiver"]


def test_no_track_is_made_in_spite_of_an_error_that_nobody_answered_for():
    found = judge_text("Hold your breath.", "pregnancy")
    with pytest.raises(NarrationError, match="breath_hold"):
        allowed(found, "a.md", "pregnancy")
    assert [one.waived for one in allowed(found, "a.md", "pregnancy", ["breath_hold"])] == ["--unsafe-ok"]
    with pytest.raises(UsageError, match="breath_hold"):
        allowed(found, "a.md", "pregnancy", ["breth_hold"])


def test_what_a_general_script_leaves_unsaid_is_told_and_holds_nothing_up_but_for_pregnancy_it_does():
    found = judge(parse("Rest. Stand up slowly.", "a.md"), "a.md")
    assert [one.rule for one in found if one.stops] == ["missing_driving_warning"]
    assert [line.split(":")[0] for line in unsaid(allowed(found, "a.md", "general"))] == ["missing_driving_warning"]
    with pytest.raises(NarrationError, match="missing_driving_warning"):
        allowed(found, "a.md", "pregnancy")


@pytest.mark.parametrize("line", ["{", "[]", '{"rule": "breath_hold"}', '{"rule": "no", "text": "a"}'])
def test_a_malformed_case_is_told_with_its_line(line):
    with pytest.raises(NarrationError, match=r"c\.jsonl:2"):
        read_cases('{"rule": "breath_hold", "text": "a"}\n' + line, "c.jsonl")


def test_the_page_in_the_docs_has_every_rule_as_it_is():
    page = DOCS.read_text()
    for rule in rules():
        severity = ", ".join(f"{audience}: {grave}" for audience, grave in rule.severity.items())
        assert f"| `{rule.id}` | {severity} | {rule.why} | {rule.suggestion} | {rule.basis} | {rule.source} |" in page
    assert page.count("\n| `") == len(rules())
    assert "No clinician has reviewed" in page


def test_silence_that_nobody_announced_is_told(tmp_path):
    def told(body):
        return "long_silence" in {one.rule for one in findings(script(tmp_path, body), Wishes())}

    assert told("Rest. [60s] Good.")
    assert not told("I will be quiet for a while. [60s] Good.")


def test_render_refuses_and_goes_on_when_told(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from narration.cli import main

    monkeypatch.chdir(tmp_path)
    script(tmp_path, "Throw your head all the way back.", "background: off\nlead: 1s\ntail: 1s\n")
    arguments = ["render", "a.md", "--voice", "tone", "-o", "a.flac", "--quiet"]
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 1
    assert "neck_hyperextension" in refused.stderr
    assert not (tmp_path / "a.flac").exists()
    assert CliRunner().invoke(main, [*arguments, "--unsafe-ok", "neck_hyperextension"]).exit_code == 0
    (noted,) = [one for one in json.loads((tmp_path / "a.json").read_text())["safety"] if one["waived"]]
    assert (noted["rule"], noted["waived"]) == ("neck_hyperextension", "--unsafe-ok")
