"""Whom to call: the undated, the stale and the soon stale, those of most children first."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
import shapely

from mapping.edition.call_list import Call, calls, due_before, state_of
from mapping.maps.areas_svg import mosaic
from mapping.maps.outlines import area_rows
from mapping.model import Provenance
from tests.api.conftest import Server, serving
from tests.mapping.drawn_city import MILANO, drawn_city, service
from tests.mapping.drawn_tables import areas
from tests.mapping.drawn_tables import service_row as row

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("assured", "state"),
    [
        (None, "undated"), ("2017", "stale"), ("2024-11-20", "stale"), ("2024-11-21", "soon"),
        ("2025-01-20", "soon"), ("2025-01-21", None), ("2026-02", None),
    ],
)  # fmt: skip
def test_a_record_is_due_two_months_before_it_is_stale(assured, state) -> None:
    assert state_of(row(assured_date=assured), TODAY) == state
    assert state_of(row(assured_date=assured, status="defunct"), TODAY) is None


def test_the_last_that_is_due_becomes_stale_on_the_day_that_is_said() -> None:
    last = date(2025, 1, 20)
    assert due_before(TODAY) == date(2027, 1, 21)
    assert state_of(row(assured_date=last.isoformat()), date(2027, 1, 20)) == "soon"
    assert state_of(row(assured_date=last.isoformat()), date(2027, 1, 21)) == "stale"


def told(key: str, metres: float, assured: str | None, **said: object):
    source = Provenance(source_id="prova", assured_date=assured)
    return service(metres, key, provenance=source, **said)


@pytest.fixture
def edition(tmp_path: Path):
    services = [
        told("fresca", 100, "2026-10"),
        told("vecchia", 200, "2019", phone="+39 02 0000 0000", name="=1+1"),
        told("senza", 300, None),
        told("presto", 400, "2024-12"),
        told("chiusa", 500, "2019", status="defunct"),
        told("rifugio", 600, "2019", categories=("antiviolenza",)),
    ]
    return drawn_city(tmp_path / "editions", services)


def test_only_who_is_due_is_called_and_the_oldest_first(edition) -> None:
    due = calls(edition, TODAY)
    assert [(call.row.service_id, call.state) for call in due] == [
        ("prova:senza", "undated"),
        ("prova:vecchia", "stale"),
        ("prova:presto", "soon"),
    ]
    assert all(isinstance(call, Call) for call in due)
    assert due[0].days is None


def test_the_list_is_a_sheet_in_which_nothing_runs(edition, pack: Path, tmp_path: Path) -> None:
    assert edition
    with serving(tmp_path, pack, tmp_path / "calls.log") as server:
        answer = server.client.get("/rete/freschezza.csv?municipio=1&category=nido")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert {line["servizio"] for line in rows} >= {"'=1+1", "Inventato senza"}
        assert "'+39 02 0000 0000" in {line["telefono"] for line in rows}
        assert {line["stato"] for line in rows} <= {"senza data", "scaduto", "scade presto"}
        assert "attachment" in answer.headers["content-disposition"]
        html = server.client.get("/rete/freschezza").text
        assert "=1+1" in html
        assert "Inventato fresca" not in html


def test_the_page_counts_what_the_sheet_lists(pack_server: Server) -> None:
    lines = pack_server.client.get("/rete/freschezza.csv").content.decode("utf-8-sig")
    many = len(list(csv.reader(io.StringIO(lines)))) - 1
    html = pack_server.client.get("/rete/freschezza").text
    assert f"{many} servizi da chiamare" in html
    assert "Rete QuBì Municipio 8" in html
    for query in ("municipio=99", "category=nessuna", "municipio=%3Cscript%3E"):
        answer = pack_server.client.get(f"/rete/freschezza?{query}")
        assert answer.status_code == 404
        assert 'role="alert"' in answer.text
        assert "<script>" not in answer.text


@pytest.mark.shared
def test_a_service_of_two_categories_has_one_row_with_both(milano_server: Server) -> None:
    for query in ("", "?category=nido", "?category=consultorio"):
        answer = milano_server.client.get(f"/rete/freschezza.csv{query}")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        kinds = [row["categoria"] for row in rows if " · " in row["categoria"]]
        assert kinds == ["Nido d'infanzia · Consultorio familiare"]
        assert len({row["pagina"] for row in rows}) == len(rows)


def test_a_mosaic_holds_every_area_or_none() -> None:
    drawn = mosaic(area_rows(areas(), "nil"), MILANO.epsg)
    assert drawn is not None
    assert [piece.area_id for piece in drawn.pieces] == ["0", "1", "2"]
    assert all(0 < piece.x < drawn.width and 0 < piece.y < drawn.height for piece in drawn.pieces)
    assert [piece.x for piece in drawn.pieces] == sorted(piece.x for piece in drawn.pieces)
    assert mosaic(area_rows(areas(outlines=False), "nil"), MILANO.epsg) is None
    points = [{**row, "geometry": shapely.Point(9, 45).wkb} for row in area_rows(areas(), "nil")]
    assert mosaic(points, MILANO.epsg) is None
    assert mosaic([], MILANO.epsg) is None
