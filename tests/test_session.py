"""Whole renders with the tone voice: a script in, a finished file out, measured from outside."""

import hashlib
import json
from fractions import Fraction
from itertools import pairwise

import pytest

from narration.encode import target_for
from narration.errors import NarrationError, ScriptError, UsageError
from narration.layout import FitError
from narration.script.builtin import Source, find
from narration.session import render
from narration.timing import RATE_HZ
from narration.wishes import Wishes

from .gate import decoded, silences

SCRIPT = """---
title: Hands at rest
background: off
lead: 1s
tail: 2s
notes: For relaxation only, not medical advice. Do not listen while driving.
---
# Settling in

Rest your arms. [2s] Breathe. [1.5s]

# Hands

Close both hands, now. [hold 3s] And let go. [release 2-9s] Rest. [700ms] Good.
"""


def source(text=SCRIPT, folder=None, name="hands.md"):
    return Source(text, name, "hands", folder)


@pytest.fixture
def rendered(tmp_path):
    def make(name="hands.mp3", text=SCRIPT, force=False, **wishes):
        path = tmp_path / name
        return path, render(source(text, tmp_path), Wishes(voice="tone", **wishes), target_for(path), force)

    return make


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.wav"])
def test_every_written_pause_is_the_silence_that_is_heard(rendered, name):
    path, _ = rendered(name)
    assert silences(path, 0.5) == pytest.approx([2, 1.5, 3, 2, 0.7], abs=0.02)


@pytest.mark.parametrize("name", ["a.mp3", "a.flac", "a.wav"])
def test_the_file_decodes_to_the_length_in_its_report(rendered, name):
    path, report = rendered(name)
    samples, rate = decoded(path)
    assert rate == RATE_HZ
    assert len(samples) == report.plan.length


def test_a_length_is_met_to_the_sample_and_bends_no_hold(rendered):
    path, report = rendered(length=Fraction(20))
    assert len(decoded(path)[0]) == 20 * RATE_HZ
    assert silences(path, 0.5)[2] == pytest.approx(3, abs=0.02)
    assert [span.length for span in report.plan.spans if span.kind == "hold"] == [3 * RATE_HZ]


def test_the_same_render_gives_the_same_bytes_and_a_warm_cache_speaks_nothing(rendered):
    first, _ = rendered("a.mp3", background="brown", seed=7)
    second, _ = rendered("b.mp3", background="brown", seed=7)
    other, _ = rendered("c.mp3", background="brown", seed=8)
    assert first.read_bytes() == second.read_bytes() != other.read_bytes()


def test_the_report_tells_what_is_in_the_file(rendered):
    path, _ = rendered()
    report = json.loads(path.with_suffix(".json").read_text())
    wanted = (
        "path seconds sample_rate voice background seed voice_lufs loudness_lufs loudness_range_lu true_peak_dbtp "
        "speech_seconds words words_per_minute chapters spans safety problems versions"
    )
    assert set(wanted.split()) <= set(report)
    assert report["voice"] == "tone"
    assert report["voice_lufs"] == pytest.approx(-18, abs=0.1)
    assert report["chapters"][0] == {"start": 0.0, "title": "Settling in"}
    assert report["spans"][0]["start"] == 0
    assert report["spans"][-1]["end"] == report["seconds"]
    assert all(a["end"] == b["start"] for a, b in pairwise(report["spans"]))
    assert {span["kind"] for span in report["spans"]} == {"lead", "say", "pause", "hold", "release", "tail"}
    assert set(report["spans"][1]) == {"start", "end", "kind", "text", "line"}


def test_a_sleep_track_is_softer(rendered):
    _, report = rendered(ending="sleep", tail=Fraction(3))
    assert report.voice_lufs == pytest.approx(-20, abs=0.1)
    assert report.true_peak_dbtp <= -3


def test_tags_come_from_the_script_and_the_command_line(rendered):
    import mutagen

    path, _ = rendered("a.flac", tags={"album": "Evenings", "author": "Ada"})
    tags = mutagen.File(path).tags
    assert (tags["title"], tags["album"], tags["artist"]) == (["Hands at rest"], ["Evenings"], ["Ada"])
    assert "synthetic voice" in tags["comment"][0]


@pytest.mark.parametrize(
    ("wishes", "error", "message"),
    [
        ({"length": Fraction(600)}, FitError, "the shortest it can be is"),
        ({"background": "raim"}, UsageError, 'did you mean "rain"'),
        ({"loudness": -3.0}, UsageError, "expected from -30 to -12 LUFS"),
        ({"background_level": -3.0}, UsageError, "expected from -26 to -10 LU"),
    ],
)
def test_what_cannot_be_is_told_and_leaves_no_file(rendered, tmp_path, wishes, error, message):
    with pytest.raises(error, match=message):
        rendered(**wishes)
    assert list(tmp_path.iterdir()) == []


def test_a_script_with_problems_leaves_no_file(rendered, tmp_path):
    with pytest.raises(ScriptError):
        rendered(text="Rest. [4]")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_narration_did_not_make_is_not_replaced_without_force(rendered, tmp_path):
    (tmp_path / "hands.mp3").write_bytes(b"my only copy")
    with pytest.raises(NarrationError, match="force"):
        rendered()
    assert (tmp_path / "hands.mp3").read_bytes() == b"my only copy"
    rendered(force=True)
    before = hashlib.sha256((tmp_path / "hands.mp3").read_bytes()).digest()
    rendered()  # what narration made may be made again
    assert hashlib.sha256((tmp_path / "hands.mp3").read_bytes()).digest() == before


def test_a_script_may_name_a_background_only_beside_or_below_itself(rendered, tmp_path):
    outside = SCRIPT.replace("background: off", "background: ../../etc/passwd")
    with pytest.raises(NarrationError, match="may name files beside or below itself"):
        rendered(text=outside)


def test_the_length_of_the_front_matter_is_used_and_the_wish_goes_over_it(rendered):
    text = SCRIPT.replace("title: Hands at rest", "title: Hands at rest\nlength: 19s")
    assert rendered(text=text)[1].plan.length == 19 * RATE_HZ
    assert rendered("b.mp3", text=text, length=Fraction(21))[1].plan.length == 21 * RATE_HZ


def test_a_render_never_replaces_its_own_script(tmp_path):
    script = tmp_path / "hands.txt"
    script.write_text(SCRIPT)
    with pytest.raises(UsageError, match="would replace the script itself"):
        render(find(str(script)), Wishes(voice="tone"), target_for(tmp_path / "hands.mp3"), force=True)
    assert script.read_text() == SCRIPT


def test_a_voice_of_another_language_is_noted(rendered):
    text = SCRIPT.replace("title: Hands", "language: de\ntitle: Hands")
    assert rendered(text=text)[1].problems == ()  # a tone speaks any
    path, _ = rendered("b.mp3", text=text)
    other = render(source(text, path.parent), Wishes(voice="espeak"), target_for(path))
    assert other.problems == ('the script is in "de", and the voice "espeak" speaks en-us',)
