"""Changes of services as people ask for them: which service is meant, and where it is computed."""

from dataclasses import dataclass

import numpy as np

from mapping.errors import BadInputError, UnknownServiceError
from mapping.siting.inputs import PlanData, Services
from mapping.siting.scenario import Kind, ServiceChange
from mapping.tables import Row


@dataclass(frozen=True)
class RequestedChange:
    """A requested change; an existing service is named by its id."""

    do: Kind
    service_id: str | None = None
    name: str | None = None
    lon: float | None = None
    lat: float | None = None
    places: float | None = None


def change_of(
    data: PlanData, services: Services, requested: RequestedChange, number: int
) -> ServiceChange:
    """Find what a requested change is of, and where it is computed.

    Parameters
    ----------
    data : PlanData
        An edition.
    services : Services
        Those that stand.
    requested : RequestedChange
        What was asked.
    number : int
        Its place among the changes, from 1: the id of a service that is added.

    Returns
    -------
    ServiceChange
        With a place in metres, on the grid or at a candidate.

    Raises
    ------
    BadInputError
        When the service stands in several places.
    UnknownServiceError
        When no service of the category has the id.
    """
    x, y = None, None
    if requested.lon is not None and requested.lat is not None:
        x, y = data.place(requested.lon, requested.lat)
    if requested.do == "add":
        return ServiceChange(
            "add", requested.service_id or f"nuovo:{number}", x, y, requested.places
        )
    return ServiceChange(requested.do, _standing_id(services, requested), x, y, requested.places)


def change_row(data: PlanData, requested: RequestedChange, computed: ServiceChange) -> Row:
    """Tell where a change was computed, and how far that is from where it was asked.

    Parameters
    ----------
    data : PlanData
        An edition.
    requested : RequestedChange
        What was asked.
    computed : ServiceChange
        Of `change_of`.

    Returns
    -------
    dict
        Ready for JSON.
    """
    snapped = None
    if computed.x is not None and computed.y is not None:
        x, y = data.metres([{"lon": requested.lon, "lat": requested.lat}])
        snapped = round(float(np.hypot(x[0] - computed.x, y[0] - computed.y)))
    return {
        "do": computed.do,
        "id": computed.id,
        "places": computed.places,
        **data.degrees(computed.x, computed.y),
        "snapped_metres": snapped,
    }


def _standing_id(services: Services, requested: RequestedChange) -> str:
    named = requested.service_id or ""
    matching = [
        site.id
        for row, site in zip(services.rows, services.standing, strict=True)
        if row.is_named(named) or named in (site.id, row.location_id)
    ]
    if len(matching) > 1:
        raise BadInputError(f"'{named}' stands in several places. Give one: {', '.join(matching)}.")
    if not matching and not named.startswith("nuovo:"):
        raise UnknownServiceError(
            f"No service '{named}' of the category has a known place. Find the ids in"
            " /v1/services, or in a look-up."
        )
    return matching[0] if matching else named
