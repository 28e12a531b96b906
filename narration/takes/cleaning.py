"""A take made ready: its room tone turned down, cut to its speech, and how loud it is.

Conventions: mono float32 in [-1, 1] at 44.1 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..loudness import Meter
from ..speech_bounds import GATE_DB, bounds, trim
from ..timing import RATE_HZ

Mono = NDArray[np.float32]

WINDOW, HOP = 1024, 256  # 23 ms, short enough that no consonant is smeared
# The most a band is turned down. Judgement: a home recording with 45 dB between words and room gets as quiet as the
# synthetic voices sound under music, and noise that is only turned down does not warble as removed noise does.
MOST_DB = 12.0
QUIET_DB = -60.0  # room tone further under the speech than this is left as it is
WORDS_DB = -25.0  # against the speech: only words are louder, not the room, so that the room can be found first
AWAY_S = 0.2  # room tone is measured this far from the words, where no weak consonant or echo of them is left
LEAST_S = 0.15  # of room tone; from less, nothing can be told about it
SWING_DB = 12.0  # 10 ms of a rumble rise so far over its mean: the gate between room and words lies above
OVER = 2.0  # noise power that is taken off, over its mean: a window holds more than the mean half the time
CLIPPED, RUN = 0.985, 4  # a run of this many samples at full scale is no speech, but a level set too high


@dataclass(frozen=True)
class Ready:
    """A take ready for its place: ``room_db`` is its room tone against its speech, as recorded; None if not known."""

    samples: Mono
    room_db: float | None
    clipped: int  # places where the recording ran into full scale


def ready(recording: Mono) -> Ready:
    """The speech of a take, its room tone at most 12 dB quieter than recorded. ValueError where there is no speech."""
    sound = recording - np.float32(recording.mean()) if len(recording) else recording
    start, end = bounds(sound, RATE_HZ, WORDS_DB)
    away = round(AWAY_S * RATE_HZ)
    room = [piece for piece in (sound[: max(0, start - away)], sound[end + away :]) if len(piece) >= 2 * WINDOW]
    clipped = _clipped(recording)
    if sum(map(len, room)) < LEAST_S * RATE_HZ:
        return Ready(trim(sound, RATE_HZ), None, clipped)
    noise = np.mean(np.concatenate([_spectra(piece) for piece in room]), axis=0)
    room_db = _db(np.mean(np.concatenate(room) ** 2)) - _speech_db(sound[start:end])
    if room_db <= QUIET_DB:
        return Ready(trim(sound, RATE_HZ), room_db, clipped)
    gate_db = max(GATE_DB, room_db - MOST_DB + SWING_DB)
    return Ready(trim(_turned_down(sound, noise), RATE_HZ, gate_db), room_db, clipped)


def energies(samples: Mono) -> NDArray[np.float64]:
    """The K-weighted energies of a take, for :func:`narration.loudness.gated_lufs`; a short one is heard repeatedly."""
    repeated = np.tile(samples, 1 + RATE_HZ // max(1, len(samples)))
    meter = Meter()
    meter.push(np.column_stack([repeated, np.zeros_like(repeated)]))
    return meter.energies


def _turned_down(sound: Mono, noise: NDArray[np.float64]) -> Mono:
    """The sound with every band turned down where it holds little but noise (spectral subtraction with a floor)."""
    window = _window()
    padded = np.pad(sound, (WINDOW, WINDOW + HOP))
    frames = sliding_window_view(padded, WINDOW)[::HOP] * window
    spectrum = np.fft.rfft(frames, axis=1)
    # Over 47 ms and 130 Hz: a gain that followed single bins would warble.
    power = _smooth(_smooth(np.abs(spectrum) ** 2, 5, axis=0), 3, axis=1)
    floor = 10 ** (-MOST_DB / 10)
    gain = np.sqrt(np.maximum(1 - OVER * noise / np.maximum(power, 1e-20), floor))
    cleaned = np.fft.irfft(spectrum * gain, n=WINDOW, axis=1) * window
    out = np.zeros(len(padded))
    for place in range(WINDOW // HOP):  # every fourth frame lies clear of the others: four sums, no loop over frames
        rows = cleaned[place :: WINDOW // HOP]
        flat = rows.reshape(-1)
        out[place * HOP : place * HOP + len(flat)] += flat
    return (out[WINDOW : WINDOW + len(sound)] / (WINDOW / HOP / 2)).astype(np.float32)


def _window() -> NDArray[np.float64]:
    """The root of a Hann window: squared, its frames add up to 2."""
    return np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW))


def _spectra(piece: Mono) -> NDArray[np.float64]:
    frames = sliding_window_view(piece, WINDOW)[::HOP] * _window()
    powers: NDArray[np.float64] = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    return powers


def _smooth(power: NDArray[np.float64], count: int, axis: int) -> NDArray[np.float64]:
    """Means of ``count`` neighbours, the ends repeated."""
    widths = [(count // 2, count // 2) if at == axis else (0, 0) for at in range(2)]
    means: NDArray[np.float64] = sliding_window_view(np.pad(power, widths, mode="edge"), count, axis=axis).mean(axis=-1)
    return means


def _speech_db(speech: Mono) -> float:
    frame = RATE_HZ // 100
    whole = speech[: max(1, len(speech) // frame) * frame]
    return _db(np.percentile(np.mean(np.resize(whole, (max(1, len(speech) // frame), frame)) ** 2, axis=1), 95))


def _db(power: float | np.floating) -> float:
    return float(10 * np.log10(max(float(power), 1e-20)))


def _clipped(sound: Mono) -> int:
    full = np.concatenate(([False], np.abs(sound) >= CLIPPED, [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(full)).reshape(-1, 2)
    return int(np.sum(edges[:, 1] - edges[:, 0] >= RUN))
