"""The command `sources list`; those that take sources are apart, for they import much."""

from api.cli.options import CityOption, JsonOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.settings import settings_of
from ingest.source import source, source_files
from mapping.city import city as read_city
from mapping.config import config_name


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
