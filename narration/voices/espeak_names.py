"""What espeak-ng's voices are called: the languages and timbres in the data inside the wheel."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from ..errors import UsageError, nearest


def engine_name(variant: str) -> str:
    """The name that espeak-ng knows ``en-gb`` or ``en-us+f3`` by. Raises UsageError for an unknown one."""
    language, plus, timbre = variant.partition("+")
    names = _names()
    if language.lower() not in names:
        raise UsageError(f'espeak has no voice "{language}" ({nearest(language, names)}).', hint="espeak:en-gb")
    timbres = {path.name for path in (_data() / "voices" / "!v").iterdir()} if plus else {timbre}
    if timbre not in timbres:
        raise UsageError(f'espeak has no timbre "{timbre}" ({nearest(timbre, timbres)}).', hint="espeak:en-us+f3")
    return names[language.lower()] + plus + timbre


@cache
def languages() -> dict[str, str]:
    """What espeak-ng speaks: code → name, one for each file of its data, as the file itself puts them first."""
    found: dict[str, str] = {}
    for path in sorted((_data() / "lang").rglob("*")):
        if path.is_file():
            rows = [line.split(maxsplit=1) for line in path.read_text("utf-8", errors="replace").splitlines()]
            told = {row[0]: row[1].strip() for row in reversed(rows) if len(row) == 2}
            found[told.get("language", path.name).split()[0].lower()] = told.get("name", path.name).replace("_", " ")
    return dict(sorted(found.items()))


@cache
def _names() -> dict[str, str]:
    """What a variant may be called → the name by which espeak-ng finds it: that of its file."""
    ranked: dict[str, tuple[int, str]] = {}
    for path in sorted((_data() / "lang").rglob("*")):
        if path.is_file():
            ranked[path.name.lower()] = (0, path.name)
            # "language en-gb 2": it speaks this; of several files the one with the lowest figure is meant, 5 if unsaid
            for line in path.read_text("utf-8", errors="replace").splitlines():
                match line.split():
                    case ["language", code, *priority]:
                        rank = (int(priority[0]) if priority else 5, path.name)
                        ranked[code.lower()] = min(rank, ranked.get(code.lower(), rank))
                    case _:
                        pass
    return {code: name for code, (_, name) in ranked.items()}


def _data() -> Path:
    """The data inside the wheel; looked up without importing it."""
    spec = find_spec("espeakng_loader")
    return Path((spec and spec.origin) or "").parent / "espeak-ng-data"
