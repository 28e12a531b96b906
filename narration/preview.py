"""A part of a track, as the whole would have it: to a file, or through the speakers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

import numpy as np

from .encode import FORMATS, Tags, Target, write
from .encode import check as check_target
from .errors import NarrationError, Place, UsageError, nearest
from .layout import lay_out, sayings
from .master import Master
from .mix import Block
from .script import choose
from .script.builtin import Source
from .session import Watcher, ready, unwatched
from .spans import Plan
from .speech import estimate
from .timing import RATE_HZ
from .wishes import Wishes, document

SPEECH_S = 30  # of a preview that names no section, at least
_FADE_S = 0.03  # at a cut: long enough for no click, short enough to lose no sound

# What plays a WAV file on each system, the first that is there; the file's name comes last.
PLAYERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "darwin": (("afplay",),),
    "linux": (("pw-play",), ("paplay",), ("aplay", "-q")),
}


@dataclass(frozen=True)
class Section:
    """A stretch of a track in samples, and its chapter's title, or empty."""

    title: str
    start: int
    stop: int


def preview(
    source: Source,
    wishes: Wishes,
    section: str = "",
    target: Target | None = None,
    force: bool = False,
    watch: Watcher = unwatched,
) -> Section:
    """Write a section of the track at ``target.path``, or play it where there is no target; the section that was.

    The samples are those of the whole track at that place, but for fades of 30 ms where it is cut. Without a section it
    is the beginning, up to the end of the line that completes 30 s of speech. Raises UsageError for a section there is
    not, NarrationError where nothing can be played.
    """
    if target is not None:
        check_target(target, force)
    script = document(source, wishes)
    if section:  # a name there is not is told before anything is spoken
        shape = choose(script, script.length)
        chosen(lay_out(shape, estimate(sayings(shape))), section)
    with ready(script, source, wishes, FORMATS[target.format].overshoot_db if target else 0.0, watch) as track:
        plan, master = track.plan, track.master
        part = chosen(plan, section) if section else _beginning(plan)
        if target is not None:
            named = Tags(title=f"{plan.title}: {part.title or 'preview'}", genre="Relaxation", language=script.language)
            write(replace(target, tags=named), _cut(master, plan, part), part.stop - part.start)
            return part
        with TemporaryDirectory(prefix="narration-") as folder:
            path = Path(folder) / "preview.wav"
            write(Target(path, "wav"), _cut(master, plan, part), part.stop - part.start)
            play(path)
    return part


def chosen(plan: Plan, title: str) -> Section:
    """The chapter of that title, letter case aside. Raises UsageError with the nearest title where there is none."""
    stops = [chapter.start for chapter in plan.chapters[1:]] + [plan.length]
    parts = [Section(one.title, one.start, stop) for one, stop in zip(plan.chapters, stops, strict=True)]
    for part in parts:
        if part.title.casefold() == title.strip().casefold():
            return part
    near = nearest(title, [part.title for part in parts])
    raise UsageError(f'no section "{title}" ({near}).', hint="narration plan SCRIPT lists them")


def _beginning(plan: Plan) -> Section:
    spoken = 0
    for utterance in plan.utterances:
        spoken += utterance.length
        if spoken >= SPEECH_S * RATE_HZ:
            return Section("", 0, min(utterance.end + RATE_HZ, plan.length))
    return Section("", 0, plan.length)


def _cut(master: Master, plan: Plan, part: Section) -> Iterator[Block]:
    """The section's blocks, faded only where the track goes on."""
    fade, length, at = round(_FADE_S * RATE_HZ), part.stop - part.start, 0
    for block in master.blocks(part.start, part.stop):
        where = np.arange(at, at + len(block))
        gain = np.ones(len(block), np.float32)
        if part.start > 0:
            gain *= np.minimum(1, where / fade, dtype=np.float32)
        if part.stop < plan.length:
            gain *= np.minimum(1, (length - 1 - where) / fade, dtype=np.float32)
        yield block * gain[:, None]
        at += len(block)


def play(path: Path) -> None:
    """A WAV file through the speakers, to its end. Raises NarrationError where nothing here can play it."""
    remedy = "-o FILE to write it instead"
    if sys.platform == "win32":
        import winsound

        try:
            winsound.PlaySound(str(path), winsound.SND_FILENAME)
        except RuntimeError as error:
            raise NarrationError(f"the speakers cannot be used: {error}.", Place("preview"), remedy) from None
        return
    players = PLAYERS.get(sys.platform, PLAYERS["linux"])
    for command in players:
        if which(command[0]):
            done = subprocess.run([*command, path], capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return
    names = ", ".join(command[0] for command in players)
    raise NarrationError(f"no speakers here, or nothing that plays through them ({names}).", Place("preview"), remedy)
