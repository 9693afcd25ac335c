"""The command `quality`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import MirrorOption
from api.jobs.quality import write_quality
from api.settings import settings_of


def quality(
    *,
    mirror: MirrorOption = None,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/quality.md"),
    check: Annotated[bool, typer.Option("--check", help="Only compare the page.")] = False,
) -> None:
    """Measure how well addresses are found, and write the page that says so."""
    typer.echo(write_quality(settings_of(None, mirror), out, check=check))
