"""How sharp a sound is to the ear, in acum.

Loudness over the critical bands after Zwicker (ISO 532-1, its levels and thresholds, one slope in place of its table),
weighted as in DIN 45692. For steady sounds only; within 0.06 acum of MoSQITo's sharpness_din_st on those of nature.
"""

import numpy as np

from narration.timing import RATE_HZ

LEVEL_DB = 45.0  # A-weighted: a loudspeaker by the bed
STEP = 0.1  # Bark
FALL = 0.5  # how loudness falls above the band that makes it, in nepers a Bark; fitted
QUIET = ([0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5], [30.0, 18.0, 12.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0])  # dB
EAR = ([10.0, 13.0, 15.0, 16.5, 17.5, 19.0, 20.5, 22.0, 24.0], [0.0, 0.5, 1.6, 3.2, 5.4, 5.6, 4.0, 1.5, -5.0])  # dB


def sharpness_acum(samples):
    """The sharpness of (n, 2) samples played at LEVEL_DB in dB(A), in acum."""
    size, mono = 2**13, samples.mean(axis=1, dtype=np.float64)
    frames = mono[: len(mono) // size * size].reshape(-1, size) * np.hanning(size)
    power = (np.abs(np.fft.rfft(frames, axis=1)) ** 2).mean(axis=0)[1:]
    hz = np.fft.rfftfreq(size, 1 / RATE_HZ)[1:]
    power *= 10 ** (LEVEL_DB / 10) / (power * a_weight(hz)).sum()
    bark = np.arange(0.0, 24.0, STEP) + STEP / 2
    place = 13 * np.arctan(0.00076 * hz) + 3.5 * np.arctan((hz / 7500) ** 2)
    bands = np.array([power[np.abs(place - z) < 0.5].sum() for z in bark])
    quiet_db, ear_db = np.interp(bark, *QUIET), np.interp(bark, *EAR)
    over = 10 ** ((10 * np.log10(bands + 1e-12) + ear_db - quiet_db) / 10)
    specific = 0.0635 * 10 ** (0.025 * quiet_db) * np.maximum(0.0, (0.75 + 0.25 * over) ** 0.25 - 1)
    for i in range(1, len(bark)):  # what a band excites above itself
        specific[i] = max(specific[i], specific[i - 1] * np.exp(-FALL * STEP))
    weight = np.where(bark < 15.8, 1.0, 0.15 * np.exp(0.42 * (bark - 15.8)) + 0.85)
    return 0.11 * (specific * weight * bark).sum() / specific.sum()


def a_weight(hz):
    """The A weighting of power (IEC 61672-1), 1 at 1 kHz."""
    low, high = hz**2 + 20.6**2, hz**2 + 12194**2
    return (1.2589 * 12194**2 * hz**4 / (low * high * np.hypot(hz, 107.7) * np.hypot(hz, 737.9))) ** 2
