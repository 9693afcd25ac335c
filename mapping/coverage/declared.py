"""Premises whose own name says a service is there, and that no record accounts for."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from mapping.arrays import Floats, Ints
from mapping.coverage.service_status import Supply
from mapping.coverage.study_area import StudyArea
from mapping.crs import to_metres
from mapping.walking.profiles import profile

ACCOUNTED_METRES = 150.0
"""A record so near to the outline of premises is theirs: so near to its address stand 95 in 100 of
the points that registers publish of schools (docs/quality.md)."""


@dataclass(frozen=True, eq=False)
class DeclaredPremises:
    """Premises of one category, as arrays of length p.

    `x`, `y` and `error_metres` are metres; `name` is what each says of itself, and `basis` who
    publishes that, and in which attribute.
    """

    x: Floats
    y: Floats
    error_metres: Floats
    name: npt.NDArray[np.object_]
    basis: npt.NDArray[np.object_]

    def take(self, rows: npt.NDArray[np.bool_]) -> "DeclaredPremises":
        """Choose some of the premises.

        Parameters
        ----------
        rows : ndarray of bool, shape (p,)
            Which ones.

        Returns
        -------
        DeclaredPremises
            Theirs.
        """
        return DeclaredPremises(
            self.x[rows], self.y[rows], self.error_metres[rows], self.name[rows], self.basis[rows]
        )

    def without_record(self, records: Supply) -> "DeclaredPremises":
        """Leave out the premises that a record of the category accounts for.

        Parameters
        ----------
        records : Supply
            The placed records of the category, fresh or stale.

        Returns
        -------
        DeclaredPremises
            Those whose outline ends farther from every record than `ACCOUNTED_METRES`. How vague
            the position of a record is does not count: one that may be anywhere accounts for none.
        """
        if not len(self.x) or not len(records.x):
            return self
        metres, _ = cKDTree(np.column_stack([records.x, records.y])).query(
            np.column_stack([self.x, self.y])
        )
        return self.take(metres > ACCOUNTED_METRES + self.error_metres)

    def within(self, study_area: StudyArea, walker: str, walk_seconds: float) -> Ints:
        """Find from which points premises could be within the walk.

        Parameters
        ----------
        study_area : StudyArea
            Where people set out.
        walker : str
            The profile.
        walk_seconds : float
            The acceptable walk.

        Returns
        -------
        ndarray of int, shape (n,)
            The nearest premises of each point, -1 where they are farther however far they reach,
            and everywhere without streets.
        """
        nobody = np.full(len(study_area.points.x), -1)
        if study_area.estimated or not len(self.x):
            return nobody
        seconds, target = study_area.walkers[walker].nearest(self.x, self.y, 1)
        slack = np.append(self.error_metres, 0.0)[target] / profile(walker).metres_per_second
        is_within = (seconds - slack <= walk_seconds)[:, 0]
        return np.where(is_within, target[:, 0], nobody)


def declared_premises(premises: pd.DataFrame | None, code: str, epsg: int) -> DeclaredPremises:
    """Take the premises that say they are of a category.

    Parameters
    ----------
    premises : DataFrame or None
        The columns of `tables.PREMISES`; None where no source gives any.
    code : str
        The category.
    epsg : int
        The city's reference system.

    Returns
    -------
    DeclaredPremises
        In the order of the frame; none where the frame does not say what premises are.
    """
    if premises is None or premises.empty:
        nothing, none = np.zeros(0), np.zeros(0, object)
        return DeclaredPremises(nothing, nothing, nothing, none, none)
    is_of_kind = premises["categories"].map(lambda codes: code in codes).to_numpy(bool)
    rows = premises[is_of_kind]
    x, y = to_metres(rows["lon"], rows["lat"], epsg)
    return DeclaredPremises(
        x,
        y,
        rows["error_metres"].fillna(0).to_numpy(float),
        rows["name"].to_numpy(object),
        rows["category_basis"].to_numpy(object),
    )
