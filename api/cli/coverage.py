"""The command `coverage`."""

from typing import Annotated, Any

import typer

from api.cli.options import (
    CategoryOption,
    JsonOption,
    ProfileOption,
    RequirementOption,
    WindowOption,
)
from api.cli.output import print_json
from api.cli.tables import print_table
from api.settings import Settings
from mapping.city import city
from mapping.coverage.class_words import UNTOLD, knows_admission
from mapping.coverage.situations import Situation, situation
from mapping.edition.edition import Edition, current
from mapping.edition.queries import completeness, coverage_rows
from mapping.lookup.nearest import Lookup
from mapping.tables import minutes_rounded_up


def coverage(
    *,
    category: CategoryOption,
    level: Annotated[
        str | None, typer.Option(help="municipality, municipio, nil or section; else the smallest.")
    ] = None,
    profile: ProfileOption = "adult",
    window: WindowOption = "any",
    requirement: RequirementOption = "any",
    as_json: JsonOption = False,
) -> None:
    """Print how far a category is from the people it serves."""
    wanted = situation(profile, window, requirement)
    document = _read_coverage(Settings(), category, level, wanted)
    if as_json:
        print_json(document)
        return
    if not document["completeness"][category]["known"]:
        typer.echo("Nessun dato: non ne conosciamo nessuno.")
    print_table(
        [_cells(row) for row in document["results"]],
        head=("min", "entro 15 min", "classe", "area"),
        right={0, 1},
    )
    if document["results"] and not knows_admission(document["results"]):
        typer.echo(UNTOLD["columns"])
    typer.echo(f"Edizione {document['edition']}")


def _read_coverage(
    settings: Settings, code: str, level: str | None, wanted: Situation
) -> dict[str, Any]:
    edition = Edition.open(current(settings.editions))
    level = level or Lookup(edition, city(edition.manifest.city).epsg).levels[0]
    rows = coverage_rows(edition, code, level, wanted)
    areas = edition.areas.select(["level", "area_id", "name"]).to_pylist()
    names = {row["area_id"]: row["name"] for row in areas if row["level"] == level}
    return {
        "results": [{**row, "name": names[row["area_id"]]} for row in rows],
        "completeness": completeness(edition, [code]),
        "edition": edition.id,
    }


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    minutes = "-" if row["seconds"] is None else str(minutes_rounded_up(row["seconds"]))
    share = "-" if row["share_15"] is None else f"{row['share_15']:.0%}"
    name = f"{row['name']}{'  (stima)' if row['estimated'] else ''}"
    return minutes, share, row["class_label"], name
