"""Files appear whole or not at all, and a stranger's file is not touched."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narration.errors import NarrationError
from narration.files import MARK, check_writable, generator, made_by_narration, replacing, write_whole


def test_a_file_appears_only_when_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as file:
        file.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [ValueError(), KeyboardInterrupt(), OSError(errno.EIO, "of another file")])
def test_what_goes_wrong_leaves_the_old_file_and_no_other(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(type(error)), replacing(path) as file:  # noqa: PT012
        file.write(b"new")
        raise error
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_is_told_with_place_and_remedy(tmp_path: Path, number: int) -> None:
    path = tmp_path / "a.txt"
    with pytest.raises(NarrationError) as told, replacing(path):
        raise OSError(number, os.strerror(number))
    assert str(path) in str(told.value)
    assert "Try: free some room" in str(told.value)
    assert os.listdir(tmp_path) == []


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_whole(tmp_path / "x" / "y" / "a.txt", "é\n")
    assert (tmp_path / "x" / "y" / "a.txt").read_bytes() == "é\n".encode()


def test_a_link_is_followed_and_rights_are_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_whole(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_usual_rights(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_whole(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_folders_pipes_and_impossible_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "file" / "a.mp3", tmp_path / ("x" * 300)):
        with pytest.raises(NarrationError, match="Try: "):
            check_writable(path, force=True)
        with pytest.raises(NarrationError, match="Try: "), replacing(path):
            pass
    assert sorted(os.listdir(tmp_path)) == ["file", "pipe"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_closed_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(NarrationError, match="cannot be written"):
        check_writable(tmp_path / "a.mp3")
    with pytest.raises(NarrationError, match="cannot be written"), replacing(tmp_path / "a.mp3"):
        pass


OURS = {
    "a.json": json.dumps({"generator": generator(), "path": "a.mp3"}),
    "a.vtt": f"WEBVTT\n\nNOTE {MARK} 0.1\n",
    "a.lrc": f"[re:{MARK}]\n[00:00.00]Hello\n",
    "a.txt": f"Evening\n{MARK}\n",
    "a.svg": f'<?xml version="1.0"?>\n<!-- {MARK} -->\n<svg/>',
    "a.png": "\x89PNG\r\n\x1a\n----IHDR----tEXtSoftware\0narration 0.1",
}
THEIRS = {
    "a.json": '{"generator": "someone 1.0"}',
    "b.json": '["narration 0.1"]',
    "c.json": "[" * 100_000,
    "d.json": "\xff",
    "a.vtt": "WEBVTT\n\nNOTE by hand\n",
    "a.txt": "\n" * 9 + MARK,
    "b.txt": "A word on narration.\n",
    "a.mp3": "",
    "b.mp3": "ID3\x03\x00\x00\x00\x00\x00\x05oops",
    "a.flac": "fLaC",
    "a.wav": "RIFF",
    "a.png": "\x89PNG",
    "a.doc": MARK,
}


@pytest.mark.parametrize(("name", "content"), OURS.items())
def test_our_files_are_known_and_may_be_replaced(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_bytes(content.encode("latin-1"))
    assert made_by_narration(tmp_path / name)
    check_writable(tmp_path / name)


@pytest.mark.parametrize(("name", "content"), THEIRS.items())
def test_a_stranger_s_file_needs_force(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_bytes(content.encode("latin-1"))
    assert not made_by_narration(tmp_path / name)
    with pytest.raises(NarrationError, match="--force"):
        check_writable(tmp_path / name)
    check_writable(tmp_path / name, force=True)


def test_what_is_not_there_is_free(tmp_path: Path) -> None:
    check_writable(tmp_path / "x" / "a.mp3")
    assert not made_by_narration(tmp_path / "a.mp3")
    assert os.listdir(tmp_path) == []


@given(name=st.sampled_from(sorted({*OURS, *THEIRS})), content=st.binary(max_size=300))
def test_no_content_makes_the_question_fail(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(content)
    made_by_narration(path)
