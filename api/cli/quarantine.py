"""The command `quarantine list`."""

from typing import Annotated

import typer

from api.cli.options import JsonOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.jobs.review import MASKED, set_apart
from api.settings import Settings


def list_quarantine(
    *,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    show_confidential: Annotated[
        bool,
        typer.Option(
            "--show-confidential",
            help="Say also on which lines rows stand that may be confidential, to the owner of the"
            " data.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the rows that the last run of each source could not keep, with the reason."""
    rows = set_apart(Settings(), source, show_confidential=show_confidential)
    if as_json:
        print_json([{**vars(row), "raw": dict(row.raw)} for row in rows])
        return
    print_table(
        [
            (
                f"{row.source_id}:{MASKED if row.line is None else row.line}",
                f"{row.field} {row.code}: {row.message}".strip(),
            )
            for row in rows
        ],
        prose={1},
    )
