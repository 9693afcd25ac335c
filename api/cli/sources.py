"""The commands of `sources`."""

from typing import Annotated

import typer

from api.cli.options import CityOption, JsonOption, MirrorOption, OfflineOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.jobs.build import check, fetcher
from api.settings import settings_of
from ingest.fetching.fetch import Request
from ingest.source import source, source_files
from mapping.city import city as read_city
from mapping.config import config_name
from mapping.errors import BadInputError


def list_sources(*, city: CityOption = None, as_json: JsonOption = False) -> None:
    """List the sources of the city: what each yields, its licence, the file that declares it."""
    entries = [source(name) for name in read_city(settings_of(city, None).city).sources]
    files = {name: config_name(path) for name, path in source_files().items()}
    if as_json:
        print_json([entry.model_dump(mode="json") | {"file": files[entry.id]} for entry in entries])
        return
    print_table(
        [
            (entry.id, entry.yields, entry.licence, files[entry.id], entry.title)
            for entry in entries
        ],
        prose={4},
    )


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
