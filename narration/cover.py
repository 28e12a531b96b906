"""The front of a track: a quiet picture made of the session's own purpose and title, or the listener's own file.

The same session has the same cover on every machine with the same Pillow; its motif comes from what the script says of
itself (tags, title, ending), its hue and arrangement from its title.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from random import Random

from . import motifs
from .document import Document
from .encode import Cover
from .errors import NarrationError, Place
from .files import generator
from .made import code, once
from .motifs import SIDE, Palette
from .picture import Picture, Shape, font, jpeg

LARGEST = 16_000_000  # bytes of a cover: what a FLAC's picture holds is a little more
MIME = {"JPEG": "image/jpeg", "PNG": "image/png"}  # Pillow's names for the formats that players read
_INK = "#f1ece2"
_MARGIN = 100  # pixels
_SMALL, _LEAST = 100, 84  # pixels: what stands over the title, and the title at least
_LARGE = {1: 220, 2: 190, 3: 140}  # pixels: the title at most, by its lines, so that it leaves room for the motif

Motif = Callable[[Palette, Random], Iterator[Shape]]

# What a script speaks of, the motif, and its hues from .. to in degrees; the first row that fits.
MOTIFS: tuple[tuple[str, Motif, tuple[int, int]], ...] = (
    ("pregnan", motifs.pair, (255, 345)),
    ("cloud|thought|imagery|visuali", motifs.clouds, (200, 225)),
    ("scan", motifs.strata, (165, 195)),
    ("warm|heav|autogenic", motifs.ember, (8, 22)),
    ("isometric|hold and release", motifs.stones, (30, 45)),
    ("neck|shoulder|self-massage", motifs.arcs, (95, 150)),
    ("stretch|standing|feet|walk", motifs.trees, (140, 165)),
    ("stress|ground|panic", motifs.lake, (180, 215)),
    ("office|desk|break", motifs.window, (205, 245)),
    ("muscle|tension", motifs.waves, (225, 260)),
    ("bed|sleep|night", motifs.moon, (215, 250)),
    ("breath", motifs.rings, (170, 205)),
)
# Degrees: the hues of a course's lessons, told apart by the eye, which parts fewer greens than blues and reds.
_LESSON_HUES = (218, 250, 282, 318, 348, 12, 32, 58, 130, 178, 198, 234)
_LESSON = re.compile(r"\b(?:lesson|day|week|part)\s+(\d{1,2})\b", re.IGNORECASE)


def front(script: Document, title: str = "", file: Path | None = None) -> Cover:
    """The cover of a script's track: ``file``, or one that is drawn. Raises NarrationError for a file that is none."""
    if file is not None:
        return load(file)
    title = title or script.title
    return Cover(_drawn(title, _about(script)), MIME["JPEG"], SIDE, SIDE)


def load(path: Path) -> Cover:
    """A JPEG or PNG file as it is. Raises NarrationError where it is neither, damaged, or over ``LARGEST`` bytes."""
    from PIL import Image, UnidentifiedImageError

    place, hint = Place(str(path)), "a JPEG or PNG picture, square, of 1400 to 3000 pixels"
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise NarrationError(f"the cover has {size:,} bytes; expected at most {LARGEST:,}.", place, hint)
        data = path.read_bytes()
        with Image.open(path) as image:
            kind, size_px = image.format or "", image.size
            image.load()
    except UnidentifiedImageError:
        raise NarrationError("the cover is not a picture that can be read.", place, hint) from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NarrationError(f"the cover cannot be read: {error}.", place, hint) from None
    if kind not in MIME:
        raise NarrationError(f"the cover is {kind}, which few players show.", place, hint)
    return Cover(data, MIME[kind], *size_px)


def _drawn(title: str, about: tuple[str, ...]) -> bytes:
    by = generator(), version("pillow"), version("font-source-sans-pro"), code("cover.py", "motifs.py", "picture.py")
    return once("cover", (title, *about, *by), lambda: jpeg(_composed(title, about)))


def picture(script: Document, title: str = "") -> Picture:
    """The cover as shapes on a square of 1400 pixels, to be written by any of the writers of pictures."""
    return _composed(title or script.title, _about(script))


def _about(script: Document) -> tuple[str, ...]:
    """What decides the motif: for whom it is, its first tags, then its title, then how it ends."""
    whom = "pregnancy" if script.audience == "pregnancy" else ""
    return (" ".join([whom, *script.tags[:2]]).lower(), script.title.lower(), script.ending)


def _composed(title: str, about: tuple[str, ...]) -> Picture:
    chance = Random(sha256(title.encode()).digest())  # noqa: S311 - a picture, not a secret
    night = about[-1] == "sleep"
    lesson = _LESSON.search(title)
    if lesson:
        count = min(max(int(lesson[1]), 1), len(_LESSON_HUES))
        palette = _palette(_LESSON_HUES[count - 1], night, chance)
        drawn = motifs.ridges(palette, chance, count)
    else:
        motif, (low, high) = _motif(about, chance)
        palette = _palette(chance.uniform(low, high), night, chance)
        drawn = motif(palette, chance)
    shapes = (*motifs.sky(palette), *drawn, *_shade(palette), *_title(title))
    return Picture(SIDE, SIDE, title, shapes)


def _motif(about: tuple[str, ...], chance: Random) -> tuple[Motif, tuple[int, int]]:
    for words in about:
        for speaks, motif, hues in MOTIFS:
            if re.search(rf"\b(?:{speaks})", words):
                return motif, hues
    return chance.choice([(motif, hues) for _, motif, hues in MOTIFS])


def _palette(hue: float, night: bool, chance: Random) -> Palette:
    """Dark shades of one hue, and a warm pale light; darker still for the night."""

    def colour(degrees: float, lightness: float, saturation: float) -> str:
        parts = colorsys.hls_to_rgb(degrees % 360 / 360, lightness, saturation)
        return "#" + "".join(f"{round(part * 255):02x}" for part in parts)

    turn, dim = chance.choice((-22, 22)), 0.72 if night else 1.0
    return Palette(
        sky=(colour(hue, 0.085 * dim, 0.5), colour(hue + turn, 0.27 * dim, 0.36)),
        near=colour(hue, 0.055 * dim, 0.45),
        light=colour(38 + chance.uniform(-6, 10), 0.8 - 0.08 * night, 0.55),
    )


def _shade(palette: Palette) -> Iterator[Shape]:
    """A dusk that deepens towards the foot, so that the title stands on a quiet ground."""
    for step in range(20):
        top = SIDE * (0.6 + 0.02 * step)
        yield Shape("box", ((0, top), (SIDE, top + SIDE * 0.02)), palette.near, opacity=min(0.8, 0.07 * (step + 1)))


def _title(title: str) -> Iterator[Shape]:
    """The title at the foot, as large as it fits in three lines; what stands before its colon small above it.

    Nothing where the typeface lacks a letter: empty boxes tell nobody anything.
    """
    if not all(_has(letter) for letter in title):
        return
    over, _, main = title.rpartition(": ")
    lines, size = _set(main[:1].upper() + main[1:])
    y = SIDE - _MARGIN
    for line in reversed(lines):
        yield Shape("text", ((_MARGIN, y),), _INK, line, size)
        y -= round(size * 1.04)
    if over:
        yield Shape("text", ((_MARGIN, y - round(size * 0.06)),), _INK, _cut(over, _SMALL), _SMALL, opacity=0.8)


def _set(text: str) -> tuple[list[str], int]:
    """The text in at most three lines, broken so that it can be set largest; cut where even the least is too large."""
    words = text.split()
    breaks = [[text]]
    breaks += [[" ".join(words[:a]), " ".join(words[a:])] for a in range(1, len(words))]
    breaks += [
        [" ".join(words[:a]), " ".join(words[a:b]), " ".join(words[b:])]
        for a in range(1, min(len(words), 12))
        for b in range(a + 1, min(len(words), 12))
    ]
    sized = [(min(_largest(line, len(lines)) for line in lines), -max(map(len, lines)), lines) for lines in breaks]
    size, _, lines = max(sized, key=lambda one: one[:2])
    return [_cut(line, max(size, _LEAST)) for line in lines], max(size, _LEAST)


def _largest(line: str, lines: int) -> int:
    """The size in pixels at which one of so many lines fills the width, no more than there is room for."""
    return int(min(_LARGE[lines], 98 * (SIDE - 2 * _MARGIN) / max(font(100).getlength(line), 1)))


def _cut(line: str, size: int) -> str:
    while len(line) > 1 and font(size).getlength(line) > SIDE - 2 * _MARGIN:
        line = line.rstrip("…")[:-1].rstrip() + "…"
    return line


@lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    missing = font(40).getmask("\U0010fffd")
    drawn = font(40).getmask(letter)
    return letter.isspace() or (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))
