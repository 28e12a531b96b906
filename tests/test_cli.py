"""The command line as a user meets it: exit codes, what goes where, no traceback for what users can put right."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from narration.cli import main
from narration.script.builtin import lessons, names

GOOD = "---\ntitle: A\nbackground: off\nlead: 1s\ntail: 1s\n" + (
    "notes: For relaxation only, not medical advice. Do not listen while driving. Stand up slowly.\n"
    "---\nRest your hands. [2-8s] Let go.\n"
)
COMMANDS = sorted(main.commands)


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def invoke(*args, given=None):
        result = CliRunner().invoke(main, [str(arg) for arg in args], input=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.md"
    path.write_text(GOOD)
    return path


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "bad.md"
    path.write_text("---\nlenght: 4 min\n---\nRest. [4]\n[hodl 3s]\n")
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"Example:\n    narration {command}" in result.stdout
    for name in getattr(main.commands[command], "commands", ()):
        assert f"Example:\n    narration {command} {name}" in run(command, name, "--help").stdout


def test_render_writes_the_track_and_its_report(run, good, tmp_path):
    result = run("render", good, "--voice", "tone", "--length", "10s")
    assert (result.exit_code, result.stdout) == (0, "")
    written = {path.name for path in (tmp_path / "output").iterdir()}
    assert written == {
        f"good{end}" for end in (".mp3", ".json", ".vtt", ".lrc", ".chapters.json", ".txt", ".labels.txt")
    }


def test_render_json_is_the_report_and_nothing_else(run, good, tmp_path):
    result = run("render", good, "--voice", "tone", "--json", "-o", "x.flac")
    assert json.loads(result.stdout) == json.loads((tmp_path / "x.json").read_text())


def test_json_of_what_went_wrong_is_one_document_too(run, bad, good, tmp_path):
    missing = run("plan", "nothing.md", "--json")
    told = json.loads(missing.stdout)
    assert missing.exit_code == 2
    assert f"{told['error']} Try: {told['hint']}\n" in missing.stderr
    result = run("render", bad, "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["file"], told["error"]) == (1, str(bad), "3 problems")
    assert [problem["line"] for problem in told["problems"]] == [2, 4, 5]
    assert 'did you mean "length"' in told["problems"][0]["hint"] + told["problems"][0]["message"]
    good.write_text(GOOD.replace("---\nRest", "audience: pregnancy\n---\nHold your breath for a minute. Rest"))
    result = run("render", good, "--voice", "tone", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert "breath_hold" in [finding["rule"] for finding in told["safety"]]
    assert run("plan", "nothing.md").stdout == ""


def test_render_takes_a_script_from_standard_input(run, tmp_path):
    assert run("render", "-", "--voice", "tone", "-o", "x.mp3", given=GOOD).exit_code == 0
    assert (tmp_path / "x.mp3").exists()


def test_render_takes_several_scripts_into_a_folder(run, good, tmp_path):
    other = tmp_path / "other.md"
    other.write_text(GOOD)
    assert run("render", good, other, "--voice", "tone", "-o", "all", "--quiet").exit_code == 0
    assert {path.name for path in (tmp_path / "all").iterdir()} >= {"good.mp3", "good.json", "other.mp3", "other.json"}


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["render", "bad.md", "--voice", "tone"], 1, "bad.md:2: unknown key"),
        (["render", "good.md", "--voice", "amy"], 2, 'unknown voice "amy"'),
        (["render", "good.md", "--voice", "tone", "--background", "no.flac"], 2, 'no background "no.flac"'),
        (["render", "good.md", "--voice", "tone", "--background", "bad.md"], 1, "bad.md"),
        (["render", "good.md", "--voice", "tone", "--length", "9h"], 1, "the longest"),
        (["render", "good.md", "--voice", "tone", "--length", "20"], 2, "has no unit"),
        (["render", "good.md", "--voice", "tone", "--format", "mp5"], 2, "mp3"),
        (["render", "good.md", "--voice", "tone", "--bitrate", "1k"], 2, "1k"),
        (["render", "good.md", "--voice", "tone", "--set", "mood=soft"], 2, "unknown tag"),
        (["render", "good.md", "--voice", "tone", "--set", "track=B2"], 2, "expected 3 or 3/10"),
        (["render", "good.md", "--voice", "tone", "--set", "track=0"], 2, "expected 3 or 3/10"),
        (["render", "good.md", "--voice", "tone", "--set", "year=now"], 2, "expected four digits"),
        (["render", "good.md", "--voice", "tone", "--set", "title"], 2, "expected a value"),
        (["render", "good.md", "--voice", "tone", "--cover", "good.md"], 1, "the cover is not a picture"),
        (["report", "nowhere.mp3"], 2, "no such file"),
        (["report", "good.md"], 1, "did not make this file"),
        (["render", "good.md", "--voice", "tone", "--cover", "good.md"], 1, "good.md: the cover is not a picture"),
        (["render", "good.md", "--voice", "tone", "-o", "good.md/x.mp3"], 1, "good.md"),
        (["render", "nowhere.md"], 2, 'no file "nowhere.md"'),
        (["render", "bedtim"], 2, 'did you mean "bedtime"'),
        (["render", "Rest. " * 60], 2, "no file"),  # more than a file's name can have
        (["render", "good.md", "--voice", "tone", "-o", "x" * 300], 1, "File name too long"),
        (["new", ""], 2, "expected a name such as my-session"),
        (["new", "x" * 300], 1, "File name too long"),
        (["report", "x" * 300], 2, "no such file"),
        (["library", "x" * 300], 1, "no such folder"),
        (["batch", "bad.md"], 1, "bad.md:1: this is not TOML"),
        (["render"], 2, "SCRIPT"),
        (["plan", "bad.md"], 1, "bad.md:4"),
        (["rendr"], 2, "No such command"),
    ],
)
def test_what_users_can_put_right_is_told_without_a_traceback(run, good, bad, tmp_path, args, code, message):
    result = run(*args)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "output").exists() or not list((tmp_path / "output").iterdir())


def test_plan_shows_the_time_line(run, good):
    result = run("plan", good)
    assert result.exit_code == 0
    assert "Rest your hands." in result.stdout
    assert "speech estimated" in result.stdout


def test_plan_json_tiles_the_track(run, good):
    for args in ([], ["--measured", "--voice", "tone"]):
        plan = json.loads(run("plan", good, "--json", *args).stdout)
        assert plan["spans"][-1]["end"] == plan["seconds"]
        assert plan["measured"] == bool(args)


def test_check_tells_every_problem_and_exits_1(run, bad, good):
    result = run("check", bad, good)
    assert result.exit_code == 1
    assert [line.split(" ")[0] for line in result.stdout.splitlines()[:3]] == [f"{bad}:{line}:" for line in (2, 4, 5)]


def test_check_goes_on_after_a_script_that_cannot_be_read(run, bad, good, tmp_path):
    (tmp_path / "noise.md").write_bytes(b"\xff\xfe\x00")
    result = run("check", "noise.md", tmp_path, bad, good, "--json")
    found = [(Path(one["file"]).name, one["line"]) for one in json.loads(result.stdout)["findings"]]
    assert result.exit_code == 1
    assert found == [("noise.md", 1), (tmp_path.name, 1), ("bad.md", 2), ("bad.md", 4), ("bad.md", 5)]
    (tmp_path / "lexicon.toml").write_bytes(b'om = "ohm"\nqi = "\xff"\n')
    (found,) = json.loads(run("check", good, "--json").stdout)["findings"]
    assert (Path(found["file"]).name, found["line"], found["rule"]) == ("lexicon.toml", 2, "format")


def test_a_render_needs_nobody_who_reads_what_it_says(good, tmp_path):
    words = [sys.executable, "-m", "narration", "render", "good.md", "--voice", "tone"]
    done = subprocess.run(words, cwd=tmp_path, preexec_fn=lambda: os.close(2), check=True, capture_output=True)
    assert done.stdout == b""
    assert (tmp_path / "output" / "good.mp3").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system without a device that is always full")
def test_a_full_disk_under_stdout_is_told_of_plainly(good):
    words = [sys.executable, "-m", "narration", "plan", str(good)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr[:16]) == (1, "the disk is full")


def test_check_json_has_the_fields_of_the_contract(run, bad, good):
    (finding, *_) = json.loads(run("check", bad, "--json").stdout)["findings"]
    assert {"file", "line", "rule", "severity", "text", "why", "source", "suggestion"} <= set(finding)
    result = run("check", good, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"findings": []})


def test_check_lays_out_each_of_the_lengths_a_script_names(run, tmp_path):
    path = tmp_path / "long.md"
    path.write_text(GOOD.replace("title: A", "title: A\nlengths: [10s, 3 min]"))
    result = run("check", path)
    assert result.exit_code == 1
    assert "cannot last 3 min" in result.stdout


def test_fmt_rewrites_marks_and_check_only_tells(run, tmp_path):
    path = tmp_path / "a.md"
    path.write_text("Rest.   [PAUSE 3s]\n\n\n\nNow. [hold  5s,count down]\n")
    assert run("fmt", "--check", path).exit_code == 1
    assert "PAUSE" in path.read_text()
    assert run("fmt", path).exit_code == 0
    assert path.read_text() == "Rest.   [3s]\n\nNow. [hold 5s, count down]\n"
    assert run("fmt", "--check", path).exit_code == 0
    assert run("fmt", "-", given="Rest. [pause 3s]").stdout == "Rest. [3s]\n"
    path.write_text("Rest. [4]")
    assert run("fmt", path).exit_code == 1
    assert path.read_text() == "Rest. [4]"


@pytest.mark.parametrize("command", ["scripts", "voices", "backgrounds"])
def test_lists_name_language_licence_and_source(run, command):
    rows = json.loads(run(command, "--json").stdout)
    assert rows
    assert all({"name", "language", "licence"} <= set(row) for row in rows)
    table = run(command).stdout
    assert all(row["name"] in table for row in rows)


@pytest.mark.parametrize("name", [*names(), *(f"jacobson/{source.stem}" for source in lessons("jacobson"))])
def test_every_built_in_session_passes_check_at_each_of_its_lengths(run, name):
    result = run("check", name)
    assert result.exit_code == 0, result.stdout


def test_help_imports_no_heavy_package():
    code = (
        "import sys\nfrom narration.cli import main\nmain(['--help'], standalone_mode=False)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & "
        "{'numpy', 'yaml', 'soundfile', 'soxr', 'onnxruntime', 'hibari', 'mutagen', 'pydub', 'lameenc', 'pyttsx3'}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "[]"


def test_options_are_documented():
    for command in main.commands.values():
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, (command.name, option.name)


@pytest.mark.parametrize("name", ["my-session", 'it\'s: a "test" # really', "été"])
def test_a_new_script_passes_check_and_keeps_its_standard_spelling(run, tmp_path, name):
    assert run("new", name).exit_code == 0
    result = run("check", f"{name}.md")
    assert result.exit_code == 0, result.stdout
    assert run("fmt", "--check", f"{name}.md").exit_code == 0
    again = run("new", name)
    assert again.exit_code == 1
    assert "there already" in again.stderr


@pytest.mark.parametrize(("suffix", "start"), [("svg", b"<svg"), ("png", b"\x89PNG")])
def test_plan_draws_a_picture(run, good, tmp_path, suffix, start):
    assert run("plan", good, "--picture", f"a.{suffix}").exit_code == 0
    assert (tmp_path / f"a.{suffix}").read_bytes().startswith(start)
    assert run("plan", good, "--picture", f"a.{suffix}").exit_code == 0  # ours may be drawn again
    (tmp_path / f"b.{suffix}").write_bytes(b"mine")
    assert run("plan", good, "--picture", f"b.{suffix}").exit_code == 1
    assert run("plan", good, "--picture", "a.gif").exit_code == 2


@pytest.mark.slow
def test_a_course_is_rendered_numbered_as_one_album_with_a_playlist(run, tmp_path):
    import mutagen

    result = run(
        "course", "jacobson", "--voice", "tone", "--background", "off", "--format", "flac", "-o", "c", "--json"
    )
    assert result.exit_code == 0, result.stderr
    reports = json.loads(result.stdout)
    assert len(reports) == 10
    assert {report["seconds"] for report in reports} == {720}
    tracks = sorted((tmp_path / "c").glob("*.flac"))
    tags = [mutagen.File(track).tags for track in tracks]
    assert [tag["tracknumber"][0].split("/")[0] for tag in tags] == [str(number) for number in range(1, 11)]
    assert len({tag["album"][0] for tag in tags}) == 1
    listed = [line for line in (tmp_path / "c" / "jacobson.m3u8").read_text().splitlines() if not line.startswith("#")]
    assert listed == [track.name for track in tracks]


def test_a_course_is_no_session_and_says_what_it_is(run):
    result = run("render", "jacobson")
    assert result.exit_code == 2
    assert "narration course jacobson" in result.stderr
    assert run("plan", "jacobson/02-upper-arms").exit_code == 0


def test_the_cache_can_be_shown_pruned_and_cleared(run, good):
    assert run("plan", good, "--measured", "--voice", "tone", "--quiet").exit_code == 0
    assert json.loads(run("cache", "--json").stdout)["files"] == 2
    assert run("cache", "prune", "--max-size", "some").exit_code == 2
    assert "0 files" in run("cache", "prune", "--max-size", "1G").stderr
    assert "2 files" in run("cache", "clear").stderr
    assert "0 files" in run("cache").stdout


def test_an_album_has_numbers_and_a_playlist_and_those_before_a_failure_stay(run, tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.md").write_text(GOOD)
    (tmp_path / "bad.md").write_text("Rest. [2x]\n")
    words = ["--voice", "tone", "--album", "Quiet evenings!", "-o", "evenings", "--quiet"]
    assert run("render", "a.md", "b.md", *words).exit_code == 0
    found = [json.loads(run("report", f"evenings/{name}.mp3", "--json").stdout)["tags"] for name in "ab"]
    assert [(one["album"], one["track"]) for one in found] == [("Quiet evenings!", "1/2"), ("Quiet evenings!", "2/2")]
    listed = (tmp_path / "evenings" / "quiet-evenings.m3u8").read_text().splitlines()
    assert [line for line in listed if line[0] != "#"] == ["a.mp3", "b.mp3"]
    result = run("render", "a.md", "bad.md", "b.md", "--voice", "tone", "-o", "some", "--quiet")
    assert (result.exit_code, "1 of 3 tracks are finished" in result.stderr) == (1, True)
    assert [path.name for path in (tmp_path / "some").glob("*.mp3")] == ["a.mp3"]
