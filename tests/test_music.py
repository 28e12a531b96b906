import shutil
import sys
from functools import cache

import numpy as np
import pytest
import soundfile

from narration.backgrounds import REFERENCE_LUFS, load
from narration.backgrounds.music import music
from narration.errors import NarrationError
from narration.loudness import Meter
from narration.timing import RATE_HZ

from .test_backgrounds import played


@cache
def tune(seconds):
    """Plucked notes in stereo, float64 (n, 2)."""
    chance, length = np.random.RandomState(0), seconds * RATE_HZ
    time_s = np.arange(RATE_HZ) / RATE_HZ
    left = np.zeros(length)
    for start in range(0, length - RATE_HZ, 2 * RATE_HZ // 5):
        note = np.exp(-4 * time_s) * np.sin(2 * np.pi * 220 * 2 ** (chance.randint(12) / 12) * time_s)
        left[start : start + RATE_HZ] += note * np.minimum(1, np.minimum(time_s, 1 - time_s) / 0.01)
    return np.stack([left, np.roll(left, 300)], axis=1) * 0.4


def written(path, samples, rate_hz=RATE_HZ, subtype=None):
    soundfile.write(path, samples, rate_hz, subtype=subtype)
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return written(tmp_path_factory.mktemp("music") / "tune.wav", tune(12))


def levels_db(samples, seconds=0.4):
    size = round(seconds * RATE_HZ)
    return 10 * np.log10((samples[: len(samples) // size * size].reshape(-1, 2 * size) ** 2).mean(axis=1))


def test_music_follows_the_protocol(file):
    made = load(str(file), seed=1)
    assert (made.info.name, made.info.kind, made.info.source) == ("tune.wav", "music", str(file))
    block = next(made.blocks())
    assert block.dtype == np.float32
    assert block.shape[1] == 2


@pytest.mark.parametrize("gain", [1.0, 0.01])
def test_loudness_is_the_reference(tmp_path, gain):
    samples = played(music(written(tmp_path / "a.wav", tune(12) * gain, subtype="PCM_24")), 30)
    meter = Meter()
    meter.push(samples)
    assert meter.integrated_lufs == pytest.approx(REFERENCE_LUFS, abs=0.5)


@pytest.mark.parametrize("name", ["a.flac", "a.mp3", "a.ogg", "a.aiff"])
def test_every_format_plays_the_same_music(tmp_path, file, name):
    expected, samples = (played(music(path), 5)[:, 0] for path in (file, written(tmp_path / name, tune(12))))
    assert np.corrcoef(samples[: len(expected)], expected)[0, 1] > 0.99


def test_other_rates_and_mono_are_brought_to_ours(tmp_path):
    time_s = np.arange(12 * 48_000) / 48_000
    samples = played(music(written(tmp_path / "a.wav", 0.3 * np.sin(2 * np.pi * 1000 * time_s), 48_000)), 8)
    assert np.abs(samples[:, 0] - samples[:, 1]).max() < 3 * 2.0**-15  # nothing but their dither differs
    spectrum = np.abs(np.fft.rfft(samples[RATE_HZ : 5 * RATE_HZ, 0] * np.hanning(4 * RATE_HZ)))
    assert np.argmax(spectrum) / 4 == 1000
    spectrum[3990:4011] = 0
    assert 20 * np.log10(spectrum.max() / (spectrum.size * samples.max() / 2)) < -80


def test_entering_anywhere_gives_the_same_bits(file):
    whole = played(music(file), 60)
    for start in (0, 1, 7 * RATE_HZ + 5, 12 * RATE_HZ, 50 * RATE_HZ + 77):
        assert np.array_equal(played(music(file), 2, start), whole[start : start + 2 * RATE_HZ])
    far = 8 * 3600 * RATE_HZ
    assert np.array_equal(played(music(file), 5, far)[1234:], played(music(file), 5 - 1234 / RATE_HZ, far + 1234))


def test_two_players_do_not_disturb_each_other(file):
    made = music(file)
    one, other = made.blocks(), made.blocks(99_999)
    mine = np.concatenate([next(one) for _ in range(12) if next(other) is not None])
    assert np.array_equal(mine, played(made, len(mine) / RATE_HZ))


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.random.RandomState(1).standard_normal((24 * RATE_HZ, 2)) * 0.1, id="noise"),
        pytest.param(np.tile(np.sin(np.arange(24 * RATE_HZ) * 0.031)[:, None], 2) * 0.3, id="sine"),
        pytest.param(np.random.RandomState(1).standard_normal((5 * RATE_HZ, 2)) * 0.1, id="short noise"),
    ],
)
def test_a_steady_sound_loops_without_a_hole_a_swell_or_a_click(tmp_path, samples):
    out = played(music(written(tmp_path / "a.wav", samples)), 3 * len(samples) / RATE_HZ).astype(np.float64)
    levels = levels_db(out)
    assert levels.max() - levels.min() < 0.8
    put_in = samples[:, 0] * out[:, 0].std() / samples[:, 0].std()
    dither = 8 * 2.0**-15
    assert np.abs(np.diff(out[:, 0], 2)).max() < 1.3 * np.abs(np.diff(put_in, 2)).max() + dither


def test_a_fade_out_leaves_no_hole(tmp_path):
    time_s = np.arange(40 * RATE_HZ) / RATE_HZ
    fade = np.minimum(1, (40 - time_s) / 9)[:, None]
    path = written(tmp_path / "a.wav", np.random.RandomState(2).standard_normal((len(time_s), 2)) * 0.1 * fade)
    levels = levels_db(played(music(path), 100))
    assert (levels - np.median(levels)).min() > -2.5


def test_silent_ends_are_trimmed(tmp_path, file):
    silence = np.zeros((13 * RATE_HZ, 2))
    padded = music(written(tmp_path / "a.wav", np.concatenate([silence, tune(12), silence])))
    first = played(padded, 1)
    assert np.corrcoef(first[:, 0], played(music(file), 1)[:, 0])[0, 1] > 0.9
    assert levels_db(played(padded, 40)).min() > -50


def test_dc_is_taken_off(tmp_path):
    samples = played(music(written(tmp_path / "a.wav", tune(12) * 0.3 + 0.2)), 8)
    assert np.abs(samples.mean(axis=0)).max() < 0.02 * samples.std()


def test_a_file_is_decoded_once(tmp_path, file, monkeypatch):
    first = played(music(file, tmp_path), 5)
    (kept,) = tmp_path.iterdir()
    monkeypatch.setattr("narration.backgrounds.pieces.decoded", None)
    copied = shutil.copy(file, tmp_path / "another name.wav")
    assert np.array_equal(played(music(copied, tmp_path), 5), first)
    monkeypatch.undo()
    kept.write_bytes(kept.read_bytes()[:5000])
    assert np.array_equal(played(music(file, tmp_path), 5), first)


def test_the_cache_is_where_the_environment_says(tmp_path, file, monkeypatch):
    monkeypatch.setenv("NARRATION_CACHE", str(tmp_path))
    music(file)
    assert len(list((tmp_path / "music").glob("*.npy"))) == 1


def broken(kind, folder):
    """A file that cannot be played, made in ``folder``."""
    good = tune(12)
    path = folder / f"{kind.replace(' ', '-')}.wav"
    if kind == "folder":
        path.mkdir()
    elif kind in CONTENT:
        path = path.with_suffix(".mp3")
        path.write_bytes(CONTENT[kind])
    elif kind.startswith("cut"):
        path = written(path.with_suffix("." + kind.split()[1]), good)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind != "missing":
        samples = {
            "silent": good * 0,
            "constant": good * 0 + 0.5,
            "short": good[: 2 * RATE_HZ],
            "of no length": good[:0],
            "not numbers": np.where(np.arange(len(good))[:, None] == 99_999, np.nan, good),
            "six channels": np.tile(good, 3),
        }[kind]
        written(path, samples, subtype="FLOAT")
    return path


CONTENT = {
    "empty": b"",
    "text": b"Breathe in. Breathe out.\n" * 99,
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "m4a": b"\0\0\0\x20ftypM4A " + bytes(200),
    "chance": np.random.RandomState(3).bytes(20_000),
}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("missing", "cannot be read"),
        ("folder", "folder"),
        ("empty", "empty"),
        ("text", "a text file.*needs ffmpeg.*Formats: WAV.*Try: convert"),
        ("picture", "a picture"),
        ("m4a", "M4A.*or install ffmpeg"),
        ("chance", "not an audio file"),
        ("cut wav", "ends early"),
        ("cut aiff", "ends early"),
        ("cut mp3", "ends early"),
        ("cut flac", "damaged after"),
        ("silent", "silent"),
        ("constant", "silent"),
        ("short", "2.0 s of sound"),
        ("of no length", "no sound"),
        ("not numbers", "not numbers"),
        ("six channels", "6 channels"),
    ],
)
def test_what_cannot_be_played_is_told_with_a_remedy(tmp_path, monkeypatch, kind, told):
    path = broken(kind, tmp_path)
    monkeypatch.setenv("PATH", "")  # as on a machine without ffmpeg
    monkeypatch.setitem(sys.modules, "av", None)  # and without av
    with pytest.raises(NarrationError, match=f"(?s){told}") as raised:
        music(path, tmp_path / "cache")
    assert str(path) in str(raised.value)
    assert "Try: " in str(raised.value)
    assert list((tmp_path / "cache").glob("**/*")) == []  # nothing half-made is left


def test_a_cache_that_cannot_be_written_is_told(tmp_path, file):
    (tmp_path / "cache").write_text("a file in the way")
    with pytest.raises(NarrationError, match="cache cannot be written"):
        music(file, tmp_path / "cache")
