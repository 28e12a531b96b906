"""Files that people write: their text, and the TOML that is in it. What is wrong with one is told with its line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from .errors import NarrationError, Place, Problem, ScriptError

LARGEST = 1_000_000  # bytes: about a day and a night of speech


def decode(data: bytes, source: str, largest: int = LARGEST) -> str:
    """The text of a file's bytes: UTF-8, with or without a mark at the start, any line ends.

    Raises NarrationError for bytes that are not text, or more than so many.
    """
    _check_size(len(data), source, largest)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte 0x{data[error.start]:02x}"
        raise ScriptError(
            source, [Problem(line, f"not UTF-8 text: found {found}.", "saving the file as UTF-8")]
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def load(path: Path, largest: int = LARGEST) -> str:
    """The text of a file of at most so many bytes. Raises NarrationError if it cannot be read; see :func:`decode`."""
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
        size = path.stat().st_size
    except IsADirectoryError:
        raise NarrationError("this is a folder; expected a text file.", Place(str(path))) from None
    except OSError as error:
        raise NarrationError(f"this file cannot be read: {error.strerror or error}.", Place(str(path))) from None
    _check_size(size, str(path), largest)
    return decode(data, str(path), largest)


def _check_size(size: int, source: str, largest: int) -> None:
    if size > largest:
        raise NarrationError(
            f"the file has {size:,} bytes; expected at most {largest:,}.",
            Place(source),
            "several files, each of a part",
        )


def table(text: str, source: str, example: str = "") -> dict[str, Any]:
    """The table that a TOML text is. Raises NarrationError, with the line and the example, for what is none."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"at line (\d+)", str(error))
        place = Place(source, int(line[1]) if line else text.count("\n") + 1)
        raise NarrationError(f"this is not TOML: {error}.", place, example) from None
