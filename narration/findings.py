"""Every problem of a script, found before a second of audio is made: its format, each of its lengths, its words."""

from __future__ import annotations

from dataclasses import replace

from .errors import NarrationError, Place, ScriptError
from .safety import Finding as Finding
from .safety import judged
from .script.builtin import Source
from .script.front_matter import line_of
from .session import estimated
from .silences import long_silences
from .timing import format_duration
from .timing_rules import against_rules
from .wishes import Wishes, check_sounds, document


def findings(source: Source, wishes: Wishes) -> list[Finding]:
    """Every problem of a script: of its format, or, where that is right, of each length that it says it can be."""
    try:
        script = document(source, wishes)
    except ScriptError as error:
        return unread(error, source.name)
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


def unread(error: NarrationError, name: str) -> list[Finding]:
    """What keeps a script from being read, as findings."""
    if isinstance(error, ScriptError):
        told = [(name, one.line, one.text, one.message, one.hint) for one in error.problems]
    else:
        place = error.place or Place(name)
        told = [(place.file, place.line or 1, "", error.message, error.hint)]
    return [Finding(file, line, "format", "error", text, why, "", hint) for file, line, text, why, hint in told]


def _line_of(source: Source, default: bool) -> int:
    """The line of the head that asks for a length: the default one, or one of those that the author has tried."""
    keys = ("length", "lengths") if default else ("lengths", "length")
    return next((line for key in keys if (line := line_of(source.text, key))), 1)
