"""Covers: the picture in a track's tags, as it is for feeds and in two small sizes for the page."""

from __future__ import annotations

import base64
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .tracks import SITE

_KINDS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}  # never SVG: it can hold a program
_SIZES = {"small": 128, "large": 640}  # pixels a side: the list on a sharp screen, the player
_MOST_PIXELS = 6000 * 6000


@dataclass(frozen=True)
class Cover:
    """File names in the library of one picture: as it came, and in two sizes."""

    whole: str
    small: str
    large: str


def cover(path: Path) -> tuple[Cover, dict[str, bytes]] | None:
    """The front cover of a sound file and the files it makes, by name; None where it has none that can be read."""
    from PIL import Image, UnidentifiedImageError

    data = _picture(path)
    if not data:
        return None
    stem = f"{SITE}/covers/{hashlib.sha256(data).hexdigest()[:16]}"
    try:
        with Image.open(io.BytesIO(data), formats=list(_KINDS)) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None
            suffix, picture = _KINDS[str(opened.format)], opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    files = {f"{stem}{suffix}": data}
    for name, side in _SIZES.items():
        files[f"{stem}-{name}.jpg"] = _square(picture, side)
    whole = f"{stem}{suffix}" if suffix != ".webp" else f"{stem}-large.jpg"  # podcast apps know JPEG and PNG
    return Cover(whole, f"{stem}-small.jpg", f"{stem}-large.jpg"), files


def _square(picture: Any, side: int) -> bytes:
    """The middle of a picture as a JPEG of at most ``side`` pixels a side."""
    from PIL import ImageOps

    side = min(side, *picture.size)
    out = io.BytesIO()
    ImageOps.fit(picture, (side, side)).save(out, "JPEG", quality=78, optimize=True)
    return out.getvalue()


def _picture(path: Path) -> bytes:
    """The bytes of the first picture in the tags, of whichever kind of file; empty where there is none."""
    import mutagen
    from mutagen.flac import FLAC, Picture

    read: Any = Picture  # mutagen tells no types

    try:
        file = mutagen.File(path)
        if file is None or (file.tags is None and not isinstance(file, FLAC)):
            return b""
        if isinstance(file, FLAC):
            return bytes(file.pictures[0].data) if file.pictures else b""
        for name in file.tags:
            if name.startswith("APIC"):
                return bytes(file.tags[name].data)
        if found := file.tags.get("covr"):
            return bytes(found[0])
        if found := file.tags.get("metadata_block_picture"):
            return bytes(read(base64.b64decode(found[0])).data)
    except (mutagen.MutagenError, ValueError):
        return b""
    return b""
