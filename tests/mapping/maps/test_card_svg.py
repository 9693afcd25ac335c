"""Small maps of drawn streets, read back as SVG."""

import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate

from mapping.crs import to_degrees
from mapping.maps.card_svg import MOST_LINES, Scene, sketch
from mapping.maps.street_labels import Street, _room, place_names
from mapping.walking.topology import from_lines
from tests.mapping.drawn import EPSG, draw, lines

SVG = "{http://www.w3.org/2000/svg}"
EAST, NORTH = 515_000.0, 5_035_000.0
TOWN = """
A----------B----------C
|          |          |
|          |          |
|          :          |
|          :          |
D----------E----------F
"""


def town(text: str = TOWN, **named: str):
    """A town of 20 m a stroke, in Italy; streets are named by the letter of their first end."""
    frame, places = draw(text, cell=20)
    starts = {place: mark for mark, place in places.items()}
    names = [named.get(starts.get(tuple(line.coords[0]), "")) for line in frame.geometry]
    frame["name"] = np.array(names, dtype=object)
    frame = frame.set_geometry(frame.geometry.map(lambda line: translate(line, EAST, NORTH)))
    return from_lines(frame, epsg=EPSG), {
        mark: degrees(EAST + x, NORTH + y) for mark, (x, y) in places.items()
    }


def degrees(x: float, y: float) -> tuple[float, float]:
    lon, lat = to_degrees([x], [y], EPSG)
    return float(lon[0]), float(lat[0])


def read(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - of our own making


def marked(tree: ElementTree.Element, kind: str) -> list[tuple[float, float]]:
    groups = tree.findall(f"{SVG}g[@class='{kind}']")
    return [tuple(map(float, re.findall(r"-?[\d.]+", one.get("transform")))) for one in groups]


def drawn(tree: ElementTree.Element, kind: str) -> str | None:
    found = tree.find(f".//{SVG}path[@class='{kind}']")
    return None if found is None else found.get("d")


def texts(tree: ElementTree.Element) -> list[str]:
    return [one.text for one in tree.iter(f"{SVG}text") if one.get("class") == "name"]


def test_streets_footpaths_way_and_both_marks_are_drawn():
    network, at = town()
    scene = Scene(at["C"], at["A"], np.array([at["A"], at["B"], at["C"]]))
    tree = read(sketch(network, EPSG, scene, title="La via"))
    assert drawn(tree, "street")
    assert drawn(tree, "footpath")
    ((x0, y0),), ((x1, y1),) = marked(tree, "start"), marked(tree, "place")
    assert drawn(tree, "way") == f"M{x0} {y0}L{(x0 + x1) / 2:.1f} {y0}L{x1} {y1}"
    assert x0 < x1, "east is right"


def test_the_scale_bar_measures_what_is_drawn():
    network, at = town()
    tree = read(sketch(network, EPSG, Scene(at["C"], at["A"]), title=""))
    ((x0, _),), ((x1, _),) = marked(tree, "start"), marked(tree, "place")
    scale = tree.find(f"{SVG}g[@class='scale']")
    metres = float(scale.find(f"{SVG}text").text.removesuffix(" m"))
    first, last = map(float, re.findall(r"[MH]([\d.]+)", scale.find(f"{SVG}path").get("d")))
    assert (x1 - x0) / (last - first) * metres == pytest.approx(440, rel=0.01)


@given(
    st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)),
    st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)),
    st.sampled_from([(480, 320), (320, 320), (300, 480)]),
)
def test_whatever_is_shown_lies_inside_the_frame(one, other, size):
    place, start = (degrees(EAST + x, NORTH + y) for x, y in (one, other))
    tree = read(sketch(None, EPSG, Scene(place, start), title="", size=size))
    for x, y in marked(tree, "place") + marked(tree, "start"):
        assert 11 < x < size[0] - 11
        assert 28 < y < size[1] - 11


@given(st.floats(-2000, 2000), st.floats(-2000, 2000))
def test_no_mark_hides_the_scale_or_the_north(x, y):
    place, start = degrees(EAST, NORTH), degrees(EAST + x, NORTH + y)
    tree = read(sketch(None, EPSG, Scene(place, start), title=""))
    ((north_x, north_y),) = marked(tree, "north")
    north = shapely.Point(north_x, north_y).buffer(14)
    pins = [shapely.box(x - 10, y - 28, x + 10, y) for x, y in marked(tree, "place")]
    houses = [shapely.Point(x, y).buffer(12) for x, y in marked(tree, "start")]
    assert not any(north.intersects(mark) for mark in pins + houses)


def test_names_are_written_once_along_their_streets_as_people_write_them():
    network, at = town(A="VIA DEL PROVINO", D="VIA INVENTATA")
    tree = read(sketch(network, EPSG, Scene(at["C"], at["D"]), title=""))
    assert sorted(texts(tree)) == ["Via Inventata", "Via del Provino"]


def test_hostile_names_and_titles_stay_text():
    network, at = town(A="VIA </text><script>1</script>")
    svg = sketch(network, EPSG, Scene(at["B"], at["A"]), title='"><script>alert(1)</script>')
    tree = read(svg)
    assert "<script" not in svg
    assert tree.find(f"{SVG}title").text == '"><script>alert(1)</script>'


def test_a_sketch_asks_for_nothing_and_needs_no_style():
    network, at = town(A="VIA DEL PROVINO")
    svg = sketch(network, EPSG, Scene(at["C"], at["A"]), title="")
    without = svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"href|https?:|style|<image|<foreignObject|@import", without)
    assert re.findall(r"url\(([^)]*)\)", svg) == ["#sketch-frame"]


def test_two_sketches_on_a_page_have_ids_of_their_own():
    network, at = town()
    one, other = (sketch(network, EPSG, Scene(at["B"]), title="", key=key) for key in "ab")
    assert not set(re.findall(r'id="([^"]+)"', one)) & set(re.findall(r'id="([^"]+)"', other))


def test_without_streets_the_way_is_a_dotted_line():
    ends = [degrees(EAST, NORTH), degrees(EAST + 900, NORTH)]
    tree = read(
        sketch(None, EPSG, Scene(ends[1], ends[0], np.array(ends), straight=True), title="")
    )
    assert drawn(tree, "street") is None
    assert tree.find(f".//{SVG}path[@class='way']").get("stroke-dasharray")


def test_a_wide_view_draws_the_long_streets_and_no_footpaths():
    strokes = [("street", [(0, 20.0 * n), (10_000, 20.0 * n)]) for n in range(MOST_LINES)]
    short = [("street", [(20.0 * n, -50), (20.0 * n, -60)]) for n in range(300)]
    frame = lines(*strokes, *short, ("footpath", [(0, -500), (9000, -500)]))
    frame["name"] = [f"VIA {n}" for n in range(len(frame))]
    moved = frame.set_geometry(frame.geometry.map(lambda line: translate(line, EAST, NORTH)))
    ends = [degrees(EAST, NORTH - 400), degrees(EAST + 9000, NORTH + 40_000)]
    tree = read(sketch(from_lines(moved, epsg=EPSG), EPSG, Scene(*ends), title=""))
    assert drawn(tree, "footpath") is None
    assert drawn(tree, "street").count("M") <= MOST_LINES
    assert min(float(y) for y in re.findall(r"M\S+ (\S+?)L", drawn(tree, "street"))) < 60


@given(st.lists(st.tuples(st.integers(0, 480), st.integers(0, 320)), min_size=2, max_size=12))
def test_names_cover_neither_one_another_nor_a_mark_nor_the_edge(points):
    mark = shapely.box(200, 100, 260, 160)
    ends = itertools.pairwise(points)
    streets = [
        Street(f"Via {n}", [shapely.LineString(pair)])
        for n, pair in enumerate(ends)
        if pair[0] != pair[1]
    ]
    frame = (0, 0, 480, 320)
    rooms = [_room(name, 10) for name in place_names(streets, frame, [mark], size=10, most=8)]
    assert len(rooms) <= 8
    for n, room in enumerate(rooms):
        assert shapely.box(*frame).contains(room)
        assert not room.intersects(mark)
        assert not any(room.intersects(other) for other in rooms[:n])


@given(st.floats(0, 6.28))
def test_a_name_is_never_upside_down(turn):
    line = shapely.LineString([(240 - 200 * np.cos(turn), 160 - 200 * np.sin(turn)), (240, 160)])
    for name in place_names([Street("Via", [line])], (-500, -500, 900, 900), [], size=10, most=1):
        assert -90 <= name.angle <= 90
