"""The command line: click options into values, and values into words for people. No logic."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import NarrationError

if TYPE_CHECKING:
    from .script.builtin import Source
    from .wishes import Wishes

OUTPUT = Path("output")


class _Group(click.Group):
    """Tells what users can put right in one clear message, with the contract's exit code; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NarrationError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Stopped. What was spoken so far is kept in the cache.", err=True)
            ctx.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="narration")
def main() -> None:
    """Guided-relaxation tracks from text scripts: a calm voice, exact pauses, background music, one MP3.

    \b
    Example:
      narration render bedtime            # output/bedtime.mp3
      narration plan bedtime              # its time line
      narration render my-session.md --length 12m --background rain
    """


# --- options that several commands share -----------------------------------------------------------------------


class _Duration(click.ParamType[Fraction]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        from .timing import parse_duration

        if isinstance(value, Fraction):
            return value
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION = _Duration()
_OVER = [
    click.option("--background", metavar="NAME|FILE|off", help="The background, over the script's own."),
    click.option("--length", type=DURATION, metavar="20m", help="The finished file's length, to the sample."),
    click.option("--ending", type=click.Choice(["sleep", "return"]), help="How it ends, over the script's own."),
    click.option("--audience", type=click.Choice(["general", "pregnancy"]), help="For whom, over the script's own."),
    click.option("--pace", type=click.Choice(["day", "office", "sleep"]), help="How fast, over the script's own."),
    click.option("--tail", type=DURATION, metavar="10m", help="How long the background goes on after the last word."),
]
_VOICE = click.option("--voice", metavar="NAME", help="The voice; by default the best one that works on this machine.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
_QUIET = click.option("--quiet", is_flag=True, help="No progress.")


def _options(*options: Any) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def _print_json(value: Any) -> None:
    click.echo(jsonlib.dumps(value, ensure_ascii=False, indent=1))


def _wishes(**asked: Any) -> Wishes:
    from .wishes import Wishes

    return Wishes(**{name: value for name, value in asked.items() if value is not None})


@contextmanager
def _progress(quiet: bool, what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A watcher that draws one bar a stage with the time left, on a terminal only."""
    bars: dict[str, Any] = {}

    def close() -> None:
        for bar in bars.values():
            bar.__exit__(None, None, None)
        bars.clear()

    def watch(stage: str, done: int, of: int) -> None:
        if quiet or not sys.stderr.isatty():
            return
        if stage not in bars:
            close()
            bars[stage] = click.progressbar(length=of, label=f"{what}: {stage}", file=sys.stderr, show_eta=True)
            bars[stage].__enter__()
        bars[stage].update(done - bars[stage].pos)

    try:
        yield watch
    finally:
        close()


# --- commands ---------------------------------------------------------------------------------------------------


@main.command()
@click.argument("scripts", nargs=-1, required=True, metavar="SCRIPT...")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="The file, or a folder for several."
)
@_options(_VOICE, *_OVER)
@click.option("--format", "format_", metavar="mp3|flac|wav", help="By default as the output's name ends, else mp3.")
@click.option("--bitrate", metavar="128k", help="Of a lossy format: 64k to 320k, or V0 to V9 for variable.")
@click.option("--seed", type=int, default=0, show_default=True, help="For the background's randomness.")
@click.option(
    "--loudness", type=float, metavar="LUFS", help="Of the voice, -30 to -12; the whole file follows from it."
)
@click.option("--background-level", type=float, metavar="LU", help="Of the background against the voice, -26 to -10.")
@click.option("--set", "tags", multiple=True, metavar="NAME=VALUE", help="A tag: title, author, album or track.")
@click.option("--force", is_flag=True, help="Replace a file that narration did not make.")
@click.option("--offline", is_flag=True, help="Never touch the network; no built-in voice does.")
@_options(_JSON, _QUIET)
def render(scripts: tuple[str, ...], output: Path | None, as_json: bool, quiet: bool, **options: Any) -> None:
    """Make finished tracks of scripts, with a report beside each.

    SCRIPT is a file, - for standard input, or the name of a built-in session.

    \b
    Example:
      narration render bedtime
      narration render my-session.md -o evening.mp3 --length 20m --background rain
    """
    from . import session
    from .encode import target_for
    from .script.builtin import find
    from .timing import in_words

    options.pop("offline")
    force, format_, bitrate = (options.pop(name) for name in ("force", "format_", "bitrate"))
    wishes = _wishes(**options | {"tags": _tags(options["tags"])})
    sources = [find(script) for script in scripts]
    targets = [target_for(path, format_, bitrate) for path in _paths(sources, output, format_)]
    reports = []
    for source, target in zip(sources, targets, strict=True):
        with _progress(quiet, source.stem) as watch:
            report = session.render(source, wishes, target, force, watch)
        reports.append(report.as_json())
        if not quiet:
            for problem in report.problems:
                click.echo(f"note: {problem}", err=True)
            click.echo(
                f"{report.path}  {in_words(report.plan.length)}, voice {report.voice}, {report.voice_lufs:.1f} LUFS",
                err=True,
            )
    if as_json:
        _print_json(reports[0] if len(reports) == 1 else reports)


def _tags(pairs: tuple[str, ...]) -> dict[str, str]:
    from .wishes import TAGS

    found = dict(pair.partition("=")[::2] for pair in pairs)
    for name in found:
        if name not in TAGS:
            raise click.BadParameter(f'unknown tag "{name}"; have: {", ".join(TAGS)}', param_hint="--set")
    return found


def _paths(sources: list[Source], output: Path | None, format_: str | None) -> list[Path]:
    """Where each track goes: the file named, or NAME.mp3 in the folder named."""
    suffix = f".{format_ or 'mp3'}"
    a_folder = output is None or output.is_dir() or len(sources) > 1
    if not a_folder and output is not None:
        return [output if output.suffix else output.with_suffix(suffix)]
    paths = [(output or OUTPUT) / f"{source.stem}{suffix}" for source in sources]
    if len(set(paths)) < len(paths):
        raise click.UsageError("two of the scripts would be written to the same file; render them one by one with -o.")
    return paths


@main.command()
@click.argument("script")
@_options(_VOICE, *_OVER)
@click.option("--measured", is_flag=True, help="Synthesise the speech instead of estimating its length.")
@click.option("--picture", type=click.Path(path_type=Path), metavar="FILE.svg|png", help="Draw it, too.")
@click.option("--force", is_flag=True, help="Let the picture replace a file that narration did not make.")
@_options(_JSON, _QUIET)
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
    """Show the time line of a script: start, length, kind, text or cue, chapter.

    \b
    Example:
      narration plan bedtime --length 20m
      narration plan bedtime --measured --picture bedtime.png
    """
    from . import session, voices
    from .files import check_writable, write_whole
    from .picture import timeline as timeline_picture
    from .picture import writer_of
    from .report import table, timeline
    from .script.builtin import find
    from .wishes import document as settled
    from .wishes import levels

    source = find(script)
    wishes = _wishes(**options)
    document = settled(source, wishes)
    if picture:
        check_writable(picture, force)
        writer_of(picture.suffix)
    if measured:
        speaker = voices.load(voice or voices.default())
        try:
            with _progress(quiet, source.stem) as watch:
                found, _ = session.measured(document, speaker, watch)
        finally:
            speaker.close()
    else:
        found = session.estimated(document)
    if picture:
        write_whole(picture, writer_of(picture.suffix)(timeline_picture(found, levels(document, wishes))))
    if as_json:
        _print_json({"title": found.title, "measured": measured, **timeline(found)})
    else:
        click.echo(table(found, measured))


@main.command()
@click.argument("scripts", nargs=-1, required=True, metavar="SCRIPT...")
@_options(*_OVER)
@_JSON
def check(scripts: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Find every problem of scripts; exit 1 where any is an error.

    \b
    Example:
      narration check my-session.md
    """
    from .findings import findings
    from .script.builtin import find

    found = [finding for script in scripts for finding in findings(find(script), _wishes(**options))]
    if as_json:
        _print_json({"findings": [finding.as_json() for finding in found]})
    for finding in found:
        click.echo(str(finding), err=as_json)
    errors = sum(finding.severity == "error" for finding in found)
    if not as_json:
        counted = f"{len(scripts)} script{'s' * (len(scripts) != 1)}"
        click.echo(
            f"{counted}: {errors} errors, {len(found) - errors} notes." if found else f"{counted}: nothing to mend."
        )
    if errors:
        raise SystemExit(1)


@main.command()
@click.argument("name")
@click.option("--force", is_flag=True, help="Replace a file of that name.")
def new(name: str, force: bool) -> None:
    """Write NAME.md, a commented script to start from.

    \b
    Example:
      narration new my-session
    """
    from .errors import Place
    from .files import write_whole
    from .script.starter import starter

    path = Path(name) if Path(name).suffix else Path(f"{name}.md")
    if path.exists() and not force:
        raise NarrationError("this file is there already.", Place(str(path)), "another name, or --force to replace it")
    write_whole(path, starter(path.stem))
    click.echo(f"{path}: written. Next: narration plan {path}", err=True)


@main.command()
@click.argument("scripts", nargs=-1, required=True, metavar="SCRIPT...")
@click.option("--check", is_flag=True, help="Only tell which files would change; exit 1 where any would.")
def fmt(scripts: tuple[str, ...], check: bool) -> None:
    """Rewrite the marks of scripts in their standard spelling; - reads standard input and writes standard output.

    \b
    Example:
      narration fmt my-session.md
    """
    from .files import write_whole
    from .script.builtin import find
    from .script.fmt import fmt as standard

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


@main.command()
@_JSON
def scripts(as_json: bool) -> None:
    """List the built-in sessions.

    \b
    Example:
      narration scripts
    """
    from .catalogue import script_rows, show

    rows = script_rows()
    _print_json(rows) if as_json else click.echo(
        show(rows, ("name", "lengths", "audience", "ending", "posture", "title"))
    )


@main.command()
@_JSON
def voices(as_json: bool) -> None:
    """List the voices, and whether each works on this machine.

    \b
    Example:
      narration voices
    """
    from .catalogue import show, voice_rows

    rows = voice_rows()
    _print_json(rows) if as_json else click.echo(show(rows, ("name", "language", "licence", "works", "title")))


@main.command()
@_JSON
def backgrounds(as_json: bool) -> None:
    """List the built-in backgrounds; any audio file can be one too.

    \b
    Example:
      narration backgrounds
    """
    from .catalogue import background_rows, show

    rows = background_rows()
    _print_json(rows) if as_json else click.echo(show(rows, ("name", "kind", "licence", "title")))


@main.command()
@_JSON
def doctor(as_json: bool) -> None:
    """Tell what is installed and works here, and what to do about the rest; exit 1 where a render could not work.

    \b
    Example:
      narration doctor
    """
    from .doctor import examine

    found = list(examine())
    if as_json:
        _print_json({"checks": [one.as_json() for one in found]})
    else:
        for one in found:
            click.echo(str(one))
    if any(one.needed and not one.works for one in found):
        raise SystemExit(1)
