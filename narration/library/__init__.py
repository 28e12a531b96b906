"""A folder of rendered tracks made a place to listen: a static site with a player, and podcast feeds.

No server code, no request to elsewhere, no build step: any web host will do, at any address, or ``narration serve``.
The same folder, options and versions give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import NarrationError, Place
from ..files import check_writable, generator, write_whole
from . import covers, feed, page, sounds
from .shelves import Shelf, shelves
from .tracks import SITE, LeftOut, Track, gather

TITLE = "Time to rest"
MADE = f"{SITE}/made.json"  # the list of what was written, so that the next time the rest goes
NO_FEED = "no podcast feed: podcast apps need whole addresses; --base-url https://… gives them"
Watcher = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Made:
    """What was made of a folder: its shelves, the feeds' files by title, what was left out, and notes for people."""

    folder: Path
    shelves: tuple[Shelf, ...]
    feeds: Mapping[str, str]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """One JSON object for programs."""
        return {
            "generator": generator(),
            "path": str(self.folder),
            "shelves": [
                {
                    "title": shelf.title,
                    "purpose": shelf.purpose,
                    "album": shelf.album,
                    "tracks": [
                        {"path": track.name, "title": track.title, "seconds": track.seconds, "guid": track.guid}
                        for track in shelf.tracks
                    ],
                }
                for shelf in self.shelves
            ],
            "feeds": [{"path": name, "title": title} for name, title in self.feeds.items()],
            "left_out": [{"path": one.name, "why": one.why} for one in self.left_out],
            "notes": list(self.notes),
        }


def make(
    folder: Path, title: str = TITLE, base_url: str = "", force: bool = False, watch: Watcher = lambda *_: None
) -> Made:
    """Write the site and, where ``base_url`` is given, the feeds into ``folder``; its tracks stay as they are.

    Raises NarrationError where there is no folder or no track in it, where a file cannot be written, or where (without
    ``force``) one is in the way that narration did not make; UsageError for a base address that is none.
    """
    base = feed.base_address(base_url) if base_url else ""
    if not os.path.isdir(folder):
        raise NarrationError("there is no such folder.", Place(str(folder)), "narration render bedtime -o DIR")
    tracks, left_out = gather(folder)
    if not tracks:
        why = f" ({left_out[0]})" if left_out else ""
        raise NarrationError(f"no rendered track in this folder{why}.", Place(str(folder)), "narration render bedtime")
    stood = shelves(tracks)
    staying, notes = _staying(tracks)
    pictures, files = _covers(tracks)
    extras = page.Extras(pictures, staying)
    files |= page.own_files()
    files |= _tracks(stood, extras)
    channels = _channels(title, stood) if base else []
    feeds = {channel.name: channel.title for channel in channels}
    files |= {channel.name: feed.feed(channel, base, pictures).encode() for channel in channels}
    files["manifest.webmanifest"] = page.manifest(title).encode()
    files["index.html"] = page.index(title, stood, extras, feeds).encode()
    shell = [name for name in files if _of_the_shell(name)]
    digest = hashlib.sha256(b"".join(hashlib.sha256(files[name]).digest() for name in sorted(shell))).hexdigest()[:16]
    files["sw.js"] = page.worker([name for name in shell if name != "index.html"], digest).encode()
    wanted = list({sound.name: sound for sound in staying.values()}.values())
    _write(folder, files, wanted, force, watch)
    return Made(folder, stood, feeds, left_out, (*map(str, left_out), *notes, *(() if base else (NO_FEED,))))


def _staying(tracks: tuple[Track, ...]) -> tuple[dict[str, sounds.Sound], list[str]]:
    """The sound that stays after each track, by its name, and a note for each that has none but could."""
    found: dict[str, sounds.Sound] = {}
    notes = []
    for track in tracks:
        if track.tail is None:
            continue
        sound = sounds.sound(track.tail)
        if sound is None:
            notes.append(f'{track.name}: "{track.tail.background}" is no built-in background; it ends with the track')
        else:
            found[track.name] = sound
    return found, notes


def _covers(tracks: tuple[Track, ...]) -> tuple[dict[str, covers.Cover], dict[str, bytes]]:
    found: dict[str, covers.Cover] = {}
    files: dict[str, bytes] = {}
    for track in tracks:
        if made := covers.cover(track.path):
            found[track.name] = made[0]
            files |= made[1]
    return found, files


def _tracks(stood: tuple[Shelf, ...], extras: page.Extras) -> dict[str, bytes]:
    return {
        page.track_file(track): page.track_json(track, extras, shelf.title if shelf.album else "").encode()
        for shelf in stood
        for track in shelf.tracks
    }


def _channels(title: str, stood: tuple[Shelf, ...]) -> list[feed.Channel]:
    """The feed of the whole library, then one for each album."""
    every = tuple(track for shelf in stood for track in shelf.tracks)
    albums = [shelf for shelf in stood if shelf.album]
    names = feed.file_names(shelf.title for shelf in albums)
    counted = f"{len(every)} session{'s' * (len(every) != 1)} to rest by."
    return [
        feed.Channel("feed.xml", title, counted, every),
        *(feed.Channel(names[one.title], one.title, f"{one.title}: {title}.", one.tracks) for one in albums),
    ]


def _of_the_shell(name: str) -> bool:
    """Whether the page needs this file before a track is chosen: not the tracks' own, the feeds or whole covers."""
    below = PurePosixPath(name)
    if below.match(f"{SITE}/covers/*"):
        return name.endswith("-small.jpg")
    return not below.match(f"{SITE}/tracks/*") and below.suffix != ".xml" and below.name != "feed.png"


def _write(folder: Path, files: dict[str, bytes], wanted: list[sounds.Sound], force: bool, watch: Watcher) -> None:
    """Everything under its name; what an earlier library wrote and this one does not have goes."""
    before = _made_before(folder)
    changed = {name: content for name, content in files.items() if not _holds(folder / name, content)}
    for name in (*changed, MADE):
        check_writable(folder / name, force or name in before)
    for done, sound in enumerate(wanted):
        watch("sounds that stay", done, len(wanted))
        sounds.render(sound, folder)
    watch("sounds that stay", len(wanted), len(wanted))
    for name, content in changed.items():
        write_whole(folder / name, content)
    names = {*files, *(sound.name for sound in wanted)}
    made = {"generator": generator(), "files": sorted(names)}
    write_whole(folder / MADE, json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    home = folder.resolve()
    for path in (folder / name for name in before - names):
        if path.is_file() and path.resolve().is_relative_to(home):
            path.unlink()


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _made_before(folder: Path) -> set[str]:
    """What an earlier library says it wrote: only names that ours can have, so that no list can point elsewhere."""
    try:
        found = json.loads((folder / MADE).read_bytes())["files"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return set()
    at_root = {"index.html", "sw.js", "manifest.webmanifest", "feed.xml"}
    names = {name for name in found if isinstance(name, str)} if isinstance(found, list) else set()
    plain = {name for name in names if ".." not in name and "\\" not in name and "\0" not in name}
    return {name for name in plain if name in at_root or name.startswith(f"{SITE}/")}
