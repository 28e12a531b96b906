"""What a finished track does over its length, on whole renders in the tone voice, its energy measured from outside."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import soundfile

from narration.curves import brighter
from narration.document import Say
from narration.encode import target_for
from narration.levels import ARC_LU, LIFT_LU, Levels
from narration.master import Master
from narration.mix import Mix
from narration.script.builtin import Source
from narration.session import render
from narration.spans import Chapter, Edge, Plan, Span, Turn, Utterance
from narration.speech import Clip
from narration.timing import RATE_HZ
from narration.wishes import Wishes

SLEEP = """---
title: Drift
background: brown
ending: sleep
lead: 6s
tail: 30s
notes: Please do not listen while driving.
---
# One
""" + "\n".join(
    f"Rest your {part} now, and let it be heavy and quiet. [3s]"
    for part in "hands arms feet legs knees back neck face jaw eyes brow shoulders chest belly hips toes".split() * 4
)
BODY = SLEEP[SLEEP.index("Rest your hands") : SLEEP.index("Rest your toes")]
RETURN = (
    (SLEEP[: SLEEP.index("Rest your toes")] + "Rest.").replace("ending: sleep", "ending: return")
    + "\n\n# Back\n\n"
    + BODY
)


def rendered(text, folder, name="a.flac", **wishes):
    return render(Source(text, "a.md", "a", folder), Wishes(voice="tone", **wishes), target_for(folder / name))


def energies(samples, hop_s):
    """dB of each hop, by plain mean squares."""
    hop = round(hop_s * RATE_HZ)
    return 10 * np.log10((samples[: len(samples) // hop * hop] ** 2).reshape(-1, 2 * hop).mean(axis=1) + 1e-20)


def level(samples, spans):
    return 10 * np.log10(np.mean([np.mean(samples[span.start : span.end] ** 2) for span in spans]) + 1e-20)


@pytest.fixture(scope="module")
def sleep(tmp_path_factory):
    """A report, and the samples of the track and its stems."""
    folder = tmp_path_factory.mktemp("sleep")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NARRATION_CACHE", str(folder / "cache"))
        report = rendered(SLEEP, folder, stems=True)
    names = ("a", "voice", "background", "cues")
    return report, {name: soundfile.read(folder / f"{name}.flac", dtype="float32")[0] for name in names}


@pytest.mark.slow
def test_a_night_from_its_first_word_to_silence(sleep):
    report, sound = sleep
    said = report.plan.utterances
    words = lambda utterances, stem: level(sound[stem], utterances)  # noqa: E731
    # voice and background sink together, by 6 to 9 LU over the words
    before = next(one for one in said if one.say.text == said[-1].say.text)
    assert sum(one.length for one in said[: said.index(before) + 1]) < 120 * RATE_HZ  # the arc has not begun
    sunk = words(said[-1:], "voice") - words([before], "voice")
    assert sunk == pytest.approx(-ARC_LU, abs=0.1)
    assert -9 <= sunk <= -6
    # the voice keeps its distance: at least 10 dB over the background at every line
    distances = [words([one], "voice") - words([one], "background") for one in said]
    assert min(distances) > 10
    assert max(distances) - min(distances) < 4
    # the last words are as clear as the first: nothing fades under them
    assert words(said[-1:], "voice") - words(said[-1:], "background") > 12
    # then the background alone, fading, then true silence
    tail = sound["a"][said[-1].end :]
    assert not sound["voice"][said[-1].end :].any()
    stretches = [np.mean(part**2) for part in np.array_split(tail, 5)]
    assert all(later < earlier for earlier, later in pairwise(stretches))
    assert not tail[-round(0.9 * RATE_HZ) :].any()


@pytest.mark.slow
def test_nothing_rises_by_more_than_3_lu_in_a_second_after_the_first_minute(sleep):
    """Of the background, in windows as long as a momentary loudness; and no line is so much louder than the last."""
    report, sound = sleep
    background = energies(sound["background"], 0.4)
    minute = 150
    assert max(background[at + 3] - background[at] for at in range(minute, len(background) - 10)) < 3
    said = [level(sound["voice"], [one]) for one in report.plan.utterances if one.start > 60 * RATE_HZ]
    assert max(np.diff(said)) < 3


@pytest.mark.slow
def test_the_stems_sum_to_the_track_where_the_limiter_is_idle(sleep):
    _, sound = sleep
    step = 2**-23
    assert np.abs(sound["voice"] + sound["background"] + sound["cues"] - sound["a"]).max() <= 2.01 * step


@pytest.mark.slow
def test_the_loudness_is_that_of_the_first_words_and_measured_alike_from_outside(sleep):
    report, sound = sleep
    from narration.loudness import Meter

    meter = Meter()
    left = 120 * RATE_HZ
    for one in report.plan.utterances:
        if left > 0:
            meter.push(sound["a"][one.start : one.end])
        left -= one.length
    assert meter.integrated_lufs == pytest.approx(-20, abs=0.1)
    assert report.voice_lufs == pytest.approx(meter.integrated_lufs, abs=0.02)
    assert report.problems == ()


@pytest.mark.slow
def test_a_return_brings_the_voice_nearer(tmp_path):
    report = rendered(RETURN, tmp_path, stems=True)
    voice, back = soundfile.read(tmp_path / "voice.flac")[0], report.plan.chapters[-1].start
    first = [one for one in report.plan.utterances if one.start < back]
    last = [one for one in report.plan.utterances if one.start > back + Levels().lift_s * RATE_HZ]
    same = {one.say.text for one in first} & {one.say.text for one in last}
    assert same
    nearer = level(voice, [one for one in last if one.say.text in same]) - level(
        voice, [one for one in first if one.say.text in same]
    )
    assert nearer == pytest.approx(LIFT_LU, abs=0.5)
    assert report.voice_lufs == pytest.approx(-18, abs=0.1)
    lines = [level(voice, [one]) for one in report.plan.utterances]
    assert max(b - a for a, b in pairwise(lines)) < 3


@pytest.mark.parametrize("text", [SLEEP, RETURN.replace("ending: return", "ending: return\npace: sleep")])
def test_who_falls_asleep_is_not_woken_by_the_voice(text, tmp_path):
    from narration.wishes import document, levels

    assert levels(document(Source(text, "a.md", "a", tmp_path), Wishes()), Wishes()).lift_lu == 0


def test_brightness_leaves_the_bass_alone_and_delays_nothing():
    levels = Levels()
    taps = brighter(levels)
    assert np.array_equal(taps, taps[::-1])
    response = 20 * np.log10(np.abs(np.fft.rfft(taps, 44_100)))  # a bin a hertz
    assert np.abs(response[:1000]).max() < 0.15
    assert response[round(levels.bright_hz)] == pytest.approx(levels.bright_db / 2, abs=0.4)
    assert np.abs(response[6000:16_000] - levels.bright_db).max() < 0.1


class Uneven:
    """Music with loud and soft stretches."""

    def __init__(self):
        from narration.backgrounds import BackgroundInfo

        self.info = BackgroundInfo("uneven", "Uneven", "music", "MIT", "tests")

    def blocks(self, start=0):
        while True:
            at = np.arange(start, start + RATE_HZ) / RATE_HZ
            loud = 0.05 * (1 + 0.9 * np.sin(2 * np.pi * at / 37)) * np.sin(2 * np.pi * 311 * at)
            yield np.repeat(loud.astype(np.float32)[:, None], 2, axis=1)
            start += RATE_HZ


@pytest.mark.parametrize("under", [-26.0, -16.0, -10.0])
def test_an_uneven_background_moves_the_voice_by_no_more_than_a_tenth(under):
    plan, clips = spoken(120)
    master = Master(Mix(plan, clips, [Uneven()], Levels(music_lu=under)))
    for _ in master.blocks():
        pass
    assert master.voice_lufs == pytest.approx(-18, abs=0.1)


def spoken(seconds):
    """A plan of 2 s of a hum every 5 s, and its clips, made by hand."""
    say = Say("Hum.")
    time = np.arange(2 * RATE_HZ) / RATE_HZ
    clips = {say: Clip((0.1 * np.sin(2 * np.pi * 220 * time) * np.sin(np.pi * time / 2)).astype(np.float32))}
    said = tuple(Utterance(at * RATE_HZ, 2 * RATE_HZ, say) for at in range(2, seconds - 3, 5))
    spans = (Span(0, seconds * RATE_HZ, Edge("lead")),)
    return Plan("Hum", spans, said, (Chapter(0, "Hum"),), (Turn(0, "uneven"),)), clips


def test_one_short_word_is_enough(tmp_path):
    report = rendered(
        SLEEP.split("# One")[0].replace("lead: 6s", "lead: 1s") + "# One\n\nNo.", tmp_path, tail=Fraction(2)
    )
    assert report.voice_lufs == pytest.approx(-20, abs=0.1)
