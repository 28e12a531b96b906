"""The cache: content-addressed files, written whole, checked when read.

A key is what decides the content; the same key always holds the same bytes, so nothing is ever changed in place and
two programs may share the folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from .errors import NarrationError, Place

MOST_BYTES = 2_000_000_000  # of all caches after a render: some 6 hours of speech; what was used last is kept
_CACHES = {"clips": ".clip", "music": ".npy", "made": ".made"}  # folders of speech, of the user's music, of .made
_DIGEST = 32
_FULL_SCALE = 32767  # 16 bits: their noise is some 70 dB under the softest speech, and half the room of floats


def folder() -> Path:
    """Where caches live: ``NARRATION_CACHE``, or the user's cache folder of the system."""
    named = os.environ.get("NARRATION_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("narration")


@dataclass(frozen=True)
class Held:
    """What a folder of caches holds: how many files, how many bytes."""

    files: int
    size_bytes: int


def held() -> Held:
    """What all caches hold together."""
    sizes = [path.stat().st_size for path in _kept()]
    return Held(len(sizes), sum(sizes))


def prune(most_bytes: int) -> Held:
    """Remove what was used longest ago until at most ``most_bytes`` are left; tells what was removed.

    Files of other programs in the folder are left alone. Raises NarrationError where a file cannot be removed.
    """
    kept = sorted(((path.stat(), path) for path in _kept()), key=lambda entry: (entry[0].st_mtime_ns, str(entry[1])))
    left = sum(status.st_size for status, _ in kept)
    removed: list[int] = []
    for status, path in kept:
        if left <= most_bytes:
            break
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise NarrationError(f"this file cannot be removed: {error.strerror or error}.", Place(str(path))) from None
        left -= status.st_size
        removed.append(status.st_size)
    return Held(len(removed), sum(removed))


def _kept() -> list[Path]:
    """The files of the caches, and what a killed program left half written in them."""
    return [
        path
        for name, suffix in _CACHES.items()
        for path in (folder() / name).rglob("*")
        if path.suffix in (suffix, ".part") and path.is_file()
    ]


def key_of(fields: Iterable[str]) -> str:
    """The key of what these fields decide; each is length-prefixed, so that no two lists share a key by accident."""
    digest = hashlib.sha256()
    for field in fields:
        data = field.encode()
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()


class Files:
    """Bytes by key, in one folder: a file each, which appears whole or not at all and is checked when it is read."""

    def __init__(self, path: Path, suffix: str, magic: bytes) -> None:
        """``magic``: what every file begins with, so that a file of another kind or of an older version is not read."""
        self.path, self._suffix, self._magic = path, suffix, magic

    def file(self, key: str) -> Path:
        """Where a key's bytes are kept."""
        return self.path / key[:2] / f"{key[2:]}{self._suffix}"

    def get(self, key: str) -> bytes | None:
        """What is kept under a key; None where there is nothing, or where the file is damaged."""
        file = self.file(key)
        try:
            data = file.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(file)  # so that prune knows what was used last
        start = len(self._magic) + _DIGEST
        head, body = data[:start], data[start:]
        return body if body and head == self._magic + hashlib.sha256(body).digest() else None

    def put(self, key: str, body: bytes) -> None:
        """Keep bytes under a key. Raises NarrationError where the folder cannot be written."""
        file = self.file(key)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
        except OSError as error:
            raise self._unwritable(error) from None
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(self._magic + hashlib.sha256(body).digest() + body)
            os.replace(name, file)
        except OSError as error:
            raise self._unwritable(error) from None
        finally:
            with contextlib.suppress(OSError):
                os.unlink(name)

    def _unwritable(self, error: OSError) -> NarrationError:
        return NarrationError(
            f"the cache cannot be written: {error.strerror or error}.",
            Place(str(self.path)),
            "NARRATION_CACHE=/some/folder, or room on the disk",
        )


class Cache:
    """Mono samples in [-1, 1] by key, to 16 bits, in one folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = Files(path, ".clip", b"narration clip 2\n")

    def get(self, key: str) -> NDArray[np.float32] | None:
        """The samples kept under a key; None where there are none, or where the file is damaged."""
        body = self._files.get(key)
        if body is None or len(body) % 2:
            return None
        return np.frombuffer(body, "<i2").astype(np.float32) / np.float32(_FULL_SCALE)

    def damaged(self, key: str) -> bool:
        """Whether there is a file under the key that :meth:`get` refuses."""
        return self._files.file(key).exists() and self.get(key) is None

    def put(self, key: str, samples: NDArray[np.float32]) -> None:
        """Keep samples under a key. Raises NarrationError where the folder cannot be written."""
        self._files.put(key, np.rint(np.clip(samples, -1, 1) * _FULL_SCALE).astype("<i2").tobytes())
