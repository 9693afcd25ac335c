"""The content of a service's public page: what is known of it, by whom, and what is not known."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.services.stated_hours import StatedHours, stated_hours
from mapping.edition.manifest import EditionSource
from mapping.hours.city_calendar import Calendar
from mapping.model import PLACE_FLAGS, SERVICE_FLAGS
from mapping.services.phones import dialled
from mapping.services.service_row import ServiceRow
from mapping.services.source_notes import spoken_of
from mapping.tables import Row

OF_PLACE = ("address", "opening_hours", *PLACE_FLAGS)
"""Fields of each place; the others are of the service."""
ASKED = ("age_min_months", *SERVICE_FLAGS, "languages", "required_documents")


@dataclass(frozen=True)
class CardPlace:
    """A place of a service, with its hours."""

    row: ServiceRow
    hours: StatedHours


@dataclass(frozen=True)
class Saying:
    """The source of some fields, and when it last assured them."""

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
    """Gather what is known of a service: `rows` one a place, `now` in the city's own time."""
    first = rows[0]
    names = {source.id: source.attribution or source.publisher for source in sources}
    return Card(
        first=first,
        places=[CardPlace(row, stated_hours(row, calendar, now)) for row in rows],
        phones=dialled(first.phone),
        url=web_address(first.url),
        unknown=_unknown(rows),
        sayings=_sayings(first, names),
    )


def pins(rows: Sequence[ServiceRow], text: str) -> list[Row]:
    """Give numbers to the places of a list, as `addMarkers` of `map.mjs` takes them.

    `text` is the column that a pin shows.
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


def web_address(address: str | None) -> str | None:
    """Let a web address through; None for any other text, such as a title or a script."""
    return address if address and address.startswith(("https://", "http://")) else None


def _unknown(rows: Sequence[ServiceRow]) -> list[str]:
    first = rows[0]
    lacking = [name for name in OF_PLACE if any(_is_silent(row, name) for row in rows)]
    if not (first.phone or first.email or web_address(first.url)):
        lacking.append("phone")
    unanswered = [name for name in ASKED if getattr(first, name) is None]
    return [name for name in lacking + unanswered if name not in spoken_of(first)]


def _is_silent(row: ServiceRow, name: str) -> bool:
    # Hours that only people understand are known all the same.
    return getattr(row, name) is None and getattr(row, f"{name}_text", None) is None


def _sayings(first: ServiceRow, names: Mapping[str, str]) -> list[Saying]:
    own = first.source_id
    if first.field_sources is None:
        return [Saying(names.get(own, own), web_address(first.source_url), first.assured_date, [])]
    fields: dict[tuple[str, str | None], list[str]] = {}
    for field, origin in json.loads(first.field_sources).items():
        fields.setdefault((origin["source_id"], origin.get("assured_date")), []).append(field)
    return [
        Saying(
            names.get(source, source),
            web_address(first.source_url) if source == own else None,
            day,
            own_fields,
        )
        for (source, day), own_fields in fields.items()
    ]
