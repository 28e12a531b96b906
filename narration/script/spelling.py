"""What an author meant by a mark that there is not."""

from __future__ import annotations

from difflib import get_close_matches

NAMES = ("background", "breathe", "each", "end", "hold", "otherwise", "pause", "release", "repeat", "when")
OTHER_WORDS = {  # what people call them elsewhere
    **dict.fromkeys(("wait", "silence", "rest", "sleep", "delay"), "pause"),
    **dict.fromkeys(("loop", "times", "again"), "repeat"),
    **dict.fromkeys(("else", "elif"), "otherwise"),
    **dict.fromkeys(("if", "only", "for"), "when"),
    **dict.fromkeys(("endif", "stop", "close", "/end", "/repeat", "/when"), "end"),
    **dict.fromkeys(("music", "sound", "bed"), "background"),
    **dict.fromkeys(("breath", "inhale"), "breathe"),
    **dict.fromkeys(("side", "sides"), "each"),
}


def meant_by(word: str) -> str:
    """The name of the mark that a misspelt first word stands for, or nothing."""
    close = get_close_matches(word, NAMES, n=1, cutoff=0.65)
    return OTHER_WORDS.get(word) or (close[0] if close else "")
