"""A file of the user's own, made ready to play and kept in the cache: levelled, without its silent ends, seekable.

A file is decoded once. What is kept is 16-bit stereo at 44.1 kHz, 10.6 MB a minute: either as a whole, or as a loop,
whose last seconds are cross-faded with its first. Playing then only reads, from anywhere, in flat memory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from ..cache import folder
from ..errors import NarrationError, Place
from ..loudness import HOP, Meter
from ..timing import RATE_HZ
from . import REFERENCE_LUFS
from .chance import random_words
from .character import character
from .decoding import Block, decoded, head_of, quiet_pydub

_VERSION = 2  # of what the cache holds; to be raised whenever the same file would give other samples
_SHORTEST_S = 3
_PIECE_S = 60  # a shorter file is a loop, whatever is in it: nobody's piece of music is over so soon (J)
_SILENT_DB = -40.0  # under the loudness of the whole; quieter ends are trimmed
_QUIETEST_LUFS = -65.0  # a file below it is silence with noise
BLOCK = 2**16  # samples read at once
# What the cache holds of a file: a piece of music; an ambience or a short file as a loop; that as a whole, for a list.
_PIECE, _LOOP, _WHOLE = "piece", "loop", "whole"


@dataclass(frozen=True)
class Ready:
    """A file made ready: ``length`` samples of int16 (n, 2) after ``head`` bytes, all at REFERENCE_LUFS.

    Less loud only where its peaks would pass full scale. ``loops``: its end leads into its own seam.
    """

    file: Path
    head: int
    length: int
    loops: bool

    def read(self, start: int, end: int) -> Block:
        """Samples ``start`` to ``end``, float32 (n, 2) in [-1, 1]."""
        count, offset = 2 * (end - start), self.head + 4 * start
        return np.fromfile(self.file, "<i2", count, offset=offset).reshape(-1, 2) * np.float32(2.0**-15)


def made_ready(path: Path, cache_dir: Path | None = None, whole: bool = False) -> Ready:
    """A file ready to play, found in ``cache_dir`` (default: ``music`` in the cache folder) or put there.

    It is a piece of music, played as a whole, if it lasts a minute and is made of tones; else a loop, unless ``whole``
    asks for it as it is. Raises NarrationError for a file that cannot be decoded, is silent or shorter than 3 s,
    and for a cache that cannot be written.
    """
    cache_dir = cache_dir or folder() / "music"
    head_of(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:40]
    files = {form: cache_dir / f"{digest}-{_VERSION}-{form}.npy" for form in (_PIECE, _WHOLE if whole else _LOOP)}
    for form, file_of_it in files.items():
        if found := _kept(file_of_it, form == _LOOP):
            return found
    return _prepare(path, files)


def _too_short(path: Path, samples: int) -> NarrationError:
    seconds = f"{samples / RATE_HZ:.1f} s of sound" if samples else "no sound"
    return NarrationError(
        f"it has {seconds}; a background needs {_SHORTEST_S} s or more.", Place(str(path)), "a longer file"
    )


def _silent(path: Path) -> NarrationError:
    return NarrationError("it is silent.", Place(str(path)), "another file")


def _kept(file: Path, loops: bool) -> Ready | None:
    """A file of the cache; None where it is missing or damaged."""
    try:
        samples = np.load(file, mmap_mode="r")  # reads the head and looks at the size only
    except (OSError, ValueError, EOFError):
        return None
    with suppress(OSError):
        os.utime(file)  # so that prune knows what was used last
    fits = samples.dtype == np.dtype("<i2") and samples.ndim == 2 and samples.shape[1] == 2 and len(samples)
    return Ready(file, samples.offset, len(samples), loops) if fits else None


def _prepare(path: Path, files: dict[str, Path]) -> Ready:
    """Decode, measure and trim a file, join it if it is to loop, and put it in the cache, whole or not at all."""
    cache_dir = next(iter(files.values())).parent
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache_dir) as working:
            raw, made = Path(working) / "decoded.part", Path(working) / "made.part"
            form, head, length = _make(path, raw, made, files)
            os.replace(made, files[form])
            return Ready(files[form], head, length, form == _LOOP)
    except OSError as error:
        message = f"the cache cannot be written: {error.strerror or error}."
        hint = "NARRATION_CACHE=/some/folder, or room on the disk"
        raise NarrationError(message, Place(str(cache_dir)), hint) from None


def _make(path: Path, raw: Path, made: Path, files: dict[str, Path]) -> tuple[str, int, int]:
    """What was made of the file (a key of ``files``), the bytes before its samples, and how many those are."""
    track = _decode(path, raw)
    start, end = _silence(track, 1), track.length - _silence(track, -1)
    if start == track.length:
        raise _silent(path)
    if end - start < _SHORTEST_S * RATE_HZ:
        raise _too_short(path, max(0, end - start))
    track = track.between(start, end)
    piece = track.length >= _PIECE_S * RATE_HZ and not character(track.level, track.length).ambience
    form = _PIECE if piece else next(form for form in files if form != _PIECE)
    if form == _LOOP:
        from .seam import looped

        blocks, length = looped(track)
    else:
        spans = ((place, min(place + BLOCK, track.length)) for place in range(0, track.length, BLOCK))
        blocks, length = (track.level(*span) for span in spans), track.length
    return form, _write(blocks, length, made), length


@dataclass(frozen=True)
class Track:
    """A stretch of a file of float32 (n, 2), its K-weighted energies every 100 ms, and how to level it.

    Read block by block, not mapped: mapped pages would count as this program's memory.
    """

    raw: Path
    first: int
    length: int
    energies: NDArray[np.float64]
    offset: NDArray[np.float32]
    gain: np.float32

    def level(self, start: int, end: int) -> Block:
        """Samples ``start`` to ``end`` of the stretch at the reference loudness, without DC."""
        count = min(end, self.length) - start
        samples = np.fromfile(self.raw, np.float32, 2 * count, offset=8 * (self.first + start)).reshape(-1, 2)
        return (samples - self.offset) * self.gain

    def between(self, start: int, end: int) -> Track:
        """Samples ``start`` to ``end`` of the stretch as one of their own."""
        energies = self.energies[-(-start // HOP) : end // HOP]
        return replace(self, first=self.first + start, length=end - start, energies=energies)


def _decode(path: Path, raw: Path) -> Track:
    """The whole file into ``raw``, measured on the way."""
    meter, length, total, low, high = Meter(), 0, np.zeros(2), np.zeros(2), np.zeros(2)
    with raw.open("wb") as out:
        for block in decoded(path):
            meter.push(block)
            out.write(block.tobytes())
            length += len(block)
            total += block.sum(axis=0, dtype=np.float64)
            low, high = (
                np.minimum(low, block.min(axis=0, initial=0.0)),
                np.maximum(high, block.max(axis=0, initial=0.0)),
            )
    if length < _SHORTEST_S * RATE_HZ:
        raise _too_short(path, length)
    lufs = meter.integrated_lufs
    if lufs < _QUIETEST_LUFS:
        raise _silent(path)
    offset = total / length
    peak = float(np.maximum(high - offset, offset - low).max())
    gain = min(10.0 ** ((REFERENCE_LUFS - lufs) / 20.0), 0.98 / peak)
    return Track(raw, 0, length, meter.energies, offset.astype(np.float32), np.float32(gain))


def _silence(track: Track, direction: int) -> int:
    """Samples of silence at the start (``direction`` 1) or the end (-1), by pydub, ten seconds at a time."""
    pydub = quiet_pydub()
    louder = np.float32(10 ** (10 / 20) * 2**15)  # from -26 LUFS to -16, so that 16 bits hold 40 dB less well
    window, length = 10 * RATE_HZ, track.length
    for place in range(0, length, window):
        start = place if direction > 0 else max(0, length - place - window)
        near = track.level(start, start + min(window, length - place))[::direction]
        pcm = np.clip(near * louder, -(2**15), 2**15 - 1).astype("<i2")
        sound = pydub.AudioSegment(pcm.tobytes(), sample_width=2, frame_rate=RATE_HZ, channels=2)
        silent_ms: int = pydub.silence.detect_leading_silence(sound, REFERENCE_LUFS + 10 + _SILENT_DB, chunk_size=10)
        if silent_ms < len(sound):
            return place + silent_ms * RATE_HZ // 1000
    return length


def _write(blocks: Iterator[Block], length: int, file: Path) -> int:
    """Blocks as one .npy file of 16-bit samples; the bytes of its head.

    Dithered (triangular, two steps wide), the same at every run.
    """
    with file.open("wb") as out:
        np.lib.format.write_array_header_1_0(out, {"descr": "<i2", "fortran_order": False, "shape": (length, 2)})
        head = out.tell()
        for number, block in enumerate(blocks):
            chance = random_words(0, "dither", number, block.size).view(np.uint32).astype(np.float64)
            dither = ((chance[::2] - chance[1::2]) * 2.0**-32).reshape(block.shape)
            out.write(np.clip(np.rint(block * 2.0**15 + dither), -(2**15), 2**15 - 1).astype("<i2").tobytes())
    return head
