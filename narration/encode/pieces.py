"""An MP3 encoded in pieces side by side and joined where not one bit is lost, so that two cores halve the time.

Each piece is encoded by a LAME of its own, which begins some frames early to find its feet and goes on some frames
late. Between two pieces one frame is found where the later one can take over: there the bytes which that frame borrows
from the frames before it are free in the earlier stream, and both streams chose the same transform windows, so that
the halves overlapped by the decoder belong together. The pieces depend on the samples alone, so the file is the same
on any number of cores. Source of the layout: ISO/IEC 11172-3, 2.4.1.7 and 2.4.2.7.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .infoframe import HEAD, SAMPLES, frame_bytes
from .target import Pcm

PIECE = 512  # frames: 13 s, of which three are in memory, so that the frames encoded twice are 3 in 100
WARM = 8  # frames that the later LAME has behind it when it may take over: 0.2 s; both are as noisy then, to 0.6 dB
SEARCH = 2  # frames among which the joint is sought, and as many again while there is none: nearly always the first
_HELD = 6  # frames LAME may still hold when it has been given their samples, and whose bytes may still change
_MOST_WORKERS = 4
_AT_ONCE = 8 * SAMPLES  # given to LAME in one call, which copies them twice

Lame = Any  # a lameenc.Encoder; a C extension without types


@dataclass
class _Stream:
    """What one LAME has given so far, from frame ``first`` of the track on, and that LAME, for it may have to go on."""

    lame: Lame
    first: int
    given: int  # samples of the track, up to which it has been given them
    data: bytearray = field(default_factory=bytearray)
    starts: list[int] = field(default_factory=list)  # byte of each frame, and where the next is due

    def go_on(self, pcm: Pcm) -> None:
        """Encode the next samples, and find where the frames begin."""
        for start in range(0, len(pcm), _AT_ONCE):
            self.data += self.lame.encode(pcm[start : start + _AT_ONCE].tobytes())
        self.given += len(pcm)
        at = self.starts.pop() if self.starts else 0
        while at + HEAD <= len(self.data):
            self.starts.append(at)
            at += frame_bytes(bytes(self.data[at : at + HEAD]))
        self.starts.append(at)

    def body(self, frame: int) -> slice:
        """Where the main data of a frame of the track lies, after its header and side information."""
        index = frame - self.first
        return slice(self.starts[index] + HEAD + _SIDE_INFO, self.starts[index + 1])

    def side(self, frame: int) -> int:
        """The side information of a frame of the track, as one number."""
        start = self.starts[frame - self.first] + HEAD
        return int.from_bytes(self.data[start : start + _SIDE_INFO], "big")

    def borrowed(self, frame: int) -> int:
        """How many bytes before its own body the main data of a frame begins."""
        return self.side(frame) >> (_SIDE_INFO * 8 - 9)

    def windows(self, frame: int) -> tuple[int, ...]:
        """The transform windows of a frame: of its two granules, both channels each."""
        return tuple(self.side(frame) >> shift & 0xF if self._switched(frame, shift) else 0 for shift in _WINDOWS)

    def _switched(self, frame: int, shift: int) -> bool:
        return bool(self.side(frame) >> (shift + 3) & 1)


_SIDE_INFO = 32  # bytes of it in a stereo frame
_GRANULE_BITS = 59  # of side information for a granule of a channel
_TO_WINDOW = 33  # of them before the flag that says that the window is not the usual one, its kind and its mixing
# How far to the right that flag, the kind and the mixing are shifted in the whole: after 9 + 3 + 2 x 4 bits of a frame.
_WINDOWS = tuple(_SIDE_INFO * 8 - 20 - number * _GRANULE_BITS - _TO_WINDOW - 4 for number in range(4))


class Pieces:
    """LAME's stream of a track, from samples given in order; ``add`` and ``finish`` return the bytes that are ready."""

    def __init__(self, lame: Callable[[], Lame]) -> None:
        """``lame`` makes a new encoder."""
        self._lame = lame
        self._next = 0  # the piece to begin next
        self._room = _room(0)  # for its samples
        self._filled = 0  # samples of them that are there
        self._current: _Stream | None = None
        self._written = 0  # frames of the track that have been returned
        self._workers = min(os.cpu_count() or 1, _MOST_WORKERS)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="lame")
        self._pending: deque[tuple[Future[_Stream], Pcm]] = deque()

    def add(self, pcm: Pcm) -> bytes:
        """Take the next samples in."""
        ready: list[bytes] = []
        while len(pcm):
            if self._filled == len(self._room):  # as many pieces are in memory as can be encoded, and this one
                ready += self._joined(len(self._pending) - self._workers + 1)
                self._begin()
            taken = min(len(pcm), len(self._room) - self._filled)
            self._room[self._filled : self._filled + taken] = pcm[:taken]
            self._filled += taken
            pcm = pcm[taken:]
        return b"".join(ready)

    def finish(self) -> bytes:
        """Encode what is left."""
        self._begin()
        ready = b"".join(self._joined(len(self._pending)))
        stream = self._current
        assert stream is not None  # noqa: S101 - _joined made it
        stream.data += stream.lame.flush()
        return ready + bytes(stream.data[stream.starts[self._written - stream.first] :])

    def close(self) -> None:
        """Drop what has not been begun, and wait for the rest."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(self) -> None:
        """Give the piece that is there to a LAME of its own, and begin the next with what both are given."""
        start, pcm = _start(self._next), self._room[: self._filled]
        self._pending.append((self._pool.submit(_encoded, self._lame, start, pcm), pcm))
        self._next += 1
        shared = pcm[_start(self._next) - start :]
        self._room, self._filled = _room(self._next), len(shared)
        self._room[: len(shared)] = shared

    def _joined(self, least: int) -> Sequence[bytes]:
        """The bytes of the streams that are ready, at ``least`` so many of them, up to the last joint."""
        ready = []
        while self._pending and (least > 0 or self._pending[0][0].done()):
            future, pcm = self._pending.popleft()
            ready.append(self._followed_by(future.result(), pcm))
            least -= 1
        return ready

    def _followed_by(self, later: _Stream, pcm: Pcm) -> bytes:
        """What is settled now that the next stream is known: the current one up to where that takes over."""
        earlier = self._current
        if earlier is None:
            self._current = later
            return b""
        first = later.first + WARM
        frame = joint(earlier, later, first)
        while frame is None and earlier.given < later.given:  # the earlier LAME goes on until there is a place
            first = max(first, _settled(earlier, later))
            earlier.go_on(pcm[earlier.given - (later.given - len(pcm)) :][: SEARCH * SAMPLES])
            frame = joint(earlier, later, first)
        if frame is None:
            return b""
        lend(earlier, later, frame)
        start = earlier.starts[self._written - earlier.first]
        self._current, self._written = later, frame
        return bytes(earlier.data[start : earlier.starts[frame - earlier.first]])


def _start(piece: int) -> int:
    """The first sample given to a piece's LAME."""
    return max(0, piece * PIECE - WARM) * SAMPLES


def _end(piece: int) -> int:
    """One past the last sample given to a piece's LAME, unless the track ends there."""
    return ((piece + 1) * PIECE + SEARCH + _HELD) * SAMPLES


def _room(piece: int) -> Pcm:
    """Room for the samples given to a piece's LAME."""
    return np.empty((_end(piece) - _start(piece), 2), np.int16)


def _encoded(make: Callable[[], Lame], start: int, pcm: Pcm) -> _Stream:
    stream = _Stream(make(), start // SAMPLES, start)
    stream.go_on(pcm)
    return stream


def _settled(earlier: _Stream, later: _Stream) -> int:
    """The first frame of the track that one of the two has not settled yet."""
    return min(stream.first + len(stream.starts) - 2 for stream in (earlier, later))


def joint(earlier: _Stream, later: _Stream, first: int) -> int | None:
    """The first frame of the track, from ``first`` on, that ``later`` can take over at; None where there is none."""
    for frame in range(first, _settled(earlier, later)):
        alike = all(earlier.windows(near) == later.windows(near) for near in (frame - 1, frame))
        if alike and earlier.borrowed(frame) >= later.borrowed(frame):
            return frame
    return None


def lend(earlier: _Stream, later: _Stream, frame: int) -> None:
    """Lay the bytes that ``later`` borrows at ``frame`` over those that ``earlier`` has free there."""
    borrowed = later.borrowed(frame)
    bodies = b"".join(bytes(later.data[later.body(before)]) for before in range(later.first, frame))
    left = bodies[len(bodies) - borrowed :]
    before = frame - 1
    while left:
        body = earlier.body(before)
        size = min(len(left), body.stop - body.start)
        earlier.data[body.stop - size : body.stop] = left[-size:]
        left, before = left[:-size], before - 1
