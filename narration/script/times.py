"""How long a mark lasts: one exact time, a range, or an open one. Reading and spelling are inverses."""

from __future__ import annotations

import re
from fractions import Fraction

from ..timing import UNITS, DurationError, format_duration, format_seconds, parse_duration
from .inline import MarkError

NUMBER = r"\d{1,9}(?:\.\d{1,9})?"
_DASH = re.compile(r"\s*(?:[-–—\u2011]|\bto\b)\s*")


def duration(text: str) -> Fraction:
    """Seconds of one exact time. Raises MarkError."""
    try:
        return parse_duration(text)
    except DurationError as error:
        raise MarkError(str(error), error.hint) from None


def some_duration(text: str, what: str) -> Fraction:
    """Seconds of one exact time that is more than nothing; ``what`` lasts so long. Raises MarkError."""
    seconds = duration(text)
    if not seconds:
        raise MarkError(f"{what} of no length; expected more than 0s")
    return seconds


def read_range(text: str, name: str = "") -> tuple[Fraction, Fraction | None]:
    """``4s``, ``4-10s`` and ``4s+`` as (least, most) seconds, most None where it is open. Raises MarkError.

    ``name`` is that of the mark, for hints.
    """
    if text.endswith("+"):
        return duration(text[:-1]), None
    low, dash, high = (part.strip() for part in _DASH.sub("-", text).partition("-"))
    if not dash or not low:
        seconds = duration(text)
        return seconds, seconds
    if re.fullmatch(NUMBER, low) and re.fullmatch(NUMBER, high):
        raise MarkError(f'"{text}" has no unit; write {low}-{high}s, or another of {UNITS}', f"[{name}{low}-{high}s]")
    if not high:
        raise MarkError(f'the range "{text}" has no end', f"[{name}4-10s], or [{name}4s+] for an open one")
    unit = re.fullmatch(rf"{NUMBER}\s*([a-zA-Z]+)", high)
    if re.fullmatch(NUMBER, low) and unit:
        low += unit[1]  # 4-10s says its unit once
    least, most = duration(low), duration(high)
    if least > most:
        raise MarkError(
            f'the range "{text}" is upside down: found {format_duration(least)} before {format_duration(most)}',
            f"[{name}{spell_range(most, least)}]",
        )
    return least, most


def spell_range(least: Fraction, most: Fraction | None) -> str:
    """The standard spelling of seconds from least to most. Inverse: :func:`read_range`."""
    if most is None:
        return f"{format_duration(least)}+"
    if least == most:
        return format_duration(least)
    if least < 60:
        return f"{format_seconds(least)}-{format_seconds(most)}s"  # the unit once, as people write it: 20-90s
    if (least / 60).denominator == (most / 60).denominator == 1:
        return f"{least // 60}-{most // 60} min"
    return f"{format_duration(least)} - {format_duration(most)}"
