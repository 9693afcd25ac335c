"""Who is competent for a place comes first, and a project that is over never does."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from mapping.lookup.competence import catchments, competent, competent_kinds, seats_of
from mapping.lookup.documents import document
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Origin, Where
from mapping.lookup.question import Question
from mapping.model import Provenance
from mapping.services.service_row import ServiceRow
from tests.mapping.drawn_city import MILANO, drawn_city, place, service
from tests.mapping.drawn_tables import service_row

ENDED = {"funded_until": "2026-02-28", "phone": "02 88451234; 333 1234567"}
"""The day before the drawn city's last but one: over, and not confirmed since."""


def seat(key: str, code: str = "servizio_sociale", **fields: object) -> ServiceRow:
    return service_row(code, service_id=f"prova:{key}", location_id=f"prova:{key}", **fields)


OURS = seat("ours", name="B", catchment=["municipio:8"], address="via Prova, 1")
SECOND = seat("second", name="C", catchment=["municipio:8"], address="via Prova, 2")
DESK = seat("desk", "access_point", catchment=["nil:76"])
ENDED_DESK = seat("ended", "access_point", name="A", catchment=["nil:76"], funding_ended=True)
OTHERS = seat("others", catchment=["municipio:9"])
EVERYBODYS = seat("everybodys", catchment=["city:all"])
SILENT = seat("silent")
ROWS = [ENDED_DESK, DESK, SECOND, OURS, OTHERS, EVERYBODYS, SILENT]


def ids(rows: Sequence[ServiceRow]) -> list[str]:
    return [row.service_id.removeprefix("prova:") for row in rows]


@pytest.mark.parametrize(
    ("wanted", "municipio", "nil", "expected"),
    [
        (["access_point"], "8", "76", ["ours", "second", "desk", "ended"]),
        (["servizio_sociale"], "8", "76", ["ours", "second"]),
        (["access_point"], "9", "1", ["others"]),
        (["access_point"], None, None, []),
        (["farmacia"], "8", "76", []),
        ([], "8", "76", []),
    ],
)
def test_the_competent_are_those_whose_catchment_the_place_lies_in(
    wanted: list[str], municipio: str | None, nil: str | None, expected: list[str]
) -> None:
    origin = Origin(9.0, 45.0, "", "civic", 0.0, municipio, nil, outside_city=False)
    assert ids(competent(catchments(ROWS), origin, wanted)) == expected


def test_permanent_doors_come_before_what_is_asked_for() -> None:
    assert competent_kinds(["access_point", "nido"]) == ("servizio_sociale", "access_point", "nido")
    assert competent_kinds(["farmacia"]) == ("farmacia",)


def test_seats_of_one_body_are_told_together() -> None:
    body = {"organization": "Comune di prova", "phone": "02 88451234", "catchment": ["municipio:8"]}
    first, other = seat("first", address="a", **body), seat("other", address="b", **body)
    nowhere = seat("nowhere", **body)
    assert [(row.service_id, seats) for row, seats in seats_of([first, other, nowhere])] == [
        ("prova:first", ["a", "b"])
    ]
    assert len(seats_of([OURS, SECOND])) == 2


def test_a_project_that_is_over_is_never_first_and_shows_no_mobile(tmp_path: Path) -> None:
    services = [
        service(100, "over", **ENDED),
        service(300, "going"),
        service(900, "far"),
    ]
    lookup = Lookup(drawn_city(tmp_path, services), MILANO.epsg)
    lon, lat = place(0)
    origin = lookup.origin(Where(lon=lon, lat=lat))
    for count, expected in ((1, ["going"]), (2, ["going", "over"]), (3, ["going", "far", "over"])):
        question = Question(("nido",), count=count)
        rows = document(lookup.nearest(origin, question), "x", question)["results"]
        assert [row["service_id"].removeprefix("prova:") for row in rows] == expected
    over = rows[-1]
    assert (over["status"], over["phone"]) == ("unsure", "02 88451234")
    assert (over["funding_ended"], over["funded_until"]) == (True, "2026-02-28")


@pytest.mark.parametrize(
    ("until", "assured", "ended"),
    [
        (None, "2020", False),
        ("2026-02-28", None, True),
        ("2026-02-28", "2025-12", True),
        ("2026-02-28", "2026-03-01", False),
        ("2026-03-02", "2020", False),
        ("2026-03-01", "2020", True),
    ],
)
def test_a_project_is_over_after_its_last_day_unless_somebody_assures_it(
    tmp_path: Path,
    until: str | None,
    assured: str | None,
    ended: bool,  # noqa: FBT001
) -> None:
    said = Provenance(source_id="prova", assured_date=assured)
    edition = drawn_city(tmp_path, [service(100, "one", funded_until=until, provenance=said)])
    (row,) = edition.service_rows
    assert row.funding_ended is ended
    assert row.status == ("unsure" if ended else "active")


def test_where_all_projects_are_over_they_are_given_all_the_same(tmp_path: Path) -> None:
    lookup = Lookup(drawn_city(tmp_path, [service(100, "over", **ENDED)]), MILANO.epsg)
    lon, lat = place(0)
    answer = lookup.nearest(lookup.origin(Where(lon=lon, lat=lat)), Question(("nido",)))
    assert [near.service.service_id for near in answer.results] == ["prova:over"]
