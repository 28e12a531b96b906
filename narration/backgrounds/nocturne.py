"""A felt piano that strays through slow chords: few notes, mostly rising, never in time.

The chords are those of a pad that sounds under it. A thought is a bass note and a few notes of the chord that follow;
thoughts come nine seconds apart on average, yet anywhere, so that no grid is heard, and every fourth is hardly there.
"""

from __future__ import annotations

import numpy as np

from . import BackgroundInfo, piano
from .chance import uniform
from .engine import Cells, Sound, Sum, Synthetic
from .piano import PIANO_HZ, PIANO_TIMES, large_hall, strike
from .rooms import in_room, raised
from .tones import LOW_TIMES, PAD, Chords, choir, chord

_THOUGHT_S = 9.1
_ASTRAY_S = 6.4  # how late a thought may come
_LASTS_S = 9.0  # at most, from its first note to its last
_RINGS_S = 6.5
_RISES = (1, 1, 2, -1)  # to the next note of the chord, mostly upward
_GAIN = 10 ** (3.25 / 20)
_PAD = Chords(PAD.chords, dwell_s=33.0, cents=12.0, bright_hz=520.0, gain=PAD.gain * 10 ** (-1.15 / 20))


def nocturne(seed: int) -> Synthetic:
    """A piano, far away and almost asleep, over soft chords."""
    hop = round(_THOUGHT_S * PIANO_HZ)
    length = round((_ASTRAY_S + _LASTS_S + _RINGS_S + 1.0) * PIANO_HZ)

    def cell(k: int) -> Sound:
        sound = np.zeros((2, length), np.float32)
        for note in thought(seed, k):
            strike(sound, note, _GAIN)
        return sound

    info = BackgroundInfo("nocturne", "Nocturne", "music", "MIT", "made by narration from its seed")
    played = raised(in_room(Cells(hop, length, cell), large_hall(), 0.55, 0.85), PIANO_TIMES)
    return Synthetic(info, Sum((played, raised(choir(seed, "nocturne", _PAD), LOW_TIMES))))


def thought(seed: int, k: int) -> list[piano.Note]:
    """The notes of thought ``k``, in seconds from its cell's beginning; k may be negative."""
    late, many, low, pace, high, which, *chance = uniform(seed, "thought", k, 32)
    hardly = k % 4 == 3
    at_s = float(late) * _ASTRAY_S
    begins_s = at_s
    voices = [piano.pitch(name) for name in chord_at(seed, k * _THOUGHT_S + at_s)]
    pool = sorted({*voices[1:], *(number + 12 for number in voices[2:])})
    notes = [_note(at_s, voices[0] if voices[0] > 36 else voices[0] + 12, 0.30)]
    place = int(low * 3)
    for i in range(1 + int(2 * many) if hardly else 2 + int(4 * many)):
        at_s += (0.70 + 0.60 * float(chance[2 * i])) * (0.9 + 0.5 * float(pace))
        place = min(len(pool) - 1, max(0, place + _RISES[int(len(_RISES) * chance[2 * i + 1])]))
        notes.append(_note(at_s, pool[place], 0.24 + 0.10 * float(chance[12 + i])))
    if high < 0.40 and not hardly:
        top = [number + 12 for number in voices[2:] if number + 12 >= 74] or [pool[-1]]
        notes.append(_note(max(at_s + 1.2, begins_s + 6.0), top[int(which * len(top))], 0.24))
    return notes


def chord_at(seed: int, time_s: float) -> tuple[str, ...]:
    """The chord of the pad that is the louder one at that time: the next comes up from a third of each dwell on."""
    place, passed = divmod(time_s / _PAD.dwell_s, 1.0)
    return chord(seed, "nocturne", _PAD, int(place) + (passed > 0.67))


def _note(start_s: float, number: int, touch: float) -> piano.Note:
    return piano.Note(start_s, number, touch, _RINGS_S - 1.0, (number - 62) / 60)
