"""How a walk is told, the same wherever it is read: in whole minutes, with a word if estimated."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mapping.tables import COVERAGE, SECONDS_PER_MINUTE, by_streets

WALK_TEXTS = {
    "estimated": "circa %(minutes)s (stima)",
    "share": "circa %(share)s, per strade note %(streets)s",
    "city": "Oltre il confine non conosciamo tutte le strade: per alcuni, in città, il cammino fino"
    " al più vicino è una stima in linea d'aria (%(whom)s: %(people)s). Contano nelle quote entro i"
    " minuti come gli altri.",
}
"""Minutes or a share that rest on straight lines, a share beside what it is along known streets,
and for how many the walk to the nearest is a line."""


def whole_minutes(seconds: float) -> int:
    """Round a walk to whole minutes, one at the least."""
    return max(1, round(seconds / SECONDS_PER_MINUTE))


def is_estimated(row: Mapping[str, Any], column: str = "seconds") -> bool:
    """Whether a walk of a row of `tables.COVERAGE` rests on straight lines.

    An edition from before a column marks none but those of a city without streets.
    """
    flag = column.replace("seconds", "estimated")
    return bool(row.get(flag, row.get("estimated")))


class Basis(NamedTuple):
    """On what a share rests: whether on straight lines, and what it is along known streets."""

    estimated: bool = False
    streets: float | None = None
    """None where it is the same, or no street is known."""


MEASURED = Basis()


def share_basis(row: Mapping[str, Any], column: str) -> Basis:
    """Say on what a share of a row of `tables.COVERAGE` rests; an older edition does not tell."""
    streets = row.get(by_streets(column))
    if streets is not None:
        return Basis(estimated=True, streets=float(streets))
    is_known = row.get(column) is not None
    is_within = by_streets(column) in COVERAGE.names
    return Basis(estimated=is_known and is_within and row.get("reason") == "estimated_times")
