"""How sure a class is: drawn areas, and worlds that can be counted by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.i18n.language import words
from api.jobs.build import fetcher
from api.planner.labels import Teller
from api.settings import Settings
from ingest.evaluation.geocoding_accuracy import Registers
from ingest.evaluation.survival_counts import count_survivors
from mapping.city import city
from mapping.coverage.classes import HOURS_UNKNOWN, SURE
from mapping.coverage.confidence.doubt import Doubt
from mapping.coverage.confidence.draws import (
    CHILDREN_CV,
    DRAWS,
    RESIDENTS_CV,
    TRUST,
    UncertainRecords,
    draw,
    factors,
    uniform,
)
from mapping.coverage.confidence.simulate import Near, WalkLimit, for_most, interval, shares_served
from mapping.coverage.confidence.sureness import of_all, sureness
from mapping.coverage.confidence.survival import (
    calibration,
    families,
    is_calibrated,
    survival,
)
from mapping.coverage.origins import Points
from mapping.coverage.sureness_words import italian_sureness
from mapping.disclosure import disclosed_probability, rounded
from mapping.errors import BadInputError
from mapping.tables import SURENESS
from tests.mapping.worked import numbers, section, table

WALK = WalkLimit(walk_seconds=900.0, seconds_per_metre=1.0)
ONE_POINT = Points(np.array([0]), np.array([1.0]), np.array([0.0]), np.array([0.0]))
EXACT = np.ones((1, DRAWS), np.float32)


def records(metres, error=0.0):
    """Records east of the origin."""
    count = len(metres)
    return UncertainRecords(
        [f"r{n}" for n in range(count)],
        np.full(count, float(error)),
        np.array(metres, float),
        np.zeros(count),
    )


def near(found):
    """Their walks from the origin, a second for a metre."""
    return Near(found.x[None, :], np.arange(len(found.x))[None, :])


def drawn(found, probability):
    """What each draws, if it serves with a probability."""
    serves = uniform(found.key, "serves") < np.array(probability, float)[:, None]
    return draw(found)._replace(serves=serves.view(np.uint8))


def served(probability, metres, error=0.0):
    found = records(metres, error)
    shares = shares_served(ONE_POINT, near(found), drawn(found, probability), WALK)
    return for_most(shares, (np.array([1.0]), EXACT), np.array([0]), 1)[0]


def test_of_certain_records_the_answer_is_certain():
    assert served([1.0], [899]) == 1
    assert served([1.0], [901]) == 0
    assert served([], []) == 0


def test_two_doubtful_records_fail_together_as_seldom_as_their_doubts_multiply():
    # 1 - 0.4 x 0.3 = 0.88, give or take three deviations of 256 draws.
    assert served([0.6, 0.7], [500, 600]) == pytest.approx(0.88, abs=0.061)


def test_a_record_at_the_edge_of_the_walk_is_as_likely_on_either_side():
    # Far from the record its circle is nearly straight: half of the directions come nearer.
    assert served([1.0], [900], error=20) == pytest.approx(0.5, abs=0.1)


def test_as_many_worlds_as_the_stated_error_says_are_beyond_it():
    found = records(np.full(40, 900.0), error=100)
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
    found = records([100])
    shares = shares_served(
        points, Near(np.full((2, 1), 100.0), np.zeros((2, 1), int)), drawn(found, [0.5]), WALK
    )
    assert (shares[0] == shares[1]).all()
    assert 0.4 < shares[0].mean() < 0.6


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 2000)), max_size=6), st.floats(0, 500))
def test_a_probability_is_a_share(told, error):
    told = sorted(told, key=lambda record: record[1])
    assert 0 <= served([one for one, _ in told], [metres for _, metres in told], error) <= 1


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 2000)), min_size=1),
    st.floats(0, 300),
)
def test_more_certain_records_never_make_it_less_likely_that_one_serves(told, error):
    first, second, metres = zip(*sorted(told, key=lambda record: record[2]), strict=True)
    doubtful = served(np.minimum(first, second), metres, error)
    assert served(np.maximum(first, second), metres, error) >= doubtful


def test_neither_order_nor_company_changes_what_a_record_draws():
    keys = ["r0", "r1", "r2"]
    assert (uniform(keys, "serves") == uniform(keys[::-1], "serves")[::-1]).all()
    assert (uniform(keys, "serves")[:1] == uniform(["r0"], "serves")).all()


def test_an_error_is_not_negative():
    with pytest.raises(BadInputError, match="-1"):
        records([0], error=-1)


def test_the_survival_of_the_methods_page_is_computed_again():
    text = section("How sure it is that a service is near")
    rows = table(text.partition("times how often")[0])
    ages = np.array(numbers(rows["years"]))
    low, high = survival("farmacia", ages)
    assert low.round(3).tolist() == numbers(rows["at the least"])
    assert high.round(3).tolist() == numbers(rows["at the most"])


@given(st.floats(0, 60), st.floats(0, 60))
def test_records_never_become_truer_with_the_years(years, more):
    early, late = (survival("farmacia", np.array([age])) for age in (years, years + more))
    assert 0 <= late.low <= early.low <= 1
    assert 0 <= late.high <= early.high <= 1
    assert early.low <= early.high


def test_a_fresh_record_is_as_true_as_its_source():
    low, high = survival("farmacia", np.zeros(1))
    assert low == high == 1


def test_no_curve_is_lent_to_another_family():
    assert calibration("farmacia") == "all"
    for code in ("nido", "consultorio", "doposcuola", "pediatra"):
        assert calibration(code) == "none"
        assert survival(code, np.ones(2)) is None


def test_a_curve_of_state_schools_says_nothing_of_schools_that_no_state_runs():
    for code in ("scuola_infanzia", "scuola_primaria", "scuola_secondaria_1"):
        assert calibration(code) == "some"
        assert is_calibrated(code, "state")
        for owner in ("not_state", "municipal", "accredited", "private", None, float("nan")):
            assert not is_calibrated(code, owner)
    owned = of_category("scuola_infanzia", ownership=("state", "not_state"))
    low, high = owned.probability(np.full(2, SURE))
    assert 0 < low[0] < high[0] < 1
    assert (low[1], high[1]) == (0, 1)


def of_category(code, *, age_years=(1.0, 1.0), vouched=(True, True), ownership=(None, None)):
    """Two records of a category, 100 m from the origin."""
    found = records([100.0, 100.0])
    return Doubt(
        found, np.ones(2), np.array(age_years), np.array(vouched), np.array(ownership), code
    )


def test_what_is_not_known_of_a_record_widens_its_band_and_is_no_half():
    sure = np.full(2, SURE)
    known = of_category("farmacia").probability(sure)
    undated = of_category("farmacia", age_years=(np.nan, 1.0)).probability(sure)
    assert (undated.low[0], undated.high[0]) == (0, 1)
    assert undated.low[1] == known.low[1]
    unvouched = of_category("farmacia", vouched=(False, True)).probability(sure)
    assert (unvouched.low[0], unvouched.high[0]) == (0, known.high[0])
    unasked = of_category("farmacia").probability(np.full(2, HOURS_UNKNOWN))
    assert (unasked.low == 0).all()
    assert (unasked.high == known.high).all()
    assert of_category("nido").probability(sure) is None


def test_services_of_one_programme_stay_or_end_together(laid):
    registers = """
[project]
label = "a progetto"
common_fate = true
[[project.registers]]
name = "Inventato per la prova"
records = 100
outliving = 50
low = 0.4
high = 0.6
years = 1.0
source = "Inventato"
"""
    folder = {"survival.toml": registers}
    laid(folder)
    doubt = of_category("doposcuola", age_years=(1.0, 1.0))
    low, high = doubt.shares(np.full(2, SURE), near(doubt.records), ONE_POINT, WALK)
    least, most = doubt.probability(np.full(2, SURE))
    # Two that end together are one; two that end apart leave one more often.
    assert low.mean() == pytest.approx(least[0], abs=0.1)
    assert high.mean() == pytest.approx(1 - (1 - most[0]) ** 2, abs=0.1)


@pytest.mark.parametrize(
    ("low", "high", "absent", "word"),
    [
        (0.95, 1.0, False, "surely_there"),
        (0.6, 1.0, False, "likely_there"),
        (0.4, 0.6, False, "unknown"),
        (0.0, 0.05, False, "unknown"),  # of an incomplete list
        (0.0, 0.05, True, "likely_missing"),  # until a test shows that it holds
        (0.0, 0.1, True, "likely_missing"),
        (0.1, 0.4, True, "likely_missing"),
        (0.1, 0.6, True, "unknown"),
        (np.nan, np.nan, True, "unknown"),
    ],
)
def test_the_cautious_end_chooses_the_word(low, high, absent, word):
    chosen = sureness(np.array([low]), np.array([high]), np.array([absent]))
    assert SURENESS[chosen[0]] == word


def test_nothing_is_almost_certain_of_people_who_are_split():
    word = dict(zip(SURENESS, range(len(SURENESS)), strict=True))
    spoken = np.array([word["surely_there"]] * 2 + [word["surely_missing"]] * 2 + [word["unknown"]])
    kept = of_all(spoken.astype(np.int8), np.array([0.79, 0.81, 0.21, 0.19, 0.5]))
    assert [SURENESS[one] for one in kept] == [
        "likely_there", "surely_there", "likely_missing", "surely_missing", "unknown",
    ]  # fmt: skip


def test_a_word_below_its_percent_says_who_keeps_it_there():
    teller, rule = Teller(words("it")), "più di una persona su cinque ne resta senza"
    assert teller.sureness("likely_there", (0.93, 0.97)).endswith(
        f"fra 93% e oltre il 97%; ma {rule})"
    )
    for word, low in (("likely_there", 0.89), ("surely_there", 0.93), ("likely_missing", 0.03)):
        assert rule not in teller.sureness(word, (low, 0.97))


def test_no_probability_is_published_as_nought_or_certain():
    clipped = disclosed_probability([0.0, 0.03, 0.5, 1.0, np.nan])
    assert clipped[:4].tolist() == [0.03, 0.03, 0.5, 0.97]
    assert np.isnan(clipped[4])
    ends = [(clipped[low], clipped[high]) for low, high in ((0, 1), (3, 3), (0, 2))]
    assert [italian_sureness("likely_missing", end) for end in ends] == [
        f"probabile che manchi (probabilità che ce ne sia uno vicino: {share})"
        for share in ("meno del 3%", "oltre il 97%", "fra meno del 3% e 50%")
    ]


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
def test_the_registers_of_the_curves_are_counted_again(mirror, pack, tmp_path):
    registers = Registers(
        city("milano"), fetcher(Settings(var=tmp_path, mirror=mirror, data=pack), offline=True)
    )
    written = {entry.name: entry for family in families().values() for entry in family.registers}
    counts = [count_survivors(entry, registers.find) for entry in registers.city.survivors]
    assert {count.name for count in counts} == set(written)
    for count in counts:
        entry = written[count.name]
        assert (len(count.surviving), count.surviving.sum()) == (entry.records, entry.outliving)
        assert count.years == entry.years
        assert count.interval == pytest.approx((entry.low, entry.high), abs=0.0005)


@pytest.mark.shared
def test_trust_is_what_the_registers_say(mirror, pack, tmp_path):
    registers = Registers(
        city("milano"), fetcher(Settings(var=tmp_path, mirror=mirror, data=pack), offline=True)
    )
    _, schools = registers.truths(pack / "quality")
    held = {one.service_id: one.provenance.source_id for one in schools.services}
    labels = {source: {schools.label.get(i) for i in held if held[i] == source} for source in
              ("scuole_2026", "scuole_lombarde")}  # fmt: skip
    asked = [schools.label.get(i) for i in held if held[i] == "scuole_2026"]
    confirmed = sum(one in labels["scuole_lombarde"] for one in asked) / len(asked)
    assert confirmed == pytest.approx(TRUST["high"], abs=0.0005)
