"""Places per child within a walk where children compete for them: floating catchment areas.

Weights say how strongly a service draws an area. The two-step catchment counts a child in full at
every service in reach; the balanced one counts each child once, divided among these services.
Both give every place away once, so that places are conserved.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, diags_array

from mapping.arrays import Bools, Floats
from mapping.errors import BadInputError

LUO_QI = (1.0, 0.68, 0.22)
"""Weights of three equally wide zones: W. Luo, Y. Qi (2009), "An enhanced two-step floating
catchment area (E2SFCA) method for measuring spatial accessibility to primary care physicians",
Health & Place 15(4), doi:10.1016/j.healthplace.2009.06.002; the slower of their decays."""


@dataclass(frozen=True, eq=False)
class Access:
    """Places per person in reach of n areas, given by t services.

    `places` (n,) counts the services whose capacity is known. It is 0 where no service is in
    reach, and NaN where those in reach are all of unknown capacity, or where places in reach are
    wanted by nobody (only an area without people can be so). `at_least` (n,) marks where a service
    in reach has an unknown capacity: there are that many places, or more.
    `ratio` (t,) is the places of each service per person who is drawn by it; NaN where its
    capacity is unknown, or nobody is drawn. `unknown` counts the services of unknown capacity.
    """

    places: Floats
    at_least: Bools
    ratio: Floats
    unknown: int


def zone_weights(
    seconds: csr_array, catchment_seconds: float, *, zones: tuple[float, ...] = (1.0,)
) -> csr_array:
    """Weigh every pair within the catchment by the zone that its walk lies in.

    Parameters
    ----------
    seconds : csr_array, shape (n, t)
        Walks from areas to services; what is not stored is out of reach, a stored 0 is at the door.
    catchment_seconds : float
        The longest walk; not beyond the cut-off of `seconds`, which holds nothing farther.
    zones : tuple of float
        Weights in (0, 1] of equally wide zones, the nearest first; a border belongs to the zone
        within it. One zone of weight 1 is the catchment without a decay.

    Returns
    -------
    csr_array, shape (n, t)
        Weights; nothing is stored beyond the catchment.

    Raises
    ------
    BadInputError
        When a walk is negative or NaN, the catchment not positive, or a weight not in (0, 1].
    """
    if not 0 < catchment_seconds < np.inf:
        raise BadInputError(
            f"A catchment of {catchment_seconds} seconds. It must be positive and finite."
        )
    if not zones or not all(0 < weight <= 1 for weight in zones):
        raise BadInputError(f"Zones of weights {zones}. Give one or more, each in (0, 1].")
    if not (seconds.data >= 0).all():
        raise BadInputError("A walk is negative or NaN. Store only pairs that can be walked.")
    pairs = seconds.tocoo()
    within = pairs.data <= catchment_seconds
    borders = catchment_seconds * np.arange(1, len(zones)) / len(zones)
    weights = np.array(zones)[np.searchsorted(borders, pairs.data[within])]
    return csr_array((weights, (pairs.row[within], pairs.col[within])), seconds.shape)


def two_step(weights: csr_array, demand: npt.ArrayLike, capacity: npt.ArrayLike) -> Access:
    """Compute places per person by the two-step floating catchment.

    J. Radke, L. Mu (2000), Geographic Information Sciences 6(2); W. Luo, F. Wang (2003),
    Environment and Planning B 30(6), doi:10.1068/b29120. With decaying weights it is the enhanced
    method of Luo and Qi (2009).

    Parameters
    ----------
    weights : csr_array, shape (n, t)
        Of `zone_weights`.
    demand : array_like of float, shape (n,)
        People of each area; 0 is allowed.
    capacity : array_like of float, shape (t,)
        Places of each service; NaN is unknown.

    Returns
    -------
    Access
        Places per person: those of a new service are always more, never fewer.

    Raises
    ------
    BadInputError
        When a length does not fit, or people or places are negative or not finite.
    """
    return _shared_out(weights, *_checked(weights, demand, capacity))


def balanced(weights: csr_array, demand: npt.ArrayLike, capacity: npt.ArrayLike) -> Access:
    """Compute places per person by a floating catchment that counts every person once.

    The people of an area divide among the services in reach in proportion to the weights, as in
    A. Paez, C. D. Higgins, S. F. Vivona (2019), PLOS ONE 14(6), doi:10.1371/journal.pone.0218773.
    They then get of each service what their part of it is worth. (The paper instead scales the
    weights of a service to sum to 1 over *areas*: that conserves the sum of the ratios, but not
    the places, and an area that is drawn as two would get half as much.)

    Parameters
    ----------
    weights : csr_array, shape (n, t)
        Of `zone_weights`.
    demand : array_like of float, shape (n,)
        People of each area; 0 is allowed.
    capacity : array_like of float, shape (t,)
        Places of each service; NaN is unknown: it draws people as any other does.

    Returns
    -------
    Access
        Places per person. A new service may leave an area with fewer, if it draws the area's
        people into a longer queue: the division does not know how crowded services are.

    Raises
    ------
    BadInputError
        When a length does not fit, or people or places are negative or not finite.
    """
    checked = _checked(weights, demand, capacity)
    totals = weights.sum(axis=1)
    parts = np.divide(1.0, totals, out=np.zeros(len(totals)), where=totals > 0)
    return _shared_out(csr_array(diags_array(parts) @ weights), *checked)


def _shared_out(weights: csr_array, demand: Floats, capacity: Floats) -> Access:
    # sum_i D_i A_i = sum_j R_j sum_i w_ij D_i = sum_j S_j, whatever the weights are.
    drawn = weights.T @ demand
    ratio = np.divide(capacity, drawn, out=np.full(len(capacity), np.nan), where=drawn > 0)
    has_capacity = np.isfinite(capacity)
    idle = has_capacity & (capacity > 0) & (drawn == 0)
    places = weights @ np.where(has_capacity & (drawn > 0), ratio, 0.0)
    reach = weights.astype(bool).astype(float)
    all_of, unknown_of = reach.sum(axis=1), reach @ (~has_capacity).astype(float)
    undefined = (reach @ idle.astype(float) > 0) | ((all_of > 0) & (unknown_of == all_of))
    return Access(
        np.where(undefined, np.nan, places), unknown_of > 0, ratio, int((~has_capacity).sum())
    )


def _checked(
    weights: csr_array, demand: npt.ArrayLike, capacity: npt.ArrayLike
) -> tuple[Floats, Floats]:
    people, places = np.asarray(demand, float), np.asarray(capacity, float)
    if (people.shape, places.shape) != ((weights.shape[0],), (weights.shape[1],)):
        raise BadInputError(
            f"{people.shape} people and {places.shape} places for weights of {weights.shape}."
            " Give one number of people an area, and one of places a service."
        )
    if not ((people >= 0) & np.isfinite(people)).all():
        raise BadInputError(
            "People of an area are negative or unknown. Give 0 or more, or leave it out."
        )
    if not (np.isnan(places) | ((places >= 0) & np.isfinite(places))).all():
        raise BadInputError(
            "Places of a service are negative or infinite. Give 0 or more, NaN if unknown."
        )
    return people, places
