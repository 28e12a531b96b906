"""The styles of the kokoro voices: which there are, where their files are kept, and how one comes there when asked for.

A style is a file of 522 KB. ``narration voices add`` fetches it from the model's hub, or takes it from the npm package
kokoro-js 1.2.1, a folder or a file; either way it is believed by its checksum only. Nothing here is called by a render.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tarfile
import tempfile
import tomllib
import urllib.request
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from ..errors import NarrationError, Place, UsageError, nearest

HUB = "https://huggingface.co/onnx-community/Kokoro-82M-v1.0-ONNX/resolve/main/voices/"
PACKAGE = "kokoro-js-1.2.1.tgz"
OFFLINE = f"npm pack kokoro-js@1.2.1, then narration voices add NAME --from {PACKAGE}"
TIMEOUT_S = 60
SIZE = 510 * 256 * 4


@dataclass(frozen=True)
class Style:
    """A style: its name, its file and its checksum, its pace at the model's speed 0.8, and its level as it comes."""

    name: str
    file: str
    sha256: str
    wpm: float
    level_lufs: float

    @property
    def language(self) -> str:
        """``en-us`` or ``en-gb``."""
        return {"a": "en-us", "b": "en-gb"}[self.file[0]]

    @property
    def title(self) -> str:
        """What kind of voice it is."""
        return f"{'US' if self.file[0] == 'a' else 'British'} English, {'female' if self.file[1] == 'f' else 'male'}"

    @property
    def path(self) -> Path:
        """Where it is kept once it was added."""
        return folder() / f"{self.file}.bin"


def folder() -> Path:
    """Where added styles are kept: below ``NARRATION_DATA``, or the user's data folder of the system."""
    named = os.environ.get("NARRATION_DATA")
    return (Path(named) if named else platformdirs.user_data_path("narration")) / "kokoro"


@cache
def styles() -> dict[str, Style]:
    """Every style there is, by name."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {name: Style(name, *row) for name, row in table.items()}


def named(blend: str) -> tuple[Style, ...]:
    """The styles of ``heart`` or ``heart+nicole``. Raises UsageError for one there is not."""
    for name in blend.split("+"):
        if name not in styles():
            raise UsageError(f'kokoro has no voice "{name}" ({nearest(name, styles())}).', hint="kokoro:heart+nicole")
    return tuple(styles()[name] for name in blend.split("+"))


def load(style: Style) -> NDArray[np.float32]:
    """The style of every length of a line, (510, 256). Raises NarrationError for a file that is not the one."""
    data = style.path.read_bytes() if style.path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != style.sha256:
        fault = "this style is damaged (its checksum differs)." if data else "this style is missing."
        raise NarrationError(fault, Place(str(style.path)), f"narration voices add kokoro:{style.name}")
    return np.frombuffer(data, "<f4").reshape(-1, 256)


def add(style: Style, source: Path | None = None) -> Path:
    """Put a style in its place, from ``source`` (the npm package, a folder or a file) or from the hub.

    Raises NarrationError where it cannot be had or is not the one; what was there stays.
    """
    data = _from_hub(style) if source is None else _from_disk(style, source)
    if hashlib.sha256(data).hexdigest() != style.sha256:
        place = Place(str(source) if source else HUB + style.path.name)
        raise NarrationError(
            f"this is not the style {style.file} of Kokoro-82M 1.0: its checksum differs.", place, OFFLINE
        )
    try:
        folder().mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=folder(), suffix=".part")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
            os.replace(part, style.path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
    except OSError as error:
        raise NarrationError(f"the style cannot be kept: {error.strerror}.", Place(str(folder()))) from None
    return style.path


def _from_hub(style: Style) -> bytes:
    url = HUB + style.path.name
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - a constant https address
            data: bytes = answer.read(SIZE + 1)
    except OSError as error:  # URLError, a time-out and a broken connection are all of this kind
        why = getattr(error, "reason", None) or error
        raise NarrationError(f"it cannot be downloaded: {why}.", Place(url), f"later, or {OFFLINE}") from None
    return data


def _from_disk(style: Style, source: Path) -> bytes:
    try:
        if source.is_dir():
            found = sorted(source.rglob(style.path.name))
            return found[0].read_bytes() if found else _absent(style, source)
        if not tarfile.is_tarfile(source):
            return source.read_bytes()
        with tarfile.open(source) as archive:
            inside = [member for member in archive if member.isfile() and Path(member.name).name == style.path.name]
            content = archive.extractfile(inside[0]) if inside else None
            return content.read() if content else _absent(style, source)
    except (OSError, tarfile.TarError) as error:
        raise NarrationError(f"it cannot be read: {error}.", Place(str(source)), OFFLINE) from None


def _absent(style: Style, source: Path) -> bytes:
    raise NarrationError(f"there is no {style.path.name} in it.", Place(str(source)), OFFLINE)
