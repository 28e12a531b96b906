"""Time: every conversion, spelling and rounding. Inside narration a time is an int of samples or a Fraction of seconds.

A Fraction is exact, so a script's ``0.1s`` never turns into 0.1000000000000000055 seconds; the one rounding, to whole
samples, is :func:`to_samples`.
"""

from __future__ import annotations

import re
from fractions import Fraction

RATE_HZ = 44_100  # the rate of every clip, background, plan and track inside narration

_UNITS = {
    **dict.fromkeys(("ms", "millisecond", "milliseconds", "msec"), Fraction(1, 1000)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), Fraction(1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), Fraction(60)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), Fraction(3600)),
}
UNITS = "ms, s, min or h"
_TERM = r"\d{1,9}(?:\.\d{1,9})?\s*(?:" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")\b"
DURATION = rf"{_TERM}(?:\s*{_TERM})*"  # a pattern for others to build on; the only spelling of a duration
_DURATION = re.compile(DURATION, re.IGNORECASE | re.ASCII)
_PART = re.compile(r"([\d.]+)\s*([a-z]+)", re.IGNORECASE)
LONGEST = Fraction(24 * 3600)


class DurationError(ValueError):
    """What is wrong with a spelt duration, for people; ``hint`` is the nearest right spelling, where one is near."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def parse_duration(text: str) -> Fraction:
    """Seconds of a spelt duration: ``4s``, ``1.5s``, ``500ms``, ``2 min``, ``1 min 30s``, ``10m30s``, ``1h``.

    Raises DurationError for anything else and for more than 24 hours. Inverse: :func:`format_duration`.
    """
    text = text.strip()
    if not _DURATION.fullmatch(re.sub(r"(?<=[a-zA-Z])(?=\d)", " ", text)):
        raise _what_is_wrong(text)
    seconds = sum((Fraction(number) * _UNITS[unit.lower()] for number, unit in _PART.findall(text)), Fraction(0))
    if seconds > LONGEST:
        raise DurationError(f'"{text}" is longer than 24 hours')
    return seconds


def _what_is_wrong(text: str) -> DurationError:
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return DurationError(f'"{text}" has no unit; write {text}s, or another of {UNITS}')
    if re.fullmatch(r"[\d.]+\s*\w*\s*[-–—\u2011]\s*[\d.]+\s*\w+", text):
        return DurationError(f'"{text}" is a range; expected one exact time')
    if text.startswith("-"):
        return DurationError(f'"{text}" is less than nothing; expected a time like 4s')
    near = re.sub(r"(?<=\d),(?=\d)", ".", text)  # a comma for a point, a point without its nought, a last unit left out
    near = re.sub(r"(?<!\d)\.(?=\d)", "0.", near)
    near += "s" if re.search(r"[a-zA-Z]\s*\d+\Z", near) else ""
    right = bool(_DURATION.fullmatch(re.sub(r"(?<=[a-zA-Z])(?=\d)", " ", near)))
    message = f'"{text}" is not a duration; write one like 4s, 1.5s, 500ms, 2 min or 1 min 30s'
    return DurationError(message, near if right else "")


def format_duration(seconds: Fraction) -> str:
    """The shortest exact standard spelling of a duration: ``4s``, ``500ms``, ``2 min``, ``1 min 30s``."""
    minutes, rest = divmod(seconds, 60)
    if 0 < seconds < 1 and (seconds * 1000).denominator == 1:
        return f"{seconds * 1000}ms"
    parts = [f"{minutes} min"] if minutes else []
    if rest or not minutes:
        parts.append(f"{format_seconds(rest)}s")
    return " ".join(parts)


def format_seconds(seconds: Fraction) -> str:
    """Seconds as the shortest decimal, without a unit: ``90``, ``1.5``."""
    return f"{seconds.numerator / seconds.denominator:.9f}".rstrip("0").rstrip(".")


def to_samples(seconds: Fraction | int, rate_hz: int = RATE_HZ) -> int:
    """Whole samples nearest to a time in seconds, halves away from zero. Inverse: :func:`to_seconds`."""
    return int(Fraction(seconds) * rate_hz + Fraction(1, 2))


def to_seconds(samples: int, rate_hz: int = RATE_HZ) -> Fraction:
    """Exact seconds of a count of samples. Inverse: :func:`to_samples`."""
    return Fraction(samples, rate_hz)


def seconds_float(samples: int, rate_hz: int = RATE_HZ) -> float:
    """Seconds as a decimal for reports, to the microsecond."""
    return round(samples / rate_hz, 6)


def clock(samples: int, rate_hz: int = RATE_HZ) -> str:
    """``12:05.3`` (or ``1:02:05.3``): a place on the time line for people, to a tenth of a second."""
    tenths = to_samples(Fraction(samples, rate_hz) * 10, 1)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    rest = f"{minutes:02d}:{tenths // 10:02d}.{tenths % 10}"
    return f"{hours}:{rest}" if hours else rest.removeprefix("0")


def in_words(samples: int, rate_hz: int = RATE_HZ) -> str:
    """``12 min 5.3 s``: a length for people."""
    tenths = to_samples(Fraction(samples, rate_hz) * 10, 1)
    minutes, rest = divmod(tenths, 600)
    seconds = f"{rest // 10}.{rest % 10}".removesuffix(".0")
    return " ".join(filter(None, [f"{minutes} min" if minutes else "", f"{seconds} s" if rest or not minutes else ""]))
