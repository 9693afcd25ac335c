"""Reads the sheets that organisations keep of their services, and writes sheets to fill in."""

from ingest.sheets.spreadsheet import (
    is_sheet,
    quarantine,
    read_sheet,
    sheet_source,
    understand,
    with_known_ids,
)

__all__ = ["is_sheet", "quarantine", "read_sheet", "sheet_source", "understand", "with_known_ids"]
