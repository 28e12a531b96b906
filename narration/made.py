"""What a session gets whatever its sound, made once and kept: its cover, what the safety check found in it.

Who renders a session again over another background, or longer, waits for neither.
"""

from __future__ import annotations

import contextlib
import hashlib
import platform
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from .cache import Files, folder, key_of
from .errors import NarrationError

_HOME = Path(__file__).parent
_CODE = (".py", ".toml")


def once(kind: str, of: Iterable[str], make: Callable[[], bytes]) -> bytes:
    """What ``make`` makes, which the fields ``of`` decide: as it was kept, or made now and kept if that can be done.

    Among the fields must be :func:`code` of what makes it, and the version of every package that does.
    """
    files, key = Files(folder() / "made", ".made", b"narration made 1\n"), key_of((kind, *of))
    found = files.get(key)
    if found is None:
        found = make()
        with contextlib.suppress(NarrationError):  # it is made again the next time
            files.put(key, found)
    return found


@cache
def code(*parts: str) -> str:
    """A digest of files and folders of this package, ``.`` all of it, and of Python: other code's work is not taken."""
    digest = hashlib.sha256(platform.python_version().encode())
    for part in parts:
        path = _HOME / part
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.suffix in _CODE:
                digest.update(file.read_bytes())
    return digest.hexdigest()
