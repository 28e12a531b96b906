"""What the docs say is what the program does."""

import re
from dataclasses import fields
from pathlib import Path

import mutagen
import numpy as np
import pytest
from click.testing import CliRunner

from narration.backgrounds import names
from narration.captions import SIDECARS
from narration.cli import main
from narration.cover import front
from narration.document import Say
from narration.encode import Tags, Target, write
from narration.matrix import KEYS as MATRIX_KEYS
from narration.matrix import read as read_matrix
from narration.pace import PACES
from narration.script import parse
from narration.script.front_matter import KEYS
from narration.session import REPORT
from narration.spans import Chapter
from narration.speech import speak
from narration.voices import Voice, VoiceError
from narration.wishes import TAGS

HOME = Path(__file__).parents[1]
FORMAT = (HOME / "docs" / "script-format.md").read_text()
README = (HOME / "README.md").read_text()


def test_the_example_voice_of_the_docs_speaks(cache):
    (code,) = re.findall(r"```python\n(.*?)```", (HOME / "docs" / "extending.md").read_text(), re.DOTALL)
    assert len(code.splitlines()) <= 38
    names = {}
    exec(code, names)  # noqa: S102 - it is the point of the test
    voice: Voice = names["Buzz"]()
    assert names["Buzz"].entry().available
    clips = speak((Say("Rest your hands.", wpm=120),), voice, cache, "a.md")
    assert 1 < clips.lengths[Say("Rest your hands.", wpm=120)] / 44_100 < 2
    with pytest.raises(VoiceError):
        voice.synthesize("…", 120, 0)


def test_the_script_in_the_readme_is_a_good_one(tmp_path):
    (script,) = re.findall(r"```markdown\n(.*?)```", README, re.DOTALL)
    path = tmp_path / "hands.md"
    path.write_text(script)
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 0, result.output


def test_the_commands_in_the_readme_are_there():
    told = set(re.findall(r"narration ([a-z]+)", README)) - {"itself"}
    assert told <= set(main.commands) | {"speaks", "checks", "stands", "lists", "did"}


def test_the_page_of_the_matrix_is_complete_and_its_example_good(tmp_path):
    page = (HOME / "docs" / "batch.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "my").mkdir()
    (tmp_path / "my" / "one.md").write_text("Rest.\n")
    (tmp_path / "evenings.toml").write_text(example)
    tracks = read_matrix(tmp_path / "evenings.toml", Path("output/evenings"))
    assert len(tracks) == 3 * 2 * 3
    assert str(tracks[0].target.path) in page
    told = set(
        re.findall(r"`([\w-]+)`", "".join(row.split("|")[1] for row in page.splitlines() if row.startswith("| `")))
    )
    assert told == set(MATRIX_KEYS)
    assert all(f"`{name}`" in page for name in TAGS)


def test_every_command_is_shown_in_the_docs():
    pages = README + "".join(page.read_text() for page in (HOME / "docs").glob("*.md"))
    shown = set(re.findall(r"narration ([a-z]+)", pages))
    assert set(main.commands) <= shown


def test_the_page_of_tracks_has_every_frame_tag_and_sidecar(tmp_path):
    page = (HOME / "docs" / "tracks.md").read_text()
    length = 44_100
    every = Tags(**{field.name: "2026" for field in fields(Tags)})
    target = Target(
        tmp_path / "a.mp3",
        tags=every,
        chapters=(Chapter(0, "One"),),
        cover=front(parse("Rest.")),
        lines=((0, "Rest."),),
    )
    write(target, [np.zeros((length, 2), np.float32)], length)
    written = {frame[:4] for frame in mutagen.File(target.path).tags}
    assert written >= {"SYLT", "CHAP", "APIC"}
    renamed = {"TDRC": "TYER"}  # mutagen's name for it
    assert {renamed.get(frame, frame) for frame in written} <= set(re.findall(r"`([A-Z0-9]{4})`", page))
    assert {f"NAME{suffix}" for suffix in (*SIDECARS, REPORT)} <= set(re.findall(r"`(NAME[a-z.]+)`", page))
    assert all(f"{name}=" in page for name in TAGS)
    (section,) = re.findall(r'preview bedtime --section "([^"]+)"', page)
    assert section in (HOME / "scripts" / "bedtime.md").read_text()


def test_every_key_of_the_head_is_documented():
    assert set(KEYS) <= set(re.findall(r"`([a-z_]+)`", FORMAT))


def test_the_marks_of_the_docs_are_marks():
    tables = "\n".join(line for line in FORMAT.splitlines() if line.startswith("| `["))
    for mark in set(re.findall(r"`(\[[^`…]*\])`", tables)) - {"[end]"}:
        body = f"Rest.\n{mark}\nRest."
        opening = re.match(r"\[(repeat|each|when)", mark)
        closing = "\n[end]" if opening or mark == "[otherwise]" else ""
        parse(("[when ending is sleep]\nRest.\n" if mark == "[otherwise]" else "") + body + closing)


def test_the_table_of_paces_is_theirs():
    for name, pace in PACES.items():
        (row,) = (line for line in FORMAT.splitlines() if line.startswith(f"| `{name}` |"))
        cells = [cell.strip() for cell in row.split("|")[2:-1]]
        assert cells[0].startswith(str(pace.wpm[0]))
        for cell, figures in zip(cells[1:4], (pace.sentence, pace.paragraph, pace.heading), strict=True):
            told = [float(number) for number in re.findall(r"[\d.]+", cell)]
            wanted = [figure * times for figure in dict.fromkeys(figures) for times in (1, pace.stretch)]
            assert told == wanted
        assert [float(number) for number in re.findall(r"[\d.]+", cells[4])] == list(dict.fromkeys(pace.longest))


def test_the_page_of_backgrounds_has_the_figures_and_the_picture_of_each():
    page = (HOME / "docs" / "backgrounds.md").read_text()
    told = dict(re.findall(r"^\| `([^`]+)` \| [^|]+ \| (music|nature) \|(?: [-\d.]+ \|){6}$", page, re.MULTILINE))
    again = "python benchmarks/backgrounds.py makes the page again"
    assert set(told) == set(names()), again
    for name in names():
        path = HOME / "docs" / "backgrounds" / f"{name}.png"
        assert f"(backgrounds/{name}.png)" in page, again
        assert path.is_file(), again
        assert 5_000 < path.stat().st_size < 60_000, again
