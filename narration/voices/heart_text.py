"""Text → the phonemes that the heart voice speaks: what it can say is said as written, what it cannot is an error.

hibari's own reading drops what it does not know without a word (``日本``, an emoji) and spells words that have no vowel
(``brr`` becomes "bee ar ar"); both are refused here. Its alphabet is misaki's, as in Kokoro: one letter a diphthong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from . import VoiceError

RULES = 3  # raised whenever the same text would be read otherwise: part of the voice's fingerprint

# Sounds of relaxation that are no words: hibari hums "mm" and "hmm" in these spellings, but has no bare "sh" (its "ʃ"
# alone is a hum, 96 % of it under 1 kHz), so that a "shh" is given a vowel.
SOUNDS = (
    (re.compile(r"m+-?h+m+", re.I), "mhmm"),
    (re.compile(r"h+m+", re.I), "hmm"),
    (re.compile(r"mm+", re.I), "mm"),
    (re.compile(r"s+h+", re.I), "ʃˈʌʃ"),
    (re.compile(r"a+h+|aa+", re.I), "ˈɑɑ"),
)
# IPA as dictionaries write it → misaki's US English, in this order.
IPA = (
    *(("t͡ʃ", "ʧ"), ("d͡ʒ", "ʤ"), ("tʃ", "ʧ"), ("dʒ", "ʤ")),
    *(("eɪ", "A"), ("aɪ", "I"), ("oʊ", "O"), ("əʊ", "O"), ("aʊ", "W"), ("ɔɪ", "Y")),
    *(("ɝ", "ɜɹ"), ("ɚ", "əɹ"), ("l̩", "ᵊl"), ("n̩", "ᵊn"), ("m̩", "ᵊm"), ("ɫ", "l"), ("r", "ɹ"), ("g", "ɡ")),
    *(("ɒ", "ɑ"), ("ɐ", "ə"), ("e", "ɛ"), ("o", "O"), ("a", "ɑ"), ("ɾ", "T"), ("ʔ", "t")),
    *(("ː", ""), (".", ""), ("'", "ˈ"), ("͡", ""), ("‿", "")),
)
VOWELS = "AIOWYiuæɑɔəɛɜɪʊʌᵻᵊ"
ALPHABET = frozenset(VOWELS + "bdfhjklmnpstvwzðŋɡɹʃʒʤʧθTˈˌ ")
SIGNS = frozenset("0123456789.,;:!?…'’‘\"“”()[]-–—‒/&%+=°$£€½¼¾²³×#*_~")
INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f\ufeff]"
)  # soft hyphens and the like, as pasted from the web
# Times and Latin short forms that hibari's own reading spells out or takes for something else, in this order.
WRITTEN_OUT = (
    (re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*[-–—]\s*(\d+(?:\.\d+)?)\s*s\b"), r"\1 to \2 seconds"),
    (re.compile(r"(?<![\w.])1\s+s\b"), "1 second"),
    (re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s+s\b"), r"\1 seconds"),
    (re.compile(r"(?<![\w.])1\s*h\b"), "1 hour"),
    (re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*h\b"), r"\1 hours"),
    (re.compile(r"\be\.\s?g\.", re.I), "for example"),
    (re.compile(r"\bi\.\s?e\.", re.I), "that is"),
)
NO = re.compile(r"\b([Nn]o)\.(?!\s*\d)")  # "Say no." hibari takes for the abbreviation of "number"
ELLIPSIS = re.compile(r"\s*(?:…|\.{2,})[.…]*\s*")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def phonemize(g2p: Any, text: str, given: tuple[tuple[int, int, str], ...] = ()) -> str:
    """``text`` in hibari's alphabet, by its reader ``g2p``; ``given`` are (start, end, IPA) of stretches.

    Raises VoiceError naming what in the text cannot be said, or which sign is not IPA of English.
    """
    return located(g2p, text, given)[0]


def located(
    g2p: Any, text: str, given: tuple[tuple[int, int, str], ...] = (), cuts: tuple[int, ...] = ()
) -> tuple[str, tuple[int, ...]]:
    """(the text in hibari's alphabet, where in that each of ``cuts``, offsets in the text at ends of words, lies)."""
    if not any(character.isalnum() for character in text):
        raise VoiceError(f'the voice "heart" found no word in "{text}".')
    pieces = list(_marked(g2p, text, given, cuts))
    tokens = _tokens(g2p, pieces)
    unsaid = [token.text for token in tokens if _is_unsaid(token)]
    if unsaid:
        raise _cannot(unsaid, text, 'other words, or their sound: (word)[ipa:"wɜrd"]')
    whole = _joined(tokens)
    left = len(whole) - len(whole.lstrip())
    counts = [len(_tokens(g2p, [piece for piece in pieces if piece[0] <= cut])) if cut else 0 for cut in cuts]
    return whole.strip(), tuple(max(0, len(_joined(tokens[:count])) - left) for count in counts)


def _tokens(g2p: Any, pieces: list[tuple[int, str]]) -> list[Any]:
    """The words of pieces with their sounds.

    hibari's markup [word](/phonemes/) says how a word sounds and lets its neighbours be read as usual.
    """
    tokens: list[Any] = g2p.phonemize_tokens(g2p.tokenize(_ended("".join(marked for _, marked in pieces))))
    return tokens


def _joined(tokens: list[Any]) -> str:
    return "".join((token.phonemes or "") + (" " if token.whitespace else "") for token in tokens)


def misaki(ipa: str) -> str:
    """IPA as a dictionary has it, in misaki's alphabet. Raises VoiceError for a sign that English does not have."""
    sound = unicodedata.normalize("NFC", ipa.strip().strip("/[]"))
    for sign, ours in IPA:
        sound = sound.replace(sign, ours)
    if foreign := sorted(set(sound) - ALPHABET):
        raise _cannot(foreign, ipa, "the sounds of US English, such as ˈdʒeɪkəbsən")
    # IPA puts the stress before the syllable, misaki right before its vowel.
    return re.sub(rf"([ˈˌ])([^{VOWELS} ]*)", r"\2\1", sound)


def _marked(
    g2p: Any, text: str, given: tuple[tuple[int, int, str], ...], cuts: tuple[int, ...]
) -> Iterator[tuple[int, str]]:
    """(its end in the text, what hibari reads) of every piece between ``cuts`` and around the given sounds."""
    position = 0
    for start, end, ipa in sorted(given):
        yield from _between(g2p, text, position, start, cuts)
        yield end, f"[{_plain(text[start:end])}](/{misaki(ipa)}/)"
        position = end
    yield from _between(g2p, text, position, len(text), cuts)


def _between(g2p: Any, text: str, start: int, end: int, cuts: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    for stop in sorted({*(cut for cut in cuts if start < cut < end), end}):
        yield stop, _normal(g2p, text[start:stop], text)
        start = stop


def _normal(g2p: Any, piece: str, text: str) -> str:
    """A piece of the text, numbers and abbreviations written out, its sounds marked, space at its ends kept."""
    from hibari.g2p.normalize import normalize

    piece = INVISIBLE.sub("", unicodedata.normalize("NFC", piece))
    letters = {letter for letter in g2p.oov.cin if unicodedata.name(letter, "").startswith("LATIN")}
    if foreign := sorted({sign for sign in piece if not sign.isspace()} - letters - SIGNS):
        raise _cannot(foreign, text, "a voice of that language: narration voices")
    piece = _plain(piece)
    for pattern, words in WRITTEN_OUT:
        piece = pattern.sub(words, piece)
    spoken = WORD.sub(_sound, normalize(NO.sub(r"\1 .", piece)))
    return " " * piece[:1].isspace() + spoken + " " * (piece[-1:].isspace() and len(piece) > 1)


def _plain(text: str) -> str:
    """Brackets are parentheses, so that nothing in a script is taken for hibari's markup."""
    return text.replace("[", "(").replace("]", ")")


def _sound(word: re.Match[str]) -> str:
    sound = next((phonemes for pattern, phonemes in SOUNDS if pattern.fullmatch(word[0])), "")
    return f"[{word[0]}](/{sound}/)" if sound else word[0]


def _ended(text: str) -> str:
    """Three dots are a clean pause of 0.25 to 0.6 s. hibari's own "…" is a murmur, and at the ends both add a sound."""
    return re.sub(r"\.\.\. $", ".", ELLIPSIS.sub("... ", text).removeprefix("... "))


def _is_unsaid(token: Any) -> bool:
    """A word without a sound, or one that only the model for unknown words knows and spells for want of a vowel."""
    if not any(character.isalnum() for character in token.text):
        return False
    silent = not (token.phonemes or "").strip("ˈˌ ")
    guessed = token.rating is not None and token.rating <= 2
    spelled = guessed and not re.search("[aeiouyà-ÿ0-9]", token.text.lower()) and not token.text.isupper()
    return silent or spelled


def _cannot(what: list[str], text: str, hint: str) -> VoiceError:
    named = ", ".join(f'"{sign}"' for sign in dict.fromkeys(what))
    return VoiceError(f'the voice "heart" cannot say {named} in "{text}".', hint=hint)
