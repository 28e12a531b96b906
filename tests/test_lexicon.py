"""Lexicons: which words get which marks, whose word holds, and what is wrong with a file."""

import os
from pathlib import Path

import pytest

from narration.document import Inline, Say
from narration.errors import NarrationError
from narration.layout import sayings
from narration.lexicon import Lexicon, Sound, beside, pronounced, read
from narration.script import parse
from narration.script.builtin import Source
from narration.speech import speak
from narration.wishes import Wishes, document

WORDS = Lexicon({"qigong": Sound(say="chee gung"), "Nice": Sound("nis"), "yoga nidra": Sound("a"), "yoga": Sound("b")})


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Qigong and QIGONG, qigong.", ["Qigong", "QIGONG", "qigong"]),
        ("A nice day in Nice.", ["Nice"]),
        ("qigongs, aqigong, post-qigong", []),
        ("Qigong's way", ["Qigong"]),
        ("Yoga nidra is yoga.", ["Yoga nidra", "yoga"]),
    ],
)
def test_whole_words_are_found_and_capitals_are_meant(text, marked):
    assert [text[mark.start : mark.end] for mark in WORDS.marks(text)] == marked


def test_a_mark_of_the_script_holds_over_the_lexicon():
    mine = Inline(0, 6, "sub", "chi kung")
    assert WORDS.marks("Qigong now.", (mine,)) == ()
    assert len(WORDS.marks("Qigong now.", (Inline(0, 6, "rate", "slow"),))) == 1


def test_an_empty_lexicon_marks_nothing():
    assert Lexicon().marks("Rest now.") == ()


def test_the_lexicon_nearest_to_the_script_holds(tmp_path):
    (Path(os.environ["NARRATION_CONFIG"]) / "lexicon.toml").write_text('om = "ohm"\nqi = "key"\nreiki = "raykey"\n')
    (tmp_path / "lexicon.toml").write_text('qi = "chee"\nreiki = "ray key"\n')
    (tmp_path / "calm.lexicon.toml").write_text('reiki = { ipa = "ˈreɪki", say = "ray-key" }\n')
    found = beside(tmp_path, "calm").sounds
    assert found == {"om": Sound(say="ohm"), "qi": Sound(say="chee"), "reiki": Sound("ˈreɪki", "ray-key")}
    assert beside(tmp_path, "other").sounds["reiki"] == Sound(say="ray key")
    assert set(beside(None, "x").sounds) == {"om", "qi", "reiki"}


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ('om = "ohm"\nqi = \n', 2, "not TOML"),
        ('om = "ohm"\nqi = 3\n', 2, "found int"),
        ('qi = { sound = "a" }\n', 1, "found dict"),
        ('om = "ohm"\n\nqi = ""\n', 3, 'found ""'),
        ('"…" = "dots"\n', 1, "expected IPA between slashes"),
        ('om = "a"\nom = "b"\n', 2, "not TOML"),
        ("om = " + "[" * 3000, 1, "not TOML"),
    ],
)
def test_what_is_wrong_with_a_lexicon_is_told_with_its_line(tmp_path, text, line, found):
    (tmp_path / "lexicon.toml").write_text(text)
    with pytest.raises(NarrationError, match=found) as caught:
        read(tmp_path / "lexicon.toml")
    assert str(caught.value.place) == f"{tmp_path / 'lexicon.toml'}:{line}"


def test_a_script_is_pronounced_as_the_lexicon_beside_it_says(tmp_path, tone, cache):
    (tmp_path / "lexicon.toml").write_text('qigong = { ipa = "tʃiˈɡʊŋ", say = "chee gung" }\n')
    source = Source("# A\n\nQigong now. Rest.\n\n[when ending is return]\nQigong again.\n[end]", "a.md", "a", tmp_path)
    marks = (Inline(0, 6, "ipa", "tʃiˈɡʊŋ"), Inline(0, 6, "sub", "chee gung"))
    script = document(source, Wishes())
    assert [say.inline for say in (script.body[0].body[1], script.body[0].body[2])] == [marks, ()]
    assert script.body[0].body[4].body[0].inline == marks
    plain = Say("Chee gung now.", wpm=120)
    marked = Say("Qigong now.", marks, wpm=120)
    clips = speak((plain, marked), tone, cache, "a.md")
    assert clips.lengths[plain] == clips.lengths[marked]


def test_a_changed_entry_makes_only_its_lines_again(tone, cache):
    script = parse("# A\n\nQigong now.\n\nRest.\n\nQigong again.")
    one, other = (pronounced(script, Lexicon({"qigong": Sound(say=how)})) for how in ("chee gung", "kee gong"))
    assert speak(sayings(one), tone, cache, "a.md").made == 3
    assert speak(sayings(other), tone, cache, "a.md").made == 2
