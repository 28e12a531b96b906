import multiprocessing
import os
import select
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soxr

from narration import voices
from narration.loudness import Meter
from narration.manner import Manner
from narration.speech_bounds import trim
from narration.timing import RATE_HZ
from narration.voices import VoiceError, heart_text
from narration.voices.espeak import Espeak
from narration.voices.heart import SPEEDS, WPM, Heart
from narration.words import cardinal, ordinal

pytestmark = pytest.mark.slow

SENTENCES = [
    "Let your shoulders sink.",
    "Notice the weight of your arms.",
    "Breathe in slowly through your nose.",
    "Feel the chair holding you up.",
    "Close both hands into loose fists, now.",
    "There is nothing you need to do right now.",
    "Imagine a quiet place where you feel at home.",
    "You can drift on, there is nothing more to do.",
    "A gentle calm moves through your whole body.",
    "As you breathe out, let your shoulders, your arms and your hands grow heavy.",
]
CUES = ["Now.", "Let go.", "Release.", "three", "left", "right", "five", "six", "one", "In.", "Out…", "Shhh.", "Hmm."]


@pytest.fixture(scope="module", params=["tone", "heart", "espeak"])
def voice(request):
    made = voices.load(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def heart():
    made = Heart()
    yield made
    made.close()


@pytest.fixture
def espeak():
    made = Espeak()
    yield made
    made.close()


def spoken_s(voice, text, wpm):
    return len(trim(voice.synthesize(text, wpm, 0), voice.info.rate_hz)) / voice.info.rate_hz


def test_a_voice_makes_float32_mono_within_full_scale(voice):
    for text in SENTENCES + CUES:
        samples = voice.synthesize(text, voice.info.wpm, 0)
        assert samples.dtype == np.float32
        assert samples.ndim == 1
        assert 0.01 < np.abs(samples).max() <= 1
        assert 0.1 < len(trim(samples, voice.info.rate_hz)) / voice.info.rate_hz < 10


def test_a_voice_that_says_it_is_deterministic_is(voice):
    assert voice.info.deterministic
    first = [voice.synthesize(text, 126, 0) for text in SENTENCES]
    backwards = [voice.synthesize(text, 126, 0) for text in reversed(SENTENCES)]
    assert all(map(np.array_equal, first, reversed(backwards)))


def test_slower_is_longer(voice):
    slowest, fastest = voice.info.speeds
    steps = range(slowest, fastest, (fastest - slowest) // 4)
    lengths = [sum(spoken_s(voice, text, wpm) for text in SENTENCES) for wpm in steps]
    assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize("wpm", [110, 126, 144])
def test_the_pace_is_about_what_was_asked(voice, wpm):
    count = sum(len(text.split()) for text in SENTENCES)
    assert 60 * count / sum(spoken_s(voice, text, wpm) for text in SENTENCES) == pytest.approx(wpm, rel=0.12)


def test_the_level_is_what_the_voice_says(voice):
    rate_hz = voice.info.rate_hz
    speech = np.concatenate([trim(voice.synthesize(text, 126, 0), rate_hz) for text in SENTENCES])
    meter = Meter()
    mono = soxr.resample(speech, rate_hz, RATE_HZ)
    meter.push(np.column_stack([mono, np.zeros_like(mono)]))
    assert meter.integrated_lufs == pytest.approx(voice.info.level_lufs, abs=1)


@pytest.mark.parametrize("text", ["", "…", "?!"])
def test_a_voice_refuses_a_text_without_a_word(voice, text):
    with pytest.raises(VoiceError, match="no word"):
        voice.synthesize(text, 126, 0)


@pytest.mark.parametrize("name", ["heart", "espeak"])
def test_an_english_voice_names_the_letters_it_cannot_say(name):
    english = voices.load(name)
    with pytest.raises(VoiceError, match=r'"П".*Привет'):
        english.synthesize("Привет", 126, 0)
    with pytest.raises(VoiceError, match="words a minute"):
        english.synthesize("Rest.", 5, 0)
    english.close()


def test_heart_makes_the_same_samples_for_any_number_of_callers(heart):
    texts = (SENTENCES + CUES) * 3
    alone = [heart.synthesize(text, 126, 0) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: heart.synthesize(text, 126, 0), texts))
    assert all(map(np.array_equal, alone, together))


def test_two_hearts_make_the_same_samples(heart):
    other = Heart()
    assert np.array_equal(heart.synthesize(SENTENCES[0], 126, 5), other.synthesize(SENTENCES[0], 126, 5))
    assert not np.array_equal(heart.synthesize(SENTENCES[0], 126, 5), other.synthesize(SENTENCES[0], 126, 6))
    other.close()


def test_heart_cues_are_short_and_end(heart):
    for cue in CUES:
        assert 0.3 < spoken_s(heart, cue, 126) < 1.6, cue


ALONE = [
    *"Now. Release. Left. Right. In. Out. In… Out… Hold. Rest. Breathe. Relax. Yes. No. Soften. Good.".split(),
    *["Let go.", "And release.", "left", "right", *map(cardinal, range(61)), *map(ordinal, range(1, 13))],
]


@pytest.mark.parametrize("cue", ALONE)
def test_heart_says_each_lone_cue_in_its_own_time_and_at_the_level_of_speech(heart, cue):
    """None runs on, breaks in two, or is lost: a word takes 0.3 to 0.9 s, two words up to 1.6 s."""
    spoken = trim(heart.synthesize(cue, 126, 0), 24_000)
    assert 0.3 < len(spoken) / 24_000 < (1.6 if " " in cue else 1.0)
    assert -28 < 10 * np.log10(np.mean(spoken**2)) < -23
    level = np.sqrt(np.convolve(spoken**2, np.ones(480) / 480, "same"))
    quiet = np.flatnonzero(np.diff(np.flatnonzero(level > np.percentile(level, 95) * 10 ** (-35 / 20))) > 0.12 * 24_000)
    assert len(quiet) == 0


def test_heart_speaks_a_sentence_of_two_thousand_phonemes_whole(heart):
    clause = "and let the breath flow in and out of the body while the arms and the legs grow warm"
    once, often = (spoken_s(heart, " ".join([clause] * count), 144) for count in (1, 30))
    assert often == pytest.approx(30 * once, rel=0.15)


def test_heart_speaks_a_told_sound(heart):
    told = heart.synthesize("Jacobson", 126, 0, ((0, 8, "ˈdʒeɪkəbsən"),))
    assert not np.array_equal(told, heart.synthesize("Jacobson", 126, 0))
    assert np.array_equal(told, heart.synthesize("Jakobson", 126, 0, ((0, 8, "ˈdʒeɪkəbsən"),)))


def numbered(count):
    return [f"{SENTENCES[number % len(SENTENCES)]} {number}." for number in range(count)]


def test_espeak_loses_none_of_1000_sentences_under_load():
    burners = [multiprocessing.get_context("spawn").Process(target=burn, daemon=True) for _ in range(2)]
    [burner.start() for burner in burners]
    engines = [Espeak() for _ in range(4)]
    try:
        with ThreadPoolExecutor(4) as pool:
            speak = lambda job: spoken_s(engines[job[0] % 4], job[1], 170)  # noqa: E731
            lengths = list(pool.map(speak, enumerate(numbered(1000))))
    finally:
        [engine.close() for engine in engines]
        [burner.kill() for burner in burners]
        [burner.join() for burner in burners]
    assert len(lengths) == 1000
    assert min(lengths) > 1


def burn():
    while True:
        pass


def test_espeak_loses_none_under_load():
    burners = [multiprocessing.get_context("spawn").Process(target=burn, daemon=True) for _ in range(2)]
    [burner.start() for burner in burners]
    try:
        espeak = Espeak()
        with ThreadPoolExecutor(4) as pool:
            loaded = list(pool.map(lambda text: espeak.synthesize(text, 170, 0), numbered(60)))
        espeak.close()
    finally:
        [burner.kill() for burner in burners]
        [burner.join() for burner in burners]
    idle = Espeak()
    assert all(
        np.array_equal(samples, idle.synthesize(text, 170, 0))
        for samples, text in zip(loaded, numbered(60), strict=True)
    )
    idle.close()


def test_espeak_survives_the_death_of_its_process(espeak):
    before = espeak.synthesize(SENTENCES[0], 126, 0)
    for _ in range(3):
        os.kill(espeak._child.pid, signal.SIGKILL)
        assert np.array_equal(before, espeak.synthesize(SENTENCES[0], 126, 0))


def test_espeak_that_is_killed_while_it_speaks_neither_hangs_nor_loses_a_word(espeak):
    whole = len(espeak.synthesize(" ".join(SENTENCES * 2), 126, 0))
    with ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            job = pool.submit(espeak.synthesize, " ".join(SENTENCES * 2), 126, 0)
            pool.submit(espeak._child.kill).result()
            assert isinstance(job.exception(), VoiceError | None)
            assert job.exception() or len(job.result()) == whole
            espeak.synthesize("Rest.", 126, 0)


def test_an_espeak_engine_that_fails_is_an_error_not_a_crash(espeak, monkeypatch):
    monkeypatch.setattr("narration.voices.espeak.engine_name", lambda variant: "nonesuch")
    with pytest.raises(VoiceError, match="could not speak"):
        espeak.synthesize("Rest.", 126, 0)


def test_espeak_speaks_german():
    german = voices.load("espeak:de")
    assert german.info.language == "de"
    assert 1 < spoken_s(german, "Lass die Schultern sinken und atme ruhig.", 140) < 5
    german.close()


def test_espeak_leaves_neither_files_nor_processes():
    before = set(Path(tempfile.gettempdir()).glob("narration-espeak-*"))
    espeak = Espeak()
    assert espeak._child is None  # who finds every line in the cache starts nothing
    espeak.synthesize("Rest.", 126, 0)
    child = espeak._child
    espeak.close()
    assert child.returncode == 0
    assert set(Path(tempfile.gettempdir()).glob("narration-espeak-*")) == before


def test_espeak_ends_when_the_program_dies():
    code = (
        "import os; from narration.voices.espeak import Espeak; e = Espeak(); e.synthesize('Rest.', 126, 0);"
        "print(e._child.pid, e._folder.name, flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    child, folder = parent.stdout.split()
    with suppress(ProcessLookupError):
        ended = os.pidfd_open(int(child))
        assert select.select([ended], [], [], 30)[0]
        os.close(ended)
    assert not Path(folder).exists()


def test_the_changed_model_makes_the_samples_of_the_unchanged_one(heart):
    from hibari import Hibari

    unchanged = Hibari(threads=1)
    for text in SENTENCES[:4]:
        sounds = heart_text.phonemize(unchanged.g2p, text)
        speed = float(np.interp(126, WPM, SPEEDS))
        assert np.array_equal(heart.synthesize(text, 126, 0), np.clip(unchanged.from_phonemes(sounds, speed, 0), -1, 1))


def test_heart_slows_down_for_marked_words_only(heart):
    text = "Breathe in slowly through your nose."
    slow = heart.synthesize(text, 126, 0, (), (Manner(11, 17, rate=0.72),))
    plain = heart.synthesize(text, 126, 0)
    assert 0.1 < (len(slow) - len(plain)) / 24_000 < 0.5
    assert np.array_equal(plain, heart.synthesize(text, 126, 0, (), (Manner(11, 17),)))


def test_heart_softens_marked_words_only(heart):
    text = "Breathe in slowly through your nose."
    soft = heart.synthesize(text, 126, 0, (), (Manner(11, 17, gain_db=-9),))
    plain = heart.synthesize(text, 126, 0)
    assert len(soft) == len(plain)
    gain_db = 20 * np.log10(np.abs(soft) + 1e-9) - 20 * np.log10(np.abs(plain) + 1e-9)
    softer = np.flatnonzero(gain_db < -8.9) / 24_000
    untouched = np.flatnonzero(np.abs(gain_db) < 0.01) / 24_000
    assert 0.3 < softer.max() - softer.min() < 0.9  # "slowly"
    assert untouched.min() < softer.min() - 0.4 < softer.max() + 0.8 < untouched.max()
    assert np.abs(np.diff(gain_db[np.abs(plain) > 1e-3])).max() < 0.3  # no step


def test_heart_says_no_and_not_number():
    voice = Heart()
    assert np.array_equal(voice.synthesize("Say no.", 138, 0), voice.synthesize("Say know.", 138, 0))
    assert not np.array_equal(voice.synthesize("No. 4.", 138, 0), voice.synthesize("Know 4.", 138, 0))
