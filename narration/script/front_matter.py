"""The front matter: a YAML head read as plain strings, each key by its own row of one table.

YAML is only composed into nodes, never constructed: no tag of a stranger's script can run anything, an alias cannot
blow up, and ``6:00`` or ``yes`` is not turned into something else behind the author's back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import yaml

from ..errors import Problem, nearest
from ..pace import PACES
from ..timing import parse_duration

_FENCE = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


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
            raise ValueError(f'found "{value}", expected {" or ".join(options)} ({nearest(value, options)})')
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
    "background": _line,
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


def split(text: str) -> tuple[str, int]:
    """The YAML of the front matter and the count of lines that it takes, fences included; ("", 0) where there is none.

    Raises ValueError where it is opened and never closed.
    """
    if not re.match(r"---[ \t]*(\n|\Z)", text):
        return "", 0
    found = _FENCE.match(text)
    if not found:
        raise ValueError("the front matter is opened by --- and never closed; expected a second line of ---")
    return found[1], found[0].count("\n") + (not found[0].endswith("\n"))


def read(head: str) -> tuple[dict[str, Any], list[Problem]]:
    """The fields of a Document that a YAML head gives, and every problem in it, with the lines of the whole file."""
    try:
        root = yaml.compose(head, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it cannot be read"
        return {}, [Problem(mark.line + 2 if mark else 1, f"the front matter is not YAML: {what}.")]
    if root is None:
        return {}, []
    if not isinstance(root, yaml.MappingNode):
        return {}, [Problem(2, "the front matter is not a list of keys; expected lines like title: Hands at rest.")]
    fields: dict[str, Any] = {}
    problems: list[Problem] = []
    for key_node, value_node in root.value:
        line = key_node.start_mark.line + 2
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        if key in fields:
            problems.append(Problem(line, f'the key "{key}" stands twice; expected once.', text=key))
            continue
        if key not in KEYS:
            problems.append(Problem(line, f'unknown key "{key}" ({nearest(key, KEYS)}).', text=key))
            continue
        try:
            fields[key] = _value(key, value_node)
        except ValueError as error:
            problems.append(Problem(value_node.start_mark.line + 2, f"{key}: {error}.", text=key))
    return {key: value for key, value in fields.items() if value is not None}, problems


def _value(key: str, node: yaml.Node) -> Any:
    if not node.tag.startswith("tag:yaml.org,2002:") or "python" in node.tag:
        raise ValueError(f"found the tag {node.tag}, expected a plain value")
    if key in MANY:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(one, yaml.ScalarNode) for one in nodes):
            raise ValueError("expected a list like [one, two]")
        return tuple(MANY[key](one.value) for one in nodes if one.value.strip())
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError("expected one value, found a list or further keys")
    empty = node.tag == "tag:yaml.org,2002:null" or not node.value.strip()
    return None if empty else ONE[key](node.value)
