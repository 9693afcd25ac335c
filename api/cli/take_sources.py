"""The commands of `sources` that take them: `check` and `fetch`."""

from typing import Annotated

import typer

from api.cli.options import CityOption, MirrorOption, OfflineOption
from api.jobs.build import check, fetcher
from api.settings import Settings, settings_of
from ingest.fetching.fetch import Request, delete_copies, unjudged_copies
from ingest.layers.raw_table import read_table
from ingest.services import any_row_hides
from ingest.source import source
from mapping.errors import BadInputError


def check_sources(
    *, city: CityOption = None, mirror: MirrorOption = None, offline: OfflineOption = False
) -> None:
    """Take every source of the city, and say from where, or why not."""
    failed = check(settings_of(city, mirror), offline=offline, say=typer.echo)
    if failed:
        raise typer.Exit(2)


def fetch_source(
    source_id: Annotated[str, typer.Argument(help="One of `sources list`.", metavar="ID")],
    *,
    mirror: MirrorOption = None,
    offline: OfflineOption = False,
) -> None:
    """Take one source, and print where its file is."""
    entry = source(source_id)
    if entry.is_asked:
        raise BadInputError(f"'{source_id}' is no file: OpenStreetMap is asked during a build.")
    with fetcher(settings_of(None, mirror), offline=offline) as hand:
        taken = hand.take(Request.of(entry))
        if hand.awaits_judgement(source_id):
            table = read_table(entry, taken.path)
            if any_row_hides(entry, table, table.rows):
                raise BadInputError(
                    f"'{source_id}' has rows that are confidential, or may be: no copy of it is"
                    " kept. A build reads it from its publisher each time."
                )
        path = hand.keep(source_id) or taken.path
        typer.echo(f"{path} ({taken.taken_from}, sha256 {taken.sha256})")


def prune_copies() -> None:
    """Remove downloads that may name a confidential place, since nobody judged them."""
    copies = unjudged_copies(Settings().raw)
    delete_copies(copies)
    typer.echo(f"{len(copies)} downloads removed.")
