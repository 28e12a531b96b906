"""What several commands share: options, how JSON is printed, and progress for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..wishes import Wishes


class _Duration(click.ParamType[Fraction]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        from ..timing import parse_duration

        if isinstance(value, Fraction):
            return value
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _note_json(ctx: click.Context, _: click.Parameter, asked: bool) -> bool:
    ctx.meta[__name__] = asked
    return asked


def asked_for_json(ctx: click.Context) -> bool:
    """Whether the command that ran under this context was asked for JSON."""
    return bool(ctx.meta.get(__name__))


OUTPUT = Path("output")
DURATION = _Duration()
OVER = [
    click.option("--background", metavar="NAME|FILE|off", help="Over the script's own; 'canon + rain:-6' for several."),
    click.option("--length", type=DURATION, metavar="20m", help="The finished file's length, to the sample."),
    click.option("--ending", type=click.Choice(["sleep", "return"]), help="How it ends, over the script's own."),
    click.option("--audience", type=click.Choice(["general", "pregnancy"]), help="For whom, over the script's own."),
    click.option("--pace", type=click.Choice(["day", "office", "sleep"]), help="How fast, over the script's own."),
    click.option("--tail", type=DURATION, metavar="10m", help="How long the background goes on after the last word."),
]
UNSAFE_OK = click.option(
    "--unsafe-ok",
    multiple=True,
    metavar="RULE[,RULE]",
    help="Go on in spite of an error of the safety check; recorded in the report and the file's comment.",
)
VOICE = click.option("--voice", metavar="NAME", help="The voice; by default the best one that works on this machine.")
TAKES = click.option(
    "--takes",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Your own recordings, named as in `narration takes SCRIPT`; they replace the voice's lines.",
)
JSON = click.option(
    "--json", "as_json", is_flag=True, callback=_note_json, help="One JSON document on stdout, an error as well."
)
QUIET = click.option("--quiet", is_flag=True, help="No progress.")


def options(*shared: Any) -> Callable[[Any], Any]:
    """A decorator that gives a command these options, in this order."""

    def add(command: Any) -> Any:
        for option in reversed(shared):
            command = option(command)
        return command

    return add


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def wishes_of(**asked: Any) -> Wishes:
    """The options that were given, as wishes over the script's own word."""
    from ..wishes import Wishes

    if "unsafe_ok" in asked:
        asked["unsafe_ok"] = tuple(rule for rules in asked["unsafe_ok"] for rule in rules.replace(",", " ").split())
    return Wishes(**{name: value for name, value in asked.items() if value is not None})


def on_a_terminal() -> bool:
    """Whether a person watches stderr; a program without one has none."""
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def progress(quiet: bool, what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A watcher that draws one bar a stage with the time left, on a terminal only."""
    bars: dict[str, Any] = {}

    def close() -> None:
        for bar in bars.values():
            bar.__exit__(None, None, None)
        bars.clear()

    def watch(stage: str, done: int, of: int) -> None:
        if quiet or not on_a_terminal():
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
