"""Grey zones on the command line, and their changes from one edition to another."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from api.i18n.language import Words
from api.i18n.zone_sentences import with_sentences
from mapping.coverage.situations import Situation
from mapping.edition.edition import Edition, current
from mapping.edition.queries import (
    completeness,
    has_sections,
    people_bases,
    require_figures,
    zone_rows,
)
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


def read_zones(root: Path, code: str, situation: Situation, *, language: Words) -> dict[str, Any]:
    """Read the zones of a category with the document that HTTP gives."""
    edition = Edition.open(current(root))
    rows = zone_rows(edition, code, situation)
    return {
        "results": with_sentences(rows, language),
        "edition": edition.id,
        "completeness": completeness(edition, [code]),
        "people_bases": people_bases(edition),
        "sections": has_sections(edition),
    }


def compare(
    before: Edition, after: Edition, code: str | None, situation: Situation
) -> dict[str, Any]:
    """Compare the zones of two editions: each zone once, and how many are in each state.

    Without `code` all categories that both have figures of. Raises BadInputError when the editions
    are of two cities, and RecomputedError when either has no figures of the category to show.
    """
    if before.manifest.city != after.manifest.city:
        raise BadInputError(
            f"{before.id} is of '{before.manifest.city}', {after.id} of '{after.manifest.city}'."
            " Compare two editions of one city."
        )
    if code is not None:
        placed_category(code)
        require_figures(before, code)
        require_figures(after, code)
    left_out = sorted(before.hidden.recomputed | after.hidden.recomputed)
    tables = [edition.zones(category=code, **situation._asdict()) for edition in (before, after)]
    zone_changes = changes(*(_without(table, left_out) for table in tables))
    counts = Counter(str(change.state) for change in zone_changes)
    return {
        "before": before.id,
        "after": after.id,
        "counts": {state: counts[state] for state in STATES},
        "recomputed": left_out,
        "results": [asdict(change) for change in zone_changes],
    }


def _without(zones: pa.Table, codes: list[str]) -> pa.Table:
    return zones.filter(~pc.field("category").isin(codes)) if codes else zones
