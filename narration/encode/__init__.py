"""A finished file from blocks of sound: with its tags, chapters, lyrics and cover, whole or not at all.

A format is a row of FORMATS. Blocks are made in the caller's thread and encoded in another, a few ahead, so that a
track of any length takes the same memory; LAME and libsndfile let go of the interpreter's lock while they work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from ..errors import Place, UsageError, nearest
from ..files import check_writable, replacing
from . import lavc, mp3, sound
from .pcm import Quantiser
from .tags import check_chapters
from .target import Block, Cover, Encoded, Format, Pcm, Tags, Target

__all__ = ["FORMATS", "Cover", "Encoded", "Tags", "Target", "check", "target_for", "write"]

FORMATS = {
    "mp3": Format(".mp3", mp3.check, mp3.Mp3, overshoot_db=0.7),  # 0.1 to 0.4 measured on speech at 128k; J
    "m4b": Format(".m4b", lavc.check, lavc.M4b, overshoot_db=1.0),
    "opus": Format(".opus", lavc.check, lavc.Opus, overshoot_db=1.0),
    "flac": Format(".flac", sound.check, sound.Flac),
    "wav": Format(".wav", sound.check, sound.Wav),
}
_AHEAD = 4  # blocks waiting for the encoder: enough to ride out one slow block, few enough to stay small

T = TypeVar("T")


def target_for(path: Path, format_: str | None = None, bitrate: str | None = None) -> Target:
    """The target of a path: its format as named, else by the path's suffix, else mp3; add tags by ``replace``.

    Raises UsageError for a format or bitrate there is not.
    """
    by_suffix = {row.suffix: name for name, row in FORMATS.items()} | {"": "mp3"}
    name = format_ or by_suffix.get(path.suffix.lower(), path.suffix.lower())
    target = Target(path, name.lower().removeprefix("."), bitrate or "")
    _row(target).check(target)
    return target


def check(target: Target, force: bool = False) -> None:
    """Raise before any work what :func:`write` would raise after it: UsageError or NarrationError.

    For a format or bitrate there is not, a place that cannot be written, or (without ``force``) a file already there
    that narration did not make.
    """
    _row(target).check(target)
    check_writable(target.path, force)


def write(target: Target, blocks: Iterable[Block], length: int) -> Encoded:
    """Encode ``blocks``, which hold exactly ``length`` samples a channel, at 44.1 kHz; the same blocks, the same bytes.

    The file appears under its name when all is well, else nothing does: not when a block cannot be made, nor on
    KeyboardInterrupt, nor on a full disk. Decoded by a reader that knows the LAME tag, it has ``length`` samples, the
    first where it was, and the level that went in. Raises UsageError for the target's fault, NarrationError for the
    disk's, RuntimeError for another number of samples or for blocks that are not finite (n, 2) float32, and whatever
    ``blocks`` raises.
    """
    row = _row(target)
    row.check(target)
    if length < 1:
        raise RuntimeError(f"a track has at least one sample, not {length}")
    check_chapters(target.chapters, length)
    with replacing(target.path) as file, closing(row.open(file, target, length)) as sink:
        quantiser = Quantiser(sink.bits, sink.gain)
        _work_ahead(sink.add, _whole(quantiser, blocks, length))
        sink.finish()
    return Encoded(target.path, length, target.path.stat().st_size, quantiser.clipped)


def _row(target: Target) -> Format:
    try:
        return FORMATS[target.format]
    except KeyError:
        known = nearest(target.format, FORMATS)
        raise UsageError(f'there is no format "{target.format}"; {known}.', Place(str(target.path))) from None


def _whole(quantiser: Quantiser, blocks: Iterable[Block], length: int) -> Iterator[Pcm]:
    """The blocks as integers; RuntimeError as soon as they are more than ``length``, or at the end if they are less."""
    for block in blocks:
        pcm = quantiser.quantise(block)
        if quantiser.samples > length:
            break
        if len(pcm):
            yield pcm
    if quantiser.samples != length:
        more = "or more " if quantiser.samples > length else ""
        raise RuntimeError(f"the blocks hold {quantiser.samples} {more}samples, the track {length}")


def _work_ahead(work: Callable[[T], None], items: Iterable[T]) -> None:
    """Do ``work`` on each item in turn in one other thread while the next items are made in this one.

    What either raises is raised here, the work's own within the next few items; work not yet begun is then dropped.
    """
    pending: deque[Future[None]] = deque()
    worker = ThreadPoolExecutor(1, thread_name_prefix="encoder")
    try:
        for item in items:
            pending.append(worker.submit(work, item))
            while pending and (pending[0].done() or len(pending) > _AHEAD):
                pending.popleft().result()
        for future in pending:
            future.result()
    finally:
        worker.shutdown(cancel_futures=True)
