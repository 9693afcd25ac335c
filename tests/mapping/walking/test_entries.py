"""The queue of a look-up, and what it takes for granted."""

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import BadInputError
from mapping.walking import nearest_walks, routing
from mapping.walking.entries import MAX_NODES, MOST_SECONDS, NODE, entry_of, put, take
from mapping.walking.kernels import Ways
from tests.mapping.drawn import drawn
from tests.mapping.walking.test_routing import at, walked


@given(st.lists(st.tuples(st.floats(0, MOST_SECONDS), st.integers(0, NODE)), max_size=60))
def test_the_queue_gives_entries_in_order(pairs: list[tuple[float, int]]) -> None:
    entries = [entry_of.function(seconds, node) for seconds, node in pairs]
    assert all(0 <= entry < 2**63 for entry in entries)
    assert [entry & NODE for entry in entries] == [node for _, node in pairs]
    queue, other, size = np.empty(len(pairs), np.int64), list[int](), 0
    for number, entry in enumerate(entries):
        size = put.function(queue, size, entry)
        heapq.heappush(other, entry)
        if number % 3 == 2:
            assert queue[0] == heapq.heappop(other)
            size = take.function(queue, size)
    for entry in sorted(other):
        assert queue[0] == entry
        size = take.function(queue, size)
    assert size == 0


def test_earlier_seconds_come_first_then_lower_nodes() -> None:
    assert entry_of(1.0, NODE) < entry_of(1.001, 0)
    assert entry_of(1.0, 3) < entry_of(1.0, 4)
    assert entry_of(1000.0, NODE) < entry_of(MOST_SECONDS, 0)


def test_more_nodes_than_an_entry_holds_are_refused() -> None:
    none = np.zeros(0, np.int64)
    first = np.broadcast_to(np.int64(0), MAX_NODES + 2)
    with pytest.raises(BadInputError, match="too many"):
        nearest_walks.scratch(Ways(first, none, none.astype(float), none, none.astype(bool)))


def test_streets_of_no_length_take_no_room_in_the_queue() -> None:
    network, town = drawn("A-B-C-D\n|     |\nE-F-G-H")
    on = walked(network)
    on.ways.seconds[:] = np.where(np.arange(len(on.ways.seconds)) % 2, 0.0, 1e-9)
    found = routing.nearest(
        on, town["A"], routing.targets(on, at(network, town["H"])), count=1, with_paths=True
    )
    assert [trip.target for trip in found.trips] == [0]


@pytest.mark.parametrize("name", ["B", "E", "C"])
def test_services_and_homes_in_dead_ends_are_reached(name: str) -> None:
    network, town = drawn("A---B--C\n    |\n    D--E")
    on = walked(network)
    to = routing.targets(on, at(network, town[name]))
    (trip,) = routing.nearest(on, town["A"], to, count=1, with_paths=True).trips
    assert trip.seconds == {"B": 20.0, "C": 35.0, "E": 45.0}[name]
    assert trip.path is not None
    assert trip.path[[0, -1]].tolist() == [list(town["A"]), list(town[name])]
