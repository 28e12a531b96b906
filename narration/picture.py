"""The plan as a picture: chapters, speech, holds, pauses, breaths and the background's level along the time axis.

A picture is a list of shapes; SVG and PNG are two ways of writing the same shapes down, so they look the same.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import numpy as np

from .curves import level_db
from .errors import UsageError
from .files import MARK, generator
from .levels import Levels
from .spans import Plan, Span
from .timing import RATE_HZ, clock, in_words

WIDTH, MARGIN = 1600, 60  # pixels
_INK, _PAPER, _SOFT = "#22303c", "#fbfaf7", "#8a949c"
_BANDS = ("#eef1f4", "#e2e8ee")
COLOURS = {  # told apart in grey and by the colour-blind too: they differ in lightness and in height
    "say": "#2f5d8a",
    "hold": "#b5483a",
    "pause": "#cfd6dc",
    "release": "#a9c4b0",
    "breathe": "#7b6aa8",
    "background": "#d9b66f",
}
_HEIGHTS = {"say": 70, "hold": 54, "breathe": 44, "release": 26, "pause": 14}
_FLOOR_DB = -24.0  # lowest level drawn


@dataclass(frozen=True)
class Shape:
    """A rectangle (two corners), a filled outline, or a text at a point; pixels, the origin at the top left."""

    kind: str  # box | outline | text
    points: tuple[tuple[float, float], ...]
    colour: str
    text: str = ""
    size: int = 0
    anchor: str = "start"  # start | middle | end
    opacity: float = 1.0


@dataclass(frozen=True)
class Picture:
    """Shapes in the order in which they are drawn, on paper of so many pixels."""

    width: int
    height: int
    title: str
    shapes: tuple[Shape, ...]


def timeline(plan: Plan, levels: Levels) -> Picture:
    """The whole session on one axis, its chapters numbered and named below."""
    rows = -(-len(plan.chapters) // 3)
    height = 420 + 28 * rows
    shapes = [Shape("box", ((0, 0), (WIDTH, height)), _PAPER)]
    shapes.append(Shape("text", ((MARGIN, 44),), _INK, plan.title, 28))
    told = f"{in_words(plan.length)} · {plan.words} words · {plan.speech / plan.length:.0%} speech"
    shapes.append(Shape("text", ((WIDTH - MARGIN, 44),), _SOFT, told, 20, "end"))
    shapes += [*_chapters(plan), *_spans(plan), *_background(plan, levels), *_axis(plan), *_legend(), *_names(plan)]
    return Picture(WIDTH, height, plan.title, tuple(shapes))


def _x(plan: Plan, sample: float) -> float:
    return MARGIN + (WIDTH - 2 * MARGIN) * sample / plan.length


_TOP, _BASE, _LEVEL_TOP, _LEVEL_BASE = 72, 218, 236, 296  # rows: chapters from, spans stand on, background between


def _chapters(plan: Plan) -> Iterator[Shape]:
    ends = [chapter.start for chapter in plan.chapters[1:]] + [plan.length]
    for number, (chapter, end) in enumerate(zip(plan.chapters, ends, strict=True), start=1):
        left, right = _x(plan, chapter.start), _x(plan, end)
        yield Shape("box", ((left, _TOP), (right, _LEVEL_BASE)), _BANDS[number % 2])
        if right - left > 16:
            yield Shape("text", (((left + right) / 2, _TOP + 26),), _SOFT, str(number), 20, "middle")


def _spans(plan: Plan) -> Iterator[Shape]:
    for span in plan.spans:
        if span.kind == "breathe":
            yield from _waves(plan, span)
        elif span.kind in _HEIGHTS:
            left, right = _x(plan, span.start), _x(plan, span.end)
            corners = ((left, _BASE - _HEIGHTS[span.kind]), (max(right, left + 1), _BASE))
            yield Shape("box", corners, COLOURS[span.kind])


def _waves(plan: Plan, span: Span) -> Iterator[Shape]:
    """Each breath a hill: up as it is drawn in, down as it is let out, flat where it is held."""
    phases = span.node.phases  # type: ignore[union-attr]  # the caller saw that it breathes
    whole = float(sum(seconds for _, seconds in phases))
    times = span.node.times  # type: ignore[union-attr]
    points = [(_x(plan, span.start), float(_BASE))]
    for number in range(times):
        at, height = 0.0, 0
        for kind, seconds in phases:
            at += float(seconds)
            height = {"in": _HEIGHTS["breathe"], "out": 0, "hold": height}[kind]
            points.append((_x(plan, span.start + span.length * (number + at / whole) / times), float(_BASE - height)))
    yield Shape("outline", (*points, (_x(plan, span.end), float(_BASE))), COLOURS["breathe"])


def _background(plan: Plan, levels: Levels) -> Iterator[Shape]:
    where = np.linspace(0, plan.length, WIDTH - 2 * MARGIN)
    loud = np.clip(level_db(plan, levels, where), _FLOOR_DB, levels.duck_db)
    heights = (loud - _FLOOR_DB) / (levels.duck_db - _FLOOR_DB) * (_LEVEL_BASE - _LEVEL_TOP)
    hill = [(_x(plan, at), float(_LEVEL_BASE - height)) for at, height in zip(where, heights, strict=True)]
    ends = ((_x(plan, 0), float(_LEVEL_BASE)), (_x(plan, plan.length), float(_LEVEL_BASE)))
    yield Shape("outline", (ends[0], *hill, ends[1]), COLOURS["background"])


def _axis(plan: Plan) -> Iterator[Shape]:
    minutes = plan.length / RATE_HZ / 60
    step_s = next(step for step in (10, 30, 60, 120, 300, 600, 1800, 3600) if minutes * 60 / step <= 16 or step == 3600)
    yield Shape("box", ((MARGIN, _LEVEL_BASE), (WIDTH - MARGIN, _LEVEL_BASE + 1.5)), _INK)
    for second in range(0, int(minutes * 60) + 1, step_s):
        at = _x(plan, second * RATE_HZ)
        yield Shape("box", ((at, _LEVEL_BASE), (at + 1.5, _LEVEL_BASE + 8)), _INK)
        label = clock(second * RATE_HZ).removesuffix(".0")
        yield Shape("text", ((at, _LEVEL_BASE + 28),), _SOFT, label, 17, "middle")


def _legend() -> Iterator[Shape]:
    names = {"say": "speech", "breathe": "breaths", "release": "release", "background": "background level"}
    at = float(MARGIN)
    for kind, colour in COLOURS.items():
        name = names.get(kind, kind)
        yield Shape("box", ((at, 352), (at + 18, 370)), colour)
        yield Shape("text", ((at + 26, 368),), _INK, name, 18)
        at += 60 + 11 * len(name)


def _names(plan: Plan) -> Iterator[Shape]:
    rows = -(-len(plan.chapters) // 3)
    for number, chapter in enumerate(plan.chapters):
        column, row = divmod(number, rows)
        place = (MARGIN + column * (WIDTH - 2 * MARGIN) / 3, 410.0 + 28 * row)
        text = f"{number + 1}  {clock(chapter.start)[:-2]}  {_short(chapter.title, 36)}"
        yield Shape("text", (place,), _INK, text, 18)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def svg(picture: Picture) -> bytes:
    """The picture as SVG 1.1, readable at any size; the title is there for screen readers."""
    size = f'width="{picture.width}" height="{picture.height}" viewBox="0 0 {picture.width} {picture.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="Helvetica, Arial, sans-serif">',
        f"<!-- {MARK}: {generator()} -->",
        f"<title>{escape(picture.title)}</title>",
    ]
    for shape in picture.shapes:
        (x, y), *rest = shape.points
        fill = f'fill="{shape.colour}"' + (f' fill-opacity="{shape.opacity:.3f}"' if shape.opacity < 1 else "")
        match shape.kind:
            case "box":
                ((x2, y2),) = rest
                corner = f'x="{x:.1f}" y="{y:.1f}" width="{x2 - x:.1f}" height="{y2 - y:.1f}"'
                lines.append(f"<rect {corner} {fill}/>")
            case "outline":
                outline = " ".join(f"{px:.1f},{py:.1f}" for px, py in shape.points)
                lines.append(f'<polygon points="{outline}" {fill}/>')
            case "text":
                style = f'font-size="{shape.size}" {fill} text-anchor="{shape.anchor}"'
                lines.append(f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(shape.text)}</text>')
    return "\n".join([*lines, "</svg>", ""]).encode()


def png(picture: Picture) -> bytes:
    """The same picture as PNG."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("Title", picture.title)
    info.add_text("Software", generator())
    out = io.BytesIO()
    _drawn(picture).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def jpeg(picture: Picture) -> bytes:
    """The same picture as JPEG, for the front of a track: about a tenth of the PNG."""
    from PIL import Image

    told = Image.Exif()
    told[_SOFTWARE] = generator()
    out = io.BytesIO()
    _drawn(picture).save(out, "JPEG", quality=88, optimize=True, exif=told)
    return out.getvalue()


_SOFTWARE = 0x0131  # Exif


def _drawn(picture: Picture) -> Any:
    """The shapes drawn by Pillow with a font that comes along, so that none need be installed."""
    from PIL import Image

    image = Image.new("RGB", (picture.width, picture.height))
    for top in range(0, picture.height, _BAND):
        image.paste(_band(picture, top, min(_BAND, picture.height - top)), (0, top))
    return image


_BAND = 350  # pixels: drawn whole, a cover would take more memory than all the rest of a render
_SCALE = 2  # drawn larger and shrunk: smooth edges


def _band(picture: Picture, top: int, height: int) -> Any:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (picture.width * _SCALE, height * _SCALE))
    solid, veiled = ImageDraw.Draw(image), ImageDraw.Draw(image, "RGBA")  # which mixes every pixel with what is there
    for shape in picture.shapes:
        draw = solid if shape.opacity == 1 else veiled
        points = [(x * _SCALE, (y - top) * _SCALE) for x, y in shape.points]
        fill = shape.colour if shape.opacity == 1 else f"{shape.colour}{round(shape.opacity * 255):02x}"
        match shape.kind:
            case "box":
                (left, upper), (right, bottom) = points
                edge = shape.opacity < 1  # Pillow draws the last row too, where two veils side by side would both lie
                draw.rectangle([left, upper, right - edge, bottom - edge], fill=fill)
            case "outline":
                draw.polygon(points, fill=fill)
            case "text":
                anchor = {"start": "ls", "middle": "ms", "end": "rs"}[shape.anchor]
                draw.text(points[0], shape.text, fill=fill, font=font(shape.size * _SCALE), anchor=anchor)
    return image.reduce(_SCALE)


@lru_cache(maxsize=64)
def font(size: int) -> Any:
    """The typeface of every picture, Source Sans, at a size in pixels: Latin with all accents, Greek and Cyrillic."""
    from font_source_sans_pro import font_files_ttf
    from PIL import ImageFont

    return ImageFont.truetype(font_files_ttf["SourceSansPro"], size)


FORMATS = {".svg": svg, ".png": png, ".jpg": jpeg}


def writer_of(suffix: str) -> Callable[[Picture], bytes]:
    """What writes a picture in the format of a file name's end. Raises UsageError for another than FORMATS has."""
    if suffix.lower() not in FORMATS:
        raise UsageError(f'no picture format "{suffix}" (have: {", ".join(FORMATS)}).', hint="--picture timeline.svg")
    return FORMATS[suffix.lower()]
