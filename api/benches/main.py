"""What this machine does in which time, beside limits and beside our peers: `prossima bench`."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from api.benches import catchments, siting, walks
from api.benches.compute import compute
from api.benches.contest import Contest, compete
from api.benches.ground import BenchGraph, drawn, of_edition
from api.benches.job import build, environment, main_job
from api.benches.page import shown
from api.benches.pages import browse
from api.settings import Settings
from mapping.city import city
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError

LEAST_NODES = 10_000
CONTESTS: dict[str, Callable[[], list[Contest]]] = {
    "walks": walks.contests,
    "catchments": catchments.contests,
    "siting": siting.contests,
}
PARTS = ("job", "pages", *CONTESTS, "compute")
Say = Callable[[str], None]


def measure(
    settings: Settings, *, nodes: int, parts: Sequence[str], say: Say
) -> list[dict[str, Any]]:
    """Build an edition, and let us and our peers work on it and on a drawn city.

    Parameters
    ----------
    settings : Settings
        The mirror to build from; without one there is only the main job.
    nodes : int
        Crossings of the drawn city; 0 for none.
    parts : sequence of str
        Some of `PARTS`; none for all of them.
    say : callable
        Told of each work.

    Returns
    -------
    list of dict
        ground, work, ours, peer, peer_name, unit, ratio (peer / ours, limit / ours), goal,
        megabytes, peer_megabytes, agrees, lost.

    Raises
    ------
    BadInputError
        When a part is not known, or the drawn city too small.
    """
    _require(nodes, parts)
    wanted = parts or PARTS
    with tempfile.TemporaryDirectory(prefix="prossima-bench-") as folder:
        var = Path(folder)
        say("building an edition")
        rows = build(settings, var)
        if "job" in wanted:
            say("the main job")
            rows += main_job(settings, var)
        if "pages" in wanted:
            say("the pages, in a browser")
            rows += browse(settings, environment(settings, var))
        opened = Edition.open(current(var / "editions"))
        if "compute" in wanted and opened.network is not None:
            say("the computing stage")
            rows += compute(environment(settings, var))
        for name, on in _grounds(settings, opened, nodes):
            for contest in (contest for part in wanted for contest in CONTESTS.get(part, list)()):
                say(f"{name}: {contest.work}")
                rows += [{**row, "ground": name} for row in _on(on, contest)]
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Lay the measurements out for a terminal.

    Parameters
    ----------
    rows : list of dict
        Of `measure`.

    Returns
    -------
    str
        One line a measurement.
    """
    lines = [
        f"{row['ground'] or '-':24} {row['work']:48} {shown(row['ours']):>9} {row['unit']:2}"
        f"  {row['peer_name']:24} {shown(row['peer']):>9}  ratio {shown(row['ratio']):>7}"
        f"  goal {row['goal']:g}{'' if row['agrees'] is not False else '  OTHER ANSWER'}"
        for row in rows
    ]
    return "\n".join(lines)


def _grounds(settings: Settings, edition: Edition, nodes: int) -> Iterator[tuple[str, BenchGraph]]:
    place = city(settings.city)
    if edition.network is None:
        return
    here = of_edition(edition, place.epsg)
    yield f"{place.name}, {len(here.network.node_x):,} nodes", here
    if nodes:
        yield f"drawn, {nodes:,} nodes", drawn(nodes, here)


def _on(on: BenchGraph, contest: Contest) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="prossima-bench-") as folder:
        on.write(Path(folder))
        return compete(contest, Path(folder))


def _require(nodes: int, parts: Sequence[str]) -> None:
    if nodes and nodes < LEAST_NODES:
        raise BadInputError(f"A city of {nodes} nodes is too small. Give 0 or {LEAST_NODES:,}.")
    if unknown := set(parts) - set(PARTS):
        raise BadInputError(f"No part '{min(unknown)}'. Use some of: {', '.join(PARTS)}.")
