import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration import voices
from narration.errors import UsageError
from narration.speech_bounds import trim
from narration.voices import VoiceError, heart, heart_text
from narration.voices.espeak import Espeak
from narration.voices.heart import Heart
from narration.voices.tone import EDGE_S, GAP_S, PADDING_S, Tone

words = st.lists(st.from_regex(r"[a-z]{1,12}", fullmatch=True), min_size=1, max_size=6).map(" ".join)


@pytest.fixture(scope="module")
def tone():
    return Tone()


@given(text=words, wpm=st.integers(40, 300))
def test_tone_is_deterministic_audio_within_full_scale(text, wpm):
    samples = Tone().synthesize(text, wpm, 0)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert 0 < np.abs(samples).max() <= 1
    assert np.array_equal(samples, Tone().synthesize(text, wpm, 7))


@given(text=words, wpm=st.integers(40, 300))
def test_tone_is_trimmed_to_its_words(text, wpm):
    tone = Tone()
    samples = tone.synthesize(text, wpm, 0)
    speech = len(samples) / tone.info.rate_hz - sum(PADDING_S)
    assert len(trim(samples, tone.info.rate_hz)) / tone.info.rate_hz == pytest.approx(speech, abs=2 * EDGE_S)


def test_tone_has_one_pitch_for_a_word(tone):
    [once, twice, other] = [tone.synthesize(word, 120, 0) for word in ("rest", "Rest", "sleep")]
    assert np.array_equal(once, twice)
    assert len(once) != len(other) or not np.array_equal(once, other)


def test_tone_has_no_silence_in_it_that_a_script_could_ask_for(tone):
    assert GAP_S < 0.08
    quiet = np.abs(trim(tone.synthesize("let your hands rest", 120, 0), 24_000)) < 1e-4
    longest = max(len(run) for run in "".join("01"[int(flag)] for flag in quiet).split("0"))
    assert longest / 24_000 < 0.08


@pytest.mark.parametrize("text", ["", "…", "?!", "–"])
def test_tone_refuses_a_text_without_a_word(tone, text):
    with pytest.raises(VoiceError, match="no word"):
        tone.synthesize(text, 120, 0)


@pytest.mark.parametrize("name", voices.names())
def test_every_registered_voice_tells_whether_it_works(name):
    entry = voices.entry(name)
    assert entry.name == name
    assert entry.title
    assert entry.licence
    assert bool(entry.problem) == bool(entry.remedy)


def test_the_names_of_espeak_are_languages_and_timbres():
    assert Espeak.entry("de").language == "de"
    assert Espeak.entry("en-gb").available
    assert Espeak.entry("en-us+f3").language == "en-us"


@pytest.mark.parametrize(("variant", "near"), [("em-us", "en-us"), ("germann", "have: af"), ("en-us+f33", "f3")])
def test_an_unknown_espeak_voice_is_told_the_nearest(variant, near):
    with pytest.raises(UsageError, match=near):
        Espeak.entry(variant)


@pytest.mark.parametrize("name", ["heart:joe", "tone:high"])
def test_a_voice_without_variants_says_so(name):
    with pytest.raises(VoiceError, match="no variant"):
        voices.load(name)


def test_a_changed_or_missing_model_is_refused(tmp_path):
    (tmp_path / "other.onnx").write_bytes(b"another model")
    assert "checksum" in heart.model_problem(tmp_path / "other.onnx")
    assert "missing" in heart.model_problem(tmp_path / "none.onnx")


def test_looking_at_voices_imports_no_engine():
    code = (
        "import sys; from narration import voices; list(voices.entries());"
        "sys.exit(bool({'hibari', 'onnxruntime', 'pyttsx3', 'espeakng_loader', 'soundfile'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize(
    ("ipa", "ours"),
    [("ˈdʒeɪkəbsən", "ʤˈAkəbsən"), ("/həˈloʊ/", "həlˈO"), ("ˈbʌtn̩", "bˈʌtᵊn"), ("t͡ʃaɪ", "ʧI"), ("ˈwɜːrd", "wˈɜɹd")],
)
def test_ipa_becomes_the_alphabet_of_the_model(ipa, ours):
    assert heart_text.misaki(ipa) == ours


def test_ipa_that_english_does_not_have_is_named():
    with pytest.raises(VoiceError, match='"ʁ"'):
        heart_text.misaki("pʁana")


@pytest.fixture(scope="module")
def g2p():
    from hibari.g2p import G2P

    return G2P()


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("Shhh. Rest.", "ʃˈʌʃ. ɹˈɛst."),
        ("Hmmm.", "hmm."),
        ("Mmmmm, warm.", "mm, wˈɔɹm."),
        ("Ahhh.", "ˈɑɑ."),
        ("Let go…", "lˈɛt ɡˌO."),
        ("Breathe in… out.", "bɹˈið ˈɪn... ˈWt."),
        ("…and rest", "ænd ɹˈɛst"),
        ("20 s", "twˈɛnti sˈɛkəndz"),
        ("1 s", "wˈʌn sˈɛkənd"),
        ("4–6", "fˈɔɹ tə sˈɪks"),
        ("20-40s", "twˈɛnti tə fˈɔɹTi sˈɛkəndz"),
        ("20–40 s", "twˈɛnti tə fˈɔɹTi sˈɛkəndz"),
        ("1 h", "wˈʌn ˈWəɹ"),
        ("2 min", "tˈu mˈɪnəts"),
        ("10:30", "tˈɛn θˈɜɹTi"),
        ("1/3", "wˈʌn θˈɜɹd"),
        ("50 %", "fˈɪfti pəɹsˈɛnt"),
        ("20 °C", "twˈɛnti dəɡɹˈiz sˈɛlsiəs"),
        ("Dr. Smith", "dˈɑktəɹ smˈɪθ"),
        ("a hum, e.g. low", "ɐ hˈʌm, fɔɹ ɪɡzˈæmpəl lˈO"),
        ("1,000", "wˈʌn θˈWzᵊnd"),
        ("[pause]", "(pˈɔz)"),
        ("soft\u00adly", "sˈɔftli"),
        ("BWV", "bˌidˌʌbᵊljuvˈi"),
    ],
)
def test_heart_reads(g2p, text, sound):
    assert heart_text.phonemize(g2p, text) == sound


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Привет", '"П"'),
        ("Rest 日本 now", '"日", "本"'),
        ("Smile 😀", '"😀"'),
        ("a → b", '"→"'),
        ("[x](/hˈʌm/)", '"ʌ"'),
        ("Brr, cold", '"Brr"'),
        ("…", "no word"),
    ],
)
def test_heart_names_what_it_cannot_say(g2p, text, named):
    with pytest.raises(VoiceError) as error:
        heart_text.phonemize(g2p, text)
    assert named in error.value.message
    assert f'"{text}"' in error.value.message


def test_heart_takes_the_sound_of_a_stretch_as_told(g2p):
    text = "The Jacobson way, in (yoga) too."
    given = ((4, 12, "ˈdʒeɪkəbsən"), (22, 26, "ˈjoʊɡə"))
    assert heart_text.phonemize(g2p, text, given) == "ðə ʤˈAkəbsən wˈA, ɪn (jˈOɡə) tˈu."


@pytest.mark.parametrize(
    ("text", "cuts", "heard"),
    [
        ("Breathe in slowly through your nose.", (11, 17), "slˈOli "),
        ("Let go of 20 s now.", (10, 14), "twˈɛnti sˈɛkəndz "),
        ("Let go… and rest.", (4, 6), "ɡˌO"),
        ("Let go.", (0, 6), "lˈɛt ɡˌO"),
        ("The Jacobson way.", (4, 12), "ʤˈAkəbsən "),
    ],
)
def test_heart_knows_where_words_lie_among_its_sounds(g2p, text, cuts, heard):
    given = ((4, 12, "ˈdʒeɪkəbsən"),) if "Jacobson" in text else ()
    sounds, (start, end) = heart_text.located(g2p, text, given, cuts)
    assert sounds[start:end] == heard
    assert sounds == heart_text.phonemize(g2p, text, given)


def test_heart_works_here():
    assert Heart.entry().available


def test_the_language_of_the_script_chooses_the_voice():
    assert voices.default("en-gb") == voices.default("en") == ("heart", "")
    assert voices.default("de") == ("espeak:de", "")
    assert voices.default("fr-CH") == ("espeak:fr-ch", "")
    assert voices.default("de-AT") == ("espeak:de", "")
    with pytest.raises(VoiceError, match='no voice on this machine is known to speak "tlh"'):
        voices.default("tlh")


def test_espeak_lists_about_a_hundred_languages():
    known = Espeak.variants()
    assert 95 <= len(known) <= 150
    assert {"de", "fr-fr", "es", "ru", "ja", "cy"} <= set(known)
    assert Espeak.entry("de").title.endswith(": German")
    assert all(Espeak.entry(name).available for name in known)


def test_another_voice_stands_in_for_one_that_does_not_work_and_says_so(monkeypatch):
    from narration import voices
    from narration.voices.heart import Heart

    assert voices.default() == ("heart", "")
    broken = voices.Entry("heart", "Heart", "en", "", "", "its model is damaged", "a new one")
    monkeypatch.setattr(Heart, "entry", classmethod(lambda cls, variant="": broken))
    name, word = voices.default()
    assert name == "espeak"
    assert word == 'the voice "heart" does not work here (its model is damaged); "espeak" speaks instead'
