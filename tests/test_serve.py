import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import pytest

from narration.errors import NarrationError, UsageError
from narration.serve import code, listen

from .serving import serving

SOUND = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    top = tmp_path_factory.mktemp("served")
    folder = top / "library"
    (folder / "player" / ".hidden").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><p>Listen")
    (top / "library-secret.json").write_text("secret")
    (top / "secret.json").write_text("secret")
    for name in ("a.mp3", "a.m4b", "a.opus", "a.flac"):
        (folder / name).write_bytes(SOUND)
    for name in (
        "a.vtt",
        "a.json",
        "manifest.webmanifest",
        "feed.xml",
        "player/x.js",
        "player/x.css",
        "b.py",
        ".env.json",
    ):
        (folder / name).write_text("{}")
    (folder / "player" / ".hidden" / "x.json").write_text("secret")
    (folder / "out.json").symlink_to(top / "secret.json")
    (folder / "up.json").symlink_to("/etc")
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with serving(folder) as address:
        yield address


@pytest.fixture
def ask(address):
    """Sends a path as it is, not made tidy as browsers do."""
    host, port = address.removeprefix("http://").rstrip("/").split(":")

    def asked(path, method="GET", **headers):
        with closing(http.client.HTTPConnection(host, int(port), timeout=10)) as line:
            line.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = line.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    return asked


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/a.mp3", "audio/mpeg"),
        ("/a.m4b", "audio/mp4"),
        ("/a.opus", "audio/ogg"),
        ("/a.flac", "audio/flac"),
        ("/a.vtt", "text/vtt; charset=utf-8"),
        ("/a.json", "application/json"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/feed.xml", "application/rss+xml"),
        ("/player/x.js", "text/javascript; charset=utf-8"),
        ("/player/x.css", "text/css; charset=utf-8"),
    ],
)
def test_every_kind_of_file_has_its_type_and_the_policy(ask, path, kind):
    status, headers, _ = ask(path)
    assert (status, headers["content-type"]) == (200, kind)
    assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=100-199", 100, 200), ("bytes=10000-", 10_000, 10_240), ("bytes=-5", 10_235, 10_240)],
)
def test_a_range_is_that_range(ask, asked, start, stop):
    status, headers, body = ask("/a.mp3", Range=asked)
    assert (status, body) == (206, SOUND[start:stop])
    assert headers["content-range"] == f"bytes {start}-{stop - 1}/10240"


def test_a_range_past_the_end_is_refused(ask):
    status, headers, _ = ask("/a.mp3", Range="bytes=20000-")
    assert (status, headers["content-range"]) == (416, "bytes */10240")


def test_what_did_not_change_is_not_sent_again(ask):
    _, headers, _ = ask("/a.mp3")
    assert ask("/a.mp3", If_None_Match=headers["etag"])[0] == 304


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/../secret.json",
            "/%2e%2e/secret.json",
            "/player/../../secret.json",
            "/..%2fsecret.json",
            "/..%5csecret.json",
        ),
        *("//etc/passwd", "/../library-secret.json", "/out.json", "/up.json/passwd", "/up.json/hostname.json"),
        *(
            "/.env.json",
            "/player/.hidden/x.json",
            "/player/%2ehidden/x.json",
            "/b.py",
            "/a.json%00.mp3",
            "/nothing.json",
        ),
        *("/player/", "/player", "/" + "a" * 5000 + ".json"),
    ],
)
def test_nothing_else_is_there(ask, path):
    status, _, body = ask(path)
    assert status == 404
    assert b"secret" not in body
    assert b"x.js" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_it_only_answers_questions(ask, method):
    assert ask("/a.json", method)[0] == 405


def test_another_name_is_not_answered(ask):
    assert ask("/a.json", Host="evil.example")[0] == 400
    assert ask("/a.json", Host="localhost:1")[0] == 200


def test_only_loopback_unless_told(folder):
    served = listen(folder, port=0)
    assert served.socket.getsockname()[0] == "127.0.0.1"
    assert not served.public
    served.socket.close()
    everywhere = listen(folder, "0.0.0.0", 0)  # noqa: S104 - it is what is told
    assert everywhere.public
    assert "0.0.0.0" not in everywhere.address  # noqa: S104
    everywhere.socket.close()


def test_what_cannot_be_served_is_told(folder, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(NarrationError, match="cannot serve on"):
        listen(folder, port=taken.getsockname()[1])
    with pytest.raises(UsageError, match="no address"):
        listen(folder, "no such host", 0)
    with pytest.raises(NarrationError, match="no library") as error:
        listen(tmp_path, port=0)
    assert "narration library" in error.value.hint


def test_a_code_is_drawn(folder):
    drawn = code("http://192.0.2.7:8765/")
    assert len(drawn.splitlines()) > 10


def test_the_missing_parts_are_named(folder):
    hide = "import sys; sys.modules['uvicorn'] = None; from narration.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", hide, "serve", str(folder)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "narration[serve]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_ends_it_cleanly(folder):
    serve = [sys.executable, "-m", "narration", "serve", str(folder), "--port", "0"]
    running = subprocess.Popen(serve, stderr=subprocess.PIPE, text=True)
    address = running.stderr.readline().split()[0]
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=10)) as line:
        line.request("GET", "/a.json")
        assert json.loads(line.getresponse().read()) == {}
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert (running.returncode, said) == (0, "Ended.\n")
