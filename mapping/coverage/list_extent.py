"""Where in a city the list of a category is complete: everywhere, in parts of it, or nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mapping.arrays import Bools, Floats, Ints
from mapping.city import Completeness, CompletePart
from mapping.coverage.border import metres_to_border
from mapping.coverage.study_area import StudyArea
from mapping.errors import BadInputError


@dataclass(frozen=True, eq=False)
class ListExtent:
    """Where a list is complete, by the n points where people set out.

    `everywhere` is true of a list that is complete in the whole city. `metres` is how far the parts
    go in which it is, in a straight line from each point to the nearest place outside of them; 0
    outside, infinite where no such place is known. `expired` marks the points where it was
    complete, too long ago for an absence to be claimed of it.
    """

    everywhere: bool
    metres: Floats
    expired: Bools

    def complete(self, reach_metres: float) -> Bools:
        """Flag the points around which the list is complete as far as people walk.

        Parameters
        ----------
        reach_metres : float
            The acceptable walk.

        Returns
        -------
        ndarray of bool, shape (n,)
            False where a service that nobody listed could be in reach, outside the parts.
        """
        flags: Bools = self.metres > reach_metres
        return flags


def list_extent(declared: Completeness, code: str, study_area: StudyArea, epsg: int) -> ListExtent:
    """Lay out where a list is complete on a day.

    Parameters
    ----------
    declared : Completeness
        What the city declares of it, as of the day.
    code : str
        The category.
    study_area : StudyArea
        Where people set out.
    epsg : int
        The city's reference system.

    Returns
    -------
    ListExtent
        By point. Raises BadInputError where a part names an area that the city does not have.
    """
    count = len(study_area.points.x)
    everywhere = declared.status == "complete"
    metres = np.full(count, np.inf if everywhere else 0.0)
    expired = np.full(count, declared.status == "expired")
    if not declared.parts:
        return ListExtent(everywhere, metres, expired)
    part_of, ids = _areas_of(declared.parts, code, study_area)
    lasting = [i for part in declared.parts if part.status == "complete" for i in part.area_ids]
    over = [i for part in declared.parts if part.status == "expired" for i in part.area_ids]
    is_complete = np.isin(ids, lasting)
    if study_area.areas.outlined and is_complete.any():
        metres = _metres_to_the_rest(declared.parts[0].level, is_complete, study_area, epsg)
        metres = np.where(is_complete[part_of], metres, 0.0)
    return ListExtent(everywhere, metres, expired | np.isin(ids, over)[part_of])


def _areas_of(
    parts: Sequence[CompletePart], code: str, study_area: StudyArea
) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.str_]]]:
    """Give the area of each point, and the ids of the areas."""
    level, areas, owner = parts[0].level, study_area.areas, study_area.points.owner
    frame, cell_part = (
        (areas.nil, areas.cells.nil) if level == "nil" else (areas.municipi, areas.cells.municipio)
    )
    ids = frame["area_id"].to_numpy(object).astype(str)
    for area_id in (area_id for part in parts for area_id in part.area_ids):
        if area_id not in ids:
            known = ", ".join(ids[:20]) or "none"
            raise BadInputError(
                f"[[completeness.{code}.parts]] names {level} '{area_id}', which the city does not"
                f" have. Use its area_id: {known}."
            )
    return cell_part[owner], ids


def _metres_to_the_rest(level: str, is_complete: Bools, study_area: StudyArea, epsg: int) -> Floats:
    frame = study_area.areas.nil if level == "nil" else study_area.areas.municipi
    rest = frame[~is_complete].to_crs(epsg).union_all()
    return metres_to_border(study_area.points.x, study_area.points.y, rest)
