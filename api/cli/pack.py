"""The command `pack`."""

from typing import Annotated

import typer

from api.jobs.pack import refresh_pack
from api.settings import Settings


def pack(*, check: Annotated[bool, typer.Option("--check", help="Write nothing.")] = False) -> None:
    """Write the positions found by the published edition into the bundled pack."""
    typer.echo(refresh_pack(Settings(), to_write=not check))
