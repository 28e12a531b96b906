"""Files: written whole or not at all, and never over a file that narration did not make unless told to."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from .errors import NarrationError, Place

MARK = "made by narration"  # stands in the first lines of every text file we write; see made_by_narration
_HEAD_LINES, _HEAD_BYTES = 5, 4096

# The errors that only writing gives, whoever did the writing: no room, over quota, over the limit of a file's size.
NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file is larger than the file system or the user's limit allows",
}


@cache
def generator() -> str:
    """``narration 0.1.0``: what our files name as their maker, so that we know them again."""
    return f"narration {version('narration')}"


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file, open for reading and writing, that takes the name ``path`` when the ``with`` block ends well.

    Until then it lies beside ``path`` under a hidden name; if the block raises anything, KeyboardInterrupt included, it
    is removed and ``path`` stays as it was. Missing folders are made; a symbolic link is followed, not replaced; the
    access rights are those of the file replaced, or the usual ones. After a power cut the name holds the old file or
    the whole new one. Raises NarrationError where the file cannot be made or the disk is full; other errors of the
    block pass through.
    """
    final = Path(os.path.realpath(path))
    part = final.with_name(f".narration-{secrets.token_hex(8)}.part")
    with _told_plainly(path):
        _refuse_special(path)
        final.parent.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0), 0o666), "w+b")
    try:
        with _no_room_told(path):
            yield file
        with _told_plainly(path):
            file.flush()
            os.fsync(file.fileno())
            file.close()
            if final.exists():
                shutil.copymode(final, part)
            os.replace(part, final)
            _sync_folder(final.parent)
    finally:
        with suppress(OSError):  # closing flushes again, and a full disk would hide the first error behind its second
            file.close()
        part.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a small file whole, text as UTF-8 with ``\\n`` line ends; NarrationError where it cannot be written."""
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def check_writable(path: Path, force: bool = False) -> None:
    """Raise NarrationError, before any work is done, if ``path`` could not or should not be written.

    A file that is there already may be replaced if narration made it or ``force`` is true. Missing folders are no
    error, since :func:`replacing` makes them, as long as the nearest folder that exists can be written to.
    """
    with _told_plainly(path):
        _refuse_special(path)
        folder = next(parent for parent in Path(os.path.realpath(path)).parents if parent.exists())
        if not folder.is_dir():
            raise NarrationError(f"{folder} is a file, not a folder.", Place(str(path)), "-o with another folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise NarrationError(
                f"the folder {folder} cannot be written to.", Place(str(path)), "-o with another folder"
            )
        if path.exists() and not force and not made_by_narration(path):
            raise NarrationError(
                "this file is there already and narration did not make it.",
                Place(str(path)),
                "another name, or --force to replace it",
            )


def made_by_narration(path: Path) -> bool:
    """Whether the file says that narration wrote it; false for kinds of file we never write and for damaged ones."""
    says_so = _SIGNS.get(path.suffix.lower())
    try:
        return says_so is not None and says_so(path)
    except OSError:
        return False


def _refuse_special(path: Path) -> None:
    """Folders, and devices and pipes, which a rename would quietly put a plain file in the place of."""
    if path.is_dir():
        raise NarrationError("this is a folder.", Place(str(path)), f"{path / 'NAME'}, with the name of a file")
    if path.exists() and not path.is_file():
        raise NarrationError("this is a device or a pipe, not a file.", Place(str(path)), "the name of a file")


@contextmanager
def _no_room_told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise NarrationError(
            NO_ROOM[error.errno] + "; nothing was written.",
            Place(str(path)),
            f"free some room in {path.absolute().parent}, or -o with another folder",
        ) from error


@contextmanager
def _told_plainly(path: Path) -> Iterator[None]:
    try:
        with _no_room_told(path):
            yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise NarrationError(
            f"the file cannot be written: {reason}.", Place(str(path)), "-o with another folder or name"
        ) from error


def _sync_folder(folder: Path) -> None:
    """Make the new name itself outlast a power cut; Windows has no such call and needs none."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # some network file systems refuse; the file itself is safe already
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _ours(maker: object) -> bool:
    return isinstance(maker, str) and maker.startswith("narration ")


def _tag_says_so(path: Path, name: str) -> bool:
    import mutagen

    try:
        file = mutagen.File(path)
    except mutagen.MutagenError:
        return False
    return file is not None and file.tags is not None and any(_ours(text) for text in file.tags.get(name, ()))


def _wav_says_so(path: Path) -> bool:
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            return _ours(file.copy_metadata().get("software"))
    except soundfile.LibsndfileError:
        return False


def _json_says_so(path: Path) -> bool:
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):  # not JSON, not UTF-8, or nested past all sense: not ours
        return False
    return isinstance(document, dict) and _ours(document.get("generator"))


def _head_says_so(path: Path, sign: bytes) -> bool:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return sign in b"\n".join(head.splitlines()[:_HEAD_LINES])


_text_says_so = partial(_head_says_so, sign=MARK.encode())

# One row a kind of file: how it tells its maker.
_SIGNS: dict[str, Callable[[Path], bool]] = {
    ".mp3": partial(_tag_says_so, name="TSSE"),
    ".flac": partial(_tag_says_so, name="encoder"),
    ".m4b": partial(_tag_says_so, name="\xa9too"),
    ".opus": partial(_tag_says_so, name="encoder"),
    ".wav": _wav_says_so,  # INFO ISFT
    **dict.fromkeys((".json", ".webmanifest"), _json_says_so),  # top-level "generator"
    ".png": partial(_head_says_so, sign=b"Software\0narration "),  # tEXt
    ".jpg": partial(_head_says_so, sign=b"narration "),  # Exif, right at the start
    **dict.fromkeys(
        (".md", ".vtt", ".lrc", ".txt", ".m3u8", ".svg", ".html", ".xml", ".ssml", ".css", ".js"), _text_says_so
    ),
}
