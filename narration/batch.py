"""Many tracks: made side by side on this machine, or on the machines of a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from . import session, voices
from .errors import NarrationError, Place, UsageError
from .made import code
from .matrix import Wanted
from .report import Report, versions
from .wishes import check_sounds, levels

_stopped = Event()  # of a process that was told to end
_ANSWERS_S = 20  # a scheduler that says nothing for so long is not there


class RefusedError(NarrationError):
    """Tracks that may not be made; every reason once, and nothing was written."""

    def __init__(self, errors: Iterable[NarrationError]) -> None:
        self.errors = tuple({str(error): error for error in errors}.values())
        super().__init__("nothing was written: some of these tracks may not be made.")

    def __str__(self) -> str:
        return "\n".join([*map(str, self.errors), self.message])

    def as_json(self) -> dict[str, Any]:
        """And ``refused``, each as its own error says."""
        return super().as_json() | {"refused": [error.as_json() for error in self.errors]}


@dataclass(frozen=True)
class Outcome:
    """What became of a track: its report, or what went wrong."""

    wanted: Wanted
    result: Report | NarrationError

    def as_json(self) -> dict[str, Any]:
        """The report, or what the error says and the ``path`` that the track was to have."""
        return {"path": str(self.wanted.target.path), **self.result.as_json()}


def check(tracks: Iterable[Wanted], force: bool = False) -> None:
    """Raise RefusedError, before any work, for everything that can be known to be wrong with any of the tracks."""
    errors = [error for one in tracks for error in _faults(one, force)]
    if errors:
        raise RefusedError(errors)


def _faults(one: Wanted, force: bool) -> Iterator[NarrationError]:
    try:
        script, _ = session.checked(one.source, one.wishes, one.target, force)
    except NarrationError as error:
        yield error
        return
    for known in (
        lambda: levels(script, one.wishes),
        lambda: voices.check(one.wishes.voice or voices.default(script.language)[0]),
    ):
        try:
            known()
        except NarrationError as error:
            yield error
    yield from check_sounds(script, one.wishes, one.source)


def make(tracks: Sequence[Wanted], workers: Executor, force: bool = False) -> Iterator[Outcome]:
    """Each track as it is finished, or what went wrong with it; the others are made all the same.

    Of those that say the same lines in the same voice one goes ahead, so that the others find them spoken.
    """
    waiting: dict[object, list[Wanted]] = {}
    for one in tracks:
        waiting.setdefault(one.speaks, []).append(one)
    going: dict[Future[Outcome], object] = {}
    for lines, (first, *_) in waiting.items():
        going[workers.submit(_outcome, first, force)] = lines
    while going:
        for future in wait(going, return_when=FIRST_COMPLETED).done:
            lines = going.pop(future)
            for one in waiting.pop(lines, [])[1:]:
                going[workers.submit(_outcome, one, force)] = lines
            yield future.result()


def _outcome(one: Wanted, force: bool) -> Outcome:
    if _stopped.is_set():
        sys.exit()
    try:
        return Outcome(one, session.render(one.source, one.wishes, one.target, force))
    except NarrationError as error:
        return Outcome(one, error)


@contextmanager
def here(jobs: int | None = None) -> Iterator[Executor]:
    """So many processes of this machine; by default one for two cores, since a track keeps two busy.

    When the ``with`` block is left early they end at once, and leave nothing half written.
    """
    others = set(multiprocessing.active_children())
    jobs = jobs or max(1, (os.cpu_count() or 1) // 2)
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_obedient)
    try:
        yield pool
    except BrokenExecutor:
        fault = "a process that made a track was killed from outside, perhaps for want of memory."
        raise NarrationError(fault, hint="fewer --jobs; the tracks told of are finished") from None
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _obedient() -> None:
    """Ctrl-C goes to every process of a terminal; this one hears of it from the one that started it, and cleans up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)


def _stop(*_: object) -> None:
    _stopped.set()  # or it would begin with the next track, which it has at hand
    sys.exit()


@contextmanager
def cluster(scheduler: str, tracks: Iterable[Wanted]) -> Iterator[Executor]:
    """The workers of a Dask cluster, at an address such as ``tcp://10.0.0.5:8786``.

    Every one must see the folder of the tracks under the same name, and have the versions that this machine has, or the
    tracks would not be the same wherever they are made. Raises NarrationError where that is not so, UsageError without
    Dask.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError:
        raise UsageError("--scheduler needs Dask.", hint="python -m pip install 'narration[dask]'") from None
    try:
        client = Client(scheduler, timeout=_ANSWERS_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        fault = f'no Dask scheduler answers at "{scheduler}" ({error}).'
        raise NarrationError(fault, hint="tcp://HOST:8786, as `dask scheduler` says when it starts") from None
    with client:
        _check_workers(client, Path(os.path.commonpath([one.target.path.parent for one in tracks])))
        workers: Executor = client.get_executor()  # type: ignore[no-untyped-call]
        try:
            yield workers
        except (KilledWorker, CancelledError) as error:
            fault = f"the Dask cluster lost a worker or its scheduler ({error})."
            raise NarrationError(fault, hint="its logs; the tracks told of are finished") from None
        finally:
            workers.shutdown(wait=False)  # takes back what nobody has begun


def _check_workers(client: Any, folder: Path) -> None:
    probe = folder / f".narration-{secrets.token_hex(8)}.part"
    folder.mkdir(parents=True, exist_ok=True)
    probe.touch()
    try:
        answers = client.run(_worker, probe, on_error="return")
    finally:
        probe.unlink(missing_ok=True)
    if not answers:
        raise NarrationError("the Dask cluster has no workers.", hint="dask worker SCHEDULER, on each machine")
    for address, answer in answers.items():
        if isinstance(answer, BaseException):
            fault = f"the worker {address} cannot make tracks ({answer})."
            raise NarrationError(fault, hint="python -m pip install 'narration[dask]' there")
        release, sees = answer
        if others := [f"{name} {one}" for name, one in _release().items() if release.get(name) != one]:
            fault = f"the worker {address} has not what this machine has: {', '.join(others)}."
            raise NarrationError(fault, hint="the same versions on every machine")
        if not sees:
            fault = f"the worker {address} does not see this folder."
            raise NarrationError(fault, Place(str(folder)), "a folder that all machines share")


def _worker(probe: Path) -> tuple[dict[str, str], bool]:
    """What a worker has, and whether it sees a file that was just made."""
    return _release(), probe.exists()


def _release() -> dict[str, str]:
    return versions() | {"code": code(".")[:12]}
