"""Merging of records of one service: each field from the most authoritative, freshest one."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from mapping.freshness import STALE_DAYS, assured_on
from mapping.geocoding.address import parse
from mapping.model import AUTHORITIES, FieldSource, Location, Service
from mapping.tables import PRECISIONS

_OF_THE_CARD = (
    "service_id", "categories", "locations", "status", "provenance", "same_as", "field_sources",
    "cleared", "confirmed", "speaking_cells", "speaking_places",
)  # fmt: skip
"""Fields that a card has by rules of its own."""
FIELDS = tuple(name for name in Service.model_fields if name not in _OF_THE_CARD)
PLACE_FIELDS = tuple(n for n in Location.model_fields if n not in ("location_id", "position"))
_WITH = {
    "age_max_months": "age_min_months",
    "opening_hours_text": "opening_hours",
    "room_status": "room_date",
    "waiting_days": "room_date",
    "cap": "address",
    "municipio": "address",
}
"""Fields taken from the record that gave another, so that no range or address mixes records."""


def cards(services: Sequence[Service], groups: Iterable[Sequence[str]]) -> list[Service]:
    """Merge the records of each group of ids; every other service is its own card. Sorted by id."""
    by_id = {service.service_id: service for service in services}
    for group in groups:
        card = merge([by_id.pop(service_id) for service_id in group])
        by_id[card.service_id] = card
    return [by_id[service_id] for service_id in sorted(by_id)]


def merge(records: Sequence[Service]) -> Service:
    """Merge two or more records of one service under the id of the most authoritative.

    Each field is that of the first record that says it, by authority and then by date; a record
    assured two years before the freshest comes last, whatever its authority. The freshest record
    decides on the status, since places close. `same_as` has the other ids, and `field_sources` who
    says each field.
    """
    first, *others = sorted(records, key=lambda record: (_rank(record), record.service_id))
    trusted = sorted(records, key=_trust(records))
    freshest = min(records, key=lambda record: (-_day(record), _rank(record), record.service_id))
    sayers: dict[str, Service] = {"status": freshest}
    values = {name: _first(trusted, name, sayers) for name in FIELDS}
    words = {record.service_id: _field_source(record) for record in records}
    locations = first.locations
    if all(len(record.locations) == 1 for record in records):
        locations = (_place(trusted, first.locations[0].location_id, sayers),)
    return first.model_copy(
        update={
            **values,
            "status": freshest.status,
            "categories": tuple(
                dict.fromkeys(code for record in trusted for code in record.categories)
            ),
            "locations": locations,
            "provenance": first.provenance.model_copy(
                update={"assured_date": freshest.provenance.assured_date}
            ),
            "same_as": tuple(sorted(record.service_id for record in others)),
            "field_sources": {name: words[sayers[name].service_id] for name in sorted(sayers)},
        }
    )


def _first(trusted: Sequence[Service], name: str, sayers: dict[str, Service]) -> object:
    order = [sayers[_WITH[name]]] if _WITH.get(name) in sayers else trusted
    record = next((record for record in order if getattr(record, name) is not None), None)
    if record is None:
        return None
    sayers[name] = record
    return getattr(record, name)


def _place(trusted: Sequence[Service], location_id: str, sayers: dict[str, Service]) -> Location:
    values: dict[str, object] = {}
    for name in PLACE_FIELDS:
        order = [sayers[_WITH[name]]] if _WITH.get(name) in sayers else trusted
        record = next(
            (record for record in order if getattr(record.locations[0], name) is not None), None
        )
        if record is not None:
            sayers[name] = record
            values[name] = getattr(record.locations[0], name)
    placed = _best_placed(trusted, sayers.get("address"))
    position = placed.locations[0].position
    if position.precision != "none":
        sayers["position"] = placed
    return Location.model_validate(values | {"location_id": location_id, "position": position})


def _best_placed(trusted: Sequence[Service], addressed: Service | None) -> Service:
    """Choose the record with the best point, of those at the address of the card."""
    door = _door(addressed)
    at_address = [record for record in trusted if door is None or _door(record) in (None, door)]
    return min(at_address, key=lambda record: _imprecision(record.locations[0]))


def _door(service: Service | None) -> tuple[object, ...] | None:
    written = service.locations[0].address if service else None
    return _door_of(written) if written else None


@lru_cache(maxsize=4096)
def _door_of(written: str) -> tuple[object, ...]:
    address = parse(written)
    return (*address.tokens[-1:], address.civic)


def _imprecision(location: Location) -> tuple[int, float]:
    position = location.position
    return PRECISIONS.index(position.precision), position.error_metres or 0.0


def _trust(records: Sequence[Service]) -> Callable[[Service], tuple[bool, int, int, str]]:
    newest = max(_day(record) for record in records)
    return lambda record: (
        newest - _day(record) > STALE_DAYS, _rank(record), -_day(record), record.service_id,
    )  # fmt: skip


def _rank(service: Service) -> int:
    return AUTHORITIES.index(service.provenance.authority)


def _day(service: Service) -> int:
    assured = service.provenance.assured_date
    return assured_on(assured).toordinal() if assured else 0


def _field_source(service: Service) -> FieldSource:
    return FieldSource(
        source_id=service.provenance.source_id, assured_date=service.provenance.assured_date
    )
