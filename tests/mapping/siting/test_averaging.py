"""A thousand scenarios beside each other tell no finer number than one: a drawn street of 3 km."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping.siting.answers import change
from mapping.siting.asks import Ask
from mapping.siting.inputs import PlanData
from mapping.siting.requested_changes import RequestedChange
from mapping.territory.areas import Layers
from mapping.territory.census_children import FERTILE_CLASSES
from mapping.walking import routing
from tests.mapping.drawn_city import EAST, MILANO, NORTH, place
from tests.mapping.siting.test_answers import drawn, nido

SCENARIOS = 1000
STREET = f"A{'-' * 29}B\n{' |' * 14}"
"""A side street of 100 m each 200 m: a site that is added stands at one of these crossings."""
EASTERN = 2400.0
RESIDENTS = [713.0, 655.0, 871.0, 532.0, 965.0, 374.0]
INNER = [550, 1050, 1550, 2050, 2550]
"""People of six sections along the street, and the metres between them; one in 25 is under 3."""


def layers() -> Layers:
    whole = shapely.box(EAST - 500, NORTH - 500, EAST + 3500, NORTH + 500)
    parts = [
        shapely.box(EAST + west, NORTH - 500, EAST + east, NORTH + 500)
        for west, east in pairwise([-500, *INNER, 3500])
    ]
    city = gpd.GeoDataFrame(
        {"area_id": ["1"], "name": ["Disegnato"], "residents": [sum(RESIDENTS)]},
        geometry=[whole],
        crs=MILANO.epsg,
    ).to_crs(4326)
    names = [f"s{n}" for n in range(len(RESIDENTS))]
    sections = gpd.GeoDataFrame(
        {"area_id": names, "name": names, "residents": RESIDENTS}, geometry=parts, crs=MILANO.epsg
    ).to_crs(4326)
    classes = {"0_4", "5_9", "10_14", "15_19", "20_24", "25_29", "30_34", *FERTILE_CLASSES}
    ages = {f"class_{name}": [people / 15 for people in RESIDENTS] for name in classes}
    ages |= {f"male_{name}": [people / 31 for people in RESIDENTS] for name in FERTILE_CLASSES}
    census = pd.DataFrame({"area_id": names, "residents": RESIDENTS, **ages})
    return Layers(city, city, sections=sections, census=census)


@pytest.fixture(scope="module")
def street(tmp_path_factory) -> PlanData:
    return drawn(tmp_path_factory.mktemp("media"), nido("ovest", 0), on=layers(), street=STREET)


def added(metres: float) -> RequestedChange:
    lon, lat = place(metres)
    return RequestedChange("add", lon=lon, lat=lat)


def test_a_plan_knows_sections_by_fives_alone(street: PlanData) -> None:
    for people in (street.demand.bands[:, 0], street.demand.residents, street.demand.women):
        by_section = np.bincount(section(street), people)
        assert by_section == pytest.approx(5 * np.round(by_section / 5), abs=1e-9)
    for people, share in ((street.demand.bands[:, 0], 1 / 25), (street.demand.residents, 1)):
        assert people.sum() == pytest.approx(5 * round(sum(RESIDENTS) * share / 5))


def test_the_mean_of_a_thousand_differences_is_a_sum_of_fives(street: PlanData) -> None:
    """An eastern site, with and without others far away that shift the sum before it is rounded."""
    asked, chance = Ask("nido", minutes=5), np.random.default_rng(11)
    differences = []
    for _ in range(SCENARIOS):
        others = [added(metres) for metres in chance.uniform(0, 1400, chance.integers(1, 5))]
        sides = [change(street, asked, [*others, *more]) for more in ([], [added(EASTERN)])]
        differences.append(sides[1]["after"]["within"] - sides[0]["after"]["within"])
    by_fives = street.people(asked).weight * is_reached(street, EASTERN)
    rounding = np.array(RESIDENTS) / 25 / np.bincount(section(street), street.demand.bands[:, 0])
    exact = (by_fives * rounding[section(street)]).sum()
    assert abs(by_fives.sum() - exact) > 1.5  # else this would not see what a mean tells
    assert np.mean(differences) == pytest.approx(by_fives.sum(), abs=0.5)
    assert len(set(differences)) > 1


def section(data: PlanData) -> np.ndarray:
    return np.searchsorted(INNER, data.demand.x - EAST)


def is_reached(data: PlanData, metres: float) -> np.ndarray:
    graph, homes = data.walks("adult")
    site = graph.snap([EAST + metres], [NORTH])
    seconds, _ = routing.nearest_k(graph, homes, routing.targets(graph, site), count=1)
    return seconds[:, 0] < 299  # none stands at the very end of the walk
