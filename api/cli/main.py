"""The command line."""

import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from api.cli.catalogue import (
    CityOption,
    import_sheet,
    quarantine_app,
    reports_app,
    review_app,
    translations_app,
)
from api.cli.nearest import JsonOption, as_text, isochrone, nearest
from api.cli.planning import closures, scenario, site
from api.settings import Settings, collect_seldom, settings_of
from mapping.errors import BadInputError, ProssimaError

app = typer.Typer(
    help="Maps the services that families with children can reach in a city.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
sources_app = typer.Typer(help="The sources of a city.", no_args_is_help=True)
editions_app = typer.Typer(help="The editions that were built.", no_args_is_help=True)
app.command()(nearest)
app.command()(isochrone)
app.command()(site)
app.command()(scenario)
app.command()(closures)
app.command("import")(import_sheet)
app.add_typer(review_app, name="review")
app.add_typer(reports_app, name="reports")
app.add_typer(translations_app, name="translations")
app.add_typer(sources_app, name="sources")
app.add_typer(editions_app, name="editions")
app.add_typer(quarantine_app, name="quarantine")

MirrorOption = Annotated[str | None, typer.Option(help="A folder with copies of the sources.")]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Ask no publisher.")]
EditionArgument = Annotated[str, typer.Argument(help="One of `editions list`.", metavar="ID")]


def main() -> None:
    """Run the command line: a user's mistake is one line and exit 2, only a bug is a traceback."""
    collect_seldom()
    try:
        app()
    except ProssimaError as error:
        from mapping.text import without_controls  # noqa: PLC0415 - only a mistake needs it

        typed = getattr(error, "typed", None)
        candidates = getattr(error, "candidates", [])
        said = f"{error}" if typed is None else f"'{typed}': {error}"
        near = f" Perhaps: {'; '.join(candidates)}." if candidates else ""
        typer.echo(f"prossima: {without_controls(said + near)}", err=True)
        sys.exit(2)


@app.callback(invoke_without_command=True)
def _root(
    *, show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if show_version:
        typer.echo(version("prossima"))
        raise typer.Exit
    if Settings().config is not None:
        from api.jobs.overlay import check_overlay  # noqa: PLC0415 - only an overlay needs it

        check_overlay()


@app.command()
def build(
    *,
    city: CityOption = None,
    mirror: MirrorOption = None,
    offline: OfflineOption = False,
    publish: Annotated[bool, typer.Option(help="Make the new edition the one served.")] = True,
    accept: Annotated[
        list[str] | None, typer.Option(help="A source that may change much; repeatable.")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(help="A dask scheduler that shares the work, tcp://HOST:PORT.")
    ] = None,
) -> None:
    """Read every source, compute everything, and publish an edition."""
    from api.jobs.build import build_edition, report  # noqa: PLC0415 - loads the data libraries
    from api.jobs.cluster import workers  # noqa: PLC0415

    settings = settings_of(city, mirror)
    with workers(dask) as executor:
        edition, runs, missing = build_edition(
            settings,
            offline=offline,
            publish=publish,
            say=_say,
            accepted=accept or (),
            executor=executor,
        )
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
def geocode(
    file: Annotated[
        str, typer.Argument(help="A table of text; '-' reads standard input.", metavar="FILE")
    ],
    *,
    column: Annotated[str, typer.Option(help="The column with the addresses.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.")] = None,
) -> None:
    """Find the addresses of a table: lon, lat, how precisely, how surely, or the candidates."""
    from api.jobs.geocode import geocode_table  # noqa: PLC0415 - loads the edition's libraries

    table, said = geocode_table(Settings(), file, column)
    if out is None:
        typer.echo(table, nl=False)
    else:
        out.write_text(table, encoding="utf-8")
    typer.echo(said, err=True)


@app.command()
def coverage(
    *,
    category: Annotated[str, typer.Option(help="Category code.")],
    level: Annotated[
        str | None, typer.Option(help="municipality, municipio, nil or section; else the smallest.")
    ] = None,
    profile: Annotated[str, typer.Option(help="Who walks, such as stroller.")] = "adult",
    window: Annotated[str, typer.Option(help="When, such as weekday_afternoon.")] = "any",
    requirement: Annotated[str, typer.Option(help="What is needed, such as no_residence.")] = "any",
    as_json: JsonOption = False,
) -> None:
    """Print how far a category is from the people it serves."""
    from api.cli.answers import coverage_lines, read_coverage  # noqa: PLC0415
    from mapping.coverage.situations import situation  # noqa: PLC0415

    said = read_coverage(Settings(), category, level, situation(profile, window, requirement))
    typer.echo(as_text(said) if as_json else coverage_lines(said))


@app.command()
def greyzones(
    *,
    category: Annotated[str, typer.Option(help="Category code.")],
    profile: Annotated[str, typer.Option(help="Who walks, such as stroller.")] = "adult",
    window: Annotated[str, typer.Option(help="When, such as weekday_afternoon.")] = "any",
    requirement: Annotated[str, typer.Option(help="What is needed, such as no_residence.")] = "any",
    as_json: JsonOption = False,
) -> None:
    """Print the grey zones of a category, the gravest first, and why each is one."""
    from api.planner.zone_changes import read_zones, zone_lines  # noqa: PLC0415
    from mapping.coverage.situations import situation  # noqa: PLC0415

    said = read_zones(Settings().editions, category, situation(profile, window, requirement))
    typer.echo(as_text(said) if as_json else zone_lines(said))


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="gpkg, geojson or csv.", metavar="FORMAT")],
    *,
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
    crs: Annotated[str, typer.Option(help="Reference system of the coordinates.")] = "EPSG:4326",
    profile: Annotated[str, typer.Option(help="Who walks, such as stroller.")] = "adult",
    window: Annotated[str, typer.Option(help="When, such as weekday_afternoon.")] = "any",
    requirement: Annotated[str, typer.Option(help="What is needed, such as no_residence.")] = "any",
) -> None:
    """Write the published edition for a GIS or a spreadsheet."""
    from api.exports import export as write  # noqa: PLC0415 - loads GDAL
    from mapping.coverage.situations import situation  # noqa: PLC0415
    from mapping.edition.edition import Edition, current  # noqa: PLC0415

    asked = situation(profile, window, requirement)
    edition = Edition.open(current(Settings().editions))
    for path in write(edition, kind, out, crs=crs, situation=asked):
        typer.echo(path)


@app.command()
def doctor() -> None:
    """Look at the installation, and say what is missing and how to mend it."""
    from api.jobs.doctor import diagnose  # noqa: PLC0415

    problems = diagnose(Settings(), typer.echo)
    if problems:
        raise typer.Exit(2)


@app.command()
def migrate(
    *,
    source: Annotated[str, typer.Option("--from", help="The catalogue to copy.", metavar="URL")],
    target: Annotated[str, typer.Option("--to", help="An empty database.", metavar="URL")],
) -> None:
    """Copy the catalogue of record into another database, and compare the two."""
    from mapping.catalogue.transfer import transfer  # noqa: PLC0415 - loads the database's libraries

    for moved in transfer(source, target):
        typer.echo(f"{moved.table:16} {moved.rows:8,} rows  sha256 {moved.sha256}")
    typer.echo("Both catalogues hold the same. Now name the new one in PROSSIMA_DATABASE_URL.")


@app.command()
def pack(*, check: Annotated[bool, typer.Option("--check", help="Write nothing.")] = False) -> None:
    """Write the positions found by the published edition into the bundled pack."""
    from api.jobs.pack import refresh_pack  # noqa: PLC0415

    typer.echo(refresh_pack(Settings(), to_write=not check))


@app.command()
def quality(
    *,
    mirror: MirrorOption = None,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/quality.md"),
    check: Annotated[bool, typer.Option("--check", help="Only compare the page.")] = False,
) -> None:
    """Measure how well addresses are found, and write the page that says so."""
    from api.jobs.quality import write_quality  # noqa: PLC0415 - loads the data libraries

    typer.echo(write_quality(settings_of(None, mirror), out, check=check))


@app.command()
def bench(
    *,
    mirror: MirrorOption = None,
    part: Annotated[
        list[str] | None,
        typer.Option(help="One part only, of those of --list; repeatable."),
    ] = None,
    nodes: Annotated[int, typer.Option(help="Size of the drawn city; 0 for none.")] = 250_000,
    write: Annotated[
        Path | None,
        typer.Option(help="A page whose rows to replace, such as docs/performance.md."),
    ] = None,
    list_parts: Annotated[bool, typer.Option("--list", help="List the parts.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure this machine: our works beside their limits, and beside our peers'."""
    from api.benches.main import measure, part_lines, table  # noqa: PLC0415 - loads the data libraries
    from api.benches.page import page  # noqa: PLC0415

    if list_parts:
        typer.echo("\n".join(part_lines()))
        return
    rows = measure(settings_of(None, mirror), nodes=nodes, parts=part or (), say=_say)
    if write is not None:
        present = write.read_text(encoding="utf-8") if write.exists() else ""
        write.write_text(page(present, rows), encoding="utf-8")
    typer.echo(as_text(rows) if as_json else table(rows))


@sources_app.command("list")
def list_sources(*, city: CityOption = None, as_json: JsonOption = False) -> None:
    """List the sources of the city: what each yields, its licence, the file that declares it."""
    from ingest.source import source, source_files  # noqa: PLC0415
    from mapping.city import city as read_city  # noqa: PLC0415
    from mapping.config import in_overlay  # noqa: PLC0415

    entries = [source(name) for name in read_city(settings_of(city, None).city).sources]
    paths = source_files()
    files = {name: str(path) if in_overlay(path) else "bundled" for name, path in paths.items()}
    if as_json:
        said = [entry.model_dump(mode="json") | {"file": files[entry.id]} for entry in entries]
        typer.echo(as_text(said))
        return
    for entry in entries:
        line = f"{entry.id:24} {entry.yields:11} {entry.licence:14} {entry.title}"
        typer.echo(f"{line} ({files[entry.id]})")


@sources_app.command("check")
def check_sources(
    *, city: CityOption = None, mirror: MirrorOption = None, offline: OfflineOption = False
) -> None:
    """Take every source of the city, and say from where, or why not."""
    from api.jobs.build import check  # noqa: PLC0415

    failed = check(settings_of(city, mirror), offline=offline, say=typer.echo)
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
    from api.jobs.build import fetcher  # noqa: PLC0415
    from ingest.fetching.fetch import Request  # noqa: PLC0415
    from ingest.source import source  # noqa: PLC0415

    entry = source(source_id)
    if entry.is_asked:
        raise BadInputError(f"'{source_id}' is no file: OpenStreetMap is asked during a build.")
    taken = fetcher(settings_of(None, mirror), offline=offline).take(Request.of(entry))
    typer.echo(f"{taken.path} ({taken.taken_from}, sha256 {taken.sha256})")


@editions_app.command("list")
def list_them(*, as_json: JsonOption = False) -> None:
    """List the editions, newest first; the published one is marked."""
    from mapping.edition.edition import current, list_editions  # noqa: PLC0415

    root = Settings().editions
    ids = list_editions(root)
    published = current(root).name if (root / "current").exists() else None
    if as_json:
        typer.echo(as_text([{"id": name, "published": name == published} for name in ids]))
        return
    for name in ids:
        typer.echo(f"{'*' if name == published else ' '} {name}")


@editions_app.command("verify")
def verify_edition(edition_id: EditionArgument) -> None:
    """Compare every file of an edition with its manifest."""
    from mapping.edition.edition import Edition  # noqa: PLC0415

    edition = Edition.open(Settings().editions / edition_id)
    typer.echo(f"{edition.id}: {len(edition.manifest.files)} files are as they were written.")


@editions_app.command("use")
def use_edition(edition_id: EditionArgument) -> None:
    """Publish an edition that was built before."""
    from mapping.edition.edition import publish  # noqa: PLC0415

    typer.echo(f"{publish(Settings().editions, edition_id).id} is published.")


@editions_app.command("diff")
def diff_editions(
    before: EditionArgument,
    after: EditionArgument,
    *,
    category: Annotated[str | None, typer.Option(help="Category code; else all.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which grey zones appeared, grew, shrank or closed between two editions."""
    from api.planner.zone_changes import change_lines, compare  # noqa: PLC0415
    from mapping.coverage.situations import BASE  # noqa: PLC0415
    from mapping.edition.edition import Edition  # noqa: PLC0415

    root = Settings().editions
    said = compare(Edition.open(root / before), Edition.open(root / after), category, BASE)
    typer.echo(as_text(said) if as_json else change_lines(said))


def _say(text: str) -> None:
    typer.echo(f"{datetime.now(UTC):%H:%M:%S} {text}", err=True)


if __name__ == "__main__":
    main()
