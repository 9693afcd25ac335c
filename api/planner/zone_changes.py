"""Grey zones on the command line, and what became of them from one edition to another."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mapping.coverage.situations import Situation
from mapping.edition.edition import Edition, current
from mapping.edition.queries import completeness, zone_rows
from mapping.errors import BadInputError
from mapping.greyzones.lineage import changes
from mapping.taxonomy import placed_category

STATES = {
    "appeared": "apparse",
    "grew": "cresciute",
    "shrank": "ridotte",
    "closed": "chiuse",
    "unchanged": "uguali",
}


def read_zones(root: Path, code: str, asked: Situation) -> dict[str, Any]:
    """Read the zones of a category with the document that HTTP gives.

    Parameters
    ----------
    root : Path
        The folder of editions.
    code : str
        Category code.
    asked : Situation
        Who walks, when, with what need.

    Returns
    -------
    dict
        The zones, the edition, and how complete the list is.
    """
    edition = Edition.open(current(root))
    rows = zone_rows(edition, code, asked)
    return {
        "results": rows,
        "edition": edition.id,
        "completeness": completeness(edition, [code]),
    }


def compare(before: Edition, after: Edition, code: str | None, asked: Situation) -> dict[str, Any]:
    """Say what became of the zones of an edition in another.

    Parameters
    ----------
    before, after : Edition
        Of one city.
    code : str or None
        Category code; None means every category.
    asked : Situation
        Who walks, when, with what need.

    Returns
    -------
    dict
        Every zone of either edition, once, and how many are in each state.

    Raises
    ------
    BadInputError
        When the editions are of two cities.
    """
    if before.manifest.city != after.manifest.city:
        raise BadInputError(
            f"{before.id} is of '{before.manifest.city}', {after.id} of '{after.manifest.city}'."
            " Compare two editions of one city."
        )
    if code is not None:
        placed_category(code)
    tables = (one.zones(category=code, **asked._asdict()) for one in (before, after))
    found = changes(*tables)
    counts = Counter(str(change.state) for change in found)
    return {
        "before": before.id,
        "after": after.id,
        "counts": {state: counts[state] for state in STATES},
        "results": [asdict(change) for change in found],
    }
