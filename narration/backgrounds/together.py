"""Several backgrounds at once, by gain, as one background at the reference loudness."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..blend import Voicing, spell_blend
from . import Background, BackgroundInfo

Block = NDArray[np.float32]


class Together:
    """A sum of backgrounds; follows :class:`narration.backgrounds.Background`.

    Each plays at REFERENCE_LUFS times its gain; since unrelated sounds add by their energies, one constant factor
    brings the sum back to REFERENCE_LUFS. What it is counted as, music or nature, the loudest part decides.
    """

    def __init__(self, parts: Sequence[Background], gains_lu: Sequence[float]) -> None:
        """``gains_lu`` are against the first part, whose own is 0."""
        self._parts = tuple(parts)
        factors = 10 ** (np.array(gains_lu) / 20)
        self._factors = (factors / np.sqrt((factors**2).sum())).astype(np.float32)
        self.info = _info([part.info for part in parts], gains_lu)

    def blocks(self, start: int = 0) -> Iterator[Block]:
        """Endless blocks, float32 (n, 2), from sample ``start`` on, each as long as all the parts have at hand."""
        feeds = [part.blocks(start) for part in self._parts]
        held = [next(feed) for feed in feeds]
        while True:
            count = min(map(len, held))
            total = held[0][:count] * self._factors[0]
            for block, factor in zip(held[1:], self._factors[1:], strict=True):
                total += block[:count] * factor
            yield total
            held = [
                block[count:] if len(block) > count else next(feed) for block, feed in zip(held, feeds, strict=True)
            ]


def _info(parts: Sequence[BackgroundInfo], gains_lu: Sequence[float]) -> BackgroundInfo:
    loudest = parts[int(np.argmax(gains_lu))]
    return BackgroundInfo(
        name=spell_blend(tuple(Voicing(part.name, gain) for part, gain in zip(parts, gains_lu, strict=True))),
        title=" + ".join(part.title for part in parts),
        kind=loudest.kind,
        licence=_each(part.licence for part in parts),
        source=_each(part.source for part in parts),
        bright=any(part.bright for part in parts),
        how=_each(f"{part.title}: {part.how}" for part in parts if part.how),
        parts=tuple(parts),
    )


def _each(words: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(words))
