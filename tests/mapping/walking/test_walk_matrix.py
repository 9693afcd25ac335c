"""The whole table of walks: against scipy, from either side, by any number of processes."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from ingest.layers.streets import read_streets
from ingest.source import source
from mapping.city import city
from mapping.errors import BadInputError
from mapping.walking.network import Network
from mapping.walking.profiles import Profile, profile
from mapping.walking.routing import Graph, graph, matrix, nearest, nearest_k, node_seconds, targets
from mapping.walking.snapping import Snaps
from mapping.walking.topology import from_lines
from tests.mapping.drawn import EPSG, Place, drawn

BLOCKS = """
A--B--C--D
|  |  :  |
|  |  :  |
E--F--G--H
|     |  |
|  I..+  |
J-----K--L

Y---Z
"""
NETWORK, PLACES = drawn(BLOCKS)
ON = graph(NETWORK, Profile(id="drawn", label="Prova", metres_per_second=2, source="drawn"))
spots = st.tuples(st.floats(-40, 130), st.floats(-100, 40))


def at(*places: Place) -> Snaps:
    return ON.snap(*np.array(places, float).T)


def table(rows: csr_array) -> np.ndarray:
    """What is not stored is NaN, so that a stored zero shows."""
    dense = np.full(rows.shape, np.nan)
    found = rows.tocoo()
    dense[found.row, found.col] = found.data
    return dense


def test_the_seconds_of_a_table_are_those_computed_by_hand() -> None:
    origins, to = at(PLACES["A"], PLACES["Y"], PLACES["L"]), at(PLACES["D"], PLACES["F"])

    seconds = table(matrix(ON, origins, targets(ON, to), max_seconds=60))

    # A-D 90 m, A-B-F 60 m; L-H-D 60 m, L-K-J-E-F is longer than L-H-G-F, 90 m.
    assert_allclose(seconds, [[45, 30], [np.nan, np.nan], [30, 45]])


def test_a_place_on_the_spot_is_stored_as_zero() -> None:
    seconds = matrix(ON, at(PLACES["C"]), targets(ON, at(PLACES["C"])), max_seconds=1)

    assert (seconds.nnz, seconds.data[0]) == (1, 0)


def test_without_places_a_table_is_empty() -> None:
    some, none = at(PLACES["A"]), at(PLACES["A"]).take(np.zeros(0, np.int64))

    assert matrix(ON, some, targets(ON, none), max_seconds=9).shape == (1, 0)
    assert matrix(ON, none, targets(ON, some), max_seconds=9).shape == (0, 1)


@pytest.mark.parametrize("limit", [0, -1, np.nan])
def test_a_limit_that_is_none_is_refused(limit: float) -> None:
    with pytest.raises(BadInputError, match="max_seconds is"):
        matrix(ON, at(PLACES["A"]), targets(ON, at(PLACES["B"])), max_seconds=limit)


@given(
    origins=st.lists(spots, min_size=1, max_size=6),
    to=st.lists(spots, min_size=1, max_size=6),
    limit=st.floats(1, 200),
)
def test_table_and_look_up_and_nearest_agree(
    origins: list[Place], to: list[Place], limit: float
) -> None:
    start, end = at(*origins), targets(ON, at(*to))

    seconds = table(matrix(ON, start, end, max_seconds=limit))
    near, which = nearest_k(ON, start, end, count=len(to), max_seconds=limit)

    for row, place in enumerate(origins):
        found = nearest(ON, place, end, count=len(to), max_seconds=limit).trips
        one = np.full(len(to), np.nan)
        one[[trip.target for trip in found]] = [trip.seconds for trip in found]
        assert_allclose(seconds[row], one, atol=1e-9)
        assert_allclose(np.sort(one), near[row], atol=1e-9)
        assert sorted(which[row][which[row] >= 0]) == sorted(trip.target for trip in found)


@given(to=st.lists(spots, min_size=2, max_size=8, unique=True), wanted=st.data())
def test_a_look_up_for_some_is_one_among_these_alone(
    to: list[Place], wanted: st.DataObject
) -> None:
    mask = np.array(wanted.draw(st.lists(st.booleans(), min_size=len(to), max_size=len(to))))
    kept = [place for place, keep in zip(to, mask, strict=True) if keep]

    found = nearest(ON, PLACES["F"], targets(ON, at(*to)), count=3, wanted=mask).trips
    alone = nearest(ON, PLACES["F"], targets(ON, at(*kept)), count=3).trips if kept else []

    assert [trip.seconds for trip in found] == [trip.seconds for trip in alone]


def test_the_second_nearest_is_another_place_than_the_nearest() -> None:
    seconds, target = nearest_k(
        ON, at(PLACES["A"]), targets(ON, at(PLACES["B"], PLACES["D"])), count=3
    )

    assert_array_equal(target, [[0, 1, -1]])
    assert_allclose(seconds, [[15, 45, np.nan]])


def test_nodes_beyond_the_limit_are_infinitely_far() -> None:
    seconds = node_seconds(ON, at(PLACES["F"]), max_seconds=20)

    assert_allclose(np.sort(seconds[np.isfinite(seconds)]), [0, 15, 15, 15])


LOOPBACK = "127.0.0.1:0"
"""Else dask would serve its figures on port 8787, to everybody."""


@contextmanager
def by_dask() -> Iterator[Executor]:
    from distributed import Client, LocalCluster  # noqa: PLC0415 - only this one needs it

    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=LOOPBACK,
            worker_dashboard_address=LOOPBACK,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


EXECUTORS = {
    "one thread": lambda: ThreadPoolExecutor(1),
    "five threads": lambda: ThreadPoolExecutor(5),
    "two processes": lambda: ProcessPoolExecutor(2, multiprocessing.get_context("spawn")),
    "dask": by_dask,
}


@pytest.mark.slow
@pytest.mark.parametrize("workers", EXECUTORS)
def test_the_same_bits_come_from_any_number_of_processes(workers: str) -> None:
    rng = np.random.default_rng(5)
    origins, to = (ON.snap(*rng.uniform(-40, 100, (2, n))) for n in (200, 230))
    alone = matrix(ON, origins, targets(ON, to), max_seconds=40)

    with EXECUTORS[workers]() as executor:
        shared = matrix(ON, origins, targets(ON, to), max_seconds=40, executor=executor)

    assert_array_equal(alone.indptr, shared.indptr)
    assert_array_equal(alone.indices, shared.indices)
    assert alone.data.tobytes() == shared.data.tobytes()


@pytest.fixture(scope="module")
def milano(mirror: Path) -> Graph:
    entry = source("dbt_streets")
    lines = read_streets(entry, mirror / str(entry.mirror), city("milano")).frame
    network = from_lines(gpd.GeoDataFrame(lines).to_crs(EPSG), epsg=EPSG)
    return graph(network, profile("adult"))


def of_scipy(on: Graph, origins: Snaps, to: Snaps) -> np.ndarray:
    """The same walks by scipy: origins lead into the graph, targets out of it."""
    net, n, nodes = on.network, len(origins.edge), len(on.network.node_x)
    own, end = nodes + np.arange(n), nodes + n + np.arange(len(to.edge))

    def ends(feet: Snaps) -> np.ndarray:
        rest = net.edge_metres[feet.edge] - feet.offset_metres
        return np.concatenate([feet.offset_metres, rest]) + np.tile(feet.snap_metres, 2)

    one, other = np.nonzero(origins.edge[:, None] == to.edge[None, :])
    gap = np.abs(origins.offset_metres[one] - to.offset_metres[other])
    u, v = net.edge_u, net.edge_v
    parts = [
        (u, v, net.edge_metres),
        (v, u, net.edge_metres),
        (np.tile(own, 2), np.concatenate([u[origins.edge], v[origins.edge]]), ends(origins)),
        (np.concatenate([u[to.edge], v[to.edge]]), np.tile(end, 2), ends(to)),
        (own[one], end[other], origins.snap_metres[one] + gap + to.snap_metres[other]),
    ]
    tail, head, metres = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Of parallel edges the shortest comes first, and is the one that is kept.
    order = np.lexsort((metres, head, tail))
    tail, head, metres = tail[order], head[order], metres[order]
    first = np.concatenate([[True], (np.diff(tail) != 0) | (np.diff(head) != 0)])
    size = nodes + n + len(to.edge)
    # A weight of zero would be no edge: it is a hundred-millionth of a metre.
    links = coo_array((np.maximum(metres[first], 1e-8), (tail[first], head[first])), (size, size))
    found = dijkstra(links.tocsr(), indices=own)[:, end] / on.profile.metres_per_second
    return np.where(np.isfinite(found), found, np.nan)


def around(network: Network, rng: np.random.Generator, count: int) -> np.ndarray:
    node = rng.integers(0, len(network.node_x), count)
    return np.array([network.node_x[node], network.node_y[node]]) + rng.normal(0, 60, (2, count))


@pytest.mark.shared
@pytest.mark.slow
def test_a_thousand_origins_in_milano_equal_scipy(milano: Graph) -> None:
    rng = np.random.default_rng(2026)
    places = around(milano.network, rng, 1000)
    origins, to = milano.snap(*places), milano.snap(*around(milano.network, rng, 300))
    expected = of_scipy(milano, origins, to)
    end = targets(milano, to)

    whole = table(matrix(milano, origins, end, max_seconds=1e9))
    near, _ = nearest_k(milano, origins, end, count=5)

    assert np.isfinite(expected).mean() > 0.9
    assert_allclose(whole, expected, atol=1e-6, rtol=0)
    assert_allclose(near, np.sort(expected, axis=1)[:, :5], atol=1e-6, rtol=0)
    for row in range(1000):
        found = nearest(milano, tuple(places[:, row]), end, count=5).trips
        seconds = [trip.seconds for trip in found] + [np.nan] * (5 - len(found))
        assert_allclose(seconds, np.sort(expected[row])[:5], atol=1e-6, rtol=0)
