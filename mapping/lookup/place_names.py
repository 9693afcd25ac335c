"""What an edition knows by name: its stations, stops, parks, quarters, premises and services."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from mapping.edition.edition import Edition
from mapping.geocoding.named_places import SAME_DEGREES, NamedPlace, NamedPlaces, name_words
from mapping.tables import Row
from mapping.taxonomy import categories
from mapping.text import readable

WORDS = Path(__file__).with_name("place_words.toml")
KINDS = {"scuola": "school", "sanità": "health", "ufficio": "office", "sport": "sport_ground"}
"""Of premises."""
SERVICE_RANK = 5
STATION, STOP = "Stazione", "Fermata"
PART_DEGREES = 0.015
"""About a kilometre: parts of one park, or buildings of one hospital, are no farther apart."""
_SPELT = {"P.Ta": "Porta", "Fs": "FS", "F.S.": "FS", "Fn": "FN"}
_SEPARATOR = " - "
"""Between the names of one NIL."""


def place_names(edition: Edition) -> NamedPlaces:
    """Index all that an edition may show by name.

    Services are those that are shown today, and no premises has the name of one that is hidden.
    Quarters, stations, stops and parks stay: everybody knows them, and one that is missing would
    tell a word of that name.
    """

    def rows(name: str) -> list[Row]:
        return edition.table(name).to_pylist() if edition.has(name) else []

    columns = ["level", "name", "lon", "lat", "area_km2"]
    hidden = [frozenset(name_words(name)) for name in edition.hidden_names]
    public = [
        *surroundings(rows("places.parquet")),
        *quarters(edition.areas.select(columns).to_pylist()),
        *(place for place in premises(rows("premises.parquet")) if not _tells(place, hidden)),
        *stops(rows("stops.parquet")),
    ]
    return indexed([*_services(edition), *public])


def indexed(places: Iterable[NamedPlace]) -> NamedPlaces:
    """Index named places: each once, what is asked most often first, all labels different."""
    words = _words()
    rank = {kind: int(entry["rank"]) for kind, entry in words.items()}
    called = {kind: name_words(" ".join(entry["words"])) for kind, entry in words.items()}
    for code, entry in categories().items():
        called[code] = (*called.get(code, ()), *name_words(entry.label))
    ranked = [
        replace(place, rank=rank.get(place.category or place.kind, SERVICE_RANK))
        for place in places
    ]
    ranked.sort(key=lambda place: (place.rank, place.label, place.lon))
    return NamedPlaces(_told_apart(_once(ranked, called)), called)


def _tells(place: NamedPlace, hidden: Sequence[frozenset[str]]) -> bool:
    own = frozenset(name_words(place.name))
    return any(secret <= own for secret in hidden if secret)


@cache
def _words() -> dict[str, Row]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def _services(edition: Edition) -> Iterator[NamedPlace]:
    known = categories()
    for row in edition.service_rows:
        if row.is_routed and row.category in known and row.name:
            lon, lat = row.point
            yield NamedPlace(
                readable(row.name), "service", lon, lat, row.name, row.precision,
                float(row.error_metres or 0), row.municipio, row.category, detail=row.address or "",
            )  # fmt: skip


def surroundings(rows: Iterable[Row]) -> Iterator[NamedPlace]:
    """Take stations and parks, rows of `tables.PLACES`."""
    for row in rows:
        name, kind = row["name"], row["kind"]
        spelt = " ".join(_SPELT.get(word, word) for word in name.split())
        label = f"{STATION} {spelt}" if kind == "station" else name
        yield NamedPlace(label, kind, row["lon"], row["lat"], name)


def quarters(rows: Iterable[Row]) -> Iterator[NamedPlace]:
    """Take the NIL of rows of `tables.AREAS`, each by every name that it has."""
    for row in rows:
        if row["level"] == "nil" and row["name"]:
            radius = float(np.sqrt((row["area_km2"] or 1.0) * 1e6 / np.pi))
            for name in row["name"].split(_SEPARATOR):
                at = row["lon"], row["lat"]
                label = f"NIL {readable(row['name'])}"
                yield NamedPlace(label, "area", *at, name, "area", radius)


def premises(rows: Iterable[Row]) -> Iterator[NamedPlace]:
    """Take rows of `tables.PREMISES`."""
    for row in rows:
        if row["name"] and row["kind"] in KINDS and row["lon"] is not None:
            name = readable(row["name"])
            yield NamedPlace(name, KINDS[row["kind"]], row["lon"], row["lat"], row["name"])


def stops(rows: Iterable[Row]) -> Iterator[NamedPlace]:
    """Take rows of `tables.STOPS`."""
    for row in rows:
        if row["name"]:
            label = f"{STOP} {row['name']}"
            yield NamedPlace(label, "stop", row["lon"], row["lat"], row["name"])


def _once(places: list[NamedPlace], called: dict[str, tuple[str, ...]]) -> list[NamedPlace]:
    """Leave out names that say a kind only, and what another source knows: the first stays."""
    generic = frozenset().union(*called.values())
    seen: dict[frozenset[str], list[NamedPlace]] = defaultdict(list)
    once = []
    for place in places:
        words = frozenset(name_words(place.name))
        is_known = place.kind != "area" and any(_is_near(place, other) for other in seen[words])
        if (words - generic or place.detail) and not is_known:
            once.append(place)
            seen[words].append(place)
    return once


def _is_near(place: NamedPlace, other: NamedPlace) -> bool:
    # Of a park or a hospital each part has its own row.
    reach = PART_DEGREES if place.kind == other.kind != "service" else SAME_DEGREES
    return abs(place.lon - other.lon) + abs(place.lat - other.lat) < reach


def _told_apart(places: list[NamedPlace]) -> list[NamedPlace]:
    """Make labels that name one place each: with where it is, or else a number."""
    met: Counter[str] = Counter()
    labelled = []
    for place in places:
        label = place.label
        if place.detail:
            label = f"{label}, {place.detail}"
        met[label] += place.kind != "area"
        labelled.append(
            replace(place, label=f"{label} ({met[label]})" if met[label] > 1 else label)
        )
    return labelled
