import numpy as np
import pytest

from narration.cache import Cache
from narration.document import Inline, Say
from narration.layout import sayings
from narration.peaks import TruePeak
from narration.script import parse
from narration.speech import PEAK_DBTP, estimate, speak
from narration.timing import RATE_HZ
from narration.voices import VoiceError

SAYS = (Say("Rest your hands.", wpm=120, line=3), Say("Let go.", wpm=120, line=4), Say("Let go.", wpm=100, line=5))


def test_each_line_is_spoken_once_and_then_kept(tone, cache):
    first = speak(SAYS, tone, cache, "a.md")
    assert (first.made, len(first)) == (3, 3)
    again = speak(SAYS, tone, cache, "a.md")
    assert again.made == 0
    assert again.lengths == first.lengths
    assert all(np.array_equal(first[say].samples, again[say].samples) for say in SAYS)


def test_an_edited_line_is_the_only_one_made_again(tone, cache):
    text = "# A\n\nRest your hands.\n\nLet go.\n\n# B\n\nRest here a while.\n\nBreathe."
    speak(sayings(parse(text)), tone, cache, "a.md")
    assert speak(sayings(parse(text.replace("Let go.", "And let go now."))), tone, cache, "a.md").made == 1


def test_clips_begin_and_end_with_their_speech(tone, cache):
    clips = speak(SAYS, tone, cache, "a.md")
    for say in SAYS:
        samples = clips[say].samples
        assert len(samples) == clips.lengths[say]
        window = round(0.01 * RATE_HZ)
        assert np.abs(samples[:window]).max() > 0.01
        assert np.abs(samples[-window:]).max() > 0.01


def test_no_pulse_of_a_voice_stands_out_or_is_clipped(tone, cache):
    """Neural voices give one now and then: a millisecond, 7 dB over all around it."""

    class Pulsing:
        info = tone.info

        def synthesize(self, text, wpm, seed, phonemes=(), **more):
            samples = tone.synthesize(text, wpm, seed, phonemes, **more)
            samples[len(samples) // 2 : len(samples) // 2 + 24] = 0.99
            return samples

    clip = speak(SAYS[:1], Pulsing(), cache, "a.md")[SAYS[0]].samples
    plain = speak(SAYS[:1], tone, Cache(cache.path / "plain"), "a.md")[SAYS[0]].samples
    peak = TruePeak()
    peak.push(np.repeat(clip[:, None], 2, axis=1))
    assert PEAK_DBTP - 0.1 < peak.dbtp <= PEAK_DBTP + 0.01
    quarter = len(clip) // 4
    assert np.array_equal(clip[:quarter], plain[:quarter])


def test_slower_is_longer(tone, cache):
    clips = speak(SAYS, tone, cache, "a.md")
    assert clips.lengths[SAYS[2]] > clips.lengths[SAYS[1]]


def test_a_damaged_clip_is_made_again_with_a_note(tone, cache):
    whole = speak(SAYS, tone, cache, "a.md")
    before = whole[SAYS[0]].samples
    for file in cache.path.rglob("*.clip"):
        file.write_bytes(file.read_bytes()[:-8])
    mended = speak(SAYS, tone, cache, "a.md")
    assert mended.made == 3
    assert 'a damaged clip was made again: "Rest your hands."' in mended.notes
    assert np.array_equal(mended[SAYS[0]].samples, before)


def test_what_cannot_be_spoken_is_an_error_with_its_line(tone, cache):
    with pytest.raises(VoiceError, match="found no word") as caught:
        speak((Say("Rest."), Say("☾", line=7)), tone, cache, "a.md")
    assert str(caught.value.place) == "a.md:7"


def test_a_substitute_is_spoken_in_the_place_of_its_words(tone, cache):
    marked = Say("Play BWV now.", (Inline(5, 8, "sub", "B W V"),), wpm=120)
    plain = Say("Play B W V now.", wpm=120)
    clips = speak((marked, plain), tone, cache, "a.md")
    assert np.array_equal(clips[marked].samples, clips[plain].samples)


def test_an_inline_mark_that_the_voice_cannot_follow_is_noted_once(tone, cache):
    says = (Say("Let go.", (Inline(0, 3, "rate", "slow"),)), Say("Rest now.", (Inline(0, 4, "rate", "slow"),)))
    told = 'the voice "tone" does not follow the inline mark "rate" within a line'
    assert speak(says, tone, cache, "a.md").notes == (told,)


def test_a_mark_on_a_whole_line_is_followed_by_every_voice(tone, cache):
    def said(text, **marks):
        return Say(text, tuple(Inline(0, 6, kind, value) for kind, value in marks.items()), wpm=120)

    plain, slow, soft = says = (said("Let go."), said("Let go.", rate="slow"), said("Let go.", volume="soft"))
    clips = speak(says, tone, cache, "a.md")
    assert clips.notes == ()
    assert clips.lengths[slow] > 1.1 * clips.lengths[plain]
    assert clips.lengths[soft] == clips.lengths[plain]
    lower_db = 20 * np.log10(np.abs(clips[soft].samples).max() / np.abs(clips[plain].samples).max())
    assert lower_db == pytest.approx(-5, abs=0.1)


def test_a_spelling_stands_in_for_a_sound_that_the_voice_cannot_follow(tone, cache):
    both = (Inline(4, 7, "ipa", "wʌn"), Inline(4, 7, "sub", "one two"), Inline(0, 12, "volume", "medium"))
    marked, plain = Say("The BWV now.", both, wpm=120), Say("The one two now.", wpm=120)
    clips = speak((marked, plain), tone, cache, "a.md")
    assert clips.notes == ()
    assert np.array_equal(clips[marked].samples, clips[plain].samples)


def test_estimates_grow_with_words_and_shrink_with_the_rate():
    short, long = Say("Rest.", wpm=120), Say("Rest your hands where they are comfortable.", wpm=120)
    fast = Say("Rest your hands where they are comfortable.", wpm=150)
    lengths = estimate((short, long, fast))
    assert lengths[short] < lengths[fast] < lengths[long]
