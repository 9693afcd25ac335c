"""How sure a class is: drawn areas, and worlds that can be counted by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.jobs.build import fetcher
from api.settings import Settings
from ingest.evaluation.geocoding_accuracy import Registers
from mapping.city import city
from mapping.coverage.confidence.draws import (
    CHILDREN_CV,
    DRAWS,
    RESIDENTS_CV,
    STALE,
    TRUST,
    UncertainRecords,
    draw,
    factors,
    likelihood,
    serving,
)
from mapping.coverage.confidence.simulate import Near, WalkLimit, for_most, interval, shares_served
from mapping.coverage.confidence.unplaced import Spread, UnplacedServices, with_unplaced
from mapping.coverage.origins import Points
from mapping.disclosure import rounded
from mapping.errors import BadInputError
from mapping.services.matching import match
from tests.mapping.worked import numbers, section, table

WALK = WalkLimit(walk_seconds=900.0, seconds_per_metre=1.0)
ONE_POINT = Points(np.array([0]), np.array([1.0]), np.array([0.0]), np.array([0.0]))
EXACT = np.ones((1, DRAWS), np.float32)


def records(probability, metres, error=0.0, prefix="r"):
    """Records east of the origin."""
    count = len(probability)
    return UncertainRecords(
        [f"{prefix}{n}" for n in range(count)],
        np.array(probability, float),
        np.full(count, float(error)),
        np.array(metres, float),
        np.zeros(count),
    )


def near(found):
    """Their walks from the origin, a second for a metre."""
    return Near(found.x[None, :], np.arange(len(found.x))[None, :])


def served(found, people=1.0):
    shares = shares_served(ONE_POINT, near(found), draw(found), WALK)
    return for_most(shares, (np.array([people]), EXACT), np.array([0]), 1)[0]


def test_of_certain_records_the_class_is_certain():
    assert served(records([1.0], [899])) == 1
    assert served(records([1.0], [901])) == 0
    assert served(records([], [])) == 0


def test_two_doubtful_records_fail_together_as_seldom_as_their_doubts_multiply():
    # 1 - 0.4 x 0.3 = 0.88, give or take three deviations of 256 draws.
    assert served(records([0.6, 0.7], [500, 600])) == pytest.approx(0.88, abs=0.061)


def test_a_record_at_the_edge_of_the_walk_is_as_likely_on_either_side():
    # Far from the record its circle is nearly straight: half of the directions come nearer.
    assert served(records([1.0], [900], error=20)) == pytest.approx(0.5, abs=0.1)


def test_as_many_worlds_as_the_stated_error_says_are_beyond_it():
    found = records(np.ones(40), np.full(40, 900.0), error=100)
    gap = WalkLimit(900.0 + 100.0, 1.0)
    shares = shares_served(
        Points(np.arange(40), np.ones(40), found.x, np.zeros(40)),
        Near(np.full((40, 1), 900.0), np.arange(40)[:, None]),
        draw(found),
        gap,
    )
    # From the record's own place it is exactly as far as it is off: 85 % within its error.
    assert shares.mean() == pytest.approx(0.85, abs=0.02)


def test_a_record_that_serves_one_street_serves_the_other_in_the_same_worlds():
    points = Points(np.array([0, 1]), np.ones(2), np.zeros(2), np.zeros(2))
    found = records([0.5], [100])
    shares = shares_served(
        points, Near(np.full((2, 1), 100.0), np.zeros((2, 1), int)), draw(found), WALK
    )
    assert (shares[0] == shares[1]).all()
    assert 0.4 < shares[0].mean() < 0.6


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 2000)), max_size=6), st.floats(0, 500))
def test_a_confidence_is_a_share(drawn, error):
    found = records(*(zip(*sorted(drawn, key=lambda r: r[1]), strict=True) if drawn else ([], [])),
                    error=error)  # fmt: skip
    assert 0 <= served(found) <= 1


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 2000)), min_size=1),
    st.floats(0, 300),
)
def test_more_certain_records_never_lower_the_confidence_that_one_serves(drawn, error):
    one, other, metres = zip(*sorted(drawn, key=lambda r: r[2]), strict=True)
    doubtful = served(records(np.minimum(one, other), metres, error))
    assert served(records(np.maximum(one, other), metres, error)) >= doubtful


def test_neither_order_nor_company_changes_what_a_record_draws():
    found = records([0.5, 0.5, 0.5], [1, 2, 3])
    turned = UncertainRecords(
        found.key[::-1], found.probability, found.error_metres, found.x, found.y
    )
    assert (serving(found) == serving(turned)[::-1]).all()
    assert (serving(found)[:1] == serving(records([0.5], [1]))).all()


def test_a_probability_is_one():
    with pytest.raises(BadInputError, match=r"1\.2"):
        records([1.2], [0])
    with pytest.raises(BadInputError, match="-1"):
        records([1.0], [0], error=-1)


def test_a_stale_record_of_an_uncertain_service_is_worth_less_than_a_fresh_one():
    found = likelihood(
        ["high", "high", "low", "?"], np.array([0, 0, 1, 1], bool), np.array([1, -np.inf, 0.5, 1])
    )
    assert found == pytest.approx([0.985, 0.985 * 0.74, 0.7 * 0.5 * 0.87, 0.35])


def test_most_people_decide_and_not_most_areas():
    shares = np.repeat(np.array([[1.0], [0.0]], np.float32), DRAWS, axis=1)
    exact = np.ones((2, DRAWS), np.float32)
    groups = np.zeros(2, int)
    assert for_most(shares, (np.array([60.0, 40.0]), exact), groups, 1) == [1]
    assert for_most(shares, (np.array([40.0, 60.0]), exact), groups, 1) == [0]
    assert np.isnan(for_most(shares, (np.zeros(2), exact), groups, 1)).all()


def test_a_factor_of_people_has_the_mean_and_the_spread_that_are_stated():
    drawn = factors([str(n) for n in range(500)], CHILDREN_CV)
    assert drawn.mean() == pytest.approx(1, abs=0.01)
    assert drawn.std() == pytest.approx(CHILDREN_CV, abs=0.01)


@given(st.lists(st.floats(0, 500), min_size=1, max_size=9))
def test_the_estimate_is_within_its_interval(people):
    low, high = interval(np.array(people), np.zeros(len(people), int), 1, CHILDREN_CV)
    assert 0 <= low <= sum(people) * (1 + 1e-9)
    assert high >= 0.999 * sum(people) or sum(people) < 1


def row_of_areas(count, metres):
    """One point in the middle of each area, from west to east."""
    return Points(np.arange(count), np.ones(count), np.arange(count) * metres, np.zeros(count))


def test_services_that_a_list_is_known_to_lack_stand_where_people_live():
    points = row_of_areas(2, 5000.0)
    unplaced = UnplacedServices(
        records([], []), np.zeros((0, 2), bool), 3, np.full(DRAWS, 1), "doposcuola"
    )
    spread = Spread(points, np.array([75.0, 25.0]))
    shares = with_unplaced(np.zeros((2, DRAWS), np.float32), spread, unplaced, WALK)
    # Two are missing: 1 - 0.25 x 0.25 and 1 - 0.75 x 0.75.
    assert shares.mean(axis=1) == pytest.approx([0.9375, 0.4375], abs=0.093)


def test_a_record_without_a_place_serves_only_where_it_may_be():
    points = row_of_areas(3, 5000.0)
    lost = records([1.0], [np.nan])
    unplaced = UnplacedServices(
        lost, np.array([[False, True, False]]), None, np.zeros(DRAWS, int), "nido"
    )
    spread = Spread(points, np.full(3, 10.0))
    shares = with_unplaced(np.zeros((3, DRAWS), np.float32), spread, unplaced, WALK)
    assert shares.mean(axis=1).tolist() == [0, 1, 0]


def test_where_nobody_lives_nothing_is_placed():
    spread = Spread(row_of_areas(2, 100.0), np.zeros(2))
    unplaced = UnplacedServices(
        records([], []), np.zeros((0, 2), bool), 9, np.zeros(DRAWS, int), "nido"
    )
    assert not with_unplaced(np.zeros((2, DRAWS), np.float32), spread, unplaced, WALK).any()


def test_the_probabilities_of_the_methods_page_are_computed_again():
    text = section("How sure a class is")
    rows = table(text)
    found = likelihood(
        rows["trust"],
        np.array([status == "unsure" for status in rows["status"]]),
        np.array(numbers(rows["freshness"])),
    )
    assert found.round(3).tolist() == numbers(rows["probability"])
    first, second = found[:2]
    assert f"= {1 - (1 - first) * (1 - second):.3f}`" in text


def test_the_interval_of_the_methods_page_is_computed_again():
    low, high = interval(np.full(4, 25.0), np.zeros(4, int), 1, CHILDREN_CV)
    told = f"between {low[0]:.1f} and {high[0]:.1f}, published as 70 and 140"
    assert told in section("Grey zones")
    assert np.array_equal(rounded([low[0], high[0]]), [70, 140])
    assert np.isnan(interval(np.array([np.nan]), np.zeros(1, int), 1, 0.37)).all()
    assert interval(np.array([0.0]), np.zeros(1, int), 1, 0.37) == (0, 0)


@pytest.mark.shared
def test_how_far_people_of_a_section_are_off_is_what_the_two_censuses_say(mirror):
    then = pd.read_csv(mirror / "population/Milano_cpa_2011.csv", sep=";", encoding="latin-1",
                       usecols=["NSEZ", "P1", "P14", "P16"])  # fmt: skip
    young, older = then["P14"].to_numpy(float), then["P16"].to_numpy(float)
    older = older * young.sum() / older.sum()
    ratio, many = young.sum() / then["P16"].sum(), then["P16"] >= 10
    beyond = ((young - older) ** 2 - young - ratio * older)[many].sum() / (older[many] ** 2).sum()
    assert np.sqrt(beyond) == pytest.approx(CHILDREN_CV, abs=0.005)
    now = gpd.read_file(
        mirror / "population/istat_sezioni_2021_milano.fgb", columns=["SEZ21", "POP21"]
    )
    both = now.merge(then, left_on="SEZ21", right_on="NSEZ").query("POP21 > 0 and P1 > 0")
    change = np.log(both["POP21"] / both["P1"])
    assert 1.4826 * (change - change.median()).abs().median() == pytest.approx(
        RESIDENTS_CV, abs=0.005
    )


@pytest.mark.shared
def test_trust_and_survival_are_what_the_registers_say(mirror, pack, tmp_path):
    registers = Registers(
        city("milano"), fetcher(Settings(var=tmp_path, mirror=mirror, data=pack), offline=True)
    )
    pharmacies, schools = registers.truths(pack / "quality")
    held = {one.service_id: one.provenance.source_id for one in schools.services}
    labels = {source: {schools.label.get(i) for i in held if held[i] == source} for source in
              ("scuole_2026", "scuole_lombarde")}  # fmt: skip
    asked = [schools.label.get(i) for i in held if held[i] == "scuole_2026"]
    confirmed = sum(one in labels["scuole_lombarde"] for one in asked) / len(asked)
    assert confirmed == pytest.approx(TRUST["high"], abs=0.0005)
    groups = match(pharmacies.services, epsg=32632).groups
    old = sum(one.provenance.source_id == "farmacie_2017" for one in pharmacies.services)
    assert len(groups) / old == pytest.approx(STALE, abs=0.005)
