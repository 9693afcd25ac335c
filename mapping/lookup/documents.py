"""What an edition says, in the public shapes: the same for HTTP and the command line."""

from datetime import datetime

from shapely.geometry import mapping

from mapping.lookup.nearest import Answer, NearbyService, Unplaced
from mapping.lookup.origin import Origin
from mapping.lookup.question import Question
from mapping.lookup.round_trips import Leg, Outing, Outings, Stop
from mapping.tables import Row
from mapping.walking.directions import Directions
from mapping.walking.isochrones import Isochrone
from mapping.walking.service_walks import ServiceWalks


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
    origin = answer.origin
    return {
        "origin": {**_origin(origin), "snap_metres": _tenths(answer.snap_metres)},
        "profile": _profile(answer.streets),
        "results": [_result(result, origin, question) for result in answer.results],
        "almost": [
            {**_result(result, origin, question), "fails": result.fails} for result in answer.almost
        ],
        "unplaced": [_listed(row) for row in answer.unplaced],
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


def outings_document(answer: Outings, edition_id: str) -> Row:
    """Put outings into the public JSON shape; moments are in the city's own time."""
    return {
        "origin": {**_origin(answer.origin), "snap_metres": _tenths(answer.snap_metres)},
        "profile": _profile(answer.streets),
        "rounds": [_outing(outing) for outing in answer.rounds],
        "lacking": answer.lacking,
        "edition": edition_id,
    }


def _outing(outing: Outing) -> Row:
    return {
        "seconds": round(outing.seconds),
        "metres": round(outing.metres),
        "estimated": outing.estimated,
        "stops": [_stop(stop) for stop in outing.stops],
        "home": _leg(outing.home),
        "back": _clock(outing.back),
    }


def _stop(stop: Stop) -> Row:
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


def _leg(leg: Leg) -> Row:
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


def _result(result: NearbyService, origin: Origin, question: Question) -> Row:
    service = result.service
    row = service.listed | {
        "seconds": round(result.seconds),
        "metres": round(result.metres),
        "estimated": result.estimated,
        "snap_metres": _tenths(result.snap_metres),
        "unknown": list(result.unknown),
        "other_municipio": _differs(service.municipio, origin.municipio),
        "comune_outside": service.comune_outside,
    }
    return row | ({"open": result.is_open} if question.open_at else {})


def _differs(first: str | None, second: str | None) -> bool:
    return first is not None and second is not None and first != second


def _listed(unplaced: Unplaced) -> Row:
    return unplaced.service.listed_without_place | {"unknown": list(unplaced.unknown)}


def outlines(
    places: list[Origin], streets: ServiceWalks, drawn: list[Isochrone], edition_id: str
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
