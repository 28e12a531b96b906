"""Shelves: the tracks by what they are for, the shorter ones first, and the albums in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .tracks import Track

_BREAK_S = 330  # seconds: what lasts no longer is a break, whatever its pace


@dataclass(frozen=True)
class Shelf:
    """Tracks that stand together. ``purpose`` names the picture of those without a cover; ``album`` if they are one."""

    purpose: str
    title: str
    tracks: tuple[Track, ...]
    album: bool = False


_PURPOSES: tuple[tuple[str, str, Callable[[Track], bool]], ...] = (  # the first row that holds
    ("pregnancy", "In pregnancy", lambda track: track.audience == "pregnancy"),
    ("sleep", "To fall asleep", lambda track: track.ending == "sleep"),
    ("break", "A short break", lambda track: track.pace == "office" or track.seconds <= _BREAK_S),
    ("day", "To rest and come back", lambda track: True),
)
_ORDER = ("sleep", "day", "break", "pregnancy")  # from top to bottom of the page, then the albums


def purpose(track: Track) -> str:
    """What a track is for: sleep, day, break or pregnancy."""
    return next(name for name, _, holds in _PURPOSES if holds(track))


def shelves(tracks: Iterable[Track]) -> tuple[Shelf, ...]:
    """Every track on one shelf: albums of two or more by number, the others by purpose and length."""
    albums: dict[str, list[Track]] = {}
    for track in tracks:
        albums.setdefault(track.album, []).append(track)
    loose = albums.pop("", [])
    loose += [group[0] for group in albums.values() if len(group) == 1]
    titles = {name: title for name, title, _ in _PURPOSES}
    found = []
    for name in _ORDER:
        here = sorted((track for track in loose if purpose(track) == name), key=lambda one: (one.seconds, one.name))
        if here:
            found.append(Shelf(name, titles[name], tuple(here)))
    for album, group in sorted(albums.items()):
        if len(group) > 1:
            there = tuple(sorted(group, key=lambda one: (one.number, one.name)))
            found.append(Shelf(purpose(there[0]), album, there, album=True))
    return tuple(found)
