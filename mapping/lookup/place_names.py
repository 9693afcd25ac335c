"""What an edition knows by name: its stations, stops, parks, quarters, premises and services."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np

from mapping.crs import metres_apart, point_to_metres
from mapping.edition.edition import Edition
from mapping.edition.queries import named_areas
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import CAPITALS, TOWNS
from mapping.geocoding.named_places import (
    APART_METRES,
    SAME_DEGREES,
    NamedPlace,
    NamedPlaces,
    name_words,
)
from mapping.geocoding.other_comuni import OtherComuni
from mapping.tables import Row
from mapping.taxonomy import categories
from mapping.text import area_name, plain, readable

WORDS = Path(__file__).with_name("place_words.toml")
KINDS = {"scuola": "school", "sanità": "health", "ufficio": "office", "sport": "sport_ground"}
"""Of premises."""
SERVICE_RANK = 5
HOSPITAL = "ospedale"
BARE_RANK = 3
"""Of a station without the name of the city: that of the quarter which is called so."""
STATION, STOP = "Stazione", "Fermata"
PART_DEGREES = 0.015
"""About a kilometre: parts of one park, or buildings of one hospital, are no farther apart."""
NEXT_METRES = 3000.0
"""From the edge of a city to that of a comune that people call by the half of its name."""
STATION_METRES = 100.0
"""From the middle of a station to its doors: platforms of the underground are 110 m long."""
_OTHER_GREEN = ("cemetery", "dog_area")
"""Kinds that maps draw as parks, told apart by their names."""
_SPELT = {"P.Ta": "Porta", "Fs": "FS", "F.S.": "FS", "Fn": "FN", "Fnm": "FNM"}
_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){3,}")
_IN_BRACKETS = re.compile(r"[(\uff08][^()\uff08\uff09]*[)\uff09]")
_SEPARATOR = " - "
"""Between the names of one NIL."""


def place_names(
    edition: Edition, translated: Mapping[str, Sequence[str]] | None = None
) -> NamedPlaces:
    """Index all that an edition may show by name; `translated` as of `indexed`.

    Services are those that are shown today, and no premises has the name of one that is hidden.
    Quarters, stations, stops and parks stay: everybody knows them, and one that is missing would
    tell a word of that name.
    """

    def rows(name: str) -> list[Row]:
        return edition.table(name).to_pylist() if edition.has(name) else []

    hidden = [frozenset(name_words(name)) for name in edition.hidden_names]
    cheap = [
        *_services(edition),
        *by_address(
            surroundings(rows("places.parquet"), _city_name(edition)),
            edition.gazetteer,
            _city_name(edition),
        ),
        *quarters(named_areas(edition)),
        *(place for place in premises(rows("premises.parquet")) if not _tells(place, hidden)),
    ]

    def with_stops() -> list[NamedPlace]:
        return [*cheap, *stops(rows("stops.parquet"))]

    return indexed(with_stops, translated, [STOP, *(place.label for place in cheap)])


def comuni_besides(edition: Edition) -> OtherComuni:
    """Take the names of the comuni around the city, of the capitals of provinces and of towns."""
    areas = named_areas(edition)
    own = [row for row in areas if row["level"] == "municipality"]
    others = [row for row in areas if row["level"] == "neighbour" and row["name"]]
    near = [row["name"] for row in others if any(_is_next_to(row, city) for city in own)]
    here = {plain(row["name"] or "") for row in own}
    towns = sorted((CAPITALS | TOWNS) - here)
    localities = edition.gazetteer.localities if edition.gazetteer else None
    province = (localities and localities.province) or ""
    far = [*(row["name"] for row in others), *towns]
    return OtherComuni(near, far, province, localities.city if localities else "")


def _is_next_to(area: Row, city: Row) -> bool:
    apart = metres_apart(city["lon"], city["lat"], area["lon"], area["lat"])
    return apart - _radius(area) - _radius(city) < NEXT_METRES


def _radius(area: Row) -> float:
    """Give the metres from the middle of an area to its edge, were it a circle."""
    return float(np.sqrt((area["area_km2"] or 1.0) * 1e6 / np.pi))


def indexed(
    places: Iterable[NamedPlace] | Callable[[], Iterable[NamedPlace]],
    translated: Mapping[str, Sequence[str]] | None = None,
    beginnings: Sequence[str] = ("",),
) -> NamedPlaces:
    """Index named places: each once, what is asked most often first, all labels different.

    `translated` are labels of categories in other languages, by their code. The places are made
    when a text may name one: an address is found without them, unless it begins as they do
    (`beginnings`).
    """
    words = _words()
    rank = {kind: int(entry.get("rank", SERVICE_RANK)) for kind, entry in words.items()}
    called = {
        kind: _each_word([*own["names"], *own.get("words", ())]) for kind, own in words.items()
    }
    names = {kind: list(own["names"]) for kind, own in words.items()}
    for code, entry in categories().items():
        labels = [entry.label, *(translated or {}).get(code, ())]
        names[code] = [*names.get(code, ()), *chain.from_iterable(map(_label_parts, labels))]
        called[code] = called.get(code, frozenset()) | _each_word([entry.label])
        # In the Latin alphabet a label has words, such as "and", that names have too.
        called[code] |= {word for word in _each_word(labels[1:]) if not word.isascii()}

    def told_apart() -> list[NamedPlace]:
        ranked = [
            replace(
                place, rank=max(place.rank, rank.get(place.category or place.kind, SERVICE_RANK))
            )
            for place in (places() if callable(places) else places)
        ]
        ranked.sort(key=lambda place: (place.rank, place.label, place.lon))
        return _told_apart(_once(ranked, called))

    return NamedPlaces(told_apart, called, names, beginnings)


def _each_word(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(name_words, texts)))


def _label_parts(label: str) -> list[str]:
    """Split ``Centro di aggregazione giovanile, CAM``, and leave out what stands in brackets."""
    parts = re.split("[,\u060c\uff0c]", _IN_BRACKETS.sub(" ", label))
    return [part.strip() for part in parts if part.strip()]


def _tells(place: NamedPlace, hidden: Sequence[frozenset[str]]) -> bool:
    own = frozenset(name_words(place.name)) if hidden else frozenset()
    return any(secret <= own for secret in hidden if secret)


@cache
def _words() -> dict[str, Row]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def _services(edition: Edition) -> Iterator[NamedPlace]:
    known = categories()
    # A hospital over the border is asked for by its name as one of the city is.
    outside = (row for row in edition.outside_rows if row.category == HOSPITAL)
    for row in (*edition.service_rows, *outside):
        if row.is_routed and row.category in known and row.name:
            lon, lat = row.point
            yield NamedPlace(
                readable(row.name), "service", lon, lat, row.name, row.precision,
                float(row.error_metres or 0), row.municipio, row.category,
                detail=row.comune_outside or row.address or "",
            )  # fmt: skip


def _city_name(edition: Edition) -> str:
    names = [row["name"] for row in named_areas(edition) if row["level"] == "municipality"]
    return next(filter(None, names), "")


def surroundings(rows: Iterable[Row], city: str = "") -> Iterator[NamedPlace]:
    """Take rows of `tables.PLACES`; how far a park reaches is its ±.

    A station that is called after the city, with its name before its own, is found without it too,
    and one with initials, ``T.I.B.B.``, without their dots.
    """
    for row in rows:
        name, kind = row["name"], row["kind"]
        if kind == "station":
            spelt = " ".join(_SPELT.get(word, word) for word in name.split())
            is_said = name_words(name)[:1] == name_words(STATION)
            label, metres = spelt if is_said else f"{STATION} {spelt}", STATION_METRES
        else:
            kind = _green_kind(name) if kind == "park" else kind
            label, metres = name, row.get("error_metres") or 0.0
        at = row["lon"], row["lat"]
        yield NamedPlace(label, kind, *at, name, error_metres=metres)
        bare = _without_city(name, city) if kind == "station" and city else ""
        if bare:
            yield NamedPlace(label, kind, *at, bare, error_metres=metres, rank=BARE_RANK)
        joined = _INITIALS.sub(lambda match: match[0].replace(".", ""), name)
        if kind == "station" and joined != name:
            yield NamedPlace(label, kind, *at, joined, error_metres=metres)


def by_address(
    places: Iterable[NamedPlace], gazetteer: Gazetteer | None, city: str
) -> Iterator[NamedPlace]:
    """Put the nearest address behind stations of one name that are apart, to choose by."""
    every = list(places)
    called: dict[frozenset[str], list[NamedPlace]] = defaultdict(list)
    for place in every:
        if place.kind == "station":
            called[_station_words(place, city)].append(place)
    for place in every:
        namesakes = called[_station_words(place, city)] if place.kind == "station" else []
        apart = (metres_apart(place.lon, place.lat, each.lon, each.lat) for each in namesakes)
        is_apart = max(apart, default=0.0) > APART_METRES
        label = _with_address(place, gazetteer) if gazetteer and is_apart else place.label
        yield replace(place, label=label)


def _station_words(place: NamedPlace, city: str) -> frozenset[str]:
    return frozenset(name_words(place.name)) - {*name_words(city), *name_words(STATION)}


def _with_address(place: NamedPlace, gazetteer: Gazetteer) -> str:
    near = gazetteer.reverse(*point_to_metres(place.lon, place.lat, gazetteer.epsg))
    return f"{place.label}, {near.label}" if near else place.label


def _without_city(name: str, city: str) -> str:
    """Leave the city's name out of a station's: before its own, or glued behind a word of it."""
    own, town = plain(name), plain(city)
    bare = re.sub(rf"^{town} |(?<=[a-z]{{4}}){town}[a-z]*", "", own)
    return bare if bare != own else ""


def _green_kind(name: str) -> str:
    """Tell a cemetery, or a green of dogs, from a park."""
    words = name_words(name)
    return next((kind for called, kind in _green_names() if words[: len(called)] == called), "park")


@cache
def _green_names() -> list[tuple[tuple[str, ...], str]]:
    return [(name_words(name), kind) for kind in _OTHER_GREEN for name in _words()[kind]["names"]]


def quarters(rows: Iterable[Row]) -> Iterator[NamedPlace]:
    """Take the NIL, each by every name that it has, and municipi of rows of `tables.AREAS`."""
    for row in rows:
        kind = {"nil": "area", "municipio": "municipio"}.get(row["level"])
        if kind and row["name"]:
            radius = _radius(row)
            names = row["name"].split(_SEPARATOR) if kind == "area" else [row["name"]]
            label = f"NIL {area_name(row['name'])}" if kind == "area" else row["name"]
            for name in names:
                at = row["lon"], row["lat"]
                yield NamedPlace(label, kind, *at, name, "area", radius)


def premises(rows: Iterable[Row]) -> Iterator[NamedPlace]:
    """Take rows of `tables.PREMISES`."""
    for row in rows:
        if row["name"] and row["kind"] in KINDS and row["lon"] is not None:
            at, metres = (row["lon"], row["lat"]), row.get("error_metres") or 0.0
            kind, name = KINDS[row["kind"]], readable(row["name"])
            yield NamedPlace(name, kind, *at, row["name"], error_metres=metres)


def stops(rows: Iterable[Row]) -> Iterator[NamedPlace]:
    """Take rows of `tables.STOPS`."""
    for row in rows:
        if row["name"]:
            label = f"{STOP} {row['name']}"
            yield NamedPlace(label, "stop", row["lon"], row["lat"], row["name"])


def _once(places: list[NamedPlace], called: Mapping[str, frozenset[str]]) -> list[NamedPlace]:
    """Leave out names that say a kind only, and what another source knows: the first stays.

    It reaches as far as the parts that have its name.
    """
    ranked = (kind for kind in called if kind in categories() or "rank" in _words()[kind])
    generic = frozenset().union(*(called[kind] for kind in ranked))
    seen: dict[frozenset[str], list[int]] = defaultdict(list)
    once: list[NamedPlace] = []
    for place in places:
        words = frozenset(name_words(place.name))
        near = [at for at in seen[words] if place.kind != "area" and _is_near(place, once[at])]
        for at in near:
            once[at] = _with_part(once[at], place)
        if (words - generic or place.detail or place.kind == "municipio") and not near:
            seen[words].append(len(once))
            once.append(place)
    return once


def _with_part(place: NamedPlace, part: NamedPlace) -> NamedPlace:
    if place.kind != part.kind or not part.error_metres or place.kind == "station":
        return place
    apart = metres_apart(place.lon, place.lat, part.lon, part.lat)
    return replace(place, error_metres=round(max(place.error_metres, apart + part.error_metres)))


def _is_near(place: NamedPlace, other: NamedPlace) -> bool:
    # Of a park or a hospital each part has its own row: parts are near, or reach each other.
    is_part = place.kind == other.kind != "service"
    apart = metres_apart(place.lon, place.lat, other.lon, other.lat)
    if is_part and place.kind == "station":
        return apart <= APART_METRES
    reach = PART_DEGREES if is_part else SAME_DEGREES
    if abs(place.lon - other.lon) + abs(place.lat - other.lat) < reach:
        return True
    return is_part and apart < place.error_metres + other.error_metres


def _told_apart(places: list[NamedPlace]) -> list[NamedPlace]:
    """Make labels that name one place each: with where it is, or else a number."""
    labels = [", ".join(filter(None, (place.label, place.detail))) for place in places]
    met: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for place, label in zip(places, labels, strict=True):
        # One place may have several names.
        if (place.lon, place.lat) not in met[label]:
            met[label].append((place.lon, place.lat))
    labelled = []
    for place, label in zip(places, labels, strict=True):
        number = met[label].index((place.lon, place.lat)) + 1
        is_alone = place.kind == "area" or len(met[label]) == 1
        labelled.append(replace(place, label=label if is_alone else f"{label} ({number})"))
    return labelled
