"""The stems of a track: voice, background and cues, each in a file of its own, for whoever wants to mix them anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from .encode import Encoded, Target, write
from .master import Master
from .mix import Block, Mix

NAMES = ("voice", "background", "cues")


def paths(track: Path) -> tuple[Path, ...]:
    """Where the stems of a track lie: beside it, under the same names for every track."""
    return tuple(track.with_name(f"{name}.flac") for name in NAMES)


def write_stems(master: Master, track: Target) -> tuple[Encoded, ...]:
    """Write the stems of a track at the levels they have in it, as 24-bit FLAC of its length.

    They sum to the mix before the limiter, which is the track itself wherever the limiter is idle.
    """
    tags = replace(track.tags, lyrics="")
    return tuple(
        write(
            Target(path, "flac", tags=replace(tags, title=f"{tags.title} ({name})")),
            _blocks(master, name),
            master.mix.plan.length,
        )
        for name, path in zip(NAMES, paths(track.path), strict=True)
    )


def _blocks(master: Master, name: str) -> Iterator[Block]:
    mix, gains = master.mix, master.gains
    if name == "background":
        for block in mix.background(0, mix.plan.length):
            yield np.float32(gains.background) * block
        return
    alone = Mix(mix.plan, mix.clips, [None] * len(mix.plan.turns), mix.levels)
    for stems in alone.stems():
        mono = np.float32(gains.voice) * (stems.voice if name == "voice" else stems.cues)
        yield np.repeat(mono[:, None], 2, axis=1)
