"""An energy gate on a decoded file, with nothing of narration in it: where there is sound, to its hop."""

from itertools import pairwise

import numpy as np
import soundfile

HOP_S = 0.001


def decoded(path):
    """(samples as float64 (n, channels), rate in Hz), by libsndfile."""
    samples, rate = soundfile.read(path, always_2d=True)
    return samples, rate


def sounds(path, under_db=38.0, join_s=0.0):
    """(start, end) in seconds of every stretch louder than ``under_db`` under the file's own loud moments.

    Stretches closer than ``join_s`` count as one.
    """
    samples, rate = decoded(path)
    hop = round(HOP_S * rate)
    mono = samples.mean(axis=1)
    count = len(mono) // hop
    frames = np.sqrt((mono[: count * hop].reshape(count, hop) ** 2).mean(axis=1))
    smooth = np.sqrt(np.convolve(frames**2, np.ones(5) / 5, "same"))
    loud = smooth > np.percentile(smooth[smooth > 1e-4], 95) * 10 ** (-under_db / 20)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(int))).reshape(-1, 2) * hop / rate
    joined = []
    for start, end in edges:
        if joined and start - joined[-1][1] < join_s:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    return [(start, end) for start, end in joined]


def silences(path, at_least_s=0.4, under_db=38.0):
    """Seconds of the silences between sounds, those of at least ``at_least_s``."""
    return [b - a for (_, a), (b, _) in pairwise(sounds(path, under_db, at_least_s))]
