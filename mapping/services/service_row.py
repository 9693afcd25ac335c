"""One row of services.parquet as a typed value, with the predicates that readers share."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, Self

import orjson
import pyarrow as pa

from mapping.freshness import hours_assured
from mapping.geocoding.address import parse
from mapping.hours.city_calendar import Calendar
from mapping.hours.opening import is_open
from mapping.hours.spells import AUGUST, told_of_summer
from mapping.tables import ROUGH_METRES, SERVICES, Row, is_listed, is_routed, is_verified

_NOT_IN_LISTS = (
    "legal_name", "ownership", "cap", "city", "capacity", "room_date", "room_status",
    "waiting_days", "required_documents", "note", "translations", "confidence", "source_id",
    "same_as", "field_sources", "quality_lacks", "published_lon", "published_lat",
)  # fmt: skip
"""Columns that the card of a service has, and lists leave out."""
LISTED_FIELDS = tuple(name for name in SERVICES.names if name not in _NOT_IN_LISTS)
_LISTED_VALUES = attrgetter(*LISTED_FIELDS)


@dataclass(frozen=True)
class ServiceRow:
    """A service at one location: the columns of `tables.SERVICES`, None where nobody knows."""

    service_id: str
    location_id: str
    name: str
    legal_name: str | None
    organization: str | None
    ownership: str | None
    category: str
    categories: tuple[str, ...]
    address: str | None
    near_address: str | None
    cap: str | None
    city: str | None
    municipio: str | None
    nil: str | None
    lon: float | None
    lat: float | None
    precision: str
    error_metres: float | None
    published_lon: float | None
    published_lat: float | None
    phone: str | None
    email: str | None
    url: str | None
    opening_hours: str | None
    opening_hours_text: str | None
    age_min_months: int | None
    age_max_months: int | None
    capacity: int | None
    catchment: tuple[str, ...] | None
    funded_until: str | None
    funding_ended: bool | None
    room_date: str | None
    room_status: str | None
    waiting_days: int | None
    languages: tuple[str, ...] | None
    appointment_required: bool | None
    referral_required: bool | None
    residence_required: bool | None
    free: bool | None
    step_free: bool | None
    required_documents: str | None
    note: str | None
    translations: str | None
    status: str
    assured_date: str | None
    stale: bool
    confidence: str | None
    source_id: str
    source_url: str | None
    same_as: tuple[str, ...]
    field_sources: str | None
    quality: float | None
    quality_lacks: tuple[str, ...]

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row of a table; a column that an older edition lacks is not known."""
        return cls(*(_values(name, [row.get(name)])[0] for name in _NAMES))

    @property
    def comune_outside(self) -> str | None:
        """The comune of a service over the border; None in the city."""
        return None

    @property
    def is_listed(self) -> bool:
        """Whether it is shown: all services are but those known to have ended."""
        return is_listed(self.status)

    @property
    def is_routed(self) -> bool:
        """Whether its place is known well enough to walk there."""
        return is_routed(self.precision)

    @property
    def is_rough(self) -> bool:
        """Whether its place is so roughly known that minutes to it are about."""
        return (self.error_metres or 0.0) > ROUGH_METRES

    @property
    def is_destination(self) -> bool:
        """Whether walks lead to it: it has not ended, and its place is known well enough."""
        return self.is_listed and self.is_routed

    @property
    def is_verified(self) -> bool:
        """Whether it is known to be active, and was assured of late."""
        return is_verified(self.status, stale=self.stale)

    @property
    def hours_assured(self) -> str | None:
        """The day, month or year in which its hours were assured."""
        return hours_assured(self.field_sources, self.assured_date)

    def is_open_at(self, when: datetime, calendar: Calendar | None) -> bool | None:
        """Whether it is open at a moment; in August unknown unless told of that summer."""
        osm, day = self.opening_hours, (calendar.local(when) if calendar else when).date()
        if osm and day.month == AUGUST and not told_of_summer(osm, [day], self.hours_assured):
            return None
        return is_open(osm, when, calendar)

    @property
    def point(self) -> tuple[float, float]:
        """Lon and lat in degrees; only of a service that has a position."""
        assert self.lon is not None and self.lat is not None  # noqa: S101, PT018 - asked before
        return self.lon, self.lat

    @cached_property
    def listed(self) -> Row:
        """Its fields as lists show them, made once: whoever adds to them copies them."""
        return dict(zip(LISTED_FIELDS, _LISTED_VALUES(self), strict=True))

    @property
    def listed_without_place(self) -> Row:
        """The same without where it is."""
        return {name: self.listed[name] for name in LISTED_FIELDS if name not in _PLACE}

    @property
    def is_numbered(self) -> bool:
        """Whether its address has a civic number."""
        return self.address is not None and parse(self.address).civic is not None

    @cached_property
    def listed_json(self) -> bytes:
        """Its fields as lists show them, as JSON."""
        return orjson.dumps(self.listed)

    def is_named(self, service_id: str) -> bool:
        """Whether an id is its own, or was merged into it."""
        return service_id == self.service_id or service_id in self.same_as


class OutsideRow(ServiceRow):
    """A service over the border: it may be walked to, and counts nowhere."""

    @property
    def comune_outside(self) -> str | None:
        """Its comune."""
        return self.city


_PLACE = ("lon", "lat", "nil")
_NAMES = tuple(field.name for field in fields(ServiceRow))


def service_rows(services: pa.Table) -> tuple[ServiceRow, ...]:
    """Read every row of a table of services, without outlines, in its order."""
    unknown = [None] * len(services)
    columns = (
        services[name].to_pylist() if name in services.column_names else unknown for name in _NAMES
    )
    return tuple(map(ServiceRow, *map(_values, _NAMES, columns)))


def _values(name: str, column: list[Any]) -> list[Any]:
    """Give the values of a column as a row holds them: lists are tuples, and may be empty."""
    if name in ("categories", "same_as", "quality_lacks"):
        return [tuple(value or ()) for value in column]
    if name in ("catchment", "languages"):
        return [value if value is None else tuple(value) for value in column]
    return column
