import json
import os
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import narration
from narration.backgrounds import BackgroundInfo
from narration.cli import main
from narration.encode import Cover, Target, write
from narration.errors import NarrationError, UsageError
from narration.library import MADE, make, page, sounds
from narration.library.covers import cover
from narration.library.feed import base_address
from narration.library.shelves import shelves
from narration.library.tracks import Tail, Track, gather

HOSTILE = """</script><img src=x onerror=alert(1)> "q" 'a' & ]]> ${x} $title {{7*7}} <!-- -->"""
BASE = "https://example.org/rest/"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
SCRIPT = (
    "---\ntitle: {title}\nbackground: off\nlead: 1s\ntail: 1s\n{more}---\n# One\n\nRest. [2s] {words}\n\n# Two\n\nGo.\n"
)


def track(folder, name, title="A track", more="", words="Let go.", **asked):
    script = folder / f"{Path(name).stem}.md"
    script.write_text(SCRIPT.format(title=json.dumps(title), more=more, words=words))
    return narration.render(script, folder / name, voice="tone", **asked)


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """A folder as renders leave it: a hostile script, an album in a folder of its own, a foreign file."""
    folder = tmp_path_factory.mktemp("rendered")
    os.environ["NARRATION_CACHE"] = str(folder / ".cache")
    said = json.dumps(HOSTILE)
    track(folder, "b c#1.mp3", HOSTILE, f"description: {said}\nnotes: {said}\nending: sleep\n")
    (folder / "course").mkdir()
    for number in (2, 1):
        album = "album: A & <b>course</b>\n"
        track(folder, f"course/{number}.mp3", f"Lesson {number}", album, tags={"track": f"{number}/2"})
    (folder / "foreign.mp3").write_bytes(b"ID3")
    return folder


@pytest.fixture
def folder(rendered, tmp_path):
    return shutil.copytree(rendered, tmp_path / "tracks")


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def test_the_same_folder_gives_the_same_bytes(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "elsewhere")
    make(folder, base_url=BASE)
    make(other, base_url=BASE)
    once = files(folder)
    assert once == files(other)
    make(folder, base_url=BASE)
    assert files(folder) == once


def test_it_finds_what_narration_made_and_says_what_it_leaves(folder):
    made = make(folder)
    assert [shelf.title for shelf in made.shelves] == ["To fall asleep", "A & <b>course</b>"]
    assert [one.title for one in made.shelves[1].tracks] == ["Lesson 1", "Lesson 2"]
    assert [one.name for one in made.left_out] == ["foreign.mp3"]
    assert any("--base-url" in note for note in made.notes)
    assert not (folder / "feed.xml").exists()


def test_a_strange_title_is_words_in_the_page_and_nothing_else(folder):
    make(folder, HOSTILE, BASE)
    found = Tags((folder / "index.html").read_text())
    assert HOSTILE in found.words
    assert {tag for tag, _ in found.tags if tag in ("b", "img") and tag == "b"} == set()
    assert [attrs["src"] for tag, attrs in found.tags if tag == "script"] == ["player/app.js"]
    assert all(not name.startswith("on") and name != "style" for _, attrs in found.tags for name in attrs)
    assert json.loads((folder / "manifest.webmanifest").read_text())["name"] == HOSTILE
    (sleeping,) = (
        json.loads(path.read_text()) for path in (folder / "player/tracks").iterdir() if "onerror" in path.read_text()
    )
    assert sleeping["title"] == sleeping["description"] == HOSTILE
    assert sleeping["src"].startswith("b%20c%231.mp3?v=")


def test_the_page_refers_only_to_files_that_are_there(folder):
    make(folder, base_url=BASE)
    found = Tags((folder / "index.html").read_text())
    named = [
        attrs.get("src") or attrs.get("href") for tag, attrs in found.tags if tag in ("img", "script", "link", "a")
    ]
    for name in named:
        if name and not name.startswith("#"):
            assert ":" not in name
            assert (folder / name.replace("%20", " ").replace("%23", "#")).is_file(), name
    shell = json.loads((folder / "sw.js").read_text().partition("const SHELL = ")[2].partition(";")[0])
    assert all((folder / name).is_file() for name in shell)
    assert "player/app.js" in shell


def test_the_page_is_small(folder):
    make(folder)
    first = [folder / "index.html", folder / "sw.js", *(folder / "player").glob("*.js"), folder / "player/player.css"]
    assert sum(path.stat().st_size for path in first) < 70_000


def test_the_feed_tells_what_is_there(folder):
    made = make(folder, "Evenings", BASE)
    assert list(made.feeds) == ["feed.xml", "player/feeds/a-b-course-b.xml"]
    channel = ElementTree.parse(folder / "feed.xml").getroot().find("channel")
    assert channel.findtext("title") == "Evenings"
    items = channel.findall("item")
    assert [one.findtext("title") for one in items] == [" ".join(HOSTILE.split()), "Lesson 1", "Lesson 2"]
    first = items[0].find("enclosure").attrib
    path = folder / "b c#1.mp3"
    assert first == {"url": f"{BASE}b%20c%231.mp3", "length": str(path.stat().st_size), "type": "audio/mpeg"}
    seconds = json.loads(path.with_suffix(".json").read_text())["seconds"]
    assert items[0].findtext(f"{ITUNES}duration") == str(round(seconds))
    assert {one.get("type") for one in items[0].findall(f"{PODCAST}transcript")} == {"text/vtt", "text/plain"}
    assert items[0].find(f"{PODCAST}chapters").get("url") == f"{BASE}b%20c%231.chapters.json"
    assert [one.findtext(f"{ITUNES}episode") for one in items] == ["1", "2", "3"]
    dates = [one.findtext("pubDate") for one in items]
    assert dates[0] == "Wed, 01 Jan 2020 00:00:00 GMT"
    assert len(set(dates)) == 3
    assert len({one.findtext("guid") for one in items}) == 3
    album = ElementTree.parse(folder / "player/feeds/a-b-course-b.xml").getroot().find("channel")
    assert [one.findtext("title") for one in album.findall("item")] == ["Lesson 1", "Lesson 2"]


def test_a_track_rendered_again_is_the_same_episode(folder):
    before, _ = gather(folder)
    track(folder, "course/1.mp3", "Lesson 1", "album: A & <b>course</b>\n", "Let it all go.", tags={"track": "1/2"})
    after, _ = gather(folder)
    assert [one.guid for one in before] == [one.guid for one in after]
    assert [one.version for one in before] != [one.version for one in after]


@pytest.mark.parametrize(
    "address",
    ["example.org", "ftp://example.org/", "https://", "https://a/?b", "https://a/#b", "https://a b/", "http://["],
)
def test_a_base_address_is_a_web_address(address):
    with pytest.raises(UsageError, match="--base-url"):
        base_address(address)


def test_a_base_address_ends_with_one_slash():
    assert base_address("https://example.org/rest") == base_address("https://example.org/rest/") == BASE


def test_what_is_gone_goes_and_the_rest_stays(folder):
    make(folder, base_url=BASE)
    mine = folder / "player" / "mine.txt"
    mine.write_text("kept")
    for path in folder.glob("b c#1.*"):
        path.unlink()
    make(folder)
    assert len(list((folder / "player/tracks").iterdir())) == 2
    assert not (folder / "feed.xml").exists()
    assert mine.read_text() == "kept"


@pytest.mark.parametrize("name", ["../victim.txt", "player/../../victim.txt", "/victim.txt", "player/link/victim.txt"])
def test_a_list_of_files_cannot_point_elsewhere(folder, tmp_path, name):
    victim = tmp_path / "victim.txt"
    victim.write_text("kept")
    make(folder)
    (folder / "player" / "link").symlink_to(tmp_path)
    (folder / MADE).write_text(json.dumps({"generator": "narration 0", "files": [name, 3, None]}))
    make(folder, force=True)
    assert victim.read_text() == "kept"


def test_a_page_of_somebody_else_is_not_replaced(folder):
    (folder / "index.html").write_text("<p>mine")
    before = files(folder)
    with pytest.raises(NarrationError, match="narration did not make it"):
        make(folder)
    assert files(folder) == before
    make(folder, force=True)


def test_a_folder_without_tracks_says_so(tmp_path):
    with pytest.raises(NarrationError, match="no rendered track"):
        make(tmp_path)
    with pytest.raises(NarrationError, match="no such folder"):
        make(tmp_path / "nowhere")


def test_nothing_hidden_or_linked_is_listed(folder, tmp_path):
    (folder / ".hidden").mkdir()
    for name in ("1.mp3", "1.json"):
        shutil.copy(folder / "course" / name, folder / ".hidden" / name)
        shutil.move(folder / "course" / name, tmp_path / name)
        (folder / "course" / name).symlink_to(tmp_path / name)
    assert [one.name for one in gather(folder)[0]] == ["b c#1.mp3", "course/2.mp3"]


def test_one_format_of_a_track_is_listed(folder):
    shutil.copy(folder / "course" / "1.mp3", folder / "course" / "1.m4b")
    tracks, left = gather(folder)
    assert "course/1.mp3" in [one.name for one in tracks]
    assert "course/1.m4b: left out, it is 1.mp3 in another format" in map(str, left)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(
    changes=st.dictionaries(
        st.sampled_from(["title", "seconds", "chapters", "tail", "spans", "album", "track", "notes"]), json_values
    )
)
def test_no_report_breaks_the_library(rendered, changes):
    path = rendered / "course" / "1.json"
    whole = path.read_text()
    try:
        path.write_text(json.dumps(json.loads(whole) | changes))
        tracks, _ = gather(rendered)
        for one in tracks:
            page.track_json(one, page.Extras({}, {}), "").encode()
            assert one.seconds > 0 or one.name != "course/1.mp3"
        page.index("T", shelves(tracks), page.Extras({}, {}), {}).encode()
    finally:
        path.write_text(whole)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"generator": "other"}'])
def test_a_damaged_report_leaves_its_track_out(folder, content):
    (folder / "course" / "1.json").write_bytes(content)
    tracks, left = gather(folder)
    assert [one.name for one in tracks] == ["b c#1.mp3", "course/2.mp3"]
    assert any(str(one).startswith("course/1.mp3: left out, ") for one in left)


def named(name, **fields):
    plain = Track(Path(name), name, name, "", name, 600.0, 1, (), None)
    return replace(plain, **fields)


def test_shelves_are_by_purpose_and_length():
    tracks = [
        named("long", seconds=1800.0),
        named("short", seconds=400.0),
        named("office", pace="office"),
        named("night", ending="sleep"),
        named("two", audience="pregnancy", ending="sleep"),
        named("alone", album="Alone"),
        named("b", album="Both", number=2),
        named("a", album="Both", number=10),
    ]
    found = {shelf.title: [one.name for one in shelf.tracks] for shelf in shelves(tracks)}
    assert found == {
        "To fall asleep": ["night"],
        "To rest and come back": ["short", "alone", "long"],
        "A short break": ["office"],
        "In pregnancy": ["two"],
        "Both": ["b", "a"],
    }


class Steady:
    info = BackgroundInfo("steady", "Steady", "nature", "MIT", "test")

    def blocks(self, start=0):
        while True:
            yield np.ones((10_000, 2), np.float32)


def test_two_plays_of_a_sound_overlap_at_an_even_power():
    length, cross = round((sounds.STEP_S + sounds.CROSS_S) * 44_100), round(sounds.CROSS_S * 44_100)
    played = np.concatenate(list(sounds._blocks(Steady(), -26, length)))
    assert len(played) == length
    power = played[:cross, 0].astype(np.float64) ** 2 + played[-cross:, 0].astype(np.float64) ** 2
    assert np.allclose(power, 1.0, atol=1e-5)
    assert np.all(played[cross:-cross] == 1.0)


def test_a_sound_has_the_loudness_of_the_tail():
    made = sounds.sound(Tail("brown", -41.6, 0.0))
    assert (made.title, made.lufs) == ("Brown noise", -42)
    assert max(map(np.max, sounds._blocks(Steady(), -32, 1_100_000))) == pytest.approx(10 ** (-6 / 20))


@pytest.mark.parametrize("name", ["off", "secret.flac", "/etc/passwd", "../music.mp3"])
def test_no_file_is_read_because_a_report_names_it(name):
    assert sounds.sound(Tail(name, -40.0, 0.0)) is None


def test_the_report_tells_how_loud_the_tail_is(tmp_path):
    script = tmp_path / "a.md"
    script.write_text("---\nbackground: brown\nending: sleep\nlead: 1s\ntail: 20s\n---\nRest. [9s] Let go.\n")
    report = narration.render(script, tmp_path / "a.flac", voice="tone")
    import soundfile

    from narration.loudness import Meter

    played, _ = soundfile.read(tmp_path / "a.flac", dtype="float32")
    begins = report.plan.spans[-1].start
    meter = Meter()
    meter.push(played[begins + 150_000 : begins + 250_000])  # up again after the words, little of the fade
    assert report.tail["background"] == "brown"
    assert meter.integrated_lufs == pytest.approx(report.tail["lufs"], abs=0.7)


def picture(side, kind="PNG"):
    out = BytesIO()
    Image.linear_gradient("L").resize((side, side)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.mp3", "a.flac"])
def test_a_cover_is_taken_from_the_tags(tmp_path, name):
    data = picture(900)
    target = Target(tmp_path / name, name[2:], cover=Cover(data, "image/png"))
    write(target, iter([np.zeros((4410, 2), np.float32)]), 4410)
    found, made = cover(tmp_path / name)
    assert made[found.whole] == data
    assert Image.open(BytesIO(made[found.small])).size == (128, 128)
    assert Image.open(BytesIO(made[found.large])).size == (640, 640)


@pytest.mark.parametrize(
    "data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n", picture(300)[:600], b"GIF89a"]
)
def test_a_cover_that_is_no_picture_is_none(tmp_path, data):
    write(
        Target(tmp_path / "a.flac", "flac", cover=Cover(data, "image/png")),
        iter([np.zeros((4410, 2), np.float32)]),
        4410,
    )
    assert cover(tmp_path / "a.flac") is None


def test_the_command_tells_people_and_programs(folder):
    result = CliRunner().invoke(main, ["library", str(folder), "--json", "--base-url", BASE])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["shelves"][0]["title"] == "To fall asleep"
    assert "3 sessions, 2 feeds" in result.stderr
    wrong = CliRunner().invoke(main, ["library", str(folder), "--base-url", "here"])
    assert (wrong.exit_code, "Traceback" in wrong.output) == (2, False)
