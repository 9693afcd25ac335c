"""Places by who gives them: what is known is summed, what is not is a kind of its own."""

from dataclasses import dataclass
from typing import Any

import pytest

from mapping.edition.places_by_kind import is_accessible, places_by_kind
from mapping.errors import BadInputError
from tests.mapping import drawn_tables as drawn


@dataclass(frozen=True, eq=False)
class Drawn:
    """What of an edition the sums read."""

    service_rows: list[Any]


def services(*rows: dict) -> Any:
    said = [
        drawn.service_row("nido", **{"service_id": f"prova:{n}", "municipio": "1", **row})
        for n, row in enumerate(rows)
    ]
    return Drawn(said)


def test_places_are_summed_by_kind_and_a_kind_that_nobody_knows_is_none_of_them() -> None:
    rows = services(
        {"ownership": "municipal", "capacity": 72},
        {"ownership": "state", "capacity": 30},
        {"ownership": "accredited", "capacity": 20},
        {"ownership": "private"},
        {"ownership": "not_state", "capacity": 15},
        {"name": "Nido comunale Alfa"},
    )
    found = places_by_kind(rows, "nido", "municipality", "015146")
    assert {row["kind"]: (row["services"], row["with_places"], row["places"]) for row in found} == {
        "all": (6, 4, 137),
        "public": (2, 2, 102),
        "accredited": (1, 1, 20),
        "private": (1, 0, None),
        "unknown": (2, 1, 15),
        "accessible_unknown": (6, 4, 137),
    }


def test_that_none_is_accessible_is_said_only_where_it_is_known_of_some() -> None:
    rows = services({"residence_required": True}, {})
    found = places_by_kind(rows, "nido", "municipality", "015146")
    assert {row["kind"]: row["services"] for row in found} == {
        "all": 2, "unknown": 2, "accessible": 0, "accessible_unknown": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "accessible"),
    [
        ({}, None),
        ({"ownership": "municipal"}, None),  # nobody says whether residence is asked for
        ({"ownership": "municipal", "residence_required": False}, True),
        ({"ownership": "municipal", "residence_required": True}, False),
        ({"ownership": "accredited", "residence_required": False}, True),
        ({"ownership": "private", "residence_required": False}, None),
        ({"ownership": "private", "residence_required": False, "free": True}, True),
        ({"ownership": "private", "free": False}, False),
        ({"residence_required": False}, None),
        ({"residence_required": False, "free": True}, True),
    ],
)
def test_a_place_is_accessible_without_a_full_fee_and_without_residence(said, accessible) -> None:
    assert is_accessible(drawn.service_row("nido", **said)) is accessible


@pytest.mark.parametrize(
    ("level", "area", "counted"),
    [("municipio", "1", (1, 1, 25)), ("municipality", "015146", (2, 2, 30))],
)
def test_services_that_ended_or_lie_elsewhere_are_not_counted_and_seats_once(level, area, counted):
    seats = [{"service_id": "prova:0", "capacity": 25, "location_id": f"prova:0@{n}"} for n in "12"]
    ended = {"capacity": 9, "status": "defunct"}
    rows = services(*seats, ended, {"municipio": "2", "capacity": 5})
    first, *_ = places_by_kind(rows, "nido", level, area)
    assert (first["services"], first["with_places"], first["places"]) == counted


def test_of_a_section_no_places_are_told() -> None:
    with pytest.raises(BadInputError, match="No places at level 'section'"):
        places_by_kind(services(), "nido", "section", "1")
