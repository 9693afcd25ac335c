"""The commands of `sources` that take them: `check` and `fetch`."""

from typing import Annotated

import typer

from api.cli.options import CityOption, MirrorOption, OfflineOption
from api.jobs.build import check, fetcher
from api.settings import settings_of
from ingest.fetching.fetch import Request
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
    taken = fetcher(settings_of(None, mirror), offline=offline).take(Request.of(entry))
    typer.echo(f"{taken.path} ({taken.taken_from}, sha256 {taken.sha256})")
