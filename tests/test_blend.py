"""Several backgrounds at once: how a blend is written, what is told of it, and how it sounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.backgrounds import REFERENCE_LUFS, load
from narration.blend import BlendError, Voicing, read_blend, spell_blend, standard
from narration.document import Change
from narration.errors import NarrationError, UsageError
from narration.loudness import Meter
from narration.script import parse
from narration.script.builtin import Source
from narration.script.fmt import fmt
from narration.timing import RATE_HZ
from narration.voices.tone import Tone
from narration.wishes import Wishes, check_sounds, document, sounds, tags

from .test_backgrounds import played
from .test_cli import run  # noqa: F401 - a fixture
from .test_music import tune, written

NAMES = st.text("abcxyz-_./ö", min_size=1, max_size=9).map(lambda name: f"a{name}z")
GAINS = st.integers(-300, 120).map(lambda tenths: tenths / 10)


@given(st.lists(st.tuples(NAMES, GAINS), min_size=2, max_size=4, unique_by=lambda one: one[0]))
def test_reading_and_spelling_are_inverses(parts):
    blend = (Voicing(parts[0][0]), *(Voicing(*part) for part in parts[1:]))
    assert read_blend(spell_blend(blend)) == blend


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("canon  +  rain : -6.0 dB", "canon + rain:-6"),
        ("canon:0 + rain:+2.50", "canon + rain:2.5"),
        ("canon + rain:−6 LU + brown", "canon + rain:-6 + brown"),
        ("my+song.mp3", "my+song.mp3"),
        ("C:\\music\\a.flac + rain:-6", "C:\\music\\a.flac + rain:-6"),
    ],
)
def test_a_blend_has_one_standard_spelling(text, spelt):
    assert standard(text) == standard(spelt) == spelt
    mark = fmt(f"Rest. [background {text}]")
    assert mark == f"Rest. [background {spelt}]\n"
    assert parse(f"Rest. [background {text}]") == parse(mark)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("canon + off", '"off" cannot be blended'),
        ("canon + canon:-3", '"canon" stands twice'),
        ("canon:-3 + rain", "against the first"),
        ("canon + rain:-60", "a gain of -60 LU, expected from -30 to 12"),
        ("canon + rain:13", "a gain of 13 LU"),
        ("canon + rain:soft", 'found the gain "soft"'),
        ("canon + rain:-6:-6", "two gains"),
        ("canon +", "an empty place"),
        ("+ canon", "an empty place"),
        ("canon + + rain", "an empty place"),
    ],
)
def test_what_is_wrong_with_a_blend_is_told_with_its_line(text, told):
    with pytest.raises(BlendError, match=told) as raised:
        read_blend(text)
    assert raised.value.hint
    for script, line in (
        (f"Rest.\n[background {text}]\nRest.", 2),
        (f'---\ntitle: A\nbackground: "{text}"\n---\nA.', 3),
    ):
        with pytest.raises(NarrationError) as raised:
            parse(script, "a.md")
        assert str(raised.value).startswith(f"a.md:{line}: ")
        assert told in str(raised.value)
    with pytest.raises(UsageError, match=told):
        document(Source("Rest.", "a.md", "a", None), Wishes(background=text))


def test_an_unknown_sound_of_a_blend_is_told_with_its_line_and_the_nearest_name(tmp_path):
    text = "---\nbackground: canon + rian:-6\n---\nRest. [2s]\n[background brown + bowl]\nRest.\n[background rain:-6]\n"
    source = Source(text, "a.md", "a", tmp_path)
    with pytest.raises(NarrationError, match=r'no background "rian" \(did you mean "rain"\?\)') as raised:
        sounds(parse(text, "a.md"), Wishes(), source)
    assert str(raised.value).startswith("a.md:2: ")
    told = [str(error) for error in check_sounds(parse(text, "a.md"), Wishes(), source)]
    assert [line.split(" ")[0] for line in told] == ["a.md:2:", "a.md:5:", "a.md:7:"]
    assert "its gain needs another to be against" in told[2]


def test_check_finds_a_background_that_is_none(run, tmp_path):  # noqa: F811
    (tmp_path / "a.md").write_text("---\nbackground: rian\n---\nRest.\n[background rain + off]\n")
    assert "a.md:5: error" in run("check", "a.md").stdout
    (tmp_path / "a.md").write_text("---\nbackground: canon + rian\n---\nRest. [2s] Let go.\n")
    result = run("check", "a.md")
    assert (result.exit_code, "a.md:2: error" in result.stdout, '"rain"' in result.stdout) == (1, True, True)
    result = run("render", "a.md", "--voice", "tone", "--background", "canon + rian")
    assert (result.exit_code, 'did you mean "rain"' in result.stderr) == (2, True)


def test_the_sum_is_at_the_reference_and_its_parts_as_far_apart_as_asked():
    meter = Meter()
    meter.push(played(load("canon + brown:-6 + pink:-9", 1), 60))
    assert meter.integrated_lufs == pytest.approx(REFERENCE_LUFS, abs=0.5)
    whole = played(load("brown + green:-6", 1), 5)
    share = 1 / np.sqrt(1 + 10**-0.6)
    other = whole - np.float32(share) * played(load("brown", 1), 5)
    parts = [Meter(), Meter()]
    for one, samples in zip(parts, (whole - other, other), strict=True):
        one.push(samples)
    assert parts[1].integrated_lufs - parts[0].integrated_lufs == pytest.approx(-6, abs=0.6)


def test_entering_a_blend_anywhere_gives_the_same_bits():
    whole = played(load("canon + rain:-6", 3), 8)
    for start in (0, 1, 50_001, 7 * RATE_HZ - 5):
        assert np.array_equal(played(load("canon + rain:-6", 3), 1, start), whole[start : start + RATE_HZ])


def test_a_blend_tells_what_is_in_it_and_counts_as_its_louder_part(tmp_path):
    written(tmp_path / "mine.wav", tune(12))
    info = load("rain + mine.wav:-6", 0, tmp_path).info
    assert (info.name, info.kind) == ("rain + mine.wav:-6", "nature")
    assert load("rain + canon:3", 0).info.kind == "music"
    credits = tags(parse("Rest."), Tone().info, [load("rain + mine.wav:-6", 0, tmp_path)], {}).comment
    assert "Background: mine (the user's own)." in credits
    assert "Background: Rain" in credits


def test_a_blend_follows_the_rule_for_files(tmp_path):
    written(tmp_path / "mine.wav", tune(12))
    (tmp_path / "below").mkdir()
    text = "---\nbackground: rain + ../mine.wav:-6\n---\nRest."
    with pytest.raises(NarrationError, match="beside or below") as raised:
        sounds(parse(text, "a.md"), Wishes(), Source(text, "a.md", "a", tmp_path / "below"))
    assert str(raised.value).startswith("a.md:2: ")


def test_a_file_may_have_a_plus_in_its_name(tmp_path):
    written(tmp_path / "sea + wind.wav", tune(12))
    assert load("sea + wind.wav", 0, tmp_path).info.title == "sea + wind"
    assert parse("Rest.\n[background sea + wind.wav]").body[-1] == Change("sea + wind.wav")
