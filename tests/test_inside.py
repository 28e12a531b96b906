"""What a finished track says when it is read back, in every format."""

import json

import pytest

from narration.encode import FORMATS, target_for
from narration.errors import NarrationError, UsageError
from narration.inside import inside, told
from narration.script.builtin import Source
from narration.session import render
from narration.wishes import Wishes

TEXT = """---
title: Two hands
background: off
lead: 1s
tail: 1s
notes: For relaxation only, not medical advice. Please do not listen while driving. Stand up slowly.
sources: [A book of rest]
---
# Left

Rest your left hand. [1s]

# Right

<!-- waive breath_hold: taught in person (Ada Byron) -->
Hold your breath. [1s]
"""


@pytest.fixture(scope="module", params=sorted(FORMATS))
def track(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("inside")
    suffix = FORMATS[request.param].suffix
    target = target_for(folder / f"hands{suffix}", request.param, None)
    wishes = Wishes(voice="tone", tags={"album": "Hands", "track": "2/3"})
    render(Source(TEXT, "hands.md", "hands", folder, None), wishes, target)
    return target.path


def test_what_was_written_is_read_back(track):
    found = inside(track)
    rich = track.suffix != ".wav"
    assert found["tags"]["title"] == "Two hands"
    assert "A book of rest" in found["tags"]["comment"]
    assert "Ada Byron" in found["tags"]["comment"]
    assert found["seconds"] == pytest.approx(found["report"]["seconds"], abs=0.06)
    assert (found["cover"], found["lyrics"]) == (rich, rich)
    if rich:
        assert [one["title"] for one in found["chapters"]] == ["Left", "Right"]
        assert [one["start"] for one in found["chapters"]] == pytest.approx(
            [one["start"] for one in found["report"]["chapters"]], abs=0.002
        )
        assert (found["tags"]["album"], found["tags"]["track"]) == ("Hands", "2/3")
    json.dumps(found)


def test_a_person_reads_the_same(track):
    text = told(inside(track))
    for words in ("Two hands", "tone", "LUFS", "breath_hold", "Ada Byron", "nobody"):
        assert words in text
    track.with_suffix(".json").rename(track.with_suffix(".away"))
    try:
        assert "no report beside it" in told(inside(track))
    finally:
        track.with_suffix(".away").rename(track.with_suffix(".json"))


def test_what_is_no_track_of_ours_is_told(track, tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"not music")
    for path in (tmp_path / "a.mp3", tmp_path / "none.mp3", track.with_suffix(".txt"), tmp_path):
        with pytest.raises(NarrationError):
            inside(path)


@pytest.mark.parametrize(
    "damage",
    [
        {"seconds": [1]},
        {"seconds": None},
        {"voice": None},
        {"words_per_minute": "39"},
        {"safety": ["x"]},
        {"safety": [{}]},
        {"problems": 3},
        {"seconds": 1.0},
        {"generator": "somebody"},
    ],
)
def test_a_report_that_is_damaged_or_of_another_track_is_no_report(track, damage):
    beside = track.with_suffix(".json")
    whole = beside.read_text()
    assert inside(track)["report"] is not None
    try:
        beside.write_text(json.dumps(json.loads(whole) | damage))
        assert inside(track)["report"] is None
        assert "no report beside it" in told(inside(track))
        beside.write_text("[" * 100_000)
        assert inside(track)["report"] is None
    finally:
        beside.write_text(whole)


def test_a_track_that_is_not_there_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        inside(tmp_path / "none.mp3")
