"""A text in the form the rules read: small letters, no contractions, numbers as figures with plain units, in segments.

A segment is a stretch in which one thing is said: it ends with the sentence, at ``;`` ``:`` a dash, or a contrast word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..script.sentences import sentences as places

LONGEST = 120  # words; what goes on for longer is cut there, so that hostile text costs no more than honest text
WINDOW = 3  # sentences that are read together, for what is said in more than one

_BREAK = re.compile(
    r"\s*[.;:!?…]+[\"'”’)]*(?:\s+|$)|\s+[–—-]+\s+|—|,?\s+(?=(?:but|yet|whereas)\b)|,\s+(?=(?:instead|rather)\b(?!\s+(?:of|than)))",
    re.I,
)
_SPELT = (
    (re.compile(r"\s*(?:\.{2,}|…)(?=\s)"), ","),
    (re.compile(r"(?<=[a-z])-(?=[a-z])|(?<=\d)-(?=[a-z\d])|(?<=[a-z])-(?=\d)"), " "),
    (
        re.compile(r"\b(ca|wo|sha)n't\b|\bcan not\b"),
        lambda hit: {"wo": "will not", "sha": "shall not"}.get(hit[1], "cannot"),
    ),
    (re.compile(r"\b(\w+)n't\b"), r"\1 not"),
    (re.compile(r"\bdont\b"), "do not"),
    (re.compile(r"\b(\w+)'re\b"), r"\1 are"),
    (re.compile(r"\b(\w+)'ll\b"), r"\1 will"),
    (re.compile(r"\b(\w+)'ve\b"), r"\1 have"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"\b(it|that|there|he|she|what|here|who)'s\b"), r"\1 is"),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"[“”\"()*_]"), ""),
)
_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_FIGURES = {word: number for number, word in enumerate(_ONES, start=1)} | {
    word: 10 * number for number, word in enumerate(_TENS, start=2)
}
_TENS_ONES = re.compile(rf"\b({'|'.join(_TENS)}) ({'|'.join(_ONES[:9])})\b")
_NUMBER = re.compile(rf"\b({'|'.join(_FIGURES)})\b")
_PRONOUN = re.compile(
    r"\b(no|any|this|that|each|every|at|which|last|other|first|once|little|the|loved) one\b(?! hundred| second| minute)"
)
_LONG = "(?:full |whole |long |slow |good |entire |solid |steady |more )*"
_UNITS = (
    (re.compile(r"\b(?:a|1) hundred\b"), "100"),
    (re.compile(rf"\bhalf an? {_LONG}minute\b"), "30 seconds"),
    (re.compile(rf"\b(?:a )?quarter of an? {_LONG}minute\b"), "15 seconds"),
    (re.compile(rf"\b(?:a|an|1) {_LONG}minute and a half\b"), "90 seconds"),
    (re.compile(rf"\b(?:a|an|1) {_LONG}minute\b"), "60 seconds"),
    (re.compile(r"\ba dozen\b"), "12"),
    (re.compile(rf"\b(\d+(?:\.\d+)?)\s*{_LONG}(?:s|secs?|seconds?)\b"), r"\1 seconds"),
    (re.compile(rf"\bcounts? of {_LONG}(\d+)\b"), r"\1 counts"),
    (
        re.compile(
            r"\bcount(?:ing|ed)? (?:(?:slowly|up|down|all|the|way|silently|in|your|head|quietly|from|1) )*to (\d+)\b"
        ),
        r"count \1 counts",
    ),
    (re.compile(rf"\b(\d+) {_LONG}(?:counts?|beats?)\b"), r"\1 counts"),
    (re.compile(r"\b(\d+)\s*(?:%|per ?cent\b|percent\b)"), r"\1 percent"),
    (re.compile(r"\b(\d+)\s*(?:°\s*c?\b|°|degrees?(?: celsius| c\b)?)"), r"\1 degrees"),
    (re.compile(r"\b(\d+)\s*(?:db\b|dba\b|decibels?\b)"), r"\1 decibels"),
)
_MINUTES = re.compile(rf"\b(\d+) {_LONG}min(?:ute)?s?\b")


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order, as they are written; what is longer than LONGEST words is cut."""
    text = " ".join(text.split())
    found: list[str] = []
    for start, end in places(text):
        words = text[start:end].split()
        found += [" ".join(words[cut : cut + LONGEST]) for cut in range(0, len(words), LONGEST)]
    return found


def windows(text: str) -> list[str]:
    """Up to WINDOW sentences each, so that any which stand together are in one of them."""
    said = sentences(text)
    return [" ".join(said[start : start + WINDOW]) for start in range(max(1, len(said) - WINDOW + 1))] if said else []


def normal(text: str) -> str:
    """A text as the rules read it: "Don't hold for half a minute" is "do not hold for 30 seconds"."""
    text = " ".join(text.lower().replace("’", "'").replace("‘", "'").split())
    for pattern, put in _SPELT:
        text = pattern.sub(put, text)
    text = _TENS_ONES.sub(lambda found: str(_FIGURES[found[1]] + _FIGURES[found[2]]), text)
    text = _PRONOUN.sub(r"\1 ONE", text)
    text = _NUMBER.sub(lambda found: str(_FIGURES[found[1]]), text).replace(" ONE", " one")
    for pattern, put in _UNITS:
        text = pattern.sub(put, text)
    return _MINUTES.sub(lambda found: f"{int(found[1][:9]) * 60} seconds", text)


def segments(text: str) -> list[tuple[int, int]]:
    """[start, end) of each segment of a text, in order."""
    out, start = [], 0
    for found in _BREAK.finditer(text):
        if found.start() > start:
            out.append((start, found.start()))
        start = found.end()
    if start < len(text):
        out.append((start, len(text)))
    return out


_IT = re.compile(
    r"(?:(?<=\w) |^)(?:it|them|there)\b(?! (?:is|are|was|be|will|may|can|has|should|find|settle|slow|pass)\b)"
)
_NAMED = re.compile(
    r"\b(?:your|the|both|an?|any|every|each) "
    r"(?:(?:lower|upper|whole|left|right|pelvic|inner|outer|wired|charging|baby's|\w{2,}ing|\w{2,}ed) )?"
    r"[a-z]+(?: of (?:your|the) [a-z]+)?"
)
_GIVEN = re.compile(r"(?:if|when|whenever|should|once|as soon as)\b")
_CLAUSE = re.compile(r", | and (?=\w+ (?:it|them)\b)")


def resolved(text: str) -> str:
    """A normalised text in which "it" and "them" are what the clause before named first: "…; knead (the throat)"."""
    out, named, before = [], "", ""
    last = 0
    for start, end in _clauses(text):
        out.append(text[last:start])
        part = text[start:end]
        put = _IT.sub(f" {named}", part) if named else part
        if put != part and _GIVEN.match(before):  # what is to be done then is read without the condition
            put = put.replace(", ", "; ", 1)
        out.append(put)
        before = part
        named = hit[0] if (hit := _NAMED.search(part)) else named
        last = end
    return "".join(out) + text[last:]


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    for start, end in segments(text):
        for hit in _CLAUSE.finditer(text, start, end):
            yield start, hit.start()
            start = hit.start()
        yield start, end
