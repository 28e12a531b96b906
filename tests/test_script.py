from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.document import Breathe, Change, Hold, Inline, Paragraph, Pause, Repeat, Say, Sides
from narration.errors import NarrationError, ScriptError
from narration.script import parse
from narration.script.fmt import fmt
from narration.script.marks import MARKS
from narration.script.spelling import NAMES, meant_by
from narration.text import LARGEST, decode, load

from .strategies import scripts


def body(text):
    return parse(text).body


def problems(text):
    with pytest.raises(ScriptError) as caught:
        parse(text, "a.md")
    return caught.value.problems


@given(scripts)
def test_fmt_changes_no_meaning_and_is_done_at_once(text):
    assert parse(fmt(text)) == parse(text)
    assert fmt(fmt(text)) == fmt(text)


@given(st.text(max_size=200) | st.text(alphabet='[]()<>#-!ahold 4s\n{}n:"\\', max_size=120))
def test_any_text_is_a_document_or_a_list_of_problems(text):
    found = []
    try:
        parse(text)
    except ScriptError as error:
        found = list(error.problems)
    assert all(1 <= problem.line <= text.count("\n") + 1 and problem.message for problem in found)


@pytest.mark.parametrize(
    ("mark", "low", "high"),
    [
        ("[4s]", 4, 4),
        ("[pause 4s]", 4, 4),
        ("[4-10s]", 4, 10),
        ("[4s-10s]", 4, 10),
        ("[4 – 10 s]", 4, 10),
        ("[500ms-2s]", Fraction(1, 2), 2),
        ("[1-2 min]", 60, 120),
        ("[20s - 1 min]", 20, 60),
        ("[4s+]", 4, None),
        ("[pause:3s]", 3, 3),
        ('[break:"3s"]', 3, 3),
        ("[PAUSE 3s]", 3, 3),
        ("[3 second pause]", 3, 3),
        ('<break time="3s"/>', 3, 3),
        ("[1 min 30s]", 90, 90),
        ("[0s]", 0, 0),
    ],
)
def test_pauses_and_the_spellings_people_use(mark, low, high):
    assert body(mark) == (Pause(Fraction(low), None if high is None else Fraction(high)),)


@pytest.mark.parametrize(
    ("mark", "node"),
    [
        ("[hold 6s]", Hold(Fraction(6))),
        ("[hold 5s, count down]", Hold(Fraction(5), "down")),
        ("[release 20-40s]", Pause(Fraction(20), Fraction(40), "release")),
        ("[breathe in 4s, out 6s, 6 times]", Breathe((("in", Fraction(4)), ("out", Fraction(6))), 6)),
        (
            "[breathe in 4s, hold 7s, out 8s]",
            Breathe((("in", Fraction(4)), ("hold", Fraction(7)), ("out", Fraction(8))), 1),
        ),
        ("[breathe in 4s, out 6s, 6 times, aloud 2]", Breathe((("in", Fraction(4)), ("out", Fraction(6))), 6, 2)),
        ("[background canon + rain:-6]", Change("canon + rain:-6")),
    ],
)
def test_marks(mark, node):
    assert body(mark) == (node,)


def test_blocks_hold_their_bodies():
    assert body("[repeat 1-3 times]\nRest.\n[end]") == (Repeat(1, 3, (Say("Rest."),)),)
    assert body("[each side, right first]\nLift your {side} hand.\n[end]") == (
        Sides("right", (Say("Lift your {side} hand."),)),
    )


def test_everything_else_is_spoken_sentence_by_sentence():
    assert body("Rest your\narms. Let go.\n\nA \\[bracket\\] (or two).") == (
        Say("Rest your arms."),
        Say("Let go."),
        Paragraph(),
        Say("A [bracket] (or two)."),
    )


def test_comments_are_not_spoken_and_do_not_join_words():
    assert body("Rest <!-- why\nnot --> now.") == (Say("Rest now."),)


def test_inline_marks_keep_their_place():
    (say,) = body('And (let go)[rate:"slow";volume:"soft"], now.')
    assert say.text == "And let go, now."
    assert say.inline == (Inline(4, 10, "rate", "slow"), Inline(4, 10, "volume", "soft"))


def test_lines_are_those_of_the_file():
    document = parse("---\ntitle: A\n---\n\nOne.\nTwo.\n[4s]\n")
    assert [node.line for node in document.body] == [5, 6, 7]


def test_front_matter_is_read_as_written():
    head = (
        "title: 6:00\nlengths: [4 min, 10m30s]\ntension: yes\nnotes: |\n  Be kind.\n  Rest.\ntags:\n  - a\nreviewed_by:"
    )
    document = parse(f"---\n{head}\n---\nRest.")
    assert (document.title, document.lengths, document.tension) == ("6:00", (240, 630), True)
    assert (document.notes, document.reviewed_by, document.tags) == ("Be kind.\nRest.", "", ("a",))


def test_without_a_title_the_file_names_the_session():
    assert parse("Rest.", "my/hands-at_rest.md").title == "Hands at rest"


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("Rest. [4]", 1, '"4" has no unit', ""),
        ("Rest. [10-4s]", 1, "upside down", "[4-10s]"),
        ("\n[wiat 3s]", 2, 'unknown mark "wiat 3s"', "spoken"),
        ("\n\n[hodl 6s]", 3, 'did you mean "hold"?', ""),
        ("[relese 4s]", 1, 'did you mean "release"?', ""),
        ("[hold 4-6s]", 1, "a hold is exact", "release"),
        ("[hold]", 1, "a hold needs its time", "[hold 6s]"),
        ("[hold 0s]", 1, "of no length", ""),
        ("[hold 5s, count]", 1, "count down or count up", ""),
        ("[hold 2000s, count up]", 1, "a counted hold lasts", ""),
        ("[breathe in 4s]", 1, "needs an in and an out", ""),
        ("[breathe in 4s, out 6s, 3 times, aloud 5]", 1, "5 breaths aloud of 3", ""),
        ("[breathe 4s]", 1, "expected in, hold or out", ""),
        ("[repeat 3-1 times]\na\n[end]", 1, "upside down", ""),
        ("[repeat 0 times]\na\n[end]", 1, "expected from 1", ""),
        ("[repeat]\na\n[end]", 1, "expected how many times", ""),
        ("[each hand]\na\n[end]", 1, "expected each side", ""),
        ("[when rainy]\na\n[end]", 1, "a length, an ending or an audience", ""),
        ("[when ending is slep]\na\n[end]", 1, 'did you mean "sleep"?', ""),
        ("[when 10 or longer]\na\n[end]", 1, "no unit", ""),
        ("a\n[repeat 2 times]\nb", 2, "never closed", ""),
        ("a\n[end]", 2, "without a block", ""),
        ("[otherwise]", 1, "outside [when …]", ""),
        ("[when ending is sleep]\na\n[otherwise]\nb\n[otherwise]\n[end]", 5, "second [otherwise]", ""),
        ("a [4s", 1, "never closed on its line", ""),
        ("a 4s]", 1, "without its [", ""),
        ("a <!-- b", 1, "a comment that is never closed", ""),
        ("#Title\na", 1, "without a space after #", ""),
        ("#\na", 1, "a heading without words", ""),
        ('(a)[rat:"slow"]', 1, 'did you mean "rate"?', ""),
        ('(a)[rate:"slo"]', 1, 'did you mean "slow"?', ""),
        ("(a)[rate]", 1, "expected a key and a value", ""),
        ("a <b>c", 1, "the tag <b>, which is not read", ""),
        ("The {m} time.", 1, "unknown place {m}", ""),
        ("The {n} time.", 1, "stands outside [repeat …]", ""),
        ("a\n\n---\n\nb", 3, "a line of ---, which is not spoken", ""),
        ("[]", 1, "empty brackets", ""),
        ("[background]", 1, "a background needs its name", ""),
        ("---\ntitel: a\n---\na", 2, 'did you mean "title"?', ""),
        ("---\ntitle: a\ntitle: b\n---\na", 3, "stands twice", ""),
        ("---\ntitle: a\na", 1, "never closed", ""),
        ("---\nending: later\n---\na", 2, "expected return or sleep", ""),
        ("---\nlength: 20\n---\na", 2, "no unit", ""),
        ("---\nlengths: {a: b}\n---\na", 2, "lengths:", ""),
        ("---\ntension: perhaps\n---\na", 2, "expected true or false", ""),
        ("---\n- a\n---\na", 2, "not a list of keys", ""),
        ("---\na: [b\n---\na", 2, "not YAML", ""),
        ("---\ntitle: !!python/object:os.system x\n---\na", 2, "expected a plain value", ""),
        ("a\x07b", 1, "control character U+0007", ""),
    ],
)
def test_a_problem_has_its_line_what_was_found_and_what_to_try(text, line, message, hint):
    (problem,) = problems(text)
    assert problem.line == line
    assert message in problem.message
    assert hint in problem.hint


def test_all_problems_are_told_at_once_in_the_order_of_their_lines():
    found = problems("---\nlenght: 4 min\n---\n[4]\n\n[hodl 3s]\n[end]")
    assert [problem.line for problem in found] == [2, 4, 6, 7]


def test_every_mark_there_is_can_be_meant():
    assert set(NAMES) == {mark.name for mark in MARKS} | {"otherwise", "end"}
    assert all(meant_by(name) == name for name in NAMES)
    assert meant_by("else") == "otherwise"
    assert meant_by("banana") == ""


def test_an_unreadable_block_is_one_problem_not_two():
    assert len(problems("[repeat lots]\na\n[end]\n[when x]\nb\n[otherwise]\nc\n[end]")) == 2


def test_what_is_not_utf_8_is_told_with_its_line():
    with pytest.raises(ScriptError, match=r"a\.md:2: not UTF-8 text: found byte 0xe9"):
        decode(b"one\ncaf\xe9", "a.md")


def test_a_mark_at_the_start_and_any_line_ends_are_read():
    assert parse(decode("\ufeff# A\r\nRest.\rNow.".encode(), "a")) == parse("# A\nRest.\nNow.")


@pytest.mark.parametrize(
    "text",
    [
        "a word here and there\n" * 8000,
        "A" + "." * 90_000 + "B",
        "# a " + "#" * 90_000 + "x",
        "<!-- " * 20_000,
        "---\ntags: " + "[" * 90_000 + "\n---\nx",
        "[" * 40_000,
        "(" * 40_000,
        "\n" * 90_000,
        "Rest. " * 9000,
    ],
    ids=["lines", "dots", "hashes", "comments", "deep", "brackets", "parens", "blank", "sentences"],
)
def test_no_text_takes_the_machine_down(text):
    # Read in quadratic time, each of these would outlast the patience of any test run.
    try:
        found = parse(text).body
    except ScriptError as error:
        found = error.problems
    assert found or not text.strip()


def test_a_huge_script_and_a_folder_are_refused(tmp_path):
    big = tmp_path / "big.md"
    big.write_bytes(b"Rest. " * (LARGEST // 6 + 1))
    with pytest.raises(NarrationError, match="expected at most 1,000,000"):
        load(big)
    with pytest.raises(NarrationError, match="this is a folder"):
        load(tmp_path)


def test_blocks_cannot_be_nested_without_end():
    deep = "[repeat 1 times]\n" * 500 + "Rest.\n" + "[end]\n" * 500
    assert any("blocks inside one another" in problem.message for problem in problems(deep))
