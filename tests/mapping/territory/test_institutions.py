"""Institutions of a drawn row of sections: what lists them, what only proposes them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from mapping.city import Institution
from mapping.tables import AGE_BANDS
from mapping.territory.areas import Layers, assemble
from mapping.territory.institutions import institutions, proposals
from tests.mapping.territory.test_areas import CITY, EAST, EPSG, NORTH, boxes

PRISON = Institution(name="Carcere disegnato", kind="prison", sections=("2",), source="un disegno")


def sections(*rows: tuple[float, float, str | None]) -> gpd.GeoDataFrame:
    """Sections 1, 2, … from west to east: residents, families, the kind that the census gives."""
    residents, families, kinds = zip(*rows, strict=True)
    ids = [str(number + 1) for number in range(len(rows))]
    frame = boxes(*ids, residents=list(residents), families=list(families))
    return frame.assign(institution=list(kinds))


def sign(section: int, name: str, kind: str) -> gpd.GeoDataFrame:
    """A place of a name and kind amid a section."""
    middle = shapely.Point(EAST + 1000 * section - 500, NORTH + 500)
    data = {"name": [name], "kind": [kind]}
    return gpd.GeoDataFrame(data, geometry=[middle], crs=EPSG).to_crs(4326)


def test_one_sign_alone_leaves_a_section_what_it_is() -> None:
    # A reception centre has no families; a prison's code may be wrong; a hospital has neighbours.
    drawn = sections((500, 0, None), (300, 0, "prison"), (400, 200, "hospital"))
    signs = sign(3, "OSPEDALE", "hospital")
    assert institutions(drawn, None, ()).empty
    assert institutions(drawn, signs, ()).empty  # two residents a family: they are at home
    waiting = proposals(drawn, institutions(drawn, signs, ()))
    assert list(waiting["area_id"]) == ["1", "3", "2"]
    assert list(waiting["reason"]) == ["no_families", "hospital", "no_families"]


def test_two_signs_that_agree_take_effect_and_are_not_confirmed() -> None:
    drawn = sections((500, 0, None), (90, 10, "barracks"), (90, 10, "barracks"))
    signs = pd.concat(
        [
            sign(1, "Scuola presso il carcere", "prison"),
            sign(2, "CASERMA", "barracks"),
            sign(3, "OSPEDALE", "hospital"),  # another kind than that of the census
        ]
    )
    found = institutions(drawn, gpd.GeoDataFrame(signs), ())
    assert list(found["area_id"]) == ["1", "2"]
    assert list(found["kind"]) == ["prison", "barracks"]
    assert not found["confirmed"].any()


@pytest.mark.parametrize("checked_by", [None, "Ada, 2026-03-02"])
def test_what_is_listed_takes_effect_by_itself(checked_by: str | None) -> None:
    place = PRISON.model_copy(update={"checked_by": checked_by})
    found = institutions(sections((10, 5, None), (800, 0, None)), None, [place])
    assert list(found.itertuples(index=False, name=None)) == [
        ("2", "Carcere disegnato", "prison", checked_by is not None, 800, 0)
    ]


def test_more_than_six_residents_a_family_are_to_be_looked_at() -> None:
    drawn = sections((601, 100, None), (600, 100, None), (0, 0, "prison"))
    (row,) = proposals(drawn, institutions(drawn, None, ())).to_dict("records")
    assert (row["area_id"], row["reason"]) == ("1", "many_a_family")


def test_sections_of_a_source_without_families_propose_nothing() -> None:
    plain = sections((50, 0, None)).drop(columns=["families", "institution"])
    found = institutions(plain, sign(1, "CARCERE", "prison"), ())
    assert found.empty
    assert proposals(plain, found).empty


def test_an_institution_is_a_line_of_its_own_and_no_demand() -> None:
    drawn = sections((100, 50, None), (800, 4, None))
    city = CITY.model_copy(update={"institutions": (PRISON,)})
    census = pd.DataFrame(
        {"area_id": ["1", "2"], "residents": [100, 800]}
        | {f"class_{name}": [10, 10] for name in
           ("0_4", "5_9", "10_14", "15_19", "20_24", "25_29", "30_34")}
    )  # fmt: skip
    areas = assemble(Layers(boxes("1", "2"), sections=drawn, census=census), city)
    rows = areas.frame.set_index(["level", "area_id"])["residents"]
    assert rows["municipality"].iloc[0] == 900
    assert list(rows["municipio"]) == [100, 0]
    assert rows["institution", "2"] == 800
    assert rows["section"].isna().all()
    (line,) = areas.frame[areas.frame["level"] == "institution"].to_dict("records")
    assert line["name"] == "Carcere disegnato (non confermata)"
    assert np.isnan(line["families"])  # fewer than five are not told
    assert list(areas.cells.residents) == [100, 0]
    assert not areas.cells.bands[1].any()
    assert np.isnan([line[name] for name in AGE_BANDS]).all()


def test_few_residents_are_rounded_wherever_an_area_may_be_a_section() -> None:
    drawn = sections((1, 1, None), (803, 12, None), (398, 200, None))
    city = CITY.model_copy(update={"institutions": (PRISON,)})
    census = pd.DataFrame(
        {"area_id": ["1", "2", "3"], "residents": [2, 800, 400]}
        | {f"class_{name}": [0, 10, 10] for name in
           ("0_4", "5_9", "10_14", "15_19", "20_24", "25_29", "30_34")}
    )  # fmt: skip
    parts = boxes("1", "2", "3")
    areas = assemble(Layers(parts, nil=parts, sections=drawn, census=census), city)
    rows = areas.frame.set_index(["level", "area_id"])
    assert list(rows.loc["nil"]["residents"]) == [0, 0, 400]
    assert list(rows.loc["municipio"]["residents"]) == [0, 0, 400]
    told = rows.loc["institution"].iloc[0]
    assert (told["residents"], told["families"]) == (805, 10)
    assert rows.loc["municipality"]["residents"].iloc[0] == 1202
    # A ratio of few would tell them again.
    assert np.isnan(rows.loc["nil"]["census_ratio"].iloc[0])
    assert rows.loc["nil"]["census_ratio"].iloc[2] == 1


def test_a_place_beyond_all_sections_tells_nothing() -> None:
    drawn = sections((500, 0, None))
    assert institutions(drawn, sign(4, "CARCERE", "prison"), ()).empty
    listed = replace_sections(PRISON, "77")
    assert institutions(drawn, None, [listed]).empty


def replace_sections(place: Institution, *ids: str) -> Institution:
    """The same place in other sections."""
    return place.model_copy(update={"sections": ids})
