"""Schema of the published table of grey zones."""

import pyarrow as pa

from mapping.table_schema import Column, Table

_TEXT, _REAL, _COUNT = pa.string(), pa.float64(), pa.int64()
_TEXTS, _FLAG = pa.list_(pa.string()), pa.bool_()

GREYZONES = Table(
    "greyzones",
    ("zone_id",),
    {
        "zone_id": Column(_TEXT, "stable id: a zone that goes on keeps it in the next edition"),
        "category": Column(_TEXT, "category code"),
        "profile": Column(_TEXT, "walking profile, of profiles.toml"),
        "window": Column(_TEXT, "when one comes, of windows.toml; any: hours do not matter"),
        "requirement": Column(_TEXT, "what one needs, of requirements.toml; any: nothing"),
        "class": Column(_TEXT, "one of CLASSES, but not served"),
        "reason": Column(_TEXT, "why this class"),
        "name": Column(_TEXT, "name of the NIL (else the municipio) with most of its demand"),
        "names": Column(_TEXTS, "of all NIL (else municipi) in which its people live, main first"),
        "nil": Column(_TEXT, "area_id of that NIL"),
        "municipio": Column(_TEXT, "main municipio of that NIL, or that municipio"),
        "sections": Column(_COUNT, "number of census sections"),
        "demand": Column(_COUNT, "people concerned, rounded to 5; null for a single section"),
        "demand_low": Column(
            _COUNT,
            "they are likely between this; nine times in ten: 0-17 years of a whole NIL; null: not"
            " children, for nobody has measured how far off others are",
        ),
        "demand_high": Column(_COUNT, "and this; rounded as demand"),
        "seconds": Column(_REAL, "walk to the nearest, demand-weighted median; NaN unreachable"),
        "walk_minutes": Column(_COUNT, "acceptable walk of the category"),
        "minutes_missing": Column(
            _REAL,
            "beyond the acceptable walk, median; NaN unreachable; null: a doubt, of which nobody"
            " knows that any are missing",
        ),
        "depth": Column(
            _REAL,
            "mean walk beyond the acceptable one to what surely serves, over the acceptable one",
        ),
        "estimated": Column(_FLAG, "these minutes rest on straight lines in place of streets"),
        "depth_at_least": Column(_FLAG, "some walk in that mean is over 60 minutes, or not known"),
        "nearest_id": Column(_TEXT, "service_id of the service that is the nearest of most"),
        "nearest_name": Column(_TEXT, "its name"),
        "nearest_minutes": Column(
            _COUNT, "median walk of the whole zone, each to their own nearest, whole minutes"
        ),
        "nearest_status": Column(_TEXT, "its status: active | unsure"),
        "nearest_assured_date": Column(
            _TEXT, "when it was last known to be so, a date or part of it; null: not known"
        ),
        "nearest_error_metres": Column(_REAL, "how far it may be from its position"),
        "nearest_two_places": Column(
            _FLAG, "it is at its position or else that far from it, where a source puts it"
        ),
        "records": Column(_COUNT, "active records of the category that the class rests on"),
        "known_total": Column(_COUNT, "how many the whole list should hold; null: not known"),
        "sureness": Column(
            _TEXT,
            "how sure it is that a service is near: one of SURENESS; null: a zone that depends on"
            " assumptions",
        ),
        "probability_low": Column(
            _REAL,
            "a record in hand within the walk of most still serves: at the least, [0.03, 0.97];"
            " null: one section, under 50 people, not calibrated, estimated",
        ),
        "probability_high": Column(_REAL, "at the most, [0.03, 0.97]; null: likewise"),
        "premises_name": Column(
            _TEXT, "of reason premises_declared: what premises in reach of most say they are"
        ),
        "premises_basis": Column(_TEXT, "who publishes that, and in which attribute"),
        "call_id": Column(
            _TEXT,
            "the service whose yes is enough for most of its people; of reason"
            " position_uncertain, whose entrance is to be measured",
        ),
        "call_name": Column(_TEXT, "its name"),
        "call_address": Column(_TEXT, "its address; null: not known"),
        "call_phone": Column(_TEXT, "its phone; null: not known"),
        "call_people": Column(
            _COUNT,
            "so many have one near if it says yes, rounded to 5; of reason position_uncertain,"
            " if it is near; null: single section",
        ),
        "call_alone": Column(_COUNT, "so many of them have no other that may serve; null: same"),
        "ranking": Column(_TEXT, "the list that the zone is in: one of RANKINGS"),
        "depends_on": Column(
            _TEXTS,
            "which of ASSUMPTIONS make it none, in the list depends; and `estimate`, in any, where"
            " the minutes of its rank, its rank or its list rest on one; null: nothing",
        ),
        "rank": Column(
            _COUNT,
            "1 is the gravest of its list: people x depth; null: depends, under 50, lacks a list",
        ),
        "rank_by_streets": Column(
            _COUNT,
            "its rank if zones were ranked along known streets alone; null: it would have none",
        ),
        "ranked": Column(_COUNT, "how many zones that rank is among"),
        "members": Column(_TEXTS, "area_id of its sections"),
    },
)
