"""The front matter: a YAML head read as plain strings, each key by its own row of one table.

YAML is only composed into nodes, never constructed: no tag of a stranger's script can run anything, an alias cannot
blow up, and ``6:00`` or ``yes`` is not turned into something else behind the author's back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

import yaml

from ..blend import standard
from ..errors import Problem, nearest
from ..pace import PACES
from ..timing import parse_duration

DEEPEST = 10  # lists in lists; a head has none
_FENCE = re.compile(r"\A(?:[ \t]*\n)*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def _text(value: str) -> str:
    return value.strip()


def _line(value: str) -> str:
    return " ".join(value.split())


def _flag(value: str) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False}
    if value.lower() not in known:
        raise ValueError(f'found "{value}", expected true or false')
    return known[value.lower()]


def _one_of(*options: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in options:
            close = get_close_matches(value.lower(), options, n=1)
            meant = f' (did you mean "{close[0]}"?)' if close else ""
            raise ValueError(f'found "{value}", expected {" or ".join(options)}{meant}')
        return value

    return read


def _language(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", value):
        raise ValueError(f'found "{value}", expected a language tag like en, en-GB or de')
    return value


def _some_time(value: str) -> Fraction:
    seconds = parse_duration(value)
    if not seconds:
        raise ValueError(f'found "{value}", expected more than nothing')
    return seconds


ONE: dict[str, Callable[[str], Any]] = {  # keys with one value, and how it is read
    "title": _line,
    "language": _language,
    "length": _some_time,
    "ending": _one_of("return", "sleep"),
    "audience": _one_of("general", "pregnancy"),
    "pace": _one_of(*PACES),
    "background": lambda value: standard(_line(value)),
    "lead": parse_duration,
    "tail": parse_duration,
    "posture": _line,
    "tension": _flag,
    "album": _line,
    "author": _line,
    "description": _text,
    "notes": _text,
    "reviewed_by": _line,
}
MANY: dict[str, Callable[[str], Any]] = {"lengths": _some_time, "tags": _line, "sources": _line}
KEYS = (*ONE, *MANY)


@dataclass(frozen=True)
class Head:
    """The YAML of a front matter, the line of the file on which it begins, and how many lines it takes, fences too."""

    yaml: str
    first_line: int
    lines: int


def split(text: str) -> Head:
    """The front matter of a script; an empty one of no lines where it has none. Blank lines may stand before it.

    Raises ValueError where it is opened and never closed.
    """
    if not re.match(r"(?:[ \t]*\n)*---[ \t]*(\n|\Z)", text):
        return Head("", 1, 0)
    found = _FENCE.match(text)
    if not found:
        raise ValueError("the front matter is opened by --- and never closed; expected a second line of ---")
    before = text[: found.start(1)].count("\n")
    return Head(found[1], before + 1, found[0].count("\n") + (not found[0].endswith("\n")))


def read(head: Head) -> tuple[dict[str, Any], list[Problem]]:
    """The fields of a Document that a head gives, and every problem in it, with the lines of the whole file."""
    try:
        root = _composed(head.yaml)
    except yaml.YAMLError as error:
        return {}, [_not_yaml(error, head)]
    if root is None:
        return {}, []
    if not isinstance(root, yaml.MappingNode):
        fault = "the front matter is not a list of keys; expected lines like title: Hands at rest."
        return {}, [Problem(head.first_line, fault)]
    fields: dict[str, Any] = {}
    problems: list[Problem] = []
    seen: set[str] = set()
    for key_node, value_node in root.value:
        line = key_node.start_mark.line + head.first_line
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        if key not in KEYS:
            problems.append(Problem(line, f'unknown key "{key}" ({nearest(key, KEYS)}).', text=key))
        elif key in seen:
            problems.append(Problem(line, f'the key "{key}" stands twice; expected once.', text=key))
        else:
            try:
                fields[key] = _value(key, value_node)
            except ValueError as error:
                place = value_node.start_mark.line + head.first_line
                problems.append(Problem(place, f"{key}: {error}.", getattr(error, "hint", ""), text=key))
        seen.add(key)
    return {key: value for key, value in fields.items() if value is not None}, problems


def line_of(text: str, key: str) -> int | None:
    """The line of a script on which a key of its head stands, for messages; None where it does not."""
    head = split(text)
    for number, line in enumerate(head.yaml.split("\n"), start=head.first_line):
        if line.startswith(f"{key}:"):
            return number
    return None


def _composed(text: str) -> yaml.Node | None:
    """The node of a YAML text. Raises YAMLError, also for one so deep that composing it would end the process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise yaml.YAMLError(f"lists inside lists, {depth} deep")
    node: yaml.Node | None = yaml.compose(text, Loader=loader)
    return node


def _not_yaml(error: yaml.YAMLError, head: Head) -> Problem:
    what = getattr(error, "problem", None) or str(error)
    mark = getattr(error, "problem_mark", None)
    opened = getattr(error, "context_mark", None)
    if opened and "flow" in (getattr(error, "context", None) or ""):
        mark = opened  # where the list was opened, not where the file gave up looking for its end
    line = mark.line if mark else 0
    hint = ""
    if "mapping values are not allowed" in what and mark:
        key, _, value = head.yaml.split("\n")[line].partition(":")
        what, hint = "a colon inside a value needs quotes", f'{key.strip()}: "{value.strip()}"'
    return Problem(line + head.first_line, f"the front matter is not YAML: {what}.", hint)


def _value(key: str, node: yaml.Node) -> Any:
    if not node.tag.startswith("tag:yaml.org,2002:") or "python" in node.tag:
        raise ValueError(f"found the tag {node.tag}, expected a plain value")
    if key in MANY:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(one, yaml.ScalarNode) for one in nodes):
            raise ValueError("expected a list like [one, two]")
        if isinstance(node, yaml.ScalarNode) and not node.value.strip():
            return None
        if not all(one.value.strip() for one in nodes):
            raise ValueError("found an empty item in the list")
        return tuple(MANY[key](one.value) for one in nodes)
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("expected one value, found a list or further keys")
    empty = node.tag == "tag:yaml.org,2002:null" or not node.value.strip()
    return None if empty else ONE[key](node.value)
