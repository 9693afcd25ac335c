"""Services at locations, modelled on the Human Services Data Specification 3.1."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Precision = Literal["premises", "civic", "interpolated", "street", "area", "none"]
Status = Literal["active", "defunct", "unsure"]
Confidence = Literal["high", "medium", "low"]
Authority = Literal["owner", "register", "compiled", "community"]
AUTHORITIES: tuple[Authority, ...] = get_args(Authority)
"""Who says so, most authoritative first: who gives the service, a public register, somebody who
gathered it, anybody."""
RoomStatus = Literal["accepts", "waiting_list", "full", "to_assess"]
"""Whether a service has room: it takes whoever comes, has a list, is full, or sees case by case."""
Ownership = Literal["state", "municipal", "accredited", "private", "not_state"]

CATCHMENT = r"^(city|municipio|nil):[0-9A-Za-z_]+$"
"""One area of a catchment: its level, a colon, its id there."""
WHOLE_CITY = "city:all"
"""The catchment of whoever lives in the city."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Position(_Record):
    """Where a place is, and how precisely that is known."""

    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    precision: Precision = "none"
    error_metres: float | None = Field(default=None, ge=0)
    published_lon: float | None = Field(default=None, ge=-180, le=180)
    published_lat: float | None = Field(default=None, ge=-90, le=90)
    """The source's own point, where another place is believed."""


class Location(_Record):
    """A place where a service is given, with the hours at which it is given there.

    An itinerant service has several locations, each with its own hours.
    """

    location_id: str
    address: str | None = None
    cap: str | None = Field(default=None, pattern=r"^\d{5}$")
    city: str | None = None
    municipio: str | None = None
    position: Position = Position()
    opening_hours: str | None = None
    opening_hours_text: str | None = None
    step_free: bool | None = None


class Provenance(_Record):
    """The source of a record, and when it was last assured."""

    source_id: str
    source_url: str | None = None
    assured_date: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    confidence: Confidence = "medium"
    authority: Authority = "register"


class FieldSource(_Record):
    """The source of one field of a merged card, and when it was last assured."""

    source_id: str
    assured_date: str | None = None


class Service(_Record):
    """A service and the places where a family finds it."""

    service_id: str
    name: str
    organization: str | None = None
    organization_tax_code: str | None = None
    """Codice fiscale or partita IVA of who gives it, where its control digit is right."""
    ownership: Ownership | None = None
    """Who owns it; `not_state` where a register distinguishes no further."""
    categories: tuple[str, ...] = Field(min_length=1)
    locations: tuple[Location, ...] = ()
    phone: str | None = None
    email: str | None = None
    url: str | None = None
    age_min_months: int | None = Field(default=None, ge=-9)
    """In months, below zero before birth."""
    age_max_months: int | None = Field(default=None, ge=0)
    capacity: int | None = Field(default=None, ge=0)
    catchment: tuple[Annotated[str, Field(pattern=CATCHMENT)], ...] | None = None
    """Whom it is for: areas as ``level:area``, such as ``nil:76``; None where nobody says."""
    funded_until: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    """The last day for which the project that it is has money; None where nobody says."""
    room_date: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    """On which day status and waiting, below, were so."""
    room_status: RoomStatus | None = None
    waiting_days: int | None = Field(default=None, ge=0)
    """How long one waits for a place."""
    languages: tuple[str, ...] | None = None
    """ISO 639-1 codes of the languages spoken there."""
    appointment_required: bool | None = None
    referral_required: bool | None = None
    """Whether another service has to send whoever comes."""
    residence_required: bool | None = None
    free: bool | None = None
    required_documents: str | None = None
    note: str | None = None
    status: Status = "active"
    provenance: Provenance
    same_as: tuple[str, ...] | None = None
    """Of a merged card: the ids of the other records of the same service."""
    field_sources: dict[str, FieldSource] | None = None
    """The source of each field of a merged card."""
    speaking_cells: tuple[str, ...] | None = None
    """What its row says of a confidential place beside these fields; no edition has it."""
    speaking_places: tuple[str, ...] | None = None
    """Where its file says that, if in no cell of its row; no edition has it."""
    cleared: bool = Field(default=False, exclude=True)
    """Whether a person decided that its words do not speak of a confidential place."""
    confirmed: bool = Field(default=False, exclude=True)
    """Whether a person decided that it is a confidential place, whatever it says."""


def _flags(record: type[_Record]) -> tuple[str, ...]:
    fields = record.model_fields.items()
    return tuple(name for name, field in fields if field.annotation == bool | None)


SERVICE_FLAGS, PLACE_FLAGS = _flags(Service), _flags(Location)
"""The fields of a service, and of a place, that are yes, no or unknown: readers, sheets and pages
treat them alike."""
