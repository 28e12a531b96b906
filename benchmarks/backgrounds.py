"""What each background costs: CPU seconds of one thread for a minute of it, at first and once it is under way.

    OPENBLAS_NUM_THREADS=1 python benchmarks/backgrounds.py [NAME ...]

The target is half a second a minute. The first minute also makes what is then kept: notes, bowls, rooms.
"""

import sys
import time
import tracemalloc

from narration.backgrounds import load, names
from narration.timing import RATE_HZ

MINUTE = 60 * RATE_HZ


def seconds(name: str, minutes: int = 5) -> list[float]:
    """CPU seconds of each minute in turn."""
    background = load(name, seed=1)
    assert background is not None  # noqa: S101 - only "off" has no sound
    blocks, have, costs = background.blocks(), 0, []
    for minute in range(1, minutes + 1):
        started = time.process_time()
        while have < minute * MINUTE:
            have += len(next(blocks))
        costs.append(time.process_time() - started)
    return costs


def held_mb(name: str) -> float:
    """The most that a new player of two minutes holds at once."""
    tracemalloc.start()
    seconds(name, minutes=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main(*asked: str) -> None:
    print("background     first minute   later minutes   MB held")
    for name in asked or names():
        first, *later = seconds(name)
        print(f"{name:12} {first:12.2f} s {sum(later) / len(later):13.2f} s {held_mb(name):9.0f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
