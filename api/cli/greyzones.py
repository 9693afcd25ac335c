"""The command `greyzones`."""

import typer

from api.cli.options import (
    CategoryOption,
    JsonOption,
    ProfileOption,
    RequirementOption,
    WindowOption,
)
from api.cli.output import print_json
from api.planner.zone_changes import read_zones, zone_lines
from api.settings import Settings
from mapping.coverage.situations import situation


def greyzones(
    *,
    category: CategoryOption,
    profile: ProfileOption = "adult",
    window: WindowOption = "any",
    requirement: RequirementOption = "any",
    as_json: JsonOption = False,
) -> None:
    """Print the grey zones of a category, the gravest first, and why each is one."""
    asked = situation(profile, window, requirement)
    document = read_zones(Settings().editions, category, asked)
    if as_json:
        print_json(document)
    else:
        typer.echo(zone_lines(document))
