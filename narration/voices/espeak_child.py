"""The process in which pyttsx3 speaks: ``python -m narration.voices.espeak_child FOLDER``.

One JSON line in (``text``, ``voice``, ``rate``, ``name``), one out: ``{}`` once FOLDER/``name`` is written, or
``{"error": why}``. It ends, and removes FOLDER, when its input closes, so it never outlives the process that asked.

With espeak-ng every utterance is spoken by a fork of this process that has not spoken before. The library carries state
from one utterance into the next, so that only a fresh one always makes the same samples; and its crash or its silence
costs one attempt, not this process. The systems' own voices (macOS, Windows) are spoken by this process itself.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

OWN_VOICES = sys.platform in ("darwin", "win32")  # elsewhere pyttsx3 speaks with espeak-ng
LIMIT_S = 60  # an utterance takes 0.05 s, and 0.01 s for each second of speech


def main(folder: Path) -> None:
    """Answer requests until the input closes."""
    # What pyttsx3 prints ("Audio saved to ...") must not reach the protocol.
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked; it closes our input
    if not OWN_VOICES:
        _load_espeak()
    import pyttsx3

    engine = pyttsx3.init() if OWN_VOICES else None
    for line in sys.stdin:
        request = json.loads(line)
        if engine:
            _reply(replies, _speak(engine, folder, **request))
        else:
            _speak_in_fork(folder, request, replies)
    shutil.rmtree(folder, ignore_errors=True)


def _load_espeak() -> None:
    """Let pyttsx3 find the espeak-ng inside the wheel: it asks the system for a library of that name, and no more."""
    import espeakng_loader

    ctypes.CDLL(espeakng_loader.get_library_path(), mode=ctypes.RTLD_GLOBAL)
    # The folder above the data. Without it the library ends the whole process with status 1.
    os.environ["ESPEAK_DATA_PATH"] = str(Path(espeakng_loader.get_data_path()).parent)


def _speak_in_fork(folder: Path, request: dict[str, Any], replies: TextIO) -> None:
    child = os.fork()
    if child == 0:
        signal.alarm(LIMIT_S)  # ends a library that hangs; reported below, like a crash
        _reply(replies, _speak_with_espeak(folder, request))
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        why = f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"
        _reply(replies, f"espeak-ng ended with {why}")


def _speak_with_espeak(folder: Path, request: dict[str, Any]) -> str:
    import pyttsx3
    from pyttsx3.drivers import _espeak

    finished = threading.Event()
    engine = pyttsx3.init("espeak")
    engine.proxy._driver.stop = lambda: None  # pyttsx3 calls it after each utterance, and it cuts the sound off
    engine.connect("finished-utterance", lambda name, completed: finished.set())
    problem = _speak(engine, folder, **request)
    _espeak.Synchronize()
    return problem or ("" if finished.wait(LIMIT_S) else "espeak-ng did not finish")


def _speak(engine: Any, folder: Path, text: str, voice: str, rate: int, name: str) -> str:
    """Write FOLDER/``name``, spoken by ``voice`` at pyttsx3's ``rate``; the result is what went wrong, or nothing."""
    problems: list[str] = []
    token = engine.connect("error", lambda name, exception: problems.append(str(exception)))
    if voice:
        engine.setProperty("voice", voice)
    engine.setProperty("rate", rate)
    engine.save_to_file(text, str(folder / name))
    engine.runAndWait()
    engine.disconnect(token)
    return "; ".join(problems)


def _reply(replies: TextIO, error: str) -> None:
    print(json.dumps({"error": error} if error else {}), file=replies, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
