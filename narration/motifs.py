"""The quiet forms that a cover is drawn of: hills, moons, waves, clouds, each a list of shapes on a square.

Large and few, so that a picture is known again at the size of a thumbnail; in three or four shades of one hue, so that
it lights no bedroom. Positions and sizes are fractions of the square's side, and every liberty comes from ``chance``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from .picture import Shape

SIDE = 1400  # pixels: the least that podcast directories take
_STEPS = 96  # corners of a circle, and along a hill


@dataclass(frozen=True)
class Palette:
    """The colours of a cover: ``sky`` from top to bottom, ``near`` for what is in front, ``light`` for what shines."""

    sky: tuple[str, str]
    near: str
    light: str


def sky(palette: Palette) -> Iterator[Shape]:
    """The ground of every cover: one colour fading into the other in bands too near to be told apart."""
    bands = 70
    for number in range(bands):
        top, bottom = number * SIDE / bands, (number + 1) * SIDE / bands
        yield Shape("box", ((0, top), (SIDE, bottom)), between(*palette.sky, number / (bands - 1)))


def between(one: str, other: str, how_far: float) -> str:
    """The colour so far on the way from one ``#rrggbb`` to the other."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * how_far):02x}" for a, b in pairs)


def _disc(x: float, y: float, radius: float, colour: str, opacity: float = 1.0) -> Shape:
    turn = [2 * math.pi * step / _STEPS for step in range(_STEPS)]
    points = tuple((SIDE * (x + radius * math.cos(a)), SIDE * (y + radius * math.sin(a))) for a in turn)
    return Shape("outline", points, colour, opacity=opacity)


def _ring(x: float, y: float, radius: float, width: float, colour: str, opacity: float, turns: float = 1.0) -> Shape:
    """A ring, or from the right over the top so much of it."""
    turn = [-2 * math.pi * turns * step / _STEPS for step in range(_STEPS + 1)]
    outer = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in turn]
    inner = [(x + (radius - width) * math.cos(a), y + (radius - width) * math.sin(a)) for a in reversed(turn)]
    return Shape("outline", tuple((SIDE * a, SIDE * b) for a, b in outer + inner), colour, opacity=opacity)


def _glow(x: float, y: float, radius: float, colour: str) -> Iterator[Shape]:
    """A disc in its own haze."""
    for step in range(16, 0, -1):
        yield _disc(x, y, radius * (1 + step * 0.07), colour, 0.015)
    yield _disc(x, y, radius, colour)


def _crescent(x: float, y: float, radius: float, colour: str) -> Shape:
    """A young moon, lit from below on the right."""
    turn = [math.pi * step / _STEPS for step in range(_STEPS + 1)]
    edge = [(math.sin(a), -math.cos(a)) for a in turn]
    inner = [(0.45 * math.sin(a), -math.cos(a)) for a in reversed(turn)]
    lean = math.radians(25)
    points = (
        (x + radius * (a * math.cos(lean) - b * math.sin(lean)), y + radius * (a * math.sin(lean) + b * math.cos(lean)))
        for a, b in edge + inner
    )
    return Shape("outline", tuple((SIDE * a, SIDE * b) for a, b in points), colour)


def _hill(line: Callable[[float], float], colour: str, opacity: float = 1.0) -> Shape:
    """Everything below a line, which gives a height for each place from 0 to 1 across."""
    ridge = [(SIDE * step / _STEPS, SIDE * line(step / _STEPS)) for step in range(_STEPS + 1)]
    return Shape("outline", (*ridge, (SIDE, SIDE), (0, SIDE)), colour, opacity=opacity)


def _rolling(height: float, swing: float, chance: Random) -> Callable[[float], float]:
    """A line of soft hills about a height."""
    first, second = chance.uniform(0, math.tau), chance.uniform(0, math.tau)
    slow, quick = chance.uniform(0.5, 0.9), chance.uniform(1.2, 1.7)

    def line(x: float) -> float:
        wave = 0.7 * math.sin(math.tau * slow * x + first) + 0.3 * math.sin(math.tau * quick * x + second)
        return height - swing * wave

    return line


def _hills(palette: Palette, chance: Random, tops: tuple[float, ...], swing: float = 0.05) -> Iterator[Shape]:
    """Ridges one before the other, each darker than the one behind."""
    far = between(palette.sky[1], palette.light, 0.16)
    for number, top in enumerate(tops):
        yield _hill(_rolling(top, swing, chance), between(far, palette.near, (number + 0.5) / len(tops)))


def moon(palette: Palette, chance: Random) -> Iterator[Shape]:
    """A crescent over hills, and a few stars."""
    x, y = chance.uniform(0.6, 0.76), chance.uniform(0.22, 0.3)
    for _ in range(22):
        across, down, size = chance.uniform(0.04, 0.96), chance.uniform(0.04, 0.55), chance.uniform(0.0015, 0.004)
        yield _disc(across, down, size, palette.light, 0.6)
    yield from list(_glow(x, y, 0.15, palette.light))[:-1]
    yield _crescent(x, y, 0.15, palette.light)
    yield from _hills(palette, chance, (0.58, 0.68, 0.8))


def pair(palette: Palette, chance: Random) -> Iterator[Shape]:
    """A small moon beside a large one, over hills."""
    x, y, radius = chance.uniform(0.36, 0.64), chance.uniform(0.29, 0.34), chance.uniform(0.17, 0.22)
    aside = chance.choice((-1, 1)) * radius * 0.8
    yield from _glow(x, y, radius, between(palette.light, palette.sky[1], 0.42))
    yield from _glow(x + aside, y + radius * 0.72, radius * 0.42, palette.light)
    yield from _hills(palette, chance, (0.6, 0.7, 0.82), 0.05)


def ridges(palette: Palette, chance: Random, count: int = 5) -> Iterator[Shape]:
    """So many ridges, and a sun that stands the higher the more they are."""
    risen = min(count, 10) / 10
    yield from _glow(0.14 + 0.7 * risen, 0.46 - 0.26 * math.sin(math.pi * 0.55 * risen), 0.085, palette.light)
    step = 0.34 / max(count, 4)
    yield from _hills(palette, chance, tuple(0.5 + step * number for number in range(count)), 0.022)


def clouds(palette: Palette, chance: Random) -> Iterator[Shape]:
    """Banks of cloud, thinning upwards before a pale sun."""
    yield from _glow(chance.uniform(0.25, 0.75), 0.24, 0.1, palette.light)
    for row, y in enumerate((0.42, 0.53, 0.66, 0.8)):
        colour = between(between(*palette.sky, y), palette.light, 0.1 + 0.09 * row)
        across = chance.uniform(-0.1, 0.0)
        while across < 1.1:
            radius = chance.uniform(0.07, 0.14)
            yield _disc(across, y + radius * 0.4, radius, colour)
            across += radius * chance.uniform(1.0, 1.3)
        yield Shape("box", ((0, SIDE * (y + 0.05)), (SIDE, SIDE)), colour)


def strata(palette: Palette, chance: Random) -> Iterator[Shape]:
    """Long slow layers, lit from within at one of them."""
    lit = chance.randrange(2, 5)
    for number in range(8):
        top = 0.2 + 0.1 * number
        colour = between(palette.sky[1], palette.near, number / 7)
        line = _rolling(top, 0.035, chance)
        yield _hill(line, palette.light if number == lit else colour, 0.75 if number == lit else 1.0)
        if number == lit:
            yield _hill(lambda x, line=line: line(x) + 0.02, colour)  # type: ignore[misc]


def ember(palette: Palette, chance: Random) -> Iterator[Shape]:
    """A great low sun, half sunk behind one heavy hill."""
    x = chance.uniform(0.36, 0.64)
    for step in range(3, 0, -1):
        yield _disc(x, 0.5, 0.28 + 0.075 * step, palette.light, 0.07)
    yield _disc(x, 0.5, 0.28, between(palette.light, palette.sky[1], 0.25))
    yield from _hills(palette, chance, (0.6, 0.74), 0.035)


def arcs(palette: Palette, chance: Random) -> Iterator[Shape]:
    """Arches, one inside the other, like a neck that bends."""
    x = chance.choice((0.3, 0.7))
    for number in range(6):
        radius = 0.57 - 0.092 * number
        colour = between(palette.near, palette.light, (number + 0.4) / 6)
        yield _ring(x, 0.6, radius, 0.045, colour, 0.35 + 0.1 * number, 0.5)
    yield _hill(lambda _: 0.6, palette.near)


def stones(palette: Palette, chance: Random) -> Iterator[Shape]:
    """A few stones, each at rest on the one below."""
    x, bottom = chance.uniform(0.42, 0.58), 0.62
    yield _hill(lambda _: 0.6, between(palette.sky[1], palette.near, 0.7))
    for number, (wide, high) in enumerate(((0.3, 0.085), (0.22, 0.07), (0.15, 0.06), (0.085, 0.045))):
        middle = x + chance.uniform(-0.025, 0.025)
        turn = [2 * math.pi * step / _STEPS for step in range(_STEPS)]
        points = [(middle + wide * _flat(math.cos(a)), bottom - high + high * _flat(math.sin(a))) for a in turn]
        colour = between(palette.near, palette.light, 0.28 + 0.2 * number)
        yield Shape("outline", tuple((SIDE * a, SIDE * b) for a, b in points), colour)
        bottom -= 2 * high * 0.97


def _flat(value: float) -> float:
    """A circle's edge pushed outwards a little: a pebble."""
    return math.copysign(abs(value) ** 0.82, value)


def trees(palette: Palette, chance: Random) -> Iterator[Shape]:
    """Firs on a slope, tall and still."""
    yield from _glow(chance.choice((0.24, 0.76)), 0.24, 0.075, palette.light)
    for top, size, opacity in ((0.5, 0.16, 0.3), (0.6, 0.26, 0.65), (0.76, 0.4, 1.0)):
        colour = between(between(palette.light, palette.sky[1], 0.75), palette.near, opacity)
        line = _rolling(top, 0.03, chance)
        yield _hill(line, colour)
        across = chance.uniform(0.0, 0.1)
        while across < 1.0:
            tall = size * chance.uniform(0.7, 1.0)
            foot = line(across) + 0.03
            corners = ((across - tall * 0.17, foot), (across, foot - tall), (across + tall * 0.17, foot))
            yield Shape("outline", tuple((SIDE * a, SIDE * b) for a, b in corners), colour)
            across += size * chance.uniform(0.45, 0.9)


def lake(palette: Palette, chance: Random) -> Iterator[Shape]:
    """The sun over still water, and its track on it."""
    x, shore = chance.uniform(0.35, 0.65), 0.46
    yield from _glow(x, 0.28, 0.12, palette.light)
    yield _hill(lambda _: shore, between(palette.sky[0], palette.near, 0.5))
    for number in range(9):
        y = shore + 0.03 + 0.042 * number
        wide = 0.05 + 0.014 * number + chance.uniform(0, 0.06)
        middle = x + chance.uniform(-0.02, 0.02)
        corners = ((SIDE * (middle - wide), SIDE * y), (SIDE * (middle + wide), SIDE * (y + 0.011)))
        yield Shape("box", corners, palette.light, opacity=0.7 - 0.055 * number)


def window(palette: Palette, chance: Random) -> Iterator[Shape]:
    """A window on to hills, from a room at rest."""
    left, right, top, bottom = 0.22, 0.78, 0.08, 0.6
    yield Shape("box", _corners(left, top, right, bottom), between(palette.light, palette.sky[1], 0.62))
    yield _disc(chance.uniform(0.34, 0.66), 0.24, 0.07, palette.light)
    for height, dark in ((0.44, 0.45), (0.52, 0.75)):
        line = _rolling(height, 0.03, chance)
        ridge = [(x, line(x)) for step in range(_STEPS + 1) for x in [left + (right - left) * step / _STEPS]]
        points = (*ridge, (right, bottom), (left, bottom))
        colour = between(palette.sky[1], palette.near, dark)
        yield Shape("outline", tuple((SIDE * a, SIDE * b) for a, b in points), colour)
    for bar in ((0.485, top, 0.515, bottom), (left, 0.325, right, 0.355), (0.16, bottom, 0.84, 0.635)):
        yield Shape("box", _corners(*bar), palette.near)


def _corners(left: float, top: float, right: float, bottom: float) -> tuple[tuple[float, float], ...]:
    return (SIDE * left, SIDE * top), (SIDE * right, SIDE * bottom)


def rings(palette: Palette, chance: Random) -> Iterator[Shape]:
    """Rings that widen from one point, as breath does."""
    x, y = 0.5 + chance.uniform(-0.04, 0.04), 0.36
    for number in range(7, 0, -1):
        yield _ring(x, y, 0.09 * number, 0.014, palette.light, 0.95 - 0.115 * number)
    yield from _glow(x, y, 0.042, palette.light)


def waves(palette: Palette, chance: Random) -> Iterator[Shape]:
    """A swell that grows calm from top to bottom."""
    turn, crest = chance.uniform(0, math.tau), between(palette.sky[1], palette.light, 0.4)
    for number in range(7):
        high = 0.075 * (1 - number / 6.5) ** 1.2
        line = _swell(0.2 + 0.1 * number, high, 1.4 + 0.12 * number, turn + 0.9 * number)
        yield _hill(line, between(crest, palette.near, (number / 6) ** 0.7))


def _swell(middle: float, high: float, count: float, turn: float) -> Callable[[float], float]:
    return lambda x: middle + high * math.sin(math.tau * count * x + turn)
