"""JSON records, HSDS directories and vector files in pages, as services give them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.page_archive import bind, page_name, page_names, read_page
from ingest.readers.hsds import read_hsds
from ingest.readers.records import read_json
from ingest.readers.vector import LAT, LON, read_records, read_vector
from ingest.rows import flat
from mapping.errors import SourceError
from mapping.hours.opening import to_osm


def bound(folder: Path, suffix: str, *texts: str) -> Path:
    """Bind pages as a download does."""
    pages = [folder / page_name(number, suffix) for number in range(1, len(texts) + 1)]
    for page, text in zip(pages, texts, strict=True):
        page.write_text(text, encoding="utf-8")
    bind(pages, folder / "pages.zip")
    return folder / "pages.zip"


def test_nested_records_become_texts_under_dotted_names() -> None:
    record = {"a": {"b": 1, "c": None}, "d": ["x", "y"], "e": [{"n": "1"}, {"n": "2"}], "f": True}
    assert flat(record) == {
        "a.b": "1", "a.c": "", "d": "x; y", "e.0.n": "1", "e.1.n": "2", "f": "true"
    }  # fmt: skip
    assert flat({}) == {}


@given(st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.none()))
def test_a_flat_record_keeps_every_name(record) -> None:
    assert set(flat(record)) == set(record)


def test_columns_are_those_of_any_row_and_numbers_stay_as_written(tmp_path) -> None:
    path = bound(tmp_path, ".json", '[{"cap": 45.460}]', '[{"b": "x"}]', "[]")
    table = read_json(path, records="", source_id="prova")
    assert table.columns == ["cap", "b"]
    assert [row.texts for row in table.rows] == [{"cap": "45.460", "b": ""}, {"cap": "", "b": "x"}]
    assert [row.line for row in table.rows] == [1, 2]


def test_a_record_that_is_no_object_is_set_apart(tmp_path) -> None:
    path = tmp_path / "risposta.json"
    path.write_text(json.dumps({"result": {"records": [{"a": 1}, 7]}}), encoding="utf-8")
    table = read_json(path, records="result.records", source_id="prova")
    (bad,) = table.unreadable
    assert (bad.line, bad.code, table.rows_in) == (2, "no_object", 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ('{"records": 1}', "no list of records at 'records'"),
        ("[]", "no list of records at 'records'"),
    ],
)
def test_json_of_another_shape_is_refused(tmp_path, text, words) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=words):
        read_json(tmp_path / "a.json", records="records", source_id="prova")


def weekly(days: str, opens: str, closes: str, **more: object) -> dict[str, object]:
    return {"freq": "WEEKLY", "byday": days, "opens_at": opens, "closes_at": closes, **more}


def record(key: str, *schedules: dict[str, object]) -> dict[str, object]:
    location = {
        "name": "Sede",
        "latitude": 45.46,
        "longitude": 9.2,
        "addresses": [{"city": "Milano"}],
    }
    place = {"id": f"{key}@1", "schedules": list(schedules), "location": location}
    return {"id": key, "name": "Servizio di prova", "service_at_locations": [place]}


def hours(tmp_path: Path, *schedules: dict[str, object]) -> str:
    (tmp_path / "a.json").write_text(json.dumps([record("1", *schedules)]), encoding="utf-8")
    return read_hsds(tmp_path / "a.json", source_id="prova").rows[0].texts["hours"]


def test_a_directory_gives_a_row_for_each_service_at_a_location(tmp_path) -> None:
    listed = {"total_pages": 1, "contents": [{"id": "1", "name": "Servizio di prova"}]}
    two = record("1")
    two["service_at_locations"] *= 2
    nowhere = {"id": "2", "name": "Al telefono", "phones": [{"number": "02"}]}
    table = read_hsds(
        bound(tmp_path, ".json", *map(json.dumps, (listed, two, nowhere))), source_id="prova"
    )
    assert [row.texts["id"] for row in table.rows] == ["1", "1", "2"]
    first = table.rows[0].texts
    assert (first["location.latitude"], first["location.addresses.0.city"]) == ("45.46", "Milano")
    assert (table.rows[2].texts["phones.0.number"], table.rows[2].texts["location.name"]) == (
        "02",
        "",
    )


def test_weekly_schedules_become_hours(tmp_path) -> None:
    words = hours(
        tmp_path,
        weekly("MO,WE", "09:00", "13:00"),
        weekly("FR", "14:30:00", "18:00+01:00", interval=1),
    )
    assert words == "lun, mer 09:00-13:00; ven 14:30-18:00"
    assert to_osm(words) == "Mo,We 09:00-13:00; Fr 14:30-18:00"


def test_days_may_come_as_a_list(tmp_path) -> None:
    listed = weekly("MO", "09:00", "13:00") | {"byday": ["MO", "WE"]}
    assert hours(tmp_path, listed) == "lun, mer 09:00-13:00"


@pytest.mark.parametrize("places", [None, {}, [{"location": None}]])
def test_a_service_without_a_place_is_a_row_all_the_same(tmp_path, places) -> None:
    service = record("1") | {"service_at_locations": places}
    (tmp_path / "a.json").write_text(json.dumps([service]), encoding="utf-8")
    (row,) = read_hsds(tmp_path / "a.json", source_id="prova").rows
    assert row.texts["name"] == "Servizio di prova"


@pytest.mark.parametrize(
    "schedule",
    [
        weekly("MO", "09:00", "13:00", interval=2),
        weekly("MO", "09:00Z", "13:00Z"),
        weekly("MO", "09:00", "13:00", valid_to="2026-01-31"),
        weekly("", "09:00", "13:00"),
        weekly("2MO", "09:00", "13:00") | {"freq": "MONTHLY"},
        {"description": "Telefonare per gli orari"},
    ],
)
def test_what_is_not_every_week_is_said_and_not_taken_for_hours(tmp_path, schedule) -> None:
    words = hours(tmp_path, schedule)
    assert words
    assert to_osm(words) is None
    assert to_osm(hours(tmp_path, weekly("TU", "09:00", "13:00"), schedule)) is None


def test_a_description_that_is_hours_is_read_as_hours(tmp_path) -> None:
    assert to_osm(hours(tmp_path, {"description": "lun e mer 9-13"})) == "Mo,We 09:00-13:00"


def points(*numbers: int) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"n": n, "nome": f"Luogo {n}"},
            "geometry": {"type": "Point", "coordinates": [9 + n / 10, 45.4]},
        }
        for n in numbers
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def gml(*numbers: int) -> str:
    srs = 'srsName="urn:ogc:def:crs:EPSG::4326"'
    members = "".join(
        f'<w:member><a:luoghi g:id="l.{n}"><a:nome>Luogo {n}</a:nome><a:geom><g:Point {srs}'
        f' g:id="p.{n}"><g:pos>45.4 {9 + n / 10}</g:pos></g:Point></a:geom></a:luoghi></w:member>'
        for n in numbers
    )
    return (
        '<w:FeatureCollection xmlns:w="http://www.opengis.net/wfs/2.0" xmlns:a="http://a.example"'
        f' xmlns:g="http://www.opengis.net/gml/3.2" numberMatched="3">{members}'
        "</w:FeatureCollection>"
    )


@pytest.mark.parametrize(("suffix", "write"), [(".geojson", points), (".gml", gml)])
def test_pages_of_features_are_one_layer_east_first(tmp_path, suffix, write) -> None:
    path = bound(tmp_path, suffix, write(0, 1), write(2), write())
    frame = read_vector(path)
    assert frame.geometry.x.round(6).tolist() == [9.0, 9.1, 9.2]
    assert frame.geometry.y.tolist() == [45.4] * 3
    rows = read_records(path).rows
    assert [row.texts["nome"] for row in rows] == ["Luogo 0", "Luogo 1", "Luogo 2"]
    assert (rows[2].texts[LON], rows[2].texts[LAT]) == ("9.2000000", "45.4000000")
    assert not list(tmp_path.glob("*.gfs"))


def test_a_page_that_is_no_features_is_named(tmp_path) -> None:
    path = bound(tmp_path, ".geojson", points(0), "{}")
    with pytest.raises(SourceError, match=r"page-0002\.geojson"):
        read_vector(path)
    with pytest.raises(SourceError, match="no features in any of its pages"):
        read_vector(bound(tmp_path, ".geojson", points()))


def test_the_same_pages_are_the_same_file_whenever_they_are_bound(tmp_path) -> None:
    (tmp_path / "b").mkdir()
    first, second = (bound(folder, ".json", "[1]", "[2]") for folder in (tmp_path, tmp_path / "b"))
    assert first.read_bytes() == second.read_bytes()
    assert [read_page(first, name) for name in page_names(first)] == [b"[1]", b"[2]"]
    assert page_names(tmp_path / "page-0001.json") == []
