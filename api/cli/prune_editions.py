"""The commands of `editions` that search them or the catalogue: they import much."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from api.cli.editions import EditionArgument
from api.jobs.edition_leaks import prune, unfinished_editions
from api.jobs.sharing import use_published
from api.jobs.withholding import withhold_from_catalogue
from api.settings import Settings
from mapping.edition.old_editions import remove_old
from mapping.edition.store import EditionStore

OlderThanOption = Annotated[
    int | None,
    typer.Option(
        "--older-than",
        min=0,
        max=36_500,
        metavar="DAYS",
        help="Remove also what was made earlier (0: all but the last hour's); never what is"
        " published, nor the one before.",
    ),
]


def prune_editions(*, older_than: OlderThanOption = None) -> None:
    """Remove editions that hold something of a confidential record, and old ones when asked.

    What killed builds left goes too, unless one is at work.
    """
    settings = Settings()
    for left in unfinished_editions(settings, remove=True):
        typer.echo(f"{left}, which a killed build left, is removed.")
    store = EditionStore.open(settings.store) if settings.store else None
    gone = set(leaking := prune(settings))
    for edition_id in leaking:
        typer.echo(f"{edition_id} is removed.")
        if store is not None and not store.remove(edition_id):
            typer.echo(
                f"{edition_id} stays in {store.address}, which publishes it. Run `prossima build`,"
                " then this again."
            )
    if older_than is not None:
        now = datetime.now(UTC)
        before = now - timedelta(days=older_than)
        for edition_id in remove_old(settings.editions, before, now):
            gone.add(edition_id)
            typer.echo(f"{edition_id} is removed.")
        for edition_id in store.remove_old(before, now) if store is not None else ():
            gone.add(edition_id)
            typer.echo(f"{edition_id} is removed from {settings.store}.")
    typer.echo(f"{len(gone)} editions removed.")


def use_edition(edition_id: EditionArgument) -> None:
    """Publish an edition that was built before, unless it holds something confidential today."""
    use_published(Settings(), edition_id)
    typer.echo(f"{edition_id} is published.")


def withhold_records(
    *,
    anew: Annotated[
        bool,
        typer.Option(
            "--anew",
            help="Show again what the list hides and the catalogue gives no reason to hide.",
        ),
    ] = False,
) -> None:
    """Hide from every edition what the catalogue knows to be confidential."""
    count = withhold_from_catalogue(Settings(), anew=anew)
    typer.echo(f"{count} records are hidden from every edition. Run `prossima build`.")
