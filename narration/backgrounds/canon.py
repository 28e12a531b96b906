"""The default music: a felt piano that varies Pachelbel's ground for ever, never twice the same way.

Source: Johann Pachelbel, Canon in D (about 1690), in the public domain: its ground, its first line, and its rule that
a second voice plays what the first has just played. The other lines, the figures and the spacings are ours.
A cycle is the ground once: eight chords of two slow beats. Each cycle draws a line, a figure and a spacing of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import BackgroundInfo, piano
from .chance import drift, uniform
from .engine import Cells, Sound, Synthetic
from .piano import PIANO_HZ, PIANO_TIMES, hall, pitch, strike
from .rooms import in_room, raised

BEAT_S = 1.05
CHORDS = 8
GROUND = "D3 A2 B2 F#2 G2 D2 G2 A2"
SPACINGS = (  # three voices over the ground, by the shortest ways without parallel fifths and octaves; both join up
    "F#3,A3,D4 E3,A3,C#4 D3,F#3,B3 F#3,A3,C#4 D3,G3,B3 F#3,A3,D4 G3,B3,D4 E3,A3,C#4",
    "F#3,A3,D4 A3,C#4,E4 F#3,B3,D4 A3,C#4,F#4 G3,B3,D4 A3,D4,F#4 B3,D4,G4 A3,C#4,E4",
)
FIGURES = ("0121", "0212", "0123", "2101", "-012", "0-21", "01-2", "0132")  # half beats; 3: the lowest, an octave up
# One note a chord, or one a beat. Lines of even and of odd cycles meet, each as the upper or the lower voice, without
# parallel fifths or octaves, over the ground too; so no line may be used on the other side untried.
LINES = (
    (
        "F#5 E5 D5 C#5 B4 A4 B4 C#5",  # Pachelbel's
        "D5 E5 D5 C#5 B4 D5 D5 C#5",
        "F#5 E5,C#5 D5 A4,C#5 B4 D5,A4 B4,D5 C#5",
        "F#5 C#5 D5 A4 B4 F#4 G4 C#5",
    ),
    (
        "D5 C#5 B4 A4 D5 D5 B4 E5",
        "A5 A5 F#5 A5 G5 A5 G5 E5",
        "A4 C#5 B4 A4 G4 A4 G4,B4 A4,C#5",
        "A5 A5 F#5,D5 F#5 D5 D5 B4 A4,C#5",
        "A4 C#5 F#5 A5 G5 F#5 D5 A4,C#5",
        "A4 A4 F#4,B4 C#5,F#5 D5 D5,F#5 D5,B4 A4,C#5",
        "D5,F#5 A5,E5 B4,D5 F#5,A5 G5,D5 D5,F#5 D5,B4 E5",
    ),
)

_CHORD_S = 2 * BEAT_S
_RINGS_S = 6.0
_RESTS = 0.12  # how often no line begins
_GAIN = 10 ** (1.67 / 20)  # measured: the middle of ten seeds at REFERENCE_LUFS
_TOUCH = {"bass": 0.30, "figure": 0.26, "line": 0.38, "answer": 0.28}


class Note(NamedTuple):
    """A note of one chord: which voice plays it, when after the chord begins, what, how firmly, how long, and where."""

    voice: str
    start_s: float
    number: int  # MIDI
    touch: float  # 0 to 1
    held_s: float
    side: float  # -1 left, 1 right


def canon(seed: int) -> Synthetic:
    """Endless variations on Pachelbel's ground, on a felt piano in a hall."""
    info = BackgroundInfo(
        "canon", "Variations on Pachelbel's canon", "music", "MIT", "made by narration from its seed; ground of 1690"
    )
    hop = round(_CHORD_S * PIANO_HZ)
    length = hop + round(_RINGS_S * PIANO_HZ)

    def cell(k: int) -> Sound:
        sound = np.zeros((2, length), np.float32)
        for note in chord_notes(seed, k):
            strike(sound, piano.Note(*note[1:]), _GAIN)
        return sound

    return Synthetic(info, raised(in_room(Cells(hop, length, cell), hall(), 0.72, 0.66), PIANO_TIMES))


def line_of(seed: int, cycle: int) -> str:
    """The line that begins in a cycle, as in LINES; empty where the voice rests."""
    rest, which = uniform(seed, "line", cycle, 2)
    lines = LINES[cycle % 2]
    return "" if rest < _RESTS else lines[int(which * len(lines))]


def chord_notes(seed: int, k: int) -> list[Note]:
    """What is played over chord ``k``, counted through all cycles; k may be negative."""
    cycle, chord = divmod(k, CHORDS)
    figure, spacing = uniform(seed, "cycle", cycle, 2)
    chance = iter(uniform(seed, "hand", k, 16))
    swell = drift(seed, "swell", k * _CHORD_S, 11.3, 0.92, 1.06)
    lean_s = drift(seed, "lean", k * _CHORD_S, 7.1, 0.0, 0.12)  # time bends a little, as under a hand

    def note(voice: str, beat: float, number: int, held_beats: float) -> Note:
        late_s = {"bass": 0.0, "figure": 0.04, "line": 0.12, "answer": 0.20}[voice] + 0.024 * next(chance)
        touch = _TOUCH[voice] * swell * (1.0 if beat == int(beat) else 0.88)
        return Note(voice, beat * BEAT_S + lean_s + late_s, number, touch, held_beats * BEAT_S, (number - 62) / 60)

    voices = [pitch(name) for name in SPACINGS[int(spacing * len(SPACINGS))].split()[chord].split(",")]
    voices.append(voices[0] + 12)
    notes = [note("bass", 0.0, pitch(GROUND.split()[chord]), 2.2)]
    for half_beat, voice in enumerate(FIGURES[int(figure * len(FIGURES))]):
        if voice != "-":
            notes.append(note("figure", half_beat / 2, voices[int(voice)], 2.2))
    for voice, line, lower in (("line", line_of(seed, cycle), 0), ("answer", line_of(seed, cycle - 1), 12)):
        beats = line.split()[chord].split(",") if line else []
        notes += [note(voice, beat, pitch(name) - lower, 2.15 / len(beats)) for beat, name in enumerate(beats)]
    return notes
