"""The score of a card falls with whatever a family would miss on it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.freshness import freshness, is_stale
from mapping.model import Location, Position, Provenance, Service
from mapping.services.quality_score import WEIGHTS, quality

TODAY = date(2026, 6, 1)
FULL = Service(
    service_id="drawn:1",
    name="Consultorio disegnato",
    organization="Ente inventato",
    categories=("consultorio",),
    phone="02 0000001",
    email="a@example.org",
    free=True,
    provenance=Provenance(source_id="drawn", assured_date="2026-05-01"),
)
PLACE = Location(
    location_id="1",
    position=Position(lon=9.19, lat=45.46, precision="civic"),
    opening_hours="Mo 09:00-12:00",
)


def test_a_card_that_says_all_scores_one():
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert quality(FULL, PLACE, TODAY).value == 1
    assert quality(FULL, PLACE, TODAY).lacks == []


def test_a_card_that_says_nothing_scores_zero():
    bare = Service(
        service_id="drawn:2", name="X", categories=("nido",), provenance=Provenance(source_id="x")
    )
    score = quality(bare, Location(location_id="2"), TODAY)
    assert score.value == 0
    assert set(score.lacks) == set(WEIGHTS)


def test_the_worked_example_of_the_methods():
    # On the street only (0.4), hours as text (0.5), a phone (0.7), assured a year ago.
    place = Location(
        location_id="3",
        position=Position(lon=9.19, lat=45.46, precision="street"),
        opening_hours_text="quando capita",
    )
    service = FULL.model_copy(
        update={
            "email": None,
            "free": None,
            "provenance": Provenance(source_id="drawn", assured_date="2025-06-01"),
        }
    )
    fresh = (730 - 365) / (730 - 183)
    expected = 0.25 * 0.4 + 0.25 * fresh + 0.2 * 0.5 + 0.15 * 0.7 + 0.1 * 0 + 0.05 * 1
    score = quality(service, place, TODAY)
    assert score.value == round(expected, 2) == 0.52
    assert score.lacks[0] == "position"
    assert set(score.lacks) == {"position", "eligibility", "hours", "assurance", "contact"}


@given(st.dates(date(2000, 1, 1), TODAY), st.dates(date(2000, 1, 1), TODAY))
def test_freshness_never_grows_with_age(one: date, other: date):
    early, late = sorted((one, other))
    assert freshness(early.isoformat(), TODAY) <= freshness(late.isoformat(), TODAY)


def test_freshness_decays_from_six_months_to_two_years():
    assert freshness("2026-01-01", TODAY) == 1
    assert freshness("2024-06-01", TODAY) == 0
    assert not is_stale("2024-06-01", TODAY)
    assert is_stale("2024-05-31", TODAY)
    assert is_stale(None, TODAY)
