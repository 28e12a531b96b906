"""The written pieces: every bar adds up, what is known of each is so, and how they follow each other."""

from fractions import Fraction
from itertools import pairwise

import pytest

from narration.backgrounds import classics, performance, score
from narration.backgrounds.piano import pitch

# Known from the scores: bars played (with repeats, an upbeat as a bar of its own), notes struck, lowest and highest,
# the notes of the first chord or note and of the last one.
FACTS = {
    "bach-prelude-846": (35, 549, "C2", "A5", "C4", "C2 C3 E4 G4 C5"),
    "chopin-prelude-28-4": (26, 603, "E1", "C6", "B3", "E1 E2 E3 G3 B3 E4"),
    "chopin-prelude-28-7": (17, 168, "A1", "C#6", "E4", "A3 E4 C#5 A5"),
    "satie-gnossienne-1": (82, 846, "Bb1", "B5", "F2", "Ab3 C4 F4"),
    "satie-gymnopedie-1": (78, 455, "A1", "A5", "G2", "D2 A2 D3 D4 F4 A4 D5"),
    "satie-gymnopedie-2": (65, 371, "Bb1", "C6", "G2", "C4 E4 G4"),
    "satie-gymnopedie-3": (60, 326, "G1", "A5", "A2", "A1 E2 A2 C4 E4 A4 C5"),
    "schumann-traumerei": (33, 457, "Bb1", "Bb5", "C4", "F2 A3 F4"),
}
METRES = {"satie-gymnopedie-1": 3, "satie-gymnopedie-2": 3, "satie-gymnopedie-3": 3, "chopin-prelude-28-7": 3}
PIECES = pytest.mark.parametrize("name", FACTS)
HEADER = "title: t\ncomposer: c\nyear: 1800\nmetre: 3\npace: 60\nlevel: 0\npedal: 0\nplay: a\n[a]\n"


def numbers(names):
    return [pitch(name) for name in names.split()]


def test_the_pieces_are_these():
    assert score.names() == tuple(sorted(FACTS))


@PIECES
def test_what_is_known_of_a_piece_is_so(name):
    bars, count, lowest, highest, first, last = FACTS[name]
    piece = score.piece(name)
    struck = [note.number for note in piece.notes]
    assert (piece.bars, len(struck), piece.metre) == (bars, count, METRES.get(name, 4))
    assert (min(struck), max(struck)) == (pitch(lowest), pitch(highest))
    ends = piece.notes[-1].start
    assert [note.number for note in piece.notes if note.start == 0 and note.length] == numbers(first)
    assert [note.number for note in piece.notes if note.start == ends] == numbers(last)


@PIECES
def test_notes_fit_into_their_piece(name):
    piece = score.piece(name)
    assert piece.notes[0].start == 0
    assert max(note.start + note.length for note in piece.notes) <= piece.end
    assert 0 <= piece.bars * piece.metre - piece.end < piece.metre  # less a bar's rest before an upbeat
    struck = [(note.start, note.number, note.voice) for note in piece.notes if note.length]
    assert len(struck) == len(set(struck))


def melody(name, first, last):
    """The pitches a melody strikes from bar ``first`` to ``last``, counted from 1."""
    piece = score.piece(name)
    begins = piece.end - piece.bars * piece.metre
    bars = range(first - 1, last)
    return [
        note.number
        for note in piece.notes
        if note.voice == "melody" and note.length and (note.start - begins) // piece.metre in bars
    ]


@pytest.mark.parametrize(
    ("name", "bars", "sung"),
    [
        ("satie-gymnopedie-1", (5, 9), "F#5 A5 G5 F#5 C#5 B4 C#5 D5 A4 F#4"),
        ("satie-gymnopedie-2", (5, 8), "G5 A5 G5 F5 E5 F5 G5 D5"),
        ("satie-gymnopedie-3", (5, 9), "A5 G5 F5 E5 D5 E5 F5 E5 D5 C5 E5"),
        ("satie-gnossienne-1", (1, 4), "C5 Eb5 D5 C5 B4 B4 C5 Eb5 D5 C5 F5 F5"),
        ("schumann-traumerei", (1, 3), "C4 F4 E4 F4 A4 C5 F5 F5 E5 D5"),
        ("chopin-prelude-28-7", (1, 3), "E4 C#5 D5 B4 B4 B4 F#5"),
        ("chopin-prelude-28-4", (1, 5), "B3 B4 B4 C5 B4 C5 B4 C5 B4 Bb4"),
    ],
)
def test_the_tunes_begin_as_everybody_knows_them(name, bars, sung):
    assert melody(name, *bars) == numbers(sung)


def test_bachs_prelude_has_the_bar_between_24_and_27_that_some_editions_lose():
    """Bars 24 to 29 over the pedal on G: editions and files are known that lack one."""
    piece = score.piece("bach-prelude-846")
    heads = [tuple(note.number for note in piece.notes if note.start == 4 * bar + Fraction(3, 4)) for bar in range(35)]
    chords = [sorted({note.number for note in piece.notes if note.start // 4 == bar}) for bar in range(23, 29)]
    wanted = "G2 F3 G3 B3 D4|G2 E3 G3 C4 E4|G2 D3 G3 C4 F4|G2 D3 G3 B3 F4|G2 Eb3 A3 C4 F#4|G2 E3 G3 C4 G4"
    assert chords == [numbers(chord) for chord in wanted.split("|")]
    assert all(len(head) == 1 for head in heads[:-1])


# The notation


def test_the_notation():
    text = "melody: F#4:1 .:1/2 C4,E4:3/2 | %2 | - | D5:2~ .:1\n"
    with pytest.raises(ValueError, match=r'a, melody, bar 5: "D5:2~" is not a note'):
        score.read(HEADER + text)
    piece = score.read(HEADER + "melody: /G5 F#4:1 .:1/2 C4,E4:3/2 | % | - | D5~:3 | D5:1 Bb3*2 | C4:1/2*3 x2")
    assert piece.bars == 6
    assert [(n.start, n.length, n.number) for n in piece.notes][:5] == [
        (0, 1, pitch("F#4")),
        (0, 0, pitch("G5")),
        (1.5, 1.5, pitch("C4")),
        (1.5, 1.5, pitch("E4")),
        (3, 1, pitch("F#4")),
    ]
    assert [n.length for n in piece.notes if n.number == pitch("D5")] == [4]
    assert [n.start for n in piece.notes if n.start >= 15] == [15 + Fraction(i, 2) for i in range(6)]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("melody: C4:2", "a, melody, bar 1: 2 quarters, the metre has 3"),
        ("melody: C4:3 | H4:3", 'bar 2: "H4:3" is not a note'),
        ("melody: C4:3 | -\nbass: C2:3", "voices of"),
        ("melody: C4~:3", "ties that end nowhere"),
        ("melody: C4~:1 .:1 C4", "does not reach"),
        ("viola: C4:3", "expected"),
    ],
)
def test_what_does_not_add_up_is_told_with_its_place(line, fault):
    with pytest.raises(ValueError, match=fault):
        score.read(HEADER + line)


# The playing


@PIECES
def test_a_performance_is_free_but_keeps_its_place_and_its_notes(name):
    piece = score.piece(name)
    playing = performance.performed(piece, 3, "evening", -2)
    keys = {(note.start, note.number, not note.length) for note in piece.notes}  # two voices may share one
    assert sorted(note.number + 2 for note in playing.notes) == sorted(number for _, number, _ in keys)
    assert all(a.start_s <= b.start_s for a, b in pairwise(playing.notes))
    assert max(playing.ends) <= performance.length_s(piece) + 1e-6
    assert all(0.05 < note.touch < 0.52 and note.held_s >= 0.3 for note in playing.notes)
    other = performance.performed(piece, 4, "evening", -2)
    assert [note.start_s for note in other.notes] != [note.start_s for note in playing.notes]


def test_every_round_plays_every_piece_and_none_twice_in_a_row():
    orders = [classics.order(7, number) for number in range(-3, 60)]
    assert all(sorted(order) == sorted(FACTS) for order in orders)
    assert len(set(orders)) > 50
    assert all(a != b for a, b in pairwise([name for order in orders for name in order]))


def test_pieces_follow_each_other_without_a_gap_or_an_overlap():
    turns = classics.turns(5, -3000.0, 9000.0)
    for turn, following in pairwise(turns):
        pause_s = following.start_s - turn.start_s - performance.length_s(turn.piece())
        assert pause_s == pytest.approx(2.0, abs=1e-6)
    assert {turn.shift for turn in turns if turn.round == 0} == {0}
    assert {turn.shift for turn in turns} == {0, -2, -5}
    assert classics.turns(5, 100.0, 101.0) == [turn for turn in turns if turn.start_s <= 100.0][-1:]
