"""The pocket: how far it dips, where, and that nothing else moves."""

from dataclasses import replace

import numpy as np
import pytest

from narration.backgrounds import REFERENCE_LUFS, BackgroundInfo
from narration.levels import Levels
from narration.loudness import Meter
from narration.mix import BLOCK
from narration.pocket import in_pocket
from narration.timing import RATE_HZ

from .test_mix import Hum, mix, played  # noqa: F401 - a fixture

BODY = "Rest your hands. [9s] Let go now. [12s] Rest. [3s] Rest a while. [9s] Rest."
LOOP = 2**20  # samples; noise made by a transform goes round without a seam
FLAT = Levels(duck_db=0.0, music_lu=Levels().nature_lu)


class Bright:
    """Noise that falls by 2 dB an octave, as a bright song, at about the reference; pure in the sample index."""

    def __init__(self, bright=True):
        spectrum = np.fft.rfft(np.random.RandomState(4).standard_normal((LOOP, 2)), axis=0)
        hz = np.maximum(np.fft.rfftfreq(LOOP, 1 / RATE_HZ), 50)
        noise = np.fft.irfft(spectrum * (hz[:, None] ** (-2 / 6.02)) * (hz > 50)[:, None], axis=0)
        meter = Meter()
        meter.push((0.05 * noise / noise.std()).astype(np.float32))
        gain = 0.05 / noise.std() * 10 ** ((REFERENCE_LUFS - meter.integrated_lufs) / 20)
        self._samples = (gain * noise).astype(np.float32)
        self.info = BackgroundInfo("bright", "Bright", "music", "MIT", "tests", bright=bright)

    def blocks(self, start=0):
        while True:
            block = self._samples[start % LOOP :][:5003]
            yield block
            start += len(block)


@pytest.fixture(scope="module")
def bright():
    return Bright()


def band_db(samples, low, high):
    power = (np.abs(np.fft.rfft(samples * np.hanning(len(samples))[:, None], axis=0)) ** 2).sum(axis=1)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    return 10 * np.log10(power[(hz >= low) & (hz < high)].sum())


def loudness(samples):
    meter = Meter()
    meter.push(samples)
    return meter.integrated_lufs


def stretches(mix):  # noqa: F811
    """Samples where somebody speaks, and where nobody does for long, or is about to."""
    spoken, silent = np.zeros(mix.plan.length, bool), np.ones(mix.plan.length, bool)
    for one in mix.plan.utterances:
        spoken[one.start : one.end] = True
        silent[max(0, one.start - round(0.61 * RATE_HZ)) : one.end + round(3.31 * RATE_HZ)] = False
    return spoken, silent


def test_it_dips_6_db_where_consonants_are_while_somebody_speaks_and_nothing_else_moves(mix, bright):  # noqa: F811
    mixed = mix(BODY, background=bright, levels=FLAT)
    with_it = played(mixed)[2]
    without = played(mix(BODY, background=bright, levels=replace(FLAT, pocket_db=0.0)))[2]
    spoken, silent = stretches(mixed)
    assert np.array_equal(with_it[silent], without[silent])
    dips = [
        band_db(with_it[one.start : one.end], low, high) - band_db(without[one.start : one.end], low, high)
        for one in mixed.plan.utterances
        for low, high in ((1500, 3500),)
    ]
    assert dips == pytest.approx([-6.0] * len(dips), abs=0.5)
    part = with_it[spoken], without[spoken]
    assert band_db(part[0], 1000, 4500) - band_db(part[1], 1000, 4500) == pytest.approx(-5.5, abs=0.5)
    for low, high in ((50, 450), (8200, 16000)):
        assert band_db(part[0], low, high) - band_db(part[1], low, high) == pytest.approx(0, abs=0.1)
    assert -2 < loudness(part[0]) - loudness(part[1]) < -1


def test_it_moves_slowly_stays_down_between_near_lines_and_is_not_ducked_besides(mix, bright):  # noqa: F811
    mixed = mix(BODY, background=bright)
    never_ducked = mix(BODY, background=bright, levels=replace(Levels(), duck_db=0.0))
    assert np.array_equal(played(mixed)[2], played(never_ducked)[2])
    hum = Hum(2200.0)
    hum.info = replace(hum.info, bright=True)
    tone = played(mix(BODY, background=hum, levels=FLAT))[2][:, 0]
    size = RATE_HZ // 20
    levels = 10 * np.log10((tone[: len(tone) // size * size].reshape(-1, size).astype(float) ** 2).mean(axis=1) + 1e-15)
    inner = slice(4 * 20, mixed.plan.utterances[-1].end // size)
    assert np.abs(np.diff(levels[inner])).max() < 1.0  # dB in 50 ms: down within 0.6 s
    near = mixed.plan.utterances[2].end // size + 1, mixed.plan.utterances[3].start // size
    assert np.ptp(levels[slice(*near)]) < 0.1
    assert np.ptp(levels[inner]) == pytest.approx(6, abs=0.1)


@pytest.mark.parametrize("start", [1, 1023, 30_722, 3 * BLOCK - 1, BLOCK * 9 + 12345])
def test_a_mix_with_a_pocket_can_be_entered_anywhere(mix, bright, start):  # noqa: F811
    mixed = mix(BODY, background=bright)
    stop = start + 2 * BLOCK + 77
    assert np.array_equal(played(mixed)[2][start:stop], played(mixed, start, stop)[2])


def test_it_is_what_its_formula_says():
    chance = np.random.RandomState(1).standard_normal((100_000, 2)).astype(np.float32)
    shape = Levels().pocket_hz
    c = np.clip(np.sin(np.arange(200_000) / 9000), 0, 1).astype(np.float32)

    def play(start):
        yield from (chance[at : at + 777] for at in range(start, len(chance), 777))
        yield np.zeros((100_000, 2), np.float32)

    blocks = in_pocket(play, 0, lambda start, stop: c[start:stop], 6.0, shape)
    out = np.concatenate([next(blocks) for _ in range(3)])
    assert np.array_equal(out[c[: len(out)] == 0], chance[: len(out)][c[: len(out)] == 0])
    padded = np.zeros((2**18, 2))
    padded[:100_000] = chance
    hz = np.fft.rfftfreq(2**18, 1 / RATE_HZ)
    wanted = np.interp(hz, *zip(*shape, strict=True), left=0, right=0)
    band = np.fft.irfft(np.fft.rfft(padded, axis=0) * wanted[:, None], axis=0)[: len(out)]
    expected = chance[: len(out)] - (c[: len(out)] * (1 - 10**-0.3))[:, None] * band
    assert np.abs(out - expected)[:90_000].std() < 0.01 * chance.std()  # the window over the taps is all that differs


def test_a_dark_background_is_left_alone(mix):  # noqa: F811
    one, other = (played(mix(background=Hum(2200.0), levels=replace(Levels(), pocket_db=db)))[2] for db in (0, 6))
    assert np.array_equal(one, other)
