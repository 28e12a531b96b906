"""Commands that make a track or show its time line."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import NarrationError
from .common import JSON, OUTPUT, OVER, QUIET, TAKES, UNSAFE_OK, VOICE, options, print_json, progress, wishes_of

if TYPE_CHECKING:
    from ..encode import Target
    from ..report import Report
    from ..script.builtin import Source
    from ..wishes import Wishes

FORMATS = "mp3|m4b|opus|flac|wav"


@click.command()
@click.argument("scripts", nargs=-1, required=True, metavar="SCRIPT...")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="The file, or a folder for several."
)
@options(VOICE, TAKES, *OVER)
@click.option(
    "--format", "format_", metavar="mp3|m4b|opus|flac|wav", help="By default as the output's name ends, else mp3."
)
@click.option("--bitrate", metavar="128k", help="Of a lossy format: 64k to 320k; of MP3, V0 to V9 for variable, too.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the background's randomness.")
@click.option(
    "--loudness", type=float, metavar="LUFS", help="Of the voice, -30 to -12; the whole file follows from it."
)
@click.option("--background-level", type=float, metavar="LU", help="Of the background against the voice, -26 to -10.")
@click.option("--stems", is_flag=True, help="Write voice.flac, background.flac and cues.flac beside the file, too.")
@click.option(
    "--set", "tags", multiple=True, metavar="NAME=VALUE", help="A tag: title, author, album, track, year or genre."
)
@click.option(
    "--album", metavar="NAME", help="One album of several: its tag, track numbers, and a playlist beside them."
)
@click.option(
    "--cover", type=click.Path(path_type=Path), metavar="FILE", help="A JPEG or PNG in place of the picture drawn."
)
@UNSAFE_OK
@click.option("--force", is_flag=True, help="Replace a file that narration did not make.")
@click.option("--offline", is_flag=True, help="Never touch the network; no built-in voice does.")
@options(JSON, QUIET)
def render(scripts: tuple[str, ...], output: Path | None, as_json: bool, quiet: bool, **options: Any) -> None:
    """Make finished tracks of scripts.

    Each has its captions, lyrics, chapters, transcript, labels and report beside it.

    SCRIPT is a file, - for standard input, or the name of a built-in session.

    \b
    Example:
      narration render bedtime
      narration render my-session.md -o evening.mp3 --length 20m --background rain
      narration render clouds scan bedtime --album "Quiet evenings" -o evenings
    """
    from ..encode import target_for
    from ..script.builtin import find

    options.pop("offline")
    force, format_, bitrate, album = (options.pop(name) for name in ("force", "format_", "bitrate", "album"))
    tags = _tags(options.pop("tags"))
    sources = [find(script) for script in scripts]
    targets = [target_for(path, format_, bitrate) for path in _paths(sources, output, format_, options["stems"])]
    wishes = [wishes_of(**options, tags=tags)] * len(sources)
    playlist = None
    if album:
        tags = {"album": album} | tags
        wishes = [wishes_of(**options, tags=tags | {"track": number}) for number in _numbers(sources)]
        stem = re.sub(r"[^\w-]+", "-", album.lower()).strip("-") or "album"
        playlist = targets[0].path.parent / f"{stem}.m3u8"
    made = _made(sources, targets, wishes, force, quiet, playlist)
    if as_json:
        print_json(made[0] if len(sources) == 1 else made)


def _numbers(sources: list[Source]) -> list[str]:
    """The track numbers of an album: ``1/3``, ``2/3``, ``3/3``."""
    return [f"{number}/{len(sources)}" for number in range(1, len(sources) + 1)]


def _made(
    sources: list[Source], targets: list[Target], wishes: list[Wishes], force: bool, quiet: bool, playlist: Path | None
) -> list[dict[str, Any]]:
    """The reports of the tracks, made one after the other, and their playlist. Those before a failure stay whole."""
    from .. import session
    from ..captions import playlist as written
    from ..files import check_writable, write_whole

    if playlist:
        check_writable(playlist, force)
    reports: list[Report] = []
    try:
        for source, target, wish in zip(sources, targets, wishes, strict=True):
            with progress(quiet, source.stem) as watch:
                reports.append(session.render(source, wish, target, force, watch))
            for note in notes(reports[-1], quiet):
                click.echo(note, err=True)
            if not quiet:
                click.echo(told(reports[-1]), err=True)
    except NarrationError:
        if len(sources) > 1:
            click.echo(f"{len(reports)} of {len(sources)} tracks are finished; this one is not:", err=True)
        raise
    if playlist:
        write_whole(playlist, written([(report.path, report.plan) for report in reports]))
    return [report.as_json() for report in reports]


def told(report: Report) -> str:
    """One line about a finished track."""
    from ..timing import in_words

    length = in_words(report.plan.length)
    return f"{report.path}  {length}, voice {report.voice}, {report.voice_lufs:.1f} LUFS"


def notes(report: Report, quiet: bool) -> list[str]:
    """A line for each problem of a finished track and, unless ``quiet``, for what becomes of the user's own sounds."""
    how = [] if quiet else [f"{sound['name']}: {sound['how']}" for sound in report.sounds if "how" in sound]
    return [f"note: {one}" for one in (*report.problems, *how)]


def _tags(pairs: tuple[str, ...]) -> dict[str, str]:
    from ..wishes import tag_fault

    found = dict(pair.partition("=")[::2] for pair in pairs)
    for name, value in found.items():
        if fault := tag_fault(name, value):
            raise click.BadParameter(fault, param_hint="--set")
    return found


def _paths(sources: list[Source], output: Path | None, format_: str | None, stems: bool) -> list[Path]:
    """Where each track goes: the file named, or NAME.mp3 in the folder named."""
    suffix = f".{format_ or 'mp3'}"
    a_folder = output is None or os.path.isdir(output) or len(sources) > 1
    if not a_folder and output is not None:
        return [output if output.suffix else output.with_suffix(suffix)]
    paths = [(output or OUTPUT) / f"{source.stem}{suffix}" for source in sources]
    if stems and len(paths) > 1:
        raise click.UsageError("the stems of several scripts have the same names; render them one by one with -o.")
    if len(set(paths)) < len(paths):
        raise click.UsageError("two of the scripts would be written to the same file; render them one by one with -o.")
    return paths


@click.command()
@click.argument("name")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="The folder; by default output/NAME."
)
@options(VOICE)
@click.option("--background", metavar="NAME|FILE|off", help="The background, over the scripts' own.")
@click.option(
    "--format", "format_", metavar="mp3|m4b|opus|flac|wav", default="mp3", show_default=True, help="Of every track."
)
@click.option("--bitrate", metavar="128k", help="Of a lossy format: 64k to 320k, or V0 to V9 for variable.")
@UNSAFE_OK
@click.option("--force", is_flag=True, help="Replace files that narration did not make.")
@options(JSON, QUIET)
def course(
    name: str,
    output: Path | None,
    format_: str,
    bitrate: str | None,
    force: bool,
    as_json: bool,
    quiet: bool,
    **asked: Any,
) -> None:
    """Make every lesson of a course, one album.

    The tracks are numbered, and a playlist lies beside them.

    \b
    Example:
      narration course jacobson -o jacobson
    """
    from ..encode import target_for
    from ..script.builtin import lessons

    sources = list(lessons(name))
    folder = output or OUTPUT / name
    targets = [target_for(folder / f"{source.stem}.{format_}", format_, bitrate) for source in sources]
    wishes = [wishes_of(**asked, tags={"track": number}) for number in _numbers(sources)]
    made = _made(sources, targets, wishes, force, quiet, folder / f"{name}.m3u8")
    if as_json:
        print_json(made)


@click.command()
@click.argument("script")
@options(VOICE, TAKES, *OVER)
@click.option("--measured", is_flag=True, help="Synthesise the speech instead of estimating its length.")
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE.svg|png", help="Draw it, too.")
@click.option("--force", is_flag=True, help="Let the picture replace a file that narration did not make.")
@options(JSON, QUIET)
def plan(
    script: str,
    voice: str | None,
    measured: bool,
    picture: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Show the time line of a script.

    Start, length, kind, text or cue, under the title of each chapter.

    \b
    Example:
      narration plan bedtime --length 20m
      narration plan bedtime --measured --picture bedtime.png
    """
    from .. import session, voices
    from ..files import check_writable, write_whole
    from ..picture import timeline as timeline_picture
    from ..picture import writer_of
    from ..report import table, timeline
    from ..script.builtin import find
    from ..wishes import document as settled
    from ..wishes import levels

    source = find(script)
    wishes = wishes_of(**options)
    document = settled(source, wishes)
    if picture:
        check_writable(picture, force)
        writer_of(picture.suffix)
    if measured:
        speaker = voices.load(voice or voices.default(document.language)[0])
        try:
            with progress(quiet, source.stem) as watch:
                takes = session.recordings(document, wishes, watch)
                found, _ = session.measured(document, speaker, watch, takes)
        finally:
            speaker.close()
    else:
        found = session.estimated(document)
    if picture:
        write_whole(picture, writer_of(picture.suffix)(timeline_picture(found, levels(document, wishes))))
    if as_json:
        print_json({"title": found.title, "measured": measured, **timeline(found)})
    else:
        click.echo(table(found, measured))
