"""What takes minutes of sound to tell: no loop, steadiness over hours, flat memory."""

import shutil
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import soundfile

from narration.backgrounds import REFERENCE_LUFS
from narration.backgrounds.music import music
from narration.backgrounds.noises import brown, green, pink, rain
from narration.loudness import Meter
from narration.timing import RATE_HZ

from .memory import PRINT_PEAK_KB
from .test_backgrounds import HOUR, bursts_db, levels_db, played
from .test_music import tune, written

pytestmark = pytest.mark.slow
NOISES = pytest.mark.parametrize("made", [brown, green, pink, rain])
TEN_MINUTES = 600


@NOISES
def test_nothing_repeats_in_ten_minutes(made):
    samples = played(made(1), TEN_MINUTES)
    seconds = samples.reshape(TEN_MINUTES, -1)
    assert len({second.tobytes() for second in seconds}) == TEN_MINUTES
    envelope = levels_db(samples)
    envelope -= envelope.mean()
    alike = np.correlate(envelope, envelope, "full")[len(envelope) - 1 :] / np.arange(len(envelope), 0, -1)
    assert (alike / alike[0])[15 * 20 : 400 * 20].max() < 0.3
    waveform = np.fft.irfft(np.abs(np.fft.rfft(samples[:, 0], 2 * len(samples))) ** 2)
    assert np.abs(waveform[RATE_HZ : 300 * RATE_HZ]).max() < 0.1 * waveform[0]


@NOISES
def test_nothing_startles_in_ten_minutes_of_two_seeds(made):
    for seed in (11, 12):
        samples = played(made(seed), TEN_MINUTES, start=seed * HOUR)
        levels = levels_db(samples)
        assert bursts_db(levels).max() < 6.5
        assert (levels[2:] - levels[:-2]).max() < 8
        assert clicks(samples[: 60 * RATE_HZ].mean(axis=1, dtype=np.float64)) < 6  # of a minute: chance grows
        assert np.abs(samples).max() < 0.5


def clicks(mono):
    """The largest second difference against the RMS of those within 5 ms of it."""
    bends = np.abs(np.diff(mono, 2))
    power = np.concatenate([[0.0], np.cumsum(bends**2)])
    near = np.sqrt((power[441:] - power[:-441]) / 441)
    return (bends[220 : 220 + len(near)] / (near + 1e-3 * bends.std())).max()


@NOISES
def test_every_seed_is_as_loud_and_the_eighth_hour_as_the_first(made):
    for seed in range(1, 9):
        meter = Meter()
        meter.push(played(made(seed), 60, start=(8 * HOUR - 3 * RATE_HZ) * (seed % 2)))
        assert meter.integrated_lufs == pytest.approx(REFERENCE_LUFS, abs=0.5)


@pytest.mark.parametrize("seconds", [10, 300])
@NOISES
def test_memory_is_flat(made, seconds):
    tracemalloc.start()
    blocks, have = made(1).blocks(), 0
    while have < seconds * RATE_HZ:
        have += len(next(blocks))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16e6


def test_long_music_is_made_ready_and_played_in_flat_memory(tmp_path):
    path = written(tmp_path / "long.flac", np.tile(tune(60), (10, 1)))
    tracemalloc.start()
    blocks, have = music(path, tmp_path / "cache").blocks(), 0
    while have < 20 * 60 * RATE_HZ:
        have += len(next(blocks))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
@pytest.mark.parametrize("name", ["a.m4a", "a.wma"])
def test_what_libsndfile_does_not_know_plays_through_pydub(tmp_path, name):
    original, path = written(tmp_path / "a.wav", tune(12)), tmp_path / name
    subprocess.run(["ffmpeg", "-v", "error", "-i", original, path], check=True)  # noqa: S607
    meter = Meter()
    meter.push(played(music(path), 30))
    assert meter.integrated_lufs == pytest.approx(REFERENCE_LUFS, abs=0.5)
    assert len(list((tmp_path).iterdir())) == 2


HELD = (
    """
import sys
from pathlib import Path
from narration.backgrounds.music import music
for _, _ in zip(range(300), music(Path(sys.argv[1]), Path(sys.argv[2])).blocks(30 * 44100)):
    pass
"""
    + PRINT_PEAK_KB
)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("tones", [True, False], ids=["a piece", "an ambience"])
def test_a_long_file_takes_no_more_memory_than_a_short_one(tmp_path, tones):
    minute = tune(60) if tones else np.random.RandomState(0).standard_normal((60 * RATE_HZ, 2)) * 0.1
    held = []
    for minutes in (2, 15):
        path = tmp_path / f"{minutes}.flac"
        with soundfile.SoundFile(path, "w", RATE_HZ, 2) as file:
            for _ in range(minutes):
                file.write(minute)
        command = [sys.executable, "-c", HELD, path, tmp_path / "cache"]
        held.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    assert held[1] < held[0] + 16 * 1024  # kilobytes
