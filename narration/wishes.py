"""What is asked for over a script's own word, and what becomes of both: document, levels, backgrounds and tags."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from . import backgrounds
from .backgrounds import Background
from .blend import BlendError, standard
from .document import Change, Document
from .encode import Tags
from .errors import NarrationError, Place, UsageError
from .levels import ARC_LU, LIFT_LU, SLEEP, Levels
from .lexicon import beside, pronounced
from .script import choose, parse
from .script.builtin import Source
from .script.front_matter import line_of
from .steps import unroll
from .voices import VoiceInfo

TAGS = ("title", "author", "album", "track", "year", "genre")  # what --set may set
_FORMS = {  # of those that programs read as numbers, and what to say of them
    "track": (r"[1-9]\d{0,3}(/[1-9]\d{0,3})?", "3 or 3/10"),
    "year": (r"\d{4}", "four digits"),
}
_VALUE = r"(?s).*\S.*", "a value, as in title=Evening"
LOUDNESS = (-30.0, -12.0)  # LUFS of the voice that may be asked for
UNDER = (-26.0, -10.0)  # LU of the background: nearer than 10 LU, words are lost (Torcoli et al. 2019)


@dataclass(frozen=True)
class Wishes:
    """What is asked for over the script's own word; None or empty where the script decides.

    ``length`` and ``tail`` are seconds, ``loudness`` LUFS of the voice, ``background_level`` LU against the voice,
    ``cover`` a JPEG or PNG file in place of the picture that is drawn.
    ``stems``: voice, background and cues each in a file beside the track, too.
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
    takes: Path | None = None  # a folder of the narrator's own recordings
    unsafe_ok: tuple[str, ...] = ()  # rules of the safety check whose errors are gone on in spite of
    stems: bool = False


def tag_fault(name: str, value: str) -> str:
    """What is wrong with a tag that is asked for, for people; empty where nothing is."""
    if name not in TAGS:
        return f'unknown tag "{name}"; have: {", ".join(TAGS)}'
    form, told = _FORMS.get(name, _VALUE)
    return "" if re.fullmatch(form, value, re.ASCII) else f'{name}: found "{value}", expected {told}'


def document(source: Source, wishes: Wishes) -> Document:
    """The document of a script, with the wishes over the script's own front matter; its ``when`` still open.

    Words that a lexicon knows have its marks. Raises ScriptError with every problem of the script, NarrationError for a
    lexicon that is none.
    """
    asked: dict[str, Any] = {
        name: value
        for name in ("background", "length", "ending", "audience", "pace", "tail")
        if (value := getattr(wishes, name)) not in (None, "")
    }
    if "background" in asked:
        asked["background"] = _asked(wishes)
    lexicon = beside(source.folder, source.stem)
    return replace(pronounced(parse(source.text, source.name), lexicon), **asked)


def levels(script: Document, wishes: Wishes) -> Levels:
    """The levels of a session as its ending has them, and as was wished. Raises UsageError out of range."""
    settled = SLEEP if "sleep" in (script.ending, script.pace) else Levels()
    if script.ending == "sleep":
        settled = replace(settled, arc_lu=ARC_LU)
    elif script.pace != "sleep":
        settled = replace(settled, lift_lu=LIFT_LU)
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

    Raises NarrationError, with its place in the script, for a name that is none and for a file that cannot be read or
    may not be named; UsageError where the command line named it.
    """
    found = {}
    for name, place in _turned_to(script, source).items():
        with _told_at(place, named := name == _asked(wishes)):
            found[name] = backgrounds.load(name, wishes.seed, *_where(source, named))
    return found


def check_sounds(script: Document, wishes: Wishes, source: Source) -> Iterator[NarrationError]:
    """What is wrong with the names of the backgrounds that a script turns to at its length; no file is opened."""
    for name, place in _turned_to(script, source).items():
        try:
            with _told_at(place, named := name == _asked(wishes)):
                backgrounds.check(name, *_where(source, named))
        except NarrationError as error:
            yield error


def _turned_to(script: Document, source: Source) -> dict[str, Place]:
    """Each background of a script at its length, and where it is first named."""
    turns = {script.background: Place(source.name, line_of(source.text, "background"))}
    for step in unroll(choose(script, script.length)):
        if isinstance(step, Change):
            turns.setdefault(step.background, Place(source.name, step.line))
    return turns


def _asked(wishes: Wishes) -> str:
    """The background of the command line in its standard spelling. Raises UsageError for a blend that is none."""
    if os.path.exists(wishes.background):  # a file whose own name has a plus in it
        return wishes.background
    try:
        return standard(wishes.background)
    except BlendError as error:
        raise UsageError(f"--background: {error}.", hint=f'--background "{error.hint}"') from None


def _where(source: Source, named: bool) -> tuple[Path, Path | None]:
    """Where files are looked for, and within what: the command line may name any, a script those beside or below."""
    return (Path.cwd(), None) if named else (source.folder, source.folder)


@contextmanager
def _told_at(place: Place, named: bool) -> Iterator[None]:
    """Gives an error about a name its place in the script, unless the command line ``named`` it."""
    try:
        yield
    except NarrationError as error:
        if named or error.place is not None:  # a file's own fault is told where the file is
            raise
        raise NarrationError(error.message, place, error.hint) from None


def heard(sounds: Sequence[Background | None]) -> tuple[dict[str, str], ...]:
    """Name, title, kind, licence and source of each sound once, those of a blend by themselves.

    ``how`` tells what becomes of a file, folder or playlist of the user's own.
    """
    names = ("name", "title", "kind", "licence", "source", "how")
    infos = dict.fromkeys(part for sound in sounds if sound is not None for part in sound.info.credits)
    return tuple({name: getattr(info, name) for name in names if getattr(info, name)} for info in infos)


def tags(script: Document, voice: VoiceInfo, sounds: Sequence[Background | None], asked: Mapping[str, str]) -> Tags:
    """What the file says of itself; the voice is disclosed as synthetic."""
    credits = [f"Voice: {voice.title}" + ", a synthetic voice" * voice.synthetic + f" ({voice.licence})."]
    credits += [f"Background: {sound['title']} ({sound['licence']})." for sound in heard(sounds)]
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
