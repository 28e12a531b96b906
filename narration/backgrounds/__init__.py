"""Backgrounds: what one must be, and where they are found.

A background is a function ``(seed) -> Background``, registered under the entry-point group ``narration.backgrounds``;
the built-in ones are registered in this project's own pyproject.toml, the same way as a stranger's package would.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..blend import OFF, BlendError, lone_gain, read_blend
from ..errors import NarrationError, UsageError, nearest

__all__ = ["GROUP", "OFF", "REFERENCE_LUFS", "Background", "BackgroundInfo", "check", "load", "names"]

GROUP = "narration.backgrounds"
REFERENCE_LUFS = -26.0  # every background plays at this BS.1770 loudness, within 0.5 LU; the mix sets its own gain


@dataclass(frozen=True)
class BackgroundInfo:
    """What a background says of itself.

    ``kind`` decides how far it stays under the voice: music 16 LU, nature 18. A ``bright`` one has much where
    consonants are, and makes room for them while somebody speaks. ``how`` tells what becomes of a user's own files,
    ``parts`` are those of a blend.
    """

    name: str
    title: str
    kind: Literal["music", "nature"]
    licence: str
    source: str
    bright: bool = False
    how: str = ""
    parts: tuple[BackgroundInfo, ...] = ()

    @property
    def credits(self) -> tuple[BackgroundInfo, ...]:
        """Everything that is heard and has a licence of its own: its parts, or itself."""
        return self.parts or (self,)


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


def load(name: str, seed: int, folder: Path | None = None, within: Path | None = None) -> Background | None:
    """The background of that name, None for ``off``.

    A name is a registered one, the path of an audio file, a folder or a playlist (relative to ``folder``; neither it
    nor what it names may lie outside ``within``, if given), or a blend of such, ``canon + rain:-6``. Raises UsageError
    for a name that is none of these, NarrationError for a file that cannot be read or may not be named.
    """
    parts = _parts(name, folder)
    if len(parts) > 1:
        from .together import Together

        sounds = [load(part, seed + index, folder, within) for index, (part, _) in enumerate(parts)]
        return Together([sound for sound in sounds if sound is not None], [gain_lu for _, gain_lu in parts])
    if name == OFF:
        return None
    known = _points()
    if name in known:
        made: Background = known[name].load()(seed)
        return made
    path = _found(name, folder, within)
    from .own import own

    return own(path, within)


def check(name: str, folder: Path | None = None, within: Path | None = None) -> None:
    """Raise what :func:`load` would raise for the name alone, without opening a file or making a sound."""
    known = (*names(), OFF)
    for part, _ in _parts(name, folder):
        if part not in known:
            _found(part, folder, within)


def _parts(name: str, folder: Path | None) -> tuple[tuple[str, float], ...]:
    """The sounds of a blend with their gains; a file whose own name has a plus in it is one sound."""
    if os.path.exists((folder or Path()) / name):
        return ((name, 0.0),)
    try:
        return read_blend(name)
    except BlendError as error:
        raise UsageError(f'the background "{name}": {error}.', hint=error.hint) from None


def _found(name: str, folder: Path | None, within: Path | None) -> Path:
    path = (folder or Path()) / name
    refuse_outside(path, within, name)
    if os.path.exists(path):
        return path
    known = _points()
    if lone_gain(name, known):
        raise UsageError(f'"{name}" is one sound; its gain needs another to be against.', hint=f"canon + {name}")
    near = nearest(name, [*known, OFF])
    raise UsageError(f'no background "{name}" ({near}), and no file of that name.', hint="narration backgrounds")


def refuse_outside(path: Path, within: Path | None, name: str) -> None:
    """Raise NarrationError for a file outside the folder ``within``, links followed; None allows any."""
    if within is not None and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(within)):
        fault = f'the background "{name}" lies elsewhere; a script may name files beside or below itself.'
        raise NarrationError(fault, hint=f"--background {name}")
