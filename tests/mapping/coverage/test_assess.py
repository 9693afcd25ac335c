"""Coverage of drawn cities in every situation, with seconds that can be computed by hand."""

import pickle
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from mapping.city import city
from mapping.coverage import assess
from mapping.coverage import blocks as coverage_blocks
from mapping.coverage.case_measure import Assessment
from mapping.coverage.cases import Case, list_cases
from mapping.coverage.situations import BASE, Situation, labels, situations
from mapping.coverage.study_area import StudyArea, make_study_area
from mapping.hours.windows import windows
from mapping.model import Location, Position, Provenance, Service
from mapping.services.service_table import flatten
from mapping.tables import CLASSES
from mapping.territory.areas import Layers, assemble
from mapping.walking.topology import from_lines
from tests.mapping.drawn import draw
from tests.mapping.drawn_city import newly_listed

MILANO = newly_listed(city("milano"))
TODAY = date(2026, 3, 2)
EAST, NORTH = 515_000.0, 5_035_000.0
STREET = "A" + "-" * 39 + "B"
"""4000 m; an adult walks 800 m to a pharmacy in 10 minutes."""


def grounded(drawing: str = STREET, census: pd.DataFrame | None = None) -> StudyArea:
    """A street from west to east, and one section, one NIL, one municipio around it."""
    lines, _ = draw(drawing, cell=100)
    lines["kind"] = lines["kind"].replace("footpath", "steps")
    lines = lines.set_geometry([translate(line, EAST, NORTH) for line in lines.geometry])
    box = shapely.box(EAST - 500, NORTH - 500, EAST + 4500, NORTH + 500)
    about = {"area_id": ["1"], "name": ["Disegnato"], "residents": [10_000.0]}
    frame = gpd.GeoDataFrame(about, geometry=[box], crs=MILANO.epsg).to_crs(4326)
    areas = assemble(Layers(frame, frame, sections=frame, census=census), MILANO)
    return make_study_area(areas, from_lines(lines, epsg=MILANO.epsg), {})


ON = grounded()


def service(metres: float, category: str = "farmacia", **said: object) -> Service:
    """An invented service so many metres along the street."""
    point = gpd.GeoSeries([shapely.Point(EAST + metres, NORTH)], crs=MILANO.epsg).to_crs(4326)[0]
    spot = Position(lon=point.x, lat=point.y, precision="premises", error_metres=0)
    where = {"location_id": f"prova:{metres}", "position": spot}
    where |= {name: said.pop(name) for name in ("opening_hours", "step_free") if name in said}
    assured = said.pop("assured_date", "2026-01")
    return Service(
        service_id=f"prova:{metres}",
        name="Servizio inventato",
        categories=(category,),
        locations=(Location(**where),),
        provenance=Provenance(source_id="prova", assured_date=assured),
        **said,
    )


def cases(services: list[Service], on: StudyArea = ON, category: str = "farmacia") -> list[Case]:
    rows = flatten(services, on.areas, TODAY)
    return [c for c in list_cases(rows, on, MILANO, TODAY) if c.category.code == category]


def kept(of: Assessment) -> str:
    return of.case.profile


def covered(
    services: list[Service], on: StudyArea = ON, category: str = "farmacia"
) -> pd.DataFrame:
    outcome = assess.assess(cases(services, on, category), on, kept)
    return coverage_blocks.table(outcome.blocks).to_pandas()


def row(table: pd.DataFrame, level: str = "nil", **asked: str) -> dict:
    wanted = {"level": level, **BASE._asdict(), **asked}
    (found,) = table[np.logical_and.reduce([table[k] == v for k, v in wanted.items()])].to_dict(
        "records"
    )
    return found


def test_every_situation_is_told_of_named_areas() -> None:
    table = covered([service(0)])
    nil = table[table["level"] == "nil"]
    assert [Situation(*key) for key in nil[list(BASE._asdict())].to_numpy()] == sorted(
        situations(), key=lambda one: list(dict.fromkeys(s.profile for s in situations())).index(
            one.profile
        ),
    )  # fmt: skip
    # Nothing is known of the hours: of a section the situation says no more than its base.
    assert set(table[table["level"] == "section"]["window"]) == {"any"}


def test_seconds_to_the_nearest_three_are_those_of_the_street() -> None:
    base = row(covered([service(0), service(400), service(1200)]))
    # Half of the points of 4000 m are within 1600 m of a service at 400 m, and within 2000 m of one
    # at the end, at 80 m a minute; they stand every 50 m.
    assert base["seconds_2nd"] == pytest.approx(1600 / 80 * 60, abs=20)
    assert base["seconds_3rd"] == pytest.approx(2000 / 80 * 60, abs=20)
    assert base["seconds"] == pytest.approx(800 / 80 * 60, abs=20)


def test_a_service_known_closed_makes_closed_and_unknown_hours_never_do() -> None:
    table = covered([service(0, opening_hours="Mo-Fr 09:00-12:30"), service(4000)])
    morning, saturday = (row(table, window=w) for w in ("weekday_morning", "saturday"))
    # 800 m of the 4000 m are within ten minutes of either end.
    assert morning["share_served"] == pytest.approx(0.2, abs=0.01)
    assert morning["share_unsure"] == pytest.approx(0.2, abs=0.01)
    assert saturday["share_closed"] == pytest.approx(0.2, abs=0.01)
    assert (saturday["share_served"], morning["share_closed"]) == (0, 0)
    assert saturday["seconds"] > morning["seconds"]


def test_the_worked_example_of_the_methods_holds() -> None:
    page = (Path(__file__).parents[3] / "docs" / "methods.md").read_text(encoding="utf-8")
    head, rows = page.split("| window | served | closed | unsure | far |\n|---|---|---|---|---|\n")
    assert "a street of 4 km with a pharmacy at either end" in head
    table = covered([service(0, opening_hours="Mo-Fr 09:00-12:30"), service(4000)])
    told = [line.strip("| ").split(" | ") for line in rows.split("\n\n")[0].splitlines()]
    assert [window for window, *_ in told] == ["any", "weekday_morning", "saturday", "august"]
    for window, *shares in told:
        found = row(table, window=window)
        names = [f"share_{name}" for name in ("served", "closed", "unsure", "far")]
        assert [found[name] for name in names] == pytest.approx(list(map(float, shares)), abs=0.01)


def test_a_requirement_known_unmet_makes_unsuitable_and_an_unknown_one_never_does() -> None:
    table = covered([service(0, residence_required=True), service(4000)])
    asked = row(table, requirement="no_residence")
    assert asked["share_unsuitable"] == pytest.approx(0.2, abs=0.01)
    assert asked["share_unsure"] == pytest.approx(0.2, abs=0.01)
    assert row(table)["share_served"] == pytest.approx(0.4, abs=0.01)


def test_a_step_at_the_door_keeps_wheels_out() -> None:
    table = covered([service(0, step_free=False), service(4000, step_free=None)])
    assert row(table)["share_served"] == pytest.approx(0.4, abs=0.01)
    stroller, wheels = (row(table, profile=p) for p in ("stroller", "wheelchair"))
    assert stroller["share_unsuitable"] > 0.15
    assert stroller["share_served"] > 0.15
    # Nobody said whether the other door has a step: for a wheelchair that is not yet a way in.
    assert (wheels["share_served"], wheels["share_unsuitable"] > 0.1) == (0, True)


def test_steps_on_the_only_way_leave_no_way_for_wheels() -> None:
    # Steps from 400 m to 700 m; who stands on them goes to the nearer street, at most 150 m away.
    table = covered([service(0)], grounded("A---C..D" + "-" * 32 + "B"))
    assert row(table)["share_served"] == pytest.approx(800 / 4000, abs=0.01)
    stroller = row(table, profile="stroller")
    assert stroller["share_served"] == pytest.approx(550 / 4000, abs=0.01)
    assert stroller["share_unsuitable"] == pytest.approx((800 - 550) / 4000, abs=0.01)
    assert stroller["share_far"] == pytest.approx((4000 - 800) / 4000, abs=0.01)


def people_of_all_ages() -> pd.DataFrame:
    """A census of the section: 10,000 people, 1,000 in each class, 200 in each year of age."""
    names = ("0_4", "5_9", "10_14", "15_19", "20_24", "25_29", "30_34")
    classes = {f"class_{name}": [1000.0] for name in names}
    return pd.DataFrame({"area_id": ["1"], "residents": [10_000.0], **classes})


def test_fewer_places_for_each_child_than_in_the_whole_city_make_crowded() -> None:
    on = grounded(census=people_of_all_ages())
    # 600 children of 3 to 5 years; 180 of them live within 1200 m, 15 minutes, of either end.
    ends = [(0, 300), (4000, 100)]
    two = row(covered(schools(*ends), on, "scuola_infanzia"))
    assert (two["places_per_100"], two["share_capacity_known"]) == (pytest.approx(66.7, abs=1), 1)
    assert two["share_crowded"] == pytest.approx(0.3, abs=0.01)
    assert two["share_served"] == pytest.approx(0.3, abs=0.01)
    alike = row(covered(schools((0, 100), (4000, 100)), on, "scuola_infanzia"))
    assert alike["share_crowded"] == 0


def test_one_school_for_all_has_what_the_city_has_however_few_its_places() -> None:
    on = grounded(census=people_of_all_ages())
    one = row(covered(schools((2000, 10)), on, "scuola_infanzia"))
    assert (one["share_crowded"], one["share_served"]) == (0, pytest.approx(0.6, abs=0.01))


def test_places_that_nobody_knows_make_nothing_crowded() -> None:
    on = grounded(census=people_of_all_ages())
    unknown = row(covered(schools((0, 300), (2000, None), (4000, 100)), on, "scuola_infanzia"))
    assert unknown["share_capacity_known"] < 1
    # A tenth of the people is the least that a city's ratio may rest on.
    hidden = [(metres, None) for metres in (0, 400, 800, 1200, 1600, 2000, 2400, 2800)]
    none = row(covered(schools(*hidden, (4000, 1)), on, "scuola_infanzia"))
    assert (none["share_crowded"], none["share_capacity_known"]) == (0, 0)


def schools(*places: tuple[float, int | None]) -> list[Service]:
    return [service(metres, "scuola_infanzia", capacity=count) for metres, count in places]


def test_a_stale_record_never_makes_closed() -> None:
    old = service(0, opening_hours="Mo-Fr 09:00-12:30", assured_date="2019")
    saturday = row(covered([old]), window="saturday")
    assert saturday["share_closed"] == 0
    assert saturday["share_unsure"] == pytest.approx(0.2, abs=0.01)


def test_where_anything_is_known_a_section_has_its_class_too() -> None:
    table = covered([service(0, opening_hours="Mo-Fr 09:00-12:30")])
    section = row(table, "section", window="saturday")
    assert np.isnan(section["demand"])
    assert np.isnan(section["share_closed"])
    assert section["class"] == "far"


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=4), st.integers(0, 40), st.booleans())
def test_one_more_service_never_lowers_what_is_served(held, more, told_hours) -> None:
    hours = {"opening_hours": "Mo-Fr 09:00-18:00"} if told_hours else {}
    before = covered([service(100 * n, **hours) for n in held])
    after = covered([service(100 * n, **hours) for n in {*held, more}])
    named = before["level"] != "section"
    shares = [f"share_{name}" for name in CLASSES]
    assert before[named][shares].sum(axis=1).to_numpy() == pytest.approx(1, abs=0.03)
    assert before[named][shares].min().min() >= 0
    both = before[named]["share_served"].to_numpy(), after[after["level"] != "section"]
    assert (both[0] <= both[1]["share_served"].to_numpy() + 1e-9).all()


def test_cases_can_be_worked_through_by_other_processes_in_any_order() -> None:
    some = cases([service(0, opening_hours="Mo-Fr 09:00-12:30"), service(4000)])
    here = coverage_blocks.table(assess.assess(some, ON, kept).blocks)
    assert pickle.loads(pickle.dumps(some[0])).category == some[0].category  # noqa: S301 - our own
    with ProcessPoolExecutor(1) as pool:
        there = assess.assess(some, ON, kept, pool)
    assert coverage_blocks.table(there.blocks).equals(here)
    assert there.results[:2] == ["adult", "adult"]


def test_a_situation_is_said_in_italian_as_far_as_it_is_unusual() -> None:
    assert labels(BASE) == []
    assert labels(Situation("stroller", "saturday")) == ["passeggino", "il sabato"]
    assert len(windows()) == 5
