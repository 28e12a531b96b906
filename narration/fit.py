"""How elastic pauses fill a length."""

from __future__ import annotations

from collections.abc import Sequence

from .timing import RATE_HZ

_FINE = 1 << 32  # steps of the factor between 1 and 2: finer than a sample in a pause of a day


def stretch(bounds: Sequence[tuple[int, int]], extra: int) -> list[int]:
    """Lengths of elastic pauses with these (least, most) samples, ``extra`` samples longer in all than their leasts.

    Like the glue between the words of a justified line (Knuth and Plass 1981, "Breaking paragraphs into lines"): one
    factor for all, least × factor, each clamped to its own bounds; what rounding leaves goes out sample by sample, from
    the first pause on. A larger ``extra`` never shortens a pause. A pause of nothing grows as one of a second would.

    ``extra`` must lie between 0 and the sum of most − least.
    """
    if not extra:
        return [low for low, _ in bounds]

    def grown(step: int) -> list[int]:
        return [min(high, low + step * (low or RATE_HZ) // _FINE) for low, high in bounds]

    start = sum(low for low, _ in bounds)
    low_step, high_step = 0, _FINE * max(high for _, high in bounds)  # at the last every pause has its most
    while high_step - low_step > 1:
        middle = (low_step + high_step) // 2
        if sum(grown(middle)) - start <= extra:
            low_step = middle
        else:
            high_step = middle
    fitted = grown(low_step)
    left = extra - (sum(fitted) - start)
    for index, longer in enumerate(grown(high_step)):
        given = min(left, longer - fitted[index])
        fitted[index] += given
        left -= given
    return fitted
