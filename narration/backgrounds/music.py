"""The user's own music as a background: a file, or many in turn, at the reference loudness, without a gap.

Pieces of music are played whole, one after the other, joined by cross-fades; after the last comes the first again. A
recording of rain or the sea, and any file shorter than a minute, goes round through a seam; see ``pieces``, ``seam``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from . import BackgroundInfo
from .character import character
from .decoding import Block
from .pieces import BLOCK, Ready, made_ready
from .seam import SEAM, cross_fade, likeness, seam_of

LICENCE = "the user's own"


def music(path: Path, cache_dir: Path | None = None) -> Loop | Pieces:
    """An audio file as an endless background. Raises NarrationError where it cannot be made ready; see ``pieces``."""
    ready = made_ready(path, cache_dir)
    sound = character(ready.read, ready.length)
    info = BackgroundInfo(
        path.name,
        path.stem,
        "nature" if sound.ambience else "music",
        LICENCE,
        str(path),
        bright=sound.bright,
        how="goes round through a seam" if ready.loops else "played whole, then from its start again",
    )
    return Loop(ready, info) if ready.loops else Pieces([path], info, cache_dir)


class Loop:
    """A file that goes round for ever; follows :class:`narration.backgrounds.Background`.

    The first time through it plays from its start; from then on from the seam on.
    """

    def __init__(self, ready: Ready, info: BackgroundInfo) -> None:
        self._ready, self.info = ready, info

    def blocks(self, start: int = 0) -> Iterator[Block]:
        """Endless blocks, float32 (n, 2), from sample ``start`` >= 0 on."""
        length, seam = self._ready.length, seam_of(self._ready.length)
        while True:
            played = start - length
            place = start if played < 0 else seam + played % (length - seam)
            end = min(place + BLOCK, length)
            yield self._ready.read(place, end)
            start += end - place


class Pieces:
    """Pieces of music in turn for ever; follows :class:`narration.backgrounds.Background`.

    Each is made ready when it is first reached, so that a long list costs the time and the disk of what is heard.
    """

    def __init__(self, paths: Sequence[Path], info: BackgroundInfo, cache_dir: Path | None = None) -> None:
        """``paths`` are one or more audio files, in the order of playing."""
        self._paths, self._cache_dir, self.info = tuple(paths), cache_dir, info
        self._made: dict[Path, Ready] = {}

    def blocks(self, start: int = 0) -> Iterator[Block]:
        """Endless blocks, float32 (n, 2), from sample ``start`` >= 0 on.

        Raises NarrationError, with the file's name, where a piece that is reached cannot be played.
        """
        number, begin = self._reached(start)
        while True:
            piece = self._piece(number)
            alone = begin + piece.length - min(SEAM, piece.length // 3)  # the next is not needed before
            yield from _read(piece, start - begin, alone - begin)
            start, fade = max(start, alone), self._fade(number)
            yield from _read(piece, start - begin, piece.length - fade)
            begin += piece.length - fade
            start = max(start, begin)
            out, into = _gains(fade, self._likeness(number))
            if (place := start - begin) < fade:
                end = piece.read(piece.length - fade + place, piece.length)
                yield end * out[place:] + self._piece(number + 1).read(place, fade) * into[place:]
            start, number = max(start, begin + fade), number + 1

    def _reached(self, start: int) -> tuple[int, int]:
        """The piece that sounds alone or fades out at a sample, counted through all rounds, and where it begins."""
        number, begin = 0, 0
        while start >= begin + self._piece(number).length:
            begin += self._piece(number).length - self._fade(number)
            number += 1
            if number == len(self._paths):  # a round is ``begin`` samples long: skip all but the last whole one
                begin += max(0, (start - begin) // begin - 1) * begin
        return number, begin

    def _piece(self, number: int) -> Ready:
        path = self._paths[number % len(self._paths)]
        if path not in self._made:
            self._made[path] = made_ready(path, self._cache_dir, whole=True)
        return self._made[path]

    def _fade(self, number: int) -> int:
        """Samples in which a piece gives way to the next: 7 s, less only between short ones."""
        return min(SEAM, self._piece(number).length // 3, self._piece(number + 1).length // 3)

    def _likeness(self, number: int) -> float:
        fade, piece = self._fade(number), self._piece(number)
        return likeness(piece.read(piece.length - fade, piece.length), self._piece(number + 1).read(0, fade))


_gains = lru_cache(2)(cross_fade)


def _read(piece: Ready, start: int, end: int) -> Iterator[Block]:
    for place in range(start, end, BLOCK):
        yield piece.read(place, min(place + BLOCK, end))
