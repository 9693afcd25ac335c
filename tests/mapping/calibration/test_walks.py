"""Which walks are drawn: from crossings of two streets, in four quarters, each to one service."""

import pytest

from mapping.calibration.walks import (
    MAX_MINUTES,
    MIN_MINUTES,
    QUARTERS,
    count_by_quarter,
    plan_walks,
)
from mapping.disclosure import confidential_categories
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from tests.mapping.calibration.drawn_grid import (
    BLOCK_METRES,
    CITY,
    MIDDLE,
    degrees,
    grid_city,
    nidi_everywhere,
    service,
)
from tests.mapping.drawn_city import drawn_city
from tests.mapping.drawn_city import service as on_one_street


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    hidden = service("rifugio", confidential_categories()[0], (600, 600))
    return grid_city(tmp_path_factory.mktemp("walks"), [*nidi_everywhere(), hidden])


def test_walks_begin_where_two_streets_cross_and_end_at_another_service_each(edition):
    walks = plan_walks(edition, CITY, seed=1, count=8)
    assert list(count_by_quarter(walks)) == [(name, 2) for name in QUARTERS]
    assert len({walk.service.service_id for walk in walks}) == 8
    assert {walk.service.category for walk in walks} == {"nido"}
    for walk in walks:
        assert (walk.lon, walk.lat) == pytest.approx(degrees(*sides(walk.start)), abs=2e-5)
        assert MIN_MINUTES <= walk.minutes <= MAX_MINUTES


def sides(label: str) -> tuple[float, float]:
    numbers = dict(name.rsplit(" ", 1) for name in label.split(" angolo "))
    return int(numbers["Via Larga"]) * BLOCK_METRES, int(numbers["Via Lunga"]) * BLOCK_METRES


def test_the_minutes_are_those_of_a_look_up_with_a_stroller(edition):
    walk = plan_walks(edition, CITY, seed=2, count=4)[0]
    lookup = Lookup(edition, CITY.epsg)
    origin = lookup.origin(Where(lon=walk.lon, lat=walk.lat))
    nearest = lookup.nearest(origin, Question(("nido",), profile="stroller")).results[0]
    assert nearest.service.service_id == walk.service.service_id
    assert walk.minutes == pytest.approx(nearest.seconds / 60)


def test_quarters_are_the_sides_of_the_centre(edition):
    for walk in plan_walks(edition, CITY, seed=1, count=8):
        x, y = sides(walk.start)
        north, west = walk.quarter.split("-")
        assert (north == "nord") == (y > MIDDLE)
        assert (west == "ovest") == (x < MIDDLE)


def test_the_same_seed_draws_the_same_and_another_draws_others(edition):
    walks = [plan_walks(edition, CITY, seed=seed, count=8) for seed in (1, 1, 2)]
    assert walks[0] == walks[1] != walks[2]


def test_where_there_are_too_few_services_fewer_are_drawn(edition):
    walks = plan_walks(edition, CITY, seed=1, count=400)
    assert 8 <= len(walks) <= len(nidi_everywhere())


def test_a_city_whose_streets_do_not_cross_or_have_no_name_has_no_walks(tmp_path):
    nameless = drawn_city(tmp_path, [on_one_street(500, "a")])
    assert plan_walks(nameless, CITY, seed=1) == []
