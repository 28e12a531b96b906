"""What of the user's own can be a background: an audio file, a folder of them, or a playlist."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import NarrationError, Place
from . import Background, BackgroundInfo, refuse_outside
from .decoding import check
from .music import LICENCE, Pieces, music

_AUDIO = (
    ".wav .flac .mp3 .ogg .oga .opus .aiff .aif .aifc .caf .au .snd .w64 .rf64 .m4a .m4b .mp4 .aac .ac3 .wma .mka "
    ".webm .wv .ape .tta .mpc .alac .amr"
).split()
_LARGEST = 1_000_000  # bytes of a playlist


def own(path: Path, within: Path | None = None, cache_dir: Path | None = None) -> Background:
    """The background that a path means; nothing it names may lie outside ``within``, if given.

    Raises NarrationError for an empty folder or playlist, and for a file that is missing, cannot be opened or may not
    be named; the message names it.
    """
    paths = _listed(path)
    if paths is None:
        return music(path, cache_dir)
    for one in paths:
        refuse_outside(one, within, str(one))
        check(one)
    left = _left_out(path) if path.is_dir() else ()
    how = f"{len(paths)} piece{'s' * (len(paths) != 1)} in turn, cross-faded" + f"; not {', '.join(left)}" * bool(left)
    # Nobody knows yet what is in them: so they make room for consonants.
    info = BackgroundInfo(path.name, path.stem or str(path), "music", LICENCE, str(path), bright=True, how=how)
    return Pieces(paths, info, cache_dir)


def _listed(path: Path) -> list[Path] | None:
    """The files that a folder or a playlist names, in the order of playing; None for anything else."""
    if path.is_dir():
        found = sorted((one for one in _files(path) if one.suffix.lower() in _AUDIO), key=_in_order)
        missing = "no audio file is in this folder; folders inside it are not searched"
    elif read := _PLAYLISTS.get(path.suffix.lower()):
        found = [_path(entry, path) for entry in read(_text(path))]
        missing = "this playlist names no file"
    else:
        return None
    if not found:
        raise NarrationError(f"{missing}.", Place(str(path)), "a folder with FLAC, WAV, Ogg or MP3 files")
    return found


def _files(folder: Path) -> list[Path]:
    try:
        return [one for one in folder.iterdir() if one.is_file() and not one.name.startswith(".")]
    except OSError as error:
        raise NarrationError(f"this folder cannot be read: {error.strerror}.", Place(str(folder))) from None


def _left_out(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in _files(folder) if one.suffix.lower() not in _AUDIO))


def _in_order(path: Path) -> tuple[list[tuple[int, str]], str]:
    """By name, numbers by their value: 2 before 10; the same on every machine."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    return [(int(part), "") if part.isascii() and part.isdigit() else (-1, part) for part in parts], path.name


def _text(path: Path) -> str:
    """A playlist's text: UTF-8, or what old programs wrote."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise NarrationError(f"cannot be read: {error.strerror}.", Place(str(path))) from None
    if len(data) > _LARGEST or b"\0" in data:
        raise NarrationError("this is not a playlist: a text of at most a megabyte.", Place(str(path)), "a folder")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _m3u(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _pls(text: str) -> list[str]:
    numbered = re.findall(r"^\s*File(\d+)\s*=\s*(.*\S)", text, re.IGNORECASE | re.MULTILINE)
    return [name for _, name in sorted(((int(number), name) for number, name in numbered), key=lambda entry: entry[0])]


_PLAYLISTS: dict[str, Callable[[str], list[str]]] = {".m3u": _m3u, ".m3u8": _m3u, ".pls": _pls}


def _path(entry: str, playlist: Path) -> Path:
    """The file of an entry, relative to its playlist."""
    if "://" in entry:
        url = urlsplit(entry)
        if url.scheme.lower() != "file" or url.netloc not in ("", "localhost"):
            raise NarrationError(f'found "{entry}"; narration plays files.', Place(str(playlist)), "a copy of the file")
        entry = unquote(url.path)
    return playlist.parent / entry
