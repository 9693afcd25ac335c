"""Walks to the nearest of many services, by residents: what "15-minute cities" are measured by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mapping.arrays import Floats
from mapping.coverage.cases import Case
from mapping.coverage.situations import ADULT
from mapping.coverage.study_area import StudyArea
from mapping.tables import SECONDS_PER_MINUTE


@dataclass(frozen=True, eq=False)
class ProximityTime:
    """Minutes of walk by point, and the residents of each; NaN where no street leads there."""

    minutes: Floats
    residents: Floats

    @property
    def mean_minutes(self) -> float:
        """Mean of all residents whose minutes are known."""
        known = ~np.isnan(self.minutes)
        return float(np.average(self.minutes[known], weights=self.residents[known]))

    def share_within(self, minutes: float) -> float:
        """Share of the residents with at most so many minutes."""
        return float(self.residents[self.minutes <= minutes].sum() / self.residents.sum())


def proximity_time(
    groups: Sequence[Sequence[Case]], study_area: StudyArea, nearest: int
) -> ProximityTime:
    """Average the walks to the nearest services of each group, then the groups.

    Parameters
    ----------
    groups : sequence of sequence of Case
        Each group's categories are one kind of service.
    study_area : StudyArea
        Streets and residents.
    nearest : int
        How many services of each group are averaged; all of them where there are fewer.

    Returns
    -------
    ProximityTime
        By point.
    """
    walker, points = study_area.walkers[ADULT], study_area.points
    means = []
    for group in groups:
        x = np.concatenate([case.supply.x for case in group])
        y = np.concatenate([case.supply.y for case in group])
        seconds, _ = walker.nearest(x, y, min(nearest, len(x)))
        means.append(seconds.mean(axis=1))
    minutes = np.mean(means, axis=0) / SECONDS_PER_MINUTE
    residents = study_area.areas.cells.residents[points.owner] * points.weight
    return ProximityTime(minutes, residents)
