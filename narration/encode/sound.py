"""FLAC and WAV by libsndfile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from ..errors import UsageError
from ..files import generator
from ..timing import RATE_HZ
from .tags import FRONT_COVER, vorbis_comments
from .target import Cover, Pcm, Target

_WAV_MOST_BYTES = 0xFFFF_FFFF - 64 * 1024  # a WAV's sizes are 32 bits; the rest is for header and tags
_WAV_FRAME_BYTES = 4
_COMMENT_BYTES = 5  # of a comment, beside its name and value
_PADDING = 4096  # bytes kept for other programs to change a tag in, and for the heads of our own blocks
_LARGEST_BLOCK = 0xFF_FFFF + 4  # the length of a block is 24 bits
_INFO = {  # libsndfile's names for RIFF INFO, in the order they are written, and ours
    **{"title": "title", "artist": "artist", "album": "album", "tracknumber": "track", "genre": "genre"},
    **{"date": "year", "comment": "comment"},
}


def check(target: Target) -> None:
    """Raise UsageError for a bitrate: a lossless file has whatever the music needs."""
    if target.bitrate:
        raise UsageError(f"{target.format} is lossless and takes no bitrate.", hint="--format mp3, or no --bitrate")


class Kept:
    """The file a library in C writes to. An OSError cannot pass through, so the first one is kept for ``check``.

    From then on nothing touches the file, and the library is told that all is well. It begins ``room`` bytes late.
    """

    def __init__(self, file: BinaryIO, room: int = 0) -> None:
        self._file, self._room = file, room
        self._error: OSError | None = None
        file.seek(room)

    def write(self, data: bytes) -> int:
        """Write, or nothing after an error."""
        self._keep(self._file.write, data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._keep(self._file.seek, offset + self._room * (whence == os.SEEK_SET), whence) - self._room

    def tell(self) -> int:
        """The place."""
        return self._keep(self._file.tell) - self._room

    def read(self, size: int) -> bytes:
        """Read back."""
        return self._file.read(size)

    def seekable(self) -> bool:
        """It is a file."""
        return True

    def _keep(self, call: Callable[..., int], *arguments: Any) -> int:
        try:
            return call(*arguments) if self._error is None else 0
        except OSError as error:
            self._error = error
            return 0

    def check(self) -> None:
        """Raise the error that was kept."""
        if self._error is not None:
            raise self._error


class _Sound:
    """What FLAC and WAV have in common: samples through libsndfile into an open file."""

    bits: int
    gain = 1.0

    def __init__(self, file: BinaryIO, target: Target, container: str, subtype: str, room: int = 0) -> None:
        import soundfile

        check(target)
        self._file, self._target, self._kept = file, target, Kept(file, room)
        self._sound: Any = soundfile.SoundFile(
            cast(BinaryIO, self._kept), "w", RATE_HZ, channels=2, format=container, subtype=subtype
        )

    def add(self, pcm: Pcm) -> None:
        """Write the next samples."""
        self._sound.write(pcm)
        self._kept.check()

    def finish(self) -> None:
        """Let libsndfile write its sizes."""
        self.close()
        self._kept.check()

    def close(self) -> None:
        """Let go of libsndfile's side, which writes a last time, while the file is still open."""
        self._sound.close()


class Flac(_Sound):
    """24-bit FLAC, with room kept in front of the samples for tags, chapters and cover, so that nothing is moved."""

    bits = 24

    def __init__(self, file: BinaryIO, target: Target, length: int) -> None:
        """Begin a track in an open, empty file."""
        told = sum(len(name) + len(value.encode()) + _COMMENT_BYTES for name, value in vorbis_comments(target))
        self._room = min(_PADDING + told + len(target.cover.data if target.cover else b""), _LARGEST_BLOCK)
        super().__init__(file, target, "FLAC", "PCM_24", self._room)

    def finish(self) -> None:
        """Close the stream and put the tags in."""
        import mutagen

        super().finish()
        with kept_disk_errors():
            self._file.seek(0)
            _head_first(self._file, self._room)
            self._file.seek(0)
            flac = mutagen.File(self._file)
            for name, value in vorbis_comments(self._target):
                flac[name] = value
            if self._target.cover:
                flac.add_picture(picture(self._target.cover))
            self._file.seek(0)
            flac.save(self._file, padding=lambda info: max(info.padding, 0))


def _head_first(file: BinaryIO, room: int) -> None:
    """Put the head of a FLAC stream that begins at byte ``room`` at the file's beginning, and padding behind it.

    A head is ``fLaC`` and blocks: a byte whose first bit says that it is the last, a length of three bytes, and so many
    more. Source: RFC 9639, 8.
    """
    file.seek(room)
    head, last = bytearray(file.read(4)), False
    while not last:
        block = file.read(4)
        last = block[0] >= 0x80
        head += bytes([block[0] & 0x7F]) + block[1:] + file.read(int.from_bytes(block[1:], "big"))
    file.seek(0)
    file.write(head + b"\x81" + (room - 4).to_bytes(3, "big") + bytes(room - 4))  # 1: padding


@contextmanager
def kept_disk_errors() -> Iterator[None]:
    """Let an OSError through as it is, which mutagen wraps up."""
    import mutagen

    try:
        yield
    except mutagen.MutagenError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from error
        raise


def picture(cover: Cover) -> Any:
    """The block of a FLAC file that holds a cover, which Ogg files have among their comments."""
    from mutagen.flac import Picture

    block = Picture()  # type: ignore[no-untyped-call]
    block.data, block.mime, block.type = cover.data, cover.mime, FRONT_COVER
    block.width, block.height, block.depth = cover.width, cover.height, 24 * bool(cover.width)
    return block


class Wav(_Sound):
    """16-bit WAV, or RF64 where the samples pass 4 GiB; tags as RIFF INFO, which has no chapters and no cover."""

    bits = 16

    def __init__(self, file: BinaryIO, target: Target, length: int) -> None:
        """Begin a track of ``length`` samples a channel in an open, empty file."""
        large = length * _WAV_FRAME_BYTES > _WAV_MOST_BYTES
        super().__init__(file, target, "RF64" if large else "WAV", "PCM_16")
        self._sound.software = generator()
        for name in _INFO:
            if value := getattr(target.tags, _INFO[name]):
                setattr(self._sound, name, value)
