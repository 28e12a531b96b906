"""The command that makes many tracks at once."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import NarrationError
from .common import JSON, OUTPUT, QUIET, on_a_terminal, options, print_json, progress
from .tracks import notes, told

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from ..batch import Outcome


@click.command()
@click.argument("matrix", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="MATRIX.toml")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="DIR", help="The folder, over the matrix's own."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Tracks made at once on this machine; by default one for two cores, since a track keeps two busy.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Make them on the Dask cluster of this scheduler instead.")
@click.option("--dry-run", is_flag=True, help="Only check them all, and tell which they are.")
@click.option("--force", is_flag=True, help="Replace files that narration did not make.")
@options(JSON, QUIET)
def batch(
    matrix: Path,
    output: Path | None,
    jobs: int | None,
    scheduler: str | None,
    dry_run: bool,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Make a whole series of tracks that a file names.

    Every script at every length, voice, background and format. All are checked before the first is made. A track that
    cannot be made does not stop the others; the exit code is 1 then.

    \b
    Example of a matrix:
      scripts = ["bedtime", "clouds", "my/*.md"]
      lengths = ["10m", "20m"]
      backgrounds = ["rain", "canon"]

    \b
    Example:
      narration batch evenings.toml -o evenings
      narration batch evenings.toml --scheduler tcp://10.0.0.5:8786
    """
    from .. import batch as many
    from ..matrix import read

    if jobs and scheduler:
        raise click.UsageError("--jobs is for this machine; a Dask cluster has its own workers.")
    usual = OUTPUT / matrix.stem
    if scheduler:  # the names of its machines are no longer relative to here
        matrix, usual, output = matrix.absolute(), usual.absolute(), output.absolute() if output else None
    tracks = read(matrix, usual, output)
    many.check(tracks, force)
    if dry_run:
        paths = [str(one.target.path) for one in tracks]
        print_json({"tracks": paths}) if as_json else click.echo("\n".join(paths))
        return
    workers: AbstractContextManager[Executor] = many.cluster(scheduler, tracks) if scheduler else many.here(jobs)
    made: list[Outcome] = []
    said: set[str] = set()
    above = "\r\x1b[K" if on_a_terminal() and not quiet else ""  # the progress bar
    with workers as at_work, progress(quiet, matrix.stem) as watch:
        watch("making tracks", 0, len(tracks))
        for one in many.make(tracks, at_work, force):
            made.append(one)
            for line in _told(one, quiet):
                if line not in said:  # many tracks share a note
                    click.echo(above + line, err=True)
                    said.add(line)
            watch("making tracks", len(made), len(tracks))
    order = {one.target.path: number for number, one in enumerate(tracks)}
    made.sort(key=lambda one: order[one.wanted.target.path])
    failed = [one for one in made if isinstance(one.result, NarrationError)]
    if as_json:
        reports = [one.as_json() for one in made if one not in failed]
        print_json({"tracks": reports, "failed": [one.as_json() for one in failed]})
    if not quiet or failed:
        click.echo(f"{len(made) - len(failed)} of {len(made)} tracks are finished.", err=True)
    if failed:
        raise SystemExit(1)


def _told(one: Outcome, quiet: bool) -> list[str]:
    """What became of a track, for people."""
    if isinstance(one.result, NarrationError):
        return [f"not made: {one.wanted.target.path}: {one.result}"]
    return [*notes(one.result, quiet), *([] if quiet else [told(one.result)])]
