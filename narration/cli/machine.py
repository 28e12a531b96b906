"""Commands that tell what there is on this machine."""

from __future__ import annotations

import click

from .common import JSON, print_json


@click.command()
@JSON
def voices(as_json: bool) -> None:
    """List the voices, and whether each works here.

    \b
    Example:
      narration voices
    """
    from ..catalogue import show, voice_rows

    rows = voice_rows()
    print_json(rows) if as_json else click.echo(show(rows, ("name", "language", "licence", "works", "title")))


@click.command()
@JSON
def backgrounds(as_json: bool) -> None:
    """List the built-in backgrounds.

    Any audio file of your own can be one too.

    \b
    Example:
      narration backgrounds
    """
    from ..catalogue import background_rows, show

    rows = background_rows()
    print_json(rows) if as_json else click.echo(show(rows, ("name", "kind", "licence", "title")))


@click.command()
@JSON
def doctor(as_json: bool) -> None:
    """Tell what works here, and what to do if not.

    Exit code 1 where a render with the default settings could not work.

    \b
    Example:
      narration doctor
    """
    from ..doctor import examine

    found = list(examine())
    if as_json:
        print_json({"checks": [one.as_json() for one in found]})
    else:
        for one in found:
            click.echo(str(one))
    if any(one.needed and not one.works for one in found):
        raise SystemExit(1)
