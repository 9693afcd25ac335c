"""The commands of `editions`."""

from typing import Annotated, Any

import typer

from api.cli.options import JsonOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.planner.zone_changes import STATES, compare
from api.settings import Settings
from mapping.coverage.situations import BASE
from mapping.edition.edition import POINTER, Edition, current, list_editions
from mapping.edition.manifest import is_whole
from mapping.errors import BrokenEditionError, NoEditionError

EditionArgument = Annotated[str, typer.Argument(help="One of `editions list`.", metavar="ID")]


def list_built(*, as_json: JsonOption = False) -> None:
    """List the editions, newest first; the published one is marked `*`, a broken one `!`."""
    root = Settings().editions
    ids = list_editions(root)
    damaged = [name for name in ids if not is_whole(root / name)]
    published, broken = None, None
    try:
        published = current(root).name if (root / POINTER).exists() else None
        if published is not None:
            Edition.open(root / published)
    except NoEditionError as error:
        broken = f"None of them is published: {error}"
    except BrokenEditionError as error:
        broken = f"The published one cannot be opened: {error}"
    if as_json:
        print_json(
            [
                {"id": name, "published": name == published, "whole": name not in damaged}
                for name in ids
            ]
        )
        return
    marks = {published: "!" if broken else "*"} | dict.fromkeys(damaged, "!")
    print_table([(f"{marks.get(name, ' ')} {name}",) for name in ids])
    if broken:
        typer.echo(broken, err=True)
    for name in (name for name in damaged if name != published):
        typer.echo(
            f"{name} is damaged, or only half of it was copied. Copy it again, or remove it.",
            err=True,
        )


def verify_edition(edition_id: EditionArgument) -> None:
    """Compare every file of an edition with its manifest."""
    edition = Edition.open(Settings().editions / edition_id)
    typer.echo(f"{edition.id}: {len(edition.manifest.files)} files are as they were written.")


def diff_editions(
    before: EditionArgument,
    after: EditionArgument,
    *,
    category: Annotated[str | None, typer.Option(help="Category code; else all.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which grey zones appeared, grew, shrank or closed between two editions."""
    root = Settings().editions
    document = compare(Edition.open(root / before), Edition.open(root / after), category, BASE)
    if as_json:
        print_json(document)
    else:
        print_changes(document)


def print_changes(document: dict[str, Any]) -> None:
    """Print the document of `compare`: a row for each zone that changed, and the counts."""
    rows = [_cells(row) for row in document["results"] if row["state"] != "unchanged"]
    print_table(rows, right={0})
    counts = ", ".join(f"{document['counts'][state]} {word}" for state, word in STATES.items())
    typer.echo(f"Zone: {counts}.")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    zone = f"{row['category']} · {row['name']}"
    people = f"{_or_dash(row['demand_before'])} -> {_or_dash(row['demand_after'])}"
    return row["state"], zone, people, row["zone_id"]


def _or_dash(count: int | None) -> str:
    return "-" if count is None else f"{count}"
