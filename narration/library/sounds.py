"""The sound that stays after the voice: a few minutes of a background, made so that two plays overlap without a seam.

Each file rises and falls by itself, as a sine and a cosine, so that a player only has to start the next play CROSS_S
before the end of the one before: their powers add up to one. No player's timing, gapless decoding or volume control is
relied on, and a second late is not heard. The distance between two starts is 14 times the ground of the canon, so that
music overlaps in step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import backgrounds
from ..backgrounds import REFERENCE_LUFS, Background
from ..encode import Tags, Target, write
from ..encode.target import Block
from ..files import generator, made_by_narration
from ..timing import RATE_HZ
from .tracks import SITE, Tail

STEP_S = 235.2  # seconds from one start to the next: 14 cycles of 16.8 s
CROSS_S = 12.0  # seconds in which two plays overlap


@dataclass(frozen=True)
class Sound:
    """A background as a file at one loudness (whole LUFS). ``title`` is what people call it."""

    name: str
    background: str
    title: str
    lufs: int


def sound(tail: Tail) -> Sound | None:
    """The sound that goes on after a tail; None where its background is not a registered one.

    A report names files, too, but it may be a stranger's: no file is read because a report says so.
    """
    background = backgrounds.load(tail.background, 0) if tail.background in backgrounds.names() else None
    if background is None:
        return None
    lufs = round(min(tail.lufs, REFERENCE_LUFS))
    made = hashlib.sha256(repr((generator(), tail.background, lufs, STEP_S, CROSS_S)).encode()).hexdigest()[:10]
    return Sound(f"{SITE}/sounds/{made}.mp3", tail.background, background.info.title, lufs)


def render(sound: Sound, library: Path) -> None:
    """Write the file of a sound, unless it is there: its name says all that decides its bytes."""
    path = library / sound.name
    background = backgrounds.load(sound.background, 0)
    if background is None or (path.is_file() and made_by_narration(path)):
        return
    tags = Tags(title=background.info.title, artist="narration", genre="Relaxation")
    length = round((STEP_S + CROSS_S) * RATE_HZ)
    write(Target(path, "mp3", tags=tags), _blocks(background, sound.lufs, length), length)


def _blocks(background: Background, lufs: int, length: int) -> Iterator[Block]:
    """``length`` samples of the background at ``lufs``, rising over the first CROSS_S and falling over the last."""
    gain, cross, at = 10 ** ((lufs - REFERENCE_LUFS) / 20), CROSS_S * RATE_HZ, 0
    for block in background.blocks(0):
        block = block[: length - at]
        where = np.arange(at, at + len(block)) + 0.5
        near = np.clip(np.minimum(where, length - where) / cross, 0.0, 1.0)
        yield block * (gain * np.sin(0.5 * np.pi * near)).astype(np.float32)[:, None]
        at += len(block)
        if at == length:
            return
