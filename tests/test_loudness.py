from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narration.loudness import Limiter, Meter, TruePeak, gated_lufs, to_energy, to_lufs
from narration.timing import RATE_HZ


def sine(*passages, hz=1000.0):
    """Stereo sine of (dBFS, seconds) passages."""
    levels = np.concatenate([np.full(round(s * RATE_HZ), 10 ** (db / 20)) for db, s in passages])
    return stereo(levels * np.sin(2 * np.pi * hz * np.arange(len(levels)) / RATE_HZ))


def stereo(samples):
    return np.repeat(samples[:, None], 2, axis=1).astype(np.float32)


def noise(seconds, highest_hz=16_000.0, seed=1, peak=0.9):
    n = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.RandomState(seed).standard_normal((n, 2)), axis=0)
    spectrum[np.fft.rfftfreq(n, 1 / RATE_HZ) > highest_hz] = 0
    samples = np.fft.irfft(spectrum, n, axis=0)
    return (samples / np.abs(samples).max() * peak).astype(np.float32)


def measured(samples, cuts=()):
    meter = Meter()
    for start, end in pairwise([0, *sorted(cuts), len(samples)]):
        meter.push(samples[start:end])
    return meter


# The standards' own signals: EBU Tech 3341 table 1 and EBU Tech 3342 table 1; tolerances are theirs.
@pytest.mark.parametrize(
    ("passages", "lufs"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
)
def test_integrated_loudness_of_the_standards_signals(passages, lufs):
    assert measured(sine(*passages)).integrated_lufs == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize(
    ("passages", "lu"),
    [
        ([(-20, 20), (-30, 20)], 10),
        ([(-20, 20), (-15, 20)], 5),
        ([(-40, 20), (-20, 20)], 20),
        ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15),
    ],
)
def test_loudness_range_of_the_standards_signals(passages, lu):
    assert measured(sine(*passages)).range_lu == pytest.approx(lu, abs=1)


def test_a_sine_of_minus_23_dbfs_is_minus_23_lufs_at_every_window():
    meter = measured(sine((-23, 10), hz=997))
    for lufs in (meter.integrated_lufs, meter.momentary_max_lufs, meter.short_term_max_lufs):
        assert lufs == pytest.approx(-23.0, abs=0.02)


@pytest.mark.parametrize(
    ("divisor", "degrees", "amplitude", "dbtp"),
    [(4, 0, 0.5, -6.0), (4, 45, 0.5, -6.0), (6, 60, 0.5, -6.0), (8, 67.5, 0.5, -6.0), (4, 45, 1.41, 3.0)],
)
def test_true_peak_of_the_standards_signals(divisor, degrees, amplitude, dbtp):
    phase = 2 * np.pi * np.arange(RATE_HZ) / divisor + np.radians(degrees)
    fade = np.minimum(1, np.minimum(np.arange(RATE_HZ), np.arange(RATE_HZ)[::-1]) / 1000)
    peak = TruePeak()
    peak.push(stereo(amplitude * fade * np.sin(phase)))
    assert dbtp - 0.1 < peak.dbtp < dbtp + 0.1  # EBU Tech 3341 allows -0.4 to +0.2


def test_the_weighting_is_that_of_two_biquads_run_sample_by_sample():
    samples = noise(0.3)
    b1, a1 = [1.530841230050386, -2.6509799951547297, 1.169079079921549], [-1.6636551132560204, 0.7125954280732254]
    b2, a2 = [1.0, -2.0, 1.0], [-1.9891696736297957, 0.9891990357870394]  # of pyloudnorm's "DeMan" filters at 44.1 kHz
    weighted = biquad(biquad(samples.astype(float), b1, a1), b2, a2)
    expected = (weighted[: 3 * 4410] ** 2).reshape(3, -1).sum(axis=1) / 4410
    assert measured(samples).energies == pytest.approx(expected, rel=1e-7)


def biquad(samples, b, a):
    out = np.zeros_like(samples)
    padded = np.concatenate([np.zeros((2, 2)), samples])
    for i in range(len(samples)):
        out[i] = b[0] * padded[i + 2] + b[1] * padded[i + 1] + b[2] * padded[i] - a[0] * out[i - 1] - a[1] * out[i - 2]
    return out


def test_silence_and_too_little_measure_as_nothing():
    for samples in (np.zeros((RATE_HZ, 2), np.float32), noise(0.39), np.empty((0, 2), np.float32)):
        meter = measured(samples)
        assert meter.integrated_lufs == -np.inf
        assert meter.range_lu == 0
    assert TruePeak().dbtp == -np.inf


def test_energies_of_unrelated_stems_add():
    low, high = noise(5, seed=2, peak=0.3), noise(5, seed=3, peak=0.2)
    mixed = gated_lufs(measured(low).energies + 0.25 * measured(high).energies)
    assert mixed == pytest.approx(measured(low + np.float32(0.5) * high).integrated_lufs, abs=0.05)
    assert to_energy(to_lufs(0.01)) == pytest.approx(0.01)


PROGRAMME = noise(3) * np.concatenate([np.full((RATE_HZ, 1), level, np.float32) for level in (0.1, 1.0, 0.02)])
CUTS = st.lists(st.integers(0, len(PROGRAMME)), max_size=12)


@settings(max_examples=15, deadline=None)
@given(CUTS)
def test_no_figure_and_no_sample_depends_on_how_the_stream_is_cut(cuts):
    edges = list(pairwise([0, *sorted(cuts), len(PROGRAMME)]))
    whole, limiter, peak = Limiter(-9), Limiter(-9), TruePeak()
    one = np.concatenate([whole.process(PROGRAMME), whole.flush()])
    pieces = []
    for start, end in edges:
        pieces.append(limiter.process(PROGRAMME[start:end]))
        peak.push(PROGRAMME[start:end])
    assert np.array_equal(np.concatenate([*pieces, limiter.flush()]), one)
    assert peak.dbtp == peak_of(PROGRAMME)
    assert measured(PROGRAMME, cuts).energies == pytest.approx(measured(PROGRAMME).energies, rel=1e-6)  # 4e-6 dB


def peak_of(samples):
    peak = TruePeak()
    peak.push(samples)
    return peak.dbtp


def limited(samples, ceiling_dbtp):
    limiter = Limiter(ceiling_dbtp)
    return np.concatenate([limiter.process(samples), limiter.flush()])


def oversampled_peak_db(samples, times=8):
    """The ideal interpolation: zeros past the spectrum of the whole signal."""
    spectrum = np.fft.rfft(samples.astype(float), axis=0)
    return 20 * np.log10(np.abs(np.fft.irfft(spectrum, times * len(samples), axis=0)).max() * times)


@pytest.mark.parametrize("highest_hz", [3000.0, 16_000.0, 20_000.0])
def test_the_ceiling_holds_between_the_samples(highest_hz):
    samples = noise(2, highest_hz) * (1 + np.sin(np.arange(2 * RATE_HZ) / 3000))[:, None].astype(np.float32)
    samples[:500], samples[-500:] = 0, 0
    out = limited(samples, -6.0)
    assert len(out) == len(samples)
    assert oversampled_peak_db(samples) > -3
    assert -6.05 < oversampled_peak_db(out) < -5.95


def test_a_sudden_full_scale_tone_is_held_too():
    samples = np.concatenate([np.zeros((RATE_HZ // 2, 2), np.float32), sine((0, 1), hz=60.0)])
    assert peak_of(limited(samples, -3.0)) < -2.99


def test_what_is_under_the_ceiling_passes_bit_for_bit():
    quiet = noise(2, peak=0.4)
    assert np.array_equal(limited(quiet, -1.5), quiet)


def test_long_after_a_peak_samples_pass_bit_for_bit_again():
    samples = sine((0, 0.2), (-12, 2.8))
    out = limited(samples, -3.0)
    assert np.array_equal(out[2 * RATE_HZ :], samples[2 * RATE_HZ :])
    assert not np.array_equal(out, samples)


def test_both_channels_get_one_gain_that_moves_smoothly():
    samples = sine((-20, 1), hz=200.0)
    samples[RATE_HZ // 2 : RATE_HZ // 2 + 2000, 0] *= 9
    steady = np.abs(samples[:, 1]) > 0.05
    gain = limited(samples, -6.0)[:, 1][steady] / samples[:, 1][steady]
    assert gain.min() < 0.6
    assert np.abs(np.diff(20 * np.log10(gain))).max() < 1.5  # over the 2 ms or so between values kept
