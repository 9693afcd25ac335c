"""Coverage, grey zones and completeness of one edition, as tables and rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import inf, isnan, log10
from typing import Any

import numpy as np
import pyarrow as pa

from mapping.coverage.border import longest_walk_metres
from mapping.coverage.class_words import answer, row_label
from mapping.coverage.people_words import Bases, bases_of
from mapping.coverage.situations import BASE, Situation, computed
from mapping.disclosure import ROUND_TO, SECTION, is_outgrown, rounded_count
from mapping.edition.edition import Edition
from mapping.edition.edition_cache import cached_by_edition
from mapping.errors import BadInputError, NoRecordsError, RecomputedError
from mapping.indicators import Indicator, indicators
from mapping.services.service_row import ServiceRow
from mapping.tables import PROBABILITY, RANKINGS, THRESHOLDS_MINUTES, Row, word_share
from mapping.taxonomy import placed_category

UNDECLARED: Row = {
    "status": "partial", "known_total": None, "source": "", "year": None, "expires": None,
}  # fmt: skip

USUAL_MINUTES = 15
HELD_CATEGORIES = 128
"""Of which it is remembered whether an edition has figures."""
NAMED = ("nil", "municipio", "municipality")
_WITH_NAMES = frozenset((*NAMED, "neighbour"))
"""Levels whose areas people know by name, the smallest areas first."""
_OF_NAMED = ("area_id", "level", "name", "lon", "lat", "area_km2", "geometry")
COVERED = ("municipality", "municipio", "nil", SECTION)
"""Levels that coverage is told of, as far as a city has them."""


@cached_by_edition(1)
def known_services(edition: Edition) -> Mapping[str, int]:
    """Count the services of each category in the city, place by place; those that ended not."""
    return _by_category(row for row in edition.service_rows if row.is_listed)


@cached_by_edition(1)
def services_to_verify(edition: Edition) -> Mapping[str, int]:
    """Count those of `known_services` that no fresh record says are active."""
    return _by_category(
        row for row in edition.service_rows if row.is_listed and not row.is_verified
    )


@cached_by_edition(1)
def services_without_place(edition: Edition) -> Mapping[str, int]:
    """Count those of `known_services` whose place is not known: no walk leads to them."""
    return _by_category(row for row in edition.service_rows if row.is_listed and not row.is_routed)


def _by_category(rows: Iterable[ServiceRow]) -> Mapping[str, int]:
    return Counter(code for row in rows for code in row.categories)


@cached_by_edition(HELD_CATEGORIES)
def listed_services(edition: Edition, code: str) -> tuple[ServiceRow, ...]:
    """Give the services of a category in the city, place by place; those that ended not."""
    return tuple(row for row in edition.service_rows if row.is_listed and code in row.categories)


@cached_by_edition(1)
def named_areas(edition: Edition) -> list[Row]:
    """Read the areas that people know by name, WKB in `geometry`; of the many sections nothing.

    The comuni around are among them.

    Ids, names, middles and sizes alone come with them, as `tables.AREAS` describes them.
    """
    table = edition.rows("areas.parquet")
    named = (at for at, level in enumerate(table["level"].to_pylist()) if level in _WITH_NAMES)
    return [{name: table[name][at].as_py() for name in _OF_NAMED} for at in named]


@cached_by_edition(1)
def without_records(edition: Edition) -> frozenset[str]:
    """Give the public categories of which the edition knows no service, and hides none."""
    declared = edition.manifest.parameters["completeness"]
    return frozenset(
        code
        for code in (declared if isinstance(declared, dict) else ())
        if not known_services(edition).get(code)
        and code not in edition.hidden.recomputed
        and not has_figures(edition, code)
    )


@cached_by_edition(1)
def known_outside(edition: Edition) -> frozenset[str]:
    """Give the categories of which services over the border are known."""
    return frozenset(
        code for row in edition.outside_rows if row.is_destination for code in row.categories
    )


@cached_by_edition(HELD_CATEGORIES)
def telling(edition: Edition, column: str) -> frozenset[str]:
    """Give the categories of which a service that may be walked to says what a column holds."""
    rows = (*edition.service_rows, *edition.outside_rows)
    return frozenset(
        code
        for row in rows
        if row.is_listed and getattr(row, column) is not None
        for code in row.categories
    )


@cached_by_edition(HELD_CATEGORIES)
def has_figures(edition: Edition, code: str) -> bool:
    """Whether an edition shows figures of a category; `require_figures` says why it does not."""
    return bool(edition.coverage(category=code, level="municipality").num_rows)


def require_figures(edition: Edition, code: str) -> None:
    """Raise an error where an edition has no figures of a category.

    NoRecordsError where it knows no service; else RecomputedError: they wait for the next edition
    where a service has shaped them that this one hides, and of a category that came later than the
    edition; nobody can tell which.
    """
    if code in without_records(edition):
        raise NoRecordsError(code)
    if not has_figures(edition, code):
        raise RecomputedError(code)


def coverage_rows(
    edition: Edition, code: str, level: str, situation: Situation = BASE
) -> list[Row]:
    """Read the coverage of one category at one level, each row with the Italian word of its class.

    Empty where no service is known. Raises as `coverage_table` does.
    """
    rows: list[Row] = coverage_table(edition, code, level, situation).to_pylist()
    return [{**row, **answers(row), "class_label": row_label(row)} for row in rows]


def answers(row: Mapping[str, Any]) -> Row:
    """Read who may come and whether there is room; an edition from before them knows neither."""
    return {name: answer(row, name) for name in ("may_come", "has_room")}


def coverage_table(
    edition: Edition, code: str, level: str | set[str], situation: Situation = BASE
) -> pa.Table:
    """Read the coverage of one category at one level, or at several, as a table.

    Without rows where no service is known. Raises BadInputError when coverage is not published at
    that level, or of that situation, and RecomputedError while it is computed anew.
    """
    is_silent = placed_category(code).code in without_records(edition)
    if not is_silent:
        require_figures(edition, code)
    wanted = {level} if isinstance(level, str) else level
    published = [level for level in edition.areas["level"].unique().to_pylist() if level in COVERED]
    if strange := sorted(wanted.difference(published)):
        raise BadInputError(
            f"No coverage at level '{strange[0]}'. Use one of: {', '.join(published)}."
        )
    table = edition.coverage(category=code, level=sorted(wanted), **computed(situation)._asdict())
    silent = sorted(wanted.difference(table["level"].unique().to_pylist()))
    if silent and situation != BASE and not is_silent:
        raise BadInputError(
            f"Nothing is known of '{code}' that matters in window '{situation.window}' with"
            f" requirement '{situation.requirement}': no coverage at level '{silent[0]}'."
            " Ask for a larger level."
        )
    return table


def held_indicators(edition: Edition) -> dict[str, Indicator]:
    """List the indicators whose column the edition holds, by id: one added later is not in it."""
    columns = {
        "areas": set(edition.areas.column_names),
        "coverage": set(edition.coverage(category="", level="").column_names),
    }
    return {
        name: indicator
        for name, indicator in indicators().items()
        if {indicator.column_of(minutes) for minutes in THRESHOLDS_MINUTES}
        <= columns[indicator.table]
    }


def zone_rows(edition: Edition, code: str, situation: Situation = BASE) -> list[Row]:
    """Read the grey zones of one category, list by list of `tables.RANKINGS`, the gravest first.

    Empty where no service is known. Raises BadInputError when sections are not told of that
    situation, and RecomputedError while they are computed anew.
    """
    if placed_category(code).code in without_records(edition):
        return []
    require_figures(edition, code)
    table = edition.zones(category=code, **situation._asdict())
    if not table.num_rows and SECTION in edition.areas["level"].unique().to_pylist():
        coverage_table(edition, code, SECTION, situation)
    return gravest_first(with_near_addresses(edition, table.drop_columns(["members"]).to_pylist()))


def with_near_addresses(edition: Edition, zones: Sequence[Row]) -> list[Row]:
    """Add to zones the address that whom to call is near to (`call_near`), where it has none.

    It is not kept in the table: it may be told by another service, which somebody hides.
    """
    near: dict[str | None, str | None] = {
        row.service_id: row.near_address
        for code in {zone["category"] for zone in zones}
        for row in listed_services(edition, code)
    }
    return [{**zone, "call_near": near.get(zone.get("call_id"))} for zone in zones]


def gravest_first(zones: Iterable[Row]) -> list[Row]:
    """Sort rows of `greyzones.columns.GREYZONES`, list by list of `tables.RANKINGS`, by their rank.

    Zones without a rank are the last of their list, those of most people first.
    """

    def place(row: Row) -> tuple[int, float, float]:
        return RANKINGS.index(row["ranking"]), row["rank"] or inf, -(row["demand"] or 0)

    return sorted(zones, key=place)


def usual_threshold(code: str) -> int:
    """Give the minutes of `tables.THRESHOLDS_MINUTES` within which a category is told by itself.

    They are its acceptable walk; 15 where nothing is published of that.
    """
    walk = placed_category(code).walk_minutes
    return walk if walk in THRESHOLDS_MINUTES else USUAL_MINUTES


def people_of_class(row: Mapping[str, Any], name: str) -> int | None:
    """Count the people of an area whose own class is `name`, as every page and program does.

    They are counted by their own class, never by that of most of their area; None where nobody
    counts them, or the area is too small for a share.
    """
    return people_of_share(row, f"share_{name}")


def about_people_of_class(
    row: Mapping[str, Any], name: str, *, at_least: bool = False
) -> int | None:
    """Count the people of an area whose own class is `name`, as finely as its share tells.

    Below the city a share is a whole percent: the count is rounded to the power of ten of a
    hundredth of the people, and is off by half of that and half a percent at the most. A share that
    is told as at the least is rounded down, and so is its count.
    """
    people = people_of_class(row, name)
    if people is None or row["level"] == "municipality":
        return people
    step: int = max(ROUND_TO, 10 ** int(log10(max(row["demand"] / 100, 1))))
    return step * (people // step if at_least else round(people / step))


def far_numbers(city: Mapping[str, Any]) -> dict[str, int]:
    """Count the people of a city who are far, and who would be at a pace 15% faster, and slower.

    Nothing where an absence may not be told, and in older editions: the parts of
    `list_words.SHARE_TEXTS["by_pace"]`.
    """
    names = {"people": "far", "fewest": "far_faster", "most": "far_slower"}
    counts = {part: people_of_class(city, name) for part, name in names.items()}
    known = {part: people for part, people in counts.items() if people is not None}
    return known if len(known) == len(names) else {}


def people_of_word(row: Mapping[str, Any], word: str) -> int | None:
    """Count the people of a city of whose own section `word`, of `tables.SURENESS`, is said.

    None as of `people_of_class`, where a single section has the word, and in older editions.
    """
    return people_of_share(row, word_share(word))


def people_of_share(row: Mapping[str, Any], column: str) -> int | None:
    """Count the people of an area of whom `column` is the share; None where it is not known."""
    demand, share = row["demand"], row.get(column)
    if demand is None or share is None or isnan(demand) or isnan(share):
        return None
    return rounded_count(demand * share)


def people_estimated(city: Mapping[str, Any]) -> int | None:
    """Count for how many the walk to the nearest is estimated over the border.

    None without streets, where all are, and in older editions.
    """
    is_all = city["reason"] == "estimated_times"
    return None if is_all else people_of_share(city, "share_estimated")


def likely(row: Mapping[str, Any]) -> tuple[float, float] | None:
    """Read between which probabilities a known service near by is still active; None: not known."""
    low, high = (row[name] for name in PROBABILITY)
    return None if low is None or high is None or isnan(low) or isnan(high) else (low, high)


def outgrown_census(area: Mapping[str, Any]) -> float | None:
    """Read how many times its residents at the census an area has now; None where ages still hold.

    Of areas that have outgrown it nothing is told that comes from the ages of the census.
    """
    ratio = area.get("census_ratio")
    return ratio if ratio is not None and is_outgrown(np.array([ratio]))[0] else None


def knows_streets_beyond(edition: Edition) -> bool:
    """Whether all streets are known over the border, as far as services are read there."""
    known = edition.manifest.parameters.get("streets_beyond_metres", 0.0)
    return float(str(known)) >= longest_walk_metres()


def has_sections(edition: Edition) -> bool:
    """Whether there are sections with outlines: of others no grey zones can be made."""
    return SECTION in edition.areas["level"].unique().to_pylist()


def completeness(edition: Edition, codes: Sequence[str]) -> Row:
    """Give status, known total, source, year and last day of the list of each category.

    `known` is how many of its services the edition knows, `to_verify` how many of these are stale
    or not surely active, `unplaced` of how many nobody knows where they are. A list of which the
    edition says nothing, of a category that came later, is partial.
    """
    if not codes:
        return {}
    declared = edition.manifest.parameters["completeness"]
    lists: dict[str, Any] = declared if isinstance(declared, dict) else {}
    counts = {
        "known": known_services(edition),
        "to_verify": services_to_verify(edition),
        "unplaced": services_without_place(edition),
    }
    return {
        code: {
            **UNDECLARED,
            **lists.get(code, {}),
            **{name: count.get(code, 0) for name, count in counts.items()},
        }
        for code in codes
    }


@cached_by_edition(1)
def people_bases(edition: Edition) -> Bases:
    """Say who counted the residents and the children of the city; None where nobody says."""
    return bases_of(edition.areas)


def incomplete(declared: Mapping[str, Row]) -> dict[str, int | None]:
    """Give the known total of each category whose list is not complete, of `completeness`.

    A category without records is none of them: it has no list.
    """
    return {
        code: entry["known_total"]
        for code, entry in declared.items()
        if entry["status"] != "complete" and entry["known"]
    }
