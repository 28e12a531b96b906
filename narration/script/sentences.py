"""Text into utterances: where one sentence ends and the next begins."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A sentence ends at . ! ? or …, with closing quotes and brackets, before white space.
_END = re.compile(r"(?<![.!?…])[.!?…]++(?:\s+[.…]++)*+[\"'”’“»«)\]]*+(?=\s|$)")
_ABBREVIATIONS = frozenset("mr mrs ms dr prof st sr jr vs etc approx min sec dept e.g i.e a.m p.m ca nr".split())
_BEFORE_NUMBERS = frozenset("no op fig vol p".split())  # "no. 4", but "The answer is no."
_UNITS = frozenset({"min", "sec", "etc", "a.m", "p.m"})  # these may end a sentence
_LAST_WORD = re.compile(r"[\w.]+\Z")
_SPOKEN = re.compile(r"[^\W_]")


def spoken(text: str) -> bool:
    """Whether there is a letter or a digit in it."""
    return bool(_SPOKEN.search(text))


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each sentence, without surrounding white space; together they hold every non-space character.

    A full stop after an abbreviation or an initial, or before a lower-case word, ends nothing. What has no letter or
    digit of its own stays with the sentence before it, or with the first.
    """
    cuts = [found.end() for found in _END.finditer(text) if _ends(text, found)]
    kept: list[tuple[int, int]] = []
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        if kept and not (spoken(text[start:end]) and spoken(text[slice(*kept[-1])])):
            kept[-1] = (kept[-1][0], end)
        else:
            kept.append((start, end))
    for start, end in kept:
        if text[start:end].strip():
            yield _strip(text, start, end)


def _ends(text: str, found: re.Match[str]) -> bool:
    after = text[found.end() :].lstrip()[:1]
    if after.islower():
        return False
    if found[0][0] != "." or found[0].startswith(".."):
        return True
    word = _LAST_WORD.search(text[max(0, found.start() - 40) : found.start()])
    if not word:
        return True
    name = word[0].lower().strip(".")
    if name in _BEFORE_NUMBERS:
        return not after.isdigit()
    if name in _ABBREVIATIONS:
        # "10 min. Then rest." ends a sentence, "Dr. Smith" and "approx. 5" do not
        return name in _UNITS and after.isupper()
    initial = len(word[0]) == 1 and word[0].isupper() and word[0] != "I"
    before = text[: max(0, found.start() - 1)].split()[-1:] if initial else []
    # "E. Jacobson" at the start or after a name, but "plan B. Then"
    return not (initial and (not before or before[0][0].isupper() or before[0][-1] in ".!?…"))


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
