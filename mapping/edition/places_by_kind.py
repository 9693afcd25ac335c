"""Places of the services of an area by who gives them, and which of them anybody may have."""

from collections.abc import Iterable, Mapping
from typing import Final

from mapping.edition.edition import Edition
from mapping.edition.queries import listed_services
from mapping.errors import BadInputError
from mapping.services.service_row import ServiceRow
from mapping.tables import Row

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "public": ("state", "municipal"),
    "accredited": ("accredited",),
    "private": ("private",),
}
"""Kinds by the values of `ownership`; any other value, and none, is a kind that is not known."""
UNKNOWN_KIND: Final = "unknown"
KIND_LABELS: Final[Mapping[str, str]] = {
    "all": "tutti",
    "public": "pubblici",
    "accredited": "convenzionati",
    "private": "privati",
    UNKNOWN_KIND: "non si sa se pubblici, convenzionati o privati",
    "accessible": "accessibili: senza retta intera e senza residenza",
    "accessible_unknown": "non si sa se accessibili",
}
LEVELS = ("municipality", "municipio", "nil")
"""Services are counted in areas of these; a section has a service or two."""


def kind_of(service: ServiceRow) -> str:
    """Name the kind of a service: never guessed from its name, or from who gives it."""
    return next((kind for kind, owned in KINDS.items() if service.ownership in owned), UNKNOWN_KIND)


def is_accessible(service: ServiceRow) -> bool | None:
    """Whether a place is had without a full fee and without residence; None where not known.

    Public and accredited places ask for no full fee, others where they are known to be free.
    """
    pays_in_full = kind_of(service) == "private" and service.free is False
    if service.residence_required or pays_in_full:
        return False
    has_no_full_fee = service.free or kind_of(service) in ("public", "accredited")
    return True if has_no_full_fee and service.residence_required is False else None


def places_by_kind(edition: Edition, code: str, level: str, area_id: str) -> list[Row]:
    """Count services and places of an area: `all` of them, by kind, and the accessible ones.

    Of each: `kind` (of `KIND_LABELS`), `services`, `with_places` (those whose places are known) and
    `places`, their sum, None where none is known. A service with several seats counts once. Where
    there are no services of a kind, there is no row; `all` is always told, `accessible` where it
    is known of any. Raises BadInputError for another level than `LEVELS`.
    """
    if level not in LEVELS:
        raise BadInputError(f"No places at level '{level}'. Use one of: {', '.join(LEVELS)}.")
    by_id: dict[str, ServiceRow] = {}
    for row in listed_services(edition, code):
        if _lies_in(row, level, area_id):
            by_id.setdefault(row.service_id, row)
    services = list(by_id.values())
    groups = {
        "all": services,
        **{
            kind: [service for service in services if kind_of(service) == kind]
            for kind in (*KINDS, UNKNOWN_KIND)
        },
        "accessible": [service for service in services if is_accessible(service)],
        "accessible_unknown": [service for service in services if is_accessible(service) is None],
    }
    # That none is accessible may be said only where it is known of some service.
    is_told = any(is_accessible(service) is not None for service in services)
    shown = {"all", "accessible"} if is_told else {"all"}
    return [_row(kind, group) for kind, group in groups.items() if group or kind in shown]


def _lies_in(row: ServiceRow, level: str, area_id: str) -> bool:
    own: Mapping[str, str | None] = {"municipio": row.municipio, "nil": row.nil}
    return level not in own or own[level] == area_id


def _row(kind: str, services: Iterable[ServiceRow]) -> Row:
    counted = list(services)
    places = [service.capacity for service in counted if service.capacity is not None]
    return {
        "kind": kind,
        "services": len(counted),
        "with_places": len(places),
        "places": sum(places) if places else None,
    }
