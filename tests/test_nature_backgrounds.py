from itertools import islice

import numpy as np
import pytest

from narration.backgrounds import REFERENCE_LUFS, engine, fire, load, night, rooms, shore, weather, womb
from narration.backgrounds.chance import sway
from narration.loudness import Meter
from narration.timing import RATE_HZ

from .sharpness import a_weight, sharpness_acum
from .test_backgrounds import HOUR, bursts_db, levels_db, played

NATURE = {
    "ocean": shore.ocean,
    "stream": shore.stream,
    "wind": weather.wind,
    "night": night.night,
    "fire": fire.fire,
    "womb": womb.womb,
}
MADE = pytest.mark.parametrize("made", NATURE.values(), ids=NATURE)


def powers(samples):
    """Frequencies in Hz and the power of both channels at each."""
    power = (np.abs(np.fft.rfft(samples.astype(np.float64), axis=0)) ** 2).sum(axis=1)
    return np.fft.rfftfreq(len(samples), 1 / RATE_HZ), power


@pytest.mark.parametrize("name", NATURE)
def test_registered_nature_follows_the_protocol(name):
    background = load(name, seed=1)
    assert (background.info.name, background.info.kind, background.info.licence) == (name, "nature", "MIT")
    for block in islice(background.blocks(12_345), 3):
        assert block.dtype == np.float32
        assert block.ndim == 2
        assert block.shape[1] == 2
        assert len(block) >= 1
        assert np.abs(block).max() < 0.6


@MADE
def test_entering_anywhere_gives_the_same_bits(made):
    whole = played(made(3), 14)
    for start in (0, 1, 65_535, 100_003, 10 * RATE_HZ + 7):
        assert np.array_equal(played(made(3), 1, start), whole[start : start + RATE_HZ])


@MADE
def test_two_players_of_one_background_do_not_disturb_each_other(made):
    background = made(1)
    one, other = background.blocks(), background.blocks(70_000)
    mine = np.concatenate([next(one) for _ in range(4) if next(other) is not None])
    assert np.array_equal(mine, played(made(1), len(mine) / RATE_HZ))


@MADE
def test_the_seed_decides(made):
    one, other = played(made(1), 5), played(made(2), 5)
    assert abs(np.corrcoef(one[:, 0], other[:, 0])[0, 1]) < 0.1


SAMPLES = {  # the left side from sample 12,345 on, of seed 1
    "ocean": [0.0278953, 0.0271611, 0.0276951],
    "stream": [-0.0122108, -0.0025856, 0.0069211],
    "wind": [0.00484, 0.0089773, 0.0134357],
    "night": [0.0096336, 0.0062625, 0.0041676],
    "fire": [0.0279729, 0.0225634, 0.017984],
    "womb": [-0.0589124, -0.0579705, -0.0570231],
}


@pytest.mark.parametrize("name", NATURE)
def test_a_seed_is_the_same_sound_with_every_numpy(name):
    """To a millionth: processors round the last bit of a sine differently. Other figures are another sound."""
    assert played(NATURE[name](1), 0.01, 12_345)[:3, 0] == pytest.approx(SAMPLES[name], abs=1e-6)


@MADE
def test_a_minute_is_as_loud_as_told_and_nothing_in_it_disturbs(made):
    samples = played(made(6), 60, start=2 * HOUR)  # five more seeds in the slow tests
    meter = Meter()
    meter.push(samples)
    assert meter.integrated_lufs == pytest.approx(REFERENCE_LUFS, abs=0.5)
    assert meter.range_lu <= 6
    levels = levels_db(samples)
    assert bursts_db(levels).max() < 6.5
    assert (levels[2:] - levels[:-2]).max() < 8
    assert sharpness_acum(samples) < 1.2
    assert 20 * np.log10(samples.std() / samples.mean(axis=1).std()) < 2.5


def test_waves_come_irregularly_and_the_larger_take_longer():
    train = shore.TRAINS[0]
    waves = [shore.wave_of(1, train, k) for k in range(-50, 250)]
    between_s = np.diff([wave.at_s for wave in waves])
    assert between_s.mean() == pytest.approx(train.period_s, rel=0.03)
    assert between_s.min() > 0.3 * train.period_s
    assert between_s.std() > 0.1 * train.period_s
    slow = np.array([wave.slow for wave in waves[:-1]])
    assert np.corrcoef(slow, between_s)[0, 1] > 0.4


def test_a_wave_is_brightest_after_it_is_loudest_and_its_foam_stays():
    heard = [(t, shore.heard_at(1, t)) for t in np.arange(0, 120, 0.1)]
    lags = []
    for k in range(1, 8):
        at_s = shore.wave_of(1, shore.TRAINS[0], k).at_s
        foam = [sum(wave.foam for wave in waves) for t, waves in heard if at_s <= t < at_s + 6]
        lags.append(0.1 * int(np.argmax(foam)))
    assert 1.5 < np.mean(lags) < 4.5


def test_a_stream_has_lows_and_bubbles_at_both_sides():
    samples = played(shore.stream(1), 20)
    hz, power = powers(samples)
    centres = 63 * 2.0 ** (np.arange(19) / 3)
    bands = [10 * np.log10(power[(hz > c / 1.12) & (hz < c * 1.12)].mean()) for c in centres]
    assert -4 < np.polyfit(np.log2(centres), bands, 1)[0] < -2  # the prototype rose by 1.7 dB an octave
    assert 0.3 < np.corrcoef(samples.T)[0, 1] < 0.6


def test_crickets_are_heard_and_stay_under_the_air_and_the_consonants(monkeypatch):
    samples = played(night.night(1), 60)
    hz, power = powers(samples)
    monkeypatch.setattr(night, "CRICKETS", tuple(one._replace(gain=0.0) for one in night.CRICKETS))
    air = powers(played(night.night(1), 60))[1]
    weight = a_weight(np.maximum(hz, 1.0))
    assert 0.02 < 1 - (air * weight).sum() / (power * weight).sum() < 0.12
    assert (power * weight)[hz > 2200].sum() < 0.1 * (power * weight).sum()


def test_crickets_come_and_go():
    for which, cricket in enumerate(night.CRICKETS):
        silent = [night.singer(1, which).cell(k).shape[1] == 0 for k in range(0, 600)]
        assert 0.2 < np.mean(silent) < 0.7
        assert np.abs(np.diff(silent)).sum() * cricket.stays_s < 2 * 600 * cricket.every_s


def test_before_birth_there_is_little_above_500_hz_and_a_slow_heart():
    beats_s = np.array([womb.beat_s(1, k) for k in range(-200, 2000)])
    rates = 60 / np.diff(beats_s)
    assert 46 < rates.min() < 54
    assert 58 < rates.max() < 68
    assert len(beats_s) / (beats_s[-1] - beats_s[0]) * 60 == pytest.approx(56, abs=0.3)
    hz, power = powers(played(womb.womb(1), 20))
    assert power[hz > 500].sum() < 1e-2 * power.sum()


def test_what_sways_gives_back_what_it_took():
    values = np.array([sway(1, "s", time_s, 5.0, -1.0, 1.0) for time_s in np.arange(0, 500, 0.25)])
    assert -1 <= values.min() < -0.5
    assert 0.5 < values.max() <= 1
    assert np.abs(np.diff(values)).max() < 0.25
    minutes = values[: 8 * 240].reshape(8, -1).mean(axis=1)
    assert np.abs(minutes).max() < 0.1


def test_raising_a_rate_keeps_the_sound():
    tone_hz, low_hz, hop = 700.0, RATE_HZ // 2, 500

    def cell(k):
        return np.tile(np.sin(2 * np.pi * tone_hz * (k * hop + np.arange(hop)) / low_hz), (2, 1)).astype(np.float32)

    samples = engine.take(rooms.raised(engine.Cells(hop, hop, cell), 2), 100_000, 40_000)[0]
    times = np.arange(100_000, 140_000) / RATE_HZ
    fitted = np.stack([np.sin(2 * np.pi * tone_hz * times), np.cos(2 * np.pi * tone_hz * times)])
    amounts = fitted @ samples / 20_000
    assert np.hypot(*amounts) == pytest.approx(1, abs=1e-3)
    assert np.abs(samples - amounts @ fitted).max() < 1e-3
