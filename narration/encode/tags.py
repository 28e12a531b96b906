"""Tags, chapters, lyrics and cover, spelt for each kind of file."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Sequence
from itertools import pairwise

from ..errors import NarrationError
from ..files import generator
from ..spans import Chapter
from ..timing import RATE_HZ
from .target import Tags, Target

# ISO 639-2 (terminological) for the ISO 639-1 codes scripts are written in; others are "und", undetermined.
_LANGUAGES = {
    **{"ar": "ara", "bn": "ben", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa"},
    **{"fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hu": "hun", "id": "ind", "it": "ita", "ja": "jpn"},
    **{"ko": "kor", "nb": "nob", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus"},
    **{"sv": "swe", "th": "tha", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "zho"},
}
_CTOC_MOST = 255  # the count of children is one byte
_BY_TIME = 0xFFFFFFFF  # a byte offset that says: go by the time
_MILLISECONDS, _LYRICS = 2, 1  # of SYLT: how times are counted, what the text is
FRONT_COVER = 3  # the picture's kind, in ID3 and FLAC alike
_PADDING = 1024  # bytes left free so that a later editor of tags need not move the audio

# ID3v2.3 names of what Tags holds as plain text
_ID3 = {
    **{"TIT2": "title", "TPE1": "artist", "TALB": "album", "TRCK": "track", "TCON": "genre", "TYER": "year"},
    **{"TENC": "encoded_by", "TPE2": "album_artist"},
}
# Vorbis comment names: https://wiki.xiph.org/VorbisComment and common use
_VORBIS = {
    **{"TITLE": "title", "ARTIST": "artist", "ALBUM": "album", "TRACKNUMBER": "track", "GENRE": "genre"},
    **{"DATE": "year", "COMMENT": "comment", "ENCODED-BY": "encoded_by", "LYRICS": "lyrics"},
    **{"ALBUMARTIST": "album_artist"},
}


def language_code(language: str) -> str:
    """The three letters of ISO 639-2 for ``en``, ``en-GB`` or ``eng``; ``und`` for what is not known."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if len(base) == 3 and base.isascii() and base.isalpha() else _LANGUAGES.get(base, "und")


def check_chapters(chapters: Sequence[Chapter], length: int) -> None:
    """Raise RuntimeError unless chapters begin at 0, ascend within the track and have titles: else a bug."""
    starts = [chapter.start for chapter in chapters]
    if starts and (starts[0] != 0 or any(start >= end for start, end in pairwise([*starts, length]))):
        raise RuntimeError(f"chapters must start at 0 and ascend within {length} samples, not {starts}")
    if not all(chapter.title.strip() for chapter in chapters):
        raise RuntimeError("a chapter has no title")


def id3(target: Target, length: int) -> bytes:
    """A whole ID3v2.3 tag for a track of ``length`` samples.

    Version 2.3 because many players in cars and on Windows read no other; so text is Latin-1 where it fits, else
    UTF-16. Written here rather than by mutagen, which sorts frames by size: FFmpeg lists chapters in the order of the
    file. Sources: id3.org, ID3v2.3.0 and ID3v2 Chapter Frame Addendum 1.0.
    """
    frames = _text_frames(target.tags, length) + _timed_lyrics(target) + _chapter_frames(target.chapters, length)
    if target.cover:
        mime = target.cover.mime.encode("latin-1")
        frames += _frame("APIC", b"\0" + mime + b"\0" + bytes([FRONT_COVER]) + b"\0" + target.cover.data)
    body = frames + bytes(_PADDING)
    if len(body) >= 1 << 28:
        raise NarrationError("the tags and cover are over the 256 MB an ID3 tag holds.", hint="a smaller cover")
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + body


def vorbis_comments(target: Target) -> list[tuple[str, str]]:
    """Names and values for FLAC: the tags, and chapters by the CHAPTERxxx convention of Xiph and ffmpeg."""
    tags = target.tags
    pairs = [(name, str(getattr(tags, field))) for name, field in _VORBIS.items() if getattr(tags, field)]
    pairs += [("LANGUAGE", language_code(tags.language)), ("ENCODER", generator())]
    if target.lines:  # LRC inside a comment, the name that players look for it under
        pairs.append(("SYNCEDLYRICS", "\n".join(f"[{_lrc(start)}]{text}" for start, text in target.lines)))
    for number, chapter in enumerate(target.chapters, start=1):
        seconds, ms = divmod(_ms(chapter.start), 1000)
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"
        pairs += [(f"CHAPTER{number:03d}", clock), (f"CHAPTER{number:03d}NAME", chapter.title)]
    return pairs


def _ms(samples: int) -> int:
    return (samples * 1000 + RATE_HZ // 2) // RATE_HZ


def _lrc(samples: int) -> str:
    minutes, ms = divmod(_ms(samples), 60_000)
    return f"{minutes:02d}:{ms // 1000:02d}.{ms % 1000 // 10:02d}"


def _frame(name: str, body: bytes) -> bytes:
    return name.encode() + struct.pack(">IH", len(body), 0) + body


def _encoded(text: str) -> tuple[int, bytes, bytes]:
    """The plainest encoding that holds the text (0 Latin-1, 1 UTF-16), then in it: an empty string, and the text."""
    try:
        return 0, b"\0", text.encode("latin-1")
    except UnicodeEncodeError:
        return 1, codecs.BOM_UTF16_LE + b"\0\0", _utf16(text)


def _utf16(text: str) -> bytes:
    return codecs.BOM_UTF16_LE + text.encode("utf-16-le")


def _text(name: str, text: str) -> bytes:
    encoding, _, encoded = _encoded(text)
    return _frame(name, bytes([encoding]) + encoded)


def _long_text(name: str, language: str, text: str) -> bytes:
    """COMM or USLT: a language and an empty description before the text."""
    encoding, empty, encoded = _encoded(text)
    return _frame(name, bytes([encoding]) + language.encode() + empty + encoded)


def _text_frames(tags: Tags, length: int) -> bytes:
    language = language_code(tags.language)
    texts = {
        **{name: getattr(tags, field) for name, field in _ID3.items()},
        **{"TLAN": language, "TLEN": str(_ms(length)), "TSSE": generator()},
    }
    frames = [_text(name, text) for name, text in texts.items() if text]
    frames += [_long_text("COMM", language, tags.comment)] if tags.comment else []
    frames += [_long_text("USLT", language, tags.lyrics)] if tags.lyrics else []
    return b"".join(frames)


def _timed_lyrics(target: Target) -> bytes:
    """SYLT: each line and the millisecond at which it begins, ID3v2.3.0, section 4.10.

    One entry a line and no line ends inside them, as the players that show such lyrics expect.
    """
    if not target.lines:
        return b""
    encoding, empty, _ = _encoded("".join(text for _, text in target.lines))
    encoded = [_encoded(text)[2] if encoding == 0 else _utf16(text) for _, text in target.lines]
    end = b"\0" * (encoding + 1)
    entries = b"".join(
        text + end + struct.pack(">I", _ms(start)) for text, (start, _) in zip(encoded, target.lines, strict=True)
    )
    language = language_code(target.tags.language).encode()
    return _frame("SYLT", bytes([encoding]) + language + bytes([_MILLISECONDS, _LYRICS]) + empty + entries)


def _chapter_frames(chapters: Sequence[Chapter], length: int) -> bytes:
    """CTOC, then the CHAPs. Past 255 chapters the table of contents holds tables in turn, as the addendum allows."""
    if not chapters:
        return b""
    names = [f"chp{index}" for index in range(len(chapters))]
    rows = [names[start : start + _CTOC_MOST] for start in range(0, len(names), _CTOC_MOST)]
    inner = {} if len(rows) == 1 else {f"toc{index}": row for index, row in enumerate(rows, start=1)}
    frames = [_contents("toc", list(inner) or names, top=True)]
    frames += [_contents(name, row, top=False) for name, row in inner.items()]
    times = [_ms(chapter.start) for chapter in chapters] + [_ms(length)]
    for name, chapter, (start, end) in zip(names, chapters, pairwise(times), strict=True):
        place = struct.pack(">IIII", start, end, _BY_TIME, _BY_TIME)
        frames.append(_frame("CHAP", name.encode() + b"\0" + place + _text("TIT2", chapter.title)))
    return b"".join(frames)


def _contents(name: str, children: list[str], top: bool) -> bytes:
    flags = 0b01 | top << 1  # ordered, top level
    listed = b"".join(child.encode() + b"\0" for child in children)
    return _frame("CTOC", name.encode() + b"\0" + bytes([flags, len(children)]) + listed)
