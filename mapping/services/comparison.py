"""Comparison of two records, field by field, as levels of likeness.

What a level is worth, in bits, is measured (see `mapping.services.matching`), after Fellegi and
Sunter, A Theory for Record Linkage, 1969, doi:10.1080/01621459.1969.10501049.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz, process

from mapping.arrays import Floats, Ints
from mapping.crs import to_metres
from mapping.geocoding.address import Address, parse, same_words, tokens
from mapping.model import Location, Position, Service
from mapping.services.phones import phone_digits
from mapping.taxonomy import category
from mapping.text import plain

LIKENESS_LEVELS = {
    "name": ("same", "alike", "faint", "differs", "unknown"),
    "place": ("door", "street", "other_door", "near", "apart", "far", "unknown"),
    "phone": ("shared", "differs", "unknown"),
    "web": ("shared", "differs", "unknown"),
    "organization": ("alike", "differs", "unknown"),
    "ownership": ("same", "differs", "unknown"),
}
"""The levels of each field, best first; what is unknown is evidence of nothing."""

SAME_NAME, ALIKE_NAME, FAINT_NAME = 95, 80, 55
"""Likeness of names, of 100, from which a level holds."""
SAME_PLACE_METRES, APART_METRES = 60.0, 300.0
"""Distance, beyond the error of both positions, up to which two records are near, or apart."""
REGISTER_ERROR_METRES = 30.0
"""Points of registers are no farther wrong beside each other: what is off a door is off in both."""
COMMON_RECORDS, COMMON_SHARE = 4, 0.02
"""A word in more records of a category than both of these does not distinguish them."""
# fmt: off
_FORMS = {
    "srl", "srls", "snc", "sas", "spa", "scarl", "coop", "onlus", "odv", "aps", "ets", "dott",
    "dottssa", "dr", "dssa", "drssa", "prof", "sede", "comunale", "statale", "paritaria",
    "parrocchiale", "privata", "via", "viale", "piazza", "corso", "largo",
}
# fmt: on
_SHARED_HOSTS = re.compile(r"facebook|instagram|google|gov\.it$|comune\.|regione\.|istruzione\.it$")


@dataclass(frozen=True, eq=False)
class ComparedRecords:
    """Services at their locations, one row each, as columns that can be compared.

    `service` is the row in the sequence they were made from; `x` and `y` are metres, NaN where no
    place is known; `name` and `organization` hold only the words that tell records apart.
    """

    service: Ints
    category: list[frozenset[str]]
    source: list[str]
    x: Floats
    y: Floats
    error_metres: Floats
    street: list[str]
    door: list[str]
    name: list[str]
    organization: list[str]
    ownership: list[str]
    phones: list[frozenset[str]]
    web: list[frozenset[str]]

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.service)


def records(services: Sequence[Service], *, epsg: int) -> ComparedRecords:
    """Lay services out for comparison: a row for each location, one for a service without any.

    `epsg` is the projected reference system of the city.
    """
    rows = [
        (number, service, location)
        for number, service in enumerate(services)
        for location in service.locations or (Location(location_id=service.service_id),)
    ]
    names = [" ".join(tokens(service.name)) for service in services]
    common = _common_words(services, names)
    places = [_as_published(location.position) for _, _, location in rows]
    lon, lat, error_metres = np.array(places, float).reshape(-1, 3).T.copy()
    x, y = to_metres(lon, lat, epsg)
    categories = {service.categories: frozenset(service.categories) for service in services}
    # Records of two sources repeat many addresses and phones, which take a while to read.
    parsed = {text: parse(text) for text in {location.address or "" for _, _, location in rows}}
    addresses = [parsed[location.address or ""] for _, _, location in rows]
    digits = {text: phone_digits(text) for text in {service.phone for service in services}}
    return ComparedRecords(
        service=np.array([number for number, _, _ in rows], np.int64),
        category=[categories[service.categories] for _, service, _ in rows],
        source=[service.provenance.source_id for _, service, _ in rows],
        x=x,
        y=y,
        error_metres=error_metres,
        street=[" ".join(address.tokens) if address.street else "" for address in addresses],
        door=[_door(address) for address in addresses],
        name=[_distinctive(names[number], service, common) for number, service, _ in rows],
        organization=[
            _distinctive(" ".join(tokens(service.organization or "")), service, common)
            for _, service, _ in rows
        ],
        ownership=[service.ownership or "" for _, service, _ in rows],
        phones=[digits[service.phone] for _, service, _ in rows],
        web=[_web(service) for _, service, _ in rows],
    )


def levels(rows: ComparedRecords, left: Ints, right: Ints) -> dict[str, Ints]:
    """Compare pairs of rows.

    Parameters
    ----------
    rows : ComparedRecords
        The rows.
    left, right : ndarray of int
        Row numbers, aligned.

    Returns
    -------
    dict of str to ndarray of int
        By field, the position in `LIKENESS_LEVELS` of the level of each pair.
    """
    return {
        "name": _name_levels(rows.name, left, right, (SAME_NAME, ALIKE_NAME, FAINT_NAME)),
        "place": _place_levels(rows, left, right),
        "phone": _shared_levels(rows.phones, left, right),
        "web": _shared_levels(rows.web, left, right),
        "organization": _name_levels(rows.organization, left, right, (ALIKE_NAME,)),
        "ownership": _ownership_levels(rows.ownership, left, right),
    }


def metres_apart(rows: ComparedRecords, left: Ints, right: Ints) -> Floats:
    """Measure how far pairs are apart, beyond what their positions may be wrong by.

    Parameters
    ----------
    rows : ComparedRecords
        The rows.
    left, right : ndarray of int
        Row numbers, aligned.

    Returns
    -------
    ndarray of float
        Metres, 0 where the errors meet; NaN where a place is not known.
    """
    apart = np.hypot(rows.x[left] - rows.x[right], rows.y[left] - rows.y[right])
    return np.maximum(apart - rows.error_metres[left] - rows.error_metres[right], 0)


def _as_published(place: Position) -> tuple[float | None, float | None, float]:
    """Take lon, lat and error of the source's own point, as the weights were counted on.

    Wherever the door is.
    """
    error_metres = place.error_metres or 0
    if place.precision not in {"civic", "premises"} and place.published_lon is None:
        return place.lon, place.lat, error_metres
    lon = place.lon if place.published_lon is None else place.published_lon
    lat = place.lat if place.published_lat is None else place.published_lat
    return lon, lat, min(error_metres, REGISTER_ERROR_METRES)


def _common_words(services: Sequence[Service], names: Sequence[str]) -> dict[str, set[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    sizes: Counter[str] = Counter()
    for service, name in zip(services, names, strict=True):
        sizes.update(service.categories)
        for code in service.categories:
            counts[code].update(set(name.split()))
    return {
        code: set(tokens(category(code).label))
        | {
            word
            for word, times in counts[code].items()
            if times > max(COMMON_RECORDS, COMMON_SHARE * size)
        }
        for code, size in sizes.items()
    }


def _distinctive(name: str, service: Service, common: dict[str, set[str]]) -> str:
    dull = _FORMS.union(*(common[code] for code in service.categories))
    return " ".join(word for word in name.split() if word not in dull and len(word) > 1)


def _door(address: Address) -> str:
    if address.civic is None or not address.street:
        return ""
    return f"{' '.join(address.tokens)} {address.civic}"


def _web(service: Service) -> frozenset[str]:
    host = re.sub(r"^https?://(?:www\.)?", "", plain(service.url or "")).split("/")[0]
    own = {host} if host and not _SHARED_HOSTS.search(host) else set()
    return frozenset(own | {plain(service.email)} if service.email else own)


def _name_levels(
    names: Sequence[str], left: Ints, right: Ints, thresholds: tuple[int, ...]
) -> Ints:
    left_names, right_names = [names[row] for row in left], [names[row] for row in right]
    likeness = process.cpdist(left_names, right_names, scorer=fuzz.token_set_ratio)
    level = np.full(len(left), len(thresholds), np.int64)
    for number, threshold in reversed(list(enumerate(thresholds))):
        level[likeness >= threshold] = number
    has_name = np.array([bool(name) for name in names], bool)
    return np.where(has_name[left] & has_name[right], level, len(thresholds) + 1)


def _shared_levels(values: Sequence[frozenset[str]], left: Ints, right: Ints) -> Ints:
    return np.array(
        [
            2 if not (first and second) else int(first.isdisjoint(second))
            for first, second in ((values[i], values[j]) for i, j in zip(left, right, strict=True))
        ],
        np.int64,
    )


def _ownership_levels(owned: Sequence[str], left: Ints, right: Ints) -> Ints:
    return np.array(
        [_ownership_level(owned[i], owned[j]) for i, j in zip(left, right, strict=True)], np.int64
    )


def _ownership_level(first: str, second: str) -> int:
    if first == second and first:
        return 0
    # "Not the state's" may be anybody else's: it tells it from the state's only.
    vague = {first, second} & {"", "not_state"}
    return 2 if "" in vague or (vague and "state" not in {first, second}) else 1


def _place_levels(rows: ComparedRecords, left: Ints, right: Ints) -> Ints:
    metres = metres_apart(rows, left, right)
    level = np.full(len(left), LIKENESS_LEVELS["place"].index("unknown"), np.int64)
    level[metres >= 0] = LIKENESS_LEVELS["place"].index("far")
    level[metres <= APART_METRES] = LIKENESS_LEVELS["place"].index("apart")
    level[metres <= SAME_PLACE_METRES] = LIKENESS_LEVELS["place"].index("near")
    for pair, (i, j) in enumerate(zip(left, right, strict=True)):
        if rows.street[i] and rows.street[j] and alike_streets(rows.street[i], rows.street[j]):
            level[pair] = _street_level(rows.door[i], rows.door[j], metres[pair], int(level[pair]))
    return level


def _street_level(first: str, second: str, metres: float, level: int) -> int:
    """Compare two places in one street; far apart, they are not of one street."""
    civics = [door.rpartition(" ")[2] for door in (first, second) if door]
    if len(civics) == 2 and civics[0] == civics[1]:  # noqa: PLR2004 - both
        return LIKENESS_LEVELS["place"].index("door")
    if metres > APART_METRES:
        return level
    return LIKENESS_LEVELS["place"].index("other_door" if len(civics) == 2 else "street")  # noqa: PLR2004


@lru_cache(maxsize=16384)
def alike_streets(first: str, second: str) -> bool:
    """Whether two streets, as words of `address.tokens`, may be the same.

    True for the same words, inverted ones, and where a name is shortened or left out.
    """
    if first == second:
        return True
    words = _street_words(first), _street_words(second)
    return same_words(*words) is not None or same_words(*reversed(words)) is not None


@lru_cache(maxsize=16384)
def _street_words(street: str) -> tuple[str, ...]:
    return tokens(street)
