"""What the name of a background says: one sound, or several at once with their gains (``canon + rain:-6``).

A blend is spelt with white space on both sides of each plus, so that a file ``a+b.mp3`` keeps its name. A gain is in
LU against the first sound, which has none of its own; the whole is brought to one loudness whatever the gains are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

OFF = "off"  # the background that is none
GAINS_LU = (-30.0, 12.0)  # under 30 LU less than the first nothing is heard of it; over 12 more the first is not (J)
_PLUS = re.compile(r"\s\+(?=\s)")
_GAIN = re.compile(r"(?P<name>.*\S)\s*:\s*(?P<gain>[+\-−]?\s*\d{1,4}(?:\.\d{1,6})?)\s*(?:db|lu)?", re.IGNORECASE)
_EXAMPLE = "canon + rain:-6"


class BlendError(ValueError):
    """What is wrong with a blend, for people; ``hint`` is the nearest right spelling."""

    def __init__(self, message: str, hint: str = _EXAMPLE) -> None:
        super().__init__(message)
        self.hint = hint


class Voicing(NamedTuple):
    """One sound of a blend: its name, and its gain in LU against the first."""

    name: str
    gain_lu: float = 0.0


def read_blend(text: str) -> tuple[Voicing, ...]:
    """The sounds that a background's name says, at least one; a name without a plus is itself, whatever is in it.

    Raises BlendError for a blend with an empty place, ``off``, a sound twice, or a gain that is none, out of range or
    on the first. Inverse: :func:`spell_blend`.
    """
    text = text.strip()
    if len(parts := _PLUS.split(f" {text} ")) == 1:
        return (Voicing(text),)
    found = tuple(_voicing(part.strip()) for part in parts)
    if found[0].gain_lu:
        first, rest = found[0].name, " + ".join(_spell(one) for one in found[1:])
        raise BlendError(f"the gains are against the first sound, which has none; found one on {first}", rest)
    names = [one.name for one in found]
    if OFF in names:
        raise BlendError(f'"{OFF}" cannot be blended with another background')
    for name in names:
        if names.count(name) > 1:
            raise BlendError(f'"{name}" stands twice in a blend; expected different backgrounds')
    return found


def spell_blend(sounds: tuple[Voicing, ...]) -> str:
    """The standard spelling: ``canon + rain:-6``. Inverse: :func:`read_blend`."""
    return " + ".join(_spell(one) for one in sounds)


def standard(text: str) -> str:
    """A background's name in its standard spelling. Raises BlendError."""
    return spell_blend(read_blend(text))


def _voicing(part: str) -> Voicing:
    if not part:
        raise BlendError("a blend has an empty place; expected a background on both sides of each +")
    found = _GAIN.fullmatch(part)
    if not found:
        name, colon, gain = part.rpartition(":")
        if colon and re.fullmatch(r"[\w-]+", name) and not re.search(r"[/\\.]", gain):
            raise BlendError(f'found the gain "{gain.strip()}", expected LU such as -6', f"{name.strip()}:-6")
        return Voicing(part)
    if _GAIN.fullmatch(found["name"]):
        raise BlendError(f'found two gains in "{part}", expected one')
    gain_lu = float(found["gain"].replace("−", "-").replace(" ", ""))
    low, high = GAINS_LU
    if not low <= gain_lu <= high:
        raise BlendError(f"found a gain of {gain_lu:g} LU, expected from {low:g} to {high:g}")
    return Voicing(found["name"], gain_lu)


def _spell(one: Voicing) -> str:
    gain = f"{one.gain_lu:.6f}".rstrip("0").rstrip(".")
    return one.name if not one.gain_lu else f"{one.name}:{gain}"


def lone_gain(text: str, known: Iterable[str]) -> bool:
    """Whether a name that is no blend is a known one with a gain behind it: ``rain:-6``."""
    found = _GAIN.fullmatch(text)
    return found is not None and found["name"] in known
