"""A matrix: which tracks it asks for, where they go, and what is wrong with one."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narration.errors import NarrationError, ScriptError
from narration.matrix import read
from narration.script.builtin import lessons

SCRIPT = "---\ntitle: Rest\n---\nRest your hands.\n"


@pytest.fixture
def asks(tmp_path):
    """The tracks of a matrix in a folder of its own, with two scripts beside it."""
    folder = tmp_path / "series"
    (folder / "my").mkdir(parents=True)
    for name in ("one", "two"):
        (folder / "my" / f"{name}.md").write_text(SCRIPT)

    def tracks(text, output=None):
        path = folder / "evenings.toml"
        path.write_text(text)
        return read(path, tmp_path / "usual", output)

    tracks.folder = folder
    return tracks


def names(tracks, folder):
    return [one.target.path.relative_to(folder).as_posix() for one in tracks]


def test_a_name_has_what_the_tracks_differ_in(asks, tmp_path):
    usual = tmp_path / "usual"
    assert names(asks('scripts = "bedtime"\nlengths = "20m"\nvoices = ["tone"]'), usual) == ["bedtime.mp3"]
    tracks = asks('scripts = ["bedtime", "my/*.md"]\nlengths = ["90s", "1h"]\nbackgrounds = ["off", "canon + rain:-6"]')
    assert names(tracks, usual) == [
        f"{stem}-{length}-{background}.mp3"
        for stem in ("bedtime", "one", "two")
        for length in ("1m30s", "60m")
        for background in ("off", "canon-rain-6")
    ]
    tracks = asks('scripts = ["my/one.md"]\nvoices = ["espeak:en-gb", "tone"]\nformats = ["mp3", "flac"]')
    assert names(tracks, usual) == [
        f"{format_}/one-{voice}.{format_}" for voice in ("espeak-en-gb", "tone") for format_ in ("mp3", "flac")
    ]


def test_every_track_is_asked_for_as_the_matrix_says(asks):
    (one, other) = asks(
        'scripts = ["my/one.md"]\nlengths = ["2m", "3 min"]\nseed = 4\nloudness = -20\nbackground-level = -16.5\n'
        'ending = "sleep"\ntail = "1m"\nbitrate = "128k"\nunsafe-ok = ["breath_hold"]\n'
        '[tags]\nalbum = "A"\nyear = 2026\n'
    )
    assert (one.wishes.length, other.wishes.length) == (120, 180)
    assert (one.wishes.seed, one.wishes.loudness, one.wishes.background_level) == (4, -20, -16.5)
    assert (one.wishes.ending, one.wishes.tail, one.target.bitrate) == ("sleep", Fraction(60), "128k")
    assert (one.wishes.unsafe_ok, one.wishes.tags) == (("breath_hold",), {"album": "A", "year": "2026"})
    assert (one.source.text, one.source.folder) == (SCRIPT, asks.folder / "my")


def test_files_are_looked_for_beside_the_matrix(asks, tmp_path):
    (asks.folder / "sea.flac").touch()
    text = 'scripts = "my/one.md"\nbackgrounds = ["sea.flac", "sea.flac + rain:-6", "ocean"]\noutput = "tracks"\n'
    tracks = asks(text)
    sea = str(asks.folder / "sea.flac")
    assert [one.wishes.background for one in tracks] == [sea, f"{sea} + rain:-6", "ocean"]
    assert names(tracks, asks.folder / "tracks")[0] == "one-sea.mp3"
    assert {one.target.path.parent for one in asks(text, tmp_path / "there")} == {tmp_path / "there"}


def test_a_course_is_its_lessons(asks):
    assert [one.source for one in asks('scripts = "jacobson"')] == list(lessons("jacobson"))


def test_all_that_is_wrong_is_told_with_its_line(asks):
    text = """scripts = ["bedtme", "my/*.txt", "-"]
lengths = ["10"]
backgrounds = ["rain:-6 + canon"]
formats = "mp4"
sed = 3
loudness = "loud"
seed = true
ending = "slep"
voices = []
[tags]
albm = "x"
"""
    with pytest.raises(ScriptError) as told:
        asks(text)
    assert [one.line for one in told.value.problems] == [1, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    for near in ('did you mean "bedtime"', '"10" has no unit', 'did you mean "mp3"', 'did you mean "seed"', "canon"):
        assert near in str(told.value)


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("lengths = ['10m']\n", 1, "no scripts"),
        ("scripts = 'bedtime'\n\nvoices = [", 3, "not TOML"),
        ("scripts = ['bedtime']\nscripts = ['clouds']\n", 2, "not TOML"),
        ("scripts = ['my/nothing.md']\n", 1, 'no file "my/nothing.md"'),
        ("scripts = 'bedtime'\nbackgrounds = [3]\n", 2, "found 3, expected a text in quotes"),
        ("scripts = 'bedtime'\nlengths = [['10m']]\n", 2, "expected a text in quotes"),
        ("scripts = 'bedtime'\ntags = 3\n", 2, "expected a table"),
        ("scripts = 'bedtime'\n[tags]\ntrack = 'third'\n", 2, "expected 3 or 3/10"),
        ("scripts = 'bedtime'\nbitrate = '5k'\n", 2, "5k"),
        ("scripts = 'bedtime'\nformats = ['mp3', 'flac']\nbitrate = '128k'\n", 3, "flac is lossless"),
        ("x = " + "[" * 3000, 1, "not TOML"),
    ],
)
def test_what_is_wrong_is_told_plainly(asks, text, line, fault):
    with pytest.raises(NarrationError) as told:
        asks(text)
    assert fault in str(told.value)
    assert f"evenings.toml:{line}: " in str(told.value)


def test_two_tracks_of_one_name_are_refused(asks):
    (asks.folder / "my" / "bedtime.md").write_text(SCRIPT)
    with pytest.raises(
        NarrationError, match=r"bedtime\.md and .*my/bedtime\.md would be written to the same .*bedtime\.mp3"
    ):
        asks('scripts = ["bedtime", "my/bedtime.md"]')


def test_a_slip_of_the_hand_does_not_ask_for_a_million(asks):
    lengths = [f"{number}s" for number in range(1, 200)]
    with pytest.raises(NarrationError, match="14,527 tracks"):
        asks(f'scripts = ["bedtime"]\nlengths = {lengths}\nvoices = {[f"v{n}" for n in range(73)]}\n'.replace("'", '"'))


AXES = {
    "lengths": [f"{number} min" for number in (1, 5, 20, 90)],
    "voices": ["tone", "espeak", "espeak:de"],
    "backgrounds": ["off", "rain", "canon + rain:-6", "canon + rain:6"],
    "formats": ["mp3", "flac", "wav"],
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({name: st.lists(st.sampled_from(values)) for name, values in AXES.items()}))
def test_there_is_one_track_for_each_choice_and_each_has_its_own_name(asks, axes):
    text = "scripts = ['bedtime', 'clouds']\n"
    tracks = asks(text + "".join(f"{name} = {values}\n" for name, values in axes.items() if values))
    count = 2
    for values in axes.values():
        count *= len(set(values)) or 1
    assert len({one.target.path.with_suffix("") for one in tracks}) == len(tracks) == count
    assert all(Path(one.target.path).suffix == f".{one.target.format}" for one in tracks)
