"""Commands for people who write scripts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from ..errors import NarrationError
from .common import DURATION, JSON, OVER, options, print_json, wishes_of


@click.command()
@click.argument("scripts", nargs=-1, metavar="[SCRIPT...]")
@click.option("--text", metavar="TEXT", help="Judge a sentence or a paragraph; rules of whole scripts are left out.")
@click.option("--cases", type=click.Path(path_type=Path), metavar="FILE.jsonl", help="Score labelled cases.")
@click.option("--rules", "table", is_flag=True, help="Show the rules of the safety check.")
@options(*OVER)
@JSON
def check(
    scripts: tuple[str, ...], text: str | None, cases: Path | None, table: bool, as_json: bool, **options: Any
) -> None:
    """Find every problem of scripts: of format, timing and safety.

    Exit code 1 where any is an error.

    \b
    Example:
      narration check my-session.md
      narration check --text "Hold your breath." --audience pregnancy
    """
    from . import checking

    if sum([bool(scripts), text is not None, cases is not None, table]) != 1:
        raise click.UsageError("expected scripts, or one of --text, --cases and --rules.")
    if table:
        checking.show_rules(as_json)
    elif cases is not None:
        checking.show_score(cases, as_json)
    elif text is not None:
        checking.show_text(text, options["audience"] or "general", options["ending"] or "return", as_json)
    else:
        checking.show_findings(scripts, wishes_of(**options), as_json)


@click.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
def new(name: str, force: bool) -> None:
    """Write a commented script to start from.

    \b
    Example:
      narration new my-session
    """
    from ..errors import Place
    from ..files import write_whole
    from ..script.starter import starter

    if not Path(name).name.strip():
        raise click.BadParameter(f'found "{name}", expected a name such as my-session', param_hint="NAME")
    path = Path(name)
    path = path if path.suffix else path.with_name(f"{path.name}.md")
    if os.path.exists(path) and not force:
        raise NarrationError("this file is there already.", Place(str(path)), "another name, or --force to replace it")
    write_whole(path, starter(path.stem))
    click.echo(f"{path}: written. Next: narration plan {path}", err=True)


@click.command()
@click.argument("script")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="The sheet; by default stdout.")
@click.option("--length", type=DURATION, metavar="20m", help="Only the lines of this length.")
@click.option("--ending", type=click.Choice(["sleep", "return"]), help="Only the lines of this ending.")
@click.option("--audience", type=click.Choice(["general", "pregnancy"]), help="Only the lines for this audience.")
@click.option("--force", is_flag=True, help="Replace a file that narration did not make.")
@JSON
def takes(script: str, output: Path | None, force: bool, as_json: bool, **asked: Any) -> None:
    """Write the sheet to record a script from.

    Each line with the name that its recording must have; `render --takes` puts the recordings in the voice's place. A
    line keeps its name's code as long as its words stay.

    \b
    Example:
      narration takes my-session.md -o sheet.md
      narration render my-session.md --takes recordings
    """
    from dataclasses import asdict

    from ..files import check_writable, write_whole
    from ..script import choose
    from ..script.builtin import find
    from ..takes import lines, spell
    from ..wishes import document

    source = find(script)
    settled = document(source, wishes_of(**asked))
    if any(value is not None for value in asked.values()):
        settled = choose(settled, settled.length)
    found = lines(settled)
    sheet = spell(settled.title, script, found)
    if output:
        check_writable(output, force)
        write_whole(output, sheet)
        click.echo(f"{output}: {len(found)} lines. Next: narration render {script} --takes FOLDER", err=True)
    if as_json:
        print_json({"title": settled.title, "lines": [asdict(line) for line in found]})
    elif not output:
        click.echo(sheet, nl=False)


@click.command()
@click.argument("scripts", nargs=-1, required=True, metavar="SCRIPT...")
@click.option("--check", is_flag=True, help="Only tell which files would change; exit 1 where any would.")
def fmt(scripts: tuple[str, ...], check: bool) -> None:
    """Rewrite marks in their standard spelling.

    SCRIPT is a file; - reads standard input and writes standard output.

    \b
    Example:
      narration fmt my-session.md
    """
    from ..files import write_whole
    from ..script.builtin import find
    from ..script.fmt import fmt as standard

    changed = 0
    for source in [find(script) for script in scripts]:
        text = standard(source.text, source.name)
        if source.path is None and not check:
            click.echo(text, nl=False)
        elif text != source.text:
            changed += 1
            click.echo(f"{source.name}: {'would change' if check else 'rewritten'}", err=True)
            if source.path is not None and not check:
                write_whole(source.path, text)
    if check and changed:
        raise SystemExit(1)


@click.command()
@JSON
def scripts(as_json: bool) -> None:
    """List the built-in sessions.

    \b
    Example:
      narration scripts
    """
    from ..catalogue import script_rows, show_scripts

    rows = script_rows()
    print_json(rows) if as_json else click.echo(show_scripts(rows))
