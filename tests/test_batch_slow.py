"""Batches as users run them: a real Dask cluster, Ctrl-C, and processes that are killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow

SCRIPT = (
    "---\ntitle: Rest\nlength: 5 min\n"
    "notes: For relaxation only, not medical advice. Do not listen while driving. Stand up slowly.\n"
    "---\nRest your hands. [release 2s-4 min]\n\nLet go. [release 2s-4 min]\n\nSleep.\n"
)
MATRIX = 'scripts = "*.md"\nvoices = "tone"\nbackgrounds = ["rain", "brown", "canon"]\noutput = "out"\n'


@pytest.fixture
def folder(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.md").write_text(SCRIPT)
    (tmp_path / "evenings.toml").write_text(MATRIX)
    return tmp_path


def started(folder, *args):
    words = [sys.executable, "-m", "narration", "batch", "evenings.toml", *args]
    return subprocess.Popen(
        words, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0
    )


def ended(running):
    """Its exit code, and what it said on stdout and stderr."""
    out, said = running.communicate()
    return running.returncode, out, said


def tracks(folder):
    return sorted(path.name for path in (folder / "out").glob("*.mp3"))


def until(true, running):
    while not true():
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)


def under_way(folder):
    return lambda: any((folder / "out").glob(".narration-*.part"))


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_stopped_it_leaves_whole_tracks_and_nothing_else(folder, told):
    running = started(folder, "--jobs", "2")
    until(under_way(folder), running)
    processes = psutil.Process(running.pid).children(recursive=True)
    if told == signal.SIGINT:  # a terminal tells every process
        os.killpg(running.pid, told)
    else:
        running.send_signal(told)
    _, said = running.communicate()
    assert (running.returncode, said.splitlines()[-1][:8]) == (130, "Stopped.")
    assert "Traceback" not in said
    assert not list((folder / "out").glob(".*"))
    assert not psutil.wait_procs(processes, 30)[1]
    assert ended(started(folder, "--quiet")) == (0, "", "")
    assert len(tracks(folder)) == 6


def test_a_killed_process_is_told_of_plainly(folder):
    running = started(folder, "--jobs", "1")
    until(under_way(folder), running)
    for process in psutil.Process(running.pid).children():
        if "spawn_main" in " ".join(process.cmdline()):
            process.kill()
    code, _, said = ended(running)
    assert code == 1
    assert "killed from outside" in said
    assert "Traceback" not in said
    assert tracks(folder) == []


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler of its own, and how to start a worker for it."""
    pytest.importorskip("distributed")
    dask, here = [sys.executable, "-m", "distributed.cli.dask_scheduler"], tmp_path / "dask"
    here.mkdir()
    dask += ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    running = [subprocess.Popen(dask, stderr=subprocess.PIPE, text=True, cwd=here)]
    address = next(found[0] for line in running[0].stderr if (found := re.search(r"tcp://127\.0\.0\.1:\d+", line)))

    def worker(name):
        words = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--name", name, "--no-nanny"]
        running.append(
            subprocess.Popen([*words, "--no-dashboard", "--nthreads", "1"], stderr=subprocess.DEVNULL, cwd=here)
        )
        return running[-1]

    yield address, worker
    for one in running:
        one.kill()
        one.communicate()


def wait_for_workers(address, count):
    code = f"import distributed; distributed.Client({address!r}).wait_for_workers({count})"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_dask_cluster_makes_the_same_tracks_also_when_a_worker_dies(folder, cluster):
    address, worker = cluster
    dying, _ = worker("one"), worker("two")
    wait_for_workers(address, 2)
    running = started(folder, "--scheduler", address, "--json")
    until(lambda: len(list((folder / "out").glob(".narration-*.part"))) == 2, running)
    dying.kill()
    code, out, said = ended(running)
    assert code == 0, said
    assert [Path(report["path"]).name for report in json.loads(out)["tracks"]] == [
        f"{name}-{background}.mp3" for name in ("one", "two") for background in ("rain", "brown", "canon")
    ]
    assert ended(started(folder, "-o", "here", "--quiet")) == (0, "", "")
    for name in tracks(folder):
        assert (folder / "out" / name).read_bytes() == (folder / "here" / name).read_bytes()


def test_a_cluster_without_workers_is_told_of(folder, cluster):
    address, _ = cluster
    code, _, said = ended(started(folder, "--scheduler", address))
    assert (code, said.split(".")[0]) == (1, "the Dask cluster has no workers")


def test_a_scheduler_that_is_not_there_is_told_of(folder):
    code, _, said = ended(started(folder, "--scheduler", "nonsense"))
    assert code == 1
    assert said.startswith('no Dask scheduler answers at "nonsense"')
