"""How many would be far at another usual pace: the band beside the number that is published."""

from collections.abc import Mapping

import numpy as np

from mapping.arrays import Floats
from mapping.coverage.classes import FAR, Evidence, WalkTimes, classify

FAR_BY_PACE: Mapping[str, float] = {"share_far_faster": 1.15, "share_far_slower": 0.85}
"""Columns of `tables.COVERAGE`, and the pace of each over ours: 15% is a usual difference."""


def far_by_pace(
    walk: WalkTimes, evidence: Evidence, walk_seconds: float, weights: Floats
) -> dict[str, Floats]:
    """Give the shares of a city that would be far if everybody walked faster, or slower.

    Walking f times as fast is the same as accepting f times the seconds. What premises and the
    border leave in doubt is taken as at our pace.

    Parameters
    ----------
    walk : WalkTimes
        The walk from n points at our pace.
    evidence : Evidence
        What the records allow to be claimed.
    walk_seconds : float
        The acceptable walk.
    weights : ndarray of float, shape (n,)
        The people of every point, not negative.

    Returns
    -------
    dict of str to ndarray of float, shape (1,)
        The columns `FAR_BY_PACE`; none where no absence may be told, or nobody lives.
    """
    total = weights.sum()
    if not evidence.allows_absence.any() or total <= 0:
        return {}
    reasons = {
        name: classify(walk, evidence, walk_seconds * pace) for name, pace in FAR_BY_PACE.items()
    }
    return {name: np.array([weights[of == FAR].sum() / total]) for name, of in reasons.items()}
