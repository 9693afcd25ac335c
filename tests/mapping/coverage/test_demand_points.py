"""The people of a plan: all of them are kept, by point, and no route or export gives them."""

import numpy as np
import pytest
import shapely

from mapping.coverage import demand_points
from mapping.coverage.study_area import make_study_area
from mapping.disclosure import rounded
from mapping.edition.edition import Edition, current
from mapping.tables import AGE_BANDS
from mapping.territory.areas import Layers, assemble
from mapping.territory.population import DISAGREEING
from tests.mapping.territory.test_areas import CITY, boxes, census


def points(**residents):
    layers = Layers(
        boxes("1", "2"), census=census(("1", residents["west"]), ("2", residents["east"]))
    )
    areas = assemble(layers, CITY)
    on = make_study_area(areas, None, {})
    return areas, demand_points.from_arrow(demand_points.to_arrow(on))


def test_everybody_is_at_some_point_of_their_own_area_and_children_by_fives():
    areas, people = points(west=1000, east=300)
    west = people.municipio == "1"
    assert people.residents[west].sum() == pytest.approx(1000)
    assert people.residents[~west].sum() == pytest.approx(300)
    assert people.bands.sum(axis=0) == pytest.approx(rounded(areas.cells.bands.sum(axis=0)))
    assert people.bands.shape == (len(people.x), len(AGE_BANDS))
    shapes = areas.cells.shapes
    here = shapely.points(people.x, people.y)
    assert shapely.dwithin(shapes[np.where(west, 0, 1)], here, 1e-6).all()


def test_a_point_without_people_is_left_out_and_what_is_not_known_is_not_a_number():
    _, people = points(west=1000, east=0)
    assert set(people.municipio) == {"1"}
    assert people.nil.tolist() == [None] * len(people.x)
    assert np.isnan(people.low_income_share).all()


def test_points_of_which_nobody_knows_who_lives_there_stay_unknown():
    on = make_study_area(assemble(Layers(boxes("1", "2")), CITY), None, {})
    people = demand_points.from_arrow(demand_points.to_arrow(on))
    assert set(people.municipio) == {"1", "2"}
    assert np.isnan(people.residents).all()


@pytest.mark.shared
def test_every_nil_has_the_children_that_are_published_of_it(milano_var):
    edition = Edition.open(current(milano_var / "editions"))
    people = demand_points.from_arrow(edition.table(demand_points.FILE))
    published = [row for row in edition.areas.to_pylist() if row["level"] == "nil"]
    assert len(published) == 88
    for row in published:
        counted = people.bands[people.nil == row["area_id"]].sum(axis=0)
        agreed = row["children_basis"] != DISAGREEING
        known = [row[band] if agreed else 0 for band in AGE_BANDS]
        assert counted == pytest.approx(known, abs=1e-6)
        residents = people.residents[people.nil == row["area_id"]].sum()
        assert residents == pytest.approx(rounded(row["residents"]), abs=1e-6)
