import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.speech_bounds import FADE_IN_S, FADE_OUT_S, trim

RATE_HZ = 24_000
seconds = st.floats(0.0, 1.0)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def burst(seconds: float, level: float = 0.2) -> np.ndarray:
    return (level * np.sin(np.arange(round(seconds * RATE_HZ)) * 0.3 + 0.5)).astype(np.float32)


def length_s(samples: np.ndarray) -> float:
    return len(trim(samples, RATE_HZ)) / RATE_HZ


@given(before=seconds, after=seconds, length=st.floats(0.03, 0.5), level=st.floats(0.01, 0.9))
def test_a_burst_between_silences_is_found_to_the_millisecond(before, after, length, level):
    clip = np.concatenate([silence(before), burst(length, level), silence(after)])
    assert abs(length_s(clip) - length) <= 0.001


@given(length=st.floats(0.05, 0.5), noise_db=st.floats(-90, -50), seed=st.integers(0, 99))
def test_the_padding_may_be_noisy(length, noise_db, seed):
    clip = np.concatenate([silence(0.3), burst(length, 0.5), silence(0.4)])
    clip += np.random.default_rng(seed).normal(0, 10 ** (noise_db / 20) * 0.35, len(clip)).astype(np.float32)
    assert abs(length_s(clip) - length) <= 0.011


@given(length=st.floats(0.05, 0.5), gap=st.floats(0.0, 1.0))
def test_trimming_twice_changes_hardly_anything(length, gap):
    clip = np.concatenate([silence(0.3), burst(length), silence(gap), burst(0.1), silence(0.4)])
    once = trim(clip, RATE_HZ)
    assert 0 <= len(once) - len(trim(once, RATE_HZ)) <= (FADE_IN_S + FADE_OUT_S) * RATE_HZ


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000, 44_100])
def test_edges_are_the_same_at_every_rate(rate_hz):
    clip = np.concatenate([np.zeros(rate_hz // 4), np.full(rate_hz // 2, 0.1), np.zeros(rate_hz)]).astype(np.float32)
    assert abs(len(trim(clip, rate_hz)) - rate_hz // 2) <= 1


def test_silence_within_the_speech_is_kept():
    clip = np.concatenate([burst(0.3), silence(0.8), burst(0.3)])
    assert length_s(clip) == pytest.approx(1.4, abs=0.001)


def test_a_final_t_after_its_closure_is_kept():
    clip = np.concatenate([silence(0.2), burst(0.4), silence(0.15), burst(0.008, 0.02), silence(0.3)])
    assert length_s(clip) == pytest.approx(0.558, abs=0.002)


def test_a_final_s_30_db_down_is_kept():
    clip = np.concatenate([burst(0.4, 0.3), burst(0.15, 0.01), silence(0.3)])
    assert length_s(clip) == pytest.approx(0.55, abs=0.002)


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_click_far_from_the_speech_is_not_speech(where):
    click = [burst(0.004, 0.3), silence(0.4)]
    clip = [*click, burst(0.4), *click[::-1]] if where == "before" else [burst(0.4), *click[::-1]]
    assert length_s(np.concatenate(clip)) == pytest.approx(0.4, abs=0.001)


def test_a_word_far_from_the_others_is_speech():
    clip = np.concatenate([burst(0.4), silence(0.9), burst(0.1, 0.05)])
    assert length_s(clip) == pytest.approx(1.4, abs=0.001)


def test_the_ends_are_faded_and_the_rest_is_untouched():
    clip = np.full(RATE_HZ, 0.25, np.float32)
    kept = trim(clip, RATE_HZ)
    fade_in, fade_out = round(FADE_IN_S * RATE_HZ), round(FADE_OUT_S * RATE_HZ)
    assert abs(kept[0]) < 1e-4
    assert abs(kept[-1]) < 1e-4
    assert np.all(np.diff(kept[:fade_in]) > 0)
    assert np.all(np.diff(kept[-fade_out:]) < 0)
    assert np.array_equal(kept[fade_in:-fade_out], clip[fade_in:-fade_out])


def test_the_clip_itself_is_not_changed():
    clip = burst(0.2)
    before = clip.copy()
    assert trim(clip, RATE_HZ).dtype == np.float32
    assert np.array_equal(clip, before)


@pytest.mark.parametrize("clip", [silence(1), burst(1, 1e-4), silence(0)], ids=["silence", "hiss", "empty"])
def test_no_speech_is_an_error(clip):
    with pytest.raises(ValueError, match="no speech"):
        trim(clip, RATE_HZ)
