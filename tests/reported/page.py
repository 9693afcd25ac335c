"""Writes docs/inputs.md: every kind of input that is tried, and where it was reported."""

import sys
from pathlib import Path

from tests.reported import (
    test_addresses,
    test_ages,
    test_feeds,
    test_hours,
    test_maps,
    test_phones,
    test_tables,
    test_workbooks,
)
from tests.reported.kind import Kind

PAGE = Path(__file__).parents[2] / "docs" / "inputs.md"
HEAD = """# Kinds of input

People report inputs on which other tools of this field break: parsers of addresses and hours,
readers of tables, maps and feeds. {count} of those kinds are tried here, each with an example of
our own, and kept as a test (`tests/reported`). What is right is one of three: the value; nothing,
where a text may mean two things; or the row set apart with its line number, while the others go on.

The reports are public threads, named `owner/project#number`, which stand at
`https://github.com/owner/project/issues/number`. The module `tests/reported/page.py` writes this
page; a test compares it with the tables.
"""
TABLES: dict[str, list[Kind]] = {
    "Addresses": [*test_addresses.KINDS, *test_addresses.POINTS],
    "Opening hours": test_hours.KINDS,
    "Ages": test_ages.KINDS,
    "Telephones": test_phones.KINDS,
    "Text tables (CSV)": test_tables.KINDS,
    "Workbooks (XLSX, ODS, XLS)": test_workbooks.KINDS,
    "Maps (KML, uMap, GeoJSON, shapefile)": test_maps.KINDS,
    "Timetables (GTFS)": test_feeds.GTFS,
    "Directories (HSDS)": test_feeds.HSDS,
}


def page() -> str:
    """Write the page."""
    sections = [
        f"## {title}: {len(kinds)}\n\n| kind | reported as |\n|---|---|\n"
        + "".join(f"| {kind.words} | {kind.report} |\n" for kind in kinds)
        for title, kinds in TABLES.items()
    ]
    return "\n".join([HEAD.format(count=sum(map(len, TABLES.values()))), *sections])


if __name__ == "__main__":
    sys.exit(None if PAGE.write_text(page(), encoding="utf-8") else 1)
