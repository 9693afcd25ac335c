"""Children of small areas are known of blocks only, whatever is summed and subtracted."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapping.arrays import Floats
from mapping.city import City
from mapping.territory.age_blocks import (
    MIN_AREAS,
    MIN_CHILDREN,
    MOST_OF_BLOCK,
    blocks,
    shared_by_blocks,
)
from mapping.territory.areas import Layers, assemble
from mapping.territory.census_children import FERTILE_CLASSES

CLASSES = ("0_4", "5_9", "10_14", "15_19", "20_24", "25_29", "30_34")
CITY = City(
    id="prova",
    name="Città disegnata",
    istat="999999",
    epsg=32632,
    cap_prefix="20",
    timezone="Europe/Rome",
    centre=(9.2, 45.46),
    sources=("drawn",),
)
COUNT = 12


def row_of_boxes(count: int) -> list[shapely.Polygon]:
    return [
        shapely.box(515_000 + 100 * n, 5_035_000, 515_100 + 100 * n, 5_035_100)
        for n in range(count)
    ]


def shared(people: list[float], residents: list[float], block: list[int]) -> list[float]:
    columns = np.array(people)[:, None], np.array(residents), np.array(block)
    return list(shared_by_blocks(*columns)[:, 0])


def test_two_areas_share_their_children_by_their_residents():
    assert shared([30, 10, 7], [100, 300, 50], [0, 0, 1]) == [10, 30, 7]


def test_nobody_is_put_where_nobody_lives():
    assert shared([0, 40], [0, 80], [0, 0]) == [0, 40]
    assert shared([0, 0], [0, 0], [0, 0]) == [0, 0]


def test_what_nobody_knows_stays_unknown():
    assert np.isnan(shared([np.nan, np.nan], [1, 2], [0, 0])).all()


@given(
    st.lists(st.tuples(st.floats(0, 60), st.integers(0, 500)), min_size=1, max_size=60),
    st.integers(1, 3),
)
def test_every_block_has_its_areas_and_children_where_its_group_has_them(
    drawn: list[tuple[float, int]], groups: int
) -> None:
    residents = np.array([float(count) for _, count in drawn])
    children = np.array([count for count, _ in drawn]) * (residents > 0)
    group = np.arange(len(drawn)) * groups // len(drawn)
    block = blocks(children, residents, group, np.array(row_of_boxes(len(drawn)), object))
    assert set(block) == set(range(block.max() + 1))
    for number in range(block.max() + 1):
        rows = block == number
        (own,) = set(group[rows])
        is_large = (residents[rows] > 0).sum() >= MIN_AREAS
        is_large &= children[rows].sum() >= MIN_CHILDREN
        is_large &= residents[rows].max() <= MOST_OF_BLOCK * residents[rows].sum()
        assert is_large or rows.sum() == (group == own).sum()


def cells_of(children: Floats) -> tuple[Floats, Floats | None]:
    """Lay out sections of 100 residents in a NIL, with these of 0-4 years at the census."""
    ids = [str(n) for n in range(COUNT)]
    sections = gpd.GeoDataFrame(
        {"area_id": ids, "name": ids, "parent": None, "residents": 100.0},
        geometry=row_of_boxes(COUNT),
        crs=32632,
    ).to_crs(4326)
    census = pd.DataFrame({"area_id": ids, "municipio": "1", "residents": 100.0})
    census = census.assign(**{f"class_{name}": 8.0 for name in (*CLASSES, *FERTILE_CLASSES)})
    census = census.assign(**{f"male_{name}": 4.0 for name in FERTILE_CLASSES})
    census["class_0_4"] = children
    census["class_20_24"] = 50 - children
    whole = sections.dissolve().assign(area_id=["1"], name=["Zona"], parent=None)
    cells = assemble(Layers(whole, whole, sections=sections, census=census), CITY).cells
    return cells.bands, cells.women


@given(st.permutations(range(COUNT)))
def test_whose_children_they_are_within_a_block_changes_nothing(order: list[int]) -> None:
    children = np.linspace(0, 22, COUNT)
    apart = blocks(
        np.full(COUNT, 24.0), np.full(COUNT, 100.0), np.zeros(COUNT, np.int64),
        np.array(row_of_boxes(COUNT), object),
    )  # fmt: skip
    within = np.array(order)[np.argsort(apart[order], kind="stable")]
    bands, women = cells_of(children)
    others, other_women = cells_of(children[within])
    assert others == pytest.approx(bands)
    assert women is not None
    assert other_women == pytest.approx(women)
