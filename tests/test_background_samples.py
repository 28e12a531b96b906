"""The samples of the backgrounds: finished files, the same twice, never over somebody else's."""

import json

import pytest
import soundfile

from narration.background_samples import LENGTH_S, SAMPLE_LUFS
from narration.backgrounds import names
from narration.loudness import Meter
from narration.timing import RATE_HZ

from .test_cli import run  # noqa: F401 - a fixture

FEW = ("brown", "green", "pink")


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr("narration.backgrounds.names", lambda: FEW)


def test_each_background_has_a_finished_sample_and_the_same_seed_gives_the_same_bytes(run, few, tmp_path):  # noqa: F811
    result = run("backgrounds", "--sample", "s", "--format", "flac", "--json")
    rows = json.loads(result.stdout)
    assert [row["name"] for row in rows] == list(FEW)
    for row in rows:
        samples, rate_hz = soundfile.read(tmp_path / row["path"], dtype="float32")
        assert (len(samples), rate_hz) == (LENGTH_S * RATE_HZ, RATE_HZ)
        meter = Meter()
        meter.push(samples[RATE_HZ : -3 * RATE_HZ])
        assert meter.integrated_lufs == pytest.approx(SAMPLE_LUFS, abs=0.6)
    first = (tmp_path / "s" / "brown.flac").read_bytes()
    assert run("backgrounds", "--sample", "s", "--format", "flac").exit_code == 0  # narration made them
    assert (tmp_path / "s" / "brown.flac").read_bytes() == first
    assert b"MIT" in first[:4000]
    assert {path.name for path in (tmp_path / "s").iterdir()} == {f"{name}.flac" for name in FEW}


def test_a_file_that_narration_did_not_make_stops_all_samples(run, few, tmp_path):  # noqa: F811
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "pink.mp3").write_bytes(b"mine")
    result = run("backgrounds", "--sample", "s")
    assert (result.exit_code, "--force" in result.stderr) == (1, True)
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["pink.mp3"]
    assert run("backgrounds", "--sample", "s", "--format", "mp5").exit_code == 2
    assert run("backgrounds", "--sample", "s", "--force", "--quiet").exit_code == 0
    assert (tmp_path / "s" / "pink.mp3").stat().st_size > 100_000


def test_every_name_can_be_a_file():
    assert all(name.replace("-", "").isalnum() for name in names())
