import html
import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.captions import LINE, SIDECARS, captions, chapters, labels, lrc, playlist, transcript, vtt
from narration.document import Say
from narration.files import made_by_narration
from narration.layout import lay_out
from narration.script import parse
from narration.timing import RATE_HZ

from .test_layout import Lengths

SCRIPT = """---
title: Hands --> at <rest> & more
---
# Settling in

Rest your arms on the pillow, if you like, and let the whole of their weight sink down into it. [4s]

[breathe in 4s, hold 1s, out 6s, 2 times, aloud 1]

# Hands

Close them, now. [hold 5s, count down] And let go. [hold 6s] Rest & be \\<still\\>.
"""


@pytest.fixture
def plan():
    return lay_out(parse(SCRIPT), Lengths())


def test_captions_show_what_is_said_when_it_is_said_and_never_two_at_once(plan):
    shown = captions(plan)
    assert [one.text for one in shown if not one.cue] == [one.say.text for one in plan.utterances]
    assert [one.start for one in shown if not one.cue] == [one.start for one in plan.utterances]
    assert all(a.end <= b.start for a, b in pairwise(shown))
    assert all(one.start < one.end <= plan.length for one in shown)


def test_holds_and_breaths_have_captions_of_their_own(plan):
    cues = [one.text for one in captions(plan) if one.cue]
    assert cues == ["[breathe in]", "[hold]", "[breathe out]", "[hold for 6s]"]
    breath = next(span for span in plan.spans if span.kind == "breathe")
    assert [one.start - breath.start for one in captions(plan) if one.cue][:3] == [s * RATE_HZ for s in (11, 15, 16)]


def test_webvtt_is_well_formed_escaped_and_of_a_readable_width(plan):
    text = vtt(plan)
    head, *blocks = text.strip().split("\n\n")
    assert head == "WEBVTT"
    cues = [block.split("\n") for block in blocks if not block.startswith("NOTE")]
    assert all("-->" not in block for block in blocks if block.startswith("NOTE"))
    times = [re.fullmatch(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})", cue[0]).groups() for cue in cues]
    assert all(start < end for start, end in times)
    assert all(a_end <= b_start for (_, a_end), (b_start, _) in pairwise(times))
    assert all(len(line) <= LINE for cue in cues for line in cue[1:] if "&" not in line)
    assert "Rest &amp; be &lt;still&gt;." in text


def test_lyrics_have_ascending_times(plan):
    stamps = re.findall(r"^\[(\d+):(\d\d\.\d\d)\]", lrc(plan), re.MULTILINE)
    seconds = [int(minutes) * 60 + float(rest) for minutes, rest in stamps]
    assert seconds == sorted(seconds)
    assert len(stamps) >= len(captions(plan))


def test_chapters_are_podcasting_2(plan):
    found = json.loads(chapters(plan))
    assert found["version"] == "1.2.0"
    assert [one["title"] for one in found["chapters"]] == ["Settling in", "Hands"]
    assert found["chapters"][0]["startTime"] == 0
    assert found["chapters"][1]["startTime"] == pytest.approx(plan.chapters[1].start / RATE_HZ, abs=0.001)


def test_labels_are_three_columns_that_audacity_reads(plan):
    rows = [line.split("\t") for line in labels(plan).splitlines()]
    assert {len(row) for row in rows} == {3}
    regions = [row for row in rows if row[0] != row[1]]
    assert len(regions) == len(plan.spans)
    assert float(regions[-1][1]) == pytest.approx(plan.length / RATE_HZ, abs=1e-6)


def test_the_transcript_has_every_line_once_under_its_chapter(plan):
    text = transcript(plan)
    flat = " ".join(text.split())
    assert all(span.text in flat for span in plan.spans if span.kind == "say")
    assert text.index("# Settling in") < text.index("Rest your arms") < text.index("# Hands") < text.index("Close them")
    assert "[hold for 5s, counted down]" in text


def test_every_sidecar_is_known_again_as_ours(plan, tmp_path):
    for suffix, write in SIDECARS.items():
        path = tmp_path / f"hands{suffix}"
        path.write_text(write(plan))
        assert made_by_narration(path), suffix


NASTY = (
    *("-->", "<b>", "</c>", "<00:01.000>", "&", "&amp;", "&lt;", "WEBVTT", "NOTE", "STYLE", "REGION", "[00:01.00]"),
    *("[ti:x]", "#EXTINF:1,x", "#", "\t", "\n", "\r\n", "\n\n", '"', "\\", "{", "]]>", "呼吸", "\u202e", "🌙", "rest"),
)
hostile = st.lists(st.sampled_from(NASTY), min_size=1, max_size=6).map(" ".join).filter(str.strip)


def with_words(plan, said, title):
    """The plan with other words: as they could come from a colleague's program, not only from our own parser."""
    spans = tuple(
        replace(span, node=replace(span.node, text=said)) if isinstance(span.node, Say) else span for span in plan.spans
    )
    utterances = tuple(replace(one, say=replace(one.say, text=said)) for one in plan.utterances)
    named = tuple(replace(one, title=title) for one in plan.chapters)
    return replace(plan, title=title, spans=spans, utterances=utterances, chapters=named)


def cues_of(text):
    """The cues of a WebVTT file, as the standard's own parser would cut it; AssertionError for what it would refuse."""
    signature, *blocks = text.removesuffix("\n").split("\n\n")
    assert signature == "WEBVTT"
    for block in blocks:
        first, *rest = block.split("\n")
        if first.startswith("NOTE "):
            assert not rest
            assert "-->" not in first
            continue
        assert re.fullmatch(r"\d\d:[0-5]\d:[0-5]\d\.\d{3} --> \d\d:[0-5]\d:[0-5]\d\.\d{3}", first)
        assert rest
        assert all(line.strip() for line in rest)
        assert not any("-->" in line or "<" in line for line in rest)
        assert all(re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", line) for line in rest)
        yield html.unescape(" ".join(rest))


@given(said=hostile, title=hostile)
def test_no_words_break_a_sidecar(said, title):
    plan = with_words(lay_out(parse(SCRIPT), Lengths()), said, title)
    flat, named = " ".join(said.split()), " ".join(title.split())
    shown = captions(plan)
    assert [cue for one, cue in zip(shown, cues_of(vtt(plan)), strict=True) if not one.cue] == [
        flat for one in shown if not one.cue
    ]

    head, *lines = lrc(plan).splitlines()
    assert (head[:4], lines[0]) == ("[re:", f"[ti:{named}]")
    assert all(re.match(r"\[\d\d+:[0-5]\d\.\d\d\]", line) for line in lines[2:])
    assert sum(line[line.index("]") + 1 :] == flat for line in lines[2:]) == len([one for one in shown if not one.cue])

    rows = [line.split("\t") for line in labels(plan).removesuffix("\n").split("\n")]
    assert {len(row) for row in rows} == {3}
    assert len(rows) == 1 + len(plan.chapters) + len(plan.spans)
    assert all(0 <= float(start) <= float(end) for start, end, _ in rows)

    found = json.loads(chapters(plan))
    assert [one["title"] for one in found["chapters"]] == [title] * len(plan.chapters)
    starts = [one["startTime"] for one in found["chapters"]]
    assert all(isinstance(start, float) and start >= 0 for start in starts)
    assert starts == sorted(set(starts))

    listed = playlist([("out/#1.mp3", plan), ("out/a b.mp3", plan)]).removesuffix("\n").split("\n")
    assert listed[0] == "#EXTM3U"
    assert [line for line in listed if not line.startswith("#")] == ["./#1.mp3", "a b.mp3"]
    assert listed.count(f"#EXTINF:{round(plan.length / RATE_HZ)},{named}") == 2
