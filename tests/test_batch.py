"""Many tracks at once: in real processes, with real failures among them."""

import json
import pickle
import re
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest
from click.testing import CliRunner

from narration import batch
from narration.cli import main
from narration.errors import NarrationError, Place, Problem, ScriptError, UsageError
from narration.layout import FitError
from narration.matrix import read
from narration.safety import SafetyError, judge_text
from narration.script import parse

SCRIPT = "---\ntitle: Rest\nlead: 1s\ntail: 1s\nbackground: off\n---\nRest your hands. [2-20s] Let go.\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        Path(f"{name}.md").write_text(SCRIPT)

    def invoke(matrix, *args):
        Path("evenings.toml").write_text(matrix)
        result = CliRunner().invoke(main, ["batch", "evenings.toml", *args])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


def test_every_track_is_made_by_processes_as_one_render_makes_it(run):
    made = run('scripts = "*.md"\nlengths = ["12s", "15s"]\nvoices = "tone"\noutput = "out"\n', "--jobs", "2", "--json")
    assert made.exit_code == 0
    reports = json.loads(made.stdout)["tracks"]
    assert [one["path"] for one in reports] == [
        f"out/{name}-{length}s.mp3" for name in ("one", "two") for length in (12, 15)
    ]
    assert [one["seconds"] for one in reports] == [12, 15, 12, 15]
    assert "4 of 4 tracks are finished." in made.stderr
    CliRunner().invoke(main, ["render", "two.md", "--length", "15s", "--voice", "tone", "-o", "alone.mp3"])
    assert Path("out/two-15s.mp3").read_bytes() == Path("alone.mp3").read_bytes()


def test_a_track_that_cannot_be_made_does_not_stop_the_others(run):
    made = run('scripts = ["one.md", "two.md"]\nlengths = ["3s", "12s"]\nvoices = "tone"\n', "--json", "--jobs", "1")
    told = json.loads(made.stdout)
    assert made.exit_code == 1
    assert [one["path"] for one in told["tracks"]] == ["output/evenings/one-12s.mp3", "output/evenings/two-12s.mp3"]
    assert [one["path"] for one in told["failed"]] == ["output/evenings/one-3s.mp3", "output/evenings/two-3s.mp3"]
    assert "cannot last 3 s" in told["failed"][0]["error"]
    assert "not made: output/evenings/one-3s.mp3: one.md: this session cannot last 3 s" in made.stderr
    assert "2 of 4 tracks are finished." in made.stderr
    assert not list(Path("output").rglob("*3s*"))


def test_what_is_known_to_be_wrong_is_told_before_anything_is_made(run):
    Path("two.md").write_text(
        SCRIPT.replace("---\nRest", "audience: pregnancy\n---\nHold your breath for a minute. Rest")
    )
    Path("three.md").write_text("Rest. [4]\n")
    matrix = (
        'scripts = "*.md"\nlengths = ["12s", "15s"]\nvoices = ["tone", "nobody"]\nbackgrounds = "rian"\nloudness = -5\n'
    )
    made = run(matrix, "--json")
    assert (made.exit_code, Path("output").exists()) == (1, False)
    told = [one["error"] for one in json.loads(made.stdout)["refused"]]
    assert len(told) == len(set(told)) == 5  # each once, though four tracks have it
    for fault in (
        'unknown voice "nobody"',
        'no background "rian"',
        "--loudness: found -5",
        "1 problem",
        "safety check",
    ):
        assert sum(fault in one for one in told) == 1


def test_a_file_that_narration_did_not_make_stays(run):
    Path("out").mkdir()
    Path("out/one.mp3").write_text("mine")
    made = run('scripts = ["one.md", "two.md"]\nvoices = "tone"\n', "-o", "out")
    assert (made.exit_code, Path("out/one.mp3").read_text(), Path("out/two.mp3").exists()) == (1, "mine", False)


def test_a_dry_run_only_tells(run):
    made = run('scripts = "*.md"\nformats = ["mp3", "flac"]\nvoices = "tone"\n', "--dry-run")
    assert made.exit_code == 0
    assert made.stdout.splitlines() == [
        f"output/evenings/{format_}/{name}.{format_}" for name in ("one", "two") for format_ in ("mp3", "flac")
    ]
    assert not Path("output").exists()


def test_wrong_usage_is_told_as_such(run):
    assert run('scripts = "one.md"', "--jobs", "0").exit_code == 2
    assert run('scripts = "one.md"', "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1").exit_code == 2
    assert CliRunner().invoke(main, ["batch", "nothing.toml"]).exit_code == 2


class AtOnce(Executor):
    """Does what it is given when it is given it, and remembers the order."""

    def __init__(self):
        self.given = []

    def submit(self, work, one, force):
        self.given.append(one.target.path.stem)
        future = Future()
        future.set_result(work(one, force))
        return future


def test_of_tracks_that_say_the_same_lines_one_goes_ahead(run):
    Path("evenings.toml").write_text('scripts = "*.md"\nlengths = ["12s", "13s", "14s"]\nvoices = "tone"\n')
    workers = AtOnce()
    made = list(batch.make(read(Path("evenings.toml"), Path("out")), workers))
    assert workers.given[:2] == ["one-12s", "two-12s"]
    assert {one.result.path for one in made} == {
        f"out/{name}-{s}s.mp3" for name in ("one", "two") for s in (12, 13, 14)
    }


class Cluster:
    """What a Dask client hears from its workers."""

    def __init__(self, **answers):
        self.answers = answers

    def run(self, ask, probe, on_error):
        return {name: ask(probe) if answer is None else answer for name, answer in self.answers.items()}


def test_every_worker_must_be_able_to_make_the_same_track(tmp_path):
    batch._check_workers(Cluster(a=None, b=None), tmp_path / "out")
    (release, _) = batch._worker(tmp_path)
    for cluster, fault in (
        (Cluster(), "the Dask cluster has no workers"),
        (Cluster(a=None, b=ModuleNotFoundError("No module named 'narration'")), "the worker b cannot make tracks"),
        (
            Cluster(a=None, b=(release | {"numpy": "1.0"}, True)),
            r"the worker b has not .* has: numpy [2-9][\d.]+\. Try",
        ),
        (Cluster(a=None, b=(release | {"code": "other"}, True)), "the worker b has not what this machine has: code"),
        (Cluster(a=None, b=(release, False)), "out: the worker b does not see this folder"),
    ):
        with pytest.raises(NarrationError) as told:
            batch._check_workers(cluster, tmp_path / "out")
        assert re.search(fault, str(told.value))
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [
        NarrationError("No.", Place("a.md", 3), "yes"),
        UsageError("No.", hint="yes"),
        ScriptError("a.md", [Problem(3, "bad", "good", "text", 4)]),
        FitError(parse(SCRIPT, "a.md"), 5, (10, 20), (12, 14)),
        SafetyError("a.md", tuple(judge_text("Hold your breath for a minute.", "pregnancy"))),
        batch.RefusedError([UsageError("No."), ScriptError("a.md", [Problem(3, "bad")])]),
    ],
)
def test_an_error_says_the_same_in_the_process_that_asked(error):
    other = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(other) is type(error)
    assert (str(other), other.as_json(), other.exit_code) == (str(error), error.as_json(), error.exit_code)
