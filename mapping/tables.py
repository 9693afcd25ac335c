"""Schema of every published table: columns, types, units, meanings and keys."""

from typing import Any, get_args

import pyarrow as pa

from mapping.model import Precision
from mapping.table_schema import Column, Table

Row = dict[str, Any]
"""A row of a published table, by column; of services there is `services.service_row`."""

AGE_BANDS: dict[str, tuple[int, int]] = {
    "children_0_2": (0, 36),
    "children_3_5": (36, 72),
    "children_6_10": (72, 132),
    "children_11_13": (132, 168),
    "children_14_17": (168, 216),
}
"""Columns of children by age band, with the band's months [from, to)."""

LEVELS = ("municipality", "municipio", "nil", "section", "neighbour", "unplaced", "institution")
"""Every city has a municipality; `municipio` and `nil` are its parts, where it is divided."""
POSTCODE = "cap"
"""The level of which incomes are known; a city's areas are not ranked by it."""
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
"""How precisely a place is known, best first; `area` and `none` are listed, never routed."""
ROUTED = ("premises", "civic", "interpolated", "street")
"""Precisions of a place to which one may walk."""
CLASSES = ("served", "far", "unsure", "closed", "unsuitable", "crowded")
WHOLE_LIST_CLASSES = ("far", "closed", "unsuitable", "crowded")
"""Those that only a complete list can tell: of another their shares are unknown, and never 0."""
MAY_COME = ("unknown", "no", "yes")
"""Whether who does not reside here may come to a service that is near; never `no` in doubt."""
HAS_ROOM = ("unknown", "no", "waiting", "yes")
"""Whether a service that is near has room, or a list."""
SURENESS = ("surely_there", "likely_there", "unknown", "likely_missing", "surely_missing")
"""How sure it is that a service is near, from one end to the other: never less than is known."""
PROBABILITY = ("probability_low", "probability_high")
"""Columns that say between which probabilities a record in hand near by still serves."""

RANKINGS = ("ascertained", "to_check", "depends")
"""Lists of grey zones: absences that are ascertained, doubts that somebody can settle, and zones
that other usual assumptions would make none, which have no rank."""
ASSUMPTIONS = ("faster", "longer", "hexagons")
"""Other usual assumptions, each of which may make a zone none: adults who walk 15% faster, two
minutes more, hexagons of 250 m in place of sections."""
ESTIMATE = "estimate"
"""In `depends_on` of a zone: its minutes rest on straight lines. It makes no zone none."""
SETTLED_BY_A_CALL = (
    "hours_unknown", "suitability_unknown", "records_unverified", "position_uncertain",
)  # fmt: skip
"""Reasons of a doubt that the nearest service itself can settle."""
THRESHOLDS_MINUTES = (5, 10, 15, 20, 30)
SECONDS_PER_MINUTE = 60


def by_streets(column: str) -> str:
    """Name the column that has what another would be along known streets alone."""
    return f"{column}_by_streets"


def word_share(word: str) -> str:
    """Name the column that holds the share of the people of whose section a word is said."""
    return f"share_word_{word}"


_TEXT, _REAL, _COUNT = pa.string(), pa.float64(), pa.int64()
_TEXTS, _FLAG = pa.list_(pa.string()), pa.bool_()

AREAS = Table(
    "areas",
    ("level", "area_id"),
    {
        "level": Column(_TEXT, "one of LEVELS"),
        "area_id": Column(_TEXT, "official code within the level"),
        "name": Column(_TEXT, "official name"),
        "parent": Column(
            _TEXT, "area_id of the main municipio (NIL), of the NIL or municipio (section)"
        ),
        "touches": Column(_TEXTS, "municipi that it overlaps, main one first; a section has one"),
        "lon": Column(_REAL, "degrees, a point inside"),
        "lat": Column(_REAL, "degrees, a point inside"),
        "area_km2": Column(_REAL, "square kilometres, measured in the city's UTM zone"),
        "residents": Column(_COUNT, "people, rounded to 5 but of the city and `unplaced`"),
        "families": Column(_COUNT, "families, of institutions rounded to 5; null: under 5"),
        **{
            name: Column(_COUNT, f"children of [{low}, {high}) months, rounded to 5; null: section")
            for name, (low, high) in AGE_BANDS.items()
        },
        **{
            f"{name}_{end}": Column(
                _COUNT, f"{what} of {name}, over the ages at which children may have moved"
            )
            for name in list(AGE_BANDS)[:2]
            for end, what in (("min", "least"), ("max", "most"))
        },
        "children_basis": Column(_TEXT, "how the children were estimated"),
        "census_ratio": Column(
            _REAL,
            "residents over those at the census whose ages are used: beyond 0.67-1.5 nothing is"
            " told that comes from them; null: section, no such census",
        ),
        "residents_basis": Column(_TEXT, "who counted the residents, and when"),
        "children_low_income": Column(
            _COUNT,
            "estimate of the children in families of low income, rounded to 5; null: section, NIL",
        ),
        "children_low_income_min": Column(_COUNT, "the same, low income up to 10,000 euro a year"),
        "children_low_income_max": Column(_COUNT, "the same, low income up to 15,000 euro a year"),
        "mean_income_euro": Column(
            _REAL, "declared income of a year per taxpayer, to the nearest 100; null: section, NIL"
        ),
    },
)

SERVICES = Table(
    "services",
    ("service_id", "location_id"),
    {
        "service_id": Column(_TEXT, "stable id of the service: source and its key there"),
        "location_id": Column(_TEXT, "stable id of the place where it is given"),
        "name": Column(_TEXT, "name of the service"),
        "legal_name": Column(_TEXT, "its name as the register has it, where that is another"),
        "organization": Column(_TEXT, "who gives it"),
        "ownership": Column(_TEXT, "state | municipal | accredited | private | not_state"),
        "category": Column(_TEXT, "main category code"),
        "categories": Column(_TEXTS, "all category codes"),
        "address": Column(_TEXT, "street and civic number as published, tidied"),
        "near_address": Column(
            _TEXT, "where no address is known: the civic number nearest to the point"
        ),
        "cap": Column(_TEXT, "postcode, five digits"),
        "city": Column(_TEXT, "comune as published"),
        "municipio": Column(_TEXT, "area_id of the municipio"),
        "nil": Column(_TEXT, "area_id of the NIL"),
        "lon": Column(_REAL, "degrees; null when precision is area or none"),
        "lat": Column(_REAL, "degrees; null when precision is area or none"),
        "precision": Column(_TEXT, "one of PRECISIONS"),
        "error_metres": Column(_REAL, "expected error of the position, metres"),
        "published_lon": Column(_REAL, "degrees: the source's own point, where it is another"),
        "published_lat": Column(_REAL, "degrees: the source's own point, where it is another"),
        "phone": Column(_TEXT, "phone as published, tidied"),
        "email": Column(_TEXT, "e-mail address"),
        "url": Column(_TEXT, "web address"),
        "opening_hours": Column(_TEXT, "OpenStreetMap syntax; null when unknown"),
        "opening_hours_text": Column(_TEXT, "hours as published"),
        "age_min_months": Column(_COUNT, "youngest age served, months"),
        "age_max_months": Column(_COUNT, "first age no longer served, months"),
        "capacity": Column(_COUNT, "places, in the category's unit"),
        "catchment": Column(
            _TEXTS, "areas whose families it is for, as level:area_id; null when unknown"
        ),
        "funded_until": Column(_TEXT, "ISO date: the last day that the project has money for"),
        "funding_ended": Column(
            _FLAG, "whether that day is over, and nobody has assured the service since"
        ),
        "room_date": Column(_TEXT, "ISO date or year on which status and waiting were so"),
        "room_status": Column(_TEXT, "accepts | waiting_list | full | to_assess; null: unknown"),
        "waiting_days": Column(_COUNT, "days that one waits for a place; null when unknown"),
        "languages": Column(_TEXTS, "ISO 639-1 codes spoken there; null when unknown"),
        "appointment_required": Column(_FLAG, "null when unknown"),
        "referral_required": Column(
            _FLAG, "whether another service has to send whoever comes; null when unknown"
        ),
        "residence_required": Column(_FLAG, "null when unknown"),
        "free": Column(_FLAG, "free of charge; null when unknown"),
        "step_free": Column(_FLAG, "reached without steps; null when unknown"),
        "required_documents": Column(_TEXT, "documents to bring"),
        "note": Column(_TEXT, "what else the source says"),
        "translations": Column(
            _TEXT, "JSON: language to field to text, translator, day, older than the Italian or not"
        ),
        "status": Column(_TEXT, "active | defunct | unsure"),
        "assured_date": Column(_TEXT, "ISO date or year on which the source last assured it"),
        "stale": Column(_FLAG, "assured too long ago, or nobody knows when"),
        "confidence": Column(_TEXT, "high | medium | low, as the source rates it"),
        "source_id": Column(_TEXT, "source of the record"),
        "source_url": Column(_TEXT, "page of the record"),
        "same_as": Column(_TEXTS, "ids of the records that were merged into this one"),
        "field_sources": Column(_TEXT, "of a merged card: JSON, field to source and assured date"),
        "quality": Column(_REAL, "how complete and assured the card is, [0, 1]"),
        "quality_lacks": Column(_TEXTS, "what the card lacks for a quality of 1"),
    },
)

NETWORK_KINDS = (
    "neighbourhood", "municipal", "city_wide", "round_table", "agreement", "tutors_organisation",
    "body", "partner", "signatory",
)  # fmt: skip
"""What a row of `NETWORKS` is: of a quarter, of a municipio or of the whole city; a tavolo; an
agreement of two; who sends tutors; a body of a co-programming, a partner or signatory of another,
which are no networks of their own."""

NETWORKS = Table(
    "networks",
    ("network_id",),
    {
        "network_id": Column(_TEXT, "stable id"),
        "kind": Column(_TEXT, "one of NETWORK_KINDS"),
        "name": Column(_TEXT, "name of the network, or of the body"),
        "lead": Column(_TEXT, "organisation that leads it"),
        "contact": Column(_TEXT, "e-mail or web address"),
        "municipio": Column(_TEXT, "area_id of the municipio; null: none, or several"),
        "municipi": Column(_TEXTS, "area_ids of all its municipi; empty: not known, or all"),
        "status": Column(_TEXT, "since when, until when, in the words of its source"),
        "active_from": Column(_TEXT, "ISO date, month or year out of `status`; null: not said"),
        "active_until": Column(
            _TEXT, "likewise; once it is over, whether it goes on is not known: ask"
        ),
        "assured_date": Column(_TEXT, "ISO date or year on which the source said so"),
        "confidence": Column(_TEXT, "high | medium | low"),
        "source_url": Column(_TEXT, "page or document"),
        "note": Column(_TEXT, "what else the source says; never a compiler's note"),
    },
)

STOPS = Table(
    "stops",
    ("stop_id",),
    {
        "stop_id": Column(_TEXT, "code of the stop at its publisher"),
        "name": Column(_TEXT, "name as published; null when it has none"),
        "lines": Column(_TEXTS, "lines that call there"),
        "lon": Column(_REAL, "degrees"),
        "lat": Column(_REAL, "degrees"),
        "source_id": Column(_TEXT, "source of the record"),
    },
)

PLACES = Table(
    "places",
    ("kind", "name", "lon", "lat"),
    {
        "kind": Column(_TEXT, "station | park | police"),
        "name": Column(_TEXT, "name as maps write it"),
        "lon": Column(_REAL, "degrees, a point inside"),
        "lat": Column(_REAL, "degrees, a point inside"),
        "error_metres": Column(_REAL, "metres to the farthest corner of the place; 0: a point"),
    },
)
"""Places of the background that are asked for by name."""

PREMISES = Table(
    "premises",
    ("premises_id",),
    {
        "premises_id": Column(_TEXT, "code of the premises at its publisher"),
        "name": Column(_TEXT, "name as published"),
        "kind": Column(_TEXT, "what it is: scuola | sanità | ufficio | sport"),
        "lon": Column(_REAL, "degrees, a point inside"),
        "lat": Column(_REAL, "degrees, a point inside"),
        "error_metres": Column(_REAL, "metres to the farthest corner of the premises"),
        "categories": Column(_TEXTS, "category codes of what its own name says is there"),
        "category_basis": Column(_TEXT, "who publishes that name, and in which attribute"),
        "source_id": Column(_TEXT, "source of the record"),
    },
)
"""Where a service might be opened; whether they are free, and whose they are, is not known."""

COVERAGE = Table(
    "coverage",
    ("level", "area_id", "category", "profile", "window", "requirement"),
    {
        "level": Column(_TEXT, "one of LEVELS"),
        "area_id": Column(_TEXT, "area"),
        "category": Column(_TEXT, "category code"),
        "profile": Column(_TEXT, "walking profile, of profiles.toml"),
        "window": Column(_TEXT, "when one comes, of windows.toml; any: hours do not matter"),
        "requirement": Column(_TEXT, "what one needs, of requirements.toml; any: nothing"),
        "demand": Column(
            _COUNT,
            "people whom the category serves, rounded to 5; null: section, not known, or known by"
            " the ages of a census that the area has outgrown",
        ),
        "seconds": Column(
            _REAL, "walk to the nearest not known closed or unsuitable, demand-weighted median"
        ),
        "seconds_2nd": Column(_REAL, "walk to the second nearest, median; null: section, estimate"),
        "seconds_3rd": Column(_REAL, "walk to the third nearest, median; null: section, estimate"),
        **{
            f"share_{minutes}": Column(_REAL, f"share of demand within {minutes} minutes, [0, 1]")
            for minutes in THRESHOLDS_MINUTES
        },
        **{
            by_streets(f"share_{minutes}"): Column(
                _REAL, f"share_{minutes} along known streets alone; null: the same, or not known"
            )
            for minutes in THRESHOLDS_MINUTES
        },
        **{
            f"share_{name}": Column(
                _REAL,
                f"share of demand of class {name}, [0, 1]"
                + ("; null: the list is not complete" if name in WHOLE_LIST_CLASSES else ""),
            )
            for name in CLASSES
        },
        **{
            word_share(word): Column(
                _REAL,
                f"share of demand in sections of sureness {word}, [0, 1]; only of the municipality;"
                " null: one section alone",
            )
            for word in SURENESS
        },
        **{
            f"share_far_{pace}": Column(
                _REAL,
                f"share of demand of class far if all walked 15% {pace}; only of the municipality;"
                " null: the list is not complete",
            )
            for pace in ("faster", "slower")
        },
        "share_low_income_served": Column(
            _REAL, "share served of the demand in families of low income; null: not known, NIL"
        ),
        "places_per_100": Column(
            _REAL, "places for 100 people served, where all capacities in reach are known; mean"
        ),
        "share_capacity_known": Column(_REAL, "share of demand of which that is so, [0, 1]"),
        "share_may_come": Column(
            _REAL, "share near a service known to take who does not reside; null: nothing known"
        ),
        "share_may_not_come": Column(_REAL, "share of whom those near are all known not to"),
        "share_room": Column(_REAL, "share near a service known to have room; null: nothing known"),
        "share_waiting": Column(_REAL, "share near one with a waiting list, and none with room"),
        "share_no_room": Column(_REAL, "share of whom those near are all known to be full"),
        "class": Column(_TEXT, "one of CLASSES: that of most of the demand"),
        "reason": Column(_TEXT, "why this class"),
        "may_come": Column(_TEXT, "one of MAY_COME: that of most who have a service near"),
        "has_room": Column(_TEXT, "one of HAS_ROOM: likewise; of what is under 90 days old"),
        "sureness": Column(_TEXT, "how sure it is that a service is near: one of SURENESS"),
        "probability_low": Column(
            _REAL,
            "a record in hand within the walk of most still serves: at the least, [0.03, 0.97];"
            " null: section, not calibrated, estimated",
        ),
        "probability_high": Column(_REAL, "at the most, [0.03, 0.97]; null: likewise"),
        "share_estimated": Column(
            _REAL,
            "share of demand whose walk is a straight line; no other rests on more; null: section",
        ),
        "estimated": Column(
            _FLAG,
            "by known streets alone, or if a service stood as far off as its error, over 300 m,"
            " seconds would be others",
        ),
        "estimated_2nd": Column(_FLAG, "likewise seconds_2nd; false: section"),
        "estimated_3rd": Column(_FLAG, "likewise seconds_3rd; false: section"),
    },
)

INCOME_GRADIENT: dict[str, str] = {
    "concentration": "(-1, 1): below 0 who lives in postcodes of low income walks farther",
    "minutes_poorest": "mean walk of the fifth in the postcodes of lowest income, minutes",
    "minutes_richest": "mean walk of the fifth in the postcodes of highest income, minutes",
    "income_ratio": "minutes of the poorest fifth over those of the richest",
}
"""Figures by income, of the city alone; null where fewer than ten postcodes differ in income."""
INTERVAL: dict[str, str] = {
    "": "",
    "_low": ": nine times in ten it is above this, postcodes drawn anew",
    "_high": ": and below this",
}

EQUITY = Table(
    "equity",
    ("level", "area_id", "category"),
    {
        "level": Column(_TEXT, "municipality | municipio | cap"),
        "area_id": Column(_TEXT, "area; of level cap, the postcode"),
        "category": Column(_TEXT, "category code"),
        "mean_income_euro": Column(
            _REAL, "declared income of a year per taxpayer; only of level cap"
        ),
        "demand": Column(
            _COUNT, "people whom the category serves and who reach one, rounded to 5; only cap"
        ),
        "minutes": Column(
            _REAL,
            "their mean walk, minutes; null: under 50 people, under 10 services or a partial list;"
            " only cap",
        ),
        "gini": Column(
            _REAL, "Gini index of the minutes walked to the nearest, [0, 1); null: as minutes"
        ),
        "palma": Column(
            _REAL,
            "minutes of the tenth who walk most over those of the nearest 40%; null: as minutes",
        ),
        **{
            f"{name}{end}": Column(_REAL, f"{meaning}{bound}")
            for name, meaning in INCOME_GRADIENT.items()
            for end, bound in INTERVAL.items()
        },
        "lack_share": Column(
            _REAL, "share beyond the acceptable walk, [0, 1]; null: the list is not complete"
        ),
        "lack_depth": Column(_REAL, "mean share of the acceptable walk that is missing, [0, 1]"),
        "lack_severity": Column(_REAL, "the same, squared person by person, [0, 1]"),
        "estimated": Column(_FLAG, "some of these walks are straight lines in place of streets"),
    },
)


ROUGH_METRES = 300.0
"""Beyond this a place is roughly known: minutes from it, or to it, are about."""


def is_listed(status: str) -> bool:
    """Whether a service of this status is shown: all are but those known to have ended."""
    return status != "defunct"


def is_routed(precision: str) -> bool:
    """Whether a place of this precision is known well enough to walk there."""
    return precision in ROUTED


def is_verified(status: str, *, stale: bool) -> bool:
    """Whether a service is known to be active, by a record that is not stale."""
    return status == "active" and not stale
