"""Covers: quiet, dark, the same each time, told apart at the size of a thumbnail."""

import io
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from narration.cache import prune
from narration.cover import MOTIFS, front, load, picture
from narration.document import Document
from narration.encode import target_for
from narration.errors import NarrationError
from narration.picture import svg
from narration.script import parse
from narration.script.builtin import find, lessons, names
from narration.session import render
from narration.wishes import Wishes

from .test_session import source


def document(title="Evening", tags=(), **fields):
    return Document(title, (), tags=tags, **fields)


def opened(cover):
    return Image.open(io.BytesIO(cover.data))


@pytest.fixture(scope="module")
def built_in():
    sources = [*map(find, names()), *lessons("jacobson")]
    return {one.stem: front(parse(one.text, one.name)) for one in sources}


def test_built_in_covers_are_square_small_and_dark(built_in):
    for cover in built_in.values():
        image = opened(cover)
        assert (image.format, image.size, cover.mime) == ("JPEG", (1400, 1400), "image/jpeg")
        assert len(cover.data) < 250_000
        assert np.asarray(image.convert("L")).mean() < 80  # of 255


def test_built_in_covers_are_told_apart_at_64_pixels(built_in):
    small = {name: np.asarray(opened(cover).resize((64, 64)).convert("RGB"), float) for name, cover in built_in.items()}
    apart = {
        (one, two): np.sqrt(np.mean((small[one] - small[two]) ** 2)) for one, two in combinations(sorted(small), 2)
    }
    assert min(apart.values()) > 8, min(apart, key=apart.get)


def test_a_sleep_cover_is_darker():
    mean = [np.asarray(opened(front(document(ending=ending))).convert("L")).mean() for ending in ("sleep", "return")]
    assert mean[0] < mean[1] - 5


def test_the_same_session_has_the_same_cover_and_another_title_another():
    one = front(document("A"))
    prune(0)
    assert front(document("A")) == one
    assert front(document("B")) != one
    assert front(document("A"), "B") == front(document("B"))


@pytest.mark.parametrize("row", range(len(MOTIFS)))
def test_every_motif_has_boxes_the_right_way_up_and_lies_under_its_title(row):
    words, _, _ = MOTIFS[row]
    drawn = picture(document("Night", (words.split("|")[0],)))
    assert drawn.shapes[-1].text == "Night"
    for shape in drawn.shapes:
        if shape.kind == "box":
            (left, top), (right, bottom) = shape.points
            assert left <= right
            assert top <= bottom


def test_titles_are_escaped_in_svg_and_a_long_one_is_cut():
    title = "<script>&\"' " + "letting go of everything at once " * 8
    root = ET.fromstring(svg(picture(document(title))))
    shown = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert shown[-1].startswith("<script>&\"'")  # drawn from the foot upwards
    assert len(shown) <= 3
    assert any(text.endswith("…") for text in shown)


@pytest.mark.parametrize(
    ("title", "shown"),
    [("深呼吸", ""), *((title, title) for title in ("Übung", "Ještě dýchám", "Спокойной ночи", "Rest – now"))],
)
def test_a_title_is_shown_unless_the_typeface_lacks_a_letter(title, shown):
    lines = [shape.text for shape in picture(document(title)).shapes if shape.kind == "text"]
    assert " ".join(reversed(lines)) == shown


def test_a_part_before_a_colon_stands_above_the_title():
    shown = [shape for shape in picture(document("Lesson 3: Shoulders")).shapes if shape.kind == "text"]
    assert {shape.text: shape.size for shape in shown} == {"Shoulders": 220, "Lesson 3": 100}


@pytest.mark.parametrize(("name", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_cover_of_ones_own_is_taken_as_it_is(tmp_path, name, mime):
    path = tmp_path / "cover"
    Image.new("RGB", (20, 20), "navy").save(path, name)
    assert (load(path).data, load(path).mime) == (path.read_bytes(), mime)


@pytest.mark.parametrize("kind", ["absent", "text", "gif", "cut", "folder"])
def test_a_file_that_is_no_cover_is_told(tmp_path, kind):
    path = tmp_path / "cover"
    picture = io.BytesIO()
    Image.new("RGB", (200, 200), "navy").save(picture, "GIF" if kind == "gif" else "PNG")
    if kind == "folder":
        path.mkdir()
    elif kind != "absent":
        path.write_bytes({"text": b"hello", "gif": picture.getvalue(), "cut": picture.getvalue()[:150]}[kind])
    with pytest.raises(NarrationError, match=r"cover: .*the cover"):
        load(path)


@pytest.mark.parametrize("end", [".mp3", ".flac"])
def test_a_track_carries_its_cover(tmp_path, end):
    import mutagen

    path = tmp_path / f"a{end}"
    render(source(folder=tmp_path), Wishes(voice="tone"), target_for(path))
    file = mutagen.File(path)
    shown = file.pictures[0] if end == ".flac" else file.tags["APIC:"]
    assert shown.data == front(parse(source().text)).data
    if end == ".flac":
        assert (shown.width, shown.height, shown.depth) == (1400, 1400, 24)
