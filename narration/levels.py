"""Every loudness and time constant of the mix, each with its unit and source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Levels:
    """Every loudness and time constant of the mix. J marks judgement; T is Torcoli et al., JAES 67(12), 2019.

    B was measured on noise falling by 2 dB an octave, 10 LU under speech: the dip raises the speech intelligibility
    index from 0.950 to 0.979 and moves the background by 1.4 LU, where ducking all of it by 4 dB gives 0.986 and 4 LU.

    Speech wants 10 LU over music and 15 LU over ambience, lay listeners 4 more (T): hence 16 and 18.
    """

    voice_lufs: float = -18.0  # LUFS of the spoken spans: day and office -18 (AES TD1008 for speech), sleep -20 (J)
    music_lu: float = -16.0  # LU of music against the voice, while it speaks (T)
    nature_lu: float = -18.0  # LU of nature sounds against the voice, while it speaks (T)
    duck_db: float = 3.0  # dB that the background comes up where nobody speaks: slow and shallow (J)
    attack_s: float = 0.6  # seconds before a line in which the background goes down (J)
    hold_s: float = 0.8  # seconds after a line before it comes up (J)
    release_s: float = 2.5  # seconds in which it comes up (J)
    merge_s: float = 8.0  # seconds: in shorter gaps it stays down, so that it does not breathe with every line (J)
    pocket_db: float = 6.0  # dB that a bright background, never ducked, dips under a line where consonants are (B)
    pocket_hz: tuple[tuple[float, float], ...] = (  # that dip: (Hz, share of it), straight lines between (B)
        *((500.0, 0.0), (900.0, 0.6), (1500.0, 1.0), (3500.0, 1.0), (5500.0, 0.5), (8000.0, 0.0)),
    )
    pocket_merge_s: float = 4.0  # seconds: in shorter gaps the dip stays (J)
    fade_in_s: float = 3.0  # seconds in which the background begins (J)
    cross_s: float = 6.0  # seconds in which one background gives way to another (J)
    true_peak_dbtp: float = -1.5  # dBTP at most; sleep -3
    window_s: float | None = None  # seconds of speech that the loudness is anchored to, from the first on; None: all
    arc_lu: float = 0.0  # LU that voice and background sink together after that, down to the last word; sleep 6-9 (J)
    lift_lu: float = 0.0  # LU that the voice comes nearer in the last chapter of a track that returns; 2 (J)
    lift_s: float = 20.0  # seconds of that chapter in which it does (J)
    bright_db: float = 2.0  # dB that it is brighter there above ``bright_hz``, at once: it is a new line (J)
    bright_hz: float = 3000.0  # Hz where consonants begin (J)


SLEEP = Levels(voice_lufs=-20.0, true_peak_dbtp=-3.0, window_s=120.0)
ARC_LU = 7.0  # of a session that ends in sleep
LIFT_LU = 2.0  # of a session that returns
END_S = 1.0  # seconds of true silence after the fade of the tail
