"""An origin is snapped by the search itself, and home once, however many walks set out from it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.lookup.round_trips import outings
from mapping.walking import network
from tests.mapping.drawn_city import MILANO, drawn_city, place, service


@pytest.fixture
def lookup(tmp_path: Path) -> Lookup:
    """Hold a street with two categories, and lay out its streets and services."""
    services = [
        service(200, "near", free=False),
        service(700, "far", free=True),
        service(500, "other", categories=("farmacia",)),
    ]
    drawn = Lookup(drawn_city(tmp_path, services), MILANO.epsg)
    assert len(drawn.reach("adult").targets.snaps.edge) == len(services)
    return drawn


@pytest.fixture
def snapped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the places of each call of the kernel that snaps."""
    calls: list[int] = []
    kernel: Callable[..., object] = network.feet

    def counted(tree: object, lines: object, x: list[float], y: list[float]) -> object:
        calls.append(len(x))
        return kernel(tree, lines, x, y)

    monkeypatch.setattr(network, "feet", counted)
    return calls


@pytest.mark.parametrize("wishes", [{}, {"free": True}])
def test_a_search_snaps_its_origin_itself(lookup, snapped, wishes):
    lon, lat = place(0)
    origin = lookup.origin(Where(lon=lon, lat=lat))
    answer = lookup.nearest(origin, Question(("nido",), **wishes), paths=True, words=True)
    assert answer.results
    assert answer.snap_metres == pytest.approx(0, abs=0.1)
    assert snapped == []


def test_home_is_snapped_once_for_all_legs_of_a_round(lookup, snapped):
    lon, lat = place(0)
    origin = lookup.origin(Where(lon=lon, lat=lat))
    assert outings(lookup, origin, Question(("nido", "farmacia"))).rounds
    assert snapped == [1]
