"""The page: shelves as HTML, and each track as a JSON file for the player; everything a script says is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import quote

from ..files import MARK, generator
from .covers import Cover
from .shelves import Shelf, purpose
from .sounds import CROSS_S, STEP_S, Sound
from .tracks import SITE, Track

# What the page may load: its own files and nothing else, nothing inline. The server sends the same as a header.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'"
)
_ROOT = files("narration") / "player"
_AT_ROOT = ("index.html", "sw.js")  # the worker answers only for what lies below it
_SENTENCES = 160  # characters of a description that the list shows


@dataclass(frozen=True)
class Extras:
    """What was made for the tracks: covers by the names of tracks, and the sounds that stay after them."""

    covers: Mapping[str, Cover]
    sounds: Mapping[str, Sound]


def own_files() -> dict[str, bytes]:
    """The player's own files, by their names in the library."""
    found: dict[str, bytes] = {}
    for entry in sorted(_ROOT.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            inside = sorted(entry.iterdir(), key=lambda one: one.name)
            found |= {f"{SITE}/{entry.name}/{one.name}": one.read_bytes() for one in inside}
        elif entry.name not in _AT_ROOT:
            found[f"{SITE}/{entry.name}"] = entry.read_bytes()
    return found


def index(title: str, shelves: Sequence[Shelf], extras: Extras, feeds: Mapping[str, str]) -> str:
    """index.html. ``feeds`` are titles by file names."""
    minutes = sorted({_minutes(track) for shelf in shelves for track in shelf.tracks})
    return _filled(
        "index.html",
        mark=f"{MARK}: {generator()}",
        policy=escape(POLICY),
        title=escape(title),
        feeds="".join(
            f'<link rel="alternate" type="application/rss+xml" title="{escape(name)}" href="{quote(file)}">\n'
            for file, name in feeds.items()
        ),
        lengths="".join(_length(low, high) for low, high in _bands(minutes)),
        shelves="\n".join(_shelf(number, shelf, extras) for number, shelf in enumerate(shelves)),
    )


def worker(shell: Sequence[str], version: str) -> str:
    """sw.js: the service worker with the files that the page itself needs, and a version that changes with them."""
    return _filled("sw.js", mark=f"{MARK}: {generator()}", version=version, shell=json.dumps(sorted(shell)))


def manifest(title: str) -> str:
    """The web app manifest, with which phones install the page."""
    icons = [
        {"src": f"{SITE}/art/icon-{side}.png", "sizes": f"{side}x{side}", "type": "image/png", "purpose": purposes}
        for side in (192, 512)
        for purposes in ("any", "maskable")
    ]
    return _json(
        {
            "name": title,
            "short_name": title if len(title) <= 14 else "Rest",
            "id": "./",
            "start_url": "./",
            "scope": "./",
            "display": "standalone",
            "orientation": "any",
            "background_color": "#0d0b0a",
            "theme_color": "#0d0b0a",
            "icons": icons,
        }
    )


def track_file(track: Track) -> str:
    """The name of the JSON file of a track."""
    return f"{SITE}/tracks/{track.guid}.json"


def track_json(track: Track, extras: Extras, album: str) -> str:
    """What the player needs of a track; its addresses are relative to the page and change with the track's version."""
    cover, sound = extras.covers.get(track.name), extras.sounds.get(track.name)
    captions, transcript = track.beside(".vtt"), track.beside(".txt")
    tail = None
    if sound is not None and track.tail is not None:
        tail = {
            "sound": _url(sound.name),
            "title": sound.title,
            "start": track.tail.start,
            "step": STEP_S,
            "cross": CROSS_S,
        }
    return _json(
        {
            "id": track.guid,
            "title": track.title,
            "album": album,
            "voice": track.spoken_by,
            "seconds": track.seconds,
            "bytes": track.size_bytes,
            "language": track.language,
            "description": track.description,
            "notes": track.notes,
            "posture": track.posture,
            "reviewed_by": track.reviewed_by,
            "chapters": [{"start": start, "title": name} for start, name in track.chapters],
            "src": _url(track.name, track.version),
            "captions": captions and _url(captions, track.version),
            "transcript": transcript and _url(transcript, track.version),
            "cover": _url(cover.large) if cover else f"{SITE}/art/{purpose(track)}.svg",
            "artwork": _url(cover.large) if cover else f"{SITE}/art/icon-512.png",
            "tail": tail,
        }
    )


def _shelf(number: int, shelf: Shelf, extras: Extras) -> str:
    rows = "\n".join(_row(track, extras) for track in shelf.tracks)
    head = f"shelf-{number}"
    return (
        f'<section class="shelf" aria-labelledby="{head}">\n<h2 id="{head}" dir="auto">{escape(shelf.title)}</h2>\n'
        f'<ul role="list">\n{rows}\n</ul>\n</section>'
    )


def _row(track: Track, extras: Extras) -> str:
    cover = extras.covers.get(track.name)
    picture = quote(cover.small) if cover else f"{SITE}/art/{purpose(track)}.svg"
    about = _first_sentence(track.description)
    told = f'<span class="about" lang="{escape(track.language)}" dir="auto">{escape(about)}</span>' if about else ""
    language = escape(track.language)
    return (
        f'<li data-minutes="{_minutes(track)}">'
        f'<a class="session" href="{quote(track.name)}" data-id="{track.guid}" data-version="{track.version}">'
        f'<img src="{picture}" alt="" width="64" height="64" loading="lazy" decoding="async">'
        f'<span class="words"><span class="name" lang="{language}" dir="auto">{escape(track.title)}</span>'
        f'<span class="meta">{_length_words(track)}<span class="kept" hidden> · kept here</span></span>'
        f"{told}</span></a></li>"
    )


def _minutes(track: Track) -> int:
    return max(1, round(track.seconds / 60))


def _length_words(track: Track) -> str:
    return f"{_minutes(track)} min" if track.seconds >= 60 else f"{round(track.seconds)} s"


def _bands(minutes: Sequence[int]) -> list[tuple[int, int]]:
    """Bands of length that have a track in them, in minutes; none where all tracks would be in one."""
    edges = ((1, 5), (6, 10), (11, 15), (16, 20), (21, 24 * 60))
    held = [(low, high) for low, high in edges if any(low <= one <= high for one in minutes)]
    return held if len(held) > 1 else []


def _length(low: int, high: int) -> str:
    words = f"up to {high}" if low == 1 else f"{low} to {high}" if high <= 20 else f"over {low - 1}"
    return f'<label><input type="radio" name="length" value="{low}-{high}"><span>{words}</span></label>\n'


def _first_sentence(text: str) -> str:
    plain = " ".join(text.split())
    first, stop, _ = plain.partition(". ")
    first += stop.strip()
    return first if len(first) <= _SENTENCES else first[: _SENTENCES - 1].rsplit(" ", 1)[0] + "…"


def _url(name: str, version: str = "") -> str:
    return quote(name) + (f"?v={version}" if version else "")


def _json(fields: dict[str, Any]) -> str:
    return json.dumps({"generator": generator(), **fields}, ensure_ascii=False, indent=1) + "\n"


def _filled(name: str, **values: str) -> str:
    return Template((_ROOT / name).read_text(encoding="utf-8")).substitute(values)
