"""A plan counts from what coverage counts, in every category."""

from pathlib import Path

import pytest

from mapping.city import city
from mapping.disclosure import public_categories
from mapping.edition.edition import Edition, current
from mapping.edition.queries import people_of_share, usual_threshold
from mapping.errors import ProssimaError
from mapping.siting.answers import change
from mapping.siting.asks import Ask
from mapping.siting.inputs import PlanData
from mapping.siting.requested_changes import RequestedChange

ADULT = {"profile": "adult", "window": "any", "requirement": "any"}
DUOMO = {"lon": 9.19, "lat": 45.464}


@pytest.fixture(scope="module")
def data(milano_var: Path) -> PlanData:
    return PlanData(Edition.open(current(milano_var / "editions")), city("milano"))


@pytest.mark.shared
@pytest.mark.parametrize(
    "code", [code for code, kind in public_categories().items() if kind.is_demand_declared]
)
def test_who_is_served_before_a_plan_is_who_is_served_in_coverage(data: PlanData, code: str):
    rows = data.edition.service_rows
    if not any(row.is_destination for row in rows if code in row.categories):
        with pytest.raises(ProssimaError):
            change(data, Ask(code), [RequestedChange("add", **DUOMO)])
        return
    said = change(data, Ask(code), [RequestedChange("add", **DUOMO)])
    column = f"share_{usual_threshold(code)}"
    rows = {
        (level, row["area_id"]): row
        for level in ("municipality", "municipio", "nil")
        for row in data.edition.coverage(category=code, level=level, **ADULT).to_pylist()
    }
    (whole,) = (row for (level, _), row in rows.items() if level == "municipality")
    assert said["before"]["within"] == people_of_share(whole, column)
    for area in said["areas"]:
        row = rows.get((area["level"], area["area_id"]))
        if row is not None and row["demand"]:
            assert area["people"] == row["demand"]
            share = row[column]
            assert area["before"]["share"] == (None if share is None else round(share, 2))


@pytest.mark.shared
def test_what_coverage_does_not_count_is_counted_by_the_plan_alone(data: PlanData):
    added = [RequestedChange("add", **DUOMO)]
    usual = change(data, Ask("farmacia"), added)["before"]["within"]
    for other in (Ask("farmacia", minutes=11), Ask("farmacia", basis="verified")):
        assert change(data, other, added)["before"]["within"] != usual


@pytest.mark.shared
@pytest.mark.parametrize(
    ("code", "more"), [("farmacia", {"minutes": 11}), ("uonpia", {"minutes": 40}), ("farmacia", {})]
)
def test_the_people_of_the_city_are_those_of_coverage_at_any_walk(data: PlanData, code, more):
    (city_row,) = data.edition.coverage(category=code, level="municipality", **ADULT).to_pylist()
    basis = "all" if more else "verified"
    far = {"lon": 9.0735, "lat": 45.4520}  # Muggiano, which has no pharmacy
    said = change(data, Ask(code, basis=basis, **more), [RequestedChange("add", **far)])
    assert said["areas"][0]["people"] == city_row["demand"]
