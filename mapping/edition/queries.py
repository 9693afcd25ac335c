"""Coverage, grey zones and completeness of one edition, as tables and rows."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from mapping.coverage.situations import BASE, Situation, computed
from mapping.disclosure import SECTION
from mapping.edition.edition import Edition
from mapping.edition.edition_cache import cached_by_edition
from mapping.errors import BadInputError, RecomputedError
from mapping.indicators import Indicator, indicators
from mapping.tables import THRESHOLDS_MINUTES, Row
from mapping.taxonomy import placed_category

UNDECLARED: Row = {"status": "partial", "known_total": None, "source": "", "year": None}

HELD_CATEGORIES = 128
"""Of which it is remembered whether an edition has figures."""
COVERED = ("municipality", "municipio", "nil", SECTION)
"""Levels that coverage is told of, as far as a city has them."""


@cached_by_edition(HELD_CATEGORIES)
def is_computed(edition: Edition, code: str) -> bool:
    """Whether the figures of a category may be shown, or else wait for the next edition.

    They wait where a service has shaped them that the edition hides, and of a category that came
    later than the edition: nobody can tell which.
    """
    return bool(edition.coverage(category=code, level="municipality").num_rows)


def require_computed(edition: Edition, code: str) -> None:
    """Raise RecomputedError where the figures of a category wait for the next edition."""
    if not is_computed(edition, code):
        raise RecomputedError(code)


def coverage_rows(
    edition: Edition, code: str, level: str, situation: Situation = BASE
) -> list[Row]:
    """Read the coverage of one category at one level.

    Raises as `coverage_table` does.
    """
    rows: list[Row] = coverage_table(edition, code, level, situation).to_pylist()
    return rows


def coverage_table(
    edition: Edition, code: str, level: str | set[str], situation: Situation = BASE
) -> pa.Table:
    """Read the coverage of one category at one level, or at several, as a table.

    Raises BadInputError when coverage is not published at that level, or of that situation, and
    RecomputedError while it is computed anew.
    """
    require_computed(edition, placed_category(code).code)
    wanted = {level} if isinstance(level, str) else level
    published = [level for level in edition.areas["level"].unique().to_pylist() if level in COVERED]
    if strange := sorted(wanted.difference(published)):
        raise BadInputError(
            f"No coverage at level '{strange[0]}'. Use one of: {', '.join(published)}."
        )
    table = edition.coverage(category=code, level=sorted(wanted), **computed(situation)._asdict())
    silent = sorted(wanted.difference(table["level"].unique().to_pylist()))
    if silent and situation != BASE:
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
    """Read the grey zones of one category, the gravest first.

    Raises BadInputError when sections are not told of that situation, and RecomputedError while
    they are computed anew.
    """
    require_computed(edition, placed_category(code).code)
    table = edition.zones(category=code, **situation._asdict())
    if not table.num_rows and SECTION in edition.areas["level"].unique().to_pylist():
        coverage_table(edition, code, SECTION, situation)
    rows: list[Row] = table.drop_columns(["members"]).to_pylist()
    return sorted(rows, key=lambda row: row["rank"])


def has_sections(edition: Edition) -> bool:
    """Whether there are sections with outlines: of others no grey zones can be made."""
    return SECTION in edition.areas["level"].unique().to_pylist()


def completeness(edition: Edition, codes: Sequence[str]) -> Row:
    """Give status, known total, source and year of the list of each category.

    A list of which the edition says nothing, of a category that came later, is partial.
    """
    declared = edition.manifest.parameters["completeness"]
    known = declared if isinstance(declared, dict) else {}
    return {code: known.get(code, UNDECLARED) for code in codes}


def incomplete(declared: Mapping[str, Row]) -> dict[str, int | None]:
    """Give the known total of each category whose list is not complete, of `completeness`."""
    return {
        code: entry["known_total"]
        for code, entry in declared.items()
        if entry["status"] != "complete"
    }
