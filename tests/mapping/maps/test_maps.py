"""The maps as text: nothing foreign, nothing hostile, nothing confidential, nothing heavy."""

import dataclasses
import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pytest
import shapely

from mapping import tables
from mapping.coverage import classes
from mapping.maps import map_words
from mapping.maps.folium_maps import MapOrigin, MapStop, coverage_map, nearest_map, services_map
from mapping.maps.page import Frame
from tests.mapping import drawn_tables as drawn

ORIGIN = MapOrigin(9.001, 45.001, "Partenza di prova")


class Page(HTMLParser):
    """Collects what a browser would see: tags, addresses, texts of cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self._in_cell = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_cell = tag == "td"
        if self._in_cell:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell &= tag != "td"

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data

    def addresses(self) -> list[str]:
        names = ("src", "href", "action", "srcset", "data", "poster")
        return [value or "" for _, attrs in self.tags for n, value in attrs.items() if n in names]


def texts(html: str) -> list[dict]:
    return json.loads(re.search(r"const prossimaTexts = (.*);\n", html)[1])


def all_maps(**fields: object) -> dict[str, str]:
    areas = drawn.areas(name=str(fields.get("name", "Zona")))
    where = dataclasses.replace(ORIGIN, label=str(fields.get("name", "Partenza")))
    return {
        "services": services_map(drawn.services(drawn.service(**fields)), areas, drawn.FRAME),
        "coverage": drawn.coverage_map(areas),
        "nearest": nearest_map(where, [drawn.stop(**fields)], areas, drawn.FRAME),
    }


@pytest.mark.parametrize("name", ["services", "coverage", "nearest"])
def test_every_address_in_a_page_is_on_the_same_host(name):
    html = all_maps()[name]
    addresses = Page(html).addresses() + re.findall(r"url\(([^)]*)\)", html)
    assert "/static/vendor/leaflet/leaflet.js" in addresses
    assert [a for a in addresses if not a.startswith(("/static/vendor/", "#"))] == []
    assert re.findall(r"//[\w.-]+\.\w+", html) == []


@pytest.mark.parametrize("name", ["services", "coverage", "nearest"])
def test_hostile_names_stay_text(name):
    calm, hostile = all_maps()[name], all_maps(name=drawn.HOSTILE)[name]
    kinds = [[tag for tag, _ in Page(html).tags] for html in (calm, hostile)]
    assert kinds[0] == kinds[1]
    assert drawn.HOSTILE in "\n".join(Page(hostile).cells)
    assert any(
        drawn.HOSTILE in str(about.get("name", about.get("label"))) for about in texts(hostile)
    )
    assert "onerror=alert(1)>" not in hostile


def test_hostile_frame_stays_text():
    frame = Frame(drawn.HOSTILE, drawn.HOSTILE, (drawn.HOSTILE,), notes=(drawn.HOSTILE,))
    html = services_map(drawn.services(drawn.service()), drawn.areas(), frame)
    assert "img" not in {tag for tag, _ in Page(html).tags}
    assert html.count("&lt;/script&gt;") >= 4


def test_page_says_its_edition_attribution_and_language():
    for html in all_maps().values():
        assert ("html", {"lang": "it"}) in Page(html).tags
        assert drawn.FRAME.edition in html
        assert drawn.FRAME.attribution[0] in html
        assert "in linea d'aria, non" not in html


def test_estimated_times_are_said_on_the_page_and_at_each_stop():
    guess = dataclasses.replace(drawn.stop(), estimated=True, path=None)
    html = nearest_map(ORIGIN, [guess], drawn.areas(), drawn.FRAME)
    assert "Tempi stimati in linea d'aria" in html
    assert "5 min, 400 m, stima in linea d'aria" in Page(html).cells
    assert '"dashArray": "2 8"' in html
    both = nearest_map(ORIGIN, [guess, drawn.stop()], drawn.areas(), drawn.FRAME)
    assert "Tempi stimati" not in both
    assert "Alcuni tempi sono stimati in linea d" in both


def test_confidential_services_are_on_no_map():
    rows = [drawn.service("antiviolenza", name="Riservato"), drawn.service()]
    html = services_map(drawn.services(*rows), drawn.areas(), drawn.FRAME)
    also = drawn.service_row(name="Riservato", categories=["farmacia", "antiviolenza"])
    stops = [MapStop(also, 60.0, 80.0), drawn.stop()]
    assert "Riservato" not in html
    assert "Riservato" not in nearest_map(ORIGIN, stops, drawn.areas(), drawn.FRAME)


def test_service_without_position_is_in_the_table_and_not_on_the_map():
    lost = drawn.service(name="Senza posto", lon=None, lat=None, precision="none")
    html = services_map(drawn.services(lost), drawn.areas(), drawn.FRAME)
    assert "Senza posto" in Page(html).cells
    assert not [about for about in texts(html) if about.get("name") == "Senza posto"]


def test_unknown_hours_and_stale_records_are_said():
    html = services_map(
        drawn.services(drawn.service(stale=True, precision="interpolated", error_metres=40.0)),
        drawn.areas(),
        drawn.FRAME,
    )
    facts = next(about["facts"] for about in texts(html) if "facts" in about)
    assert facts[2] == "stimata lungo la via (errore atteso circa 40 m)"
    assert facts[3] == "orari non noti"
    assert facts[5] == "data non nota, da verificare"


def test_legend_counts_children_by_class_and_by_minutes():
    # 100 children at 4 minutes, 35 at 25, 20 in an area that cannot be reached.
    html = all_maps()["coverage"]
    said = [
        "vicina (posti e attese: non si sa): 100 in tutta la città. Aree di questo colore: 1,"
        " dove vivono in 100",
        "lontana: 35 in tutta la città. Aree di questo colore: 1, dove vivono in 35",
        "incerta: 20 in tutta la città. Aree di questo colore: 1, dove vivono in 20",
        "fino a 5 minuti: 100",
        "da 15 a 20 minuti: 0",
        "da 20 a 30 minuti: 35",
        "oltre 30 minuti o non raggiungibile: 20",
    ]
    assert [text for text in said if f"</span>{text}</li>" not in html] == []


def test_incomplete_catalogue_is_never_shown_as_an_absence():
    unknown = dict.fromkeys(f"share_{name}" for name in tables.WHOLE_LIST_CLASSES)
    city = drawn.cover("999", 240.0, "served", 155, level="municipality", **drawn.CITY_SHARES)
    html = coverage_map(
        drawn.coverage(
            drawn.cover("0", 240.0, "served", 100, **unknown),
            drawn.cover("2", math.nan, "unsure", 20, reason="catalogue_incomplete", **unknown),
            city | unknown,
        ),
        drawn.areas(), drawn.FRAME, category_code="scuola_infanzia", level="nil",
        declared=drawn.PARTIAL,
    )  # fmt: skip
    assert "In città ne risultano circa 190 (Elenco, 2026); ne conosciamo 10." in html
    assert "lontana: non si può dire" in html
    assert "in tutta la città), di quelli che conosciamo (10)" in html
    row = Page(html).cells[-12:]
    assert row[2] == "non raggiungibile a piedi"
    assert row[3:5] == ["non si può dire", "non si può dire"]  # nobody surely served, nobody far
    assert row[-3:] == ["incerta", "elenco dei servizi incompleto", "non noto"]
    assert "In città ne risultano" not in all_maps()["coverage"]


@pytest.mark.parametrize(
    ("seconds", "estimated", "said"),
    [
        (1200, False, "20 min"), (1215, False, "20 min"), (1235, False, "21 min"),
        (10, False, "1 min"), (1215, True, "circa 20 min (stima)"), (None, True, "non noto"),
    ],
)  # fmt: skip
def test_a_median_of_an_area_is_told_as_on_pages(seconds, estimated, said):
    assert map_words.median_walk(seconds, estimated=estimated) == said


@pytest.mark.parametrize(
    ("word", "ends", "said"),
    [
        ("surely_there", (0.97, 0.97), "quasi certo c'è (THERE: oltre il 97%)"),
        ("likely_there", (0.61, 0.88), "probabile (THERE: fra 61% e 88%)"),
        (
            "likely_there",
            (0.93, 0.97),
            "probabile (THERE: fra 93% e oltre il 97%; ma più di una persona su cinque ne resta"
            " senza)",
        ),
        ("likely_missing", (0.03, 0.1), "probabile che manchi (THERE: fra meno del 3% e 10%)"),
        ("unknown", (None, None), "non si sa"),
    ],
)
def test_how_sure_it_is_is_said_with_both_percents(word, ends, said):
    row = {"sureness": word, "probability_low": ends[0], "probability_high": ends[1]}
    assert map_words.sureness(row) == said.replace("THERE", "probabilità che ce ne sia uno vicino")


def test_every_reason_of_a_class_has_words():
    assert set(map_words.REASONS) == {*classes.REASONS, classes.UNPEOPLED, classes.DISAGREEING}


def test_areas_without_outlines_become_circles():
    html = drawn.coverage_map(drawn.areas(outlines=False))
    assert '"type": "Polygon"' not in html
    assert html.count('"fillColor": "#0072b2"') == 1
    assert html.count('"coordinates": [9.005, 45.005]') == 3  # by class, by minutes, its name


def test_rows_of_other_levels_and_categories_are_left_out():
    other = drawn.cover("1", 60.0, "served", 500, category="nido")
    above = drawn.cover("1", 60.0, "served", 700, level="municipio")
    html = coverage_map(
        drawn.coverage(drawn.cover("0", 60.0, "served", 5), other, above),
        drawn.areas(),
        drawn.FRAME,
        category_code="scuola_infanzia",
        level="nil",
        declared=drawn.COMPLETE,
    )
    near = "vicina (posti e attese: non si sa)"
    assert (
        f"{near}: non pubblicato in tutta la città. Aree di questo colore: 1" in html
    )  # nobody gave the row of the city
    whole = drawn.cover("9", 60.0, "served", 700, level="municipality", category="scuola_infanzia")
    table = drawn.coverage(drawn.cover("0", 60.0, "served", 5), whole)
    html = coverage_map(
        table,
        drawn.areas(),
        drawn.FRAME,
        category_code="scuola_infanzia",
        level="nil",
        declared=drawn.COMPLETE,
    )
    # Of the 700 five live where most have one near: two numbers, and each says whose it is.
    assert f"{near}: 700 in tutta la città. Aree di questo colore: 1, dove vivono in 5" in html


def test_people_of_areas_that_publish_none_are_missing_from_the_sum_alone():
    of_area = [drawn.cover("0", 60.0, "served", 5), drawn.cover("1", 60.0, "served", None)]
    html = coverage_map(
        drawn.coverage(*of_area),
        drawn.areas(),
        drawn.FRAME,
        category_code="scuola_infanzia",
        level="nil",
        declared=drawn.COMPLETE,
    )
    assert "Aree di questo colore: 2, dove vivono in 5 (senza 1 di cui non si pubblica)" in html
    assert (
        "incerta: non pubblicato in tutta la città. Aree di questo colore: 0, dove vivono in 0"
        in html
    )


def test_empty_tables_still_make_a_page():
    areas = drawn.areas().slice(0, 0)
    assert "Elenco dei 0 servizi" in services_map(drawn.services(), areas, drawn.FRAME)
    assert "I 0 servizi" in nearest_map(ORIGIN, [], areas, drawn.FRAME)


def test_map_of_points_only_has_a_dot_for_each_area():
    areas = drawn.areas(outlines=False)
    html = services_map(drawn.services(drawn.service()), areas, drawn.FRAME)
    assert html.count('"fillColor": "#c9cdd3"') == areas.num_rows


def test_page_of_a_whole_city_stays_small():
    # 88 areas of 400 corners and 3,000 services: more than Milano has.
    angles = np.linspace(0, 2 * np.pi, 400)
    ring = np.column_stack([9 + np.cos(angles) / 50, 45 + np.sin(angles) / 50])
    one = drawn.area("nil", "1", "Zona", 0, 1, outlines=True)
    rows = [
        one | {"area_id": str(n), "geometry": shapely.Polygon(np.add(ring, [n / 20, 0])).wkb}
        for n in range(88)
    ]
    areas = pa.Table.from_pylist(rows, schema=drawn.areas().schema)
    services = drawn.services(*[drawn.service() for _ in range(3000)])
    assert len(services_map(services, areas, drawn.FRAME).encode()) < 2_500_000


def test_stops_are_one_quiet_layer_that_can_be_shown():
    rows = [
        {"stop_id": str(n), "name": None, "lines": ["1"], "lon": 9.0 + n / 100, "lat": 45.0}
        for n in range(3)
    ]
    stops = pa.Table.from_pylist(rows, schema=tables.STOPS.schema)
    with_them = services_map(drawn.services(), drawn.areas(), drawn.FRAME, stops=stops)
    assert "Fermate (3)" in with_them
    assert "[[9.0, 45.0], [9.01, 45.0], [9.02, 45.0]]" in with_them
    assert "Fermate" not in services_map(drawn.services(), drawn.areas(), drawn.FRAME)


def test_a_city_that_is_not_divided_is_drawn_by_its_own_outline():
    whole = drawn.area("municipality", "999999", "Comune disegnato", 0, 3, outlines=True)
    schema = tables.AREAS.schema.append(pa.field("geometry", pa.binary()))
    areas = pa.Table.from_pylist([whole], schema=schema)
    row = drawn.cover("999999", math.nan, "unsure", 0, level="municipality")
    options = {
        "category_code": "scuola_infanzia", "level": "municipality", "declared": drawn.COMPLETE,
    }  # fmt: skip
    page = coverage_map(drawn.coverage(row), areas, drawn.FRAME, **options)
    assert "Tabella delle 1 aree" in page
    assert "Comune disegnato" in services_map(drawn.services(), areas, drawn.FRAME)
