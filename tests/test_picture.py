import io
import xml.etree.ElementTree as ET

from PIL import Image

from narration.layout import lay_out
from narration.levels import Levels
from narration.picture import COLOURS, png, svg, timeline
from narration.script import parse

from .test_layout import Lengths

SCRIPT = """# <Hands> & more

Rest. [4s] Now. [hold 5s] Let go. [release 30s]

[breathe in 4s, hold 2s, out 6s, 3 times]

Rise.
"""


def picture():
    return timeline(lay_out(parse(SCRIPT), Lengths()), Levels())


def test_every_kind_of_span_has_its_colour_in_the_picture():
    drawn = {shape.colour for shape in picture().shapes}
    assert drawn >= set(COLOURS.values())


def test_nothing_is_drawn_off_the_paper():
    shown = picture()
    points = [point for shape in shown.shapes for point in shape.points]
    assert all(0 <= x <= shown.width and 0 <= y <= shown.height for x, y in points)


def test_svg_is_well_formed_and_names_the_session():
    root = ET.fromstring(svg(picture()))
    assert root.attrib["role"] == "img"
    assert root[0].text == "Untitled session"
    assert any("<Hands> & more" in (node.text or "") for node in root.iter("{http://www.w3.org/2000/svg}text"))


def test_png_is_the_same_picture():
    shown = picture()
    image = Image.open(io.BytesIO(png(shown)))
    assert image.size == (shown.width, shown.height)
    assert image.info["Title"] == "Untitled session"
    colours = {colour for _, colour in image.getcolors(1 << 20)}
    assert {tuple(bytes.fromhex(colour[1:])) for colour in COLOURS.values()} <= colours


def test_the_same_plan_gives_the_same_bytes():
    assert svg(picture()) == svg(picture())
    assert png(picture()) == png(picture())
