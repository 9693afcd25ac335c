"""The three maps: all services, the coverage of one category, one look-up."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isnan

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mapping.coverage.class_words import (
    CLASS_LABELS,
    answer,
    class_key,
    knows_admission,
    untold,
)
from mapping.coverage.list_words import (
    SHARE_TEXTS,
    Declared,
    italian_list_sentence,
    italian_of_known,
    telling,
)
from mapping.coverage.people_words import bases_of, italian_people
from mapping.coverage.sureness_words import LIKELY_TEXTS, calibration_text
from mapping.disclosure import any_confidential
from mapping.edition.queries import likely, people_of_class, people_of_share
from mapping.maps import features, map_words, outlines
from mapping.maps.map_words import LABELS, Row
from mapping.maps.outlines import Feature
from mapping.maps.page import Frame, LegendLine, MapText, page
from mapping.services.service_row import ServiceRow, service_rows
from mapping.tables import THRESHOLDS_MINUTES
from mapping.taxonomy import Category, categories, category
from mapping.text import area_name
from mapping.walk_words import WALK_TEXTS, share_basis

_WITHIN = [f"share_{limit}" for limit in THRESHOLDS_MINUTES]
_SOME_ESTIMATED = "Alcuni tempi sono stimati in linea d'aria, non lungo le strade."


ALWAYS_SHOWN = ("served", "far", "unsure")


@dataclass(frozen=True)
class MapOrigin:
    """Where a look-up starts: degrees, and the words that the person reads."""

    lon: float
    lat: float
    label: str


@dataclass(frozen=True, eq=False)
class MapStop:
    """One answer of a look-up: a row of the services table and the walk to it.

    `seconds` and `metres` are NaN when it cannot be reached; `path` is (p, 2) lon, lat in degrees,
    or None when the streets are not known.
    """

    service: ServiceRow
    seconds: float
    metres: float
    estimated: bool = False
    path: npt.NDArray[np.float64] | None = None


def services_map(
    services: pa.Table, areas: pa.Table, frame: Frame, *, stops: pa.Table | None = None
) -> str:
    """Draw every public service, in one layer for each group of categories.

    Parameters
    ----------
    services : pyarrow.Table
        Rows of `tables.SERVICES`. Confidential categories are left out; rows without a position
        are in the table of the page only.
    areas : pyarrow.Table
        Rows of `tables.AREAS`, with a `geometry` column of WKB in degrees when outlines are known.
    frame : Frame
        Title, edition, attributions.
    stops : pyarrow.Table, optional
        Rows of `tables.STOPS`: a quiet layer that the reader can show.

    Returns
    -------
    str
        A whole HTML page.
    """
    rows = [row for row in service_rows(services) if row.is_listed and _is_public(row)]
    halts = [] if stops is None else [features.stops_layer(stops)]
    layers = [*features.background(areas), *halts, *features.service_layers(rows)]
    text = MapText(
        summary=f"Elenco dei {map_words.number(len(rows))} servizi",
        columns=("Servizio", *LABELS["service"]),
        rows=[(row.name, *map_words.service_facts(row)) for row in rows],
        legends={"Categorie": _category_keys(rows)},
    )
    seen = outlines.bounds(outlines.area_rows(areas, "municipality")) or outlines.bounds(
        [features.position(row) for row in rows]
    )
    return page(layers, seen, text, frame)


def coverage_map(
    coverage: pa.Table,
    areas: pa.Table,
    frame: Frame,
    *,
    category_code: str,
    level: str,
    declared: Declared,
) -> str:
    """Draw how far a category is from the people it serves, by class and by minutes.

    Parameters
    ----------
    coverage : pyarrow.Table
        Rows of `tables.COVERAGE`, for one profile and one window: those of the level, and that of
        the whole city, by which people are counted.
    areas : pyarrow.Table
        Rows of `tables.AREAS`, with a `geometry` column of WKB in degrees when outlines are known;
        an area without an outline is drawn as a circle.
    frame : Frame
        Title, edition, attributions.
    category_code : str
        The category whose rows are drawn.
    level : str
        The level of areas whose rows are drawn.
    declared : mapping
        How complete the list of the category is, as `queries.completeness` gives it.

    Returns
    -------
    str
        A whole HTML page.
    """
    kind = category(category_code)
    of_category = [row for row in coverage.to_pylist() if row["category"] == category_code]
    rows = {row["area_id"]: row for row in of_category if row["level"] == level}
    city = next((row for row in of_category if row["level"] == "municipality"), None)
    drawn = [area for area in outlines.area_rows(areas, level) if area["area_id"] in rows]
    knows_answers = knows_admission(rows[area["area_id"]] for area in drawn)
    labels = map_words.area_labels(with_answers=knows_answers)
    facts = {
        area["area_id"]: map_words.area_facts(
            rows[area["area_id"]], declared, with_answers=knows_answers
        )
        for area in drawn
    }
    text = MapText(
        summary=f"Tabella delle {len(drawn)} aree",
        columns=("Area", map_words.people(kind).capitalize(), *labels[1:]),
        rows=[(area_name(area["name"]), *facts[area["area_id"]]) for area in drawn],
        legends=_coverage_legends(list(rows.values()), city, kind, declared),
    )
    layers = [*_coverage_layers(drawn, rows, facts), features.names(areas)]
    frame = _warned(frame, rows.values(), declared)
    notes = [
        "" if knows_answers else untold(category_code),
        italian_people(kind, bases_of(areas)),
        "" if kind.is_demand_declared else SHARE_TEXTS["of_residents"],
        calibration_text(category_code),
        LIKELY_TEXTS["meaning"] if any(map(likely, rows.values())) else "",
        map_words.far_band(city) if city is not None else "",
        map_words.some_estimated(city) if city is not None else "",
    ]
    frame = replace(frame, notes=(*frame.notes, *filter(None, notes)))
    return page(layers, outlines.bounds(drawn), text, frame)


def nearest_map(
    origin: MapOrigin,
    stops: Sequence[MapStop],
    areas: pa.Table,
    frame: Frame,
    *,
    streets: Iterable[npt.NDArray[np.float64]] = (),
) -> str:
    """Draw a look-up: where it starts, the services found, and the walk to each.

    Parameters
    ----------
    origin : MapOrigin
        The start; its words appear in this page and nowhere else.
    stops : sequence of MapStop
        The answers, nearest first; those of confidential categories are left out.
    areas : pyarrow.Table
        Rows of `tables.AREAS`, for the background.
    frame : Frame
        Title, edition, attributions.
    streets : iterable of ndarray of shape (p, 2), optional
        Streets around, as lon, lat in degrees, for the background.

    Returns
    -------
    str
        A whole HTML page.
    """
    ranked = list(enumerate((stop for stop in stops if _is_public(stop.service)), 1))
    placed = [(rank, stop) for rank, stop in ranked if stop.service.lon is not None]
    layers = [
        *features.background(areas),
        features.streets(streets),
        features.MapLayer([_walk(origin, stop) for _, stop in placed], interactive=False),
        features.MapLayer([features.stop(n, s.service, _stop_facts(s)) for n, s in placed]),
        features.MapLayer([features.origin(origin.lon, origin.lat, origin.label)]),
    ]
    text = MapText(
        summary=f"I {len(ranked)} servizi più vicini",
        columns=("N.", "Servizio", *LABELS["stop"]),
        rows=[(str(n), s.service.name, *_stop_facts(s)) for n, s in ranked],
        legends={"Partenza": [LegendLine("#000000", origin.label)]},
    )
    start = {"lon": origin.lon, "lat": origin.lat}
    seen = outlines.bounds([start, *(features.position(stop.service) for _, stop in placed)])
    return page(layers, seen, text, _estimated(frame, [stop.estimated for _, stop in ranked]))


def _is_public(row: ServiceRow) -> bool:
    return not any_confidential([row.category, *row.categories])


def _category_keys(rows: Sequence[ServiceRow]) -> list[LegendLine]:
    counts = Counter(row.category for row in rows)
    order = [code for code in categories() if code in counts]
    order += [code for code in counts if code not in order]
    return [
        LegendLine(
            features.colour(code), f"{map_words.label(code)}: {map_words.number(counts[code])}"
        )
        for code in order
    ]


def _coverage_layers(
    drawn: Sequence[Row], rows: dict[str, Row], facts: dict[str, list[str]]
) -> list[features.MapLayer]:
    pairs = [(area, facts[area["area_id"]]) for area in drawn]
    by_class = {code: features.class_style(row) for code, row in rows.items()}
    by_minutes = {code: features.minute_style(row) for code, row in rows.items()}
    return [
        features.area_layer(pairs, by_class, name="Classi", base=True),
        features.area_layer(pairs, by_minutes, name="Minuti a piedi", base=True, show=False),
    ]


def _coverage_legends(
    rows: Sequence[Row], city: Row | None, kind: Category, declared: Declared
) -> dict[str, list[LegendLine]]:
    """Count the people of the whole city, each by their own class and minutes.

    Each line of minutes counts its own people: the sum up to a limit is another number.
    """
    who = map_words.people(kind)
    first = THRESHOLDS_MINUTES[0]
    limits = [f"fino a {first} minuti"]
    limits += [f"da {low} a {high} minuti" for low, high in pairwise(THRESHOLDS_MINUTES)]
    limits.append(f"oltre {THRESHOLDS_MINUTES[-1]} minuti o non raggiungibile")
    known = italian_of_known(declared)
    return {
        f"Classi ({who}, secondo dove abitano)": [
            LegendLine(
                features.CLASS_COLOURS[code],
                _class_words(rows, city, code, kind, declared),
                dashed=code == "unsure",
            )
            for code in _shown(rows, city)
        ],
        ", ".join(filter(None, (f"Minuti a piedi ({who}, in tutta la città)", known))): [
            LegendLine(colour, f"{text}: {count}")
            for colour, text, count in zip(
                features.MINUTE_COLOURS, limits, _told_by_minutes(city), strict=True
            )
        ]
        + [LegendLine(features.NO_DATA, "area senza un tempo mediano", dashed=True)],
    }


def _told_by_minutes(city: Row | None) -> list[str]:
    """Write how many walk so many minutes, and along known streets where these are others."""
    along = None
    if city is not None:
        streets = {name: share_basis(city, name).streets for name in _WITHIN}
        along = {**city, **{name: own for name, own in streets.items() if own is not None}}
    counts = zip(_by_minutes(city), _by_minutes(along), strict=True)
    text, number = WALK_TEXTS["share"], map_words.number
    return [
        number(own) if own == other else text % {"share": number(own), "streets": number(other)}
        for own, other in counts
    ]


def _by_minutes(city: Row | None) -> list[int | None]:
    within = [None if city is None else people_of_share(city, column) for column in _WITHIN]
    steps = [0, *within, None if city is None else city["demand"]]
    return [
        None if low is None or high is None or isnan(high) else round(high - low)
        for low, high in pairwise(steps)
    ]


def _shown(rows: Sequence[Row], city: Row | None) -> list[str]:
    # The classes that need more than a place to be told are named where there is one.
    met = {code for code in CLASS_LABELS if city and people_of_class(city, code)}
    met |= {row["class"] for row in rows}
    return [code for code in CLASS_LABELS if code in met or code in ALWAYS_SHOWN]


def _class_words(
    rows: Sequence[Row], city: Row | None, code: str, kind: Category, declared: Declared
) -> str:
    areas = sum(row["class"] == code for row in rows)
    label, column = class_key(code, kind.code, answer(city or {}, "has_room")), f"share_{code}"
    if not areas and telling(column, (city or {}).get(column), declared) == "untold":
        return f"{label}: {SHARE_TEXTS['untold']}"
    own = map_words.number(None if city is None else people_of_class(city, code))
    dwellers = [row["demand"] for row in rows if row["class"] == code and row["demand"] is not None]
    known = map_words.number(sum(dwellers) if dwellers or not areas else None)
    text = (
        f"{label}: {own} in tutta la città. Aree di questo colore: {areas}, dove vivono in {known}"
    )
    silent = areas - len(dwellers)
    return f"{text} (senza {silent} di cui non si pubblica)" if silent and dwellers else text


def _stop_facts(stop: MapStop) -> list[str]:
    walk = map_words.walk(stop.seconds, stop.metres, estimated=stop.estimated)
    return [walk, *map_words.service_facts(stop.service)]


def _walk(origin: MapOrigin, stop: MapStop) -> Feature:
    if stop.path is not None:
        return features.path(stop.path, dashed=False)
    ends = [[origin.lon, origin.lat], [stop.service.lon, stop.service.lat]]
    return features.path(np.array(ends), dashed=True)


def _warned(frame: Frame, rows: Iterable[Row], declared: Declared) -> Frame:
    frame = replace(frame, notes=(*frame.notes, italian_list_sentence(declared)))
    return _estimated(frame, [row["estimated"] for row in rows])


def _estimated(frame: Frame, guesses: Sequence[bool]) -> Frame:
    if frame.estimated or (guesses and all(guesses)):
        return replace(frame, estimated=True)
    return replace(frame, notes=(*frame.notes, _SOME_ESTIMATED)) if any(guesses) else frame
