from itertools import pairwise

import numpy as np
import pytest

from narration.backgrounds import canon, classics, load, loops, names, nocturne, piano, tones
from narration.backgrounds.chance import uniform

from .test_backgrounds import played

MUSIC = {
    "bowls": tones.bowls,
    "canon": canon.canon,
    "classics": classics.classics,
    "drone": tones.drone,
    "loops": loops.loops,
    "nocturne": nocturne.nocturne,
    "pad": tones.pad,
}
MADE = pytest.mark.parametrize("made", MUSIC.values(), ids=MUSIC)
SCALE = {piano.pitch(name) % 12 for name in ("D4", "E4", "F#4", "G4", "A4", "B4", "C#4")}
BEATS = 2 * canon.CHORDS
MANY = range(-8 * canon.CHORDS, 200 * canon.CHORDS)


def classes(names_of_notes):
    return {piano.pitch(name) % 12 for name in names_of_notes}


CHORDS = [classes(chord.split(",")) for chord in canon.SPACINGS[0].split()]
GROUND = [piano.pitch(name) for name in canon.GROUND.split()]


def in_beats(line):
    """The pitch that sounds on each beat of a line."""
    chords = [[piano.pitch(name) for name in chord.split(",")] for chord in line.split()]
    return [number for chord in chords for number in (chord * 2)[:2]]


def parallels(upper, lower):
    """Where two voices move from one fifth, octave or unison into another of the same kind."""
    apart = [(a - b) % 12 for a, b in zip(upper, lower, strict=True)]
    return [
        i
        for i in range(1, len(apart))
        if apart[i] == apart[i - 1] in (0, 7) and upper[i] != upper[i - 1] and lower[i] != lower[i - 1]
    ]


@pytest.mark.parametrize("name", sorted(MUSIC.keys() & set(names())))
def test_registered_music_says_what_it_is(name):
    assert (load(name, 1).info.name, load(name, 1).info.kind) == (name, "music")


@MADE
def test_entering_anywhere_gives_the_same_bits(made):
    whole = played(made(3), 3, 777)
    for start in (0, 1, 50_001):
        assert np.array_equal(played(made(3), 0.2, 777 + start), whole[start : start + 8820])
    assert whole.dtype == np.float32


# The canon


def test_the_ground_is_pachelbels_in_every_spacing():
    triads = ("D F# A", "A C# E", "B D F#", "F# A C#", "G B D", "D F# A", "G B D", "A C# E")
    assert classes(f"{name}4" for name in triads[0].split()) == CHORDS[0]
    for spacing in canon.SPACINGS:
        chords = spacing.split()
        assert [classes(chord.split(",")) for chord in chords] == [
            classes(f"{name}4" for name in triad.split()) for triad in triads
        ]
    assert [number % 12 for number in GROUND] == [piano.pitch(f"{triad.split()[0]}4") % 12 for triad in triads]


@pytest.mark.parametrize("first", canon.SPACINGS)
@pytest.mark.parametrize("then", canon.SPACINGS)
def test_the_chords_lead_into_each_other(first, then):
    chords = [[piano.pitch(name) for name in chord.split(",")] for chord in (*first.split(), then.split()[0])]
    voices = [[*GROUND, GROUND[0]], *map(list, zip(*chords, strict=True))]
    for i, lower in enumerate(voices):
        for upper in voices[i + 1 :]:
            assert not parallels(upper, lower)
            assert all(a > b for a, b in zip(upper, lower, strict=True))
    assert max(abs(a - b) for voice in voices[1:] for a, b in pairwise(voice)) <= 7


def test_every_line_sings_over_the_ground():
    for line in (*canon.LINES[0], *canon.LINES[1]):
        beats = in_beats(line)
        assert all(number % 12 in CHORDS[beat // 2] for beat, number in enumerate(beats))
        assert max(abs(a - b) for a, b in pairwise(beats)) <= 9
        assert not parallels(beats, [number for number in GROUND for _ in "12"])


def test_any_line_can_answer_any_that_follows_it():
    for even in canon.LINES[0]:
        for odd in canon.LINES[1]:
            assert not parallels(in_beats(even), in_beats(odd))
            for last, first in ((even, odd), (odd, even)):  # over the seam between cycles
                assert not parallels([in_beats(last)[-1], in_beats(first)[0]], [GROUND[-1], GROUND[0]])


def test_what_is_played_belongs_to_the_chord():
    for k in MANY:
        for note in canon.chord_notes(5, k):
            assert note.number % 12 in CHORDS[k % canon.CHORDS]
            assert piano.pitch("D2") <= note.number <= piano.pitch("A5")
            assert 0 <= note.start_s < 2 * canon.BEAT_S + 0.3
            assert note.touch < 0.45
        assert canon.chord_notes(5, k)[0].number == GROUND[k % canon.CHORDS]


def test_a_line_comes_back_a_cycle_later_an_octave_lower():
    def sung(voice, cycle):
        chords = range(cycle * canon.CHORDS, (cycle + 1) * canon.CHORDS)
        return [note.number for k in chords for note in canon.chord_notes(5, k) if note.voice == voice]

    for cycle in range(-3, 60):
        assert sung("answer", cycle + 1) == [number - 12 for number in sung("line", cycle)]
        line = canon.line_of(5, cycle)
        assert sorted(set(sung("line", cycle))) == sorted(set(in_beats(line)))


def test_every_line_and_figure_has_its_turn_and_no_cycle_is_the_last_again():
    assert {canon.line_of(5, cycle) for cycle in range(200)} == {"", *canon.LINES[0], *canon.LINES[1]}
    assert all(canon.line_of(5, c) != canon.line_of(5, c + 1) or not canon.line_of(5, c) for c in range(200))
    starts = [tuple(note.start_s for note in canon.chord_notes(5, k)) for k in MANY]
    assert len(set(starts)) == len(starts)


# The piano


@pytest.mark.parametrize("name", ["D2", "A3", "D4", "A5"])
def test_a_note_is_in_tune_soft_at_first_and_dies(name):
    note = piano.struck(piano.pitch(name), 3, 2.0)
    spectrum = np.abs(np.fft.rfft(note * np.hanning(len(note)), 2**18))
    hz = np.fft.rfftfreq(2**18, 1 / piano.PIANO_HZ)
    first = piano.to_hz(piano.pitch(name))
    near = (hz > first * 0.94) & (hz < first * 1.06)
    assert abs(1200 * np.log2(hz[near][spectrum[near].argmax()] / first)) < 8
    assert note[0] == note[-1] == 0
    assert np.abs(note[: round(0.005 * piano.PIANO_HZ)]).max() < 0.1 * np.abs(note).max()
    assert note[-8000:].std() < 0.5 * note[:8000].std()


def test_a_firmer_touch_is_louder_and_brighter():
    soft, firm = (piano.struck(60, force, 2.0) for force in (1, 6))
    brightness = [np.abs(np.diff(note)).mean() / np.abs(note).mean() for note in (soft, firm)]
    assert firm.std() > 1.5 * soft.std()
    assert brightness[1] > 1.1 * brightness[0]


def test_the_full_range_of_a_touch_is_heard():
    sizes = []
    for touch in (0.20, 0.22, 0.24, 0.26, 0.28, 0.30):
        sound = np.zeros((2, 3 * piano.PIANO_HZ), np.float32)
        piano.strike(sound, piano.Note(0.1, 60, touch, 2.0, 0.0), 1.0)
        sizes.append(sound.std())
        assert not sound[:, : round(0.1 * piano.PIANO_HZ)].any()
    assert all(1.01 < b / a < 1.12 for a, b in pairwise(sizes))


# Nocturne


def test_a_thought_belongs_to_the_chord_it_begins_in_and_no_two_are_alike():
    thoughts = [nocturne.thought(5, k) for k in range(-20, 200)]
    for k, notes in enumerate(thoughts, -20):
        chord = classes(nocturne.chord_at(5, k * 9.1 + notes[0].start_s))
        assert {note.number % 12 for note in notes} <= chord
        assert 1 < len(notes) <= 8
        assert all(0.2 < note.touch < 0.36 and 0 <= note.start_s < 16 for note in notes)
    assert len({tuple(note.start_s for note in notes) for notes in thoughts}) == len(thoughts)
    starts = np.array([k * 9.1 + notes[0].start_s for k, notes in enumerate(thoughts, -20)])
    assert np.std(np.diff(starts)) > 2  # no grid


# Loops


def test_no_two_voices_fall_into_step_within_an_hour():
    periods = [round(10 * voice.period_s) for voice in loops.VOICES]
    assert min(np.lcm(a, b) for i, a in enumerate(periods) for b in periods[:i]) > 10 * 3600


def test_a_voice_swells_slowly_and_rests():
    for voice in range(len(loops.VOICES)):
        levels = np.array([loops.swell(3, voice, time_s) for time_s in np.arange(-100, 200, 0.05)])
        assert levels.min() == 0 < 0.7 < levels.max() <= 1
        assert np.abs(np.diff(levels)).max() < 0.04


# Bowls


def test_each_bowl_sounds_once_a_turn():
    orders = [tuple(np.argsort(uniform(1, "order", turn, 6))) for turn in range(50)]
    assert len(set(orders)) > 40
    assert all(sorted(order) == list(range(6)) for order in orders)
