"""What docs/voices.md says of marks and paces is what the code does."""

import re
import tomllib
from pathlib import Path

from narration.lexicon import read
from narration.manner import _MARKS
from narration.voices import heart, kokoro
from narration.voices.espeak import SPEEDS_WPM

PAGE = (Path(__file__).parents[1] / "docs" / "voices.md").read_text()


def figures(row):
    (line,) = re.findall(rf"^\| `{row}`.*\|$", PAGE, re.MULTILINE)
    names, values = line.strip("|").split("|")
    words = [word.strip(",") for word in names.split()[1:]]
    return words, [[float(number) for number in re.findall(r"[-+]?\d+\.?\d*", part)] for part in values.split(";")]


def test_the_table_of_marks_is_theirs():
    for kind, column in (("rate", 0), ("volume", 1)):
        words, (values,) = figures(kind)
        assert values == [_MARKS[kind][word][column] for word in words]
    words, (rates, gains) = figures("emphasis")
    assert [_MARKS["emphasis"][word] for word in words] == list(zip(rates, gains, strict=True))


def test_the_table_of_paces_is_theirs():
    (row,) = re.findall(r"^\| words a minute.*$", PAGE, re.MULTILINE)
    for low, high in (heart.SPEEDS_WPM, kokoro.SPEEDS_WPM, SPEEDS_WPM):
        assert f"{low} to {high}" in row


def test_the_lexicon_of_the_docs_is_one(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "lexicon.toml").write_text(example)
    assert set(read(tmp_path / "lexicon.toml")) == set(tomllib.loads(example))
