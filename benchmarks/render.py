"""What a whole render costs beside its physical limit, the encoding of the same samples with the same settings.

    python benchmarks/render.py [SESSION] [LENGTH] [BACKGROUND]

Both are run in turn, in one process, and only their ratio is told: the machine's own speed and load cancel out. Speech
is cached before the clock starts.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import lameenc
import numpy as np
import soundfile

from narration.encode import target_for
from narration.script.builtin import find
from narration.session import render
from narration.timing import parse_duration
from narration.wishes import Wishes

ROUNDS = 3


def cost(work: Callable[[], object]) -> tuple[float, float]:
    """(CPU seconds, wall seconds) of one run."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def encode(samples: np.ndarray) -> None:
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(128)
    encoder.set_in_sample_rate(44_100)
    encoder.set_out_sample_rate(44_100)
    encoder.set_channels(2)
    encoder.set_quality(5)
    encoder.silence()
    for start in range(0, len(samples), 44_100):
        encoder.encode(samples[start : start + 44_100].tobytes())
    encoder.flush()


def main(session: str = "bedtime", length: str = "20m", background: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        wishes = Wishes(length=parse_duration(length), background=background)
        path = Path(folder) / "a.mp3"
        whole = lambda: render(find(session), wishes, target_for(path))  # noqa: E731
        whole()
        samples, _ = soundfile.read(path, dtype="int16", always_2d=True)
        rows = [(cost(whole), cost(lambda: encode(samples))) for _ in range(ROUNDS)]
    cpu = median(ours[0] / pure[0] for ours, pure in rows)
    wall = median(ours[1] / pure[1] for ours, pure in rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{session} {length} {background or 'its own background'}: a render costs {cpu:.2f} x the CPU and {wall:.2f} x"
    )
    print(f"the wall time of encoding alone; never more than {peak:.0f} MB held, the samples to encode among it")


if __name__ == "__main__":
    main(*sys.argv[1:])
