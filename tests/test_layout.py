"""The plan's promises, as properties over generated scripts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.document import Breathe, Document, Hold, Pause, Repeat, Say, Section
from narration.errors import NarrationError, ScriptError
from narration.fit import stretch
from narration.layout import FitError, extremes, lay_out, sayings
from narration.script import choose, parse
from narration.timing import RATE_HZ, to_samples


class Lengths(dict):
    """Clips a little different for each text, as a voice's are."""

    def __missing__(self, say: Say) -> int:
        return 9_001 + 1_733 * len(say.text)


def planned(body, length=None, **front):
    document = choose(Document("A session", parse(body).body, **front), length)
    return lay_out(document, Lengths(), None if length is None else to_samples(length))


def gaps(plan):
    return [b.start - a.end for a, b in zip(plan.utterances, plan.utterances[1:], strict=False)]


seconds = st.integers(1, 400).map(lambda tenths: Fraction(tenths, 10))
says = st.sampled_from(["Rest.", "Let go now.", "Close both hands, if you like."]).map(Say)
pauses = st.tuples(seconds, seconds).map(lambda pair: Pause(min(pair), max(pair)))
leaves = st.one_of(
    says,
    says,
    pauses,
    st.just(Pause(Fraction(0), Fraction(5))),
    st.builds(Pause, seconds, st.none()),
    st.builds(Hold, seconds),
    st.builds(lambda time: Breathe((("in", time), ("out", time)), 3), seconds),
)
bodies = st.lists(
    st.one_of(
        leaves,
        st.builds(
            lambda body, n: Repeat(n, n + 2, tuple(body)), st.lists(leaves, min_size=1, max_size=3), st.integers(1, 2)
        ),
        st.builds(lambda body: Section("A part", tuple(body)), st.lists(leaves, min_size=1, max_size=3)),
    ),
    min_size=1,
    max_size=8,
)
documents = st.builds(
    lambda body, pace, ending: Document("A session", (Say("Welcome."), *body), pace=pace, ending=ending),
    bodies,
    st.sampled_from(["day", "office", "sleep"]),
    st.sampled_from(["return", "sleep"]),
)


@given(documents, st.data())
def test_a_fitted_plan_tiles_the_track_exactly_and_bends_nothing_rigid(document, data):
    shortest, longest = extremes(document, Lengths())
    length = data.draw(st.integers(shortest, longest))
    try:
        plan = lay_out(document, Lengths(), length)
    except FitError:
        # Only between two counts of a repeat can there be a length that neither reaches.
        assert any(isinstance(node, Repeat) for node in document.body)
        return
    assert plan.length == length
    assert plan.spans[0].start == 0
    assert all(a.end == b.start for a, b in zip(plan.spans, plan.spans[1:], strict=False))
    for span in plan.spans:
        match span.node:
            case Say():
                assert span.length == Lengths()[span.node]
            case Hold(seconds=time):
                assert span.length == to_samples(time)
            case Pause(min=low, max=high):
                assert to_samples(low) <= span.length <= to_samples(high)


@given(documents)
def test_without_a_length_every_pause_has_its_first_figure(document):
    plan = lay_out(document, Lengths())
    assert plan.length == extremes(document, Lengths())[0]
    assert all(span.length == to_samples(span.node.min) for span in plan.spans if isinstance(span.node, Pause))


bounds = st.lists(
    st.tuples(st.integers(0, 3_000_000), st.integers(0, 3_000_000)).map(lambda pair: (min(pair), max(pair))),
    min_size=1,
    max_size=12,
)


@given(bounds, st.data())
def test_a_longer_length_never_shortens_a_pause(pauses, data):
    room = sum(high - low for low, high in pauses)
    less = data.draw(st.integers(0, room))
    more = data.draw(st.integers(less, room))
    short, long = stretch(pauses, less), stretch(pauses, more)
    assert sum(short) == sum(low for low, _ in pauses) + less
    assert sum(long) == sum(low for low, _ in pauses) + more
    assert all(low <= a <= b <= high for (low, high), a, b in zip(pauses, short, long, strict=True))


def test_pauses_stretch_by_one_factor():
    assert stretch([(10_000, 40_000), (20_000, 80_000), (5_000, 5_000)], 15_000) == [15_000, 30_000, 5_000]


def test_written_pauses_add_up_and_headings_and_blank_lines_add_nothing():
    plan = planned("One. [2s]\n\n# Title\n[3s]\n\nTwo.")
    assert gaps(plan) == [5 * RATE_HZ]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("One. Two.", "sentence"),
        ("One.\n\nTwo.", "paragraph"),
        ("One.\n# Title\nTwo.", "heading"),
        ("One.\n\n# A\n\nTwo.", "heading"),
    ],
)
def test_where_nothing_is_written_the_longest_default_applies(body, kind):
    pauses = [span.node.kind for span in planned(body).spans if isinstance(span.node, Pause)]
    assert pauses == [kind]


def test_a_pause_of_nothing_joins_two_lines():
    assert gaps(planned("One. [0s] Two.")) == [0]


def test_a_counted_hold_speaks_on_its_whole_seconds():
    plan = planned("Close them. [hold 5s, count down] Let go.")
    hold = next(span for span in plan.spans if span.kind == "hold")
    inside = [one for one in plan.utterances if hold.start <= one.start < hold.end]
    assert hold.length == 5 * RATE_HZ
    assert [one.say.text for one in inside] == ["five", "four", "three", "two", "one"]
    assert [one.start - hold.start for one in inside] == [second * RATE_HZ for second in range(5)]
    assert inside[-1].end <= hold.end
    assert plan.utterances[-1].start == hold.end


def test_a_count_that_cannot_be_spoken_so_fast_names_its_line():
    slow = Lengths(dict.fromkeys(sayings(parse("Now.\n\n[hold 3s, count up]")), RATE_HZ + 1))
    with pytest.raises(ScriptError, match=r'a.md:3: "one" takes 1 s to say, and has 1s'):
        lay_out(parse("Now.\n\n[hold 3s, count up]", "a.md"), slow)


def test_repeats_say_their_number_and_sides_their_side():
    plan = planned(
        "[repeat 2 times]\nThe {n} time. [2s]\n[end]\n[each side, right first]\nLift your {side} hand. [2s]\n[end]"
    )
    assert [one.say.text for one in plan.utterances] == [
        "The first time.",
        "The second time.",
        "Lift your right hand.",
        "Lift your left hand.",
    ]


def test_a_ranged_repeat_takes_the_largest_count_that_fits():
    body = "[repeat 1-5 times]\nRest. [10-12s]\n[end]"
    once = planned(body).length
    more = planned(body, Fraction(once, RATE_HZ) + 22)
    assert len(more.utterances) == 3
    assert len(planned(body, Fraction(once, RATE_HZ) + 12).utterances) == 2
    assert len(planned(body).utterances) == 1


def test_an_impossible_length_names_the_shortest_and_the_longest():
    document = parse("Rest. [4-10s] Rest.")
    shortest, longest = extremes(document, Lengths())
    with pytest.raises(
        FitError, match=r"cannot last 1 min: the shortest it can be is 16.8 s, the longest 22.8 s"
    ) as caught:
        lay_out(document, Lengths(), 60 * RATE_HZ)
    assert (caught.value.shortest, caught.value.longest) == (shortest, longest)
    assert lay_out(document, Lengths(), longest).length == longest


def test_the_first_chapter_begins_with_the_track_and_a_heading_under_a_heading_is_one_chapter_with_it():
    plan = planned("# Settling in\n\nRest.\n\n# Part two\n\n## Coming back\n\nRise.")
    assert [(one.start == 0, one.title) for one in plan.chapters] == [
        (True, "Settling in"),
        (False, "Part two: Coming back"),
    ]
    assert plan.chapters[1].start == plan.utterances[1].start


def test_rates_do_not_hang_on_how_often_something_is_repeated():
    body = "# A\nOne.\n[repeat 1-6 times]\n# B\nTwo. [2s]\n[end]\n# C\nThree."
    document = parse(f"---\npace: sleep\n---\n{body}")
    lengths = dict.fromkeys(sayings(document), 20000)  # a plan asks for no line that is not in here
    few, many = (lay_out(document, lengths, seconds * RATE_HZ) for seconds in (30, 42))
    assert len(many.utterances) > len(few.utterances)
    assert {one.say for one in many.utterances} == {one.say for one in few.utterances} == set(lengths)


def test_text_before_the_first_heading_is_a_chapter_of_its_own():
    assert [chapter.title for chapter in planned("Welcome.\n\n# Hands\n\nRest.").chapters] == ["A session", "Hands"]


def test_a_script_that_says_nothing_is_an_error():
    with pytest.raises(NarrationError, match="nothing in this script is spoken"):
        sayings(parse("# Title\n\n[4s]"))


def test_repeats_in_repeats_do_not_take_the_machine_down():
    body = "[repeat 999 times]\n" * 3 + "Rest.\n" + "[end]\n" * 3
    with pytest.raises(NarrationError, match="more than 100,000 steps"):
        planned(body)


def test_choose_settles_when_by_length_ending_and_audience():
    body = "[when 10 min or longer]\nLong.\n[otherwise]\nShort.\n[end]\n[when ending is sleep]\nDrift.\n[end]"
    document = parse(body)
    assert [one.text for one in sayings(choose(document, Fraction(600)))] == ["Long."]
    assert [one.text for one in sayings(choose(document, Fraction(599)))] == ["Short."]
    assert [one.text for one in sayings(choose(document, None))] == ["Short."]
    asleep = Document("A session", document.body, ending="sleep")
    assert [one.text for one in sayings(choose(asleep, None))] == ["Short.", "Drift."]
