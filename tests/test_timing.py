from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.timing import RATE_HZ, clock, format_duration, in_words, parse_duration, to_samples, to_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4s", 4),
        ("1.5s", Fraction(3, 2)),
        ("500ms", Fraction(1, 2)),
        ("2 min", 120),
        ("1 min 30s", 90),
        ("10m30s", 630),
        ("1h", 3600),
        ("90 seconds", 90),
        ("20 minutes", 1200),
        ("1h 2m 3s", 3723),
        ("0s", 0),
        ("0.1s", Fraction(1, 10)),
    ],
)
def test_durations_are_read_exactly(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "4", "s", "-4s", "4 parsecs", "4s 5", "1..5s", "4,5s", "25h", "١s", "1e3s", "4ss"]
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match=r"unit|less than nothing|not a duration|longer than"):
        parse_duration(text)


def test_a_bare_number_is_told_which_units_there_are():
    with pytest.raises(ValueError, match="no unit; write 4s, or another of ms, s, min or h"):
        parse_duration("4")


@given(st.fractions(min_value=0, max_value=86400, max_denominator=1000).map(lambda f: Fraction(round(f * 1000), 1000)))
def test_format_and_parse_are_inverses(seconds):
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"), [(4, "4s"), (Fraction(1, 2), "500ms"), (120, "2 min"), (90, "1 min 30s"), (0, "0s")]
)
def test_standard_spelling(seconds, text):
    assert format_duration(Fraction(seconds)) == text


@given(st.integers(0, 24 * 3600 * RATE_HZ))
def test_samples_survive_the_way_through_seconds(samples):
    assert to_samples(to_seconds(samples)) == samples


@given(st.fractions(min_value=0, max_value=86400))
def test_rounding_is_to_the_nearest_sample(seconds):
    assert abs(Fraction(to_samples(seconds), RATE_HZ) - seconds) <= Fraction(1, 2 * RATE_HZ)


def test_times_for_people():
    assert clock(RATE_HZ * 725) == "12:05.0"
    assert clock(RATE_HZ * 3725) == "1:02:05.0"
    assert clock(0) == "0:00.0"
    assert in_words(RATE_HZ * 600) == "10 min"
    assert in_words(RATE_HZ * 42 + RATE_HZ // 2) == "42.5 s"
    assert in_words(0) == "0 s"
