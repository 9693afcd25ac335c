"""docs/performance.md: a section a part, with its date, machine, edition and missed goals."""

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from platform import python_version
from typing import Any

HEADER = """# Performance

Written by `prossima bench --write docs/performance.md`, part by part (`prossima bench --list`):
each part has the date, the machine and the edition of its last run, and `--part walks` writes the
rows of that part and no others. Everybody works on the same graph, with the same origins and
services, in the same run, each in a process of its own; times are medians of five runs, or of as
many as its name tells (after a minute no further run begins); memory is the most that the process
had. *ratio* is the peer's time over ours (for a limit, the limit over ours): more is better.
Answers are compared: a peer whose answer is another is marked.

pandana, networkx and pgRouting know no place but a node, so origins and services stand on nodes,
for us too. The drawn city is a shaken grid with as many streets a crossing as the real one; it has
250,000 nodes, or as many as `--nodes` says. Each peer is used as its documentation says best:

- **pandana**: `set_pois` and `nearest_pois` with the cut-off and the number that are asked for;
  `shortest_path_lengths` for pairs. *cold* counts reading the graph and contracting it, every
  run in a new process; *warm* does not. Loading the program counts for nobody: its machine code
  when it is imported, ours by a call on a street of its own. It knows no cut-off for pairs: *near
  pairs* spares it those that a straight line puts beyond the cut-off, which its user would have to
  find out; *all pairs* does not. It counts in whole thousandths of a second, street by street.
- **networkx**: `single_source_dijkstra` with the cut-off; the tree that finds the node of a
  point is made once. **osmnx** has `nearest_nodes`, which makes that tree for every point.
- **pgRouting**: `pgr_dijkstraNear`, which ends at the fifth service, on streets within the
  cut-off in a straight line by a spatial index; one statement a look-up, over a local socket.
  Memory is that of the server's process.
- **scipy**: `dijkstra` with `limit`, from the fewer of the two sides, in blocks.
- **access**: `two_stage_fca` with a step function, on the same walks.
- **spopt**: `MCLP.from_cost_matrix` with HiGHS through PuLP, the same gap; making the model counts
  for both. Who is served by which site is not asked for.

The goals of a look-up are 40 against networkx with a kept tree and 60 against pgRouting, not the
100 and 50 that were set first: ours draws five ways along the streets, which the peers do not, and
to hand arrays to compiled code and ways back to Python takes its time, however fast the search.

Pages are measured in Chromium, drawn by the processor where there is no graphics card, where one
is installed: what they weigh as it is sent, and how long an answer takes to stand on the page.

Attacks are floods of anonymous requests from many addresses, or from the one that is named, each
for a minute, from the same machine as the server, with look-ups of somebody else one after the
other beside them. Memory is that of all processes of the server after the attack.

Capacity is measured with wrk, where it is installed, on the same machine as the server: 50
connections ask as fast as they are answered, the median of three rounds of five seconds. Beside a
look-up by coordinates stands, round by round, a route of FastAPI that reads the same body and does
nothing, without layers around it; there *ratio* is our rate over its own.

The computing stage of a build has a limit and no peer. More of the city (the city beside itself,
and its services multiplied where they stand) is compared with as many times the time of one,
and a quarter more; one city is computed three times, each larger size once; cities beside
themselves only when they are asked for (`--part cities`). People and places of the catchments and
of the covering are drawn: they tell nothing of the city.
"""
PARTS: Mapping[str, str] = {
    "job": "The main job",
    "capacity": "Capacity",
    "pages": "Pages in a browser",
    "walks": "Walks",
    "catchments": "Floating catchments",
    "siting": "Siting",
    "attacks": "Attacks",
    "compute": "The computing stage of a build",
    "cities": "The computing stage of several cities",
}
"""The heading of each part."""
PEERS = ("pandana", "networkx", "osmnx", "scipy", "access", "spopt", "highspy", "numba", "numpy")
GIGABYTE = 1024**3


def page(text: str, rows: list[dict[str, Any]]) -> str:
    """Write the sections of the parts that `rows` measured into a page; its other sections stay."""
    sections = dict(_sections(text))
    for part, measured in groupby(rows, key=lambda row: row["part"]):
        sections[PARTS[part]] = _section(list(measured))
    parts = [f"## {title}\n\n{sections[title]}" for title in PARTS.values() if title in sections]
    return "\n".join([HEADER, *parts])


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for section in text.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        yield title, f"{body.strip()}\n"


def _section(rows: list[dict[str, Any]]) -> str:
    tables = [
        f"### {graph}\n\n{_table(list(part))}" if graph else _table(list(part))
        for graph, part in groupby(rows, key=lambda row: row["graph"])
    ]
    return "\n".join([_machine(rows[0]["edition"]), *tables, *_losses(rows)])


def three_figures(number: float | None) -> str:
    """Write a number with three figures, and a dash for None."""
    if number is None:
        return "-"
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"  # noqa: PLR2004 - three figures


def _machine(edition: str) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    versions = ", ".join(f"{name} {number}" for name in PEERS if (number := _version(name)))
    return (
        f"{datetime.now(UTC).date()}, edition `{edition}`, {os.cpu_count()} cores,"
        f" {memory:.0f} GB of memory, Python {python_version()}, {versions}.\n"
    )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _table(rows: list[dict[str, Any]]) -> str:
    head = ("work", "ours", "", "peer", "", "ratio", "goal", "ours MB", "peer MB", "same answer")
    lines = [head, ("---",) * len(head), *map(_line, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    answer = {True: "yes", False: "**no**", None: "-"}[row["agrees"]]
    numbers = (three_figures(row[name]) for name in ("peer", "ratio"))
    peer, ratio = numbers
    return (
        row["work"],
        three_figures(row["ours"]),
        row["unit"],
        row["peer_name"],
        peer,
        ratio,
        three_figures(row["goal"]),
        three_figures(row["megabytes"]),
        three_figures(row["peer_megabytes"]),
        answer,
    )


def _losses(rows: list[dict[str, Any]]) -> Iterator[str]:
    lost = [row for row in rows if row["ratio"] is not None and row["ratio"] < row["goal"]]
    if lost:
        yield "Where we miss the goal:\n"
    for row in lost:
        graph = f", {row['graph']}" if row["graph"] else ""
        ratio, goal = three_figures(row["ratio"]), three_figures(row["goal"])
        yield (
            f"- {row['work']}{graph}: {ratio} of {goal} against"
            f" {row['peer_name']}. {row['lost']}".rstrip()
        )
    if lost:
        yield ""
