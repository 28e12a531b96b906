"""Commands that make a folder of tracks a place to listen."""

from __future__ import annotations

from pathlib import Path

import click

from .common import JSON, QUIET, options, print_json, progress

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.command()
@FOLDER
@click.option("--title", metavar="TEXT", help="The title of the page and of the feed.")
@click.option("--base-url", default="", metavar="https://…", help="Where the folder will stand; needed for the feeds.")
@click.option("--force", is_flag=True, help="Replace files that narration did not make.")
@options(JSON, QUIET)
def library(folder: Path, title: str | None, base_url: str, force: bool, as_json: bool, quiet: bool) -> None:
    """Make a folder of rendered tracks a site to listen.

    A page with a player is written into the folder; any web host will do, or narration serve. With --base-url it has
    podcast feeds, one of all tracks and one of each album.

    \b
    Example:
      narration library output
      narration library output --title "Evenings" --base-url https://example.org/rest/
    """
    from ..library import TITLE, make

    with progress(quiet, str(folder)) as watch:
        made = make(folder, " ".join((title or TITLE).split()) or TITLE, base_url, force, watch)
    if as_json:
        print_json(made.as_json())
    if quiet:
        return
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    count = sum(len(shelf.tracks) for shelf in made.shelves)
    click.echo(f"{folder / 'index.html'}  {count} session{'s' * (count != 1)}, {len(made.feeds)} feeds", err=True)
    click.echo(f"Next: narration serve {folder}", err=True)


@click.command()
@FOLDER
@click.option(
    "--host", metavar="ADDRESS", help="Another address than this machine's own, 127.0.0.1: others can listen."
)
@click.option("--port", type=click.IntRange(0, 65535), help="By default 8765; 0 is any free one.")
def serve(folder: Path, host: str | None, port: int | None) -> None:
    """Serve a library on this machine, until Ctrl-C.

    On 127.0.0.1, where nobody else can reach it. With --host 0.0.0.0 everybody on the network can listen; a QR code
    then brings a phone there.

    \b
    Example:
      narration serve output
      narration serve output --host 0.0.0.0
    """
    from ..serve import HOST, PORT, code, listen, run

    served = listen(folder, host or HOST, PORT if port is None else port)
    if served.public:
        click.echo(f"warning: everybody on this network can now listen to what is in {folder}.", err=True)
        click.echo(code(served.address), err=True)
    click.echo(f"{served.address}  (Ctrl-C ends it)", err=True)
    run(served)
    click.echo("Ended.", err=True)
