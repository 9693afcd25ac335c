"""Downloads of the planner's screen: CSV for spreadsheets, GeoJSON for a GIS, SVG as an image."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc
import shapely

from api.planner.labels import Teller
from api.planner.screen import Line, Screen
from api.published import Published
from mapping.coverage.class_words import class_label
from mapping.disclosure import publishes_people
from mapping.edition.geoparquet import geometries
from mapping.indicators import NAMED
from mapping.lookup.nearest import Lookup
from mapping.maps.choropleth_svg import choropleth
from mapping.maps.outlines import SIMPLIFIED_DEGREES
from mapping.tables import by_streets
from mapping.text import without_formula
from mapping.walk_words import Basis

DECIMALS = 6


def rows(screen: Screen, reading: Published) -> Iterator[dict[str, Any]]:
    """Give the rows of a screen, each with edition and attribution to trace it; shares in percent.

    Of a section only its class, its reason, its minutes and the word of its sureness.
    """
    view = screen.view
    situation_fields = {"category": view.category, **view.situation._asdict()}
    trace = {
        "completeness": screen.declared["status"],
        "edition": reading.edition.id,
        "attribution": " · ".join(reading.attributions),
    }
    for line in screen.sorted:
        yield {
            "level": view.level,
            "area_id": line.area_id,
            "name": line.name,
            **situation_fields,
            **_numbers(line, screen),
            **_beside(line, screen),
            **trace,
        }


def as_csv(screen: Screen, reading: Published) -> str:
    """Write a screen as CSV: UTF-8 with a mark, as spreadsheets want it, and decimal points."""
    out = io.StringIO()
    out.write("\N{BYTE ORDER MARK}")
    table = list(rows(screen, reading))
    writer = csv.DictWriter(out, list(table[0]) if table else [], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: without_formula(value) for name, value in row.items()} for row in table)
    return out.getvalue()


def as_geojson(screen: Screen, reading: Published) -> str:
    """Write a screen as GeoJSON (RFC 7946), outlines simplified to five metres.

    Edition and attribution stand beside the features, and not in each.
    """
    shapes = _shapes(reading.lookup, screen.view.level)
    table = list(rows(screen, reading))
    trace = {name: table[0][name] for name in ("edition", "attribution")} if table else {}
    features = [
        {
            "type": "Feature",
            "id": f"{row['level']}:{row['area_id']}",
            "geometry": shapes[row["area_id"]],
            "properties": {name: value for name, value in row.items() if name not in trace},
        }
        for row in table
    ]
    document = {"type": "FeatureCollection", **trace, "query": screen.view.query()}
    return json.dumps({**document, "features": features}, ensure_ascii=False)


def as_svg(screen: Screen, reading: Published, teller: Teller) -> str:
    """Draw a screen as an SVG document, with its legend in the language of `teller`."""
    keys = {entry.step: entry.key for entry in teller.legend(screen)}
    every = teller.keys(screen.view.shown, screen.scale, screen)
    foot = f"Prossima · {reading.edition.id} · {' · '.join(reading.attributions)}"
    areas = reading.edition.areas.filter(pc.field("level") == screen.view.level)
    steps = {line.area_id: line.step for line in screen.lines}
    title = teller.title(screen, screen.view.shown)
    return choropleth(areas, steps, {**keys, -1: every[-1]}, title, foot)


def _numbers(line: Line, screen: Screen) -> dict[str, Any]:
    view = screen.view
    own = {"indicator": view.indicator, "unit": view.shown.unit, "value": line.value}
    own |= _basis("value", line.value_basis)
    claim = {
        "class": line.kind,
        "class_label": class_label(line.kind, view.category, line.has_room),
        "may_come": line.may_come,
        "has_room": line.has_room,
        "reason": line.reason,
        "minutes": _rounded(line.minutes),
        "estimated": line.estimated,
        "sureness": line.sureness,
    }
    if not publishes_people(view.level):
        return own | claim
    share = f"share_{view.threshold}"
    return {
        **own,
        **claim,
        "people": line.demand,
        share: _rounded(line.within),
        by_streets(share): line.basis.streets,
        "probability_low": None if line.likely is None else line.likely[0],
        "probability_high": None if line.likely is None else line.likely[1],
    }


def _beside(line: Line, screen: Screen) -> dict[str, Any]:
    view = screen.view
    if view.second is None and not view.since:
        return {}
    compared_with = {"since": view.since} if view.since else {"versus": view.versus}
    alike = view.second is None or view.second.unit == view.shown.unit
    numbers = alike and view.shown.unit not in NAMED
    return {
        **compared_with,
        "other_value": line.other,
        **_basis("other", line.other_basis),
        **({"difference": _rounded(line.difference)} if numbers else {}),
    }


def _basis(name: str, basis: Basis) -> dict[str, Any]:
    """Say whether a value rests on straight lines, and what a share in percent is by streets."""
    streets = None if basis.streets is None else _rounded(100 * basis.streets)
    return {f"{name}_estimated": basis.estimated, f"{name}_by_streets": streets}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)


def _shapes(lookup: Lookup, level: str) -> dict[str, Any]:
    table = lookup.edition.areas.filter(pc.field("level") == level)
    simple = shapely.simplify(geometries(table), SIMPLIFIED_DEGREES)
    rounded = shapely.set_precision(simple, 1e-5, mode="pointwise")
    drawn = [json.loads(text) if text else None for text in shapely.to_geojson(rounded)]
    return dict(zip(table["area_id"].to_pylist(), drawn, strict=True))
