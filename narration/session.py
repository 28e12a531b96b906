"""One session from its script to its finished file: the whole story, one stage after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from . import backgrounds, voices
from .backgrounds import Background
from .cache import Cache, folder
from .document import Document
from .encode import ChapterMark, Tags, Target, write
from .errors import NarrationError, Place, UsageError
from .files import check_writable, replacing
from .master import SLEEP_WINDOW_S, Master
from .mix import SLEEP, Block, Levels, Mix
from .plan import FitError, Lengths, Plan, extremes, lay_out, sayings
from .report import Report
from .script import choose, parse, thresholds
from .script.builtin import Source
from .speech import Clips, estimate, speak
from .timing import to_samples
from .voices import Voice


class Watcher(Protocol):
    """Told how far a long stage has come."""

    def __call__(self, stage: str, done: int, of: int) -> None: ...


def _unwatched(stage: str, done: int, of: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Wishes:
    """What is asked for over the script's own word; None or empty where the script decides.

    ``length`` and ``tail`` are seconds, ``loudness`` LUFS of the voice, ``background_level`` LU against the voice.
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


def estimated(script: Document) -> Plan:
    """The plan with the speech estimated from its words: no voice is needed."""
    return _fitted(script, lambda chosen: estimate(sayings(chosen)))


def measured(script: Document, voice: Voice, watch: Watcher = _unwatched) -> tuple[Plan, Clips]:
    """The plan with the speech measured, and the clips it was measured on."""
    heard: list[Clips] = []

    def listen(chosen: Document) -> Lengths:
        says = sayings(chosen)
        cache = Cache(folder() / "clips")
        heard.append(speak(says, voice, cache, chosen.source, lambda done, of: watch("speaking", done, of)))
        return heard[-1].lengths

    return _fitted(script, listen), heard[-1]


def _fitted(script: Document, lengths_of: Callable[[Document], Lengths]) -> Plan:
    chosen = choose(script, script.length)
    lengths = lengths_of(chosen)
    wanted = None if script.length is None else to_samples(script.length)
    try:
        return lay_out(chosen, lengths, wanted)
    except FitError as error:
        raise FitError(script, wanted or 0, *reach(script, lengths_of)) from error


def reach(script: Document, lengths_of: Callable[[Document], Lengths]) -> tuple[int, int]:
    """The shortest and the longest that a script can be, in samples, whatever its ``when`` choose along the way."""
    steps = [Fraction(0), *thresholds(script), None]
    ends: list[tuple[int, int]] = []
    for low, high in zip(steps, steps[1:], strict=False):
        chosen = choose(script, low)
        shortest, longest = extremes(chosen, lengths_of(chosen))
        shortest = max(shortest, to_samples(low or 0))
        longest = longest if high is None else min(longest, to_samples(high) - 1)
        if shortest <= longest:
            ends.append((shortest, longest))
    if not ends:  # no `when` leaves room for what it chooses: say at least what the shortest form would be
        chosen = choose(script, None)
        ends = [extremes(chosen, lengths_of(chosen))]
    return min(low for low, _ in ends), max(high for _, high in ends)


def render(source: Source, wishes: Wishes, target: Target, force: bool = False, watch: Watcher = _unwatched) -> Report:
    """Make the track of a script at ``target.path``, and its report beside it.

    The same script, wishes, voice, seed and versions give the same bytes. Raises NarrationError, and leaves nothing
    half done, where the script, the voice, the background or the disk does not allow it.
    """
    script = document(source, wishes)
    report_path = target.path.with_suffix(".json")
    check_writable(target.path, force)
    check_writable(report_path, force)
    levels = _levels(script, wishes)
    voice = voices.load(wishes.voice or voices.default())
    try:
        plan, clips = measured(script, voice, watch)
        sounds = [_background(turn.background, wishes, source) for turn in plan.turns]
        master = Master(Mix(plan, clips, sounds, levels), sounds[0], SLEEP_WINDOW_S if script.ending == "sleep" else None)
        target = replace(target, tags=_tags(script, voice, sounds, wishes.tags), chapters=_chapters(plan))
        write(target, _watched(master, plan, watch), plan.length)
    finally:
        voice.close()
    report = Report(
        path=str(target.path),
        plan=plan,
        voice=voice.info.name,
        background=script.background,
        seed=wishes.seed,
        voice_lufs=master.voice_lufs,
        loudness_lufs=master.loudness_lufs,
        loudness_range_lu=master.range_lu,
        true_peak_dbtp=master.true_peak_dbtp,
        problems=clips.notes,
    )
    with replacing(report_path) as file:
        file.write(json.dumps(report.as_json(), ensure_ascii=False, indent=1).encode() + b"\n")
    return report


TAGS = ("title", "author", "album", "track", "year", "genre")  # what --set may set
LOUDNESS = (-30.0, -12.0)  # LUFS of the voice that may be asked for
UNDER = (-26.0, -10.0)  # LU of the background: nearer than 10 LU, words are lost (Torcoli et al. 2019)


def _levels(script: Document, wishes: Wishes) -> Levels:
    levels = SLEEP if "sleep" in (script.ending, script.pace) else Levels()
    if wishes.loudness is not None:
        _within("--loudness", wishes.loudness, LOUDNESS, "LUFS")
        levels = replace(levels, voice_lufs=wishes.loudness)
    if wishes.background_level is not None:
        _within("--background-level", wishes.background_level, UNDER, "LU")
        levels = replace(levels, music_lu=wishes.background_level, nature_lu=wishes.background_level)
    return levels


def _within(option: str, value: float, bounds: tuple[float, float], unit: str) -> None:
    low, high = bounds
    if not low <= value <= high:
        raise UsageError(f"{option}: found {value:g}, expected from {low:g} to {high:g} {unit}.")


def _background(name: str, wishes: Wishes, source: Source) -> Background | None:
    """A background by its name. The command line may name any file, a script only one beside or below itself."""
    if name == wishes.background:
        return backgrounds.load(name, wishes.seed, Path.cwd())
    if name not in (*backgrounds.names(), backgrounds.OFF):
        inside = source.folder.resolve()
        if not (inside / name).resolve().is_relative_to(inside):
            raise NarrationError(
                f'the background "{name}" lies outside the folder of the script; a script may name files beside or below it.',
                Place(source.name),
                f"--background {name}",
            )
    return backgrounds.load(name, wishes.seed, source.folder)


def _tags(script: Document, voice: Voice, sounds: Sequence[Background | None], asked: Mapping[str, str]) -> Tags:
    """What the file says of itself; the voice is disclosed as synthetic."""
    credits = [f"Voice: {voice.info.title}" + ", a synthetic voice" * voice.info.synthetic + f" ({voice.info.licence})."]
    for info in dict.fromkeys(sound.info for sound in sounds if sound is not None):
        credits.append(f"Background: {info.title} ({info.licence}).")
    parts = [script.description, script.notes, "Follows: " + "; ".join(script.sources) + "." if script.sources else "", " ".join(credits)]
    fields = {
        "title": script.title,
        "artist": f"{voice.info.title}, synthetic voice" if voice.info.synthetic else voice.info.title,
        "album": script.album or script.title,
        "genre": "Relaxation",
        "language": script.language,
        "comment": "\n\n".join(part.strip() for part in parts if part.strip()),
    }
    named = {"artist" if name == "author" else name: value for name, value in asked.items()}
    if script.author and "artist" not in named:
        named["artist"] = f"{script.author}; {fields['artist']}"
    return Tags(**fields | named)


def _chapters(plan: Plan) -> tuple[ChapterMark, ...]:
    return tuple(ChapterMark(chapter.start, chapter.title) for chapter in plan.chapters)


def _watched(master: Master, plan: Plan, watch: Watcher) -> Iterator[Block]:
    """The blocks of the track, counted in seconds."""
    done = 0
    for block in master.blocks():
        done += len(block)
        watch("mixing", done // plan.rate_hz, plan.length // plan.rate_hz)
        yield block
