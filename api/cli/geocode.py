"""The command `geocode`."""

from pathlib import Path
from typing import Annotated

import typer

from api.jobs.geocode import geocode_table
from api.settings import Settings


def geocode(
    file: Annotated[
        str, typer.Argument(help="A table of text; '-' reads standard input.", metavar="FILE")
    ],
    *,
    column: Annotated[str, typer.Option(help="The column with the addresses.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.")] = None,
) -> None:
    """Find the addresses or named places of a table: lon, lat, how precisely, or the candidates."""
    table, summary = geocode_table(Settings(), file, column)
    if out is None:
        typer.echo(table, nl=False)
    else:
        out.write_text(table, encoding="utf-8")
    typer.echo(summary, err=True)
