"""The commands of `editions` that search them or the catalogue: they import much."""

import typer

from api.cli.editions import EditionArgument
from api.jobs.edition_leaks import prune
from api.jobs.sharing import use_published
from api.jobs.withholding import withhold_from_catalogue
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


def use_edition(edition_id: EditionArgument) -> None:
    """Publish an edition that was built before, unless it holds something confidential today."""
    use_published(Settings(), edition_id)
    typer.echo(f"{edition_id} is published.")


def withhold_records() -> None:
    """Write anew, from the catalogue, which records every edition hides."""
    count = withhold_from_catalogue(Settings())
    typer.echo(f"{count} records are hidden from every edition. Run `prossima build`.")
