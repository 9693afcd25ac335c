"""Rounds from home: worked by hand, and against every round that there is."""

from functools import reduce
from itertools import combinations, pairwise, permutations, product
from operator import or_

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mapping.arrays import Ints
from mapping.lookup.round_trip_search import Round, Stops, shortest_rounds

Floats = NDArray[np.float64]


def rounds(
    seconds: Floats, serves: list[int], needs: int, *, count: int = 3, beeline: Floats | None = None
) -> list[Round]:
    """Place 0 of the seconds between places is home; without a beeline all lie in one spot."""
    x, y = np.zeros((2, len(serves))) if beeline is None else beeline.T
    stops = Stops(seconds[0, 1:], np.array(serves, np.int64), x, y)

    def walk(rows: Ints, limit: float) -> Floats:
        walked = seconds[1:, 1:][rows]
        return np.where(walked <= limit, walked, np.inf)

    return shortest_rounds(stops, needs, walk, count=count)


def every_round(seconds: Floats, serves: list[int], needs: int) -> dict[frozenset[int], float]:
    whole, found = (1 << needs) - 1, {}
    for size in range(1, needs + 1):
        for chosen in combinations(range(len(serves)), size):
            fewer = [reduce(or_, (serves[s] for s in chosen if s != out), 0) for out in chosen]
            if reduce(or_, (serves[s] for s in chosen)) == whole and whole not in fewer:
                found[frozenset(chosen)] = min(
                    length(seconds, order) for order in permutations(chosen)
                )
    return {stops: total for stops, total in found.items() if np.isfinite(total)}


def length(seconds: Floats, stops: tuple[int, ...]) -> float:
    places = [0, *(stop + 1 for stop in stops), 0]
    return float(sum(seconds[one, other] for one, other in pairwise(places)))


def on_a_line(*places: float) -> Floats:
    at = np.array([0.0, *places])
    return np.abs(at[:, None] - at)


def test_the_way_back_is_walked_too() -> None:
    # A nido at 10 and a pharmacy at 12 beyond it; the pharmacy at -3 is nearer to home.
    best = rounds(on_a_line(10, 12, -3), [0b01, 0b10, 0b10], 2)
    assert best == [Round((0, 1), 24), Round((0, 2), 26)]


def test_a_stop_for_two_needs_is_one_stop() -> None:
    best = rounds(on_a_line(5, 6, 8), [0b01, 0b10, 0b11], 2)
    assert [one.stops for one in best] == [(0, 1), (2,)]
    assert [one.seconds for one in best] == [12, 16]


def test_what_no_way_leads_to_is_in_no_round() -> None:
    seconds = on_a_line(5, 6, 1)
    seconds[3, :] = seconds[:, 3] = np.inf
    assert [one.stops for one in rounds(seconds, [0b01, 0b10, 0b10], 2)] == [(0, 1)]
    assert rounds(seconds, [0b01, 0b01, 0b10], 2) == []


def test_no_stops_are_no_rounds() -> None:
    assert rounds(np.zeros((1, 1)), [], 2) == []


@st.composite
def towns(draw: st.DrawFn) -> tuple[Floats, Floats, list[int], int]:
    """Places in a plane, walks between them that are no shorter, some of them cut off."""
    needs, size = draw(st.integers(1, 4)), draw(st.integers(1, 9))
    numbers = st.integers(-20, 20)
    at = np.array(draw(st.lists(st.tuples(numbers, numbers), min_size=size, max_size=size)), float)
    at = np.vstack([[[0.0, 0.0]], at])
    detour = np.array(draw(st.lists(st.integers(10, 30), min_size=100, max_size=100))) / 10
    seconds = np.hypot(*(at[:, None] - at).T) * detour.reshape(10, 10)[: size + 1, : size + 1]
    seconds = np.maximum(seconds, seconds.T)
    if draw(st.booleans()):
        seconds[-1, :-1] = seconds[:-1, -1] = np.inf
    for through in range(size + 1):
        seconds = np.minimum(seconds, seconds[:, [through]] + seconds[[through], :])
    serves = draw(st.lists(st.integers(1, 2**needs - 1), min_size=size, max_size=size))
    return seconds, at[1:], serves, needs


@settings(deadline=None)
@given(town=towns(), straight=st.booleans())
def test_no_other_round_is_shorter(
    town: tuple[Floats, Floats, list[int], int],
    straight: bool,  # noqa: FBT001 - drawn
) -> None:
    seconds, at, serves, needs = town
    best = rounds(seconds, serves, needs, beeline=at if straight else None)
    every = every_round(seconds, serves, needs)
    assert [one.seconds for one in best] == pytest.approx(sorted(every.values())[:3])
    assert len({frozenset(one.stops) for one in best}) == len(best)
    for one in best:
        assert length(seconds, one.stops) == pytest.approx(one.seconds)
        assert every[frozenset(one.stops)] == pytest.approx(one.seconds)


@settings(deadline=None)
@given(town=towns())
def test_one_more_stop_makes_no_round_longer(
    town: tuple[Floats, Floats, list[int], int],
) -> None:
    seconds, _, serves, needs = town
    fewer = rounds(seconds[:-1, :-1], serves[:-1], needs, count=1)
    more = rounds(seconds, serves, needs, count=1)
    assert not fewer or more[0].seconds <= fewer[0].seconds + 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_the_search_among_many_stops_leaves_out_none_that_matters(seed: int) -> None:
    random = np.random.default_rng(seed)
    at = np.vstack([[[0, 0]], random.normal(0, 300, (45, 2))])
    seconds = np.hypot(*(at[:, None] - at).T) * random.uniform(1, 3, (46, 46))
    seconds = np.minimum(seconds, seconds.T)
    for through in range(46):
        seconds = np.minimum(seconds, seconds[:, [through]] + seconds[[through], :])
    serves = [1 << (stop % 3) for stop in range(45)]
    chosen = product(range(0, 45, 3), range(1, 45, 3), range(2, 45, 3))
    every = [min(length(seconds, order) for order in permutations(one)) for one in chosen]
    best = rounds(seconds, serves, 3, beeline=at[1:])
    assert [one.seconds for one in best] == pytest.approx(sorted(every)[:3])


def test_the_legs_of_stops_that_cannot_matter_are_not_walked() -> None:
    at = np.random.default_rng(3).uniform(-1000, 1000, (400, 2))
    asked: list[int] = []

    def walk(rows: Ints, _limit: float) -> Floats:
        asked.extend(rows.tolist())
        return 1.3 * np.hypot(*(at[rows][:, None] - at).T).T

    home = 1.3 * np.hypot(*at.T)
    serves = 1 << (np.arange(400) % 4)
    best = shortest_rounds(Stops(home, serves, *at.T), 4, walk, count=3)
    assert len(best) == 3
    assert len(asked) == len(set(asked)) < 60
