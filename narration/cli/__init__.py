"""The command line: click options into values, and values into words for people. No logic."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click

from ..errors import NarrationError
from . import batching, converting, listening, machine, sharing, tracks, writing
from .common import asked_for_json, print_json


class _Group(click.Group):
    """Tells what users can put right in one clear message, with the contract's exit code; a bug keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # to leave nothing half written
        try:
            return super().invoke(ctx)
        except NarrationError as error:
            click.echo(str(error), err=True)
            if asked_for_json(ctx):
                print_json(error.as_json())
            ctx.exit(error.exit_code)
        except OSError as error:
            from ..files import NO_ROOM

            if error.errno not in NO_ROOM:  # whatever else the system refuses was to be foreseen where it was asked
                raise
            click.echo(f"{NO_ROOM[error.errno]}; not everything could be written. Try: some room on it", err=True)
            ctx.exit(1)
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


for command in (
    *(tracks.render, tracks.course, batching.batch, tracks.plan, listening.preview, listening.report),
    *(writing.check, writing.new, writing.fmt, writing.takes, writing.scripts, converting.convert),
    *(sharing.library, sharing.serve),
    *(machine.voices, machine.backgrounds, machine.cache, machine.doctor),
):
    main.add_command(command)
