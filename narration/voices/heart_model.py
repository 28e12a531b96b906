"""The heart voice's model with a speed for every sound, and with its own timings: two small changes to its graph.

hibari's graph divides the length of every sound by one ``speed``, rounds it to frames of 25 ms and keeps the frames to
itself. The division broadcasts: told that ``speed`` may have any length, the same graph takes one for each sound. And a
tensor becomes an output when its name is added to the list of outputs; in protocol buffers, messages written one after
the other are merged, so that the list is lengthened by appending to the file. The weights are not touched; a speed that
is the same for all gives the samples of the unchanged model, to the bit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAMES = "/Cast_32_output_0"  # frames of 25 ms of each sound, int64 (sounds,)
OUTPUTS = ("lh", "theta", "ln", "lr", "phi", "f0", FRAMES)
# ValueInfoProto of "speed", float, shape [1], and the same with a dimension that has no figure
_ONE = b"\n\x05speed\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01"
_ANY = b"\n\x05speed\x12\n\n\x08\x08\x01\x12\x04\n\x02\x12\x00"


def changed(model: bytes) -> bytes:
    """The model of hibari-tts 0.2.1 with the two changes. Raises ValueError where it is another one."""
    if model.count(_ONE) != 1:
        raise ValueError("this is not the graph that was changed before")
    name = _field(1, FRAMES.encode())  # ValueInfoProto.name
    return model.replace(_ONE, _ANY) + _field(7, _field(12, name))  # ModelProto.graph, GraphProto.output


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer, shorter than 128 bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def load(path: Path) -> Any:
    """hibari with the changed model on one thread, and all that it makes when it is first asked for."""
    from hibari import Hibari

    made = Hibari(model=changed(path.read_bytes()), threads=1)
    _ = made.g2p.oov
    return made


def speak(
    hibari: Any, ids: list[int], speeds: NDArray[np.float32], seed: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(samples, first sample of each sound and the end of the last) of sounds at these speeds, one for each."""
    from hibari import dsp

    feed = {"ids": np.asarray([ids], np.int64), "speed": speeds.astype(np.float32)}
    *streams, frames = hibari.sess.run(list(OUTPUTS), feed)
    lh, theta, ln, lr, phi, f0 = (stream[0] for stream in streams)
    samples = dsp.synth(lh, theta, ln, lr, phi, f0, np.random.default_rng(seed))
    starts = np.concatenate(([0], np.cumsum(frames)))
    return samples, (starts * (len(samples) / max(1, starts[-1]))).astype(np.int64)
