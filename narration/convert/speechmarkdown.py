"""A plan as Speech Markdown (speechmarkdown.org): every sentence, and every silence to the millisecond."""

from __future__ import annotations

import re
import unicodedata

from ..document import Document, Say
from ..script.inline import spell_inline
from ..spans import Chapter, Plan, Turn
from .outline import Silence, breaks, outline, pieces

_MEANT = str.maketrans({"[": "(", "]": ")", "+": "＋", "~": "～"})  # there is no escape: look-alikes that are no marks
_DASH = re.compile(r"(?<!\w)-|-(?!\w)")  # a hyphen inside a word is no mark


def speechmarkdown(document: Document, plan: Plan) -> str:
    """The Speech Markdown of a laid-out document: a line for each sentence with its silence, a blank line for chapters.

    Chapters are marks. What would be a mark of its own in the words is written with characters that look like it, since
    Speech Markdown has no escape for them.
    """
    rows: list[str] = []
    for step in outline(plan):
        match step:
            case Chapter(title=title):
                rows += ["", f'[mark:"{_name(title)}"]']
            case Turn():
                pass  # a background: Speech Markdown has none, and the words are the same
            case Silence():
                written = " ".join(f"[{time}]" for time in breaks(step))
                if rows and rows[-1] and not rows[-1].startswith("[mark"):
                    rows[-1] += f" {written}"
                else:
                    rows.append(written)
            case Say():
                rows.append("".join(_spelt(text, how) for text, how in pieces(step)))
    return "\n".join(rows).strip("\n") + "\n"


def _spelt(text: str, how: dict[str, str]) -> str:
    plain = _DASH.sub("–", text.translate(_MEANT))
    if not how:
        return plain
    pairs = [(key, value.replace('"', "”")) for key, value in how.items()]
    return f"({re.sub(r'[()]', '', plain)})[{spell_inline(pairs)}]"


def _name(title: str) -> str:
    """The title as the name of a mark, for which its parser takes ASCII letters, digits and hyphens only."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[A-Za-z0-9]+", plain)) or "chapter"
