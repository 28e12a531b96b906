"""What is made once and kept: never another session's, never what older code made, and made where it cannot be kept."""

from dataclasses import replace
from fractions import Fraction

import pytest

from narration import made
from narration.cache import folder, held, prune
from narration.made import code, once
from narration.safety import SafetyError, allowed, judge, judged
from narration.script import parse

from .test_structure import HOME, rooms_imported

RISKY = """---
audience: pregnancy
---
Lie flat on your back.

Hold your breath for twenty seconds.
"""


@pytest.fixture
def count():
    """A maker that counts."""
    calls = []

    def make():
        calls.append(1)
        return f"{len(calls)}".encode()

    return make


def test_the_same_is_made_once_and_anything_else_anew(count):
    assert [once("a", ("x", "y"), count) for _ in range(3)] == [b"1"] * 3
    assert once("a", ("xy",), count) == b"2"
    assert once("b", ("x", "y"), count) == b"3"
    assert held().files == 3
    prune(0)
    assert once("a", ("x", "y"), count) == b"4"


def test_what_is_damaged_is_made_again(count):
    once("a", (), count)
    (file,) = folder().rglob("*.made")
    file.write_bytes(file.read_bytes()[:-1] + b"9")
    assert once("a", (), count) == b"2"
    assert once("a", (), count) == b"2"


def test_what_cannot_be_kept_is_made_each_time(count):
    (folder() / "made").write_text("not a folder")
    assert [once("a", (), count) for _ in range(2)] == [b"1", b"2"]


def test_other_code_has_another_digest(tmp_path, monkeypatch):
    monkeypatch.setattr(made, "_HOME", tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "one.py").write_text("1")

    def digest():
        code.cache_clear()
        return code("one.py", "rules")

    seen = [digest()]
    for name, text in (("one.py", "2"), ("rules/a.toml", "a"), ("rules/a.toml", "b"), ("rules/b.py", "b")):
        (tmp_path / name).write_text(text)
        seen.append(digest())
    (tmp_path / "notes.md").write_text("not code")
    assert digest() == seen[-1]
    assert len(set(seen)) == len(seen)
    code.cache_clear()


def test_what_the_check_found_is_the_same_when_it_is_kept():
    script = parse(RISKY, "a.md")
    found = judged(script, RISKY, "a.md")
    assert found == judge(script, "a.md")
    assert {one.file for one in found} == {"a.md"}
    assert len([one for one in found if one.line > 1]) >= 2
    assert judged(script, RISKY, "a.md") == found
    assert judged(script, RISKY, "b.md") == [replace(one, file="b.md") for one in found]
    assert held().files == 1


def test_only_what_is_not_said_may_change_for_the_check_to_be_kept():
    script = parse(RISKY, "a.md")
    judged(script, RISKY, "a.md")
    for other in (replace(script, length=Fraction(600)), replace(script, background="canon")):
        judged(other, RISKY, "a.md")
    assert held().files == 1
    others = [replace(script, **{name: value}) for name, value in (("audience", "general"), ("ending", "sleep"))]
    others += [replace(script, notes="You may stop at any time."), parse(RISKY.replace("Lie", "\n\nLie"), "a.md")]
    for other in others:
        assert judged(other, RISKY, "a.md") == judge(other, "a.md")
    assert held().files == 1 + len(others)


def test_nothing_decides_what_the_check_finds_that_is_not_in_its_key():
    rooms = {room for path in (HOME / "safety").glob("*.py") for room in rooms_imported(path)}
    assert rooms <= {"safety", "script", "document", "made", "errors"}  # the last two decide nothing
    assert set(rooms_imported(HOME / "script" / "sentences.py")) <= {"script"}


def test_a_waiver_is_read_each_time():
    script = parse(RISKY, "a.md")
    rule = next(one.rule for one in judged(script, RISKY, "a.md") if one.severity == "error" and one.line > 1)
    text = RISKY + f"\n<!-- waive {rule}: tried with ten groups (A. Midwife) -->\n"
    assert [one.rule for one in judged(parse(text, "a.md"), text, "a.md") if one.waived] == [rule]
    assert not any(one.waived for one in judged(script, RISKY, "a.md"))
    nobody = "Rest now. <!-- waive nonesuch: because -->\n"
    with pytest.raises(SafetyError, match="names a rule that there is"):
        allowed(judged(parse(nobody, "b.md"), nobody, "b.md"), "b.md", "general")
