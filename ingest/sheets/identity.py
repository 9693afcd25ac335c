"""Finds which services of a sheet are known from before: a sheet has no keys of its own."""

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from typing import TypeVar

from ingest.sheets.headings import simple
from mapping.model import Service

KeyT = TypeVar("KeyT", int, str)
NAME, ORGANIZATION, ADDRESS, CATEGORY = range(4)
_PART = (
    (NAME, ORGANIZATION, ADDRESS, CATEGORY),
    (NAME, ORGANIZATION, ADDRESS),
    (NAME, ADDRESS, CATEGORY),
)
_WHOLE = (*_PART, (NAME, ORGANIZATION, CATEGORY), (ORGANIZATION, ADDRESS, CATEGORY))


def fingerprint(name: str, organization: str, address: str, categories: str) -> str:
    """Make a key of twelve hexadecimal digits from what distinguishes a service from others.

    Accents, case and punctuation do not count.
    """
    text = "|".join(map(simple, (name, organization, address, categories)))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def settle(services: Sequence[Service], before: Sequence[Service], *, whole: bool) -> list[Service]:
    """Give services the ids under which they are known, in the same order.

    A service is one known before when at least three of name, organisation, address and category
    are the same, and no other service on either side could be meant. Whatever else changed, it is
    the same service, changed; with two of them changed it is another one. In a sheet that is not
    `whole` another name, or another address, may be another service beside the one that is known.
    What was not known gets an id that nothing else has.
    """
    ids: dict[int, str] = {}
    for parts in _WHOLE if whole else _PART:
        left = {place: service for place, service in enumerate(services) if place not in ids}
        free = {
            service.service_id: service
            for service in before
            if service.service_id not in ids.values()
        }
        ids |= _pairs(left, free, parts)
    taken = {service.service_id for service in before}
    for place, service in enumerate(services):
        if place not in ids:
            ids[place] = _free_id(service.service_id, taken)
            taken.add(ids[place])
    return [_renamed(service, ids[place]) for place, service in enumerate(services)]


def _pairs(
    left: Mapping[int, Service], free: Mapping[str, Service], parts: tuple[int, ...]
) -> dict[int, str]:
    """Pair what agrees in these parts of the signature, where one alone does on either side."""
    now, then = _grouped(left, parts), _grouped(free, parts)
    return {
        places[0]: then[key][0]
        for key, places in now.items()
        if len(places) == 1 and len(then.get(key, ())) == 1
    }


def _grouped(services: Mapping[KeyT, Service], parts: tuple[int, ...]) -> dict[object, list[KeyT]]:
    groups: dict[object, list[KeyT]] = defaultdict(list)
    for key, service in services.items():
        signature = _signature(service)
        if NAME in parts or signature[ADDRESS]:
            groups[tuple(signature[part] for part in parts)].append(key)
    return groups


def _signature(service: Service) -> tuple[str, str, str, str]:
    address = service.locations[0].address if service.locations else None
    texts = (service.name, service.organization or "", address or "")
    name, organization, where = map(simple, texts)
    return name, organization, where, " ".join(sorted(service.categories))


def _free_id(wanted: str, taken: Container[str]) -> str:
    # A service that was renamed keeps the id that its first name gave it.
    numbered = (f"{wanted}-{number}" for number in itertools.count(2))
    return next(free_id for free_id in itertools.chain([wanted], numbered) if free_id not in taken)


def _renamed(service: Service, service_id: str) -> Service:
    locations = tuple(
        place.model_copy(
            update={"location_id": service_id + place.location_id[len(service.service_id) :]}
        )
        for place in service.locations
    )
    return service.model_copy(update={"service_id": service_id, "locations": locations})
