"""Plates drawn from squares: what lies where, what is written, and that no text is markup."""

from xml.etree.ElementTree import fromstring

import shapely

from mapping.maps.report_svg import NUMBERED, Dot, Patch, box_around, plate, swatch

SVG = "{http://www.w3.org/2000/svg}"
SQUARE = shapely.box(0, 0, 1000, 1000)
HOSTILE = '"><script>alert(1)</script>'


def drawn(dots, *, title="Carta", shape=SQUARE, text=""):
    box = box_around([shape])
    svg = plate(box, [Patch(shape, "#0072b2", text)], dots, border=shape, title=title)
    return fromstring(svg)  # noqa: S314 - our own


def written(root):
    return [text.text for text in root.iter(f"{SVG}text")]


def test_a_plate_has_its_areas_its_numbers_and_a_scale():
    root = drawn([Dot(500, 500, "1"), Dot(200, 900, "2", pale=True)], text="20")
    assert sorted(written(root)) == ["1", "2", "20", "200 m"]
    assert next(root.iter(f"{SVG}path")).get("fill") == "#0072b2"
    assert len(list(root.iter(f"{SVG}circle"))) == 2


def test_north_is_up_and_east_is_right():
    low, high = (
        next(drawn([Dot(x, y, "1")]).iter(f"{SVG}circle")) for x, y in ((100, 100), (900, 900))
    )
    assert float(low.get("cx")) < float(high.get("cx"))
    assert float(low.get("cy")) > float(high.get("cy"))


def test_what_lies_off_the_plate_is_not_drawn():
    assert not list(drawn([Dot(5000, 500, "1"), Dot(float("nan"), 0, "2")]).iter(f"{SVG}circle"))


def test_many_dots_go_without_their_numbers():
    dots = [Dot(10 * n, 500, str(n)) for n in range(NUMBERED + 1)]
    assert written(drawn(dots)) == ["200 m"]


def test_no_text_becomes_markup():
    root = drawn([Dot(500, 500, HOSTILE)], title=HOSTILE, text=HOSTILE)
    assert root.get("aria-label") == HOSTILE
    assert written(root).count(HOSTILE) == 2
    assert not [one for one in root.iter() if "script" in one.tag]


def test_an_area_without_an_outline_is_a_mark_where_it_lies():
    root = drawn([], shape=shapely.Point(500, 500))
    assert next(root.iter(f"{SVG}circle")).get("fill") == "#0072b2"


def test_a_swatch_shows_its_colour():
    assert 'fill="#d55e00"' in swatch("#d55e00")
