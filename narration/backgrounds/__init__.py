"""Backgrounds: what one must be, and where they are found.

A background is a function ``(seed) -> Background``, registered under the entry-point group ``narration.backgrounds``;
the built-in ones are registered in this project's own pyproject.toml, the same way as a stranger's package would.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError, nearest

GROUP = "narration.backgrounds"
REFERENCE_LUFS = -26.0  # every background plays at this BS.1770 loudness, within 0.5 LU; the mix sets its own gain
OFF = "off"


@dataclass(frozen=True)
class BackgroundInfo:
    """What a background says of itself. ``kind`` decides how far it stays under the voice: music 16 LU, nature 18."""

    name: str
    title: str
    kind: Literal["music", "nature"]
    licence: str
    source: str


class Background(Protocol):
    """An endless sound, the same for the same seed, that can be entered anywhere."""

    info: BackgroundInfo

    def blocks(self, start: int = 0) -> Iterator[NDArray[np.float32]]:
        """Endless blocks, float32 (n, 2) in [-1, 1] at 44.1 kHz, of any lengths n >= 1, from sample ``start`` on.

        Entering at ``start`` gives, bit for bit, what playing from 0 gives from there on. Loudness: REFERENCE_LUFS.
        """
        ...


def _points() -> dict[str, Any]:
    return {point.name: point for point in entry_points(group=GROUP)}


def names() -> tuple[str, ...]:
    """The registered backgrounds, by name."""
    return tuple(sorted(_points()))


def load(name: str, seed: int, folder: Path | None = None) -> Background | None:
    """The background of that name, or the audio file of that path (relative to ``folder``); None for ``off``.

    Raises UsageError for a name that is neither registered nor a file, NarrationError for a file that cannot be read.
    """
    if name == OFF:
        return None
    known = _points()
    if name in known:
        made: Background = known[name].load()(seed)
        return made
    path = (folder or Path()) / name
    if path.exists():
        from .music import Music

        return Music(path)
    near = nearest(name, [*known, OFF])
    raise UsageError(f'no background "{name}" ({near}), and no file of that name.', hint="narration backgrounds")
