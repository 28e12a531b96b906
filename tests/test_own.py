"""The user's own files: which go round and which are played whole, folders and playlists, and what is told of them."""

import json
import sys

import av
import numpy as np
import pytest

from narration.backgrounds import REFERENCE_LUFS, load
from narration.backgrounds.character import character
from narration.backgrounds.music import Loop, Pieces, music
from narration.backgrounds.pieces import made_ready
from narration.errors import NarrationError
from narration.loudness import Meter
from narration.script import parse
from narration.script.builtin import Source
from narration.timing import RATE_HZ
from narration.wishes import Wishes, sounds

from .test_backgrounds import played
from .test_cli import run  # noqa: F401 - a fixture
from .test_music import levels_db, tune, written

LENGTHS = {"1 one.wav": 25, "2 two.flac": 30, "10 ten.ogg": 24}
FADE = 7


def chord(seconds, hz, gain=0.1):
    """Five tones that beat with one another, float64 (n, 2): nothing to be lined up with another chord."""
    time_s = np.arange(seconds * RATE_HZ)[:, None] / RATE_HZ
    ratios = np.array([1, 1.3, 1.77, 2.41, 3.03])
    loud = np.array([2, 1, 1, 1, 1])
    sides = [(loud * np.sin(2 * np.pi * hz * side * ratios * time_s)).sum(axis=1) for side in (1, 1.001)]
    return np.stack(sides, axis=1) * gain


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "evening"
    path.mkdir()
    for number, (name, seconds) in enumerate(LENGTHS.items()):
        written(path / name, chord(seconds, 200 + 37 * number, 0.02 * 3**number))
    (path / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (path / ".hidden.wav").write_bytes(b"")
    return path


def dominant_hz(samples):
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return np.argmax(spectrum[: 290 * len(samples) // RATE_HZ]) * RATE_HZ / len(samples)


def test_a_folder_is_played_in_order_of_names_joined_without_a_gap_each_as_loud(folder):
    made = load(str(folder), 0)
    assert (made.info.kind, made.info.title, made.info.bright) == ("music", "evening", True)
    assert made.info.how == "3 pieces in turn, cross-faded; not cover.jpg"
    samples = played(made, 120)
    round_s = sum(LENGTHS.values()) - 3 * FADE
    for second, hz in ((10, 200), (35, 237), (55, 274), (round_s + 10, 200), (round_s + 35, 237)):
        assert dominant_hz(samples[second * RATE_HZ : (second + 4) * RATE_HZ]) == pytest.approx(hz, abs=0.5)
    levels = levels_db(samples)
    assert levels.max() - levels.min() < 3  # the chords beat; a join as naive as end to start leaves 25 dB
    joins = levels_db(samples[15 * RATE_HZ : 28 * RATE_HZ], 1.0)
    assert np.abs(joins - np.median(levels)).max() < 1.5
    meter = Meter()
    meter.push(samples)
    assert meter.integrated_lufs == pytest.approx(REFERENCE_LUFS, abs=0.5)
    assert np.abs(np.diff(samples[:, 0], 2)).max() < 0.03  # no click


def test_entering_a_folder_anywhere_gives_the_same_bits(folder):
    whole = played(load(str(folder), 0), 130)
    for start_s in (0, 17.9, 18, 18.5, 24.999, 25, 48, 57.9, 58, 65, 83.3, 122):
        start = round(start_s * RATE_HZ) + 1
        assert np.array_equal(played(load(str(folder), 0), 3, start), whole[start : start + 3 * RATE_HZ])
    far = 8 * 3600 * RATE_HZ
    late = played(load(str(folder), 0), 9, far)
    assert np.array_equal(late[4321:], played(load(str(folder), 0), 9 - 4321 / RATE_HZ, far + 4321))
    again = 58 * RATE_HZ + (far - 58 * RATE_HZ) % (58 * RATE_HZ)  # a round lasts 58 s
    assert np.array_equal(late, whole[again : again + len(late)])


def test_only_what_is_reached_is_made_ready(folder, monkeypatch, tmp_path):
    monkeypatch.setenv("NARRATION_CACHE", str(tmp_path))
    made = load(str(folder), 0)
    assert not (tmp_path / "music").exists()
    played(made, 5)
    assert len(list((tmp_path / "music").glob("*.npy"))) == 1
    played(made, 26)
    assert len(list((tmp_path / "music").glob("*.npy"))) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("list.m3u8", "#EXTM3U\n#EXTINF:30,Two\nevening/2 two.flac\r\n\n evening/1 one.wav\n"),
        ("list.m3u", "\ufeffevening/2 two.flac\nevening/1 one.wav"),
        ("list.pls", "[playlist]\nFile2=evening/1 one.wav\nTitle2=x\nFile1=evening/2 two.flac\nNumberOfEntries=2\n"),
        ("list.M3U", "file://{}/2%20two.flac\nevening/1 one.wav"),
    ],
)
def test_a_playlist_is_played_in_its_own_order(folder, name, text):
    path = folder.parent / name
    path.write_text(text.format(folder))
    samples = played(load(name, 0, folder.parent), 40)
    assert dominant_hz(samples[10 * RATE_HZ : 14 * RATE_HZ]) == pytest.approx(237, abs=0.5)
    assert dominant_hz(samples[35 * RATE_HZ : 39 * RATE_HZ]) == pytest.approx(200, abs=0.5)


def test_a_piece_of_music_is_played_whole_and_rain_goes_round(tmp_path):
    piece = music(written(tmp_path / "a.flac", tune(61)), tmp_path / "cache")
    assert isinstance(piece, Pieces)
    assert (piece.info.kind, piece.info.how) == ("music", "played whole, then from its start again")
    samples = played(piece, 130)
    length = made_ready(tmp_path / "a.flac", tmp_path / "cache").length
    again = samples[length:][: 40 * RATE_HZ, 0]
    assert np.corrcoef(samples[FADE * RATE_HZ :][: len(again), 0], again)[0, 1] > 0.99  # not a note is lost
    assert levels_db(samples, 1.0).min() > np.median(levels_db(samples, 1.0)) - 3
    noise = np.random.RandomState(1).standard_normal((61 * RATE_HZ, 2)) * 0.1
    rain = music(written(tmp_path / "b.flac", noise), tmp_path / "cache")
    assert isinstance(rain, Loop)
    assert (rain.info.kind, rain.info.how) == ("nature", "goes round through a seam")


@pytest.mark.parametrize(
    ("name", "ambience", "bright"),
    [
        ("brown", True, False),
        ("rain", True, True),
        ("pink", True, True),
        ("pad", False, False),
        ("canon", False, False),
    ],
)
def test_what_rushes_is_told_from_what_has_tones(name, ambience, bright):
    samples = played(load(name, 2), 30)
    found = character(lambda start, end: samples[start:end], len(samples))
    assert (found.ambience, found.bright) == (ambience, bright)
    assert found.flatness > 0.55 if ambience else found.flatness < 0.2


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (None, "no audio file is in this folder"),
        ([], "this playlist names no file"),
        (["good.wav", "bad.wav"], r"bad\.wav: this is a text file"),
        (["good.wav", "gone.wav"], r"gone\.wav: cannot be read"),
        (["https://radio.example/stream"], "narration plays files"),
        (["good.wav", "."], "this is a folder"),
    ],
)
def test_what_is_wrong_in_a_folder_or_playlist_is_told_by_name(tmp_path, entries, told):
    written(tmp_path / "good.wav", tune(12))
    (tmp_path / "bad.wav").write_text("Breathe in.\n" * 9)
    (tmp_path / "empty").mkdir()
    if entries is not None:
        (tmp_path / "a.m3u").write_text("\n".join(entries))
    with pytest.raises(NarrationError, match=told):
        load("empty" if entries is None else "a.m3u", 0, tmp_path)


def test_a_folder_with_a_bad_file_is_told_before_anything_is_made(tmp_path):
    written(tmp_path / "a.wav", tune(12))
    (tmp_path / "b.flac").write_bytes(b"fLaC" + bytes(200))
    with pytest.raises(NarrationError, match=r"b\.flac: this is a damaged FLAC file"):
        load(str(tmp_path), 0)


def test_a_script_names_no_file_outside_its_folder_by_any_way(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    written(tmp_path / "outside.wav", tune(12))
    (home / "a.m3u").write_text("../outside.wav")
    (home / "music").mkdir()
    (home / "music" / "b.wav").symlink_to(tmp_path / "outside.wav")
    for name in ("../outside.wav", "a.m3u", "music", str(tmp_path / "outside.wav")):
        text = f"---\nbackground: {name}\n---\nRest."
        with pytest.raises(NarrationError, match="lies elsewhere") as raised:
            sounds(parse(text, "a.md"), Wishes(), Source(text, "a.md", "a", home))
        assert str(raised.value).startswith("a.md:2: ")


def m4a(path, samples):
    with av.open(str(path), "w") as file:
        stream = file.add_stream("aac", rate=RATE_HZ, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T, np.float32), "fltp", "stereo")
        frame.rate = RATE_HZ
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)
    return path


def test_an_m4a_plays_where_av_is_installed_and_is_told_where_nothing_can(tmp_path, monkeypatch):
    path = m4a(tmp_path / "a.m4a", tune(12) * 0.3)
    original = played(music(written(tmp_path / "a.wav", tune(12))), 8)[:, 0]
    samples = played(music(path), 8)[:, 0]
    alike = np.fft.irfft(np.fft.rfft(samples) * np.fft.rfft(original).conj(), len(original))
    assert alike[np.r_[-2205:2205]].max() > 0.98 * np.sqrt((samples**2).sum() * (original**2).sum())
    cut = tmp_path / "cut.m4a"
    cut.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(NarrationError, match=r"cut\.m4a: this is an MP4 or M4A file, which cannot be played"):
        music(cut)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(NarrationError, match=r"needs ffmpeg.*Try: convert it.*pip install av"):
        music(path, tmp_path / "cache")


def test_a_render_tells_how_the_users_own_sounds_are_played(folder, run, tmp_path):  # noqa: F811
    (tmp_path / "a.md").write_text("---\nlead: 1s\ntail: 3s\n---\nRest. [2s] Let go.\n")
    blend = f"rain + {folder}:-6"
    result = run("render", "a.md", "--voice", "tone", "--background", blend, "-o", "a.flac")
    assert result.exit_code == 0
    assert "note: evening: 3 pieces in turn, cross-faded; not cover.jpg" in result.stderr
    report = json.loads((tmp_path / "a.json").read_text())
    assert report["background"] == blend
    assert [(sound["name"], sound["kind"], sound["licence"]) for sound in report["sounds"]] == [
        ("rain", "nature", "MIT"),
        ("evening", "music", "the user's own"),
    ]
