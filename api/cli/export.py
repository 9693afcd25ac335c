"""The command `export`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import ProfileOption, RequirementOption, WindowOption
from api.exports import export as write_export
from api.exports import formats
from api.settings import Settings
from mapping.coverage.situations import situation
from mapping.edition.edition import Edition, current
from mapping.errors import RecomputedError


def export(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(formats())}.", metavar="FORMAT")],
    *,
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
    crs: Annotated[str, typer.Option(help="Reference system of the coordinates.")] = "EPSG:4326",
    profile: ProfileOption = "adult",
    window: WindowOption = "any",
    requirement: RequirementOption = "any",
) -> None:
    """Write the published edition for a GIS or a spreadsheet."""
    wanted = situation(profile, window, requirement)
    edition = Edition.open(current(Settings().editions))
    for path in write_export(edition, kind, out, crs=crs, situation=wanted):
        typer.echo(path)
    for code in sorted(edition.hidden.recomputed):
        typer.echo(f"{RecomputedError(code)} They are left out.", err=True)
