"""MP3 by LAME: the bitrates there are, and the file from its ID3 tag to its last frame."""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from ..errors import UsageError
from ..timing import RATE_HZ
from .infoframe import Frames, Mode, info_frame
from .pieces import Pieces
from .tags import id3
from .target import Pcm, Target

DEFAULT_BITRATE = "128k"

# Bitrate in kbps: (what LAME multiplies by, its low-pass in Hz), as measured. 64 is the least whose frame holds the
# info tag. The gain is a preset's safety margin against clipping; we give it back, for the master has one already.
_CBR = {
    **{64: (0.95, 11_000), 80: (0.95, 13_500), 96: (0.95, 15_100), 112: (0.95, 15_600), 128: (0.95, 17_000)},
    **{160: (0.95, 17_500), 192: (0.97, 18_600), 224: (0.98, 19_400), 256: (1.0, 19_700), 320: (1.0, 20_500)},
}
# Low-pass in Hz of V0 to V9, which change no level.
_VBR = (22_100, 19_500, 18_500, 18_000, 17_500, 17_000, 16_500, 15_600, 15_200, 7_200)


def mode(bitrate: str) -> Mode:
    """LAME's settings for ``128k``, ``128``, ``128000`` (constant) or ``V0`` to ``V9`` (variable); else UsageError."""
    spelt = re.fullmatch(r"v([0-9])", bitrate.strip(), re.IGNORECASE)
    if spelt:
        quality = int(spelt[1])
        return Mode(None, quality, 1.0, _VBR[quality])
    spelt = re.fullmatch(r"(\d{2,3})(?:k|000)?", bitrate.strip(), re.IGNORECASE | re.ASCII)
    kbps = int(spelt[1]) if spelt else 0
    if kbps not in _CBR:
        known = ", ".join(f"{kbps}k" for kbps in _CBR)
        raise UsageError(f'MP3 has no bitrate "{bitrate}" (have: {known}, V0 to V9).', hint="128k")
    return Mode(kbps, None, *_CBR[kbps])


def check(target: Target) -> Mode:
    """LAME's settings for the target's bitrate, or its default; UsageError for what there is not."""
    if not 0 <= target.quality <= 9:
        raise UsageError(f"LAME's quality is 0 to 9, not {target.quality}.", hint="5")
    return mode(target.bitrate or DEFAULT_BITRATE)


class Mp3:
    """The sink: ID3 tag, room for the info frame, then LAME's frames; ``finish`` goes back and fills the room."""

    bits = 16  # all that lameenc takes

    def __init__(self, file: BinaryIO, target: Target, length: int) -> None:
        """Begin a track of ``length`` samples a channel in an open, empty file."""
        self._file, self._length, self._quality = file, length, target.quality
        self._mode = check(target)
        self.gain = 1 / self._mode.gain
        self._frames = Frames()
        self._pieces = Pieces(lambda: _lame(self._mode, self._quality))
        file.write(id3(target, length))
        self._info_at = file.tell()
        file.write(bytes(self._mode.info_bytes))

    def add(self, pcm: Pcm) -> None:
        """Encode the next samples, or keep them for the next piece."""
        self._write(self._pieces.add(pcm))

    def finish(self) -> None:
        """Encode what is left, and write the info frame."""
        self._write(self._pieces.finish())
        self._frames.finish()
        self._file.seek(self._info_at)
        self._file.write(info_frame(self._mode, self._quality, self._frames, self._length))

    def close(self) -> None:
        """Stop the encoders."""
        self._pieces.close()

    def _write(self, stream: bytes) -> None:
        self._frames.add(stream)
        self._file.write(stream)


def _lame(mode: Mode, quality: int) -> Any:  # lameenc is a C extension without types
    import lameenc

    lame = lameenc.Encoder()
    lame.silence()
    lame.set_channels(2)
    lame.set_in_sample_rate(RATE_HZ)
    lame.set_out_sample_rate(RATE_HZ)  # left to itself LAME resamples at low bitrates, and says nothing
    lame.set_quality(quality)
    if mode.vbr is None:
        lame.set_bit_rate(mode.kbps)
    else:
        lame.set_vbr(lameenc.VBR_MTRH)
        lame.set_vbr_quality(mode.vbr)
    return lame
