from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.script.sentences import sentences, spoken


def split(text):
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rest now. Let go.", ["Rest now.", "Let go."]),
        ("Is it soft? Yes! Good.", ["Is it soft?", "Yes!", "Good."]),
        ("Let go… and rest.", ["Let go… and rest."]),
        ("Let go… Rest.", ["Let go…", "Rest."]),
        ("Let go . . . Rest.", ["Let go . . .", "Rest."]),
        ("Dr. Jacobson taught it. He did.", ["Dr. Jacobson taught it.", "He did."]),
        ("E. Jacobson, 1938. He knew.", ["E. Jacobson, 1938.", "He knew."]),
        ("Breathe at 4.5 seconds. Then rest.", ["Breathe at 4.5 seconds.", "Then rest."]),
        ("At 10:30 p.m. you rest.", ["At 10:30 p.m. you rest."]),
        ("Rest for 10 min. Then rise.", ["Rest for 10 min.", "Then rise."]),
        ("“Let go.” Then rest.", ["“Let go.”", "Then rest."]),
        ("(Let go.) Rest.", ["(Let go.)", "Rest."]),
        ("And so do I. Rest.", ["And so do I.", "Rest."]),
        ("no full stop", ["no full stop"]),
        ("  spaces  ", ["spaces"]),
        ("… Rest.", ["… Rest."]),
        ("Rest. …", ["Rest. …"]),
        ("", []),
    ],
)
def test_where_a_sentence_ends(text, expected):
    assert split(text) == expected


@given(st.text(alphabet="ab. !?…\"')A1\n", max_size=60))
def test_nothing_is_lost_and_nothing_overlaps(text):
    spans = list(sentences(text))
    assert all(a_end <= b_start for (_, a_end), (b_start, _) in pairwise(spans))
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    if spoken(text):
        assert all(spoken(text[start:end]) for start, end in spans)
