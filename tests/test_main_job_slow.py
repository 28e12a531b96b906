"""The main job in the neural voice, measured from outside: real decoders, an energy gate, nothing of our own."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import av
import miniaudio
import numpy as np
import pytest

from narration import voices
from narration.cache import folder
from narration.encode import target_for
from narration.script.builtin import find, lessons, names
from narration.session import measured, render
from narration.timing import RATE_HZ
from narration.wishes import Wishes, document

from .gate import decoded, silences, sounds

pytestmark = pytest.mark.slow

CUES = """---
title: Cues
background: off
lead: 1s
tail: 2s
---
Settle into the chair. [2s] Close both hands into loose fists, now. [hold 5s] And let go. [release 7s]
Notice the difference. [3s] Now. [1.5s] Soft. [2.5s] Stop. [4s] Rest. [hold 6s, count down]
Let your feet be heavy. [900ms] Left. [2s] Right. [1s] Breathe out.
"""


@pytest.fixture
def rendered(tmp_path):
    def make(name, **wishes):
        path = tmp_path / "a.mp3"
        return path, render(find(name), Wishes(voice="heart", **wishes), target_for(path))

    return make


def frames_by_av(path):
    with av.open(str(path)) as file:
        return sum(frame.samples for frame in file.decode(audio=0))


@pytest.mark.parametrize("name", ["pmr", "clouds", "bedtime"])
def test_twelve_minutes_are_twelve_minutes_by_three_decoders(rendered, name):
    path, report = rendered(name, length=Fraction(720))
    assert report.plan.length == 720 * RATE_HZ
    assert len(decoded(path)[0]) == 720 * RATE_HZ
    assert miniaudio.mp3_get_file_info(str(path)).sample_rate == RATE_HZ
    assert len(miniaudio.decode_file(str(path)).samples) // 2 == 720 * RATE_HZ
    assert frames_by_av(path) == 720 * RATE_HZ
    for span in report.plan.spans:
        if span.kind == "hold":
            assert span.length == span.node.seconds * RATE_HZ


@pytest.mark.parametrize("under_db", [38, 42, 46])
def test_every_pause_and_hold_is_heard_as_written(tmp_path, under_db):
    script = tmp_path / "cues.md"
    script.write_text(CUES)
    path = tmp_path / "cues.mp3"
    report = render(find(str(script)), Wishes(voice="heart"), target_for(path))
    said = report.plan.utterances
    heard = sounds(path, under_db, join_s=0.25)
    edges = [(one.start / RATE_HZ, one.end / RATE_HZ) for one in said]
    written = [(end, start) for (_, end), (start, _) in pairwise(edges) if start - end > 0.4]
    assert len(written) > 12
    for end, start in written:
        before = max(one_end for _, one_end in heard if one_end <= start - 0.1)
        after = min(one_start for one_start, _ in heard if one_start >= end - 0.1)
        assert after - before == pytest.approx(start - end, abs=0.02)
    holds = [gap for gap in silences(path, 4.5, under_db) if gap < 5.5]
    assert holds == pytest.approx([5], abs=0.02)


@pytest.mark.parametrize("name", [*names(), *(f"jacobson/{lesson.stem}" for lesson in lessons("jacobson"))])
def test_every_session_speaks_in_the_neural_voice_at_each_of_its_lengths(rendered, name):
    script = document(find(name), Wishes())
    voice = voices.load("heart")
    for length in script.lengths:
        plan, clips = measured(replace(script, length=length), voice)
        assert plan.length == length * RATE_HZ
        assert clips.notes == ()


def test_a_decoded_sleep_track_holds_its_levels(rendered):
    path, report = rendered("bedtime", length=Fraction(600))
    samples, _ = decoded(path)
    peaks = np.abs(np.fft.irfft(np.fft.rfft(samples[: 60 * RATE_HZ, 0]), 4 * 60 * RATE_HZ)).max() * 4
    assert 20 * np.log10(peaks) <= -3.0
    assert report.voice_lufs == pytest.approx(-20, abs=0.1)
    assert not samples[-RATE_HZ // 2 :].any()


def test_killed_and_started_again_a_render_goes_on_from_the_cache(tmp_path):
    command = [sys.executable, "-m", "narration", "render", "clouds", "-o", "a.mp3", "--json"]
    child = subprocess.Popen(command, cwd=tmp_path, env=os.environ, stdout=subprocess.DEVNULL)
    while child.poll() is None and not _clips():
        pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not (tmp_path / "a.mp3").exists()
    kept = _clips()
    assert kept
    again = subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, check=True)
    assert json.loads(again.stdout)["seconds"] == 600
    assert _clips() >= kept


def _clips():
    return len(list(folder().rglob("*.clip")))
