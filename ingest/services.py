"""Turns raw rows into services at locations: each row is kept, out of scope, or quarantined."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from pydantic import ValidationError

from ingest.border import Inside
from ingest.rows import RAW_CHARACTERS, CellError, RawRow, RawTable
from ingest.source import Source
from ingest.values import contacts, normalise
from ingest.values.ages import ages, exception
from ingest.values.capacities import places
from ingest.values.catchments import catchment, contradiction
from ingest.values.room import room_status, waiting_days
from mapping.catalogue.batches import MASKED_ROW, QuarantinedRow, masked, masked_in_doubt
from mapping.city import City
from mapping.config import first_problem
from mapping.disclosure import (
    any_confidential,
    is_confidential,
    row_speaks,
    with_speaking_cells,
)
from mapping.geocoding.address import normalise_text
from mapping.hours.opening import is_by_appointment, to_osm
from mapping.model import (
    PLACE_FLAGS,
    SERVICE_FLAGS,
    WHOLE_CITY,
    Location,
    Ownership,
    Position,
    Provenance,
    Service,
)
from mapping.services.phones import phone
from mapping.taxonomy import for_infants
from mapping.text import plain, tidy


@dataclass
class RowsRead:
    """What became of the rows of one source."""

    services: list[Service] = field(default_factory=list)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    rows_uncounted: int = 0
    """Of these, the rows that no public count has: masked, or read by nobody, so never judged."""
    out_of_scope: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    """Of these, the rows of confidential places: no public count has them."""
    rows_kept: int = 0
    rows_of: Counter[str] = field(default_factory=Counter)
    """How many rows each service was made of, by its id."""
    positions_refused: int = 0
    """Kept public rows whose coordinates lie outside the city, though their address is in it."""
    rows_left: list[RawRow] = field(default_factory=list)
    """Rows that made no service."""
    public_columns: dict[str, None] = field(default_factory=dict)
    """The columns in which a row says something that is of no confidential place."""


def read_services(
    source: Source,
    table: RawTable,
    city: City,
    inside: Inside,
    areas: Collection[str] | None = None,
) -> RowsRead:
    """Turn the rows of a source into services; rows kept, out of scope and quarantined add up.

    Rows with the same key are one service: at several locations, as an itinerant one is, or at one
    location that the source repeats, as a sports centre with a row for each court. Their notes are
    put together. A catchment names one of `areas`, ``level:area_id``, where they are given.
    """
    reading = RowsRead(
        quarantined=[masked(row) if unread_hides(source, row) else row for row in table.unreadable],
        rows_uncounted=len(table.unreadable),
    )
    public: list[tuple[RawRow, Service]] = []
    confidential: list[tuple[RawRow, Service]] = []
    for row in table.rows:
        _note_columns(reading, source, row)
        try:
            reason = _out_of_scope(source, row.texts, city, inside)
            if reason:
                reading.out_of_scope[reason] += 1
                reading.hidden[reason] += hides(source, row)
                reading.rows_left.append(row)
                continue
            service = _service(source, row, city, inside, reading)
            _require_catchment(service, areas)
        except (CellError, ValidationError) as error:
            _set_apart(reading, source, row, error)
        else:
            (confidential if is_confidential(service) else public).append((row, service))
    by_key: dict[str, Service] = {}
    # The key of a confidential row keeps no public one from being read: its absence would tell.
    for row, service in [*public, *confidential]:
        try:
            by_key[service.service_id] = _join(by_key.get(service.service_id), service)
        except CellError as error:
            _set_apart(reading, source, row, error)
        else:
            reading.rows_kept += 1
            reading.rows_of[service.service_id] += 1
    reading.services = list(by_key.values())
    return reading


def _set_apart(
    reading: RowsRead, source: Source, row: RawRow, error: CellError | ValidationError
) -> None:
    quarantined = _quarantined(source, row, error)
    reading.quarantined.append(quarantined)
    reading.rows_uncounted += quarantined.message == MASKED_ROW
    reading.rows_left.append(row)


def _note_columns(reading: RowsRead, source: Source, row: RawRow) -> None:
    columns = {name: None for name, text in row.texts.items() if text.strip()}
    if columns.keys() - reading.public_columns and not hides(source, row):
        reading.public_columns |= columns


def any_row_hides(source: Source, table: RawTable, rows: Iterable[RawRow]) -> bool:
    """Whether any of some rows, or any that could not be read, may be of a confidential place."""
    unread = (unread_hides(source, row) for row in table.unreadable)
    return any(hides(source, row) for row in rows) or any(unread)


def unread_hides(source: Source, row: QuarantinedRow) -> bool:
    """Whether a row that the reader could not read may be of a confidential place.

    Any may in a list that has some, for its cells may stand under other columns than their own,
    and any that had to be cut, for the rest of it nobody judged.
    """
    return (
        any_confidential(rule.category for rule in source.categories)
        or row_speaks({**row.raw, "": row.message})
        or any(len(str(text)) >= RAW_CHARACTERS for text in row.raw.values())
    )


def hides(source: Source, row: RawRow) -> bool:
    """Whether a row, by its category or any of its cells, may be of a confidential place."""
    categories = [rule.category for rule in source.categories if rule.fits(row.texts)]
    return any_confidential(categories) or row_speaks(row.cells, categories)


def in_city(text: str, city: City) -> bool:
    """Whether a comune, by name or ISTAT code, is the city.

    ``ROMA``, ``Comune di Roma``, ``00184 Roma (RM)``, ``58.091``, ``058091``; the letters of a
    province stand for its chief town where that begins with them.
    """
    if not re.search(r"[A-Za-z]", text):
        return normalise.istat_code(text) == city.istat
    named = re.sub(r"^(?:\d{5}\W+)?(?:(?:comune|citta) di )?", "", plain(tidy(text) or ""))
    words, name = (" ".join(re.findall(r"[^\W_]+", part)) for part in (named, plain(city.name)))
    province = plain(city.holidays or name[:2])
    is_chief_town = words == province and name.startswith(province)
    return words.removesuffix(f" {province}") == name or is_chief_town


def _out_of_scope(source: Source, texts: dict[str, str], city: City, inside: Inside) -> str | None:
    if source.scope and not in_city(texts.get(source.scope, ""), city):
        return "another comune"
    for skip in source.skip:
        if skip.fits(texts):
            return skip.reason
    if not any(rule.fits(texts) for rule in source.categories):
        return "no category of ours"
    point = _point(source, texts)
    return "outside the city" if not source.scope and point and not inside(*point) else None


def _point(source: Source, texts: dict[str, str]) -> tuple[float, float] | None:
    return normalise.coordinates(source.value(texts, "lon"), source.value(texts, "lat"))


def _service(source: Source, row: RawRow, city: City, inside: Inside, reading: RowsRead) -> Service:
    texts = row.texts
    key = tidy(source.value(texts, "key"))
    name = tidy(source.value(texts, "name"))
    if not key:
        raise CellError("key", "missing_key", "The row has no key. Give the source's own code.")
    if not name:
        raise CellError("name", "missing_name", "The row has no name. Give what families read.")
    email, url = contacts.contact(source.value(texts, "contact"))
    categories = tuple(
        dict.fromkeys(rule.category for rule in source.categories if rule.fits(texts))
    )
    youngest, oldest = ages(source.value(texts, "ages"), infants=for_infants(categories))
    location = _location(source, row, city, inside, reading)
    service = Service.model_validate(
        {
            "service_id": f"{source.id}:{key}",
            "name": name,
            "categories": categories,
            "locations": (location,) if _is_somewhere(location) else (),
            "email": email or contacts.contact(source.value(texts, "email"))[0],
            "url": url or contacts.contact(source.value(texts, "url"))[1],
            "age_min_months": youngest,
            "age_max_months": oldest,
            "status": next((rule.status for rule in source.statuses if rule.fits(texts)), "active"),
            "provenance": _provenance(source, texts),
        }
        | {
            name: read(text) if (text := source.value(texts, name)) else None
            for name, read in _READ_SERVICE.items()
        }
        | {"note": _note(source, texts)}
        | _appointment(source.value(texts, "appointment_required"), location.opening_hours)
    )
    places = tuple(sorted({sign.where for sign in row.signs} - {""})) or None
    return with_speaking_cells(service, row.cells).model_copy(update={"speaking_places": places})


def _note(source: Source, texts: dict[str, str]) -> str | None:
    some = exception(source.value(texts, "ages"))
    spoken = source.value(texts, "languages")
    others = ", ".join(normalise.other_names(spoken))
    if others:
        others = f"altre lingue: {others}" if normalise.languages(spoken) else f"lingue: {spoken}"
    note = _together(tidy(source.value(texts, "note")), some and f"età: {some}")
    return _together(note, others or None)


def _appointment(text: str, hours: str | None) -> dict[str, bool | None]:
    stated = normalise.yes_no(text)
    return {
        "appointment_required": stated if stated is not None else is_by_appointment(hours) or None
    }


def _location(
    source: Source, row: RawRow, city: City, inside: Inside, reading: RowsRead
) -> Location:
    texts = row.texts
    point = _point(source, texts)
    if point and not inside(*point):
        reading.positions_refused += not hides(source, row)
        point = None
    hours = tidy(source.value(texts, "hours"))
    address = _address(source, texts)
    return Location.model_validate(
        {
            "location_id": _location_id(source, texts, address),
            "address": address,
            "cap": normalise.cap(source.value(texts, "cap"), prefix=city.cap_prefix),
            "city": city.name,
            "municipio": normalise.municipio(source.value(texts, "municipio")),
            "position": _position(source, texts, point),
            "opening_hours": to_osm(hours, _assured(source, texts)) if hours else None,
            "opening_hours_text": hours,
        }
        | {
            name: normalise.yes_no(text) if (text := source.value(texts, name)) else None
            for name in PLACE_FLAGS
        }
    )


def _is_somewhere(location: Location) -> bool:
    # A help line, or a place that the source does not tell: the service has no location.
    places = (location.address, location.cap, location.municipio, location.opening_hours_text)
    return any(places) or location.position.lon is not None


def _location_id(source: Source, texts: dict[str, str], address: str | None) -> str:
    # From what names the place, never from the line: a file in another order is the same file.
    place = f"{address}|{source.value(texts, 'lon')}|{source.value(texts, 'lat')}"
    digest = hashlib.sha256(place.encode()).hexdigest()[:8]
    return f"{source.id}:{tidy(source.value(texts, 'key'))}@{digest}"


def _address(source: Source, texts: dict[str, str]) -> str | None:
    street, civic = tidy(source.value(texts, "street")), tidy(source.value(texts, "civic"))
    written = f"{street} {civic}" if street and civic else street
    return normalise_text(written) if written else None


def _position(source: Source, texts: dict[str, str], point: tuple[float, float] | None) -> Position:
    if point is None:
        return Position()
    stated = source.value(texts, "precision")
    error = normalise.decimal(source.value(texts, "error_metres"))
    published = normalise.coordinates(
        source.value(texts, "published_lon"), source.value(texts, "published_lat")
    )
    return Position.model_validate(
        {
            "published_lon": published and published[0],
            "published_lat": published and published[1],
            "lon": point[0],
            "lat": point[1],
            "precision": stated or source.precision,
            "error_metres": source.error_metres if error is None else error,
        }
    )


def _ownership(text: str) -> Ownership | None:
    # A source maps its own words to ours under `values`; a word that it does not map says nothing.
    return next((kind for kind in get_args(Ownership) if kind == text), None)


def _require_catchment(service: Service, areas: Collection[str] | None) -> None:
    problem = contradiction(service.name, service.catchment or (WHOLE_CITY,), areas)
    if problem is not None:
        raise CellError("catchment", *problem)


def _catchment(text: str) -> tuple[str, ...] | None:
    areas = catchment(text)
    if text.strip() and areas is None:
        raise CellError(
            "catchment", "bad_catchment", f"'{text}' names no areas. Write Municipi 1 e 4, NIL 76."
        )
    return areas


def _last_day(text: str) -> str | None:
    # A month or a year alone does not say on which day the money ends.
    day = normalise.whole_day(text)
    if text.strip() and day is None:
        raise CellError("funded_until", "bad_value", f"'{text}' is no day. Write it as 21/11/2026.")
    return day


_READ_SERVICE: Mapping[str, Callable[[str], object]] = {
    "organization": tidy,
    "organization_tax_code": contacts.tax_code,
    "ownership": _ownership,
    "phone": phone,
    "capacity": places,
    "catchment": _catchment,
    "funded_until": _last_day,
    "room_date": normalise.stated_date,
    "room_status": room_status,
    "waiting_days": waiting_days,
    "languages": lambda text: normalise.languages(text) or None,
    "required_documents": tidy,
} | {**dict.fromkeys(SERVICE_FLAGS, normalise.yes_no), "free": normalise.free}
"""How each field is read from the text of its own column."""


def _assured(source: Source, texts: dict[str, str]) -> str | None:
    own_date = normalise.assured_date(source.value(texts, "assured_date"))
    return own_date if "assured_date" in source.columns else source.assured_date


def _provenance(source: Source, texts: dict[str, str]) -> Provenance:
    page = source.value(texts, "source_url").split(" ; ")[0]
    return Provenance.model_validate(
        {
            "source_id": source.id,
            "source_url": page or None,
            "assured_date": _assured(source, texts),
            "confidence": source.value(texts, "confidence") or "high",
            "authority": source.authority,
        }
    )


def _join(known: Service | None, more: Service) -> Service:
    if known is None:
        return more
    if (known.name, known.categories) != (more.name, more.categories):
        raise CellError(
            "key", "duplicate_key", f"Another service has the key '{more.service_id}'. Mend one."
        )
    return known.model_copy(
        update={
            "locations": known.locations + _distinct(known, more),
            "note": _together(known.note, more.note),
            "speaking_cells": _either(known.speaking_cells, more.speaking_cells),
            "speaking_places": _either(known.speaking_places, more.speaking_places),
            # Of a service that has other rules at another place nothing holds of all.
            "appointment_required": known.appointment_required
            if known.appointment_required == more.appointment_required
            else None,
        }
    )


def _either(known: tuple[str, ...] | None, more: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return tuple(sorted({*(known or ()), *(more or ())})) or None


def _together(known: str | None, more: str | None) -> str | None:
    parts = [part for note in (known, more) if note for part in note.split("; ")]
    return "; ".join(dict.fromkeys(parts)) or None


def _distinct(known: Service, more: Service) -> tuple[Location, ...]:
    # The same place at other hours is a location of its own; told again, it is no other place.
    taken = [location.location_id for location in known.locations]
    return tuple(
        location.model_copy(update={"location_id": f"{location.location_id}-{len(taken)}"})
        if location.location_id in taken
        else location
        for location in more.locations
        if all(_elsewhere(location, other) for other in known.locations)
    )


def _elsewhere(place: Location, other: Location) -> bool:
    return place != other.model_copy(update={"location_id": place.location_id})


def _quarantined(source: Source, row: RawRow, error: CellError | ValidationError) -> QuarantinedRow:
    if isinstance(error, CellError):
        field_name, code, message = error.field_name, error.code, str(error)
    else:
        field_name = str(error.errors()[0]["loc"][0])
        code, message = "bad_value", first_problem(error)
    quarantined = QuarantinedRow(
        source_id=source.id,
        line=row.line,
        field=field_name,
        code=code,
        message=message,
        raw=row.texts,
    )
    return masked(quarantined) if hides(source, row) else masked_in_doubt(quarantined)
