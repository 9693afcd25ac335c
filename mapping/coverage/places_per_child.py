"""Places per 100 people whom a category serves, around every point."""

import numpy as np

from mapping.arrays import Bools, Floats
from mapping.coverage.floating_catchment import LUO_QI, balanced, zone_weights
from mapping.coverage.service_status import Supply
from mapping.coverage.study_area import Walker

LEAST_BASIS = 0.1
"""A figure that rests on less than this share of the people is none of the area's."""
_ROUNDING = 1e-9


def places_per_100(
    supply: Supply, walker: Walker, people: Floats, walk_seconds: float, *, complete: bool
) -> Floats | None:
    """Share the places of services out among those who walk to them.

    Parameters
    ----------
    supply : Supply
        The services.
    walker : Walker
        Who walks, from n points.
    people : ndarray of float, shape (n,)
        People of every point whom the category serves.
    walk_seconds : float
        The acceptable walk: the catchment, in three zones.
    complete : bool
        Whether the list is complete: else no service in reach is not the same as no place.

    Returns
    -------
    ndarray of float, shape (n,), or None
        Of `floating_catchment.balanced`; NaN where the capacity of a service in
        reach is not known. None where that is so of all services, or nobody counts the people.
    """
    if np.isnan(supply.capacity).all() or np.isnan(people).any():
        return None
    demand = np.bincount(walker.place, people, len(walker.snaps.edge))
    seconds = walker.within(supply.x, supply.y, walk_seconds)
    access = balanced(zone_weights(seconds, walk_seconds, zones=LUO_QI), demand, supply.capacity)
    is_known = ~access.at_least & (complete | (np.diff(seconds.indptr) > 0))
    per_100: Floats = np.where(is_known, 100 * access.places, np.nan)[walker.place]
    return per_100


def is_below_city(per_100: Floats, people: Floats) -> Bools:
    """Flag the points with fewer places for those who want them than the city has in all.

    Parameters
    ----------
    per_100 : ndarray of float, shape (n,)
        Of `places_per_100`; NaN is not known, and not below.
    people : ndarray of float, shape (n,)
        People of every point whom the category serves.

    Returns
    -------
    ndarray of bool, shape (n,)
        Below the mean over the people of whom it is known; nowhere where these are fewer than
        `LEAST_BASIS` of all.
    """
    is_known = ~np.isnan(per_100)
    known = people[is_known].sum()
    if known == 0 or known < LEAST_BASIS * people.sum():
        return np.zeros(len(per_100), bool)
    of_city = (per_100[is_known] * people[is_known]).sum() / known
    below: Bools = per_100 < of_city * (1 - _ROUNDING)
    return below
