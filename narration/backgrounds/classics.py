"""Classical pieces on a felt piano, one after another for ever, each round in another order.

The pieces are in the public domain; their notes are typed for this project (see ``scores/``). Under them, and between
them, lies a faint halo: the harmony of the moment, sung as pad sings, so that there is never silence and an onset
never comes out of nothing. From the second round on a piece may be heard a tone or a fourth lower.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from math import floor

import numpy as np

from . import BackgroundInfo
from .chance import Floats, lone, uniform
from .engine import Cells, Sound, Sum, Synthetic, frequencies, low_pass, noise
from .performance import Performance, length_s, performed
from .piano import PIANO_HZ, PIANO_TIMES, large_hall, strike, to_hz
from .rooms import in_room, raised
from .score import Piece, names, piece
from .tones import LOW_HZ, LOW_TIMES, singing

_BETWEEN_S = 2.0  # from the last double bar, over which the hall still rings, to the next first note
_HOP_S = 2.0
_RINGS_S = 7.0
_LOWER = (0, 0, -2, -5)  # semitones, after the first round
_LOWEST = 28  # E1: 41 Hz; below it a piece is not moved

_GAIN = 10 ** (0.55 / 20)
_HALO = 10 ** (-9.1 / 20)
_HALO_NOTES = range(48, 72)  # C3 to B4: where a halo is neither boomy nor bright
_NEAR_S = 1.4  # how far around a moment its harmony is gathered


@dataclass(frozen=True)
class Turn:
    """A piece in its place: when it begins and makes room, in seconds, and how much it is moved, in semitones."""

    name: str
    start_s: float
    end_s: float
    shift: int
    round: int

    def piece(self) -> Piece:
        """What is played."""
        return piece(self.name)


def classics(seed: int) -> Synthetic:
    """Eight slow pieces by Bach, Schumann, Chopin and Satie, on a felt piano in a hall."""
    info = BackgroundInfo("classics", "Classical pieces on a felt piano", "music", "MIT", _source())
    hop = round(_HOP_S * PIANO_HZ)
    length = hop + round(_RINGS_S * PIANO_HZ)

    def cell(k: int) -> Sound:
        sound = np.zeros((2, length), np.float32)
        from_s, to_s = k * hop / PIANO_HZ, (k + 1) * hop / PIANO_HZ
        for turn in turns(seed, from_s, to_s):
            playing = _played(seed, turn)
            gain = _GAIN * 10 ** (turn.piece().level_db / 20)
            first, last = np.searchsorted(playing.starts, [from_s - turn.start_s, to_s - turn.start_s])
            for note in playing.notes[first:last]:
                at_s = note.start_s + turn.start_s - from_s
                held_s = min(note.held_s, _RINGS_S - 1.0)
                strike(sound, note._replace(start_s=at_s, held_s=held_s), gain)
        return sound

    music = raised(in_room(Cells(hop, length, cell), large_hall(), 0.5, 0.92), PIANO_TIMES)
    halo = raised(_halo(seed), LOW_TIMES)
    return Synthetic(info, Sum((music, halo)))


def turns(seed: int, from_s: float, to_s: float) -> list[Turn]:
    """The pieces whose places touch the seconds from ``from_s`` to ``to_s``, in order; times may be negative."""
    rounds = range(floor(from_s / round_s()), floor(to_s / round_s()) + 1)
    return [turn for number in rounds for turn in _round(seed, number) if turn.end_s > from_s and turn.start_s < to_s]


@lru_cache(4)  # asked for by every stretch of the music and of its halo
def _round(seed: int, number: int) -> tuple[Turn, ...]:
    """All the turns of a round."""
    starts_s, found = number * round_s(), []
    for place, name in enumerate(order(seed, number)):
        ends_s = starts_s + length_s(piece(name)) + _BETWEEN_S
        found.append(Turn(name, starts_s, ends_s, _shift(seed, number, place, name), number))
        starts_s = ends_s
    return tuple(found)


@cache
def round_s() -> float:
    """How long it takes to hear every piece once, in seconds."""
    return sum(length_s(piece(name)) + _BETWEEN_S for name in names())


def order(seed: int, number: int) -> tuple[str, ...]:
    """The pieces in the order of that round; none comes twice in a row, from round to round either."""
    mine = _shuffled(seed, number)
    if mine[0] == _shuffled(seed, number - 1)[-1]:
        mine[0], mine[1] = mine[1], mine[0]
    return tuple(mine)


def _shuffled(seed: int, number: int) -> list[str]:
    known = names()
    return [known[i] for i in np.argsort(uniform(seed, "round", number, len(known)))]


def _shift(seed: int, number: int, place: int, name: str) -> int:
    chance = lone(seed, f"shift {place}", number)
    shift = 0 if number == 0 else _LOWER[int(chance * len(_LOWER))]
    return shift if _lowest(name) + shift >= _LOWEST else 0


@cache
def _lowest(name: str) -> int:
    return min(note.number for note in piece(name).notes)


@lru_cache(4)  # the piece at hand and the next, each asked for every two seconds; a few hundred kB each
def _played(seed: int, turn: Turn) -> Performance:
    return performed(turn.piece(), seed, f"{turn.name} {turn.round}", turn.shift)


def _halo(seed: int) -> Cells:
    """The notes around a moment, brought into the middle of the keyboard and held; at the same level always."""
    size = 2**13
    hz = frequencies(size, LOW_HZ, 1900.0)
    bells = np.array([singing(hz, to_hz(number), 11.0, LOW_HZ / size, 420.0) for number in _HALO_NOTES]) ** 2
    bells *= low_pass(hz, 700.0, 1) ** 2

    def colour(time_s: float) -> Floats:
        weights = _harmony(seed, time_s)
        return np.asarray(_HALO * np.sqrt(weights @ bells / weights.sum()))

    return noise(seed, "halo", colour, size, 0.1 + 0.35 * low_pass(hz, 200.0, 1), LOW_HZ)


def _harmony(seed: int, time_s: float) -> Floats:
    """How much each of _HALO_NOTES belongs to the moment, as powers; the last chord of a piece waits for the next."""
    weights = np.full(len(_HALO_NOTES), 1e-9)
    for turn in turns(seed, time_s - _NEAR_S, time_s + _NEAR_S):
        playing = _played(seed, turn)
        at_s = time_s - turn.start_s
        ends = np.where(playing.ends > playing.ends.max() - 0.5, playing.ends + _BETWEEN_S, playing.ends)
        near = np.clip(np.minimum(ends, at_s + _NEAR_S) - np.maximum(playing.starts, at_s - _NEAR_S), 0.0, None)
        for i in np.flatnonzero(near):
            number = playing.notes[i].number
            while number < _HALO_NOTES[0]:
                number += 12
            while number > _HALO_NOTES[-1]:
                number -= 12
            weights[number - _HALO_NOTES[0]] += near[i] * playing.inner[i]
    return weights**2


@cache
def _source() -> str:
    pieces = [piece(name) for name in names()]
    return "typed by narration from works in the public domain: " + "; ".join(
        f"{one.composer}, {one.title} ({one.year})" for one in sorted(pieces, key=lambda one: (one.year, one.title))
    )
