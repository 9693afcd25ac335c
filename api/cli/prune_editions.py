"""The commands `editions prune` and `withhold`, apart from the others: they import much."""

import typer

from api.jobs.edition_leaks import prune
from api.jobs.withholding import withhold_from_catalogue
from api.settings import Settings


def prune_editions() -> None:
    """Remove old editions that hold something of a confidential record."""
    gone = prune(Settings())
    for edition_id in gone:
        typer.echo(f"{edition_id} is removed.")
    typer.echo(f"{len(gone)} editions removed.")


def withhold_records() -> None:
    """Write anew, from the catalogue, which records every edition hides."""
    count = withhold_from_catalogue(Settings())
    typer.echo(f"{count} records are hidden from every edition. Run `prossima build`.")
