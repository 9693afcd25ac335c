"""Study area: the points where people start, on the streets as each profile walks them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array

from mapping.arrays import Bools, Floats, Ints
from mapping.coverage.border import Border
from mapping.coverage.confidence.draws import CHILDREN_CV, RESIDENTS_CV, Draws, factors
from mapping.coverage.origins import Points, area_points, street_points, surface_points
from mapping.disclosure import SECTION, is_outgrown
from mapping.territory.areas import Areas
from mapping.territory.cells import Cells
from mapping.walking import routing
from mapping.walking.network import Network
from mapping.walking.profiles import profiles
from mapping.walking.routing import Graph
from mapping.walking.snapping import Snaps

Objects = npt.NDArray[np.object_]


class Level(NamedTuple):
    """A level of areas: ids, the area of each point, and residents, NaN where uncounted.

    `outgrown` flags areas of which the ages at the census tell nothing of today, `disagreeing`
    those of which registry and census disagree on the children.
    """

    name: str
    area_id: Objects
    groups: Ints
    residents: Floats
    outgrown: Bools
    disagreeing: Bools

    @property
    def areas(self) -> int:
        """How many areas."""
        return len(self.area_id)


class Walker(NamedTuple):
    """The streets as one profile walks them, with the points snapped to them.

    Points at one place are walked from once: `snaps` are the snapped places, and `place` (n,) gives
    the place of each point.
    """

    graph: Graph
    snaps: Snaps
    place: Ints

    @property
    def off_network(self) -> Bools:
        """Points too far from any street to be on the network."""
        far: Bools = self.snaps.off_network[self.place]
        return far

    def nearest(
        self, x: Floats, y: Floats, count: int, max_seconds: float = np.inf
    ) -> tuple[Floats, Ints]:
        """Walk from every point to the nearest of some services.

        Parameters
        ----------
        x, y : ndarray of float, shape (s,)
            The services, metres.
        count : int
            How many of them, k.
        max_seconds : float
            Longer walks are left out.

        Returns
        -------
        tuple of ndarray, shape (n, k)
            Seconds and services, as `routing.nearest_k`.
        """
        targets = routing.targets(self.graph, self.graph.snap(x, y))
        seconds, target = routing.nearest_k(
            self.graph, self.snaps, targets, count=count, max_seconds=max_seconds
        )
        return seconds[self.place], target[self.place]

    def within(self, x: Floats, y: Floats, max_seconds: float) -> csr_array:
        """Walk between the places and all services that are near enough.

        Parameters
        ----------
        x, y : ndarray of float, shape (s,)
            The services, metres.
        max_seconds : float
            Pairs farther apart are left out.

        Returns
        -------
        csr_array, shape (places, s)
            Seconds, as `routing.matrix`; a row for each of `snaps`, not for each point.
        """
        targets = routing.targets(self.graph, self.graph.snap(x, y))
        return routing.matrix(self.graph, self.snaps, targets, max_seconds=max_seconds)


@dataclass(frozen=True)
class StudyArea:
    """Points where people start and the streets of each profile, the same for every category.

    `walkers` is empty without streets; `caps` gives the municipi in which civic numbers of each
    postcode stand.
    """

    areas: Areas
    points: Points
    walkers: Mapping[str, Walker]
    caps: Mapping[str, set[str]] = field(default_factory=dict)
    border: Border | None = None
    """Where the city ends; None where that is the edge of the world."""

    @property
    def estimated(self) -> bool:
        """Whether there are no streets, and times are estimated."""
        return not self.walkers

    @property
    def knows_streets_beyond(self) -> bool:
        """Whether the streets over the border are all known, as far as anybody walks there."""
        return self.border is None or self.border.beyond.knows_streets

    @cached_property
    def factors(self) -> dict[float, Draws]:
        """Drawn factors by which the people of every cell are off, by coefficient of variation."""
        ids = list(map(str, self.areas.cells.area_id))
        return {cv: factors(ids, cv) for cv in (CHILDREN_CV, RESIDENTS_CV)}

    @property
    def ways_known(self) -> bool:
        """Whether the streets tell where there are steps."""
        return any(walker.graph.network.knows_steps for walker in self.walkers.values())

    @cached_property
    def levels(self) -> list[Level]:
        """The levels of areas that coverage is computed for."""
        return _levels(self.areas, self.points)


def make_study_area(
    areas: Areas,
    network: Network | None,
    caps: Mapping[str, set[str]],
    homes: Floats | None = None,
) -> StudyArea:
    """Spread the people of the city over its streets; without streets times are estimated.

    Parameters
    ----------
    areas : Areas
        The city.
    network : Network or None
        Its streets.
    caps : mapping of str to set of str
        The municipi of each postcode.
    homes : ndarray of float, shape (k, 2), optional
        Where people live, in metres, for `origins.street_points`.

    Returns
    -------
    StudyArea
        With the points where people start, and their snaps for each profile.
    """
    cells = areas.cells
    if network is not None and cells.outlined:
        points = street_points(network, cells.shapes, homes)
        return StudyArea(areas, points, _walkers(network, points), caps)
    if cells.level == SECTION or not cells.outlined:
        return StudyArea(areas, area_points(_inside(cells)), {}, caps)
    return StudyArea(areas, surface_points(cells.shapes), {}, caps)


def _levels(areas: Areas, points: Points) -> list[Level]:
    """List the levels of a city, the largest areas first."""
    cells, owner = areas.cells, points.owner
    frame = areas.frame
    city = frame.loc[frame["level"] == "municipality", "area_id"].to_numpy(object)
    each = np.arange(len(cells.residents))
    parts: list[tuple[str, Objects, Ints]] = [("municipality", city, np.zeros_like(each))]
    if areas.divided:
        ids = areas.municipi["area_id"].to_numpy(object)
        parts.append(("municipio", ids, cells.municipio))
    if len(areas.nil):
        parts.append(("nil", areas.nil["area_id"].to_numpy(object), cells.nil))
    if cells.level == SECTION:
        parts.append((SECTION, cells.area_id, each))
    people = cells.residents[owner] * points.weight
    return [
        Level(
            name,
            ids,
            of_cell[owner],
            np.bincount(of_cell[owner], people, len(ids)).astype(float),
            is_outgrown(cells.census_ratio(of_cell, len(ids))),
            cells.disagree(of_cell, len(ids)),
        )
        for name, ids, of_cell in parts
    ]


def _walkers(network: Network, points: Points) -> dict[str, Walker]:
    x_y, place = np.unique(np.column_stack([points.x, points.y]), axis=0, return_inverse=True)
    graphs = {name: routing.graph(network, walker) for name, walker in profiles().items()}
    return {
        name: Walker(graph, graph.snap(*x_y.T), place.ravel()) for name, graph in graphs.items()
    }


def _inside(cells: Cells) -> Objects:
    points: Objects = shapely.point_on_surface(cells.shapes)
    return points
