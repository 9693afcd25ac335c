"""What is said of areas put to the test, on a drawn street, with numbers by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from ingest.evaluation.absence import NewRegister, absences
from ingest.evaluation.proximity import proximity_time
from ingest.evaluation.reliability import OldRegister, Outcomes, brier, claims, outcomes, walks_to
from ingest.evaluation.sensitivity import (
    assess_base,
    case_of,
    hexagons,
    read_units,
    sections,
    with_waits,
    within_minutes,
)
from ingest.evaluation.straight_line import Dwellers, at_their_doors, inside_sections
from mapping.coverage.border import Beyond, Border
from mapping.coverage.classes import SURE
from mapping.coverage.confidence.survival import Band
from mapping.greyzones import polygons
from tests.mapping.coverage.test_assess import (
    EAST,
    NORTH,
    ON,
    STREET,
    cases,
    grounded,
    service,
)


def register(metres, stands):
    """Pharmacies so many metres along the street of 4000 m: 800 m are ten minutes."""
    count = len(metres)
    return OldRegister(
        "prova", 8.6, ["farmacia"] * count, EAST + np.array(metres, float),
        np.full(count, NORTH), np.zeros(count), np.array(stands), np.array(stands),
        np.arange(count),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stands", "held"),
    [
        ([True, True], True),  # 80 % of the street
        ([True, False], False),  # 40 %
        ([False, False], False),
    ],
)
def test_an_area_holds_where_most_people_keep_a_record_within_the_walk(stands, held):
    old = register([1000, 3000], stands)
    found = outcomes(old, walks_to(old, ON), ON, old.stands)
    assert found.still_served.tolist() == [held]
    assert found.records.toarray()[0] == pytest.approx([0.5, 0.5])
    assert found.effective_services == pytest.approx(2)


def test_an_area_without_a_record_within_the_walk_is_told_nothing():
    old = register([2000], [True])  # 40 % of the street
    assert len(outcomes(old, walks_to(old, ON), ON, old.stands).people) == 0


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_what_is_claimed_is_what_the_records_give(chance):
    old = register([1000, 3000], [True, True])
    band = claims(old, walks_to(old, ON), ON, lambda ages: Band(ages * 0, ages * 0 + chance))
    assert (band.low.tolist(), band.high.tolist()) == ([0.0], [chance])


def opened(metres):
    """The pharmacies of a newer register."""
    count = len(metres)
    return NewRegister(
        ["farmacia"] * count, EAST + np.array(metres, float), np.full(count, NORTH),
        np.arange(count), 0,
    )  # fmt: skip


@pytest.mark.parametrize(("today", "still_none"), [([0], True), ([0, 1500, 3000], False)])
def test_an_absence_holds_until_something_opens_within_the_walk_of_most(today, still_none):
    old = register([0], [True])  # 20 % of the street: most have none
    found = absences(old, walks_to(old, ON), opened(today), ON)
    assert found.outcomes.still_served.tolist() == [still_none]
    assert found.high.tolist() == [0.0]
    assert found.outcomes.records.sum() == pytest.approx(1)


def test_no_absence_is_claimed_where_most_had_a_record_or_the_border_is_near():
    old = register([1000, 3000], [True, True])
    assert len(absences(old, walks_to(old, ON), opened([0]), ON).high) == 0
    near = replace(ON, border=Border(np.zeros(len(ON.points.x)), Beyond()))
    far = register([0], [True])
    assert len(absences(far, walks_to(far, near), opened([0]), near).high) == 0


def drawn_outcomes(held, rests, organization):
    rests = csr_array(np.array(rests, float))
    people = np.full(len(held), 10.0)
    return Outcomes(people, np.array(held), rests, np.array(organization))


def test_sections_around_one_service_are_one_trial():
    around = drawn_outcomes([True] * 100, [[1.0]] * 100, [0])
    assert around.effective_services == pytest.approx(1)
    assert around.held_interval == pytest.approx((0.05, 1))


def test_organisations_are_drawn_with_all_their_services():
    alike = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    held = [True, True, False, False]
    assert drawn_outcomes(held, alike, [0, 1, 2, 3]).held_interval == (0.0, 1.0)
    mixed = drawn_outcomes(held, alike, [0, 1, 0, 1])
    assert mixed.held_interval == (0.5, 0.5)
    assert brier(np.array([1, 0.5, 0.5, 0]), mixed) == pytest.approx(0.125)


def beyond(case, on=ON):
    measured = assess_base(case, on)
    return read_units(measured, on, sections(on)).people_beyond


def test_a_slower_walk_and_waits_leave_more_people_beyond():
    case = case_of(cases([service(2000)]), "farmacia")
    # Points stand every 50 m: 16, 14 and 18 of 40 on either side are near enough.
    assert beyond(case) == pytest.approx(6000)
    assert beyond(within_minutes(case, 8.5)) == pytest.approx(6500)
    assert beyond(within_minutes(case, 11.5)) == pytest.approx(5500)
    assert beyond(case, with_waits(ON, 20.0)) == pytest.approx(6000)  # no three streets meet


def test_hexagons_are_regular_and_share_their_borders():
    x, y = np.array([0, 250, 125, 30.0]), np.array([0, 0, 125 * np.sqrt(3), 20])
    units = hexagons(x, y, 250.0)
    assert units.unit[0] == units.unit[3]
    assert len(units.shapes) == 3
    assert [shape.area for shape in units.shapes] == pytest.approx([250**2 * np.sqrt(3) / 2] * 3)
    assert len(polygons.neighbours(units.shapes)[0]) == 3


def test_the_mean_of_two_services_is_longer_than_the_nearest():
    both = [case_of(cases([service(1000), service(3000)]), "farmacia")]
    assert proximity_time([both], ON, 1).share_within(10) == pytest.approx(0.8)
    # Between them the mean is 1000 m, 12.5 minutes; elsewhere it is more.
    assert proximity_time([both], ON, 2).share_within(12.6) == pytest.approx(0.5)
    assert proximity_time([both], ON, 2).mean_minutes == pytest.approx(15.625, abs=0.01)


def test_a_straight_line_counts_who_lives_beyond_it():
    street = Dwellers(np.array([0.0, 500, 900]), np.zeros(3), np.array([10.0, 20, 40]))
    x, y = np.array([0.0]), np.zeros(1)
    assert [street.beyond(x, y, metres) for metres in (400, 500, 1000)] == [60, 40, 0]
    doors = at_their_doors(ON)
    homes = inside_sections(ON, 32632, institutions=True)
    assert doors.people.sum() == pytest.approx(homes.people.sum()) == pytest.approx(10_000)
    assert len(homes.x) == 1


def test_waits_and_the_loss_of_the_neighbours_never_bring_a_service_nearer() -> None:
    branches = " " * 10 + "|" + " " * 9 + "|"
    street = STREET[:10] + "E" + STREET[11:20] + "F" + STREET[21:]
    crossed = grounded("\n".join([street, branches, " " * 10 + "C" + " " * 9 + "D"]))
    for on, has_crossings in ((ON, False), (crossed, True)):
        both, alone = (
            case_of(cases([service(metres) for metres in places], on), "farmacia")
            for places in ((500, 3000), (500,))
        )
        seconds, waiting, fewer = (
            np.nan_to_num(assess_base(case, area).walk.by_status[SURE], nan=np.inf)
            for case, area in ((both, on), (both, with_waits(on, 20.0)), (alone, on))
        )
        assert (waiting >= seconds).all()
        assert (waiting > seconds).any() == has_crossings
        assert (fewer >= seconds).all()
