"""A short sample of each background, as a finished file to choose by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import backgrounds
from .backgrounds import REFERENCE_LUFS, Background
from .encode import FORMATS, Tags, Target, target_for, write
from .encode import check as check_target
from .peaks import Limiter
from .timing import RATE_HZ

Block = NDArray[np.float32]

LENGTH_S = 20
SAMPLE_LUFS = -20.0  # as loud as a voice at night, so that each can be judged without turning up
_FADE_IN_S, _FADE_OUT_S = 0.5, 2.5
_TRUE_PEAK_DBTP = -1.5


def sample_backgrounds(
    folder: Path, format_: str, seed: int, force: bool, watch: Callable[[str, int, int], None]
) -> list[Path]:
    """Write a sample of each registered background into a folder, ``NAME.mp3`` and so on; the files in their order.

    The same seed gives the same bytes. Each file appears whole or not at all. Raises NarrationError, before any is
    made, where one could or may not be written.
    """
    names = backgrounds.names()
    targets = [target_for(folder / f"{name}.{format_}", format_, "") for name in names]
    for target in targets:
        check_target(target, force)
    for done, (name, target) in enumerate(zip(names, targets, strict=True)):
        watch("samples", done, len(names))
        sound = backgrounds.load(name, seed)
        if sound is not None:
            write(_tagged(target, sound), _played(sound, FORMATS[target.format].overshoot_db), LENGTH_S * RATE_HZ)
    watch("samples", len(names), len(names))
    return [target.path for target in targets]


def _tagged(target: Target, sound: Background) -> Target:
    comment = "\n".join(f"{info.title} ({info.licence}); {info.source}." for info in sound.info.credits)
    tags = Tags(title=sound.info.title, artist="narration", album="Backgrounds", genre="Ambient", comment=comment)
    return Target(target.path, target.format, target.bitrate, target.quality, tags)


def _played(sound: Background, overshoot_db: float) -> Iterator[Block]:
    """LENGTH_S of a background at SAMPLE_LUFS, faded at both ends, its peaks held."""
    limiter = Limiter(_TRUE_PEAK_DBTP - overshoot_db)
    for block in _faded(sound):
        if len(out := limiter.process(block)):
            yield out
    if len(out := limiter.flush()):
        yield out


def _faded(sound: Background) -> Iterator[Block]:
    length, at = LENGTH_S * RATE_HZ, 0
    gain = 10 ** ((SAMPLE_LUFS - REFERENCE_LUFS) / 20)
    for block in sound.blocks():
        part = block[: length - at]
        where = np.arange(at, at + len(part)) / RATE_HZ
        shares = np.minimum(1.0, np.minimum(where / _FADE_IN_S, (LENGTH_S - where) / _FADE_OUT_S))
        yield part * (gain * np.sin(np.pi / 2 * shares) ** 2).astype(np.float32)[:, None]
        at += len(part)
        if at == length:
            return
