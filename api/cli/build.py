"""The command `build`."""

from typing import Annotated

import typer

from api.cli.options import CityOption, MirrorOption, OfflineOption
from api.cli.output import log_progress
from api.jobs.build import build_edition, publish_edition, report
from api.jobs.cluster import workers
from api.settings import Settings, settings_of
from mapping.edition.last_build import recorded


def build(  # noqa: PLR0913 - the options of the command
    *,
    city: CityOption = None,
    mirror: MirrorOption = None,
    offline: OfflineOption = False,
    publish: Annotated[bool, typer.Option(help="Make the new edition the one served.")] = True,
    accept: Annotated[
        list[str] | None, typer.Option(help="A source that may change much; repeatable.")
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Publish though streets or services are lost.")
    ] = False,
    new_catalogue: Annotated[
        bool,
        typer.Option(
            "--new-catalogue",
            help="Begin a catalogue beside editions: what people decided in the last one is lost.",
        ),
    ] = False,
    dask: Annotated[
        str | None, typer.Option(help="A dask scheduler that shares the work, tcp://HOST:PORT.")
    ] = None,
) -> None:
    """Read every source, compute everything, and publish an edition."""
    with recorded(Settings().var):
        settings = settings_of(city, mirror)
        with workers(dask) as executor:
            edition, runs, missing = build_edition(
                settings,
                offline=offline,
                say=log_progress,
                accepted=accept or (),
                new_catalogue=new_catalogue,
                executor=executor,
            )
        typer.echo(report(edition, runs, missing))
        done = publish_edition(settings, edition, accept_loss=accept_loss) if publish else None
        typer.echo(done or f"edition {edition.id}")
