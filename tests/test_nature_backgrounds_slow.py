"""What takes minutes of nature to tell: every threshold for five seeds, no loop, the eighth hour, flat memory."""

import tracemalloc

import numpy as np
import pytest

from narration.backgrounds import REFERENCE_LUFS
from narration.loudness import Meter
from narration.timing import RATE_HZ

from .sharpness import sharpness_acum
from .test_backgrounds import HOUR, bursts_db, levels_db, played
from .test_backgrounds_slow import clicks
from .test_nature_backgrounds import MADE, powers

pytestmark = pytest.mark.slow
MINUTES = 20  # of which 400 s is a third: in ten minutes chance alone makes waves nearly as alike as a loop
SEEDS = range(1, 6)


@pytest.mark.parametrize("seed", SEEDS)
@MADE
def test_every_seed_keeps_every_threshold(made, seed):
    samples = played(made(seed), 90, start=(8 * HOUR - 3 * RATE_HZ) * (seed % 2))
    first, whole = Meter(), Meter()
    first.push(samples[: 60 * RATE_HZ])
    whole.push(samples)
    for meter in (first, whole):
        assert meter.integrated_lufs == pytest.approx(REFERENCE_LUFS, abs=0.5)
        assert meter.range_lu <= 6
    levels = levels_db(samples)
    assert bursts_db(levels).max() < 6.5
    assert (levels[2:] - levels[:-2]).max() < 8
    minute = samples[: 60 * RATE_HZ].astype(np.float64)
    assert clicks(minute.mean(axis=1)) < 6
    assert sharpness_acum(minute) < 1.2
    assert 20 * np.log10(minute.std() / minute.mean(axis=1).std()) < 2.5
    assert np.abs(minute.mean(axis=0)).max() < 0.005 * minute.std()
    assert np.abs(samples).max() < 0.5
    hz, power = powers(minute)
    assert power[hz < 40].sum() < 0.05 * power.sum()
    assert power[hz > 8000].sum() < 0.002 * power.sum()


@MADE
def test_nothing_repeats(made):
    levels, seen, blocks, left = [], set(), made(1).blocks(), np.zeros((0, 2), np.float32)
    for _ in range(MINUTES):
        held = [left]
        while sum(map(len, held)) < 60 * RATE_HZ:
            held.append(next(blocks))
        joined = np.concatenate(held)
        minute, left = joined[: 60 * RATE_HZ], joined[60 * RATE_HZ :]
        levels.append(levels_db(minute))
        seen |= {second.tobytes() for second in minute.reshape(60, -1)[:, :4410]}
    assert len(seen) == MINUTES * 60
    envelope = np.concatenate(levels)
    envelope -= envelope.mean()
    power = np.abs(np.fft.rfft(envelope, 2 * len(envelope))) ** 2
    alike = np.fft.irfft(power)[: len(envelope)] / np.arange(len(envelope), 0, -1)
    assert (alike / alike[0])[15 * 20 : 400 * 20].max() < 0.3


@MADE
def test_entering_an_hour_or_a_night_in_gives_the_same_bits(made):
    for far in (HOUR, 8 * HOUR - 3 * RATE_HZ):
        before = played(made(3), 9.1, far - 7 * RATE_HZ - 11)
        assert np.array_equal(played(made(3), 2, far), before[7 * RATE_HZ + 11 :][: 2 * RATE_HZ])


@MADE
def test_memory_is_flat(made):
    tracemalloc.start()
    blocks, have, peaks = made(1).blocks(), 0, []
    for seconds in (30, 150):
        while have < seconds * RATE_HZ:
            have += len(next(blocks))
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < 24e6
    assert peaks[1] < peaks[0] + 1e6
