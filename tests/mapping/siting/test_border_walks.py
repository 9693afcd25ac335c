"""Plans walk to services over the border as coverage does, also where streets lack there."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.sparse import csr_array

from mapping.coverage.border import Beyond
from mapping.siting.answers import change, fragile, site
from mapping.siting.asks import Ask, SiteAsk
from mapping.siting.border_walks import BorderWalks
from mapping.siting.inputs import PlanData
from mapping.siting.requested_changes import RequestedChange
from tests.mapping.siting.test_answers import drawn, nido

# Between 500 and 700 m the street lacks; the way around is 1000 m south, and 1000 m back. The
# nido over the border is 220 m from the western piece, and 2720 m by the streets that are known.
SIDES = ["|           |"] * 9
CUT = "\n".join(["A----B C----D", *SIDES, "E-----------F"])
NEVER = np.nan
AROUND = BorderWalks(
    np.array([1]), np.array([[50.0, 90.0, NEVER]]), np.array([[1, 0, -1]]), np.zeros(2, bool)
)
"""From home 1 to the services 1 and 0 over the border."""


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> PlanData:
    outside = Beyond([nido("fuori", 720)], frozenset({"nido"}))
    root = tmp_path_factory.mktemp("taglio")
    return drawn(root, nido("est", 1200), beyond=outside, street=CUT)


def covered(data: PlanData) -> float:
    """Whom coverage counts within a quarter of an hour, in the whole city."""
    rows = data.edition.table("coverage.parquet").to_pylist()
    (city,) = [
        row
        for row in rows
        if (row["level"], row["profile"], row["window"], row["requirement"])
        == ("municipality", "adult", "any", "any")
    ]
    return float(city["share_15"])


def test_a_plan_counts_as_coverage_does_where_streets_lack_over_the_border(
    cut: PlanData, tmp_path: Path
) -> None:
    alone = drawn(tmp_path, nido("est", 1200), street=CUT)

    said = site(cut, SiteAsk("nido"))

    assert said["before"]["share"] == pytest.approx(covered(cut), abs=0.03)
    # The western piece has no other within its walk.
    assert covered(cut) - site(alone, SiteAsk("nido"))["before"]["share"] > 0.3
    # The problem that is solved has the walks that are told.
    assert said["solution"]["before"] == said["before"]["within"]


def test_whoever_has_only_an_estimated_walk_is_warned_of(cut: PlanData, tmp_path: Path) -> None:
    alone = drawn(tmp_path, nido("est", 1200), street=CUT)
    closed = [RequestedChange("close", "prova:est")]
    for said in (site(cut, SiteAsk("nido")), change(cut, Ask("nido"), closed),
                 fragile(cut, Ask("nido"))):  # fmt: skip
        (warning,) = (one for one in said["warnings"] if one["code"] == "border_estimated")
        by_streets = site(alone, SiteAsk("nido"))["before"]["within"]
        within = site(cut, SiteAsk("nido"))["before"]["within"]
        assert warning["number"] == pytest.approx(within - by_streets, abs=10)
    codes = {one["code"] for one in site(alone, SiteAsk("nido"))["warnings"]}
    assert "border_estimated" not in codes


def test_one_answer_has_one_number_of_who_rests_on_an_estimate(cut: PlanData) -> None:
    asks = [SiteAsk("nido", minutes=minutes) for minutes in (8, 10, 12, 15, 17)]
    closed = [RequestedChange("close", "prova:est")]
    for ask in asks:
        for said in (site(cut, ask), change(cut, Ask("nido", minutes=ask.minutes), closed)):
            told = [one["number"] for one in said["warnings"] if one["code"] == "border_estimated"]
            assert sum(told) == said["before"]["within_estimated"]


def test_a_closure_that_estimates_move_is_marked_and_listed_by_either_place(
    tmp_path: Path,
) -> None:
    # The one near the border would be missed most if nobody walked over it as the crow flies.
    outside = Beyond([nido("fuori", 720)], frozenset({"nido"}))
    placed = nido("ovest", 100), nido("est", 1200)
    data = drawn(tmp_path, *placed, beyond=outside, street=CUT)
    told = fragile(data, Ask("nido", minutes=17))["services"]
    assert [one["rank"] for one in told] == [1, 2]
    for one in told:
        assert one["rank_estimated"] == (one["rank"] != one["rank_by_streets"])
    by_streets = sorted(told, key=lambda one: -(one["losing"] + one["losing_estimated"]))
    assert [one["name"] for one in by_streets] != [one["name"] for one in told]
    assert [one["rank_by_streets"] for one in by_streets] == [1, 2]
    assert all(one["rank_estimated"] for one in told)
    # Asked for the first alone, whoever would be the first along streets is told beside it.
    assert len(fragile(data, Ask("nido", minutes=17), count=1)["services"]) == 2


def test_scenarios_and_closures_count_them_too(cut: PlanData) -> None:
    said = change(cut, Ask("nido"), [RequestedChange("close", "prova:est")])

    assert said["before"]["share"] == pytest.approx(covered(cut), abs=0.03)
    # The eastern piece has the one over the border on its own street: nobody there needs the other.
    (lost,) = fragile(cut, Ask("nido"))["services"]
    gone = said["before"]["within"] - said["after"]["within"]
    assert lost["losing"] == pytest.approx(gone, abs=5)


def test_of_two_walks_to_one_service_the_shorter_counts() -> None:
    walked = np.array([[10.0], [60.0]]), np.array([[0], [2]])

    seconds, service = AROUND.beside(walked, first=1)

    # Services 1 and 2 of all are 0 and 1 over the border.
    assert_array_equal(seconds, [[10.0], [50.0]])
    assert_array_equal(service, [[0], [2]])
    assert_array_equal(walked[0], [[10.0], [60.0]])


def test_a_matrix_of_walks_takes_those_that_are_short_enough() -> None:
    streets = csr_array((np.array([0.0, 70.0, 80.0]), ([0, 1, 1], [0, 0, 2])), shape=(2, 3))

    joined = AROUND.within(streets, first=1, max_seconds=60).tocoo()

    # A walk of no time stays; service 1 over the border takes 50 s, no longer 80; 90 s are too far.
    pairs = dict(zip(zip(joined.row.tolist(), joined.col.tolist(), strict=True), joined.data,
        strict=True))  # fmt: skip
    assert pairs == {(0, 0): 0.0, (1, 0): 70.0, (1, 2): 50.0}
