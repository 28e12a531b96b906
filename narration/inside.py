"""What is inside a finished track, read back from its tags and the report beside it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .encode import FORMATS
from .errors import NarrationError, Place, UsageError
from .files import made_by_narration

# Where each kind of file keeps what; Vorbis comments serve FLAC and Opus.
_ID3 = {"title": "TIT2", "artist": "TPE1", "album": "TALB", "track": "TRCK", "genre": "TCON", "language": "TLAN"}
_MP4 = {"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb", "genre": "\xa9gen", "comment": "\xa9cmt"}
_VORBIS = {name: name for name in ("title", "artist", "album", "genre", "language", "comment")} | {
    "track": "tracknumber"
}
# What a report must have for a person to be told of it, and of what type.
_NUMBERS = ("words", "words_per_minute", "voice_lufs", "loudness_lufs", "loudness_range_lu", "true_peak_dbtp", "seed")
_OF_TYPE: dict[str, type | tuple[type, ...]] = {
    **{"voice": str, "background": str, "safety": list, "problems": list},
    **dict.fromkeys((*_NUMBERS, "seconds"), (int, float)),
}
_SUFFIXES = {one.suffix for one in FORMATS.values()}
FIELDS = ("title", "artist", "album", "track", "genre", "language", "comment")


def inside(path: Path) -> dict[str, Any]:
    """What a track says of itself, and ``report``, the report beside it, or None.

    ``path, format, seconds, size_bytes, tags{}, chapters[{start, title}]``; ``cover`` and ``lyrics`` are booleans.

    Raises UsageError for a file that is not there, NarrationError for one that is damaged or that narration did not
    make.
    """
    place = Place(str(path))
    if not os.path.isfile(path):
        raise UsageError("there is no such file.", place, "the path of a finished track, such as output/bedtime.mp3")
    if path.suffix.lower() not in _SUFFIXES or not made_by_narration(path):
        raise NarrationError(
            "narration did not make this file, or it is damaged.", place, "a track of narration render"
        )
    told = _wav(path) if path.suffix.lower() == ".wav" else _tagged(path)
    return {
        "path": str(path),
        "format": path.suffix.lower()[1:],
        **told,
        "size_bytes": path.stat().st_size,
        "report": _report(path, told["seconds"]),
    }


def _tagged(path: Path) -> dict[str, Any]:
    import mutagen

    file = mutagen.File(path)
    read = {".mp3": _id3, ".m4b": _mp4}.get(path.suffix.lower(), _vorbis)
    return {"seconds": round(float(file.info.length), 3), **read(file)}


def _id3(file: Any) -> dict[str, Any]:
    tags = {name: str(file.tags[frame]) for name, frame in _ID3.items() if frame in file.tags}
    comments = file.tags.getall("COMM")
    starts = [
        {"start": one.start_time / 1000, "title": str(one.sub_frames.get("TIT2", ""))}
        for one in sorted(file.tags.getall("CHAP"), key=lambda one: one.start_time)
    ]
    return {
        "tags": tags | ({"comment": str(comments[0])} if comments else {}),
        "chapters": starts,
        "cover": bool(file.tags.getall("APIC")),
        "lyrics": bool(file.tags.getall("USLT")),
    }


def _mp4(file: Any) -> dict[str, Any]:
    tags = {name: str(file.tags[atom][0]) for name, atom in _MP4.items() if file.tags.get(atom)}
    if file.tags.get("trkn"):
        number, of = file.tags["trkn"][0]
        tags["track"] = f"{number}/{of}" if of else str(number)
    return {
        "tags": tags,
        "chapters": [{"start": round(one.start, 3), "title": one.title} for one in file.chapters or ()],
        "cover": "covr" in file.tags,
        "lyrics": "\xa9lyr" in file.tags,
    }


def _vorbis(file: Any) -> dict[str, Any]:
    chapters = []
    for number in range(1000):
        with suppress(KeyError):
            hours, minutes, seconds = file.tags[f"CHAPTER{number:03d}"][0].split(":")
            start = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            chapters.append({"start": round(start, 3), "title": file.tags.get(f"CHAPTER{number:03d}NAME", [""])[0]})
    tags = {name: file.tags[key][0] for name, key in _VORBIS.items() if key in file.tags}
    if "description" in file.tags:  # FFmpeg's name for it in Ogg
        tags.setdefault("comment", file.tags["description"][0])
    return {
        "tags": tags,
        "chapters": chapters,
        "cover": bool(getattr(file, "pictures", ())) or "metadata_block_picture" in file.tags,
        "lyrics": "lyrics" in file.tags,
    }


def _wav(path: Path) -> dict[str, Any]:
    import soundfile

    with soundfile.SoundFile(path) as file:
        metadata = file.copy_metadata()
        return {
            "seconds": round(file.frames / file.samplerate, 3),
            "tags": {name: metadata[name] for name in FIELDS if metadata.get(name)},
            "chapters": [],
            "cover": False,
            "lyrics": False,
        }


def _report(path: Path, seconds: float) -> dict[str, Any] | None:
    """The report beside a track; None where there is none, it is damaged, or tells of a track of another length."""
    beside = path.with_suffix(".json")
    if not made_by_narration(beside):
        return None
    found: dict[str, Any] = json.loads(beside.read_bytes())
    if not all(isinstance(found.get(name), type_) for name, type_ in _OF_TYPE.items()):
        return None
    if not all(isinstance(one, dict) and {"severity", "rule", "line"} <= set(one) for one in found["safety"]):
        return None
    # a lossy container pads by up to a frame or two: 2112 samples of AAC, 1152 of MP3
    return found if abs(found["seconds"] - seconds) < 0.1 else None


def told(found: Mapping[str, Any]) -> str:
    """The same for a person to read."""
    from .timing import RATE_HZ, clock, in_words

    tags, report = found["tags"], found["report"] or {}
    size_mb = found["size_bytes"] / 1e6
    rows = [
        ("title", tags.get("title", "")),
        ("artist", tags.get("artist", "")),
        ("album", " ".join(filter(None, (tags.get("album", ""), _number(tags.get("track", "")))))),
        ("length", f"{in_words(round(found['seconds'] * RATE_HZ))}, {found['format'].upper()}, {size_mb:.1f} MB"),
        ("inside", ", ".join(name for name in ("cover", "lyrics") if found[name]) or "no cover, no lyrics"),
    ]
    if report:
        rows += [
            ("voice", f"{report['voice']}, {report['words']} words, {report['words_per_minute']:g} a minute"),
            ("background", f"{report['background']}, seed {report['seed']}"),
            ("loudness", f"voice {report['voice_lufs']:g} LUFS, whole track {report['loudness_lufs']:g} LUFS"),
            ("", f"range {report['loudness_range_lu']:g} LU, true peak {report['true_peak_dbtp']:g} dBTP"),
            ("reviewed by", report.get("reviewed_by") or "nobody"),
        ]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:{width}}  {value}" for name, value in rows if value]
    if found["chapters"]:
        lines += ["", "Chapters"]
        lines += [f"  {clock(round(one['start'] * RATE_HZ))}  {one['title']}" for one in found["chapters"]]
    if comment := tags.get("comment", "").strip():
        lines += ["", "What it says of itself", *(f"  {line}".rstrip() for line in comment.splitlines())]
    for one in report.get("safety", ()):
        answered = f", answered for: {one['waived']}" if one.get("waived") else ""
        lines.append(f"\nSafety check, {one['severity']}: {one['rule']} at line {one['line']}{answered}")
    lines += [f"\nnote: {problem}" for problem in report.get("problems", ())]
    if not report:
        lines += ["", f"There is no report beside it ({Path(found['path']).with_suffix('.json').name})."]
    return "\n".join(lines)


def _number(track: str) -> str:
    return re.sub(r"^(\d+)(?:/(\d+))?$", lambda hit: f"(track {hit[1]}" + f" of {hit[2]}" * bool(hit[2]) + ")", track)
