"""Which services are for whoever lives at a place, wherever they are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from mapping.lookup.origin import Origin
from mapping.model import WHOLE_CITY
from mapping.services.service_row import ServiceRow
from mapping.taxonomy import categories


def catchments(rows: Iterable[ServiceRow]) -> Mapping[str, tuple[ServiceRow, ...]]:
    """Give the services whose catchment names an area, by that area.

    Parameters
    ----------
    rows : iterable of ServiceRow
        Services that are listed, with a place or without.

    Returns
    -------
    mapping of str to tuple of ServiceRow
        By ``level:area_id``; those of the whole city are nobody's own.
    """
    by_area: dict[str, list[ServiceRow]] = defaultdict(list)
    for row in rows:
        for area in row.catchment or ():
            if area != WHOLE_CITY:
                by_area[area].append(row)
    return {area: tuple(served) for area, served in by_area.items()}


def competent_kinds(wanted: Sequence[str]) -> tuple[str, ...]:
    """Give the categories of which the competent service is named first, the doors of all before.

    Parameters
    ----------
    wanted : sequence of str
        Categories that are asked for.

    Returns
    -------
    tuple of str
        Codes of the taxonomy, each once.
    """
    kinds = categories()
    doors = (door for code in wanted for door in kinds[code].competent_first)
    return tuple(dict.fromkeys((*doors, *wanted)))


def competent(
    by_area: Mapping[str, tuple[ServiceRow, ...]], origin: Origin, wanted: Sequence[str]
) -> tuple[ServiceRow, ...]:
    """List the services whose catchment a place lies in, in the order of the categories.

    Parameters
    ----------
    by_area : mapping
        Of `catchments`.
    origin : Origin
        A place, in areas or in none.
    wanted : sequence of str
        Categories that are asked for.

    Returns
    -------
    tuple of ServiceRow
        Each place once; of a category those that are known to be active first.
    """
    areas = [f"nil:{origin.nil}", f"municipio:{origin.municipio}"]
    here = [row for area in areas for row in by_area.get(area, ())]
    here.sort(key=lambda row: (bool(row.funding_ended), not row.is_verified, row.name))
    listed = (row for code in competent_kinds(wanted) for row in here if code in row.categories)
    return tuple({row.location_id: row for row in listed}.values())


def seats_of(rows: Iterable[ServiceRow]) -> list[tuple[ServiceRow, list[str]]]:
    """Put the seats of one body together: of a kind, for the same families, at one phone.

    Parameters
    ----------
    rows : iterable of ServiceRow
        Of `competent`.

    Returns
    -------
    list of (ServiceRow, list of str)
        The first of each body, and the addresses of all its seats that are known.
    """
    bodies: dict[tuple[object, ...], list[ServiceRow]] = defaultdict(list)
    for row in rows:
        # Seats of which body or phone is not known stand alone.
        is_known = row.organization is not None and row.phone is not None
        body = (row.organization, row.phone) if is_known else row.service_id
        bodies[row.category, row.catchment, row.funding_ended, body].append(row)
    return [
        (seats[0], [seat.address for seat in seats if seat.address]) for seats in bodies.values()
    ]
