"""Reads records in JSON: a list of objects, alone or inside, in one file or in pages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest import rows
from ingest.file_parts import aside_of_json
from ingest.named_rows import beside
from ingest.page_archive import json_pages
from ingest.passages import Aside, Passage
from ingest.rows import RawTable
from mapping.errors import SourceError


def read_json(path: Path, *, records: str, source_id: str) -> RawTable:
    """Read JSON records as texts under dotted names.

    `records` says where the list stands in each page, such as ``result.records``; it is empty when
    the page itself is the list. Raises SourceError when the file is not JSON, or has no list there.
    """
    aside = Aside()
    return beside(rows.table(_records(path, records, aside), source_id), aside)


def _records(path: Path, place: str, aside: Aside) -> Iterator[object]:
    for where, page in json_pages(path):
        records: Any = page
        for key in place.split(".") if place else []:
            around = dict(records) if isinstance(records, dict) else {}
            records = around.pop(key, None)
            aside.passages.append(Passage(key))
            aside.add(aside_of_json(around))
        if not isinstance(records, list):
            raise SourceError(
                f"{where} has no list of records at '{place}'. Set `records` in the"
                " source's TOML to where it stands."
            )
        yield from records
