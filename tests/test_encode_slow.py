"""Encoded files before other decoders, long ones, and real faults: a killed program, a full disk, a file-size limit."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from narration.encode import FORMATS, Cover, Target, write
from narration.encode.target import Block
from narration.errors import NarrationError
from narration.spans import Chapter

from .memory import PRINT_PEAK_KB
from .test_encode import CHAPTERS, PNG, RATE, TAGS, gain_db, lag, seconds, tones

pytestmark = pytest.mark.slow


def by_miniaudio(path: Path) -> NDArray[np.float32]:
    """dr_mp3, which shares no code with the others."""
    miniaudio = pytest.importorskip("miniaudio")
    form = miniaudio.SampleFormat.FLOAT32
    decoded = miniaudio.decode(path.read_bytes(), nchannels=2, sample_rate=RATE, output_format=form)
    return np.frombuffer(decoded.samples, np.float32).reshape(-1, 2)


def by_ffmpeg(path: Path) -> NDArray[np.float32]:
    """FFmpeg's own decoder, by PyAV; told the format, since it will not guess it from three frames."""
    av = pytest.importorskip("av")
    with av.open(str(path), format="mp3") as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1).T


DECODERS = (by_miniaudio, by_ffmpeg)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("bitrate", ["64k", "128k", "160k", "192k", "224k", "320k", "V0", "V4", "V9"])
@pytest.mark.parametrize("length", [1, 575, 1152, 1153, 4000, 3 * RATE + 7])
def test_other_decoders_find_every_sample_at_its_place(
    tmp_path: Path, decoder: type, bitrate: str, length: int
) -> None:
    given = tones(length)
    write(Target(tmp_path / "a.mp3", bitrate=bitrate, tags=TAGS, chapters=CHAPTERS[:1]), seconds(given), length)
    decoded = decoder(tmp_path / "a.mp3")
    assert len(decoded) == length
    if length > RATE:
        assert lag(decoded, given) == 0
        assert abs(gain_db(decoded, given)) < (0.02 if bitrate != "V9" else 0.06)


def long(length: int) -> Iterator[Block]:
    """A second of sound over and over, a block a second."""
    second = tones(RATE)
    for start in range(0, length, RATE):
        yield second[: length - start]


@pytest.mark.parametrize("bitrate", ["128k", "V5"])
def test_ten_minutes_are_exact(tmp_path: Path, bitrate: str) -> None:
    length = 600 * RATE + 1
    marks = tuple(Chapter(index * 10 * RATE, f"Übung {index}") for index in range(60))
    target = Target(tmp_path / "a.mp3", bitrate=bitrate, tags=TAGS, chapters=marks, cover=Cover(PNG, "image/png"))
    write(target, long(length), length)
    assert soundfile.info(target.path).frames == length
    for decoder in DECODERS:
        decoded = decoder(target.path)
        assert len(decoded) == length
        assert lag(decoded[-RATE - 1 : -1], tones(RATE)) == 0
    with soundfile.SoundFile(target.path) as file:  # the seek table leads to the place asked for
        file.seek(300 * RATE)
        assert lag(file.read(RATE, dtype="float32"), tones(RATE)) == 0
    found = [(start, end, title) for start, end, title in raw_chapters(target.path.read_bytes())]
    ends = [index * 10_000 for index in range(1, 60)] + [600_000]
    assert found == [(index * 10_000, end, f"Übung {index}") for index, end in enumerate(ends)]
    if mp3val := shutil.which("mp3val"):
        said = subprocess.run([mp3val, str(target.path)], capture_output=True, text=True, check=True).stdout
        assert "WARNING" not in said
        assert "ERROR" not in said
        assert "MPEG frames" in said


def raw_chapters(data: bytes) -> list[tuple[int, int, str]]:
    """Start and end in milliseconds and title of each CHAP, in the order of the file, by the letter of ID3v2.3."""
    assert data[:6] == b"ID3\x03\x00\x00"
    size = sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    found, at = [], 10
    while data[at : at + 4].strip(b"\0") and at < 10 + size:
        name, length, flags = struct.unpack(">4sIH", data[at : at + 10])
        body = data[at + 10 : at + 10 + length]
        assert flags == 0
        if name == b"CHAP":
            _, rest = body.split(b"\0", 1)
            start, end, *offsets = struct.unpack(">IIII", rest[:16])
            assert offsets == [0xFFFFFFFF] * 2
            inner, inner_length, _ = struct.unpack(">4sIH", rest[16:26])
            assert (inner, len(rest)) == (b"TIT2", 26 + inner_length)
            found.append((start, end, rest[27:].decode({0: "latin-1", 1: "utf-16"}[rest[26]])))
        at += 10 + length
    assert not data[at : 10 + size].strip(b"\0")
    return found


@pytest.mark.parametrize("format_", FORMATS)
def test_killed_outright_it_leaves_nothing_under_the_name(tmp_path: Path, format_: str) -> None:
    path = tmp_path / f"a{FORMATS[format_].suffix}"
    program = f"""
import sys, time
import numpy as np
from pathlib import Path
from narration.encode import Target, write
def blocks():
    for count in range(10**9):
        if count == 20:
            print("going", flush=True)
        yield np.full((44100, 2), 0.1, np.float32)
write(Target(Path({str(path)!r}), {format_!r}), blocks(), 10**12 if {format_!r} == "mp3" else 10**9)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"going\n"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert not path.exists()
    assert [name for name in os.listdir(tmp_path) if not name.startswith(".narration-")] == []


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, limits[1]))  # Python ignores SIGXFSZ and gets EFBIG
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("size_bytes", [100, 100_000])
def test_a_limit_on_the_size_of_files_is_told(tmp_path: Path, format_: str, size_bytes: int) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with files_of_at_most(size_bytes), pytest.raises(NarrationError, match="nothing was written") as told:
        write(Target(tmp_path / "a", format_, tags=TAGS), long(60 * RATE), 60 * RATE)
    assert str(tmp_path / "a") in str(told.value)
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    mount, umount = shutil.which("mount") or "", shutil.which("umount") or ""
    command = [mount, "-t", "tmpfs", "-o", "size=1m", "narration-test", str(tmp_path)]
    if os.geteuid() != 0 or not mount or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk")
    yield tmp_path
    subprocess.run([umount, str(tmp_path)], check=True)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_full_disk_is_told_and_left_as_it_was(small_disk: Path, format_: str) -> None:
    with pytest.raises(NarrationError, match="the disk is full") as told:
        write(Target(small_disk / "a", format_, tags=TAGS), long(300 * RATE), 300 * RATE)
    assert "Try: free some room" in str(told.value)
    assert os.listdir(small_disk) == []


def test_flac_tags_that_fill_the_disk_are_told(small_disk: Path) -> None:
    target = Target(small_disk / "a.flac", "flac", cover=Cover(bytes(2_000_000), "image/png"))
    with pytest.raises(NarrationError, match="the disk is full"):
        write(target, [tones(RATE)], RATE)
    assert os.listdir(small_disk) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_an_hour_takes_no_more_memory_than_minutes(tmp_path: Path) -> None:
    program = (
        """
import sys
import numpy as np
from pathlib import Path
from narration.encode import Target, write
length = int(sys.argv[1]) * 44100
def blocks():
    for start in range(0, length, 44100):
        yield np.zeros((44100, 2), np.float32)
write(Target(Path(sys.argv[2]), quality=9), blocks(), length)
"""
        + PRINT_PEAK_KB
    )
    peaks = []
    for duration_s in (300, 3600):
        command = [sys.executable, "-c", program, str(duration_s), str(tmp_path / "a.mp3")]
        peaks.append(int(subprocess.run(command, capture_output=True, check=True).stdout))
    assert peaks[1] < 1.2 * peaks[0]
    assert soundfile.info(tmp_path / "a.mp3").frames == 3600 * RATE
