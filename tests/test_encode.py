"""Encoded files hold what went in: every sample, in its place and at its level, with its tags; or there is none."""

from __future__ import annotations

import hashlib
import os
import struct
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from narration import encode
from narration.encode import FORMATS, Cover, Tags, Target, check, mp3, sound, target_for, write
from narration.encode.infoframe import DELAY, SAMPLES, Frames, crc16
from narration.encode.pcm import Quantiser
from narration.encode.tags import language_code
from narration.encode.target import Block
from narration.errors import NarrationError, UsageError
from narration.files import check_writable, made_by_narration
from narration.spans import Chapter

RATE = 44_100
CBR = ("64k", "80k", "96k", "112k", "128k", "160k", "192k", "224k", "256k", "320k")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
CHAPTERS = (Chapter(0, "Arrive"), Chapter(RATE // 2, "Übung – 呼吸"), Chapter(RATE, "Return"))
TAGS = Tags("Evening", "Ann", "Course", "3/10", "Relaxation", "en-GB", "2031", "voilà 呼吸", "the house", "one\ntwo")


def tones(length: int, level: float = 0.5) -> Block:
    """Two tones a side, one of them in both, swelling three times a second so that a moment is known again."""
    time = np.arange(length)[:, None] / RATE
    sound = np.sin(2 * np.pi * 440 * time + [0, 1]) + 0.5 * np.sin(2 * np.pi * time * [997, 701])
    return (level / 1.5 * sound * (0.6 + 0.4 * np.sin(2 * np.pi * 2.9 * time + time))).astype(np.float32)


def split(samples: Block, *cuts: int) -> Iterator[Block]:
    """The samples in blocks that end at the cuts."""
    for start, end in pairwise([0, *sorted(cuts), len(samples)]):
        yield samples[start:end]


def seconds(samples: Block) -> Iterator[Block]:
    return split(samples, *range(RATE, len(samples), RATE))


def lag(decoded: NDArray[Any], given: Block) -> int:
    """Samples by which the decoded sound comes late, where the two are most alike."""
    size = 2 * len(given)
    alike = np.fft.irfft(np.fft.rfft(decoded[:, 0], size) * np.conj(np.fft.rfft(given[:, 0], size)), size)
    late = int(np.argmax(alike))
    return late if late < len(given) else late - size


def gain_db(decoded: NDArray[Any], given: Block) -> float:
    """The gain with which the given sound is in the decoded one; coding noise, which is unlike it, does not count."""
    middle = slice(5_000, -5_000)  # nor does what the codec does to a sudden onset
    one, two = decoded[middle].astype(float).ravel(), given[middle].astype(float).ravel()
    return float(20 * np.log10(one @ two / (two @ two)))


# --- exact ---


@pytest.mark.parametrize("bitrate", [*CBR, *(f"V{quality}" for quality in range(7))])
def test_every_bitrate_keeps_length_place_and_level(tmp_path: Path, bitrate: str) -> None:
    given = tones(2 * RATE + 77)
    write(Target(tmp_path / "a.mp3", bitrate=bitrate), seconds(given), len(given))
    decoded, rate = soundfile.read(tmp_path / "a.mp3", dtype="float32")
    assert (len(decoded), rate) == (len(given), RATE)
    assert lag(decoded, given) == 0
    assert abs(gain_db(decoded, given)) < 0.02


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), length=st.integers(1, 5000), bitrate=st.sampled_from(["128k", "320k", "V4"]))
def test_any_length_and_split_gives_the_same_exact_file(
    tmp_path: Path, data: st.DataObject, length: int, bitrate: str
) -> None:
    cuts = data.draw(st.lists(st.integers(0, length), max_size=5))
    target, given = Target(tmp_path / "a.mp3", bitrate=bitrate), tones(length)
    write(target, split(given, *cuts), length)
    in_pieces = target.path.read_bytes()
    assert len(soundfile.read(target.path)[0]) == length
    write(target, [given], length)
    assert target.path.read_bytes() == in_pieces


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_blocks_give_the_same_bytes(tmp_path: Path, format_: str) -> None:
    given = tones(RATE + 5)
    digests = set()
    for cut in (1, 999, RATE):
        write(Target(tmp_path / "a", format_, tags=TAGS, chapters=CHAPTERS[:2]), split(given, cut), len(given))
        digests.add(hashlib.sha256((tmp_path / "a").read_bytes()).digest())
    assert len(digests) == 1


def test_flac_and_wav_are_exact_to_their_last_bit(tmp_path: Path) -> None:
    given = tones(RATE + 5)
    for format_, step, most in (("flac", 2**-23, 0.51), ("wav", 2**-15, 1.5)):  # half a step, and one more of dither
        write(Target(tmp_path / f"a.{format_}", format_), seconds(given), len(given))
        decoded = soundfile.read(tmp_path / f"a.{format_}", dtype="float64")[0]
        assert np.max(np.abs(decoded - given)) <= most * step
    assert soundfile.info(tmp_path / "a.flac").subtype == "PCM_24"
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_16"


def test_a_wav_past_4_gib_is_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "_WAV_MOST_BYTES", 1000)
    write(Target(tmp_path / "a.wav", "wav", tags=TAGS), [tones(300)], 300)
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RF64"
    assert soundfile.info(tmp_path / "a.wav").frames == 300
    assert made_by_narration(tmp_path / "a.wav")


# --- dither and clipping ---


def test_dither_lets_a_quarter_of_a_step_through_and_leaves_silence_silent() -> None:
    quiet = np.full((200_000, 2), 0.25 / 32768, np.float32)
    error = Quantiser(16).quantise(quiet).astype(float) - 0.25
    assert abs(error.mean()) < 0.005
    assert np.var(error) == pytest.approx(0.25, abs=0.01)  # 1/12 of rounding and 1/6 of triangular dither
    assert not Quantiser(16).quantise(np.zeros((1000, 2), np.float32)).any()


def test_what_does_not_fit_is_clipped_and_counted(tmp_path: Path) -> None:
    given = np.zeros((1000, 2), np.float32)
    given[10:13, 0], given[500, 1] = (1.0, -1.0, 1.5), -2.0
    assert write(Target(tmp_path / "a.wav", "wav"), [given], 1000).clipped == 2
    assert np.abs(soundfile.read(tmp_path / "a.wav")[0]).max() == 1.0
    assert write(Target(tmp_path / "a.mp3"), [given], 1000).clipped == 4  # 128k needs 0.45 dB of room
    assert write(Target(tmp_path / "a.mp3", bitrate="V2"), [given], 1000).clipped == 2


# --- the info frame ---


def info_fields(path: Path) -> tuple[bytes, bytes, dict[str, int], bytes]:
    """The info frame, the stream after it, its numbers and its seek table, by the Mp3 Info Tag rev 1 specification."""
    data = path.read_bytes()
    tag = 10 + sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    size = 144_000 * (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)[data[tag + 2] >> 4] // RATE
    frame = data[tag : tag + size]
    flags, frames, total = struct.unpack(">III", frame[40:52])
    delays = int.from_bytes(frame[177:180], "big")
    music_length, music_crc, tag_crc = struct.unpack(">IHH", frame[184:192])
    numbers = {
        **{"flags": flags, "frames": frames, "total": total, "delay": delays >> 12, "padding": delays & 0xFFF},
        **{"music_length": music_length, "music_crc": music_crc, "tag_crc": tag_crc},
    }
    return frame, data[tag + size :], numbers, frame[52:152]


@pytest.mark.parametrize(("bitrate", "name"), [("128k", b"Info"), ("320k", b"Info"), ("64k", b"Info"), ("V3", b"Xing")])
def test_the_info_frame_tells_the_truth(tmp_path: Path, bitrate: str, name: bytes) -> None:
    given = tones(3 * RATE)
    given[RATE : 2 * RATE] *= 0.001  # so that a variable bitrate varies
    write(Target(tmp_path / "a.mp3", bitrate=bitrate, tags=TAGS), seconds(given), len(given))
    frame, stream, numbers, table = info_fields(tmp_path / "a.mp3")
    frames = Frames()
    for start in range(0, len(stream), 777):
        frames.add(stream[start : start + 777])
    frames.finish()
    assert frame[36:40] == name
    assert numbers == {
        "flags": 15,
        "frames": len(frames.offsets),
        "total": len(frame) + len(stream),
        "delay": DELAY,
        "padding": len(frames.offsets) * SAMPLES - DELAY - len(given),
        "music_length": len(frame) + len(stream),
        "music_crc": plain_crc16(stream),
        "tag_crc": plain_crc16(frame[:190]),
    }
    for percent, place in enumerate(table):
        wanted = len(frame) + frames.offsets[percent * len(frames.offsets) // 100] if percent else 0
        assert 0 <= wanted - place / 256 * numbers["total"] < numbers["total"] / 256


def plain_crc16(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def test_crc_of_the_catalogue() -> None:
    assert crc16(b"123456789") == 0xBB3D  # the check value of CRC-16/ARC


@given(data=st.binary(max_size=5000), cut=st.integers(0, 5000))
def test_crc_is_the_plain_one_wherever_it_is_cut(data: bytes, cut: int) -> None:
    assert crc16(data[cut:], crc16(data[:cut])) == crc16(data) == plain_crc16(data)


@pytest.mark.parametrize(
    "stream", [b"", b"\xff\xfb\x90\x64" + bytes(100), b"RIFFxxxx", b"\xff\xfb\x98\x64" + bytes(500)]
)
def test_a_stream_that_is_not_whole_frames_is_a_bug(stream: bytes) -> None:
    frames = Frames()
    with pytest.raises(RuntimeError):  # noqa: PT012
        frames.add(stream)
        frames.finish()


# --- tags and chapters ---


def test_mp3_says_what_it_is(tmp_path: Path) -> None:
    length = 2 * RATE
    target = Target(tmp_path / "a.mp3", tags=TAGS, chapters=CHAPTERS, cover=Cover(PNG, "image/png"))
    write(target, seconds(tones(length)), length)
    file = mutagen.File(target.path)
    texts = {name: file.tags[name].text[0] for name in ("TIT2", "TPE1", "TALB", "TRCK", "TCON", "TENC", "TLAN", "TLEN")}
    assert texts == {
        **{"TIT2": "Evening", "TPE1": "Ann", "TALB": "Course", "TRCK": "3/10", "TCON": "Relaxation"},
        **{"TENC": "the house", "TLAN": "eng", "TLEN": "2000"},
    }
    assert file.tags.version == (2, 3, 0)
    assert str(file.tags["TDRC"]) == "2031"  # mutagen's name for TYER
    assert file.tags["COMM::eng"].text == ["voilà 呼吸"]
    assert file.tags["USLT::eng"].text == "one\ntwo"
    assert (file.tags["APIC:"].data, file.tags["APIC:"].mime) == (PNG, "image/png")
    assert str(file.tags["TSSE"]).startswith("narration ")
    assert file.info.length == pytest.approx(2, abs=1e-4)
    assert str(file.info.bitrate_mode) == "BitrateMode.CBR"
    assert file.info.bitrate == pytest.approx(128_000, rel=1e-4)


@pytest.mark.parametrize("count", [0, 1, 60, 300])
def test_mp3_chapters_tile_the_track_whatever_their_number(tmp_path: Path, count: int) -> None:
    length = RATE
    chapters = tuple(Chapter(index * length // count, f"Kapitel {index} · 呼吸") for index in range(count))
    write(Target(tmp_path / "a.mp3", chapters=chapters), [tones(length)], length)
    tags = mutagen.File(tmp_path / "a.mp3").tags
    found = sorted(tags.getall("CHAP"), key=lambda chapter: int(chapter.element_id[3:]))
    assert [str(chapter.sub_frames["TIT2"]) for chapter in found] == [chapter.title for chapter in chapters]
    assert all(one.end_time == two.start_time for one, two in pairwise(found))
    assert [chapter.end_time for chapter in found[-1:]] == [1000] * bool(count)
    contents = {table.element_id: table for table in tags.getall("CTOC")}
    assert len(contents) == {0: 0, 1: 1, 60: 1, 300: 3}[count]
    listed = contents["toc"].child_element_ids if count else []
    deep = [child for name in listed for child in (contents[name].child_element_ids if name in contents else [name])]
    assert deep == [chapter.element_id for chapter in found]


def test_flac_says_what_it_is(tmp_path: Path) -> None:
    length = 2 * RATE
    target = Target(tmp_path / "a.flac", "flac", tags=TAGS, chapters=CHAPTERS, cover=Cover(PNG, "image/png"))
    write(target, seconds(tones(length)), length)
    file = mutagen.File(target.path)
    assert (file["title"], file["language"], file["tracknumber"]) == (["Evening"], ["eng"], ["3/10"])
    assert (file["chapter002"], file["chapter002name"]) == (["00:00:00.500"], ["Übung – 呼吸"])
    assert file.pictures[0].data == PNG
    assert len(soundfile.read(target.path)[0]) == length
    assert 0 < file.metadata_blocks[-1].length <= 4096  # padding: the room in front was enough, so no sample was moved


def test_wav_says_what_it_can(tmp_path: Path) -> None:
    write(Target(tmp_path / "a.wav", "wav", tags=TAGS), [tones(500)], 500)
    said = soundfile.SoundFile(tmp_path / "a.wav").copy_metadata()
    assert (said["title"], said["artist"], said["date"]) == ("Evening", "Ann", "2031")


@pytest.mark.parametrize("format_", FORMATS)
def test_our_own_tracks_are_known_again(tmp_path: Path, format_: str) -> None:
    path = tmp_path / f"a{FORMATS[format_].suffix}"
    write(Target(path, format_), [tones(500)], 500)
    assert made_by_narration(path)
    check_writable(path)


def test_languages() -> None:
    found = [language_code(name) for name in ("en", "en-GB", "de_AT", "fra", "xx", "", "12x")]
    assert found == ["eng", "eng", "deu", "fra", "und", "und", "und"]


@pytest.mark.parametrize("starts", [(1,), (0, 0), (0, 500), (0, 400, 300)])
def test_chapters_out_of_place_are_a_bug(tmp_path: Path, starts: tuple[int, ...]) -> None:
    chapters = tuple(Chapter(start, "x") for start in starts)
    with pytest.raises(RuntimeError, match="chapters"):
        write(Target(tmp_path / "a.mp3", chapters=chapters), [tones(500)], 500)
    with pytest.raises(RuntimeError, match="title"):
        write(Target(tmp_path / "a.mp3", chapters=(Chapter(0, " "),)), [tones(500)], 500)


# --- what is asked for ---


def test_targets_by_name() -> None:
    formats = [target_for(Path(name)).format for name in ("a.mp3", "a.FLAC", "a.wav", "a")]
    assert formats == ["mp3", "flac", "wav", "mp3"]
    assert target_for(Path("a.xyz"), "MP3", "96k") == Target(Path("a.xyz"), "mp3", "96k")
    for name, format_, bitrate in (
        ("a.ogg", None, None),
        ("a", "mp4", None),
        ("a.wav", None, "128k"),
        ("a", None, "x"),
    ):
        with pytest.raises(UsageError):
            target_for(Path(name), format_, bitrate)


def test_bitrates_by_name() -> None:
    assert {mp3.mode(name) for name in ("128k", "128K", "128", "128000", " 128k ")} == {mp3.mode("128k")}
    assert (mp3.mode("v4").vbr, mp3.mode("V0").kbps) == (4, None)
    for name in ("", "V10", "32k", "56k", "127k", "V", "fast", "١٢٨k"):
        with pytest.raises(UsageError, match="have: 64k"):
            mp3.mode(name)


def test_check_looks_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"a stranger's")
    with pytest.raises(NarrationError, match="--force"):
        check(Target(tmp_path / "a.mp3"))
    check(Target(tmp_path / "a.mp3"), force=True)
    with pytest.raises(UsageError, match="0 to 9"):
        check(Target(tmp_path / "b.mp3", quality=10))
    with pytest.raises(UsageError, match="did you mean"):
        check(Target(tmp_path / "b.mp3", "mp33"))


# --- nothing or all ---


def broken(samples: Block, error: BaseException) -> Iterator[Block]:
    yield from seconds(samples)
    raise error


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("error", [ValueError("no block"), KeyboardInterrupt(), OSError(2, "no such background")])
def test_a_block_that_cannot_be_made_leaves_no_file(tmp_path: Path, format_: str, error: BaseException) -> None:
    with pytest.raises(type(error)) as raised:
        write(Target(tmp_path / "a", format_, tags=TAGS), broken(tones(3 * RATE), error), 9 * RATE)
    assert raised.value is error
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("blocks", "length"),
    [
        ([tones(100)], 99),
        ([tones(100)], 101),
        ([], 1),
        ([], 0),
        ([tones(100)[:, :1]], 100),
        ([tones(100).astype(float)], 100),
        ([np.full((100, 2), np.nan, np.float32)], 100),
        ([np.full((100, 2), np.inf, np.float32)], 100),
    ],
)
def test_blocks_that_are_not_as_promised_are_a_bug(tmp_path: Path, blocks: list[Block], length: int) -> None:
    with pytest.raises(RuntimeError):
        write(Target(tmp_path / "a.mp3"), blocks, length)
    assert os.listdir(tmp_path) == []


def test_a_failing_encoder_stops_an_endless_row_of_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    def endless() -> Iterator[Block]:
        nonlocal made
        while True:
            made += 1
            yield tones(1000)

    def fail(self: mp3.Mp3, pcm: object) -> None:
        raise MemoryError("the encoder's own")

    monkeypatch.setattr(mp3.Mp3, "add", fail)
    with pytest.raises(MemoryError, match="the encoder's own"):
        write(Target(tmp_path / "a.mp3"), endless(), 10**9)
    assert made <= encode._AHEAD + 1
    assert os.listdir(tmp_path) == []


def test_blocks_are_made_while_others_are_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = threading.Event()
    add = mp3.Mp3.add

    def wait_for_the_third(self: mp3.Mp3, pcm: NDArray[np.int16]) -> None:
        assert ahead.wait(60)
        add(self, pcm)

    def three() -> Iterator[Block]:
        yield tones(1000)
        yield tones(1000)
        ahead.set()
        yield tones(1000)

    monkeypatch.setattr(mp3.Mp3, "add", wait_for_the_third)
    assert write(Target(tmp_path / "a.mp3"), three(), 3000).samples == 3000


def test_a_block_may_be_used_again_once_taken(tmp_path: Path) -> None:
    given = tones(3000)

    def one_buffer() -> Iterator[Block]:
        buffer = np.empty((1000, 2), np.float32)
        for start in (0, 1000, 2000):
            buffer[:] = given[start : start + 1000]
            yield buffer

    write(Target(tmp_path / "a.flac", "flac"), one_buffer(), 3000)
    assert np.allclose(soundfile.read(tmp_path / "a.flac")[0], given, atol=2**-23)


# --- timed lyrics ---


@pytest.mark.parametrize("words", ["Rest & breathe", "Atme – 呼吸"])
def test_lyrics_are_timed_to_the_millisecond(tmp_path: Path, words: str) -> None:
    lines = ((0, "Arrive"), (RATE // 2, ""), (RATE, words))
    for format_ in ("mp3", "flac"):
        target = Target(tmp_path / f"a.{format_}", format_, tags=TAGS, lines=lines)
        write(target, seconds(tones(2 * RATE)), 2 * RATE)
    timed = mutagen.File(tmp_path / "a.mp3").tags["SYLT::eng"]
    assert (timed.text, timed.format, timed.type) == ([("Arrive", 0), ("", 500), (words, 1000)], 2, 1)
    assert mutagen.File(tmp_path / "a.mp3").tags["USLT::eng"].text == "one\ntwo"
    lrc = mutagen.File(tmp_path / "a.flac")["syncedlyrics"]
    assert lrc == [f"[00:00.00]Arrive\n[00:00.50]\n[00:01.00]{words}"]


def test_an_album_is_kept_together(tmp_path: Path) -> None:
    tags = Tags(artist="Ada", album="Evenings", album_artist="Heart")
    for format_ in ("mp3", "flac"):
        write(Target(tmp_path / f"a.{format_}", format_, tags=tags), [tones(500)], 500)
    assert mutagen.File(tmp_path / "a.mp3").tags["TPE2"].text == ["Heart"]
    assert mutagen.File(tmp_path / "a.flac")["albumartist"] == ["Heart"]
