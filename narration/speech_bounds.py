"""Where the speech of a clip starts and ends: a clip starts at the onset of speech and ends at its end, both measured.

Engines pad their speech with 0.1 to 0.5 s of near-silence; every written pause would be wrong by as much. The gate here
is sharp so that an independent energy gate on the finished file finds the same edges.

Conventions: levels are RMS in dB; "relative" means to the clip's own speech level, the 95th percentile of its frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Relative. Under it the heart voice mostly decays for 0.1 s, and gates of other heights find other edges there; a weak
# first "p" can lie under it too. Of 34 words of lone cues whisper-base mistakes 8 cut at -36, 7 at -37, 6 at -40.
GATE_DB = -37.0
SILENCE_DBFS = -60.0  # a clip whose speech level is lower holds no speech: the quietest cue measured is 35 dB louder
RANGE_DB = 50.0  # frames further under the loudest one are padding and must not pull the percentile down
FRAME_S, HOP_S = 0.010, 0.001
NEAR_S = 0.2  # closures before a final "t" or "k" last up to 0.15 s: what follows within this time belongs to the word
BLIP_S = 0.05  # beyond NEAR_S something shorter than this is a click, not a word
FADE_IN_S, FADE_OUT_S = 0.003, 0.006  # long enough that no edge clicks, too short to hear or to move a gate


def trim(samples: NDArray[np.float32], rate_hz: int, relative_db: float = GATE_DB) -> NDArray[np.float32]:
    """The speech of a mono clip: samples in [-1, 1] from its onset to its end, the outermost ones faded to zero.

    Pauses inside the speech are kept; a click far from the speech is not speech. ``relative_db`` is the gate's height.
    The result is a copy. Raises ValueError where there is no speech.
    """
    start, end = bounds(samples, rate_hz, relative_db)
    kept = samples[start:end].astype(np.float32)
    rise, fall = _fade(FADE_IN_S, rate_hz, len(kept)), _fade(FADE_OUT_S, rate_hz, len(kept))
    kept[: len(rise)] *= rise
    kept[len(kept) - len(fall) :] *= fall[::-1]
    return kept


def bounds(samples: NDArray[np.float32], rate_hz: int, relative_db: float = GATE_DB) -> tuple[int, int]:
    """(first, past the last) sample of the speech, by a gate ``relative_db`` over its level.

    Raises ValueError where there is none.
    """
    frame, hop = max(1, round(FRAME_S * rate_hz)), max(1, round(HOP_S * rate_hz))
    level_db = _levels(samples, frame, hop)
    speech_db = float(np.percentile(level_db[level_db > level_db.max() - RANGE_DB], 95))
    if speech_db < SILENCE_DBFS:
        raise ValueError(f"no speech: the loudest is {speech_db:.0f} dB below full scale")
    gate_db = speech_db + relative_db
    runs = _speech_runs(level_db > gate_db, NEAR_S / HOP_S, BLIP_S / HOP_S)
    # A frame's RMS over the gate means that a sample of it is: the outermost such samples are the edges.
    start, end = runs[0][0] * hop, (runs[-1][1] - 1) * hop + frame
    loud = np.flatnonzero(np.abs(samples[start:end]) > 10 ** (gate_db / 20))
    return start + int(loud[0]), start + int(loud[-1]) + 1


def _levels(samples: NDArray[np.float32], frame: int, hop: int) -> NDArray[np.float64]:
    """dB of every frame, one each ``hop`` samples; the clip counts as surrounded by silence."""
    padded = np.pad(samples.astype(np.float64), (0, frame))
    energy = np.concatenate(([0.0], np.cumsum(padded**2)))
    starts = np.arange(0, max(1, len(samples)), hop)
    power: NDArray[np.float64] = (energy[starts + frame] - energy[starts]) / frame
    return 10 * np.log10(np.maximum(power, 1e-20))


def _speech_runs(loud: NDArray[np.bool_], near: float, blip: float) -> list[tuple[int, int]]:
    """Runs (first, past the last) of loud frames, without the blips that stand alone before or after the speech."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], loud, [False])).astype(np.int8)))
    runs = [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
    while len(runs) > 1 and runs[0][1] - runs[0][0] < blip and runs[1][0] - runs[0][1] > near:
        runs.pop(0)
    while len(runs) > 1 and runs[-1][1] - runs[-1][0] < blip and runs[-1][0] - runs[-2][1] > near:
        runs.pop()
    return runs


def _fade(seconds: float, rate_hz: int, longest: int) -> NDArray[np.float32]:
    """The rising half of a raised cosine, from just over 0 to just under 1."""
    count = min(round(seconds * rate_hz), longest // 2)
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / max(count, 1))).astype(np.float32)
