"""Every problem of a script, found before a second of audio is made: its format, each of its lengths, its words."""

from __future__ import annotations

from dataclasses import replace

from .errors import NarrationError, Place, ScriptError, UsageError
from .safety import Finding as Finding
from .safety import judged
from .script.builtin import Source, find
from .script.front_matter import line_of
from .session import estimated
from .silences import long_silences
from .timing import format_duration
from .timing_rules import against_rules
from .wishes import Wishes, check_sounds, document


def check(script: str, wishes: Wishes) -> list[Finding]:
    """Every problem of the script of that name; that it, or its lexicon, cannot be read is one of them.

    Raises UsageError for a script that there is not, and for a wish that cannot be.
    """
    try:
        return findings(find(script), wishes)
    except UsageError:
        raise
    except ScriptError as error:
        return [_unread(error.file, one.line, one.text, one.message, one.hint) for one in error.problems]
    except NarrationError as error:
        place = error.place or Place(script)
        return [_unread(place.file, place.line or 1, "", error.message, error.hint)]


def _unread(file: str, line: int, text: str, why: str, suggestion: str) -> Finding:
    return Finding(file, line, "format", "error", text, why, suggestion=suggestion)


def findings(source: Source, wishes: Wishes) -> list[Finding]:
    """Every problem of a script whose format is right, at each of the lengths that it says it can be.

    Raises ScriptError with every problem of its format, NarrationError for a lexicon that is none.
    """
    script = document(source, wishes)
    lengths = [wishes.length] if wishes.length is not None else [script.length, *script.lengths]
    found: dict[Finding, None] = {}
    for length in dict.fromkeys(lengths):
        for wrong in check_sounds(replace(script, length=length), wishes, source):
            line = (wrong.place.line if wrong.place else None) or 1
            found[Finding(source.name, line, "background", "error", "", wrong.message, "", wrong.hint)] = None
        try:
            plan = estimated(replace(script, length=length))
            found.update(dict.fromkeys(long_silences(plan, script, source.name)))
            found.update(dict.fromkeys(against_rules(plan, script, source.name)))
        except NarrationError as error:
            line = error.place.line if error.place and error.place.line else _line_of(source, length == script.length)
            text = "" if length is None else format_duration(length)
            found[Finding(source.name, line, "timing", "error", text, error.message, suggestion=error.hint)] = None
    return [*found, *judged(script, source.text, source.name)]


def _line_of(source: Source, default: bool) -> int:
    """The line of the head that asks for a length: the default one, or one of those that the author has tried."""
    keys = ("length", "lengths") if default else ("lengths", "length")
    return next((line for key in keys if (line := line_of(source.text, key))), 1)
