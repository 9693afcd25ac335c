"""What an edition says, in the public shapes: the same for HTTP and the command line."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import orjson
from shapely.geometry import mapping

from mapping.lookup.nearest import Answer, NearbyService
from mapping.lookup.origin import Origin
from mapping.lookup.question import Question
from mapping.services.service_row import ServiceRow
from mapping.tables import Row
from mapping.walking.directions import Directions
from mapping.walking.service_walks import ServiceWalks

if TYPE_CHECKING:  # a command that walks to the nearest services pays for no more
    from mapping.lookup.round_trips import Leg, Outing, Outings, Stop
    from mapping.walking.isochrones import Isochrone


def document(answer: Answer, edition_id: str, question: Question) -> Row:
    """Put an answer into the public JSON shape, the same for HTTP and the command line.

    Parameters
    ----------
    answer : Answer
        Of `Lookup.nearest`.
    edition_id : str
        Every number is traced by it.
    question : Question
        What was asked.

    Returns
    -------
    dict
        Ready for JSON: no NaN in it.
    """
    unplaced = [each.listed for each in answer.unplaced[: question.count]]
    return _document(answer, edition_id, question, _merged, unplaced)


def encoded(answer: Answer, edition_id: str, question: Question, completeness: Row) -> bytes:
    """Write the document of an answer as JSON, and how complete the lists are after it.

    Most of an answer is what an edition says of services, which is written but once.

    Parameters
    ----------
    answer, edition_id, question
        As `document` takes them.
    completeness : dict
        Of `queries.completeness`.

    Returns
    -------
    bytes
        What `orjson.dumps` makes of the document, to the byte.
    """
    unplaced = [each.listed_json for each in answer.unplaced[: question.count]]
    written = _document(answer, edition_id, question, _written, unplaced)
    return orjson.dumps({**written, "completeness": completeness})


def _merged(service: ServiceRow, more: Row) -> Row:
    return service.listed | more


def _written(service: ServiceRow, more: Row) -> orjson.Fragment:
    if not more:
        return orjson.Fragment(service.listed_json)
    return orjson.Fragment(b"%b,%b" % (service.listed_json[:-1], orjson.dumps(more)[1:]))


def _document(
    answer: Answer,
    edition_id: str,
    question: Question,
    card: Callable[[ServiceRow, Row], object],
    unplaced: Sequence[object],
) -> Row:
    """Put an answer together; `card` joins what is known of a service and what the walk adds."""
    origin = answer.origin
    return {
        "origin": {**_origin(origin), "snap_metres": _tenths(answer.snap_metres)},
        "profile": _profile(answer.streets),
        "results": [
            card(result.service, _walked(result, origin, question)) for result in answer.results
        ],
        "almost": [
            card(near.service, {**_walked(near, origin, question), "fails": near.fails})
            for near in answer.almost
        ],
        "competent": [card(row, {}) for row in answer.competent],
        "unplaced": unplaced,
        "unplaced_count": len(answer.unplaced),
        "edition": edition_id,
    }


def _origin(origin: Origin) -> Row:
    return {
        "lon": round(origin.lon, 6),
        "lat": round(origin.lat, 6),
        "address": origin.address,
        "precision": origin.precision,
        "error_metres": round(origin.error_metres),
        "municipio": origin.municipio,
        "nil": origin.nil,
        "outside_city": origin.outside_city,
        "doubts": list(origin.doubts),
    }


def _tenths(metres: float | None) -> float | None:
    return None if metres is None else round(metres, 1)


def _profile(streets: ServiceWalks) -> Row:
    walker = streets.walker
    return {"id": walker.id, "label": walker.label, "unknown": list(streets.unknown)}


def outings_document(answer: "Outings", edition_id: str) -> Row:
    """Put outings into the public JSON shape; moments are in the city's own time."""
    return {
        "origin": {**_origin(answer.origin), "snap_metres": _tenths(answer.snap_metres)},
        "profile": _profile(answer.streets),
        "rounds": [_outing(outing) for outing in answer.rounds],
        "lacking": answer.lacking,
        "unrecorded": answer.unrecorded,
        "may_be_shorter": answer.may_be_shorter,
        "edition": edition_id,
    }


def _outing(outing: "Outing") -> Row:
    return {
        "seconds": round(outing.seconds),
        "metres": round(outing.metres),
        "estimated": outing.estimated,
        "stops": [_stop(stop) for stop in outing.stops],
        "home": _leg(outing.home),
        "back": _clock(outing.back),
    }


def _stop(stop: "Stop") -> Row:
    return {
        "lon": round(stop.lon, 6),
        "lat": round(stop.lat, 6),
        "leg": _leg(stop.leg),
        "arrival": _clock(stop.arrival),
        "services": [
            {
                "needs": list(visit.needs),
                **visit.service.listed,
                "unknown": list(visit.unknown),
                **({"open": visit.is_open} if stop.arrival else {}),
            }
            for visit in stop.visits
        ],
    }


def _leg(leg: "Leg") -> Row:
    line = (
        None
        if leg.path is None
        else {
            "type": "LineString",
            "coordinates": leg.path.round(6).tolist(),
        }
    )
    return {
        "seconds": round(leg.seconds),
        "metres": round(leg.metres),
        "estimated": leg.estimated,
        "line": line,
        "directions": None if leg.directions is None else _directions(leg.directions),
    }


def _directions(directions: Directions) -> Row:
    steps = [
        {
            "turn": step.turn,
            "street": step.street,
            "stairs": step.stairs,
            "metres": _tenths(step.metres),
            "seconds": round(step.seconds, 1),
        }
        for step in directions.steps
    ]
    return {"wind": directions.wind, "steps": steps, "side": directions.side}


def _clock(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes")


def _walked(result: NearbyService, origin: Origin, question: Question) -> Row:
    """Give what an answer adds to the card of a service."""
    service = result.service
    row = {
        "seconds": round(result.seconds),
        "metres": round(result.metres),
        "estimated": result.estimated,
        "detour": result.detour,
        "snap_metres": _tenths(result.snap_metres),
        "unknown": list(result.unknown),
        "other_municipio": _differs(service.municipio, origin.municipio),
        "comune_outside": service.comune_outside,
    }
    return row | ({"open": result.is_open} if question.open_at else {})


def _differs(first: str | None, second: str | None) -> bool:
    return first is not None and second is not None and first != second


def outlines(
    places: list[Origin], streets: ServiceWalks, drawn: "list[Isochrone]", edition_id: str
) -> Row:
    """Put isochrones into GeoJSON, with origins, profile and edition beside the features."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": mapping(outline.shape),
                "properties": {
                    "minutes": round(outline.seconds / 60),
                    "kilometres": None
                    if outline.street_metres is None
                    else round(outline.street_metres / 1000, 3),
                    "estimated": outline.estimated,
                },
            }
            for outline in drawn
        ],
        "origins": [_origin(place) for place in places],
        "profile": _profile(streets),
        "edition": edition_id,
    }
