"""The report of a track: what is in it, measured, as one JSON document."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .document import Document
from .spans import Plan
from .timing import clock, in_words, seconds_float

_PARTS = (
    "hibari-tts",
    "pyttsx3",
    "espeakng-loader",
    "onnxruntime",
    "numpy",
    "lameenc",
    "soundfile",
    "soxr",
    "mutagen",
    "pydub",
)


@dataclass(frozen=True)
class Report:
    """A plan and what was measured while it was rendered: loudness in LUFS and LU, true peak in dBTP.

    ``tail`` is the background after the last word: its name and its loudness in LUFS; None where it is off.
    """

    path: str
    plan: Plan
    voice: str
    background: str
    seed: int
    voice_lufs: float
    loudness_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    problems: tuple[str, ...] = ()
    safety: tuple[dict[str, Any], ...] = field(default=())
    sounds: tuple[dict[str, Any], ...] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    tail: Mapping[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields of the command line's contract."""
        return {
            "generator": f"narration {version('narration')}",
            "path": self.path,
            "title": self.plan.title,
            **timeline(self.plan),
            **self.about,
            "tail": self.tail,
            "voice": self.voice,
            "background": self.background,
            "sounds": list(self.sounds),
            "seed": self.seed,
            "voice_lufs": round(self.voice_lufs, 2),
            "loudness_lufs": round(self.loudness_lufs, 2),
            "loudness_range_lu": round(self.loudness_range_lu, 2),
            "true_peak_dbtp": round(self.true_peak_dbtp, 2),
            "safety": list(self.safety),
            "problems": list(self.problems),
            "versions": versions(),
        }


def about(script: Document, asked: Mapping[str, str]) -> dict[str, Any]:
    """What a library lists a track by: the script's own words, the tags asked for over them."""
    return {
        "title": asked.get("title", script.title),
        "album": asked.get("album", script.album),
        "track": asked.get("track", ""),
        "author": asked.get("author", script.author),
        "description": script.description,
        "notes": script.notes,
        "language": script.language,
        "ending": script.ending,
        "audience": script.audience,
        "pace": script.pace,
        "posture": script.posture,
        "tags": list(script.tags),
        "reviewed_by": script.reviewed_by,
    }


def timeline(plan: Plan) -> dict[str, Any]:
    """What a plan says of time, in seconds as decimals; the spans tile the track."""
    minutes = plan.length / plan.rate_hz / 60
    return {
        "seconds": seconds_float(plan.length),
        "sample_rate": plan.rate_hz,
        "speech_seconds": seconds_float(plan.speech),
        "words": plan.words,
        "words_per_minute": round(plan.words / minutes, 1),
        "chapters": [{"start": seconds_float(chapter.start), "title": chapter.title} for chapter in plan.chapters],
        "spans": [
            {
                "start": seconds_float(span.start),
                "end": seconds_float(span.end),
                "kind": span.kind,
                "text": span.text,
                "line": span.line,
            }
            for span in plan.spans
        ],
    }


def versions() -> dict[str, str]:
    """The versions of what decides the samples of a track."""
    found = {"narration": version("narration"), "python": platform.python_version()}
    for name in _PARTS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def table(plan: Plan, measured: bool) -> str:
    """The time line for people: start, length, kind, text or cue, under the title of each chapter."""
    minutes = plan.length / plan.rate_hz / 60
    lines = [f"{plan.title}: {in_words(plan.length)}, {plan.words} words, {plan.words / minutes:.0f} a minute"]
    if not measured:
        lines[0] += " (speech estimated; --measured synthesises it)"
    chapters = list(plan.chapters)
    for span in plan.spans:
        while chapters and chapters[0].start <= span.start:
            lines += ["", f"{clock(chapters[0].start):>8}  {chapters[0].title}"]
            chapters.pop(0)
        seconds = f"{seconds_float(span.length):.1f} s"
        lines.append(f"{clock(span.start):>8}  {seconds:>8}  {span.kind:<8}  {span.text}".rstrip())
    return "\n".join(lines)
