"""What is asked of an encoder, and what it answers with: frozen values, no logic beyond their own checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..spans import Chapter

Block: TypeAlias = NDArray[np.float32]  # (n, 2), n any number of samples, values in [-1, 1]
Pcm: TypeAlias = NDArray[np.int16] | NDArray[np.int32]  # (n, 2); int32 holds 24 bits in its upper three bytes


@dataclass(frozen=True)
class Tags:
    """What the file says about itself; an empty field is left out of the file.

    ``track`` is ``3`` or ``3/10``, ``year`` four digits, ``language`` a code such as ``en``, ``en-GB`` or ``eng``,
    ``album_artist`` keeps an album together where its tracks differ in ``artist``, ``encoded_by`` is a person or house,
    ``lyrics`` plain text. What narration itself is called goes into the file of its own accord.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    track: str = ""
    genre: str = ""
    language: str = "en"
    year: str = ""
    comment: str = ""
    encoded_by: str = ""
    lyrics: str = ""
    album_artist: str = ""


@dataclass(frozen=True)
class Cover:
    """A picture for the front: the bytes of its file, their type, ``image/jpeg`` or ``image/png``, and pixels.

    No ``width`` and ``height`` where they are not known, as FLAC has it.
    """

    data: bytes = field(repr=False)
    mime: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Target:
    """The file wanted. ``bitrate`` is ``128k`` or ``V4`` (mp3 only; empty for the format's own default).

    ``quality`` is LAME's: 0 best and slowest, 9 worst; 2 to 5 measure alike. ``chapters`` ascend by ``start``, the
    first at sample 0. ``lines`` are the lyrics with the sample at which each begins, ascending; an empty one shows
    nothing from there on. A WAV file carries the tags it has names for, and no chapters, lines or cover.
    """

    path: Path
    format: str = "mp3"
    bitrate: str = ""
    quality: int = 5
    tags: Tags = field(default_factory=Tags)
    chapters: tuple[Chapter, ...] = ()
    cover: Cover | None = None
    lines: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Encoded:
    """What was written: samples a channel, bytes of the file, and samples that did not fit full scale and were clipped.

    ``clipped`` counts single values of either channel; a mastered track has none.
    """

    path: Path
    samples: int
    size_bytes: int
    clipped: int


class Sink(Protocol):
    """An encoder at work on one open file. ``add`` and ``finish`` run in one thread, never at the same time."""

    bits: int  # of the samples it takes: 16 (int16) or 24 (int32, upper bytes)
    gain: float  # to apply before, so that what is decoded has the level of what was given

    def add(self, pcm: Pcm) -> None:
        """Encode the next samples."""

    def finish(self) -> None:
        """Write what is still held back, the tags, and whatever stands at the front."""

    def close(self) -> None:
        """Let go of everything but the file, after ``finish`` or instead of it; raises nothing."""


@dataclass(frozen=True)
class Format:
    """One kind of file: its suffix, how its bitrate is checked (UsageError), and how a track of n samples is begun.

    ``overshoot_db`` is how far decoding may raise a true peak over what went in.
    """

    suffix: str
    check: Callable[[Target], Any]
    open: Callable[[BinaryIO, Target, int], Sink]
    overshoot_db: float = 0.0
