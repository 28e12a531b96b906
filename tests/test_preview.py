"""A preview is the track itself, at that place."""

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from narration.cli import main
from narration.encode import target_for
from narration.errors import NarrationError, UsageError
from narration.preview import chosen, play, preview
from narration.script import parse
from narration.script.builtin import Source
from narration.session import estimated, render
from narration.timing import RATE_HZ
from narration.wishes import Wishes

TEXT = """---
title: Three places
background: pad
lead: 2s
tail: 6s
notes: For relaxation only, not medical advice. Please do not listen while driving. Stand up slowly.
---
# Hands

Rest your hands on your thighs, and leave them there. [8s]

# Shoulders

Let them sink. [4s] And sink. [9s]

# Feet

Feel the floor. [3s]
"""
WISHES = Wishes(voice="tone")


@pytest.fixture
def source(tmp_path):
    return Source(TEXT, "three.md", "three", tmp_path, None)


def test_a_section_is_the_track_at_that_place_between_its_chapters(source, tmp_path):
    report = render(source, WISHES, target_for(tmp_path / "whole.wav", None, None))
    part = preview(source, WISHES, "shoulders", target_for(tmp_path / "part.wav", None, None))
    assert (part.start, part.stop) == tuple(chapter.start for chapter in report.plan.chapters[1:])
    whole, _ = soundfile.read(tmp_path / "whole.wav", dtype="float32")
    cut, _ = soundfile.read(tmp_path / "part.wav", dtype="float32")
    assert len(cut) == part.stop - part.start
    inside = slice(RATE_HZ // 20, -RATE_HZ // 20)  # the ends are faded
    assert np.abs(cut[inside] - whole[part.start : part.stop][inside]).max() < 2e-4  # dither apart
    assert np.abs(cut[[0, -1]]).max() < 1e-4


def test_without_a_section_it_is_the_beginning(source, tmp_path):
    part = preview(source, WISHES, target=target_for(tmp_path / "a.flac", None, None))
    assert (part.title, part.start) == ("", 0)
    assert soundfile.info(tmp_path / "a.flac").frames == part.stop


def test_a_section_there_is_not_is_told_with_the_nearest():
    plan = estimated(parse(TEXT, "three.md"))
    assert chosen(plan, " FEET ").stop == plan.length
    with pytest.raises(UsageError, match='did you mean "Shoulders"'):
        chosen(plan, "Sholders")


def test_a_section_there_is_not_is_told_before_a_word_is_spoken(source, tmp_path):
    said = []
    with pytest.raises(UsageError, match="Shoulders"):
        preview(
            source, WISHES, "sholders", target_for(tmp_path / "a.wav"), watch=lambda stage, done, of: said.append(stage)
        )
    assert (said, list(tmp_path.iterdir())) == ([], [])


def test_the_beginning_has_half_a_minute_of_speech(tmp_path):
    lines = "Rest your hands on your thighs, and leave them there. [9s]\n" * 20
    long = Source(TEXT.partition("# Hands")[0] + lines, "long.md", "long", tmp_path, None)
    report = render(long, WISHES, target_for(tmp_path / "whole.wav"))
    part = preview(long, WISHES, target=target_for(tmp_path / "part.wav"))
    heard = [one.length for one in report.plan.utterances if one.end <= part.stop]
    assert sum(heard) >= 30 * RATE_HZ > sum(heard[:-1])


def test_where_nothing_can_play_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(NarrationError, match="-o FILE"):
        play(tmp_path / "a.wav")


def test_the_command_writes_a_file_whole_and_never_over_a_strangers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "three.md").write_text(TEXT)
    words = ["preview", "three.md", "--voice", "tone", "--section", "feet", "-o", "feet.mp3", "--quiet"]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert soundfile.info(tmp_path / "feet.mp3").duration > 5
    (tmp_path / "feet.mp3").write_bytes(b"mine")
    assert CliRunner().invoke(main, words).exit_code == 1
    assert (tmp_path / "feet.mp3").read_bytes() == b"mine"
    assert CliRunner().invoke(main, [*words[:4], "--section", "knees"]).exit_code == 2
