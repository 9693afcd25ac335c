"""What the public page of a service says, and what it says that nobody knows."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mapping.edition.manifest import EditionSource
from mapping.hours.city_calendar import Calendar
from mapping.hours.opening import is_open
from mapping.hours.timetable import Timetable, timetable
from mapping.model import PLACE_FLAGS, SERVICE_FLAGS
from mapping.services.phones import dialled
from mapping.services.service_row import ServiceRow

OF_PLACE = ("address", "opening_hours", *PLACE_FLAGS)
"""What is asked of each place; the rest is asked of the service."""
ASKED = ("age_min_months", *SERVICE_FLAGS, "languages", "required_documents")


@dataclass(frozen=True)
class CardPlace:
    """A location with its hours."""

    row: ServiceRow
    hours: Timetable | None
    open_now: bool | None


@dataclass(frozen=True)
class Saying:
    """Who says some fields, and when that was last assured."""

    source: str
    url: str | None
    assured_date: str | None
    fields: list[str]


@dataclass(frozen=True)
class Card:
    """A service as its page shows it."""

    first: ServiceRow
    places: list[CardPlace]
    phones: list[tuple[str, str | None]]
    url: str | None
    unknown: list[str]
    sayings: list[Saying]


def card_of(
    rows: Sequence[ServiceRow], sources: Iterable[EditionSource], calendar: Calendar, now: datetime
) -> Card:
    """Put together what is said of a service.

    Parameters
    ----------
    rows : list of dict
        One a location, as `tables.SERVICES` describes them.
    sources : iterable of EditionSource
        Of the edition: they name who says what.
    calendar : Calendar
        Of the city.
    now : datetime
        In the city's own time.

    Returns
    -------
    Card
        With all its places.
    """
    first = rows[0]
    names = {source.id: source.attribution or source.publisher for source in sources}
    return Card(
        first=first,
        places=[_place(row, calendar, now) for row in rows],
        phones=dialled(first.phone),
        url=web(first.url),
        unknown=_unknown(rows),
        sayings=_sayings(first, names),
    )


def pins(rows: Sequence[ServiceRow], text: str) -> list[dict[str, Any]]:
    """Give a number to the places of a list that a map may show.

    Parameters
    ----------
    rows : list of dict
        In the order of the list.
    text : str
        The column that says what a pin is.

    Returns
    -------
    list of dict
        As `addMarkers` of `map.mjs` takes them, with the id on the page of what each leads to.
    """
    return [
        {
            "label": str(number),
            "text": getattr(row, text) or row.name,
            "lon": row.lon,
            "lat": row.lat,
            "opens": f"place-{number}",
        }
        for number, row in enumerate(rows, start=1)
        if row.lon is not None
    ]


def web(address: str | None) -> str | None:
    """Let an address through that a browser may follow.

    Parameters
    ----------
    address : str or None
        As published.

    Returns
    -------
    str or None
        None for what is no web address, such as the title of a document, or a script.
    """
    return address if address and address.startswith(("https://", "http://")) else None


def _place(row: ServiceRow, calendar: Calendar, now: datetime) -> CardPlace:
    osm = row.opening_hours
    return CardPlace(row, timetable(osm, now.date()), is_open(osm, now, calendar))


def _unknown(rows: Sequence[ServiceRow]) -> list[str]:
    first = rows[0]
    lacking = [name for name in OF_PLACE if any(_is_silent(row, name) for row in rows)]
    if not (first.phone or first.email or web(first.url)):
        lacking.append("phone")
    return lacking + [name for name in ASKED if getattr(first, name) is None]


def _is_silent(row: ServiceRow, name: str) -> bool:
    # Hours that only people understand are known all the same.
    return getattr(row, name) is None and getattr(row, f"{name}_text", None) is None


def _sayings(first: ServiceRow, names: Mapping[str, str]) -> list[Saying]:
    own = first.source_id
    if first.field_sources is None:
        return [Saying(names.get(own, own), web(first.source_url), first.assured_date, [])]
    fields: dict[tuple[str, str | None], list[str]] = {}
    for field, said in json.loads(first.field_sources).items():
        fields.setdefault((said["source_id"], said.get("assured_date")), []).append(field)
    return [
        Saying(
            names.get(source, source),
            web(first.source_url) if source == own else None,
            day,
            told,
        )
        for (source, day), told in fields.items()
    ]
