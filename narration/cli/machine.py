"""Commands that tell what there is on this machine."""

from __future__ import annotations

import re
from pathlib import Path

import click

from .common import JSON, QUIET, VOICE, options, print_json, progress


@click.group(invoke_without_command=True)
@click.option(
    "--sample", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Speak a sample of each."
)
@options(VOICE, JSON)
@click.pass_context
def voices(ctx: click.Context, sample: Path | None, voice: str | None, as_json: bool) -> None:
    """List the voices, and whether each works here.

    A voice may have variants, as in espeak:de or kokoro:heart+nicole; --voice NAME lists those of one voice, or samples
    that voice alone.

    \b
    Example:
      narration voices
      narration voices --voice espeak
      narration voices --sample samples
    """
    from ..catalogue import show, variant_rows, voice_rows
    from ..voice_samples import write_samples

    if ctx.invoked_subcommand:
        return
    rows = variant_rows(voice) if voice else voice_rows()
    if sample:
        rows = [{**row, "sample": str(path)} for row, path in write_samples(rows, sample)]
    columns = ("name", "language", "licence", "works", "title", *(["sample"] if sample else []))
    print_json(rows) if as_json else click.echo(show(rows, columns))


@voices.command()
@click.argument("name")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="Take them from this package, folder or file instead of downloading them.",
)
def add(name: str, source: Path | None) -> None:
    """Add the files of a voice that does not come with its package.

    The one command that downloads, and only what it is asked for; a file is believed by its checksum alone.

    \b
    Example:
      narration voices add kokoro:george
      narration voices add kokoro:heart+nicole --from kokoro-js-1.2.1.tgz
    """
    from ..voices import add as add_voice

    for path in add_voice(name, source):
        click.echo(f"{path}: added.", err=True)


@click.command()
@click.option("--sample", type=click.Path(path_type=Path), metavar="DIR", help="Make a short sample of each there.")
@click.option("--format", "format_", metavar="mp3|flac|wav", default="mp3", show_default=True, help="Of the samples.")
@click.option("--seed", type=int, default=0, show_default=True, help="For their randomness.")
@click.option("--force", is_flag=True, help="Let samples replace files that narration did not make.")
@options(JSON, QUIET)
def backgrounds(sample: Path | None, format_: str, seed: int, force: bool, as_json: bool, quiet: bool) -> None:
    """List the built-in backgrounds, or make samples of them.

    Any audio file, folder or playlist of your own can be one too, and several can sound at once: "canon + rain:-6".

    \b
    Example:
      narration backgrounds
      narration backgrounds --sample samples
    """
    from ..catalogue import background_rows, show

    rows = background_rows()
    if sample is not None:
        from ..background_samples import sample_backgrounds

        with progress(quiet, "backgrounds") as watch:
            paths = sample_backgrounds(sample, format_, seed, force, watch)
        rows = [{**row, "path": str(path)} for row, path in zip(rows, paths, strict=True)]
        if not quiet:
            click.echo(f"{sample}: {len(paths)} samples", err=True)
        if not as_json:
            return
    print_json(rows) if as_json else click.echo(show(rows, ("name", "kind", "licence", "title")))


@click.group(invoke_without_command=True)
@JSON
@click.pass_context
def cache(ctx: click.Context, as_json: bool) -> None:
    """Tell the place and size of the cache, or clear it.

    It holds every line that was spoken, the user's own music made ready, covers, and what the check found in a session;
    what is missing is made again.

    \b
    Example:
      narration cache
      narration cache prune --max-size 500M
    """
    from ..cache import folder, held

    if ctx.invoked_subcommand:
        return
    found = held()
    if as_json:
        print_json({"path": str(folder()), "files": found.files, "bytes": found.size_bytes})
    else:
        click.echo(f"{folder()}: {found.files} files, {found.size_bytes / 1e6:.1f} MB")


@cache.command()
def clear() -> None:
    """Remove all of it.

    \b
    Example:
      narration cache clear
    """
    _prune(0)


@cache.command()
@click.option("--max-size", required=True, metavar="500M", help="Bytes, or with K, M or G.")
def prune(max_size: str) -> None:
    """Remove what was used longest ago.

    \b
    Example:
      narration cache prune --max-size 500M
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)B?", max_size.strip(), re.IGNORECASE)
    if not found:
        raise click.BadParameter(f'found "{max_size}", expected a size like 500M or 2G', param_hint="--max-size")
    _prune(int(float(found[1]) * {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}[found[2].upper()]))


def _prune(most_bytes: int) -> None:
    from .. import cache as caches

    removed = caches.prune(most_bytes)
    click.echo(f"{removed.files} files removed, {removed.size_bytes / 1e6:.1f} MB", err=True)


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
