"""Plans count whom each category is declared to be for: on a drawn street of 3000 people."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from api.i18n.language import words
from api.i18n.plan_sentences import change_in_words, site_in_words
from mapping.errors import BadInputError, NoRecordsError, UndeclaredDemandError
from mapping.siting.answers import change, fragile, site
from mapping.siting.asks import Ask, SiteAsk
from mapping.siting.inputs import PlanData
from mapping.siting.requested_changes import RequestedChange
from mapping.territory.areas import Layers
from mapping.territory.census_children import FERTILE_CLASSES, LATER_CLASSES
from tests.mapping.drawn_city import EAST, MILANO, NORTH, place
from tests.mapping.siting.test_answers import drawn, nido

EAST_END = dict(zip(("lon", "lat"), place(2400), strict=True))
COUNTED = {
    "nido": (110, "bambini di 3-36 mesi", "bambini", "children"),
    "farmacia": (3000, "residenti", "residenti", "residents"),
    "consultorio": (840, "donne di 15-49 anni", "donne di 15-49 anni", "women_15_49"),
    "punto_nascita": (40, "bambini sotto un anno", "bambini sotto un anno", "births"),
}
"""People of the street, the unit of an answer, how sentences name them, and the code."""


def layers() -> Layers:
    """3000 people, 200 in each class of five years; 80 of 200 are men."""
    box = shapely.box(EAST - 500, NORTH - 500, EAST + 3500, NORTH + 500)
    area = {"area_id": ["1"], "name": ["Disegnato"], "residents": [3000.0]}
    frame = gpd.GeoDataFrame(area, geometry=[box], crs=MILANO.epsg).to_crs(4326)
    classes = {"0_4", "5_9", "10_14", "15_19", *LATER, *FERTILE_CLASSES}
    ages = {f"class_{name}": [200.0] for name in classes}
    men = {f"male_{name}": [80.0] for name in FERTILE_CLASSES}
    census = pd.DataFrame({"area_id": ["1"], "residents": [3000.0], **ages, **men})
    return Layers(frame, frame, sections=frame, census=census)


LATER = [name.removeprefix("class_") for name in LATER_CLASSES]


@pytest.fixture(scope="module")
def ground(tmp_path_factory) -> PlanData:
    every = (*COUNTED, "access_point")
    west = nido("ovest", 0).model_copy(update={"categories": every})
    return drawn(tmp_path_factory.mktemp("contati"), west, on=layers())


@pytest.mark.parametrize("category", COUNTED)
def test_a_plan_counts_whom_the_category_is_for_and_names_them(
    ground: PlanData, category: str
) -> None:
    people, unit, named, counted = COUNTED[category]
    italian = words("it")
    proposed = site_in_words(site(ground, SiteAsk(category, minutes=15, count=1)), italian)
    moved = change(ground, Ask(category, minutes=15), [RequestedChange("add", **EAST_END)])
    ranked = fragile(ground, Ask(category, minutes=15))
    assert proposed["before"]["people"] == people
    assert (proposed["unit"], proposed["counted"]) == (unit, counted)
    # 36 of the 60 points are beyond the first service, and near to the second.
    assert moved["after"]["within"] - moved["before"]["within"] == pytest.approx(
        people * 36 / 60, abs=5
    )
    assert ranked["services"][0]["losing"] == moved["before"]["within"]
    assert f" {named} in più entro 15 minuti" in proposed["sites"][0]["words"]
    assert f" {named} in più" in change_in_words(moved, italian)["words"]
    assert bool(proposed["sites"][0]["by_age"]) == (counted in ("children", "births"))


def test_nobody_is_counted_where_nobody_has_declared_whom_it_is_for(ground: PlanData) -> None:
    for plan in (
        lambda: site(ground, SiteAsk("access_point")),
        lambda: fragile(ground, Ask("access_point")),
        lambda: change(ground, Ask("access_point"), [RequestedChange("add", **EAST_END)]),
    ):
        with pytest.raises(UndeclaredDemandError, match="whom 'access_point' is for") as refused:
            plan()
        assert "\n" not in str(refused.value)
    with pytest.raises(NoRecordsError):  # that there is nothing to walk to is told first
        fragile(ground, Ask("wemi"))


@pytest.mark.parametrize("category", ["farmacia", "consultorio", "access_point"])
def test_low_income_is_a_weight_of_children_alone(category: str) -> None:
    with pytest.raises(BadInputError, match=f"'{category}' is declared for others"):
        Ask(category, weight="low-income")
    assert Ask("punto_nascita", weight="low-income").weight == "low-income"


@pytest.fixture
def poor(ground: PlanData) -> PlanData:
    """The same street, where a quarter of all children are of low income."""
    data = PlanData(ground.edition, ground.city)
    data.demand = replace(ground.demand, low_income_share=np.full(len(ground.demand.x), 0.25))
    return data


def test_nobody_of_low_income_is_counted_in_less_than_a_postcode(poor: PlanData) -> None:
    weighed, asked = (SiteAsk("nido", count=1, weight=each) for each in ("low-income", "people"))
    plan, of_all = (site_in_words(site(poor, ask), words("it")) for ask in (weighed, asked))
    for figures in ("before", "after", "sites", "words", "unit", "counted"):
        assert plan[figures] == of_all[figures]
    assert "low_income_uncounted" in [warning["code"] for warning in plan["warnings"]]
    assert {plan["solution"][name] for name in ("before", "objective", "bound")} == {None}
    with pytest.raises(BadInputError, match="for new sites alone"):
        change(poor, Ask("nido", weight="low-income"), [RequestedChange("add", **EAST_END)])
    with pytest.raises(BadInputError, match="for new sites alone"):
        fragile(poor, Ask("nido", weight="low-income"))
    with pytest.raises(BadInputError, match="would tell by its places"):
        SiteAsk("nido", weight="low-income", objective="capacity", places=20)


@pytest.mark.parametrize("objective", ["cover", "median"])
def test_a_plan_tells_the_site_alone_that_low_income_chose(
    ground: PlanData, objective: str
) -> None:
    """However many of low income live near it, the answer is the same to the last number."""
    answers = []
    for part in (0.25, 0.5, 1.0):
        share = np.full(len(ground.demand.x), part)
        data = PlanData(ground.edition, ground.city)
        data.demand = replace(ground.demand, low_income_share=share)
        for minutes in (10, 15):
            ask = SiteAsk("nido", minutes=minutes, weight="low-income", objective=objective)
            answers.append(site(data, ask))
            del answers[-1]["solution"]["seconds"]
    assert answers[0::2] == [answers[0]] * 3
    assert answers[1::2] == [answers[1]] * 3


def test_a_city_without_men_and_women_counts_no_women(tmp_path: Path) -> None:
    alone = nido("ovest", 0).model_copy(update={"categories": ("consultorio",)})
    with pytest.raises(BadInputError, match="No source tells the ages"):
        fragile(drawn(tmp_path, alone), Ask("consultorio"))


def test_residents_and_women_are_held_by_fives_as_children_are(ground: PlanData) -> None:
    for people in (ground.demand.residents, ground.demand.women):
        assert np.round(people.sum(), 6) % 5 == 0
