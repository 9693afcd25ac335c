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
from mapping.coverage.class_words import NO_RECORDS, class_label, knows_admission, untold
from mapping.coverage.list_words import (
    SHARE_TEXTS,
    Declared,
    italian_list_sentence,
    italian_of_known,
    italian_share,
)
from mapping.coverage.people_words import italian_people
from mapping.coverage.situations import Situation, situation
from mapping.edition.edition import Edition, current
from mapping.edition.queries import (
    completeness,
    coverage_rows,
    people_bases,
    people_of_class,
    usual_threshold,
)
from mapping.lookup.nearest import Lookup
from mapping.maps.map_words import far_band, median_walk, number, some_estimated
from mapping.tables import CLASSES
from mapping.taxonomy import category as category_of
from mapping.walk_words import is_estimated, share_basis


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
    edition = Edition.open(current(Settings().editions))
    document = _read_coverage(edition, category, level, wanted)
    if as_json:
        print_json(document)
        return
    declared = document["completeness"][category]
    known = italian_of_known(declared)
    if not declared["known"]:
        typer.echo(NO_RECORDS)
    else:
        basis = f" Minuti e quote: {known}." if known else ""
        typer.echo(f"{italian_list_sentence(declared)}{basis}")
    walk = usual_threshold(category)
    print_table(
        [_cells(row, walk, declared) for row in document["results"]],
        head=("minuti", f"entro {walk} min", "classe", "area"),
        right={0, 1},
    )
    if totals := _totals(edition, category, wanted):
        typer.echo(f"In tutta la città, ciascuno nella sua classe: {totals}.")
    for row in coverage_rows(edition, category, "municipality", wanted):
        for text in filter(None, (far_band(row), some_estimated(row))):
            typer.echo(text)
    for note in _notes(edition, category, document["results"]):
        typer.echo(note)
    typer.echo(f"Edizione {document['edition']}")


def _notes(edition: Edition, code: str, rows: list[dict[str, Any]]) -> list[str]:
    notes = [italian_people(category_of(code), people_bases(edition))]
    notes += [] if category_of(code).is_demand_declared else [SHARE_TEXTS["of_residents"]]
    return notes if not rows or knows_admission(rows) else [*notes, untold(code)]


def _read_coverage(
    edition: Edition, code: str, level: str | None, wanted: Situation
) -> dict[str, Any]:
    level = level or Lookup(edition, city(edition.manifest.city).epsg).levels[0]
    rows = coverage_rows(edition, code, level, wanted)
    areas = edition.areas.select(["level", "area_id", "name"]).to_pylist()
    names = {row["area_id"]: row["name"] for row in areas if row["level"] == level}
    return {
        "results": [{**row, "name": names[row["area_id"]]} for row in rows],
        "completeness": completeness(edition, [code]),
        "edition": edition.id,
    }


def _totals(edition: Edition, code: str, wanted: Situation) -> str:
    """Count the people of the whole city by their own class; nothing where nobody knows."""
    counts = [
        (class_label(name, code, row["has_room"]), people)
        for row in coverage_rows(edition, code, "municipality", wanted)
        for name in CLASSES
        if (people := people_of_class(row, name))
    ]
    return " · ".join(f"{label} {number(people)}" for label, people in counts)


def _cells(row: dict[str, Any], walk: int, declared: Declared) -> tuple[str, ...]:
    is_known = row["seconds"] is not None
    minutes = median_walk(row["seconds"], estimated=is_estimated(row)) if is_known else "-"
    column = f"share_{walk}"
    share = (
        "-"
        if row[column] is None
        else italian_share(column, row[column], declared, share_basis(row, column))
    )
    return minutes, share, row["class_label"], row["name"]
