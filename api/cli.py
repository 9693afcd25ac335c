"""The command line."""

import json
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from api.settings import Settings
from mapping.errors import BadInputError, ProssimaError

app = typer.Typer(
    help="Maps the services that families with children can reach in a city.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
sources_app = typer.Typer(help="The sources of a city.", no_args_is_help=True)
editions_app = typer.Typer(help="The editions that were built.", no_args_is_help=True)
quarantine_app = typer.Typer(help="Rows that could not be kept.", no_args_is_help=True)
app.add_typer(sources_app, name="sources")
app.add_typer(editions_app, name="editions")
app.add_typer(quarantine_app, name="quarantine")

MirrorOption = Annotated[str | None, typer.Option(help="A folder with copies of the sources.")]
CityOption = Annotated[str | None, typer.Option(help="The city, one of mapping/cities/*.toml.")]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Ask no publisher.")]
EditionArgument = Annotated[str, typer.Argument(help="One of `editions list`.", metavar="ID")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def main() -> None:
    """Run the command line: a user's mistake is one line and exit 2, only a bug is a traceback."""
    try:
        app()
    except ProssimaError as error:
        typed = getattr(error, "typed", None)
        candidates = getattr(error, "candidates", [])
        said = f"{error}" if typed is None else f"'{typed}': {error}"
        near = f" Perhaps: {'; '.join(candidates)}." if candidates else ""
        typer.echo(f"prossima: {said}{near}", err=True)
        sys.exit(2)


@app.callback(invoke_without_command=True)
def _root(
    *, show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if show_version:
        typer.echo(version("prossima"))
        raise typer.Exit


@app.command()
def build(
    *,
    city: CityOption = None,
    mirror: MirrorOption = None,
    offline: OfflineOption = False,
    publish: Annotated[bool, typer.Option(help="Make the new edition the one served.")] = True,
) -> None:
    """Read every source, compute everything, and publish an edition."""
    from api.building import build_edition, report  # noqa: PLC0415 - loads the data libraries

    settings = _settings(city, mirror)
    edition, runs, missing = build_edition(settings, offline=offline, publish=publish, say=_say)
    typer.echo(report(edition, runs, missing))


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
) -> None:
    """Serve the published edition."""
    import uvicorn  # noqa: PLC0415 - other commands need no server

    from api.app import create_app  # noqa: PLC0415
    from api.published import Shelf  # noqa: PLC0415

    settings = Settings()
    Shelf(settings.editions).published()  # a broken or missing edition is said before serving
    uvicorn.run(create_app(settings), host=host, port=port, server_header=False)


@app.command()
def nearest(  # noqa: PLR0913 - the options of the command
    address: Annotated[
        str | None, typer.Argument(help="Street and civic number; '-' reads standard input.")
    ] = None,
    *,
    lon: Annotated[float | None, typer.Option(help="Degrees, instead of an address.")] = None,
    lat: Annotated[float | None, typer.Option(help="Degrees, instead of an address.")] = None,
    nil: Annotated[
        str | None, typer.Option(help="A NIL (or municipio), by number or name.")
    ] = None,
    category: Annotated[list[str] | None, typer.Option(help="Category code; repeatable.")] = None,
    count: Annotated[int, typer.Option(help="How many answers.")] = 5,
    max_minutes: Annotated[float, typer.Option(help="The longest walk.")] = 60,
    open_at: Annotated[
        str | None, typer.Option("--open", help="When it must be open, such as 'sat 10:00'.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find the nearest services from an address, a point or a NIL."""
    from api.asking import ask, table  # noqa: PLC0415 - loads the edition's libraries
    from mapping.lookup import Where  # noqa: PLC0415

    # Arguments land in the shell's history: an address may come from standard input instead.
    typed = sys.stdin.readline().strip() if address == "-" else address
    where = Where(address=typed, lon=lon, lat=lat, nil=nil)
    said = ask(Settings(), where, category or [], count, max_minutes, open_at)
    typer.echo(_json(said) if as_json else table(said))


@app.command()
def coverage(
    *,
    category: Annotated[str, typer.Option(help="Category code.")],
    level: Annotated[
        str | None, typer.Option(help="municipality, municipio, nil or section; else the smallest.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print how far a category is from the people it serves."""
    from api.asking import coverage_lines, read_coverage  # noqa: PLC0415

    said = read_coverage(Settings(), category, level)
    typer.echo(_json(said) if as_json else coverage_lines(said))


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="gpkg, geojson or csv.", metavar="FORMAT")],
    *,
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
    crs: Annotated[str, typer.Option(help="Reference system of the coordinates.")] = "EPSG:4326",
) -> None:
    """Write the published edition for a GIS or a spreadsheet."""
    from api.exports import export as write  # noqa: PLC0415 - loads GDAL
    from mapping.edition import Edition, current  # noqa: PLC0415

    for path in write(Edition.open(current(Settings().editions)), kind, out, crs=crs):
        typer.echo(path)


@app.command()
def doctor() -> None:
    """Look at the installation, and say what is missing and how to mend it."""
    from api.diagnosis import diagnose  # noqa: PLC0415

    problems = diagnose(Settings(), typer.echo)
    if problems:
        raise typer.Exit(2)


@app.command()
def pack(*, check: Annotated[bool, typer.Option("--check", help="Write nothing.")] = False) -> None:
    """Write the positions found by the published edition into the bundled pack."""
    from api.packing import refresh_pack  # noqa: PLC0415

    typer.echo(refresh_pack(Settings(), to_write=not check))


@app.command()
def bench(*, as_json: JsonOption = False) -> None:
    """Measure this machine: build, look-up and start of the server."""
    from api.bench import measure, table  # noqa: PLC0415

    rows = measure(Settings())
    typer.echo(_json(rows) if as_json else table(rows))


@sources_app.command("list")
def list_sources(*, city: CityOption = None, as_json: JsonOption = False) -> None:
    """List the sources of the city: what each yields, and its licence."""
    from ingest.source import source  # noqa: PLC0415
    from mapping.city import city as read_city  # noqa: PLC0415

    entries = [source(name) for name in read_city(_settings(city, None).city).sources]
    if as_json:
        typer.echo(_json([entry.model_dump(mode="json") for entry in entries]))
        return
    for entry in entries:
        typer.echo(f"{entry.id:24} {entry.yields:11} {entry.licence:14} {entry.title}")


@sources_app.command("check")
def check_sources(
    *, city: CityOption = None, mirror: MirrorOption = None, offline: OfflineOption = False
) -> None:
    """Take every source of the city, and say from where, or why not."""
    from api.building import check  # noqa: PLC0415

    failed = check(_settings(city, mirror), offline=offline, say=typer.echo)
    if failed:
        raise typer.Exit(2)


@sources_app.command("fetch")
def fetch_source(
    source_id: Annotated[str, typer.Argument(help="One of `sources list`.", metavar="ID")],
    *,
    mirror: MirrorOption = None,
    offline: OfflineOption = False,
) -> None:
    """Take one source, and print where its file is."""
    from api.building import fetcher  # noqa: PLC0415
    from ingest.fetch import Request  # noqa: PLC0415
    from ingest.source import source  # noqa: PLC0415

    taken = fetcher(_settings(None, mirror), offline=offline).take(Request.of(source(source_id)))
    typer.echo(f"{taken.path} ({taken.taken_from}, sha256 {taken.sha256})")


@editions_app.command("list")
def list_them(*, as_json: JsonOption = False) -> None:
    """List the editions, newest first; the published one is marked."""
    from mapping.edition import current, list_editions  # noqa: PLC0415

    root = Settings().editions
    ids = list_editions(root)
    published = current(root).name if (root / "current").exists() else None
    if as_json:
        typer.echo(_json([{"id": name, "published": name == published} for name in ids]))
        return
    for name in ids:
        typer.echo(f"{'*' if name == published else ' '} {name}")


@editions_app.command("verify")
def verify_edition(edition_id: EditionArgument) -> None:
    """Compare every file of an edition with its manifest."""
    from mapping.edition import Edition  # noqa: PLC0415

    edition = Edition.open(Settings().editions / edition_id)
    typer.echo(f"{edition.id}: {len(edition.manifest.files)} files are as they were written.")


@editions_app.command("use")
def use_edition(edition_id: EditionArgument) -> None:
    """Publish an edition that was built before."""
    from mapping.edition import publish  # noqa: PLC0415

    typer.echo(f"{publish(Settings().editions, edition_id).id} is published.")


@quarantine_app.command("list")
def list_quarantine(
    *,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the rows that the last run of each source could not keep, with the reason."""
    from mapping.catalogue import Catalogue  # noqa: PLC0415

    with Catalogue.open(Settings().catalogue_url) as catalogue:
        rows = catalogue.quarantined(source)
    if as_json:
        typer.echo(_json([{**vars(row), "raw": dict(row.raw)} for row in rows]))
        return
    for row in rows:
        typer.echo(f"{row.source_id}:{row.line} {row.field} {row.code}: {row.message}")


def _settings(city: str | None, mirror: str | None) -> Settings:
    given: dict[str, Any] = {}
    if city is not None:
        given["city"] = city
    if mirror is not None:
        given["mirror"] = mirror
    settings = Settings(**given)
    if settings.mirror is not None and not settings.mirror.is_dir():
        raise BadInputError(
            f"Mirror '{settings.mirror}' is no folder. Give one, or leave it empty."
        )
    return settings


def _say(text: str) -> None:
    typer.echo(f"{datetime.now(UTC):%H:%M:%S} {text}", err=True)


def _json(said: object) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
