"""Podcast feeds: RSS 2.0 with the itunes and podcast namespaces; addresses are absolute, so a base address is needed.

Dates only say the order: the first track stands at BASE, each next one a day later, for no clock is read and the same
folder gives the same feed. A GUID comes from the album, the title and the path of a track, so a track that is rendered
again stays the same episode.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote, urlsplit
from uuid import UUID, uuid5
from xml.etree import ElementTree

from ..errors import UsageError
from ..files import MARK, generator
from .covers import Cover
from .tracks import SITE, TYPES, Track

BASE = datetime(2020, 1, 1, tzinfo=UTC)
_PODCAST = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # podcastindex.org: the namespace of podcast:guid
_SPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
_SIDECARS = (  # the element, the sidecar, its type
    ("podcast:transcript", ".vtt", "text/vtt"),
    ("podcast:transcript", ".txt", "text/plain"),
    ("podcast:chapters", ".chapters.json", "application/json+chapters"),
)
Element = ElementTree.Element


@dataclass(frozen=True)
class Channel:
    """One feed: its file in the library, its title, and its tracks in order."""

    name: str
    title: str
    description: str
    tracks: tuple[Track, ...]


def base_address(text: str) -> str:
    """A base address with its last slash. Raises UsageError for what is not a plain web address."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        good = False
    if not good or re.search(r"[\s\x00-\x1f<>\"]", text):
        raise UsageError(
            f'--base-url: found "{text}", expected the web address of the folder.', hint="https://example.org/rest/"
        )
    return text.rstrip("/") + "/"


def feed(channel: Channel, base: str, covers: Mapping[str, Cover]) -> str:
    """The feed as text. ``base`` ends with a slash; ``covers`` are by the names of tracks."""
    for prefix, space in _SPACES.items():
        ElementTree.register_namespace(prefix, space)
    root = Element("rss", version="2.0")
    top = ElementTree.SubElement(root, "channel")
    pictures = [covers[track.name].whole for track in channel.tracks if track.name in covers]
    _fill(
        top,
        ("title", channel.title),
        ("link", base),
        ("description", channel.description),
        ("language", channel.tracks[0].language),
        ("generator", generator()),
        ("itunes:author", channel.tracks[0].author or channel.title),
        ("itunes:type", "serial"),
        ("itunes:explicit", "false"),
        ("podcast:guid", str(uuid5(_PODCAST, (base + channel.name).partition("://")[2].rstrip("/")))),
    )
    _empty(top, "atom:link", href=_url(base, channel.name), rel="self", type="application/rss+xml")
    _empty(top, "itunes:category", text="Health & Fitness")
    _empty(top, "itunes:image", href=_url(base, pictures[0] if pictures else f"{SITE}/art/feed.png"))
    for number, track in enumerate(channel.tracks, start=1):
        top.append(_episode(track, number, base, covers.get(track.name)))
    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- {MARK}: {generator()} -->\n{text}\n'


def _episode(track: Track, number: int, base: str, cover: Cover | None) -> Element:
    one = Element("item")
    voiced = f"Voice: {track.spoken_by}." if track.spoken_by else ""
    about = "\n\n".join(filter(None, (track.description, track.notes, voiced)))
    _fill(
        one,
        ("title", track.title),
        ("description", about),
        ("pubDate", format_datetime(BASE + timedelta(days=number - 1), usegmt=True)),
        ("itunes:duration", str(round(track.seconds))),
        ("itunes:episode", str(number)),
        ("itunes:episodeType", "full"),
        ("itunes:explicit", "false"),
    )
    guid = ElementTree.SubElement(one, "guid", isPermaLink="false")
    guid.text = track.guid
    media = TYPES[track.path.suffix.lower()]
    _empty(one, "enclosure", url=_url(base, track.name), length=str(track.size_bytes), type=media)
    if cover:
        _empty(one, "itunes:image", href=_url(base, cover.whole))
    for element, suffix, kind in _SIDECARS:
        if name := track.beside(suffix):
            _empty(one, element, url=_url(base, name), type=kind)
    return one


def _fill(parent: Element, *texts: tuple[str, str]) -> None:
    for name, text in texts:
        ElementTree.SubElement(parent, _spelt(name)).text = text


def _empty(parent: Element, name: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, _spelt(name), attributes)


def _spelt(name: str) -> str:
    """``{http…}duration`` for ``itunes:duration``."""
    prefix, _, local = name.rpartition(":")
    return f"{{{_SPACES[prefix]}}}{local}" if prefix else name


def _url(base: str, name: str) -> str:
    return base + quote(name)


def file_names(titles: Iterable[str]) -> dict[str, str]:
    """The feed's file for each album: its title in plain letters, with a number where another has that name."""
    names: dict[str, str] = {}
    for title in titles:
        plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60] or "album"
        spelt = (plain if count == 1 else f"{plain}-{count}" for count in range(1, 10_000))
        taken = names.values()
        names[title] = next(name for each in spelt if (name := f"{SITE}/feeds/{each}.xml") not in taken)
    return names
