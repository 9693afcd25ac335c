"""The benchmark on a small drawn city: everybody answers the same; who is not there is said."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from api.benches import catchments, siting, walks, worker
from api.benches.compute import Stage
from api.benches.contest import Contest, Result, compete, limit_row, module, same
from api.benches.graph import BenchGraph, bench_graph, draw_city
from api.benches.job import environment
from api.benches.load import run as load_rows
from api.benches.main import measure, part_lines, table
from api.benches.page import PARTS, page
from api.benches.pages import browse
from api.benches.worker import Asks
from api.settings import Settings
from mapping.city import city
from mapping.errors import BadInputError
from mapping.territory.areas import Areas
from mapping.territory.cells import Cells
from mapping.walking.network import summary
from tests.mapping.drawn import EPSG
from tests.mapping.drawn import drawn as drawn_map

NODES = 900
PERFORMANCE = Path(__file__).parents[2] / "docs/performance.md"
WALKS = {"part": "walks", "edition": "20261129T000000Z-0badcafe"}
SQUARE = shapely.box(0, 0, 90, 40)
BLOCK = "\n".join(["A--B--C--D", "|  |  |  |", "E--F--G--H", "|  |  |  |", "I--J--K--L"])
CONTESTS = [*walks.contests(), *siting.contests(), *catchments.contests()]
# One of each kind at every change: loading every peer takes longer than what they do.
EVERY_CHANGE = (walks.contests()[2], siting.contests()[0], catchments.contests()[0])
PARAMETERS = [
    pytest.param(
        contest,
        id=contest.work,
        marks=[] if contest in EVERY_CHANGE else pytest.mark.all,
    )
    for contest in CONTESTS
]


@pytest.fixture(scope="module")
def small() -> BenchGraph:
    network, _ = drawn_map(BLOCK)
    nodes = np.arange(len(network.node_x))
    return draw_city(NODES, bench_graph(network, nodes[:1], nodes[:4], np.tile(nodes, 3)))


@pytest.fixture(scope="module")
def folder(small: BenchGraph, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("graph")
    small.write(folder)
    return folder


def test_a_drawn_city_is_in_one_piece_as_dense_as_its_model_and_always_the_same(small):
    model, _ = drawn_map(BLOCK)
    network = small.network
    ends = network.edge_u, network.edge_v
    links = coo_array((np.ones(len(network.edge_u)), ends), (NODES, NODES))
    assert connected_components(links, directed=False)[0] == 1
    degree = len(network.edge_u) / NODES
    assert degree == pytest.approx(len(model.edge_u) / len(model.node_x), abs=0.01)
    again = draw_city(NODES, replace(small, network=network))
    assert len(again.network.edge_u) == pytest.approx(len(network.edge_u), abs=1)
    assert (again.network.node_x == draw_city(NODES, small).network.node_x).all()


def test_a_graph_is_read_as_it_was_written(small, folder):
    read = BenchGraph.read(folder)
    assert (read.network.edge_metres == small.network.edge_metres).all()
    assert (read.origins == small.origins).all()
    assert (read.seconds == small.seconds).all()


@pytest.mark.slow
@pytest.mark.parametrize("contest", PARAMETERS)
def test_every_peer_that_is_there_gives_our_answer(contest: Contest, folder):
    rows = compete(contest, folder, runs=1)
    there = [peer.name for peer in contest.peers if peer.is_installed()]
    assert [row["peer_name"] for row in rows if row["agrees"]] == there
    assert all(row["ratio"] > 0 for row in rows if row["peer_name"] in there)


def test_a_peer_that_is_not_there_is_said(folder):
    contest = CONTESTS[-1]
    absent = replace(contest.peers[0], name="nobody", is_installed=module("no_such_module"))
    (row,) = compete(replace(contest, peers=(absent,)), folder, runs=1)
    assert row["peer_name"] == "nobody (not installed)"
    assert (row["peer"], row["ratio"], row["agrees"]) == (None, None, None)
    assert row["ours"] > 0
    assert "nobody (not installed)" in table([row])
    assert "nobody (not installed)" in page("", [row | WALKS])


def test_a_peer_that_fails_is_said_and_the_others_go_on(folder):
    contest = CONTESTS[-1]
    broken = replace(contest.peers[0], name="broken", prepare="api.benches.walks:no_such_work")
    first, second = compete(replace(contest, peers=(broken, *contest.peers)), folder, runs=1)
    assert "no_such_work" in first["peer_name"]
    assert second["agrees"]


def test_that_we_fail_is_said_in_one_line(folder):
    wrong = replace(CONTESTS[0], ours="api.benches.walks:no_such_work")
    with pytest.raises(BadInputError, match="no_such_work") as failed:
        compete(wrong, folder, runs=1)
    assert "\n" not in str(failed.value)


def test_a_part_replaces_its_own_rows_and_no_others():
    present = PERFORMANCE.read_text(encoding="utf-8")
    row = limit_row("a walk of the test", 2, 1) | WALKS | {"graph": "a street"}
    written = page(present, [row])
    before, after = _sections_of(present), _sections_of(written)
    walks_after = after.pop("Walks")
    assert before.pop("Walks") != walks_after
    assert after == before
    assert WALKS["edition"] in walks_after
    assert "### a street" in walks_after
    assert "- a walk of the test, a street: 0.5 of 1 against limit." in walks_after
    assert page(written, [row]) == written


def test_the_page_has_a_section_for_each_part_as_it_would_be_written():
    present = PERFORMANCE.read_text(encoding="utf-8")
    assert list(_sections_of(present)) == ["# Performance", *PARTS.values()]
    assert page(present, []) == present


def _sections_of(text: str) -> dict[str, str]:
    parts = [part.partition("\n") for part in text.split("\n## ")]
    return {title: body.strip() for title, _, body in parts}


def test_several_cities_are_measured_only_when_they_are_named():
    lines = {line.split()[0]: line for line in part_lines()}
    assert set(lines) == set(PARTS)
    assert [part for part, line in lines.items() if "only when named" in line] == [
        "attacks",
        "cities",
    ]


def test_a_contestant_that_has_taken_long_begins_no_further_run(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "ENOUGH_SECONDS", 0)
    asks = Asks([lambda: 1.0, lambda: 2.0])
    worker.work(lambda _: asks, tmp_path, tmp_path / "result.npz", runs=5)
    done = Result.read(tmp_path / "result.npz")
    assert done.seconds.shape == (1, 2)
    assert done.answers.tolist() == [1.0, 2.0]


def test_another_answer_is_no_agreement():
    ours = np.array([1.0, np.nan])
    assert same(ours, ours + 0.1, 0.2)
    assert not same(ours, ours + 0.3, 0.2)
    assert not same(ours, np.array([1.0, 2.0]), 0.2)
    assert not same(ours, ours[:1], 0.2)


def test_a_row_says_who_how_fast_and_how_much_memory(folder):
    rows = compete(CONTESTS[-1], folder, runs=1)
    told = json.loads(json.dumps(rows))[0]
    expected = {"work", "ours", "peer", "peer_name", "unit", "ratio", "goal", "megabytes"}
    assert expected <= set(told)
    assert told["megabytes"] > 10
    assert told["work"] in page("", [row | WALKS for row in rows])


@pytest.mark.parametrize("asked", [{"nodes": 5, "parts": ()}, {"nodes": 0, "parts": ("cars",)}])
def test_a_wrong_question_is_one_line(asked):
    with pytest.raises(BadInputError, match=r"10,000|walks"):
        measure(Settings(), say=print, **asked)


def test_a_city_beside_itself_has_twice_of_everything_and_no_way_across():
    one = stage()
    two = one.cities(2)
    assert two.network.edge_metres.sum() == 2 * one.network.edge_metres.sum()
    assert summary(two.network)["components"] == 2 * summary(one.network)["components"]
    assert shapely.length(two.network.lines) == pytest.approx(two.network.edge_metres)
    assert shapely.area(two.areas.cells.shapes).sum() == 2 * shapely.area(SQUARE)
    assert len(set(two.areas.cells.area_id)) == 2
    apart = two.services.to_crs(EPSG).distance(one.services.to_crs(EPSG).geometry[0])
    assert apart.tolist() == pytest.approx([0, 5090], abs=0.01)
    assert len(one.services_alone(4).services) == 4
    assert one.services_alone(4).network is one.network


def stage() -> Stage:
    network, _ = drawn_map(BLOCK)
    none = gpd.GeoDataFrame(geometry=[], crs=EPSG)
    people = np.zeros(1), np.zeros((1, 5))
    where = np.zeros(1, np.int64), np.zeros(1, np.int64)
    cells = Cells("section", np.array(["s"], object), np.array([SQUARE]), *where, *people)
    services = gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.Point(5e5, 5e6)], crs=EPSG)
    return Stage(
        city("milano"),
        Areas(none, cells, none, none, outlined=True),
        network,
        services.to_crs(4326),
        {},
        date(2026, 11, 21),
    )


@pytest.mark.all
@pytest.mark.browser
@pytest.mark.usefixtures("chromium")
def test_the_pages_are_weighed_and_timed_in_a_browser(pack_var):
    rows = browse(Settings(), environment(Settings(), pack_var))
    assert {row["unit"] for row in rows} == {"kB", "ms"}
    assert all(row["ours"] > 0 for row in rows)
    weights = [row for row in rows if row["unit"] == "kB"]
    assert [row["work"] for row in weights if row["ratio"] < 1] == []


@pytest.mark.shared
def test_synthetic_rows_go_through_the_whole_pipeline(milano_var: Path) -> None:
    measured = load_rows(200, Settings(var=milano_var))
    assert measured["seconds"] > 0
    assert measured["megabytes"] > 0
