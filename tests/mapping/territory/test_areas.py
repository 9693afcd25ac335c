"""Areas of drawn cities: with every level, with some, and with none but the city itself."""

from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.city import City
from mapping.coverage import assess, classes
from mapping.coverage import blocks as coverage_blocks
from mapping.coverage.cases import list_cases
from mapping.coverage.origins import surface_points
from mapping.coverage.situations import BASE
from mapping.coverage.study_area import make_study_area
from mapping.greyzones import zone_table
from mapping.model import Location, Provenance, Service
from mapping.services.service_table import flatten
from mapping.tables import AGE_BANDS
from mapping.territory.areas import Areas, Layers, assemble
from mapping.territory.census_children import FERTILE_CLASSES
from mapping.territory.cohorts import Register
from mapping.territory.population import DISAGREEING
from tests.mapping.drawn_income import DECLARED, numbered

EPSG = 32632
EAST, NORTH = 515_000.0, 5_035_000.0
CLASSES = ("0_4", "5_9", "10_14", "15_19", "20_24", "25_29", "30_34")
CITY = City(
    id="prova",
    name="Città disegnata",
    istat="999999",
    epsg=EPSG,
    cap_prefix="20",
    timezone="Europe/Rome",
    centre=(9.2, 45.46),
    sources=("drawn",),
)


def boxes(*ids: str, **columns: list[float]) -> gpd.GeoDataFrame:
    """Squares of one kilometre in a row from west to east."""
    shapes = [
        shapely.box(EAST + 1000 * n, NORTH, EAST + 1000 * (n + 1), NORTH + 1000)
        for n in range(len(ids))
    ]
    data = {"area_id": list(ids), "name": [f"Zona {i}" for i in ids], "parent": None, **columns}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=EPSG).to_crs(4326)


def census(*rows: tuple[str, float]) -> pd.DataFrame:
    """Sections without outlines: the municipio of each, and its people, a tenth in each class."""
    frame = pd.DataFrame(rows, columns=["municipio", "residents"])
    return frame.assign(**{f"class_{name}": frame["residents"] / 10 for name in CLASSES})


UNPLACED = Service(
    service_id="prova:a",
    name="Inventata",
    categories=("scuola_infanzia",),
    locations=(Location(location_id="prova:a"),),
    provenance=Provenance(source_id="prova"),
)
"""A category without records would have no figures at all."""


def covered(layers: Layers) -> pd.DataFrame:
    table, zones = covered_areas(assemble(layers, CITY), UNPLACED, "scuola_infanzia")
    assert zones == 0
    return table


def covered_areas(areas: Areas, service: Service, code: str) -> tuple[pd.DataFrame, int]:
    on = make_study_area(areas, None, {})
    today = pd.Timestamp("2026-03-02").date()
    services = flatten([service], areas, today)
    cases = list_cases(services, on, CITY, today)
    context = zone_table.ZoneContext(on, CITY, services)
    blocks, parts = assess.assess(cases, on, partial(zone_table.zones, context=context))
    zones = zone_table.zone_table(parts, context)
    table = coverage_blocks.table(blocks).to_pandas()
    asked = {"category": code, **BASE._asdict()}
    chosen = " and ".join(f"{name} == '{value}'" for name, value in asked.items())
    return table.query(chosen), len(zones)


def test_a_city_without_nil_counts_people_by_municipio() -> None:
    layers = Layers(boxes("1", "2"), census=census(("1", 100), ("2", 200), ("2", 100)))
    areas = assemble(layers, CITY)
    assert list(areas.frame["level"]) == ["municipality", "municipio", "municipio"]
    assert list(areas.frame["residents"]) == [400, 100, 300]
    # Two fifths and three fifths of each class of five years, in round fives.
    assert list(areas.frame["children_0_2"]) == [25, 5, 20]
    table = covered(layers)
    assert list(table["level"]) == ["municipality", "municipio", "municipio"]
    assert set(table["class"]) == {"unsure"}


def test_a_city_that_is_not_divided_has_one_level() -> None:
    areas = assemble(Layers(boxes(CITY.istat)), CITY)
    assert list(areas.frame["level"]) == ["municipality"]
    assert not areas.divided
    municipio, nil = areas.locate(np.array([9.2]), np.array([45.47]))
    assert (list(municipio), list(nil)) == ([-1], [-1])


def test_uncounted_residents_are_unknown_and_not_nobody() -> None:
    layers = Layers(boxes(CITY.istat))
    assert np.isnan(assemble(layers, CITY).frame["residents"][0])
    (row,) = covered(layers).to_dict("records")
    assert (row["class"], row["reason"]) == ("unsure", classes.UNPEOPLED)
    assert all(np.isnan(row[name]) for name in ("demand", "seconds", "share_15", "share_far"))


def test_the_count_of_one_part_is_not_taken_for_the_city() -> None:
    layers = Layers(boxes("1", "2"), census=census(("1", 100)))
    frame = assemble(layers, CITY).frame
    assert list(frame["residents"].fillna(-1)) == [-1, 100, -1]
    reasons = dict(covered(layers)[["area_id", "reason"]].itertuples(index=False))
    assert reasons == {
        CITY.istat: classes.UNPEOPLED, "1": "estimated_times", "2": classes.UNPEOPLED,
    }  # fmt: skip


def test_sections_without_nil_belong_to_their_municipio() -> None:
    sections = boxes("7", "8", residents=[10.0, 20.0])
    areas = assemble(Layers(boxes("1", "2"), sections=sections), CITY)
    rows = areas.frame[areas.frame["level"] == "section"]
    assert list(rows["parent"]) == ["1", "2"]
    assert list(areas.frame["residents"])[:3] == [30, 10, 20]
    assert np.isnan(areas.frame[list(AGE_BANDS)].to_numpy(float)).all()


@given(st.lists(st.tuples(st.floats(20, 3000), st.floats(20, 3000)), min_size=1, max_size=5))
def test_people_spread_over_a_surface_stay_in_their_area(sizes: list[tuple[float, float]]) -> None:
    shapes = np.array(
        [shapely.box(5000 * n, 0, 5000 * n + w, h) for n, (w, h) in enumerate(sizes)], object
    )
    points = surface_points(shapes)
    assert np.bincount(points.owner, points.weight) == pytest.approx(np.ones(len(shapes)))
    assert shapely.covers(shapes[points.owner], shapely.points(points.x, points.y)).all()


def test_children_in_low_income_families_are_published_above_the_section() -> None:
    sections = boxes("11", "12", residents=[1000, 3000])
    ages = census(("1", 1000), ("2", 3000)).assign(area_id=["11", "12"])
    layers = Layers(boxes("1", "2"), sections=sections, census=ages, income=DECLARED)
    # A postcode in each section: 40 to 60% declare little in the first, 5 to 10% in the second.
    civics = numbered(("A", EAST + 500), ("B", EAST + 1500))
    frame = assemble(layers, CITY, replace(civics, y=civics.y + NORTH)).frame
    frame = frame.set_index(["level", "area_id"])
    children = frame.loc[("municipio", "1"), list(AGE_BANDS)].sum()
    low = [f"children_low_income{end}" for end in ("_min", "", "_max")]
    estimates = frame.loc[("municipio", "1"), low].to_numpy(float)
    assert np.abs(estimates - children * np.array([0.4, 0.5, 0.6])).max() <= 10
    mean = frame["mean_income_euro"]
    assert mean.loc["municipio"].tolist() == [15_000, 100_000]
    assert mean.loc[("municipality", CITY.istat)] == round((15_000 + 3 * 100_000) / 4, -2)
    assert frame.loc["section", [*low, "mean_income_euro"]].isna().all(axis=None)


def test_children_come_from_births_and_minors_where_a_registry_counts_them() -> None:
    sections = boxes("11", "12", "13", residents=[100.0, 300, 50])
    parts = boxes("1", "2", "3")
    nil = parts.assign(geometry=[parts.geometry[:2].union_all(), *parts.geometry[1:]]).iloc[[0, 2]]
    ages = census(("1", 100), ("1", 100), ("1", 50)).assign(area_id=["11", "12", "13"])
    # Two years: 30 and 8 were born, and nobody moved after the first.
    first = Register(
        np.array(["3", "1"], object),
        np.array([2020, 2021]),
        np.array([[0.0, 8], [0, 30]]),
        np.array([[18.0, 25], [180, 200]]),
        np.array([[50.0, 50], [400, 400]]),
    )
    layers = Layers(parts, nil, sections=sections, census=ages, registry=first)
    areas = assemble(layers, CITY)
    rows = areas.frame.set_index(["level", "area_id"])
    bands = list(AGE_BANDS)
    # 30 + 2 x 10 of 0-2 years, ten of each other: 200 minors.
    assert list(rows.loc[("nil", "1"), bands]) == [50, 30, 50, 30, 40]
    assert list(rows.loc[("nil", "3"), bands]) == [10, 5, 5, 5, 5]
    assert areas.cells.bands.sum() == pytest.approx(225)
    # The second section changed its people too much to be believed: both have the NIL's shares.
    assert areas.cells.bands[:2].sum(axis=1) == pytest.approx([50, 150])
    least, most = (rows.loc[("nil", "1"), f"children_0_2_{end}"] for end in ("min", "max"))
    assert least <= 50 <= most
    basis = "nascite e minori dell'anagrafe 2020-2021"
    assert set(rows["children_basis"].dropna()) == {basis}


def test_without_a_source_of_income_nothing_is_said_of_it() -> None:
    layers = Layers(boxes("1", "2"), census=census(("1", 100), ("2", 200)))
    frame = assemble(layers, CITY, numbered(("A", EAST + 500))).frame
    assert frame[["children_low_income", "mean_income_euro"]].isna().all(axis=None)


def test_no_nil_has_an_income_nor_the_children_of_poor_families() -> None:
    sections = boxes("11", "12", residents=[1000, 3000])
    ages = census(("1", 1000), ("2", 3000)).assign(area_id=["11", "12"])
    parts = boxes("1", "2")
    layers = Layers(parts, parts, sections=sections, census=ages, income=DECLARED)
    civics = numbered(("A", EAST + 500), ("B", EAST + 1500))
    frame = assemble(layers, CITY, replace(civics, y=civics.y + NORTH)).frame.set_index("level")
    columns = ["mean_income_euro", *(f"children_low_income{end}" for end in ("_min", "", "_max"))]
    assert frame.loc["nil", columns].isna().all(axis=None)
    assert frame.loc["municipio", columns].notna().all(axis=None)


def grown(*residents: float, registry: Register | None = None) -> tuple[pd.DataFrame, Areas]:
    """NIL of one section each, of 1000 people at the census."""
    ids = [str(n) for n in range(1, len(residents) + 1)]
    sections = boxes(*ids, residents=list(residents))
    ages = census(*((name, 1000) for name in ids)).assign(area_id=ids)
    women = {f"class_{name}": 100.0 for name in FERTILE_CLASSES}
    men = {f"male_{name}": 50.0 for name in FERTILE_CLASSES}
    parts = boxes(*ids)
    whole = parts.dissolve().assign(area_id=["1"])
    layers = Layers(
        whole, parts, sections=sections, census=ages.assign(**women, **men), registry=registry
    )
    areas = assemble(layers, CITY)
    return areas.frame.set_index(["level", "area_id"]), areas


def test_a_nil_that_has_outgrown_the_census_tells_nothing_of_its_ages() -> None:
    frame, areas = grown(660, 670, 1500, 1510)
    nil = frame.loc["nil"]
    assert nil["census_ratio"].tolist() == [0.66, 0.67, 1.5, 1.51]
    blank = nil[list(AGE_BANDS)].isna()
    assert blank.any(axis=1).tolist() == blank.all(axis=1).tolist() == [True, False, False, True]
    assert nil["residents"].tolist() == [660, 670, 1500, 1510]
    # The city as a whole has not: its children are those of all its parts.
    city = frame.loc[("municipality", CITY.istat), list(AGE_BANDS)]
    assert city.sum() == pytest.approx(areas.cells.bands.sum(), abs=15)
    levels = {level.name: level for level in make_study_area(areas, None, {}).levels}
    assert levels["nil"].outgrown.tolist() == [True, False, False, True]
    assert not levels["municipality"].outgrown.any()


@pytest.mark.parametrize(
    ("code", "known"), [("consultorio", [True, False]), ("scuola_infanzia", [True, True])]
)
def test_of_later_counts_an_outgrown_nil_still_has_its_people(code: str, known: list[bool]) -> None:
    counted = np.array([[1000.0] * 2, [1600.0] * 2])
    minors = np.full((2, 2), 450.0)
    register = Register(
        np.array(["1", "2"], object), np.array([2020, 2021]), minors / 18, minors, counted
    )
    _, areas = grown(1000, 1600, registry=register)
    service = UNPLACED.model_copy(update={"categories": (code,)})
    table, _ = covered_areas(areas, service, code)
    nil = table[table["level"] == "nil"].set_index("area_id")
    assert nil["demand"].notna().tolist() == known
    assert nil["share_unsure"].notna().all()
    assert table.loc[table["level"] == "municipality", "demand"].notna().all()


def test_where_two_counts_disagree_about_children_nothing_is_told() -> None:
    # The registry counts 600 minors where the census counts 1,000 residents, and 300 next door.
    minors = np.array([[600.0] * 2, [300.0] * 2])
    register = Register(
        np.array(["1", "2"], object), np.array([2020, 2021]), minors / 18, minors, minors * 2
    )
    frame, areas = grown(1000, 1000, registry=register)
    nil = frame.loc["nil"]
    blank = nil[[*AGE_BANDS, "children_0_2_min", "children_3_5_max"]].isna()
    assert blank.all(axis=1).tolist() == blank.any(axis=1).tolist() == [True, False]
    assert nil["children_basis"].eq(DISAGREEING).tolist() == [True, False]
    # The city still has them all.
    assert frame.loc[("municipality", CITY.istat), list(AGE_BANDS)].sum() == pytest.approx(900)
    for code in ("scuola_infanzia", "farmacia"):
        service = UNPLACED.model_copy(update={"categories": (code,)})
        table, _ = covered_areas(areas, service, code)
        row = table[table["level"] == "nil"].set_index("area_id").loc["1"]
        assert row["reason"] == classes.DISAGREEING
        assert pd.isna(row["demand"])
        assert pd.isna(row["share_unsure"])
        assert (row["class"], row["sureness"]) == ("unsure", "unknown")
