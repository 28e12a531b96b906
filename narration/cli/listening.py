"""Commands for a track that is being made, or is made: hear a part of it, or read what is inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .common import JSON, OVER, QUIET, TAKES, VOICE, options, print_json, progress, wishes_of


@click.command()
@click.argument("script")
@click.option("--section", metavar="NAME", default="", help="The title of a chapter; by default the beginning.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="To a file, not aloud."
)
@options(VOICE, TAKES, *OVER)
@click.option("--seed", type=int, default=0, show_default=True, help="For the background's randomness.")
@click.option("--force", is_flag=True, help="Replace a file that narration did not make.")
@options(JSON, QUIET)
def preview(
    script: str, section: str, output: Path | None, force: bool, as_json: bool, quiet: bool, **asked: Any
) -> None:
    """Hear a part of a session, as its track would have it.

    Through the speakers, or to a file. Lines that were spoken before are not spoken again, here or by render.

    \b
    Example:
      narration preview bedtime
      narration preview pmr --section "Your face" -o face.mp3
    """
    from ..encode import target_for
    from ..preview import preview as make
    from ..script.builtin import find
    from ..timing import in_words, seconds_float

    source = find(script)
    target = target_for(output if output.suffix else output.with_suffix(".mp3"), None, None) if output else None
    with progress(quiet, source.stem) as watch:
        part = make(source, wishes_of(**asked), section, target, force, watch)
    if as_json:
        print_json(
            {
                "path": str(target.path) if target else None,
                "section": part.title,
                "start": seconds_float(part.start),
                "end": seconds_float(part.stop),
            }
        )
    if target and not quiet:
        click.echo(f"{target.path}  {in_words(part.stop - part.start)} {part.title}".rstrip(), err=True)


@click.command()
@click.argument("track", type=click.Path(path_type=Path))
@JSON
def report(track: Path, as_json: bool) -> None:
    """Show what is inside a finished track.

    Length, chapters, levels, voice, background, guidance and waivers, from its tags and the report beside it.

    \b
    Example:
      narration report output/bedtime.mp3
    """
    from ..inside import inside, told

    found = inside(track)
    if as_json:
        print_json(found)
    else:
        click.echo(told(found))
