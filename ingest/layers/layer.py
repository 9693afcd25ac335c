"""One reference layer as a table, and what became of the rows of its source."""

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from ingest.source import Source
from mapping.catalogue.batches import QuarantinedRow
from mapping.disclosure import speaking_names

_NAMED = ("streets", "stops", "premises", "institutions")


@dataclass
class Layer:
    """One reference layer, and what became of its rows."""

    frame: pd.DataFrame
    rows_in: int
    rows_kept: int
    out_of_scope: Counter[str] = field(default_factory=Counter)
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    deleted: int = 0
    """Rows that the file marks as deleted: they are no rows of it."""


def with_public_names(frame: pd.DataFrame, yields: str) -> pd.DataFrame:
    """Leave out stops, premises and institutions whose name speaks of a confidential place.

    Streets lose their name. Other layers are given back as they are: areas and networks have no
    address of their own.
    """
    if yields not in _NAMED:
        return frame
    speaking = frame["name"].isin(speaking_names(frame["name"]))
    if not speaking.any():
        return frame
    if yields == "streets":
        return frame.assign(name=frame["name"].where(~speaking, None))
    return frame[~speaking].reset_index(drop=True)


def without_geometry(source: Source, line: int) -> QuarantinedRow:
    """Quarantine a row that can be drawn nowhere, by its number, from 1, through all layers."""
    message = "The row has no geometry. Mend it upstream."
    return QuarantinedRow(
        source_id=source.id,
        line=line,
        field="geometry",
        code="no_geometry",
        message=message,
        raw={},
    )
