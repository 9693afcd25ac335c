"""The command `migrate`."""

from typing import Annotated

import typer

from mapping.catalogue.transfer import transfer


def migrate(
    *,
    source: Annotated[str, typer.Option("--from", help="The catalogue to copy.", metavar="URL")],
    target: Annotated[str, typer.Option("--to", help="An empty database.", metavar="URL")],
) -> None:
    """Copy the catalogue of record into another database, and compare the two."""
    for moved in transfer(source, target):
        typer.echo(f"{moved.table:16} {moved.rows:8,} rows  sha256 {moved.sha256}")
    typer.echo("Both catalogues hold the same. Now name the new one in PROSSIMA_DATABASE_URL.")
