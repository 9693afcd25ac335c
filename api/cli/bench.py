"""The command `bench`."""

from pathlib import Path
from typing import Annotated

import typer

from api.benches.main import measure, part_lines, table
from api.benches.page import page
from api.cli.options import JsonOption, MirrorOption
from api.cli.output import log_progress, print_json
from api.settings import settings_of


def bench(  # noqa: PLR0913 - the options of the command
    *,
    mirror: MirrorOption = None,
    part: Annotated[
        list[str] | None,
        typer.Option(help="One part only, of those of --list; repeatable."),
    ] = None,
    nodes: Annotated[int, typer.Option(help="Size of the drawn city; 0 for none.")] = 250_000,
    workers: Annotated[
        list[int] | None,
        typer.Option(help="Workers of the server whose capacity is measured; repeatable.", min=1),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(help="A page whose rows to replace, such as docs/performance.md."),
    ] = None,
    list_parts: Annotated[bool, typer.Option("--list", help="List the parts.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure this machine: our works beside their limits, and beside our peers'."""
    if list_parts:
        typer.echo("\n".join(part_lines()))
        return
    settings = settings_of(None, mirror)
    rows = measure(
        settings, nodes=nodes, parts=part or (), say=log_progress, workers=workers or (1,)
    )
    if write is not None:
        present = write.read_text(encoding="utf-8") if write.exists() else ""
        write.write_text(page(present, rows), encoding="utf-8")
    if as_json:
        print_json(rows)
    else:
        typer.echo(table(rows))
