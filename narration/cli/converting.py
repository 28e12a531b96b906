"""The command that brings sessions from and to the notations of other speech programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import Place, UsageError
from .common import OVER, options, wishes_of

NOTATIONS = ("ssml", "speechmarkdown", "script")


@click.command()
@click.argument("script")
@click.option("--to", type=click.Choice(NOTATIONS), required=True, help="The notation to write; script reads SSML.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="By default standard output.")
@options(*OVER)
@click.option("--force", is_flag=True, help="Replace a file that narration did not make.")
def convert(script: str, to: str, output: Path | None, force: bool, **asked: Any) -> None:
    """Turn a script into SSML or Speech Markdown.

    Or SSML into a script, with --to script. Pauses are those of `narration plan` with the same options. What cannot be
    kept is told on stderr.

    \b
    Example:
      narration convert bedtime --to ssml --length 20m -o bedtime.ssml
      narration convert old-session.ssml --to script -o session.md
    """
    from ..convert import SCRIPT, WRITERS, read_ssml
    from ..files import check_writable, write_whole
    from ..script.builtin import find
    from ..session import estimated
    from ..wishes import document

    given = [f"--{name}" for name, value in asked.items() if value is not None]
    if to == SCRIPT and given:
        raise UsageError(f"{', '.join(given)}: SSML is read as it stands.", hint="the script's own head, after it")
    source = find(script)
    if output is not None:
        if source.path is not None and output.resolve() == source.path.resolve():
            raise UsageError(f"the output {output} would replace the file that is converted.", hint="another name")
        check_writable(output, force)
    if to == SCRIPT:
        reading = read_ssml(source.text, source.name)
        text, notes = reading.script, reading.notes
    elif source.text.lstrip().startswith(("<?xml", "<speak")):
        raise UsageError("this is SSML, no script.", Place(source.name), f"narration convert {script} --to script")
    else:
        settled = document(source, wishes_of(**asked))
        text, notes = WRITERS[to](settled, estimated(settled)), ()
    for note in notes:
        click.echo(note, err=True)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text)
