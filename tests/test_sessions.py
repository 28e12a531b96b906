"""The built-in sessions against the timing rules of the article they start from (T1 to T14 of the content notes).

Speech is estimated; the slow set lays the same out with the voice.
"""

from dataclasses import replace

import pytest

from narration.document import Breathe, Hold, Pause, Say
from narration.pace import PACES
from narration.script import parse
from narration.script.builtin import find, lessons, names
from narration.session import estimated
from narration.timing import RATE_HZ

LESSONS = lessons("jacobson")
ALL = [*(find(name) for name in names()), *LESSONS]


def plans(name):
    """The plan of each length that a session names."""
    document = parse(find(name).text, name)
    return [estimated(replace(document, length=length)) for length in document.lengths]


def minutes(plan):
    return plan.length / RATE_HZ / 60


def after_holds(plan):
    """For each hold its seconds, and the seconds from its end to the start of the next effort's cue."""
    rows = []
    for index, span in enumerate(plan.spans):
        if isinstance(span.node, Hold):
            rest = 0
            for later in plan.spans[index + 1 :]:
                if isinstance(later.node, Hold):
                    break
                rest += later.length if isinstance(later.node, Pause) else 0
            rows.append((span.length / RATE_HZ, rest / RATE_HZ))
    return rows


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.stem)
def test_every_session_lays_out_at_each_of_its_lengths(source):
    document = parse(source.text, source.name)
    assert document.lengths
    for length in document.lengths:
        assert estimated(replace(document, length=length)).length == length * RATE_HZ


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.stem)
def test_every_session_tells_enough_of_itself_and_no_software_reviewed_it(source):
    document = parse(source.text, source.name)
    assert all(
        [document.title, document.description, document.notes, document.sources, document.posture, document.tags]
    )
    assert document.reviewed_by == ""
    assert document.length in document.lengths


def test_t1_a_lesson_lasts_at_most_fifteen_minutes():
    assert all(parse(lesson.text).length <= 900 for lesson in LESSONS)


def test_t2_a_lesson_repeats_its_exercise_five_times():
    most = []
    for lesson in LESSONS:
        plan = estimated(parse(lesson.text))
        holds = [span.start for span in plan.spans if isinstance(span.node, Hold)]
        ends = [chapter.start for chapter in plan.chapters[1:]] + [plan.length]
        most.append(
            max(sum(one.start <= at < end for at in holds) for one, end in zip(plan.chapters, ends, strict=True))
        )
    assert most == [5] * 9 + [0]


def test_t3_every_fourth_day_brings_a_new_lesson():
    assert len(LESSONS) == 10
    for number, lesson in enumerate(LESSONS, start=1):
        assert {f"lesson {number}", f"day {4 * (number - 1) + 1}"} <= set(parse(lesson.text).tags)


def test_t4_t5_t6_isometric_holds_last_five_to_ten_seconds_with_twenty_of_rest_in_sets_of_three():
    for plan in plans("neck-hold"):
        rows = after_holds(plan)
        assert rows
        assert len(rows) % 3 == 0
        assert all(5 <= hold <= 10 for hold, _ in rows)
        assert all(rest >= 20 for _, rest in rows)


def test_t7_pregnancy_by_day_takes_ten_to_fifteen_minutes():
    assert all(10 <= minutes(plan) <= 15 for plan in plans("pregnancy-day"))


def test_t8_t9_the_chain_takes_ten_minutes_from_the_feet_up():
    (plan,) = plans("chain")
    assert minutes(plan) == 10
    titles = " ".join(chapter.title.lower() for chapter in plan.chapters)
    order = [titles.index(word) for word in ("feet", "calves", "hinge", "neck")]
    assert order == sorted(order)


def test_t10_an_office_break_takes_about_five_minutes_in_every_hour():
    assert max(minutes(plan) for plan in plans("office")) == 5
    assert "45 to 60 minutes" in parse(find("office").text).notes


def test_t11_neck_exercises_take_at_most_twenty_minutes():
    assert all(minutes(plan) <= 20 for name in ("neck-hold", "neck-soft", "chain") for plan in plans(name))


def test_t12_the_shoulders_lift_three_times_and_the_breath_goes_on():
    for plan in plans("office"):
        (at,) = [chapter.start for chapter in plan.chapters if chapter.title == "Shoulders"]
        end = min(chapter.start for chapter in plan.chapters if chapter.start > at)
        said = [span.text for span in plan.spans if isinstance(span.node, Say) and at <= span.start < end]
        lifts = [text for text in said if "Lift" in text or "Up a second time" in text or "a third time, up" in text]
        assert len(lifts) == 3
        assert "breathe in" in lifts[0]  # the article holds the breath here


def test_t13_neck_sessions_tell_when_to_see_a_doctor():
    for name in ("neck-hold", "neck-soft"):
        assert "see a doctor" in " ".join(parse(find(name).text).notes.split())


def test_t14_after_the_pregnancy_session_one_rises_in_the_order_of_the_article():
    wanted = ("eyes open", "arms", "legs", "efforts", "sit for a minute", "stand up slowly")
    for plan in plans("pregnancy-day"):
        said = " ".join(span.text.lower() for span in plan.spans if isinstance(span.node, Say))
        at = 0
        for words in wanted:  # each after the one before
            at = said.index(words, at)


QUIET = {"neck-hold"}  # twelve rests of twenty silent seconds (T5) leave no room for the words of its pace


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.stem)
def test_the_words_of_a_session_keep_the_band_of_its_pace(source):
    document = parse(source.text, source.name)
    low, high = PACES[document.pace].overall_wpm
    for length in document.lengths:
        plan = estimated(replace(document, length=length))
        paced = (
            sum(span.length for span in plan.spans if isinstance(span.node, Breathe)) if source.stem == "breath" else 0
        )
        rate = plan.words / ((plan.length - paced) / RATE_HZ / 60)
        assert (low <= rate <= high) != (source.stem in QUIET), f"{rate:.1f} words a minute at {length} s"


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.stem)
def test_no_breath_is_held_and_no_effort_is_long(source):
    for node in (span.node for span in estimated(parse(source.text, source.name)).spans):
        if isinstance(node, Breathe):
            assert "hold" not in {kind for kind, _ in node.phases}
        if isinstance(node, Hold):
            assert node.seconds <= 10
