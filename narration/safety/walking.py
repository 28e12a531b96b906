"""What a document says under its own audience and ending: each line with its marks, and each form it can take."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..document import Breathe, Condition, Document, Hold, Node, Pause, Repeat, Say, Section, Sides, When

_APART = 6  # seconds of silence after which a hold no longer belongs to the line before it; by judgement
Line = tuple[int, str, str, bool]  # where, what is judged, what is shown, whether the line before it is read with it


def lines(document: Document) -> Iterator[Line]:
    """Every line that some length can come to, and every mark that is an instruction of its own."""
    yield from _walk(document.body, document, [])


def _walk(nodes: tuple[Node, ...], document: Document, before: list[str]) -> Iterator[Line]:
    """``before``: the lines since the last longer silence, changed in place."""
    for node in nodes:
        match node:
            case Say():
                text = _plain(node.text)
                yield node.line, text, text, False
                if before:
                    yield node.line, f"{before[-1]} {text}", f"{before[-1]} {text}", True
                before[:] = [*before, text][-2:]
            case Hold(seconds=seconds):
                for text in before[-2:]:
                    joined = f"{text.rstrip('.!')}, and hold for {_figure(seconds)} seconds."
                    yield node.line, joined, f"{text} [hold {_figure(seconds)}s]", False
                before.clear()
            case Breathe():
                yield from _breaths(node)
                before.clear()
            case Pause(min=least) if least > _APART:
                before.clear()
            case Section(body=body) | Repeat(body=body) | Sides(body=body):
                yield from _walk(body, document, before)
            case When(condition=condition, body=body, otherwise=otherwise):
                can = _possible(condition, document)
                apart = list(before)
                if can is not False:
                    yield from _walk(body, document, before)
                if can is not True:
                    yield from _walk(otherwise, document, apart)
                    before[:] = [*before, *apart][-2:]
            case _:
                pass


def _breaths(mark: Breathe) -> Iterator[Line]:
    phases = ", ".join(f"{name} {_figure(seconds)}s" for name, seconds in mark.phases)
    shown = f"[breathe {phases}]"
    for name, seconds in mark.phases:
        if name == "hold" and seconds > 0:
            yield mark.line, f"Hold your breath for {_figure(seconds)} seconds.", shown, False
    cycle = sum((seconds for _, seconds in mark.phases), Fraction(0))
    if 0 < cycle < Fraction(5, 2):  # more than 24 breaths a minute
        yield mark.line, "Breathe fast.", shown, False


def _figure(seconds: Fraction) -> str:
    return f"{float(seconds):g}"


def _plain(text: str) -> str:
    return text.replace("{side}", "left").replace("{n}", "next")


def _possible(condition: Condition, document: Document) -> bool | None:
    """Whether a condition holds under the document's ending and audience; None where the length decides."""
    if condition.subject == "length":
        return None
    return condition.value == (document.ending if condition.subject == "ending" else document.audience)


def forms(document: Document) -> list[list[str]]:
    """The lines of each form that lengths can give the document, without doubles."""
    found: set[Fraction] = {Fraction(0)}
    _thresholds(document.body, found)
    out = [list(_said(document.body, document, length)) for length in sorted(found)]
    return [form for number, form in enumerate(out) if form not in out[:number]]


def _thresholds(nodes: tuple[Node, ...], found: set[Fraction]) -> None:
    for node in nodes:
        match node:
            case When(condition=condition, body=body, otherwise=otherwise):
                if isinstance(condition.value, Fraction):
                    found.add(condition.value)
                _thresholds(body + otherwise, found)
            case Section(body=body) | Repeat(body=body) | Sides(body=body):
                _thresholds(body, found)
            case _:
                pass


def _said(nodes: tuple[Node, ...], document: Document, length: Fraction) -> Iterator[str]:
    for node in nodes:
        match node:
            case Say():
                yield _plain(node.text)
            case When(condition=condition, body=body, otherwise=otherwise):
                yield from _said(body if _holds(condition, document, length) else otherwise, document, length)
            case Section(body=body) | Repeat(body=body) | Sides(body=body):
                yield from _said(body, document, length)
            case _:
                pass


def _holds(condition: Condition, document: Document, length: Fraction) -> bool:
    possible = _possible(condition, document)
    if possible is not None or not isinstance(condition.value, Fraction):
        return bool(possible)
    return length >= condition.value if condition.relation == "at_least" else length < condition.value
