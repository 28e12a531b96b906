"""Inline marks, as in Speech Markdown: ``(words)[rate:"slow"; volume:"soft"]``. Reading and spelling are inverses."""

from __future__ import annotations

import re

from ..errors import nearest

KEYS: dict[str, tuple[str, ...] | None] = {  # what is read, and the values it may have; None: any text
    "rate": ("x-slow", "slow", "medium", "fast", "x-fast"),
    "volume": ("silent", "x-soft", "soft", "medium", "loud", "x-loud"),
    "emphasis": ("strong", "moderate", "none", "reduced"),
    "ipa": None,
    "sub": None,
    "voice": None,
}
EXAMPLE = '(let go)[rate:"slow"]'
_PAIR = re.compile(r"""\s*([A-Za-z-]+)\s*(?::\s*["“”'](.*)["“”'])?\s*""")
_TIMES = ("pause", "break", "hold", "release", "breathe", "repeat", "each", "when", "otherwise", "end", "background")


class MarkError(ValueError):
    """What is wrong inside a mark, for people, with an optional right spelling to try."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def looks_inline(how: str) -> bool:
    """Whether what stands in brackets right after ``(words)`` is meant for those words, and not a mark of its own."""
    found = re.match(r"\s*([A-Za-z-]+)\s*(:|;|\Z)", how)
    return bool(found) and found[1].lower() not in _TIMES  # type: ignore[index]  # bool(found) saw to it


def read_inline(how: str) -> list[tuple[str, str]]:
    """The (key, value) pairs of what stands in the brackets. Raises MarkError."""
    pairs = []
    for part in how.split(";"):
        found = _PAIR.fullmatch(part)
        key = found[1].lower() if found else ""
        if found and key not in KEYS:
            raise MarkError(f'unknown inline mark "{key}" ({nearest(key, KEYS)})')
        value = found[2] if found else None
        if value is None and key == "emphasis":
            value = "moderate"
        if value is None:
            raise MarkError(f'found "{part.strip()}" after (words), expected a key and a value', EXAMPLE)
        options = KEYS[key]
        if not value.strip():
            raise MarkError(f"{key}: found nothing in the quotes", EXAMPLE)
        if options and value.strip() not in options:
            raise MarkError(f'{key}: found "{value}" ({nearest(value, options)})')
        pairs.append((key, value.strip()))
    return pairs


def spell_inline(pairs: list[tuple[str, str]]) -> str:
    """The inverse of :func:`read_inline`."""
    return ";".join(f'{key}:"{value}"' for key, value in pairs)
