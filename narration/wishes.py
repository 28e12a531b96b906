"""What is asked for over a script's own word, and what becomes of both: document, levels, backgrounds and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from . import backgrounds
from .backgrounds import Background
from .document import Change, Document
from .encode import Tags
from .errors import NarrationError, Place, UsageError
from .mix import ARC_LU, SLEEP, Levels
from .script import choose, parse
from .script.builtin import Source
from .script.front_matter import line_of
from .steps import unroll
from .voices import VoiceInfo

TAGS = ("title", "author", "album", "track", "year", "genre")  # what --set may set
LOUDNESS = (-30.0, -12.0)  # LUFS of the voice that may be asked for
UNDER = (-26.0, -10.0)  # LU of the background: nearer than 10 LU, words are lost (Torcoli et al. 2019)


@dataclass(frozen=True)
class Wishes:
    """What is asked for over the script's own word; None or empty where the script decides.

    ``length`` and ``tail`` are seconds, ``loudness`` LUFS of the voice, ``background_level`` LU against the voice,
    ``cover`` a JPEG or PNG file in place of the picture that is drawn.
    """

    voice: str = ""
    background: str = ""
    length: Fraction | None = None
    ending: str = ""
    audience: str = ""
    pace: str = ""
    tail: Fraction | None = None
    seed: int = 0
    loudness: float | None = None
    background_level: float | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    cover: Path | None = None


def document(source: Source, wishes: Wishes) -> Document:
    """The document of a script, with the wishes over the script's own front matter; its ``when`` still open.

    Raises ScriptError with every problem of the script.
    """
    asked: dict[str, Any] = {
        name: value
        for name in ("background", "length", "ending", "audience", "pace", "tail")
        if (value := getattr(wishes, name)) not in (None, "")
    }
    return replace(parse(source.text, source.name), **asked)


def levels(script: Document, wishes: Wishes) -> Levels:
    """The levels of a session as its ending has them, and as was wished. Raises UsageError out of range."""
    settled = SLEEP if "sleep" in (script.ending, script.pace) else Levels()
    if script.ending == "sleep":
        settled = replace(settled, arc_lu=ARC_LU)
    if wishes.loudness is not None:
        _within("--loudness", wishes.loudness, LOUDNESS, "LUFS")
        settled = replace(settled, voice_lufs=wishes.loudness)
    if wishes.background_level is not None:
        _within("--background-level", wishes.background_level, UNDER, "LU")
        settled = replace(settled, music_lu=wishes.background_level, nature_lu=wishes.background_level)
    return settled


def _within(option: str, value: float, bounds: tuple[float, float], unit: str) -> None:
    low, high = bounds
    if not low <= value <= high:
        raise UsageError(f"{option}: found {value:g}, expected from {low:g} to {high:g} {unit}.")


def sounds(script: Document, wishes: Wishes, source: Source) -> dict[str, Background | None]:
    """Every background that a script turns to at its length, by name; None for one that is off.

    Raises UsageError for a name there is not, NarrationError for a file that cannot be read or may not be named.
    """
    head = Place(source.name, line_of(source.text, "background"))
    found = {script.background: _background(script.background, wishes, head, source.folder)}
    for step in unroll(choose(script, script.length)):
        if isinstance(step, Change) and step.background not in found:
            place = Place(source.name, step.line)
            found[step.background] = _background(step.background, wishes, place, source.folder)
    return found


def _background(name: str, wishes: Wishes, place: Place, folder: Path) -> Background | None:
    """A background by its name. The command line may name any file, a script only one beside or below itself."""
    if name == wishes.background:
        return backgrounds.load(name, wishes.seed, Path.cwd())
    if name not in (*backgrounds.names(), backgrounds.OFF):
        inside = folder.resolve()
        if not (inside / name).resolve().is_relative_to(inside):
            raise NarrationError(
                f'the background "{name}" lies elsewhere; a script may name files beside or below itself.',
                place,
                f"--background {name}",
            )
    return backgrounds.load(name, wishes.seed, folder)


def tags(script: Document, voice: VoiceInfo, sounds: Sequence[Background | None], asked: Mapping[str, str]) -> Tags:
    """What the file says of itself; the voice is disclosed as synthetic."""
    credits = [f"Voice: {voice.title}" + ", a synthetic voice" * voice.synthetic + f" ({voice.licence})."]
    for info in dict.fromkeys(sound.info for sound in sounds if sound is not None):
        credits.append(f"Background: {info.title} ({info.licence}).")
    parts = [
        script.description,
        script.notes,
        "Follows: " + "; ".join(script.sources) + "." if script.sources else "",
        " ".join(credits),
    ]
    fields = {
        "title": script.title,
        "artist": f"{voice.title}, synthetic voice" if voice.synthetic else voice.title,
        "album": script.album or script.title,
        "genre": "Relaxation",
        "language": script.language,
        "comment": "\n\n".join(part.strip() for part in parts if part.strip()),
    }
    named = {"artist" if name == "author" else name: value for name, value in asked.items()}
    fields["album_artist"] = named.get("artist", fields["artist"])
    if script.author and "artist" not in named:
        named["artist"] = f"{script.author}; {fields['artist']}"
    return Tags(**fields | named)
