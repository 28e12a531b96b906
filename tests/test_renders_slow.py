"""Renders by real processes that share a cache, are killed, and start again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LINES = [f"Let your hands rest here, for the {number}th time." for number in range(20, 32)]
HEAD = "---\ntitle: Rest\nbackground: off\nlead: 1s\ntail: 1s\n---\n\n"


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "rest.md"
    path.write_text(HEAD + " [500ms]\n".join(LINES) + "\n")
    return path


def started(script, output):
    words = [sys.executable, "-m", "narration", "render", str(script), "-o", str(output), "--voice", "heart", "--quiet"]
    return subprocess.Popen(words, stderr=subprocess.PIPE)


def ended(render):
    """Its exit code, once it is over."""
    render.communicate()
    return render.returncode


def clips():
    return {path: path.stat().st_ino for path in Path(os.environ["NARRATION_CACHE"]).rglob("*.clip")}


def test_two_renders_at_once_share_the_cache_and_make_the_same_track(script, tmp_path):
    outputs = [tmp_path / "one.wav", tmp_path / "two.wav"]
    renders = [started(script, output) for output in outputs]
    assert [ended(render) for render in renders] == [0, 0]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert len(clips()) == len(LINES)
    assert not list(Path(os.environ["NARRATION_CACHE"]).rglob("*.part"))


def test_a_killed_render_goes_on_where_it_was(script, tmp_path, monkeypatch):
    whole = tmp_path / "whole.wav"
    assert ended(started(script, whole)) == 0
    reasons = [
        lambda folder: len(clips()) >= 1,
        lambda folder: len(clips()) >= 6,
        lambda folder: len(clips()) >= 11,
        lambda folder: any(folder.glob(".narration-*.part")),  # the track itself is being written
    ]
    for number, reason in enumerate(reasons):
        folder = tmp_path / f"killed-{number}"
        folder.mkdir()
        monkeypatch.setenv("NARRATION_CACHE", str(folder / "cache"))
        render = started(script, folder / "rest.wav")
        while render.poll() is None and not reason(folder):
            time.sleep(0.001)
        render.send_signal(signal.SIGKILL)
        assert ended(render) == -signal.SIGKILL
        assert not (folder / "rest.wav").exists()
        kept = clips()
        assert kept
        assert ended(started(script, folder / "rest.wav")) == 0
        assert kept.items() <= clips().items()  # none of them was made again
        assert len(clips()) == len(LINES)
        assert (folder / "rest.wav").read_bytes() == whole.read_bytes()


def test_an_edited_line_is_the_only_one_that_is_spoken_again(script, tmp_path):
    assert ended(started(script, tmp_path / "one.wav")) == 0
    before = clips()
    script.write_text(script.read_text().replace(LINES[5], "And let them be heavy."))
    assert ended(started(script, tmp_path / "two.wav")) == 0
    assert before.items() <= clips().items()
    assert len(clips()) == len(LINES) + 1
