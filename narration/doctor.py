"""What is installed and works on this machine: voices, encoder, decoders, folders; each with its remedy."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import voices
from .cache import folder
from .errors import NarrationError
from .report import versions
from .voices import Entry


@dataclass(frozen=True)
class Check:
    """One thing looked at. ``needed``: without it a render with the default settings could not work."""

    name: str
    works: bool
    detail: str
    remedy: str = ""
    needed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The fields as one JSON object."""
        return asdict(self)

    def __str__(self) -> str:
        mark = "ok  " if self.works else "FAIL" if self.needed else "no  "
        return f"{mark}  {self.name:<18} {self.detail}" + (
            f" Try: {self.remedy}" if self.remedy and not self.works else ""
        )


def examine() -> Iterator[Check]:
    """Every check, the cheap ones first."""
    yield Check("versions", True, ", ".join(f"{name} {version}" for name, version in versions().items()))
    for name, path in (("output folder", Path.cwd()), ("cache folder", folder())):
        yield _writable(name, path)
    yield _encoder()
    ffmpeg = shutil.which("ffmpeg")
    yield Check(
        "ffmpeg",
        bool(ffmpeg),
        ffmpeg or "not found; music in WAV, FLAC, MP3 and Ogg opens without it, M4A and WMA do not.",
        "" if ffmpeg else "convert such music to FLAC, or install ffmpeg",
    )
    best = None
    for entry in voices.entries():
        check = _voice(entry, needed=False)
        best = best or (entry.name if check.works else None)
        yield check
    detail = f'renders use "{best}" by default.' if best else "no voice works."
    yield Check(
        "default voice", best is not None, detail, "python -m pip install --force-reinstall hibari-tts", needed=True
    )


def _writable(name: str, path: Path) -> Check:
    existing = next(parent for parent in (path, *path.parents) if parent.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free / 1e9
    except OSError as error:
        return Check(
            name,
            False,
            f"{path} cannot be written: {error.strerror}.",
            f"another folder, or chmod u+w {existing}",
            needed=True,
        )
    return Check(name, os.access(existing, os.W_OK), f"{path}, {free:.1f} GB free", needed=True)


def _encoder() -> Check:
    from .encode import Target, write

    with tempfile.TemporaryDirectory() as where:
        target = Target(Path(where) / "a.mp3")
        try:
            write(target, iter([np.zeros((4410, 2), np.float32)]), 4410)
        except (NarrationError, ImportError) as error:
            return Check(
                "MP3 encoder", False, str(error), "python -m pip install --force-reinstall lameenc", needed=True
            )
        return Check("MP3 encoder", True, f"a tenth of a second took {target.path.stat().st_size} bytes", needed=True)


def _voice(entry: Entry, needed: bool) -> Check:
    name = f"voice {entry.name}"
    if entry.problem:
        return Check(name, False, entry.problem, entry.remedy, needed)
    try:
        voice = voices.load(entry.name)
        try:
            spoken = len(voice.synthesize("Rest now.", voice.info.wpm, 0)) / voice.info.rate_hz
        finally:
            voice.close()
    except NarrationError as error:
        return Check(name, False, error.message, error.hint, needed)
    return Check(name, True, f'{entry.title}: said "Rest now." in {spoken:.1f} s')
