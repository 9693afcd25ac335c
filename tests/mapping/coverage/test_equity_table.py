"""Two municipi of drawn sections: the walks are given, the indices follow by hand."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mapping.coverage.case_measure import Assessment
from mapping.coverage.cases import Case
from mapping.coverage.classes import STATUSES, WalkTimes
from mapping.coverage.declared import declared_premises
from mapping.coverage.equity_table import rows, sign, table
from mapping.coverage.list_extent import ListExtent
from mapping.coverage.origins import area_points
from mapping.coverage.situations import BASE
from mapping.coverage.study_area import StudyArea
from mapping.tables import INCOME_GRADIENT, INTERVAL
from mapping.taxonomy import category
from mapping.territory.areas import Layers, assemble
from tests.mapping.drawn_income import DECLARED, numbered
from tests.mapping.territory.test_areas import CITY, EAST, NORTH, boxes

NIDO = category("nido")
NAN = float("nan")


def measured(
    minutes: list[float],
    people: list[float],
    *,
    complete: bool = True,
    estimated: bool = False,
    services: int = 10,
) -> pd.DataFrame:
    """Sections 1 and 2 in the poorer municipio, 3 and 4 in the richer one."""
    sections = boxes("1", "2", "3", "4", residents=[100.0] * 4)
    civics = numbered(("A", EAST + 500), ("A", EAST + 1500), ("B", EAST + 2500), ("B", EAST + 3500))
    civics.y[:] += NORTH
    parts = boxes("1", "2", "3", "4").dissolve([1, 1, 2, 2]).assign(area_id=["1", "2"])
    areas = assemble(Layers(parts, sections=sections, income=DECLARED), CITY, civics)
    seconds = np.array(minutes) * 60
    none, count = np.zeros((4, 1), int), len(STATUSES)
    walk = WalkTimes(
        seconds[:, None], none, (seconds,) * count, (none[:, 0],) * count, seconds * 0, seconds
    )
    case = Case(
        NIDO,
        "adult",
        SimpleNamespace(outside=np.zeros(services, bool)),
        none[:0, 0],
        None,
        none[:0] > 0,
        extent=ListExtent(complete, np.full(4, np.inf if complete else 0.0), np.zeros(4, bool)),
        declared=declared_premises(None, "nido", CITY.epsg),
        situations=(BASE,),
    )
    counted = np.array(people, float)
    found = Assessment(case, BASE, walk, np.zeros(4, np.int8), counted, counted, 0.0, None)
    points = area_points(np.array([s.centroid for s in areas.cells.shapes]))
    walkers = {} if estimated else {"adult": None}
    return table(rows(found, StudyArea(areas, points, walkers))).set_index("area_id")


def test_half_who_walk_three_times_as_far_make_a_gini_of_a_quarter():
    # Of 40 minutes one half walks 30: twice the area under the curve is 1.25.
    found = measured([15, 15, 5, 5], [10, 10, 10, 10])
    assert found.loc[CITY.istat, "gini"] == pytest.approx(0.25)
    assert found.loc[["1", "2"], "gini"].tolist() == [0, 0]


def test_walks_are_told_by_postcode_and_two_of_them_make_no_order():
    found = measured([15, 15, 5, NAN], [100, 50, 48, 100])
    postcodes = found[found["level"] == "cap"]
    assert postcodes["mean_income_euro"].to_dict() == {"A": 15_000, "B": 100_000}
    assert postcodes["demand"].to_dict() == {"A": 150, "B": 50}
    assert postcodes["minutes"].to_dict() == {"A": 15, "B": 5}
    # Of under 50 people no mean is told; whoever reaches nothing is in none.
    few = measured([15, 15, 5, NAN], [100, 50, 47, 100])
    assert np.isnan(few.loc["B", "minutes"])
    by_income = [f"{name}{end}" for name in INCOME_GRADIENT for end in INTERVAL]
    assert found[by_income].isna().all(axis=None)


def test_lack_is_told_of_complete_lists_along_streets_alone():
    walk = NIDO.walk_minutes
    columns = ["lack_share", "lack_depth", "lack_severity"]
    minutes, people = [1.5 * walk, walk, 3 * walk, 1], [10, 10, 10, 10]
    found = measured(minutes, people)
    assert found.loc[CITY.istat, columns].tolist() == pytest.approx([0.5, 0.375, 0.312])
    unsure = measured(minutes, people, estimated=True)
    assert unsure[columns].isna().all(axis=None)
    assert unsure.query("level != 'cap'")["gini"].notna().all()


def test_who_is_not_known_or_reaches_nothing_is_left_out():
    found = measured([10, NAN, 10, 90], [10, 10, 10, 0])
    assert found["gini"].dropna().tolist() == [0, 0, 0]
    assert list(measured([NAN, NAN, 10, 10], [10] * 4).index) == [CITY.istat, "2", "B"]
    assert measured([10] * 4, [NAN] * 4).empty


def test_of_few_services_or_a_partial_list_nothing_is_told_of_walks(monkeypatch):
    monkeypatch.setattr("mapping.coverage.postcode_equity.MIN_POSTCODES", 2)
    minutes, people = [15, 15, 5, 5], [100, 50, 60, 100]
    by_income = [f"{name}{end}" for name in INCOME_GRADIENT for end in INTERVAL]
    figures = ["gini", "palma", "minutes", "lack_share", "lack_depth", "lack_severity"]
    told = measured(minutes, people)
    assert told["concentration"].notna().sum() == 1
    assert told[figures].notna().any().all()
    for silent in (
        measured(minutes, people, services=9),
        measured(minutes, people, complete=False),
    ):
        assert silent[[*figures, *by_income]].isna().all(axis=None)
        assert silent["demand"].to_dict() == pytest.approx(told["demand"].to_dict(), nan_ok=True)


def test_indices_have_three_decimals():
    found = measured([15, 14, 5, 5], [10, 20, 30, 10])
    figures = found.loc[CITY.istat, ["gini", "palma", "lack_depth"]].astype(float)
    assert figures.tolist() == figures.round(3).tolist()
    assert figures["gini"] > 0


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [(-0.02, -0.005, -1), (-0.02, -0.004, 0), (0.004, 0.03, 0), (0.005, 0.03, 1), (NAN, NAN, 0)],
)
def test_an_interval_that_ends_near_zero_has_no_sign(low, high, told):
    assert sign(low, high) == told
