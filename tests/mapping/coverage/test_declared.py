"""What a building says of itself forbids absence around it; lists that are complete in parts."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.affinity import translate

from mapping.build import expired_lists
from mapping.city import City, Completeness
from mapping.coverage import assess
from mapping.coverage import blocks as coverage_blocks
from mapping.coverage.cases import list_cases
from mapping.coverage.list_words import AT_LEAST_COLUMNS
from mapping.coverage.study_area import StudyArea, make_study_area
from mapping.errors import BadInputError
from mapping.services.service_table import flatten
from mapping.tables import PREMISES, WHOLE_LIST_CLASSES
from mapping.territory.areas import Layers, assemble
from mapping.walking.topology import from_lines
from tests.mapping.coverage.test_assess import EAST, MILANO, NORTH, ON, TODAY, kept, row, service
from tests.mapping.drawn import draw
from tests.mapping.drawn_city import drawn_city, place
from tests.mapping.drawn_city import service as drawn_service

SCHOOL = ["farmacia"]
CODE = "farmacia"


def premises(metres: float, categories: list[str], error_metres: float = 0) -> pd.DataFrame:
    """Premises so many metres along the street."""
    lon, lat = place(metres)
    declared = {
        "premises_id": "P1", "name": "SI DICHIARA", "kind": "scuola", "lon": lon, "lat": lat,
        "error_metres": error_metres, "categories": categories, "source_id": "prova",
        "category_basis": "Comune di Prova, NOME",
    }  # fmt: skip
    return pd.DataFrame([declared])[PREMISES.names]


def measured(
    *services: float, declared: pd.DataFrame | None = None, on: StudyArea = ON, city: City = MILANO
) -> pd.DataFrame:
    rows = flatten([service(metres) for metres in services], on.areas, TODAY)
    listed = [c for c in list_cases(rows, on, city, TODAY, declared) if c.category.code == CODE]
    return coverage_blocks.table(assess.assess(listed, on, kept).blocks).to_pandas()


def test_absence_is_not_claimed_within_the_walk_of_premises_that_say_they_are_one() -> None:
    # 800 m of the 4000 are served from one end, 1600 lie within ten minutes of the premises.
    plain, near_premises = row(measured(0)), row(measured(0, declared=premises(3000, SCHOOL)))
    assert plain["share_far"] == pytest.approx(0.8, abs=0.02)
    assert near_premises["share_unsure"] == pytest.approx(0.4, abs=0.02)
    assert near_premises["share_far"] == pytest.approx(0.4, abs=0.02)
    assert near_premises["share_served"] == plain["share_served"] == pytest.approx(0.2, abs=0.02)


def test_the_reach_of_the_premises_counts_against_absence() -> None:
    near_premises = row(measured(0, declared=premises(3000, SCHOOL, error_metres=200)))
    assert near_premises["share_unsure"] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("metres", "error_metres", "left"),
    [(100, 0, 0), (149, 0, 0), (151, 0, 1), (190, 50, 0), (210, 50, 1)],
)
def test_premises_that_a_record_accounts_for_say_nothing_more(
    metres: float, error_metres: float, left: int
) -> None:
    declared = premises(3000 + metres, SCHOOL, error_metres)
    rows = flatten([service(3000)], ON.areas, TODAY)
    case = list_cases(rows, ON, MILANO, TODAY, declared)[0]
    assert len(case.declared.x) == left


def test_a_record_that_may_be_anywhere_accounts_for_no_premises() -> None:
    rows = flatten([service(3000)], ON.areas, TODAY).assign(error_metres=5000.0)
    case = list_cases(rows, ON, MILANO, TODAY, premises(3400, SCHOOL))[0]
    assert list(case.declared.name) == ["SI DICHIARA"]


def test_premises_of_another_kind_say_nothing() -> None:
    assert row(measured(0, declared=premises(3000, ["nido"])))["share_unsure"] == 0


def test_a_zone_names_the_premises_and_who_says_so(tmp_path: Path) -> None:
    fresh = drawn_service(0, "a", categories=("farmacia",)).provenance.model_copy(
        update={"assured_date": "2026-01"}
    )
    pharmacy = drawn_service(0, "a", categories=("farmacia",), provenance=fresh)
    box = shapely.box(EAST, NORTH - 500, EAST + 4000, NORTH + 500)
    halves = [shapely.box(EAST + x, NORTH - 500, EAST + x + 2000, NORTH + 500) for x in (0, 2000)]
    whole = gpd.GeoDataFrame(
        {"area_id": ["1"], "name": ["Disegnato"], "residents": [2000.0]},
        geometry=[box], crs=MILANO.epsg,
    ).to_crs(4326)  # fmt: skip
    sections = gpd.GeoDataFrame(
        {"area_id": ["1", "2"], "name": ["1", "2"], "residents": [1000.0] * 2},
        geometry=halves, crs=MILANO.epsg,
    ).to_crs(4326)  # fmt: skip
    edition = drawn_city(
        tmp_path, [pharmacy], "A" + "-" * 39 + "B", Layers(whole, whole, sections=sections),
        premises=premises(3000, SCHOOL),
    )  # fmt: skip
    wanted = {"profile": "adult", "window": "any", "requirement": "any"}
    zones = edition.zones(category="farmacia", **wanted).to_pylist()
    declared = [zone for zone in zones if zone["reason"] == "premises_declared"]
    assert [(z["class"], z["premises_name"], z["premises_basis"]) for z in declared] == [
        ("unsure", "SI DICHIARA", "Comune di Prova, NOME")
    ]
    assert all(z["premises_name"] is None for z in zones if z not in declared)


def two_parts() -> StudyArea:
    """The street of 4000 m through two municipi, which meet in its middle."""
    lines, _ = draw("A" + "-" * 39 + "B", cell=100)
    lines = lines.set_geometry([translate(line, EAST, NORTH) for line in lines.geometry])
    spans = [(-500, 2000), (2000, 4500)]
    boxes = [shapely.box(EAST + a, NORTH - 500, EAST + b, NORTH + 500) for a, b in spans]
    about = {"area_id": ["1", "2"], "name": ["Ovest", "Est"], "residents": [5000.0] * 2}
    frame = gpd.GeoDataFrame(about, geometry=boxes, crs=MILANO.epsg).to_crs(4326)
    areas = assemble(Layers(frame, frame, sections=frame), MILANO)
    return make_study_area(areas, from_lines(lines, epsg=MILANO.epsg), {})


TWO = two_parts()
PART = {"known_total": 3, "source": "Elenco del municipio", "year": 2026}


def in_parts(*parts: dict[str, object], status: str = "partial") -> City:
    declared = {"status": status, "parts": [PART | part for part in parts]}
    if status == "complete":
        declared |= {"known_total": 9, "source": "Elenco", "year": 2026}
    own = Completeness.model_validate(declared)
    return MILANO.model_copy(update={"completeness": {CODE: own}})


def test_far_is_claimed_in_the_complete_part_alone_and_not_near_its_edge() -> None:
    city = in_parts({"municipi": ["2"]})
    table = measured(0, on=TWO, city=city)
    west, east = (row(table, "municipio", area_id=name) for name in "12")
    # West: 800 m served, the rest unknown. East: a service of the west, which nobody listed, could
    # be within 800 m of its first 800 m; beyond, absence is claimed.
    assert np.isnan(west["share_far"])
    assert west["share_unsure"] == pytest.approx(0.6, abs=0.03)
    assert east["share_unsure"] == pytest.approx(0.4, abs=0.03)
    assert east["share_far"] == pytest.approx(0.6, abs=0.03)


def test_lists_of_all_parts_claim_as_much_as_one_of_the_city() -> None:
    city = in_parts({"municipi": ["1"]}, {"municipi": ["2"], "source": "Altro"})
    parts, whole = measured(0, on=TWO, city=city), measured(0, on=TWO)
    # The whole is declared partial: what is served is told as at the least, and rounded down.
    least = list(AT_LEAST_COLUMNS & {*parts})
    assert parts.drop(columns=least).equals(whole.drop(columns=least))
    is_told = parts["share_served"].notna()
    assert (parts["share_served"] <= whole["share_served"])[is_told].all()


@pytest.mark.parametrize(
    ("today", "reason"), [(date(2027, 5, 31), "beyond_walk"), (date(2027, 6, 1), "list_expired")]
)
def test_a_part_that_expired_yesterday_claims_nothing_from_today(today: date, reason: str) -> None:
    city = in_parts({"nil": ["2"], "expires": date(2027, 6, 1)}, {"nil": ["1"]})
    fresh = service(0, assured_date="2027-05")
    listed = list_cases(flatten([fresh], TWO.areas, today), TWO, city, today)
    table = coverage_blocks.table(assess.assess(listed[:1], TWO, kept).blocks).to_pandas()
    assert row(table, "nil", area_id="2")["reason"] == reason
    lines = list(expired_lists(city, today))
    expected = (
        "lists: 'farmacia' in nil 2 was complete until 2027-06-01 (Elenco del municipio, 2026): no"
        " absence is claimed of it. Give a later list."
    )
    assert lines == ([expected] if reason == "list_expired" else [])


def test_a_list_of_the_city_that_expired_yesterday_is_said_in_one_line() -> None:
    own = Completeness(status="complete", expires=date(2026, 3, 1), **PART)
    city = MILANO.model_copy(update={"completeness": {CODE: own}})
    assert list(expired_lists(city, date(2026, 2, 28))) == []
    (line,) = expired_lists(city, TODAY)
    assert line.startswith("lists: 'farmacia' was complete until 2026-03-01 (Elenco del municipio")


@pytest.mark.parametrize(
    ("parts", "status", "message"),
    [
        (
            [{"municipi": ["1"]}, {"municipi": ["2", "1"], "known_total": 5, "year": 2025}],
            "partial",
            r"municipio '1' is in two complete lists, of 3 \(Elenco del municipio, 2026\) and of 5"
            r" \(Elenco del municipio, 2025\): keep it in one",
        ),
        ([{"municipi": ["1"]}, {"nil": ["2"]}], "partial", "name one level"),
        ([{"municipi": ["1"]}], "complete", "a list that is complete has no complete `parts`"),
        ([{"municipi": ["1"], "nil": ["2"]}], "partial", "its `municipi`, or its `nil`"),
        ([{}], "partial", "its `municipi`, or its `nil`"),
    ],
)
def test_lists_that_contradict_are_refused_in_one_line(
    parts: list[dict[str, object]], status: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        in_parts(*parts, status=status)


def test_a_part_that_the_city_does_not_have_is_named() -> None:
    with pytest.raises(BadInputError, match=r"farmacia.parts\]\] names municipio '77', which the"):
        measured(0, on=TWO, city=in_parts({"municipi": ["77"]}))


def test_without_outlines_no_part_is_complete() -> None:
    bare = replace(TWO, areas=replace(TWO.areas, outlined=False))
    table = measured(0, on=bare, city=in_parts({"municipi": ["2"]}))
    assert np.isnan(row(table, "municipio", area_id="2")["share_far"])


@pytest.mark.parametrize("status", ["partial", "sample", "expired"])
def test_of_a_list_that_is_not_complete_no_share_without_a_service_is_told_not_even_none(
    status: str,
) -> None:
    own = Completeness.model_validate({"status": status, **PART})
    city = MILANO.model_copy(update={"completeness": {CODE: own}})
    table = measured(0, on=TWO, city=city)
    for level in ("municipality", "municipio", "nil"):
        told = table[table["level"] == level]
        assert told["share_unsure"].notna().all()
        assert told[[f"share_{name}" for name in WHOLE_LIST_CLASSES]].isna().all(axis=None)
    assert (measured(0, on=TWO)["share_far"].dropna() > 0).any()
