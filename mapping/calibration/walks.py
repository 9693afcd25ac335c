"""Walks with a pushchair, from public crossings in the four quarters of the city to services."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mapping.calibration.calls import drawn_key
from mapping.city import City
from mapping.crs import to_degrees
from mapping.disclosure import public_categories
from mapping.edition.edition import Edition
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.services.service_row import ServiceRow
from mapping.tables import SECONDS_PER_MINUTE
from mapping.text import readable
from mapping.walking.network import Network

WALKS = 40
QUARTERS = ("nord-ovest", "nord-est", "sud-ovest", "sud-est")
"""By the two sides of the city's centre, north and south, west and east."""
STROLLER = "stroller"
MIN_MINUTES, MAX_MINUTES = 4.0, 25.0
"""A shorter walk tells little of the pace, and a longer one costs the day of whoever walks."""
TRIES = 25
"""Crossings that are looked at for each walk that is wanted."""


@dataclass(frozen=True)
class PlannedWalk:
    """A walk; `code` names it within those of its edition, degrees are those of the crossing."""

    code: str
    quarter: str
    start: str
    lon: float
    lat: float
    service: ServiceRow
    minutes: float


def plan_walks(edition: Edition, place: City, seed: int, count: int = WALKS) -> list[PlannedWalk]:
    """Draw as many walks in each quarter, each to another service; fewer where there are no more.

    A walk begins where two streets with a name cross: nobody's home. The same edition and seed give
    the same walks. None where the edition has no streets: nothing predicts them.
    """
    network = edition.network
    if network is None:
        return []
    lookup = Lookup(edition, place.epsg)
    public = public_categories()
    routed = {row.category for row in edition.service_rows if row.is_routed and row.is_listed}
    codes = sorted(routed & public.keys())
    quarters: list[list[tuple[str, float, float, ServiceRow, float]]] = [[] for _ in QUARTERS]
    wanted, taken = count // len(QUARTERS), set[str]()
    rng = np.random.default_rng(int(drawn_key(edition, seed, "walks")[:16], 16))
    crossings = _Crossings(network)
    order = rng.permutation(len(crossings))
    tries = [0] * len(QUARTERS)
    for row in order.tolist():
        lon, lat = crossings.degrees(row)
        number = 2 * (lat < place.centre[1]) + (lon >= place.centre[0])
        walks = quarters[number]
        if len(walks) == wanted or tries[number] == TRIES * wanted or not codes:
            continue
        tries[number] += 1
        code = codes[int(rng.integers(len(codes)))]
        nearest = _walk(lookup, lon, lat, code)
        if nearest is not None and nearest[0].service_id not in taken:
            taken.add(nearest[0].service_id)
            walks.append((crossings.label(row), lon, lat, *nearest))
    named = zip(QUARTERS, quarters, strict=True)
    drawn = [(quarter, *walk) for quarter, walks in named for walk in walks]
    return [PlannedWalk(f"P{n:02}", *walk) for n, walk in enumerate(drawn, 1)]


def _walk(lookup: Lookup, lon: float, lat: float, code: str) -> tuple[ServiceRow, float] | None:
    """Predict the walk to the nearest service of a category, where it is worth walking."""
    question = Question((code,), count=1, max_minutes=MAX_MINUTES, profile=STROLLER)
    answer = lookup.nearest(lookup.origin(Where(lon=lon, lat=lat)), question)
    if answer.origin.municipio is None or not answer.results:
        return None
    nearest = answer.results[0]
    minutes = nearest.seconds / SECONDS_PER_MINUTE
    is_street = not nearest.estimated and nearest.service.comune_outside is None
    return (nearest.service, minutes) if is_street and minutes >= MIN_MINUTES else None


class _Crossings:
    """Nodes of the streets at which two names meet."""

    def __init__(self, network: Network) -> None:
        self._network = network
        ends = np.concatenate([network.edge_u, network.edge_v])
        names = np.concatenate([network.edge_name, network.edge_name])
        pairs = np.unique(np.column_stack([ends, names])[names >= 0], axis=0)
        nodes, first, count = np.unique(pairs[:, 0], return_index=True, return_counts=True)
        crossed = count > 1
        self._nodes, self._first = nodes[crossed], first[crossed]
        self._names: npt.NDArray[np.int64] = pairs[:, 1]

    def __len__(self) -> int:
        return len(self._nodes)

    def degrees(self, row: int) -> tuple[float, float]:
        node = self._nodes[row]
        x, y = self._network.node_x[[node]], self._network.node_y[[node]]
        lon, lat = to_degrees(x, y, self._network.epsg)
        return round(float(lon[0]), 5), round(float(lat[0]), 5)

    def label(self, row: int) -> str:
        first = self._first[row]
        first_name, other_name = (self._network.names[self._names[first + n]] for n in (0, 1))
        return f"{readable(first_name)} angolo {readable(other_name)}"


def count_by_quarter(walks: Sequence[PlannedWalk]) -> Iterator[tuple[str, int]]:
    """Count the walks of each quarter."""
    for quarter in QUARTERS:
        yield quarter, sum(walk.quarter == quarter for walk in walks)
