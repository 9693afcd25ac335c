"""The command `editions prune`, apart from the others of `editions`: it imports much."""

import typer

from api.jobs.edition_leaks import prune
from api.settings import Settings


def prune_editions() -> None:
    """Remove old editions that hold something of a confidential record."""
    gone = prune(Settings())
    for edition_id in gone:
        typer.echo(f"{edition_id} is removed.")
    typer.echo(f"{len(gone)} editions removed.")
