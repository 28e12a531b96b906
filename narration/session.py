"""One session from its script to its finished file: the whole story, one stage after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from . import voices
from .cache import MOST_BYTES, Cache, folder, prune
from .captions import SIDECARS, transcript
from .document import Document
from .encode import FORMATS, Target, write
from .encode import check as check_target
from .errors import NarrationError, UsageError
from .files import check_writable, write_whole
from .layout import FitError, Lengths, extremes, lay_out, sayings
from .master import Master
from .mix import Block, Mix
from .report import Report
from .script import choose, thresholds
from .script.builtin import Source
from .spans import Plan
from .speech import Clips, Progress, estimate, speak
from .takes import Takes, lines
from .takes import read as read_takes
from .takes.recordings import NONE
from .timing import to_samples
from .voices import Voice
from .wishes import Wishes, document, heard, levels, sounds, tags

REPORT = ".json"  # the end of its name
Watcher = Callable[[str, int, int], None]  # told how far a long stage has come: its name, done, of how many


def _unwatched(stage: str, done: int, of: int) -> None:
    """Nobody looks."""


def estimated(script: Document) -> Plan:
    """The plan with the speech estimated from its words: no voice is needed."""
    return _fitted(script, lambda chosen: estimate(sayings(chosen)))


def recordings(script: Document, wishes: Wishes, watch: Watcher = _unwatched) -> Takes:
    """The narrator's takes that were wished for; none if none were. Raises NarrationError for bad ones."""
    if wishes.takes is None:
        return NONE
    cache = Cache(folder() / "clips")
    return read_takes(wishes.takes, lines(script), cache, lambda done, of: watch("reading takes", done, of))


def measured(script: Document, voice: Voice, watch: Watcher = _unwatched, takes: Takes = NONE) -> tuple[Plan, Clips]:
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


def render(source: Source, wishes: Wishes, target: Target, force: bool = False, watch: Watcher = _unwatched) -> Report:
    """Make the track of a script at ``target.path``, and its sidecars and report beside it.

    The same script, wishes, voice, seed and versions give the same bytes. Raises NarrationError, and leaves nothing
    half done, where the script, the voice, the background or the disk does not allow it.
    """
    script = document(source, wishes)
    _check_places(target, source, force)
    mix_levels = levels(script, wishes)
    by_name = sounds(script, wishes, source)
    takes = recordings(script, wishes, watch)
    name, instead = (wishes.voice, "") if wishes.voice else voices.default(script.language)
    voice = voices.load(name)
    try:
        plan, clips = measured(script, voice, watch, takes)
        speaker, told = takes.credited(voice.info, clips)
        ceiling = mix_levels.true_peak_dbtp - FORMATS[target.format].overshoot_db
        mix = Mix(
            plan, clips, [by_name[turn.background] for turn in plan.turns], replace(mix_levels, true_peak_dbtp=ceiling)
        )
        master = Master(mix)
        settled = replace(tags(script, speaker, list(by_name.values()), wishes.tags), lyrics=transcript(plan))
        target = replace(target, tags=settled, chapters=plan.chapters)
        encoded = write(target, _watched(master, plan, watch), plan.length)
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
        sounds=heard(list(by_name.values())),
        problems=tuple(filter(None, (instead, _foreign(script, voice))))
        + told
        + clips.notes
        + _clipping(encoded.clipped),
    )
    for suffix, written in SIDECARS.items():
        write_whole(target.path.with_suffix(suffix), written(plan))
    with suppress(NarrationError):  # the track is made; a cache that cannot be made smaller is the user's to clear
        prune(MOST_BYTES)
    write_whole(target.path.with_suffix(REPORT), json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n")
    return report


def _check_places(target: Target, source: Source, force: bool) -> None:
    """Every file that a render writes can be written, and none of them is the script, whatever ``force`` says."""
    check_target(target, force)
    for path in (target.path, *(target.path.with_suffix(suffix) for suffix in (*SIDECARS, REPORT))):
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


def _clipping(samples: int) -> tuple[str, ...]:
    return (f"{samples} samples were clipped; a lower --loudness leaves more room",) if samples else ()


def _watched(master: Master, plan: Plan, watch: Watcher) -> Iterator[Block]:
    """The blocks of the track, counted in seconds."""
    done = 0
    for block in master.blocks():
        done += len(block)
        watch("mixing", done // plan.rate_hz, plan.length // plan.rate_hz)
        yield block
