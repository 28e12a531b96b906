"""One session from its script to its finished file: the whole story, one stage after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from . import safety, voices
from .backgrounds import Background
from .cache import MOST_BYTES, Cache, folder, prune
from .captions import SIDECARS, lyrics, transcript
from .cover import front
from .document import Document
from .encode import FORMATS, Target, write
from .encode import check as check_target
from .errors import NarrationError, UsageError
from .files import check_writable, write_whole
from .layout import FitError, Lengths, extremes, lay_out, sayings
from .master import Master
from .mix import Block, Mix
from .report import Report, about
from .safety import Finding
from .script import choose, thresholds
from .script.builtin import Source
from .spans import Plan
from .speech import Clips, Progress, estimate, speak
from .stems import paths as stem_paths
from .stems import write_stems
from .takes import Takes, lines
from .takes import read as read_takes
from .takes.recordings import NONE
from .timing import to_samples
from .voices import Voice, VoiceInfo
from .wishes import Wishes, document, heard, levels, sounds, tags

REPORT = ".json"  # the end of its name
LOUDNESS_WITHIN = 0.1  # LU about the target
Watcher = Callable[[str, int, int], None]  # told how far a long stage has come: its name, done, of how many


def unwatched(stage: str, done: int, of: int) -> None:
    """Nobody looks."""


def estimated(script: Document) -> Plan:
    """The plan with the speech estimated from its words: no voice is needed."""
    return _fitted(script, lambda chosen: estimate(sayings(chosen)))


def recordings(script: Document, wishes: Wishes, watch: Watcher = unwatched) -> Takes:
    """The narrator's takes that were wished for; none if none were. Raises NarrationError for bad ones."""
    if wishes.takes is None:
        return NONE
    cache = Cache(folder() / "clips")
    return read_takes(wishes.takes, lines(script), cache, lambda done, of: watch("reading takes", done, of))


def measured(script: Document, voice: Voice, watch: Watcher = unwatched, takes: Takes = NONE) -> tuple[Plan, Clips]:
    """The plan with the speech measured, and the clips it was measured on."""
    heard: list[Clips] = []

    def listen(chosen: Document) -> Lengths:
        says = sayings(chosen)
        cache = Cache(folder() / "clips")
        watched: Progress = lambda done, of: watch("speaking", done, of)  # noqa: E731
        heard.append(speak(says, voice, cache, chosen.source, watched, takes.key))
        return heard[-1].lengths

    return _fitted(script, listen), heard[-1]


def _fitted(script: Document, lengths_of: Callable[[Document], Lengths]) -> Plan:
    chosen = choose(script, script.length)
    lengths = lengths_of(chosen)
    wanted = None if script.length is None else to_samples(script.length)
    try:
        return lay_out(chosen, lengths, wanted)
    except FitError as error:
        raise FitError(script, wanted or 0, reach(script, lengths_of), error.here) from error


def reach(script: Document, lengths_of: Callable[[Document], Lengths]) -> tuple[int, int]:
    """The shortest and the longest that a script can be, in samples, whatever its ``when`` choose along the way."""
    steps = [Fraction(0), *thresholds(script), None]
    ends: list[tuple[int, int]] = []
    for low, high in pairwise(steps):
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


@dataclass(frozen=True)
class Ready:
    """A track before it is written: its plan, its mix at its levels, who speaks, what sounds, what there is to tell."""

    plan: Plan
    master: Master
    voice: VoiceInfo
    speaker: VoiceInfo  # the voice, or the narrator of the recordings
    sounds: tuple[Background | None, ...]
    problems: tuple[str, ...]


@contextmanager
def ready(
    script: Document, source: Source, wishes: Wishes, overshoot_db: float = 0.0, watch: Watcher = unwatched
) -> Iterator[Ready]:
    """The track of a script, ready to be played from anywhere. Its voice is let go of at the end of the ``with``.

    ``overshoot_db`` is how far decoding may raise its peaks. Raises NarrationError where the script, the voice or the
    background does not allow it.
    """
    settled = levels(script, wishes)
    settled = replace(settled, true_peak_dbtp=settled.true_peak_dbtp - overshoot_db)
    by_name = sounds(script, wishes, source)
    takes = recordings(script, wishes, watch)
    name, instead = (wishes.voice, "") if wishes.voice else voices.default(script.language)
    voice = voices.load(name)
    try:
        plan, clips = measured(script, voice, watch, takes)
        speaker, told = takes.credited(voice.info, clips)
        master = Master(Mix(plan, clips, [by_name[turn.background] for turn in plan.turns], settled))
        problems = (*filter(None, (instead, _foreign(script, voice))), *told, *clips.notes)
        yield Ready(plan, master, voice.info, speaker, tuple(by_name.values()), problems)
    finally:
        voice.close()


def checked(
    source: Source, wishes: Wishes, target: Target, force: bool = False
) -> tuple[Document, tuple[Finding, ...]]:
    """The document of a script and what the safety check found in it, if a track may be made of it.

    Raises NarrationError, before any work, where script, disk or check does not allow it.
    """
    script = document(source, wishes)
    _check_places(target, source, force, stem_paths(target.path) if wishes.stems else ())
    findings = safety.judged(script, source.text, source.name)
    return script, safety.allowed(findings, source.name, script.audience, wishes.unsafe_ok)


def render(source: Source, wishes: Wishes, target: Target, force: bool = False, watch: Watcher = unwatched) -> Report:
    """Make the track of a script at ``target.path``, and its sidecars and report beside it.

    The same script, wishes, voice, seed and versions give the same bytes. Raises NarrationError, and leaves nothing
    half done, where the script, the voice, the background or the disk does not allow it.
    """
    script, found = checked(source, wishes, target, force)
    cover = front(script, wishes.tags.get("title", ""), wishes.cover)
    with ready(script, source, wishes, FORMATS[target.format].overshoot_db, watch) as track:
        plan, master = track.plan, track.master
        named = tags(script, track.speaker, track.sounds, wishes.tags)
        comment = "\n\n".join(filter(None, (named.comment, safety.note(found))))
        settled = replace(named, comment=comment, lyrics=transcript(plan))
        target = replace(target, tags=settled, chapters=plan.chapters, lines=lyrics(plan), cover=cover)
        encoded = write(target, _watched(master, plan, watch), plan.length)
        stems = write_stems(master, target) if wishes.stems else ()
    report = Report(
        path=str(target.path),
        plan=plan,
        voice=track.voice.name,
        background=script.background,
        seed=wishes.seed,
        voice_lufs=master.voice_lufs,
        loudness_lufs=master.loudness_lufs,
        loudness_range_lu=master.range_lu,
        true_peak_dbtp=master.true_peak_dbtp,
        sounds=heard(track.sounds),
        problems=safety.unsaid(found)
        + track.problems
        + _clipping(sum(one.clipped for one in (encoded, *stems)))
        + _missed(master),
        about={**about(script, wishes.tags), "synthetic": track.voice.synthetic},
        tail=_tail(master),
        safety=tuple(one.as_json() for one in found),
    )
    for suffix, written in SIDECARS.items():
        write_whole(target.path.with_suffix(suffix), written(plan))
    with suppress(NarrationError):  # the track is made; a cache that cannot be made smaller is the user's to clear
        prune(MOST_BYTES)
    write_whole(target.path.with_suffix(REPORT), json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n")
    return report


def _tail(master: Master) -> dict[str, Any] | None:
    """What goes on after the last word, and how loud: for those who let it go on longer than the track."""
    lufs = master.tail_lufs
    return None if lufs is None else {"background": master.mix.plan.turns[-1].background, "lufs": round(lufs, 2)}


def _check_places(target: Target, source: Source, force: bool, stems: tuple[Path, ...]) -> None:
    """Every file that a render writes can be written, and none of them is the script, whatever ``force`` says."""
    check_target(target, force)
    if target.path in stems:
        raise UsageError(f"the track {target.path} would be replaced by its own stem.", hint="-o with another name")
    for path in (target.path, *(target.path.with_suffix(suffix) for suffix in (*SIDECARS, REPORT)), *stems):
        if source.path is not None and path.resolve() == source.path.resolve():
            raise UsageError(
                f"the output {path} would replace the script itself.", hint="-o with another name or folder"
            )
        check_writable(path, force)


def _foreign(script: Document, voice: Voice) -> str:
    """A word where the script is in another language than the voice's own."""
    speaks = voice.info.language.lower()
    if speaks == "any" or speaks.split("-")[0] == script.language.lower().split("-")[0]:
        return ""
    return f'the script is in "{script.language}", and the voice "{voice.info.name}" speaks {speaks}'


def _missed(master: Master) -> tuple[str, ...]:
    """A word where the limiter had so much to do, or the background is so uneven, that the voice misses its target."""
    wanted = master.mix.levels.voice_lufs
    if abs(master.voice_lufs - wanted) <= LOUDNESS_WITHIN:
        return ()
    return (f"the voice is at {master.voice_lufs:.1f} LUFS, not at {wanted:g}: try another --loudness",)


def _clipping(samples: int) -> tuple[str, ...]:
    return (f"{samples} samples were clipped; a lower --loudness leaves more room",) if samples else ()


def _watched(master: Master, plan: Plan, watch: Watcher) -> Iterator[Block]:
    """The blocks of the track, counted in seconds."""
    done = 0
    for block in master.blocks():
        done += len(block)
        watch("mixing", done // plan.rate_hz, plan.length // plan.rate_hz)
        yield block
