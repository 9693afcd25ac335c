"""Measure this machine beside limits and beside peers, part by part: `prossima bench`."""

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.benches import catchments, siting, walks
from api.benches.attacks import attack_all
from api.benches.capacity import capacity
from api.benches.compute import compute, compute_cities
from api.benches.contest import Contest, compete
from api.benches.graph import BenchGraph, draw_city, of_edition
from api.benches.job import build, environment, main_job
from api.benches.page import PARTS, three_figures
from api.benches.pages import browse
from api.settings import Settings
from mapping.city import city
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from mapping.text import Say

MIN_NODES = 10_000
WIDTH = 400
"""Columns of the terminal's table, more than any row takes."""
BY_NAME = ("attacks", "cities")
"""Measured only when asked for: the attacks take the machine for a dozen minutes, the cities for a
quarter of an hour with 10 GB of memory."""
CONTESTS: Mapping[str, Callable[[], list[Contest]]] = {
    "walks": walks.contests,
    "catchments": catchments.contests,
    "siting": siting.contests,
}
Rows = list[dict[str, Any]]


def measure(
    settings: Settings, *, nodes: int, parts: Sequence[str], say: Say, workers: Sequence[int] = (1,)
) -> Rows:
    """Build an edition, and measure parts on it and on a drawn city of so many nodes (0: none).

    Without `parts` all are measured but those of `BY_NAME`; `workers` are how many the server has
    whose capacity is measured, for each number. A row holds part, edition, graph, work,
    ours, peer, peer_name, unit, ratio (peer / ours, limit / ours), goal, megabytes, peer_megabytes,
    agrees, lost. Raises BadInputError when a part is not known, or the drawn city too small.
    """
    _require(nodes, parts)
    wanted = [part for part in PARTS if (part in parts if parts else part not in BY_NAME)]
    with tempfile.TemporaryDirectory(prefix="prossima-bench-") as folder:
        var = Path(folder)
        say("building an edition")
        built = build(settings, var)
        edition, variables = Edition.open(current(var / "editions")), environment(settings, var)
        works: dict[str, Callable[[], Rows]] = {
            "job": lambda: [*built, *main_job(settings, var)],
            "capacity": lambda: [
                row for count in workers for row in capacity(edition, variables, workers=count)
            ],
            "pages": lambda: browse(settings, variables),
            "attacks": lambda: attack_all(settings, variables),
        }
        if edition.network is not None:
            works |= {
                "compute": lambda: compute(variables),
                "cities": lambda: compute_cities(variables),
            }
        graphs = list(_graphs(settings, edition, nodes)) if set(wanted) & set(CONTESTS) else []
        rows: Rows = []
        for part in wanted:
            say(f"{part}: {PARTS[part].lower()}")
            measured = works[part]() if part in works else list(_compete(part, graphs, say))
            rows += [{"part": part, "edition": edition.path.name, **row} for row in measured]
    return rows


def table(rows: Rows) -> str:
    """Lay the measurements out for a terminal, a line each, however wide."""
    grid = Table(box=box.SIMPLE, pad_edge=False)
    for name in ("graph", "work", "ours", "", "peer", "", "ratio", "goal", ""):
        grid.add_column(name, no_wrap=True)
    for row in rows:
        grid.add_row(*map(Text, _cells(row)))
    out = io.StringIO()
    Console(file=out, width=WIDTH).print(grid)
    return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").splitlines())


def _cells(row: Mapping[str, Any]) -> Iterator[str]:
    yield from (row["graph"] or "-", row["work"], three_figures(row["ours"]), row["unit"])
    yield from (
        row["peer_name"],
        three_figures(row["peer"]),
        three_figures(row["ratio"]),
        three_figures(row["goal"]),
    )
    yield "OTHER ANSWER" if row["agrees"] is False else ""


def part_lines() -> list[str]:
    """List the parts, and which of them must be named."""
    return [
        f"{part:11} {title}{' (only when named: --part)' if part in BY_NAME else ''}"
        for part, title in PARTS.items()
    ]


def _graphs(settings: Settings, edition: Edition, nodes: int) -> Iterator[tuple[str, BenchGraph]]:
    place = city(settings.city)
    if edition.network is None:
        return
    own_graph = of_edition(edition, place.epsg)
    yield f"{place.name}, {len(own_graph.network.node_x):,} nodes", own_graph
    if nodes:
        yield f"drawn, {nodes:,} nodes", draw_city(nodes, own_graph)


def _compete(
    part: str, graphs: Sequence[tuple[str, BenchGraph]], say: Say
) -> Iterator[dict[str, Any]]:
    for name, graph in graphs:
        for contest in CONTESTS.get(part, list)():
            say(f"{name}: {contest.work}")
            with tempfile.TemporaryDirectory(prefix="prossima-bench-") as folder:
                graph.write(Path(folder))
                for row in compete(contest, Path(folder)):
                    yield {**row, "graph": name}


def _require(nodes: int, parts: Sequence[str]) -> None:
    if nodes and nodes < MIN_NODES:
        raise BadInputError(f"A city of {nodes} nodes is too small. Give 0 or {MIN_NODES:,}.")
    if unknown := set(parts) - set(PARTS):
        raise BadInputError(f"No part '{min(unknown)}'. Use some of: {', '.join(PARTS)}.")
