"""The command `bench`."""

from pathlib import Path
from typing import Annotated

import typer

from api.benches.main import measure, table
from api.benches.page import page
from api.cli.options import JsonOption, MirrorOption
from api.cli.output import log_progress, print_json
from api.settings import settings_of


def bench(
    *,
    mirror: MirrorOption = None,
    part: Annotated[
        list[str] | None,
        typer.Option(help="job, walks, catchments, siting, compute; repeatable."),
    ] = None,
    nodes: Annotated[int, typer.Option(help="Size of the drawn city; 0 for none.")] = 1_000_000,
    write: Annotated[
        Path | None, typer.Option(help="A page to write too, such as docs/performance.md.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure this machine: our works beside their limits, and beside our peers'."""
    rows = measure(settings_of(None, mirror), nodes=nodes, parts=part or (), say=log_progress)
    if write is not None:
        write.write_text(page(rows), encoding="utf-8")
    if as_json:
        print_json(rows)
    else:
        typer.echo(table(rows))
