"""Sidecars from the plan: captions, lyrics, chapters, transcript and labels. Never estimated: the plan's own times.

Captions have lines of a readable length, as broadcasters set them, and show holds and breaths, so that a session can be
followed without its sound.
"""

from __future__ import annotations

import json
import textwrap
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from .document import Breathe, Hold
from .files import MARK, generator
from .spans import Plan, Span
from .timing import RATE_HZ, format_duration, to_samples

LINE = 42  # characters
LINGER = RATE_HZ * 3 // 2  # samples that a caption stays after its last word, where nothing follows


@dataclass(frozen=True)
class Caption:
    """Text shown from sample ``start`` up to ``end``; ``cue`` if it tells of a hold or a breath and is not spoken."""

    start: int
    end: int
    text: str
    cue: bool = False


def captions(plan: Plan) -> list[Caption]:
    """What is said and what is to be done, in order, one at a time: no two overlap, each at least a sample long.

    A spoken caption starts with its first sample of speech. Numbers of a count stand alone; a hold without a count, and
    each phase of a breath that is not spoken, has a caption of its own in square brackets.
    """
    spoken = [Caption(one.start, one.end + LINGER, one.say.text) for one in plan.utterances]
    starts = {one.start for one in plan.utterances}
    cues = [cue for span in plan.spans for cue in _cues(span) if cue.start not in starts]
    shown = sorted([*spoken, *cues], key=lambda caption: caption.start)
    ends = [caption.start for caption in shown[1:]] + [plan.length]
    return [
        Caption(caption.start, min(caption.end, end), caption.text, caption.cue)
        for caption, end in zip(shown, ends, strict=True)
        if min(caption.end, end) > caption.start
    ]


def _cues(span: Span) -> Iterator[Caption]:
    match span.node:
        case Hold(seconds=seconds, count=""):
            yield Caption(span.start, span.end, f"[hold for {format_duration(seconds)}]", cue=True)
        case Breathe(phases=phases, times=times):
            offsets = [to_samples(seconds) for seconds in accumulate(seconds for _, seconds in phases)]
            for number in range(times):
                begin = span.start + span.length * number // times
                after = span.start + span.length * (number + 1) // times
                edges = [begin, *(begin + offset for offset in offsets[:-1]), after]
                for (kind, _), start, end in zip(phases, edges, edges[1:], strict=False):
                    yield Caption(start, end, "[hold]" if kind == "hold" else f"[breathe {kind}]", cue=True)


def vtt(plan: Plan) -> str:
    """WebVTT (W3C): a cue for each caption, chapters as notes, text escaped."""
    blocks = [f"WEBVTT\n\nNOTE {MARK}: {generator()}", f"NOTE {_no_arrow(plan.title)}"]
    for caption in captions(plan):
        lines = textwrap.wrap(_line(caption.text), LINE, break_long_words=False, break_on_hyphens=False)
        text = "\n".join(_escaped(line) for line in lines)
        blocks.append(f"{_stamp(caption.start)} --> {_stamp(caption.end)}\n{text}")
    return "\n\n".join(blocks) + "\n"


def lyrics(plan: Plan) -> tuple[tuple[int, str], ...]:
    """The lyrics: each caption and the sample it begins at, and an empty one where none follows it at once."""
    shown = captions(plan)
    found: list[tuple[int, str]] = []
    for caption, next_start in zip(shown, [*(caption.start for caption in shown[1:]), plan.length], strict=True):
        found.append((caption.start, _line(caption.text)))
        if caption.end < next_start:
            found.append((caption.end, ""))
    return tuple(found)


def lrc(plan: Plan) -> str:
    """LRC lyrics: a time and a line for each of the lines."""
    minutes, seconds = divmod(plan.length // RATE_HZ, 60)
    head = [f"[re:{MARK}: {generator()}]", f"[ti:{_line(plan.title)}]", f"[length:{minutes:02d}:{seconds:02d}]"]
    return "\n".join([*head, *(f"[{_lrc_stamp(start)}]{text}" for start, text in lyrics(plan))]) + "\n"


def labels(plan: Plan) -> str:
    """Audacity labels: seconds, seconds, words; chapters as points, every span as a region."""
    rows = [(0, 0, f"{MARK}: {generator()}")]
    rows += [(chapter.start, chapter.start, f"# {chapter.title}") for chapter in plan.chapters]
    rows += [(span.start, span.end, f"{span.kind}: {span.text}" if span.text else span.kind) for span in plan.spans]
    rows[1:] = sorted(rows[1:], key=lambda row: row[0])
    return "".join(f"{start / RATE_HZ:.6f}\t{end / RATE_HZ:.6f}\t{_line(text)}\n" for start, end, text in rows)


def chapters(plan: Plan) -> str:
    """Podcasting 2.0 chapters, version 1.2.0: start times in seconds, titles."""
    return (
        json.dumps(
            {
                "version": "1.2.0",
                "title": plan.title,
                "chapters": [{"startTime": round(one.start / RATE_HZ, 3), "title": one.title} for one in plan.chapters],
                "generator": generator(),
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )


def transcript(plan: Plan) -> str:
    """Everything that is said, under the titles of the chapters; holds and breaths in square brackets."""
    starts = [chapter.start for chapter in plan.chapters]
    parts = [plan.title, f"({MARK}: {generator()})"]
    shown_chapter = -1
    for span in plan.spans:
        chapter = bisect_right(starts, span.start) - 1
        if text := _told(span):
            if chapter != shown_chapter:
                parts.append(f"# {plan.chapters[chapter].title}")
                shown_chapter = chapter
            parts.append(textwrap.fill(text, 100))
    return "\n\n".join(parts) + "\n"


def playlist(tracks: Sequence[tuple[str, Plan]]) -> str:
    """An extended M3U playlist of tracks that lie beside it: paths, lengths in whole seconds, titles."""
    lines = ["#EXTM3U", f"# {MARK}: {generator()}"]
    for path, plan in tracks:
        name = Path(path).name
        entry = f"./{name}" if name.startswith("#") else name  # a line that begins with # is a comment
        lines += [f"#EXTINF:{round(plan.length / RATE_HZ)},{_line(plan.title)}", entry]
    return "\n".join(lines) + "\n"


def _told(span: Span) -> str:
    match span.node:
        case Hold(seconds=seconds, count=count):
            return f"[hold for {format_duration(seconds)}" + f", counted {count}" * bool(count) + "]"
        case Breathe():
            return f"[breathe {span.text}]"
    return span.text if span.kind == "say" else ""


def _stamp(samples: int) -> str:
    """``00:12:05.123`` (WebVTT), to the nearest millisecond."""
    ms = (samples * 1000 + RATE_HZ // 2) // RATE_HZ
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"


def _lrc_stamp(samples: int) -> str:
    """``12:05.12``: minutes without end, to the nearest hundredth of a second."""
    cs = (samples * 100 + RATE_HZ // 2) // RATE_HZ
    return f"{cs // 6000:02d}:{cs // 100 % 60:02d}.{cs % 100:02d}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _no_arrow(text: str) -> str:
    return _line(text).replace("-->", "→")


def _line(text: str) -> str:
    return " ".join(text.split())


SIDECARS: dict[str, Callable[[Plan], str]] = {  # what stands beside a track, by the end of its name
    ".vtt": vtt,
    ".lrc": lrc,
    ".chapters.json": chapters,
    ".txt": transcript,
    ".labels.txt": labels,
}
