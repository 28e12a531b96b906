"""Any audio file as blocks of float32 (n, 2) at 44.1 kHz, or an error that says what it is and what to do.

libsndfile decodes what it knows, in flat memory, and so does PyAV the rest where it is installed; without it pydub asks
ffmpeg and holds the whole file: 10 MB a minute.
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import NarrationError, Place
from ..timing import RATE_HZ

Block = NDArray[np.float32]

_FRAMES = 2**16  # decoded at once: a second or two
_FORMATS = "WAV, FLAC, MP3, Ogg (Vorbis, Opus), AIFF, CAF and AU; with ffmpeg or Python's av also M4A, AAC and more"
_REMEDY = "convert it to FLAC, WAV or MP3"
_SIGNS = (  # (offset, the bytes there, what such a file is)
    (4, b"ftyp", "an MP4 or M4A file"),
    (0, b"\x30\x26\xb2\x75", "a WMA file"),
    (0, b"\x1aE\xdf\xa3", "a Matroska or WebM file"),
    (0, b"MThd", "a MIDI file, notes without sound"),
    (0, b"RIFF", "a damaged or unusual WAV file"),
    (0, b"fLaC", "a damaged FLAC file"),
    (0, b"OggS", "a damaged or unusual Ogg file"),
    (0, b"ID3", "a damaged or unusual MP3 file"),
    (0, b"FORM", "a damaged or unusual AIFF file"),
    (0, b"\x89PNG", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"%PDF", "a PDF"),
    (0, b"PK\x03\x04", "a zip archive or office document"),
)


def head_of(path: Path) -> bytes:
    """The first bytes of a file. Raises NarrationError for a folder, an empty file and one that cannot be read."""
    if path.is_dir():
        raise _error(path, "this is a folder, not an audio file.", "the path of one file in it")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise _error(path, f"cannot be read: {error.strerror}.", "another file, or its permissions") from None
    if not head:
        raise _error(path, "this file is empty.", "the original, or another file")
    return head


def decoded(path: Path) -> Iterator[Block]:
    """The file's sound; mono is on both channels.

    Raises NarrationError for what is not an audio file, is damaged, ends early, has more than two channels or holds
    samples that are not numbers.
    """
    head = head_of(path)
    for block in _at_our_rate(*(_by_libsndfile(path) or _by_av(path, head) or _by_pydub(path, head))):
        if not np.isfinite(block).all():
            raise _error(path, "it holds samples that are not numbers (NaN or infinite).", "exporting it again")
        yield block if block.shape[1] == 2 else np.repeat(block, 2, axis=1)


def check(path: Path) -> None:
    """Raise what :func:`decoded` raises at once: for a file that nothing here can open. Nothing is decoded."""
    import soundfile

    head = head_of(path)
    try:
        with path.open("rb") as stream, soundfile.SoundFile(stream) as file:
            _checked(path, file.channels)
    except soundfile.LibsndfileError:
        if _by_av(path, head) is None and shutil.which("ffmpeg") is None:
            _by_pydub(path, head)


def quiet_pydub() -> Any:
    """The pydub package, without what it warns of when imported: audioop, a missing ffmpeg."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pydub
        import pydub.exceptions
        import pydub.silence
    return pydub


def _error(path: Path, message: str, hint: str = "") -> NarrationError:
    return NarrationError(message, Place(str(path)), hint)


def _checked(path: Path, channels: int) -> None:
    if channels > 2:
        raise _error(path, f"it has {channels} channels; narration plays one or two.", "mixing it down to stereo")


def _by_libsndfile(path: Path) -> tuple[int, Iterator[Block]] | None:
    """The file's rate in Hz and its blocks, (n, channels); None where libsndfile does not know the format."""
    import soundfile

    stream = path.open("rb")
    try:
        file = soundfile.SoundFile(stream)
    except soundfile.LibsndfileError:
        stream.close()
        return None

    def blocks() -> Iterator[Block]:
        have = 0
        with stream, file:
            _checked(path, file.channels)
            try:
                # not file.blocks(), which repeats old samples where a file ends early
                while len(block := np.asarray(file.read(_FRAMES, "float32", always_2d=True), np.float32)):
                    have += len(block)
                    yield block
            except soundfile.LibsndfileError as error:
                raise _error(path, f"damaged after {have / file.samplerate:.1f} s: {error}", "the original") from None
            told = f"only {have / file.samplerate:.1f} s of the sound"
            if have < file.frames or _cut_short(path):
                raise _error(path, f"it ends early: {told} are there.", "the original, or a new copy")
            if file.format == "MP3" and stream.tell() < 0.9 * path.stat().st_size:  # libsndfile guessed its length
                raise _error(path, f"this MP3 has no index: {told} can be read.", "convert it to FLAC or WAV")

    return file.samplerate, blocks()


def _cut_short(path: Path) -> bool:
    """Whether a WAV or AIFF file is shorter than it says; libsndfile forgives that. Streamed ones say 0 or 2³² - 1."""
    with path.open("rb") as file:
        sign, size = file.read(4), file.read(4)
    told = {b"RIFF": int.from_bytes(size, "little"), b"FORM": int.from_bytes(size, "big")}.get(sign, 0)
    return 0 < told < 2**32 - 256 and path.stat().st_size < told


def _by_av(path: Path, head: bytes) -> tuple[int, Iterator[Block]] | None:
    """As :func:`_by_libsndfile`, by FFmpeg's libraries; None where PyAV is not installed."""
    try:
        import av
    except ImportError:
        return None
    try:
        with av.open(str(path)) as file:
            stream = next(iter(file.streams.audio), None)
            if stream is None:
                raise _unknown(path, head, "there is no sound in it")
            _checked(path, stream.channels)
            rate_hz, told_s = stream.rate, float((stream.duration or 0) * (stream.time_base or 0))
    except (av.FFmpegError, UnicodeDecodeError):
        raise _unknown(path, head, "no sound is found in it") from None

    def blocks() -> Iterator[Block]:
        have, resampler = 0, av.AudioResampler(format="flt")
        with av.open(str(path)) as file:
            try:
                for frame in file.decode(audio=0):
                    for even in resampler.resample(frame):
                        block = even.to_ndarray().reshape(-1, even.layout.nb_channels)
                        have += len(block)
                        yield np.asarray(block, np.float32)
            except av.FFmpegError as error:
                raise _error(path, f"damaged after {have / rate_hz:.1f} s: {error.strerror}.", "the original") from None
        if have / rate_hz < told_s - 1.0:
            raise _error(path, f"it ends early: only {have / rate_hz:.1f} s of the sound are there.", "the original")

    return rate_hz, blocks()


def _by_pydub(path: Path, head: bytes) -> tuple[int, Iterator[Block]]:
    sound, why = _opened_by_pydub(path)
    if why:
        raise _unknown(path, head, why)
    _checked(path, sound.channels)
    whole = np.frombuffer(sound.raw_data, f"<i{sound.sample_width}").reshape(-1, sound.channels)
    scale = 2.0 ** (1 - 8 * sound.sample_width)
    blocks = (np.asarray(whole[i : i + _FRAMES] * scale, np.float32) for i in range(0, len(whole), _FRAMES))
    return sound.frame_rate, blocks


def _unknown(path: Path, head: bytes, why: str) -> NarrationError:
    remedy = _REMEDY + ", or install ffmpeg, or: python -m pip install av" * ("needs ffmpeg" in why)
    return _error(path, f"this is {_kind(head)}, which cannot be played: {why}. Formats: {_FORMATS}.", remedy)


def _opened_by_pydub(path: Path) -> tuple[Any, str]:
    """The AudioSegment, or why there is none; without pydub's warnings of a missing ffprobe and of files left open."""
    pydub = quiet_pydub()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pydub.AudioSegment.from_file(path), ""
        except FileNotFoundError:
            return None, "reading such a file needs ffmpeg, which is not installed"
        except (
            pydub.exceptions.CouldntDecodeError,
            IndexError,
            KeyError,
        ):  # the last two: ffprobe finds no sound in it
            return None, "ffmpeg finds no sound in it either"


def _kind(head: bytes) -> str:
    """What a file is by its first bytes."""
    for offset, sign, kind in _SIGNS:
        if head[offset : offset + len(sign)] == sign:
            return kind
    return "a text file" if head.isascii() and b"\0" not in head else "not an audio file that is known here"


def _at_our_rate(rate_hz: int, blocks: Iterable[Block]) -> Iterator[Block]:
    if rate_hz == RATE_HZ:
        yield from blocks
        return
    import soxr

    stream, block = None, np.empty((0, 2), np.float32)
    for block in blocks:
        stream = stream or soxr.ResampleStream(rate_hz, RATE_HZ, block.shape[1], dtype="float32", quality="HQ")
        yield stream.resample_chunk(block)
    if stream is not None:
        yield stream.resample_chunk(block[:0], last=True)
