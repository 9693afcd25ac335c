"""The commands of `editions` that search them or the catalogue: they import much."""

import typer

from api.cli.editions import EditionArgument
from api.jobs.edition_leaks import prune, require_no_leaks
from api.jobs.withholding import withhold_from_catalogue
from api.settings import Settings
from mapping.edition.edition import publish


def prune_editions() -> None:
    """Remove old editions that hold something of a confidential record."""
    gone = prune(Settings())
    for edition_id in gone:
        typer.echo(f"{edition_id} is removed.")
    typer.echo(f"{len(gone)} editions removed.")


def use_edition(edition_id: EditionArgument) -> None:
    """Publish an edition that was built before, unless it holds something confidential today."""
    settings = Settings()
    require_no_leaks(settings, edition_id)
    typer.echo(f"{publish(settings.editions, edition_id).id} is published.")


def withhold_records() -> None:
    """Write anew, from the catalogue, which records every edition hides."""
    count = withhold_from_catalogue(Settings())
    typer.echo(f"{count} records are hidden from every edition. Run `prossima build`.")
