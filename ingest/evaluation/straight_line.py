"""Counts people beyond a straight line from services: the simplest check of what is far."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from mapping.arrays import Floats
from mapping.coverage.study_area import StudyArea
from mapping.crs import to_metres
from mapping.disclosure import SECTION


@dataclass(frozen=True, eq=False)
class Dwellers:
    """Places in metres, and the people who are taken to live at each."""

    x: Floats
    y: Floats
    people: Floats

    def beyond(self, x: Floats, y: Floats, metres: float) -> float:
        """Count the people farther than so many metres from every service.

        Parameters
        ----------
        x, y : ndarray of float, shape (s,)
            The services, metres; one at least.
        metres : float
            How far.

        Returns
        -------
        float
            People.
        """
        nearest, _ = cKDTree(np.column_stack([x, y])).query(np.column_stack([self.x, self.y]))
        return float(self.people[nearest > metres].sum())


def at_their_doors(study_area: StudyArea) -> Dwellers:
    """Put residents at the points where a build has them set out, but for institutions.

    Parameters
    ----------
    study_area : StudyArea
        Streets and residents.

    Returns
    -------
    Dwellers
        By point.
    """
    points = study_area.points
    residents = study_area.areas.cells.residents[points.owner] * points.weight
    return Dwellers(points.x, points.y, residents)


def inside_sections(study_area: StudyArea, epsg: int, *, institutions: bool) -> Dwellers:
    """Put all residents of a section at one point inside of it.

    Parameters
    ----------
    study_area : StudyArea
        A city of sections.
    epsg : int
        Its reference system.
    institutions : bool
        Whether those of prisons, barracks, convents and hospitals are among them.

    Returns
    -------
    Dwellers
        By section.
    """
    frame = study_area.areas.frame
    rows = frame[frame["level"] == SECTION]
    people = study_area.areas.cells.residents  # the cells are the sections, in their order
    if institutions:
        counted = frame[frame["level"] == "institution"].set_index("area_id")["residents"]
        people = people + rows["area_id"].map(counted).fillna(0).to_numpy(float)
    return Dwellers(*to_metres(rows["lon"], rows["lat"], epsg), people)
