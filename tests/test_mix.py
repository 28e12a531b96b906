from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from narration.backgrounds import REFERENCE_LUFS, BackgroundInfo
from narration.cues import AMPLITUDE, tones
from narration.curves import duck_curve
from narration.document import Breathe, Say
from narration.layout import lay_out, sayings
from narration.levels import Levels
from narration.loudness import Meter
from narration.master import Master
from narration.mix import BLOCK, Mix
from narration.script import parse
from narration.spans import Utterance
from narration.speech import speak
from narration.timing import RATE_HZ, to_samples

BODY = (
    "Rest your hands. [9s] Let go. [12s]\n\n"
    + "[breathe in 2s, out 3s, 2 times]\n\nBreathe. [hold 3s, count down] Rest a while."
)
DAY = Levels()


class Hum:
    """A background of one steady chord, pure in the sample index."""

    def __init__(self, hz=997.0):
        self.info = BackgroundInfo("hum", "Hum", "nature", "MIT", "tests")
        self._hz = hz

    def blocks(self, start=0):
        amplitude = 10 ** (REFERENCE_LUFS / 20)  # at 997 Hz the K filter passes 0.691 dB more
        while True:
            at = np.arange(start, start + 7001)
            one = (amplitude * np.sin(2 * np.pi * self._hz * at / RATE_HZ)).astype(np.float32)
            yield np.stack([one, one], axis=1)
            start += 7001


@pytest.fixture
def mix(tone, cache):
    def make(body=BODY, background=None, levels=DAY):
        document = parse(body)
        clips = speak(sayings(document), tone, cache, "a.md")
        plan = lay_out(document, clips.lengths)
        return Mix(plan, clips, [background] * len(plan.turns), levels)

    return make


def played(mix, start=0, stop=None):
    parts = list(mix.stems(start, stop))
    return [np.concatenate([part[index] for part in parts]) for index in range(3)]


def test_the_voice_is_where_the_plan_says_and_nowhere_else(mix):
    mix = mix()
    voice, _, background = played(mix)
    assert len(voice) == mix.plan.length
    assert not background.any()
    for utterance in mix.plan.utterances:
        assert np.array_equal(voice[utterance.start : utterance.end], mix.clips[utterance.say].samples)
        voice[utterance.start : utterance.end] = 0
    assert not voice.any()


@pytest.mark.parametrize("start", [1, BLOCK - 1, BLOCK * 3, BLOCK * 7 + 12345])
def test_a_mix_can_be_entered_anywhere(mix, start):
    mix = mix(background=Hum())
    stop = start + 2 * BLOCK + 77
    for whole, part in zip(played(mix), played(mix, start, stop), strict=True):
        assert np.array_equal(whole[start:stop], part)


def test_the_background_goes_down_before_a_line_and_comes_up_slowly_after_it():
    levels = Levels()
    where, gain = duck_curve([Utterance(20 * RATE_HZ, 2 * RATE_HZ, Say("Rest."))], levels)
    at = lambda seconds: float(np.interp(seconds * RATE_HZ, where, gain))  # noqa: E731
    assert at(0) == at(20 - levels.attack_s) == levels.duck_db
    assert at(20) == at(22) == at(22 + levels.hold_s) == 0
    assert 0 < at(22 + levels.hold_s + levels.release_s / 2) < levels.duck_db
    assert at(22 + levels.hold_s + levels.release_s) == pytest.approx(levels.duck_db)
    moments = np.linspace(0, 40, 4001)
    steps = np.diff([at(moment) for moment in moments]) / 0.01
    assert np.abs(steps).max() < 8  # dB a second


def test_close_lines_count_as_one_so_that_the_background_does_not_breathe():
    lines = [Utterance(second * RATE_HZ, RATE_HZ, Say("Rest.")) for second in (10, 14, 18)]
    where, gain = duck_curve(lines, Levels())
    inside = np.interp(np.linspace(10, 19, 200) * RATE_HZ, where, gain)
    assert not inside.any()
    assert (np.diff(where) >= 0).all()


def test_a_breath_rises_on_the_way_in_and_falls_on_the_way_out():
    breathe = Breathe((("in", Fraction(4)), ("hold", Fraction(1)), ("out", Fraction(6))), 1)
    tone = tones(breathe)

    def pitch(start_s, end_s):
        part = tone[to_samples(Fraction(start_s)) : to_samples(Fraction(end_s))]
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 18))
        return np.argmax(spectrum) * RATE_HZ / (1 << 18)

    assert pitch(1, 2) < pitch(2, 3) < pitch(3, 4)
    assert pitch(6, 7) > pitch(8, 9) > pitch(9, 10)
    assert not tone[4 * RATE_HZ : 5 * RATE_HZ].any()
    assert 0.5 * AMPLITUDE < np.abs(tone).max() <= AMPLITUDE
    assert np.abs(np.diff(tone)).max() < 0.003  # no click


def test_breaths_follow_one_another_without_drift(mix):
    mix = mix("Rest. [breathe in 1.0001s, out 2s, 5 times] Rest.")
    _, cues, _ = played(mix)
    span = next(span for span in mix.plan.spans if span.kind == "breathe")
    first = cues[span.start : span.start + RATE_HZ]
    for number in range(1, 5):
        begin = span.start + span.length * number // 5
        assert np.array_equal(cues[begin : begin + RATE_HZ], first)
    assert not cues[: span.start].any()
    assert not cues[span.end :].any()


@pytest.mark.parametrize("voice_lufs", [-18.0, -20.0, -24.0])
def test_the_spoken_spans_of_the_mix_are_at_their_target(mix, voice_lufs):
    levels = Levels(voice_lufs=voice_lufs)
    mix = mix(background=Hum(), levels=levels)
    master = Master(mix)
    track = np.concatenate(list(master.blocks()))
    spoken = Meter()
    for utterance in mix.plan.utterances:
        spoken.push(track[utterance.start : utterance.end])
    assert len(track) == mix.plan.length
    assert spoken.integrated_lufs == pytest.approx(voice_lufs, abs=0.05)
    assert master.voice_lufs == pytest.approx(voice_lufs, abs=0.05)
    assert master.true_peak_dbtp <= levels.true_peak_dbtp + 0.05


def test_the_background_is_so_far_under_the_voice_as_its_level_says(mix):
    mix = mix(background=Hum())
    master = Master(mix)
    voice, background = Meter(), Meter()
    stems = played(mix)
    for utterance in mix.plan.utterances:
        part = slice(utterance.start, utterance.end)
        voice.push(np.repeat(stems[0][part, None], 2, axis=1) * np.float32(master.gains.voice))
        background.push(stems[2][part] * np.float32(master.gains.background))
    assert background.integrated_lufs - voice.integrated_lufs == pytest.approx(Levels().nature_lu, abs=0.1)


def test_a_peak_is_held_under_the_ceiling(mix):
    levels = Levels(voice_lufs=-12.0, true_peak_dbtp=-9.0)
    master = Master(mix(levels=levels))
    assert sum(len(block) for block in master.blocks()) == master.mix.plan.length
    assert master.true_peak_dbtp <= -8.95


def test_the_track_begins_and_ends_in_silence_and_its_background_fades(mix):
    mix = mix(background=Hum())
    _, _, background = played(mix)
    assert np.abs(background[:100]).max() < 1e-3
    assert not background[-RATE_HZ // 2 :].any()
    tail = np.abs(background[mix.plan.utterances[-1].end :])
    seconds = tail[: len(tail) // RATE_HZ * RATE_HZ, 0].reshape(-1, RATE_HZ).max(axis=1)
    assert (np.diff(seconds[2:]) <= 0).all()


def test_backgrounds_give_way_to_one_another_at_equal_power(tone, cache):
    document = parse("Rest. [20s]\n[background other]\nRest. [20s] [background off] Rest. [20s]")
    clips = speak(sayings(document), tone, cache, "a.md")
    plan = lay_out(document, clips.lengths)
    mix = Mix(plan, clips, [Hum(220.0), Hum(330.0), None], Levels(duck_db=0))
    _, _, background = played(mix)
    change, off = plan.turns[1].start, plan.turns[2].start
    power = lambda at: float((background[at : at + RATE_HZ, 0].astype(float) ** 2).mean())  # noqa: E731
    before = power(change - 2 * RATE_HZ)
    for second in range(8):
        assert power(change + second * RATE_HZ) == pytest.approx(before, rel=0.1)
    assert not background[off + round(Levels().cross_s * RATE_HZ) + 1 :].any()


ARC = Levels(voice_lufs=-20.0, true_peak_dbtp=-3.0, window_s=3.0, arc_lu=7.0)


def loudness(part):
    meter = Meter()
    for block in part:
        meter.push(block if block.ndim == 2 else np.repeat(block[:, None], 2, axis=1))
    return meter.integrated_lufs


def test_a_sleep_track_sinks_steadily_and_the_voice_keeps_its_distance(mix):
    body = "Rest your hands. [3s]\n" * 12 + "Rest your hands."
    mix = mix(body, background=Hum(), levels=ARC)
    voice, _, background = played(mix)
    said = [slice(one.start, one.end) for one in mix.plan.utterances]
    levels = [loudness([voice[part]]) for part in said]
    assert levels[0] == pytest.approx(levels[1], abs=0.05)  # while the loudness is anchored
    assert levels[-1] - levels[0] == pytest.approx(-7, abs=0.2)
    assert all(0 <= a - b + 0.05 < 3 for a, b in pairwise(levels))
    distance = [loudness([background[part]]) - level for part, level in zip(said, levels, strict=True)]
    assert max(distance) - min(distance) < 0.3
    track = np.concatenate(list(Master(mix).blocks()))
    assert loudness([track[part] for part in said[:2]]) == pytest.approx(-20, abs=0.1)


def test_nothing_rises_by_more_than_3_lu_within_a_second_once_a_sleep_track_is_under_way(mix):
    body = "Rest your hands. [12s]\n" * 8 + "Rest your hands. [20s]"
    mix = mix(body, background=Hum(), levels=ARC)
    _, _, background = played(mix)
    levels = [
        10 * np.log10((background[at : at + RATE_HZ] ** 2).mean() + 1e-12)
        for at in range(0, len(background), RATE_HZ // 10)
    ]
    rises = [b - a for a, b in zip(levels[60:], levels[70:], strict=False)]
    assert max(rises) < 3


def test_a_track_by_day_does_not_sink(mix):
    mix = mix("Rest your hands. [3s]\n" * 6 + "Rest your hands.", background=Hum())
    voice, _, _ = played(mix)
    said = [loudness([voice[one.start : one.end]]) for one in mix.plan.utterances]
    assert max(said) - min(said) < 0.01
