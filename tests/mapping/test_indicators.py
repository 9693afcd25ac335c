"""Indicators: every column is published, and classes divide the values as they promise."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import BadInputError
from mapping.indicators import UNKNOWN, Scale, indicator, indicators, scale
from mapping.maps.choropleth_svg import STROKES, marks
from mapping.tables import AREAS, CLASSES, COVERAGE, THRESHOLDS_MINUTES

NUMBERS = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=60)


@pytest.mark.parametrize("one", indicators().values(), ids=lambda one: one.id)
def test_every_indicator_stands_in_a_published_column(one):
    columns = {"coverage": COVERAGE, "areas": AREAS}[one.table].columns
    for threshold in THRESHOLDS_MINUTES:
        assert one.column.format(threshold=threshold) in columns


def test_sections_are_told_of_class_sureness_and_minutes_only():
    shown = [one.id for one in indicators().values() if one.sections]
    assert shown == ["class", "sureness", "seconds"]


def test_what_rests_on_incomes_is_told_of_no_nil():
    of_income = [one.id for one in indicators().values() if not one.is_told_of("nil")]
    assert of_income == ["low_income_served", "children_low_income", "mean_income_euro"]
    assert all(indicator(name).is_told_of("municipio") for name in of_income)
    assert not any(indicator(name).is_told_of("section") for name in of_income)
    by_income = {one.id for one in indicators().values() if "income" in one.column}
    assert by_income == set(of_income)


def test_values_are_given_in_the_unit_that_is_said():
    assert indicator("seconds").value({"seconds": 90.0}, 15) == 1.5
    assert indicator("within").value({"share_10": 0.25}, 10) == 25.0
    assert indicator("class").value({"class": "far"}, 15) == "far"


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_what_is_not_known_is_no_number(missing):
    assert indicator("seconds").value({"seconds": missing}, 15) is None


def test_an_unknown_indicator_is_refused_with_those_that_are_known():
    with pytest.raises(BadInputError, match=r"Unknown indicator 'altezza'. Use one of: class,"):
        indicator("altezza")


def test_a_value_on_a_border_belongs_to_the_lower_class():
    minutes = scale(indicator("seconds"), [])
    assert [minutes.step(value) for value in (5.0, 5.01, 30.0, 31.0, None)] == [0, 1, 4, 5, UNKNOWN]


def test_named_classes_keep_their_place_whatever_occurs():
    named = scale(indicator("class"), ["far"])
    assert [CLASSES[named.step(name)] for name in CLASSES] == list(CLASSES)


def test_five_parts_have_as_many_areas_each():
    found = scale(indicator("demand"), [50.0 * number for number in range(1, 101)])
    steps = [found.step(50.0 * number) for number in range(1, 101)]
    assert found.quantiles
    assert [steps.count(step) for step in range(5)] == [20] * 5


@given(NUMBERS)
def test_a_larger_value_is_never_in_a_lower_class(values):
    found = scale(indicator("mean_income_euro"), values)
    steps = [found.step(value) for value in sorted(values)]
    assert steps == sorted(steps)
    assert 0 <= steps[0] <= steps[-1] < found.steps


@given(NUMBERS)
def test_the_highest_class_is_never_empty(values):
    found = scale(indicator("demand"), values)
    assert found.step(max(values)) == found.steps - 1


@pytest.mark.parametrize("one", indicators().values(), ids=lambda one: one.id)
def test_every_class_of_a_map_looks_different(one):
    found = scale(one, [float(number) for number in range(50)])
    drawn = marks(one, found)
    assert len(set(drawn.values())) == len(drawn)
    assert {pattern for _, pattern in drawn.values()} <= {"", *STROKES}


def test_the_darkest_colour_is_the_worst():
    far, served = (
        marks(indicator(name), Scale((50.0,), quantiles=False))
        for name in ("seconds", "share_served")
    )
    assert far[0] == served[1]
    assert far[1] == served[0]


def test_the_method_of_every_indicator_is_a_heading_of_the_methods() -> None:
    text = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    headings = {line.lstrip("# ") for line in text.splitlines() if line.startswith("#")}
    assert {one.method for one in indicators().values()} <= headings
