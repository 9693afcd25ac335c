"""The command `editions prune`, apart from the others of `editions`: it imports much."""

import typer

from api.jobs.edition_leaks import prune
from api.settings import Settings
from mapping.edition.store import EditionStore


def prune_editions() -> None:
    """Remove old editions that hold something of a confidential record."""
    settings = Settings()
    gone = prune(settings)
    store = EditionStore.open(settings.store) if settings.store else None
    for edition_id in gone:
        if store is not None:
            store.remove(edition_id)
        typer.echo(f"{edition_id} is removed.")
    typer.echo(f"{len(gone)} editions removed.")
