"""M4B and Opus, by the libraries of FFmpeg in the package av, which the extra ``formats`` installs."""

from __future__ import annotations

import base64
import re
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import NarrationError, UsageError
from ..files import generator
from ..timing import RATE_HZ
from .sound import Kept, kept_disk_errors, picture
from .tags import vorbis_comments
from .target import Pcm, Target

_KBPS = range(32, 321)
_FULL = np.float32(1 << 31)
_OPUS_HZ = 48_000  # the rate Opus works at, whatever came in
# What MP4 calls the fields of Tags: mutagen's names for the atoms of Apple's metadata
_MP4 = {
    **{"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb", "genre": "\xa9gen", "year": "\xa9day"},
    **{"album_artist": "aART"},
    **{"comment": "\xa9cmt", "lyrics": "\xa9lyr"},
}


def check(target: Target) -> int:
    """Bits a second of the target. Raises UsageError for what there is not, NarrationError where av is missing."""
    if find_spec("av") is None:
        raise NarrationError(
            f"the format {target.format} needs the package av.", hint="pip install 'narration[formats]'"
        )
    spelt = re.fullmatch(r"(\d{2,3})(?:k|000)?", target.bitrate.strip() or _DEFAULT[target.format], re.ASCII | re.I)
    if not spelt or int(spelt[1]) not in _KBPS:
        raise UsageError(
            f'{target.format} has no bitrate "{target.bitrate}" (have: {_KBPS[0]}k to {_KBPS[-1]}k).',
            hint=_DEFAULT[target.format],
        )
    return 1000 * int(spelt[1])


_DEFAULT = {"m4b": "128k", "opus": "96k"}


class _Lavc:
    """What both have in common: samples through an encoder of FFmpeg into an open file."""

    bits = 24
    gain = 1.0

    def __init__(
        self, file: BinaryIO, target: Target, container: str, codec: str, rate_hz: int, **options: str
    ) -> None:
        import av

        self._file, self._target, self._kept, self._rate_hz = file, target, Kept(file), rate_hz
        bits_per_s = check(target)
        # bitexact: no date, no library's name and no random serial number, so that the same samples give the same bytes
        options = {"fflags": "+bitexact", **options}
        self._container: Any = av.open(cast(Any, self._kept), "w", format=container, options=options)
        stream: Any = self._container.add_stream(codec, rate=rate_hz)
        stream.bit_rate, stream.layout = bits_per_s, "stereo"
        self._stream = stream
        self._done = 0

    def add(self, pcm: Pcm) -> None:
        """Encode the next samples."""
        self._encode(pcm.astype(np.float32) / _FULL)

    def finish(self) -> None:
        """Encode what is held back, and let the container write its sizes."""
        self._container.mux(self._stream.encode(None))
        self.close()
        self._kept.check()

    def close(self) -> None:
        """Let go of the container."""
        self._container.close()

    def _encode(self, samples: NDArray[np.float32]) -> None:
        import av

        layout = self._stream.codec_context.format.name
        flat = samples.T if layout == "fltp" else samples.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(flat), format=layout, layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._rate_hz, self._done, Fraction(1, self._rate_hz)
        self._done += len(samples)
        self._container.mux(self._stream.encode(frame))
        self._kept.check()


class M4b(_Lavc):
    """AAC in MP4 with chapters twice over, as a QuickTime text track and as Nero's list, and Apple's tags.

    The index stands in front, so that a player on the web can begin before it has the whole file.
    """

    def __init__(self, file: BinaryIO, target: Target, length: int) -> None:
        """Begin a track of ``length`` samples a channel in an open, empty file."""
        super().__init__(file, target, "ipod", "aac", RATE_HZ, moov_size=str(_index_bytes(target, length)))
        self._stream.codec_context.options = {"aac_coder": "fast"}  # a third of the time of the default
        starts = [chapter.start for chapter in target.chapters] + [length]
        self._container.set_chapters(
            [
                {
                    "id": number,
                    "start": start,
                    "end": end,
                    "time_base": Fraction(1, RATE_HZ),
                    "metadata": {"title": name},
                }
                for number, ((start, end), name) in enumerate(
                    zip(pairwise(starts), (chapter.title for chapter in target.chapters), strict=True)
                )
            ]
        )

    def finish(self) -> None:
        """Close the container and put the tags in."""
        from mutagen import mp4

        super().finish()
        tags, cover = self._target.tags, self._target.cover
        with kept_disk_errors():
            self._file.seek(0)
            file: Any = mp4.MP4(self._file)  # type: ignore[no-untyped-call]
            for field, name in _MP4.items():
                if value := getattr(tags, field):
                    file[name] = value
            if tags.track:
                number, _, of = tags.track.partition("/")
                file["trkn"] = [(int(number), int(of or 0))]
            if cover:
                kind = mp4.AtomDataType.PNG if cover.mime == "image/png" else mp4.AtomDataType.JPEG
                file["covr"] = [mp4.MP4Cover(cover.data, kind)]  # type: ignore[no-untyped-call]
            file["\xa9too"] = generator()
            file["stik"] = [2]  # an audiobook
            self._file.seek(0)
            file.save(self._file)


_AAC_FRAME = 1024  # samples


def _index_bytes(target: Target, length: int) -> int:
    """Room enough for the index of an M4B: a little over 4 bytes a frame, and what chapters and their titles take."""
    titles = sum(len(chapter.title.encode()) for chapter in target.chapters)
    return 5 * (length // _AAC_FRAME) + 256 * len(target.chapters) + 3 * titles + 16_384


class Opus(_Lavc):
    """Opus in Ogg at 48 kHz; its header says what to cut, so that it is as long as the track to the sample."""

    def __init__(self, file: BinaryIO, target: Target, length: int) -> None:
        """Begin a track of ``length`` samples a channel in an open, empty file."""
        import soxr

        super().__init__(file, target, "opus", "libopus", _OPUS_HZ)
        self._stream.codec_context.format = "flt"
        comments = dict(vorbis_comments(target))
        if target.cover:
            comments["METADATA_BLOCK_PICTURE"] = base64.b64encode(picture(target.cover).write()).decode()
        self._stream.metadata.update(comments)
        self._resampler: Any = soxr.ResampleStream(RATE_HZ, _OPUS_HZ, 2, dtype="float32", quality="HQ")
        self._left = (length * _OPUS_HZ + RATE_HZ // 2) // RATE_HZ  # samples to come

    def add(self, pcm: Pcm) -> None:
        """Encode the next samples."""
        self._resampled(pcm.astype(np.float32) / _FULL, last=False)

    def finish(self) -> None:
        """Encode what is held back, and let the container write its sizes."""
        self._resampled(np.empty((0, 2), np.float32), last=True)
        super().finish()

    def close(self) -> None:
        """Let go of the container and the resampler."""
        super().close()
        self._resampler = None

    def _resampled(self, samples: NDArray[np.float32], last: bool) -> None:
        ready = self._resampler.resample_chunk(samples, last)[: self._left]
        self._left -= len(ready)
        if last and self._left:
            ready = np.concatenate([ready, np.zeros((self._left, 2), np.float32)])
        if len(ready):
            self._encode(ready)
