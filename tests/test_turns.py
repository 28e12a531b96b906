"""One background giving way to another along a track, and the long fade after the last word."""

from fractions import Fraction

import numpy as np
import pytest

from narration.curves import level_db
from narration.layout import lay_out, sayings
from narration.levels import END_S, Levels
from narration.mix import Mix
from narration.speech import speak
from narration.timing import RATE_HZ
from narration.wishes import Wishes, document, sounds

from .test_mix import played
from .test_session import source

FLAT = Levels(duck_db=0.0, music_lu=-18.0)


@pytest.fixture
def mixed(tone, cache):
    def make(text, levels=FLAT, **wishes):
        asked = Wishes(**wishes)
        script = document(source(text), asked)
        clips = speak(sayings(script), tone, cache, "a.md")
        plan = lay_out(script, clips.lengths)
        by_name = sounds(script, asked, source(text))
        return Mix(plan, clips, [by_name[turn.background] for turn in plan.turns], levels)

    return make


def levels_db(samples, seconds=0.5):
    size = round(seconds * RATE_HZ)
    return 10 * np.log10(
        (samples[: len(samples) // size * size].astype(float).reshape(-1, 2 * size) ** 2).mean(axis=1) + 1e-15
    )


def test_a_cross_fade_of_unrelated_sounds_has_no_dip_no_swell_and_no_click(mixed):
    mix = mixed(
        "---\nbackground: brown\nlead: 6s\ntail: 9s\n---\nRest. [9s]\n[background pink + green:-3]\nRest. [9s] A."
    )
    background = played(mix)[2]
    change = mix.plan.turns[1].start
    around = levels_db(background[change - 4 * RATE_HZ : change + 9 * RATE_HZ])
    gains = np.interp(np.arange(len(around)) * 0.5, [4, 10], [around[:8].mean(), around[-6:].mean()])
    assert np.abs(around - gains).max() < 1.5
    bends = np.abs(np.diff(background[:, 0], 2))
    assert bends[change - 9 : change + 6 * RATE_HZ + 9].max() < 2 * bends[change + 7 * RATE_HZ :].max()


@pytest.mark.parametrize("apart", ["[3s]", ""])
def test_turns_that_follow_each_other_closely_neither_swell_nor_leave_a_hole(mixed, apart):
    turns = f"[background pink]\n{apart}\n[background green]\n{apart}\n[background brown]"
    mix = mixed(f"---\nbackground: brown\ntail: 20s\n---\nRest. [12s]\n{turns}\n[14s]\nRest.")
    plan = mix.plan
    where = np.arange(4 * RATE_HZ, plan.utterances[-1].end, 105, dtype=float)
    assert level_db(plan, FLAT, where) == pytest.approx(np.zeros(len(where)), abs=1e-9)
    around = levels_db(played(mix, plan.turns[1].start, plan.turns[-1].start + 7 * RATE_HZ)[2], 1.0)
    assert np.ptp(around) < 2.5


def test_off_fades_into_silence_and_back(mixed):
    mix = mixed(
        "---\nbackground: brown\ntail: 9s\n---\nRest. [12s]\n[background off]\nRest. [12s]\n[background rain]\n[9s] A."
    )
    background, (_, off, on) = played(mix)[2], mix.plan.turns
    silent = slice(off.start + 6 * RATE_HZ + 1, on.start)
    assert not background[silent].any()
    out = levels_db(background[off.start : off.start + 6 * RATE_HZ])
    back = levels_db(background[on.start : on.start + 6 * RATE_HZ])
    assert np.diff(out[2:]).max() < 0.5
    assert np.diff(back[:-2]).min() > -0.5
    assert out[0] > out[-1] + 15
    assert back[-1] > back[0] + 15


@pytest.mark.parametrize("last", ["[background off]", "[background pink]", "[2s] [background off] [1s]"])
def test_a_track_never_ends_in_a_cut_whatever_turns_before_its_end(mixed, last):
    mix = mixed(f"---\nbackground: brown\ntail: 2s\n---\nRest. [5s]\nRest.\n{last}")
    background = played(mix)[2]
    length, last_word = mix.plan.length, mix.plan.utterances[-1].end
    silence = min(round(END_S * RATE_HZ), (length - last_word) // 4)
    assert not background[length - silence + 106 :].any()
    before = levels_db(background[length - silence - RATE_HZ // 10 : length - silence], 0.1)
    assert before.max() < levels_db(background[:last_word], 0.1).max() - 12


def test_a_tail_of_half_an_hour_fades_all_the_while(mixed):
    mix = mixed("---\nbackground: brown\n---\nRest. [5s] Let go.", tail=Fraction(1800))
    plan = mix.plan
    assert plan.spans[-1].kind == "tail"
    assert plan.spans[-1].length == 1800 * RATE_HZ
    end = plan.utterances[-1].end
    heard = []
    for minute in (0.5, 5, 15, 25, 29, 29.9):
        start = end + round(minute * 60 * RATE_HZ)
        (part,) = levels_db(played(mix, start, start + 2 * RATE_HZ)[2], 2.0)
        heard.append(part)
    assert np.diff(heard).max() < 0
    assert heard[0] - heard[2] == pytest.approx(3, abs=0.5)  # half the power at half the time
    assert heard[0] - heard[5] > 40
    assert not played(mix, plan.length - round(END_S * RATE_HZ) + 106)[2].any()
