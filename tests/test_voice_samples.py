"""Samples of the voices, and the rows of the list."""

import json

import pytest
import soundfile
from click.testing import CliRunner

from narration.cli import main
from narration.errors import NarrationError
from narration.voice_samples import COUNT, PARAGRAPHS, write_samples


def run(*words):
    return CliRunner().invoke(main, ["voices", *words])


def test_a_sample_is_a_calm_paragraph_of_the_voice_alone(tmp_path):
    result = run("--sample", str(tmp_path), "--voice", "tone", "--json")
    (row,) = json.loads(result.stdout)
    assert row["sample"] == str(tmp_path / "tone.flac")
    sound = soundfile.info(row["sample"])
    assert (sound.samplerate, sound.channels) == (44_100, 2)
    assert 10 < sound.duration < 25
    assert run("--sample", str(tmp_path), "--voice", "tone").exit_code == 0  # its own file it may replace


def test_a_voice_that_does_not_work_has_no_sample_and_a_strangers_file_stays(tmp_path):
    (row,) = write_samples([{"name": "piper:none", "works": False}], tmp_path)
    assert row == ({"name": "piper:none", "works": False}, "")
    (tmp_path / "tone.flac").write_bytes(b"mine")
    with pytest.raises(NarrationError, match="narration did not make it"):
        list(write_samples([{"name": "tone", "works": True}], tmp_path))


def test_the_list_tells_variants():
    rows = {row["name"]: row for row in json.loads(run("--json").stdout)}
    assert {"heart", "espeak", "kokoro", "piper", "tone"} <= set(rows)
    assert len(rows["espeak"]["variants"]) > 90
    assert len(rows["kokoro"]["variants"]) == 28
    assert "espeak:de " in run("--voice", "espeak").output
    assert run("--voice", "nobody").exit_code == 2


def test_every_paragraph_has_a_pause_to_split_at():
    assert all(paragraph.count(". ") == 2 for paragraph in PARAGRAPHS.values())
    assert COUNT.count(",") == 4


@pytest.mark.slow
def test_a_german_script_is_spoken_by_a_german_voice(tmp_path):
    script = tmp_path / "ruhe.md"
    head = "title: Ruhe\nlanguage: de\nbackground: off\nnotes: Please do not listen while driving."
    script.write_text(f"---\n{head}\n---\n\nLass die Schultern sinken.\n")
    words = ["render", str(script), "-o", str(tmp_path / "ruhe.wav"), "--json", "--quiet"]
    report = json.loads(CliRunner().invoke(main, words).stdout)
    assert report["voice"] == "espeak:de"
    assert report["problems"] == []
