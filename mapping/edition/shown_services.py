"""Which services the editions of a folder show, under any id that somebody may know."""

from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from mapping.edition.edition import list_editions
from mapping.edition.hidden_rows import OUTSIDE, SERVICES

NAMING_SERVICES = (SERVICES, OUTSIDE)
"""Files of an edition that have a row for each service."""


def shown_ids(root: Path) -> set[str]:
    """List the ids of the services that any edition of a folder shows, or would if it were used."""
    return {
        service_id for name in list_editions(root) for service_id in ids_of_edition(root / name)
    }


def ids_of_edition(folder: Path) -> set[str]:
    """List the ids of the services of one edition, hidden ones and those of merged records too."""
    ids = set[str]()
    for path in (folder / name for name in NAMING_SERVICES):
        if path.is_file():
            with path.open("rb") as file:
                ids |= ids_in(file)
    return ids


def services_within(folder: Path) -> set[str]:
    """List the ids of the services of the city alone, which a catalogue has; none if damaged."""
    path = folder / SERVICES
    if not path.is_file():
        return set()
    with path.open("rb") as file:
        return ids_in(file)


def ids_in(file: BinaryIO) -> set[str]:
    """List the ids in a table of services; none in a damaged one, which no server opens."""
    try:
        with pq.ParquetFile(file) as table:
            known = [n for n in ("service_id", "same_as") if n in table.schema_arrow.names]
            rows = table.read(columns=known).to_pydict()
    except (pa.ArrowException, OSError):
        return set()
    return {
        *rows.get("service_id", ()),
        *(service_id for ids in rows.get("same_as", ()) for service_id in ids or ()),
    }
