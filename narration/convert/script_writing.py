"""Words and marks from another notation as the text of a script: what is said there is said here, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from ..script.inline import spell_inline
from ..script.sentences import sentences, spoken
from ..timing import format_duration

Marks = tuple[tuple[str, str], ...]  # inline marks on some words: (kind, value)


@dataclass(frozen=True)
class Words:
    """Words as they are spoken, under inline marks; runs of them make sentences."""

    text: str
    marks: Marks = ()


@dataclass(frozen=True)
class Silence:
    """An exact pause; several running are their sum."""

    seconds: Fraction


@dataclass(frozen=True)
class Ends:
    """Here a sentence ends, whatever its punctuation, or a whole paragraph."""

    paragraph: bool = False


@dataclass(frozen=True)
class Row:
    """A line of its own, spelt as in a script; a comment (``silent``) ends no sentence."""

    text: str
    silent: bool = False


Piece = Words | Silence | Ends | Row


def written(head: Mapping[str, str], pieces: Iterable[Piece]) -> str:
    """The text of a script with this front matter and these words, silences and lines."""
    keys = "".join(f"{key}: {_yaml(value)}\n" for key, value in head.items())
    return f"---\n{keys}---\n\n{_joined(list(_rows(pieces)))}\n"


def _yaml(value: str) -> str:
    """The value bare where nothing in it means anything to YAML, else in quotes."""
    bare = re.fullmatch(r"[A-Za-z0-9][\w -]*", value) and value.lower() != "null"
    return value if bare else json.dumps(value, ensure_ascii=False)


def heading(title: str) -> Row:
    """The line of a heading."""
    return Row("# " + re.sub(r"([\\\[\]<>#])", r"\\\1", plain(title)))


def comment(text: str) -> Row:
    """The line of a comment."""
    return Row(f"<!-- {re.sub('-+', '-', plain(text)).strip('-')} -->", silent=True)


def plain(text: str) -> str:
    """The text on one line, without what a script cannot hold as it is: control characters, and braces."""
    return " ".join(_CONTROL.sub(" ", text).translate(_BRACES).split())


_BRACES = str.maketrans("{}", "()")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _rows(pieces: Iterable[Piece]) -> Iterator[tuple[str, str]]:
    """(kind, text): words of one utterance or more, pause, row, comment, or blank between two paragraphs."""
    run: list[Words] = []
    comments: list[str] = []
    for piece in (*_summed(pieces), Ends()):
        match piece:
            case Words():
                run.append(piece)
                continue
            case Row(text=text, silent=True):
                comments.append(text)  # inside a sentence it would part two words
                continue
        yield from (("comment", text) for text in comments)
        if any(spoken(words.text) for words in run):
            yield "words", _line(run)
        run, comments = [], []
        match piece:
            case Silence(seconds=seconds):
                yield "pause", f"[{format_duration(seconds)}]"
            case Row(text=text):
                yield "row", text
            case Ends(paragraph=True):
                yield "blank", ""


def _summed(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces with each run of silences as one."""
    for kind, group in groupby(pieces, key=type):
        if kind is Silence:
            yield Silence(sum((one.seconds for one in group if isinstance(one, Silence)), Fraction(0)))
        else:
            yield from group


def _joined(rows: list[tuple[str, str]]) -> str:
    """The rows as text: a pause after the words it follows, a blank line where the words alone would run on."""
    out: list[str] = []
    last = ""  # the kind of the row before
    words = ""  # the last words, as long as nothing but comments and blank lines came after them
    for kind, text in rows:
        if kind == "blank" or text.startswith("# ") or (kind == "words" and words and not _parted(words, text)):
            out += [""] * bool(out and out[-1])
        if kind == "pause" and last == "words" and out[-1]:
            out[-1] += f" {text}"
        elif kind != "blank":
            out.append(text)
        if text.startswith("# "):
            out.append("")
        if kind in ("words", "pause", "row"):
            words = text if kind == "words" else ""
        last = kind
    return "\n".join(out).strip("\n")


def _parted(before: str, after: str) -> bool:
    """Whether a script knows by itself that one sentence ends and the next begins here; where in doubt, not."""
    return not after.startswith("(") and any(end == len(before) for _, end in sentences(f"{before} {after}"))


def _line(run: list[Words]) -> str:
    """The words of a run, white space as in print, a line for each sentence."""
    letters: list[str] = []
    marks: list[Marks] = []  # of each letter
    for words in run:
        for letter in _CONTROL.sub(" ", words.text).translate(_BRACES):
            if not letter.isspace():
                letters.append(letter)
            elif letters and letters[-1] != " ":
                letters.append(" ")
            else:
                continue
            marks.append(words.marks)
    text = "".join(letters)
    return "\n".join(_sentence(text[start:end], marks[start:end]) for start, end in sentences(text))


def _sentence(text: str, marks: list[Marks]) -> str:
    parts = []
    for how, group in groupby(zip(marks, text, strict=True), key=lambda pair: pair[0]):
        piece = "".join(character for _, character in group)
        words = piece.strip()
        if how and spoken(words):
            before, after = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
            inside = re.sub(r"([\\\[\]<>()])", r"\\\1", words)
            parts.append(f"{before}({inside})[{spell_inline(list(how))}]{after}")
        else:
            parts.append(re.sub(r"([\\\[\]<>])", r"\\\1", piece))
    return re.sub(r"\A#", r"\\#", "".join(parts))
