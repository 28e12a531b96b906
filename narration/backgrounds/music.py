"""The user's own music as a background: any audio file, at the reference loudness, looped without an audible seam.

A file is decoded once. What is kept in the cache is ready to play: 16-bit stereo at 44.1 kHz, without its silent ends,
its last seconds cross-faded with its first. Playing then only reads, from anywhere, in flat memory.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..cache import folder
from ..errors import NarrationError, Place
from ..loudness import HOP, Meter
from ..timing import RATE_HZ
from . import REFERENCE_LUFS, BackgroundInfo
from .chance import random_words
from .decoding import Block, decoded, head_of, quiet_pydub

_VERSION = 1  # of what the cache holds; to be raised whenever the same file would give other samples
_SHORTEST_S = 3
_SEAM = 7 * RATE_HZ  # judgement: long enough to be a change of scene, not a cut
_SEARCH_HOPS = 200  # the seam may lie up to 20 s before the end, where a long fade-out would leave a hole
_ALIGN = 2 * (HOP // 4)  # half the range, even, over which the waveforms are lined up: 50 ms
_SILENT_DB = -40.0  # under the loudness of the whole; quieter ends are trimmed
_QUIETEST_LUFS = -65.0  # a file below it is silence with noise
_BLOCK = 2**16


class Music:
    """An audio file as an endless background; follows :class:`narration.backgrounds.Background`.

    The first time through it plays from its start; from then on from the seam on. Its loudness is REFERENCE_LUFS, less
    only where its peaks would pass full scale.
    """

    def __init__(self, path: Path, cache_dir: Path | None = None) -> None:
        """Decode the file, or find it decoded in ``cache_dir`` (default: ``music`` in the cache folder).

        Raises NarrationError for a file that cannot be decoded, is silent or shorter than 3 s, and for a cache that
        cannot be written.
        """
        self.info = BackgroundInfo(path.name, path.stem, "music", "the user's own", str(path))
        cache_dir = cache_dir or folder() / "music"
        head_of(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._file = cache_dir / f"{digest[:40]}-{_VERSION}.npy"
        self._head, self._length = _kept(self._file) or _prepare(path, self._file)

    def blocks(self, start: int = 0) -> Iterator[Block]:
        """Endless blocks, float32 (n, 2), from sample ``start`` >= 0 on."""
        seam = _seam_of(self._length)
        with self._file.open("rb") as file:
            while True:
                played = start - self._length
                place = start if played < 0 else seam + played % (self._length - seam)
                count = min(_BLOCK, self._length - place)
                file.seek(self._head + 4 * place)
                yield np.fromfile(file, "<i2", 2 * count).reshape(-1, 2) * np.float32(2.0**-15)
                start += count


def _too_short(path: Path, samples: int) -> NarrationError:
    seconds = f"{samples / RATE_HZ:.1f} s of sound" if samples else "no sound"
    return NarrationError(
        f"it has {seconds}; a background needs {_SHORTEST_S} s or more.", Place(str(path)), "a longer file"
    )


def _silent(path: Path) -> NarrationError:
    return NarrationError("it is silent.", Place(str(path)), "another file")


def _kept(file: Path) -> tuple[int, int] | None:
    """Bytes before the samples of a file of the cache, and how many; None where it is missing or damaged."""
    try:
        samples = np.load(file, mmap_mode="r")  # reads the head and looks at the size only
    except (OSError, ValueError, EOFError):
        return None
    fits = samples.dtype == np.dtype("<i2") and samples.ndim == 2 and samples.shape[1] == 2 and len(samples)
    return (samples.offset, len(samples)) if fits else None


def _prepare(path: Path, ready: Path) -> tuple[int, int]:
    """Decode, measure, trim and join a file, and put it in the cache, whole or not at all; see :func:`_kept`."""
    try:
        ready.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=ready.parent) as working:
            kept = _make(path, Path(working) / "decoded", Path(working) / "joined")
            os.replace(Path(working) / "joined", ready)
            return kept
    except OSError as error:
        message = f"the cache cannot be written: {error.strerror or error}."
        hint = "NARRATION_CACHE=/some/folder, or room on the disk"
        raise NarrationError(message, Place(str(ready.parent)), hint) from None


def _make(path: Path, raw: Path, joined: Path) -> tuple[int, int]:
    track = _decode(path, raw)
    start, end = _silence(track, 1), track.length - _silence(track, -1)
    if start == track.length:
        raise _silent(path)
    if end - start < _SHORTEST_S * RATE_HZ:
        raise _too_short(path, max(0, end - start))
    track = track.between(start, end)
    period = _period(track)
    seam = _SEAM if period >= 2 * _SEAM else period // 2
    head = _write(_joined(track, period, seam), period + seam, joined)
    return head, period + seam


@dataclass(frozen=True)
class _Track:
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

    def between(self, start: int, end: int) -> _Track:
        energies = self.energies[-(-start // HOP) : end // HOP]
        return replace(self, first=self.first + start, length=end - start, energies=energies)


def _decode(path: Path, raw: Path) -> _Track:
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
    return _Track(raw, 0, length, meter.energies, offset.astype(np.float32), np.float32(gain))


def _joined(track: _Track, period: int, seam: int) -> Iterator[Block]:
    """The track, its last ``seam`` samples cross-faded into its first."""
    for place in range(0, period, _BLOCK):
        yield track.level(place, min(place + _BLOCK, period))
    yield _cross_faded(track.level(period, period + seam), track.level(0, seam))


def _silence(track: _Track, direction: int) -> int:
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


def _seam_of(length: int) -> int:
    """Samples of the seam at the end of a kept file of so many."""
    return _SEAM if length >= 3 * _SEAM else length // 3


def _period(track: _Track) -> int:
    """Samples after which the track returns to its start, even; the seam is what follows them."""
    length = track.length
    latest = 2 * ((length - _SEAM if length >= 3 * _SEAM else length * 2 // 3) // 2)
    coarse = _level_period(track.energies, latest)
    return _aligned_period(track, max(0, coarse - _ALIGN), min(coarse + _ALIGN, latest))


def _level_period(energies: NDArray[np.float64], latest: int) -> int:
    """To 100 ms, the period whose cross-faded seam stays nearest to the track's median level."""
    hops = min(_SEAM, latest // 2) // HOP
    fade = np.pi / 2 * (np.arange(hops) + 0.5) / hops
    ends = sliding_window_view(energies, hops)[: latest // HOP + 1]
    first = max(len(ends) * 3 // 4, len(ends) - _SEARCH_HOPS)
    faded = ends[first:] * np.cos(fade) ** 2 + energies[:hops] * np.sin(fade) ** 2
    off_db = 10.0 * np.log10((faded + 1e-12) / (np.median(energies) + 1e-12))
    best_from_end = int(np.argmin((off_db[::-1] ** 2).mean(axis=1)))  # of equals the latest: it cuts least
    return (len(ends) - 1 - best_from_end) * HOP


def _aligned_period(track: _Track, first: int, last: int) -> int:
    """Between two even periods, the even one at which both waveforms of the seam are most alike."""
    count = min(_SEAM, first // 2)
    start, end = track.level(0, count).sum(axis=1), track.level(first, last + count).sum(axis=1)
    size = 1 << len(end).bit_length()
    alike = np.fft.irfft(np.fft.rfft(end, size) * np.fft.rfft(start, size).conj(), size)[: last - first + 1]
    power = np.concatenate([[0.0], np.cumsum(end.astype(np.float64) ** 2)])
    powers = power[count : count + len(alike)] - power[: len(alike)]
    return first + 2 * int(np.argmax((alike / np.sqrt(powers + 1e-12))[::2]))


def _cross_faded(end: Block, start: Block) -> Block:
    """From ``end`` into ``start``, at constant power whatever they have in common."""
    both = float((end * start).sum(dtype=np.float64))
    each = float((end**2).sum(dtype=np.float64)) * float((start**2).sum(dtype=np.float64))
    alike = max(-0.5, both / each**0.5) if each else 0.0  # bounded: opposite waveforms would be blown up
    angle = np.pi / 2 * np.arange(len(end))[:, None] / len(end)
    out, into = np.cos(angle), np.sin(angle)
    return np.asarray((end * out + start * into) / np.sqrt(1.0 + 2.0 * alike * out * into), np.float32)


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
