"""How a walk is told, the same wherever it is read: in whole minutes, with a word if estimated."""

from collections.abc import Mapping
from typing import Any

from mapping.tables import SECONDS_PER_MINUTE

WALK_TEXTS = {
    "estimated": "circa %(minutes)s (stima)",
    "city": "Oltre il confine non conosciamo tutte le strade: per alcuni, in città, il cammino fino"
    " al più vicino è una stima in linea d'aria (%(whom)s: %(people)s). Contano nelle quote entro i"
    " minuti come gli altri.",
}
"""Minutes that rest on a straight line, and for how many the walk to the nearest is one."""


def whole_minutes(seconds: float) -> int:
    """Round a walk to whole minutes, one at the least."""
    return max(1, round(seconds / SECONDS_PER_MINUTE))


def is_estimated(row: Mapping[str, Any], column: str = "seconds") -> bool:
    """Whether a walk of a row of `tables.COVERAGE` rests on straight lines.

    An edition from before a column marks none but those of a city without streets.
    """
    flag = column.replace("seconds", "estimated")
    return bool(row.get(flag, row.get("estimated")))
