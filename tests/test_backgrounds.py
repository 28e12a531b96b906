from itertools import islice

import numpy as np
import pytest

from narration.backgrounds import REFERENCE_LUFS, engine, load, rooms
from narration.backgrounds.chance import drift, lone, poisson, random_words, uniform
from narration.backgrounds.noises import brown, green, pink, rain
from narration.loudness import Meter
from narration.timing import RATE_HZ

NOISES = pytest.mark.parametrize("made", [brown, green, pink, rain])
HOUR = 3600 * RATE_HZ


def played(background, seconds, start=0):
    """The samples of a background, float32 (n, 2), from sample ``start`` on."""
    count, blocks, have = round(seconds * RATE_HZ), [], 0
    for block in background.blocks(start):
        blocks.append(block)
        have += len(block)
        if have >= count:
            return np.concatenate(blocks)[:count]
    raise AssertionError("a background ended")


def levels_db(samples, seconds=0.05):
    """RMS in dB of neighbouring stretches of the mono sum, without what is under 150 Hz."""
    mono = samples.mean(axis=1, dtype=np.float64)
    spectrum = np.fft.rfft(mono)
    hz = np.fft.rfftfreq(len(mono), 1 / RATE_HZ)
    high = np.fft.irfft(spectrum / np.sqrt(1 + (150 / np.maximum(hz, 1e-3)) ** 4), len(mono))
    size = round(seconds * RATE_HZ)
    return 10 * np.log10((high[: len(high) // size * size].reshape(-1, size) ** 2).mean(axis=1))


def bursts_db(levels):
    """How far each 50 ms stand out from the 3 s around them."""
    around = np.lib.stride_tricks.sliding_window_view(levels, 61)
    return levels[30:-30] - np.median(around, axis=1)


@pytest.mark.parametrize("name", ["brown", "green", "pink", "rain"])
def test_registered_noises_follow_the_protocol(name):
    background = load(name, seed=1)
    assert (background.info.name, background.info.kind) == (name, "nature")
    for block in islice(background.blocks(12_345), 5):
        assert block.dtype == np.float32
        assert block.ndim == 2
        assert block.shape[1] == 2
        assert len(block) >= 1
        assert np.abs(block).max() < 1


@NOISES
def test_entering_anywhere_gives_the_same_bits(made):
    whole = played(made(3), 12)
    for start in (0, 1, 4_095, 4_096, 100_003, 10 * RATE_HZ + 7):
        assert np.array_equal(played(made(3), 1, start), whole[start : start + RATE_HZ])
    for far in (HOUR, 8 * HOUR - 3 * RATE_HZ):
        before = played(made(3), 9.1, far - 7 * RATE_HZ - 11)
        assert np.array_equal(played(made(3), 2, far), before[7 * RATE_HZ + 11 :][: 2 * RATE_HZ])


@NOISES
def test_two_players_of_one_background_do_not_disturb_each_other(made):
    background = made(1)
    one, other = background.blocks(), background.blocks(70_000)
    mine = np.concatenate([next(one) for _ in range(8) if next(other) is not None])
    assert np.array_equal(mine, played(made(1), len(mine) / RATE_HZ))


@NOISES
def test_the_seed_decides(made):
    one, same, other = played(made(1), 20), played(made(1), 20), played(made(2), 20)
    assert np.array_equal(one, same)
    assert abs(np.corrcoef(one[:, 0], other[:, 0])[0, 1]) < 0.08  # three times what chance makes of so narrow a noise


@NOISES
@pytest.mark.parametrize("seed", [1, 2])  # more in the slow tests
def test_loudness_is_the_reference(made, seed):
    meter = Meter()
    meter.push(played(made(seed), 60, start=seed * HOUR))
    assert meter.integrated_lufs == pytest.approx(REFERENCE_LUFS, abs=0.5)
    assert meter.range_lu < 6


@NOISES
def test_nothing_in_it_disturbs(made):
    samples = played(made(1), 20).astype(np.float64)
    levels = levels_db(samples)
    assert bursts_db(levels).max() < 6.5
    assert (levels[2:] - levels[:-2]).max() < 8
    mono_loss_db = 20 * np.log10(samples.std() / samples.mean(axis=1).std())
    assert mono_loss_db < 2.5
    assert np.abs(samples.mean(axis=0)).max() < 0.005 * samples.std()
    power = (np.abs(np.fft.rfft(samples, axis=0)) ** 2).sum(axis=1)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    assert power[hz < 40].sum() < 0.05 * power.sum()
    assert power[hz > 8000].sum() < 0.002 * power.sum()


def test_brown_falls_by_six_db_an_octave():
    samples = played(brown(1), 10)
    power = (np.abs(np.fft.rfft(samples, axis=0)) ** 2).sum(axis=1)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    centres = 125 * 2.0 ** np.arange(6)
    bands = [10 * np.log10(power[(hz > c / 1.2) & (hz < c * 1.2)].mean()) for c in centres]
    assert np.polyfit(np.log2(centres), bands, 1)[0] == pytest.approx(-6, abs=0.3)


# The engine

WORDS = [4824311337980440457, 1043707578656169435]


def test_random_words_are_for_ever():
    """Another word here means that every seed gives another sound."""
    assert random_words(1, "a", -1, 2).tolist() == WORDS
    assert uniform(1, "a", -1, 3)[1] == (WORDS[1] >> 11) / 2**53


def test_random_numbers_are_even_and_cells_unrelated():
    one, other = uniform(1, "a", 0, 100_000), uniform(1, "a", 1, 100_000)
    assert np.histogram(one, 10, (0, 1))[0] == pytest.approx(10_000, rel=0.05)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.01
    assert abs(np.corrcoef(one[1:], other[:-1])[0, 1]) < 0.01


def test_a_lone_number_is_the_first_of_many():
    assert all(lone(seed, "a b", k) == uniform(seed, "a b", k, 3)[0] for seed in (0, 1, 2**40) for k in range(-20, 20))


def test_poisson_counts_have_their_mean_and_variance():
    counts = np.array([poisson(chance, 7.5) for chance in uniform(1, "p", 0, 20_000)])
    assert counts.mean() == pytest.approx(7.5, rel=0.02)
    assert counts.var() == pytest.approx(7.5, rel=0.04)
    assert poisson(0.0, 0.0) == poisson(0.999, 0.0) == 0


def test_drift_stays_in_bounds_and_has_no_steps():
    values = np.array([drift(1, "d", time_s, 5.0, -1.0, 2.0) for time_s in np.arange(-100, 100, 0.05)])
    assert -1 <= values.min() < -0.5
    assert 1.5 < values.max() <= 2
    assert np.abs(np.diff(values)).max() < 0.06


@pytest.mark.parametrize("overlap", [0.5, 0.25])
def test_noise_has_the_level_of_its_colour_and_the_width_asked_for(overlap):
    white = engine.noise(1, "w", np.ones(1024), 2048, width=np.full(1024, 0.4), overlap=overlap)
    samples = engine.take(white, -5000, 200_000)
    assert samples.std(axis=1) == pytest.approx([1, 1], rel=0.01)
    assert np.corrcoef(samples)[0, 1] == pytest.approx(0.4, abs=0.02)
    quarters = samples.reshape(2, -1, 2000).std(axis=2)  # no breathing with the grains
    assert quarters.std() < 0.03


def test_a_struck_thing_is_the_sum_of_its_modes():
    hz, amplitudes, t60_s = np.array([220.0, 1000.0]), np.array([1.0, 0.5]), np.array([0.5, 0.1])
    time_s = np.arange(5000) / RATE_HZ
    decay = np.exp(-np.outer(np.log(1000) / t60_s, time_s))
    expected = (amplitudes[:, None] * decay * np.sin(2 * np.pi * np.outer(hz, time_s))).sum(axis=0)
    assert engine.modal(hz, amplitudes, t60_s, 5000) == pytest.approx(expected, abs=1e-5)


def test_a_rate_is_raised_without_images():
    low_hz, hop, tone_hz = RATE_HZ // 4, 1000, 8917 * RATE_HZ / 2**17

    def cell(k):
        return np.tile(np.sin(2 * np.pi * tone_hz * (k * hop + np.arange(hop)) / low_hz), (2, 1)).astype(np.float32)

    raised = rooms.raised(engine.Cells(hop, hop, cell), 4)
    samples = engine.take(raised, 50_000, 2**17)[0] * np.hanning(2**17)  # over the edges of stretches
    spectrum = 20 * np.log10(np.abs(np.fft.rfft(samples)) / 2**15 + 1e-12)
    hz = np.fft.rfftfreq(2**17, 1 / RATE_HZ)
    assert spectrum.max() == pytest.approx(0, abs=0.05)
    assert spectrum[np.abs(hz - tone_hz) > 50].max() < -80


def test_a_colour_between_two_steps_is_mixed_of_both():
    colours = np.array([[1.0, 0.0], [0.0, 1.0], [4.0, 4.0]], np.float32)
    assert engine.mixed(engine.beside(0.25, 3), colours).tolist() == [0.75, 0.25]
    assert engine.mixed([engine.beside(2.0, 3), (1.0, 0.0, 0.5)], colours).tolist() == [[4.0, 4.0], [3.0, 2.0]]


def test_a_raised_source_is_the_same_whether_gone_on_with_or_entered():
    made = rooms.raised(engine.noise(1, "r", np.ones(256), 512, rate_hz=RATE_HZ // 4), 4)
    together = list(islice(zip(made.blocks(), made.blocks(70_001), strict=True), 3))  # two players of one source
    for start, player in ((0, 0), (70_001, 1)):
        heard = np.concatenate([blocks[player] for blocks in together], axis=1)
        fresh = rooms.raised(engine.noise(1, "r", np.ones(256), 512, rate_hz=RATE_HZ // 4), 4)
        assert np.array_equal(heard[:, -1000:], engine.take(fresh, start + heard.shape[1] - 1000, 1000))


def test_a_room_answers_to_a_click_as_it_was_made_wherever_it_is_entered():
    """A click just before a stretch ends is heard in the room on both sides of that edge."""
    answer = rooms.room(1, (0.5, 0.2), 3000.0, 11_025)
    clicks = {20_000: 1.0, 29_800: -0.5}

    def cell(k):
        sound = np.zeros((2, 100), np.float32)
        for at, size in clicks.items():
            if at // 100 == k:
                sound[:, at % 100] = size
        return sound

    heard = engine.take(rooms.in_room(engine.Cells(100, 100, cell), answer, 0.5, 0.25), 19_000, 20_000)
    expected = np.zeros((2, 20_000))
    for at, size in clicks.items():
        expected[:, at - 19_000] += 0.5 * size
        expected[:, at - 19_000 : at - 19_000 + answer.shape[1]] += 0.25 * size * answer
    assert np.abs(heard - expected).max() < 1e-6
    entered = engine.take(rooms.in_room(engine.Cells(100, 100, cell), answer, 0.5, 0.25), 30_001, 5000)
    assert np.array_equal(entered, heard[:, 11_001:16_001])


def test_handfuls_fall_as_many_and_as_loud_as_single_ones():
    shape = np.ones(20, np.float32)
    energies = []
    for handful in (1, 5):
        scatter = engine.Scatter(200.0, 0.1, exponent=3.0, largest=2.0, handful=handful)
        made = engine.scattered(4, "h", [shape * sign for sign in (-1, 1)], scatter, 11_025)
        energies.append(np.mean(engine.take(made, -1000, 300 * 11_025).astype(np.float64) ** 2))
    assert 10 * np.log10(energies[1] / energies[0]) == pytest.approx(0, abs=0.3)


def test_sources_add_whatever_the_lengths_of_their_blocks():
    parts = [engine.noise(seed, "s", np.ones(size // 2), size) for seed, size in ((1, 512), (2, 768))]
    both = engine.take(engine.Sum(tuple(parts)), 1001, 5000)
    assert np.array_equal(both, engine.take(parts[0], 1001, 5000) + engine.take(parts[1], 1001, 5000))
