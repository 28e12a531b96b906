"""The frame at the front of an MP3 that tells its length, where to seek, and what to cut so that no sample is added.

LAME writes one into files, but lameenc hands out bare frames, so it is made here. Without it players guess the length
of a VBR file and every decoder starts 1,105 samples early. Sources: Mp3 Info Tag rev 1 specification (G. Bouvigne,
gabriel.mp3-tech.org/mp3infotag.html); values checked field by field against the files of the lame 3.100 program.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

SAMPLES = 1152  # a channel in one frame of MPEG-1 Layer III
HEAD = 4  # bytes of a frame's header
DELAY = 576  # samples LAME puts before the first of ours; decoders add 529 of their own accord
_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # by the header's index; 0 is "free"
_SIDE_INFO = 32  # bytes of it in a stereo frame: what is left zero makes the frame decode to silence
_TAG_BYTES = 190  # from the frame's first byte to the tag's CRC, which covers all of them
_VBR_CARRIER_KBPS = 128  # the size of frame LAME takes for a VBR file


@dataclass(frozen=True)
class Mode:
    """How LAME is set: ``kbps`` for a constant bitrate or ``vbr`` (0 to 9) for a variable one; the other is None.

    ``gain`` is what LAME multiplies the signal by, ``lowpass_hz`` where it cuts.
    """

    kbps: int | None
    vbr: int | None
    gain: float
    lowpass_hz: int

    @property
    def info_bytes(self) -> int:
        """Size of the info frame: one frame of the stream's bitrate, unpadded, so that a CBR file stays CBR."""
        return 144_000 * (self.kbps or _VBR_CARRIER_KBPS) // 44_100


class Frames:
    """Reads along as frames go by: how many, where each begins, how many bytes, and their CRC. 4 bytes kept a frame."""

    def __init__(self) -> None:
        """Before the first byte."""
        self.offsets = array("I")  # bytes from the first frame; 24 hours at 320 kbps are 3.5 of the 4.3 GB it holds
        self.first_header = b""
        self.size_bytes = self.crc = 0
        self._next = 0  # where the next header is due
        self._rest = b""  # bytes of that header which have come already

    def add(self, stream: bytes) -> None:
        """Take the next bytes of the stream, cut anywhere. Raises RuntimeError if a frame is not where it should be."""
        self.crc = crc16(stream, self.crc)
        at = self._next - self.size_bytes + len(self._rest)
        self.size_bytes += len(stream)
        stream = self._rest + stream
        start = self.size_bytes - len(stream)
        while at + HEAD <= len(stream):
            header = stream[at : at + HEAD]
            self.first_header = self.first_header or header
            self.offsets.append(start + at)
            at += frame_bytes(header)
        self._rest, self._next = stream[at:], start + at

    def finish(self) -> None:
        """Raise RuntimeError unless the stream ended with a whole frame."""
        if self._next != self.size_bytes or not self.offsets:
            raise RuntimeError(f"LAME's stream ends at byte {self.size_bytes}, its last frame at {self._next}")


def frame_bytes(header: bytes) -> int:
    """Length of a frame from its header. Raises RuntimeError for what is not MPEG-1 Layer III at 44.1 kHz."""
    bitrate, rate, padded = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if header[:2] != b"\xff\xfb" or not 0 < bitrate < 15 or rate != 0:
        raise RuntimeError(f"not the header of an MP3 frame at 44.1 kHz: {header.hex()}")
    return 144_000 * _KBPS[bitrate] // 44_100 + padded


def info_frame(mode: Mode, quality: int, frames: Frames, length: int) -> bytes:
    """The frame for a track of ``length`` samples whose ``frames`` have all gone by; ``mode.info_bytes`` long."""
    count, total = len(frames.offsets), mode.info_bytes + frames.size_bytes
    padding = count * SAMPLES - DELAY - length
    if not 0 <= padding < 4096:
        raise RuntimeError(f"{count} frames cannot hold {length} samples")
    header = bytearray(frames.first_header)
    header[2] = _KBPS.index(mode.kbps or _VBR_CARRIER_KBPS) << 4  # no padding bit, whatever the first frame has
    scale = max(0, 100 - 10 * (4 if mode.vbr is None else mode.vbr) - quality)
    xing = struct.pack(
        ">4sIII100sI", b"Xing" if mode.kbps is None else b"Info", 15, count, total, _toc(frames, mode), scale
    )
    tag = bytes(header) + bytes(_SIDE_INFO) + xing + _lame_fields(mode, header[3] >> 6, padding, total, frames.crc)
    return (tag + struct.pack(">H", crc16(tag))).ljust(mode.info_bytes, b"\0")


def _toc(frames: Frames, mode: Mode) -> bytes:
    """Where each hundredth of the playing time begins, in 256ths of the bytes counted from the info frame."""
    count, total = len(frames.offsets), mode.info_bytes + frames.size_bytes
    places = [mode.info_bytes + frames.offsets[percent * count // 100] for percent in range(1, 100)]
    return bytes([0, *(256 * place // total for place in places)])


def _lame_fields(mode: Mode, channel_mode: int, padding: int, total: int, music_crc: int) -> bytes:
    """LAME's own part, up to the music CRC; peak and replay gain are zero, which means not measured."""
    joint = channel_mode == 1
    fields = struct.pack(
        ">9sBB I HH BB",
        b"LAME4.0 ",  # what lameenc 1.9 holds and calls itself
        1 if mode.vbr is None else 4,  # tag revision 0; CBR, or VBR by the "mtrh" method
        mode.lowpass_hz // 100,
        *(0, 0, 0),
        0x14,  # absolute threshold type 4 and the nspsytune model, LAME's standing choice
        32 if mode.kbps is None else min(mode.kbps, 255),  # the least bitrate, as far as a byte goes
    )
    fields += (DELAY << 12 | padding).to_bytes(3, "big")
    noise_shaping, source_44100 = (1 if mode.kbps is None else 2), 1
    fields += bytes([source_44100 << 6 | (3 if joint else 1) << 2 | noise_shaping, 0])
    preset = 500 - 10 * mode.vbr if mode.vbr is not None else mode.kbps  # LAME's numbers for V0 to V9, or the bitrate
    return fields + struct.pack(">HIH", preset, total, music_crc)


_ROW = 1024  # bytes taken at a time


@cache
def _crc_tables() -> NDArray[np.uint16]:
    """Row k, entry b: the CRC of byte b followed by k zero bytes."""
    table = np.zeros((_ROW, 256), np.uint16)
    table[0] = np.arange(256)
    for _ in range(8):
        table[0] = np.where(table[0] & 1, table[0] >> 1 ^ 0xA001, table[0] >> 1)
    for zeros in range(1, _ROW):
        table[zeros] = table[zeros - 1] >> 8 ^ table[0][table[zeros - 1] & 0xFF]
    return table


def crc16(data: bytes, crc: int = 0) -> int:
    """CRC-16 (x^16 + x^15 + x^2 + 1, bits reversed) of ``data`` after what gave ``crc``: the one of the Info tag.

    A CRC is linear: that of 1024 bytes is the exclusive or of what each gives alone, looked up all at once, and a CRC
    carried in counts as two more bytes laid over the first two. An hour at 128 kbps takes a third of a second, where a
    loop over bytes takes ten.
    """
    table = _crc_tables()
    whole = len(data) // _ROW * _ROW
    rows = np.frombuffer(data, np.uint8, whole).reshape(-1, _ROW)
    first, second = table[_ROW - 1].tolist(), table[_ROW - 2].tolist()
    for alone in np.bitwise_xor.reduce(table[np.arange(_ROW)[::-1], rows], axis=1).tolist():
        crc = alone ^ first[crc & 0xFF] ^ second[crc >> 8]
    short = table[0].tolist()
    for byte in data[whole:]:
        crc = crc >> 8 ^ short[(crc ^ byte) & 0xFF]
    return crc
