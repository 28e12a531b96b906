"""What can go wrong, and how a person is told: place, what was found, what was expected, what to try."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any


@dataclass(frozen=True)
class Place:
    """Where something is: a file (or ``-``, or a name) and, if known, a line and a column, both counted from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


class NarrationError(Exception):
    """Something the user can put right. Anything else that is raised is a bug and keeps its traceback.

    ``exit_code`` is what the command line ends with: 1 where the work failed, 2 for wrong usage.
    """

    exit_code = 1

    def __init__(self, message: str, place: Place | None = None, hint: str = "") -> None:
        self.message, self.place, self.hint = message, place, hint
        super().__init__(message)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message}" + (f" Try: {self.hint}" if self.hint else "")

    def as_json(self) -> dict[str, Any]:
        """What is said, as data: ``error``, ``hint``, and ``file``, ``line``, ``column``, each None where not known."""
        place = asdict(self.place) if self.place else dict.fromkeys(("file", "line", "column"))
        return {"error": self.message, **place, "hint": self.hint}

    def __reduce__(self) -> tuple[Any, ...]:
        """So that it reaches the process that asked for the work, whatever its kind is made of."""
        return _again, (type(self), self.__dict__)


def _again(kind: type[NarrationError], said: dict[str, Any]) -> NarrationError:
    error = kind.__new__(kind, said["message"])
    error.__dict__.update(said)
    return error


class UsageError(NarrationError):
    """The command or function was called in a way that cannot work, whatever the script says."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a script: its line, what was found and expected, and the nearest right spelling."""

    line: int
    message: str
    hint: str = ""
    text: str = ""
    column: int | None = None


class ScriptError(NarrationError):
    """Every problem of one script (or matrix), in the order of its lines; never only the first."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' * (count != 1)}", Place(file))

    def __str__(self) -> str:
        return "\n".join(
            str(NarrationError(problem.message, Place(self.file, problem.line, problem.column), problem.hint))
            for problem in self.problems
        )

    def as_json(self) -> dict[str, Any]:
        """And ``problems``, each with ``line``, ``message``, ``hint``, ``text``, ``column``."""
        return super().as_json() | {"problems": [asdict(problem) for problem in self.problems]}


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean "x"?`` for the nearest known spelling, or ``have: a, b, c`` when none is near."""
    options = sorted(known)
    close = get_close_matches(word.lower(), options, n=1, cutoff=0.6)
    return f'did you mean "{close[0]}"?' if close else f"have: {', '.join(options)}"
