"""The command `quarantine list`."""

from typing import Annotated

import typer

from api.cli.options import JsonOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue


def list_quarantine(
    *,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the rows that the last run of each source could not keep, with the reason."""
    with Catalogue.open(Settings().catalogue_url, create=False) as catalogue:
        rows = catalogue.quarantined(source)
    if as_json:
        print_json([{**vars(row), "raw": dict(row.raw)} for row in rows])
        return
    print_table(
        [
            (f"{row.source_id}:{row.line}", f"{row.field} {row.code}: {row.message}".strip())
            for row in rows
        ],
        prose={1},
    )
