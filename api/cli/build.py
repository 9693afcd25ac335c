"""The command `build`."""

from typing import Annotated

import typer

from api.cli.options import CityOption, MirrorOption, OfflineOption
from api.cli.output import log_progress
from api.jobs.build import build_edition, report
from api.jobs.cluster import workers
from api.settings import settings_of


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
    settings = settings_of(city, mirror)
    with workers(dask) as executor:
        edition, runs, missing = build_edition(
            settings,
            offline=offline,
            publish=publish,
            say=log_progress,
            accepted=accept or (),
            executor=executor,
        )
    typer.echo(report(edition, runs, missing))
