"""The commands of `review`."""

from typing import Annotated, Any

import typer

from api.cli.options import ActorOption, CityOption, JsonOption, MirrorOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.jobs.institutions import list_institutions
from api.jobs.review import disclose, waiting
from api.settings import Settings, settings_of
from mapping.catalogue.catalogue import Catalogue

ServiceArgument = Annotated[str, typer.Argument(help="An id of `review list`.", metavar="ID")]

ServicesArgument = Annotated[
    list[str], typer.Argument(help="Ids of `review list`.", metavar="ID ...")
]


def list_review(
    *,
    city: CityOption = None,
    show_confidential: Annotated[
        bool, typer.Option("--show-confidential", help="Unmasked, for the owner of the data.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List what waits for a person: proposed and suspected services, pairs that may be one."""
    document = waiting(settings_of(city, None), show_confidential=show_confidential)
    if as_json:
        print_json(document)
        return
    proposed = [("proposed", *_cells(service)) for service in document["proposed"]]
    print_table(proposed, prose={2})
    suspected = [
        ("confidential?", *_cells(service), ", ".join(service["suspicions"]))
        for service in document["suspected"]
    ]
    print_table(suspected, prose={2})
    for service in document["suspected"]:
        if service["texts"]:
            typer.echo(f"{service['service_id']} says: {' | '.join(service['texts'])}")
        if service["places"]:
            typer.echo(f"{service['service_id']} is spoken of in: {' | '.join(service['places'])}")
    for pair in document["pairs"]:
        evidence = ", ".join(f"{name} {level}" for name, level in pair["evidence"].items())
        typer.echo(f"{pair['probability']:.0%} one service?  ({evidence})")
        print_table([("", *_cells(service)) for service in pair["services"]], prose={2})
    counts = (f"{len(document[name])} {name}" for name in ("proposed", "suspected", "pairs"))
    typer.echo(", ".join(counts))


def review_institutions(
    *, city: CityOption = None, mirror: MirrorOption = None, as_json: JsonOption = False
) -> None:
    """List the sections of prisons, barracks, convents, hospitals, and those to be looked at."""
    document = list_institutions(settings_of(city, mirror))
    if as_json:
        print_json(document)
        return
    rows = [
        (row["area_id"], f"{row['residents']:.0f}", f"{row['families']:.0f}", row["kind"],
         row["name"], "" if row["confirmed"] else "not confirmed")
        for row in document["institutions"]
    ]  # fmt: skip
    head = ("section", "residents", "families", "kind", "name", "")
    print_table(rows, head=head, right={1, 2}, prose={4})
    waiting = [
        (row["area_id"], f"{row['residents']:.0f}", f"{row['families']:.0f}", row["reason"])
        for row in document["proposed"]
    ]
    print_table(waiting, head=("proposed", "residents", "families", "why"), right={1, 2})
    typer.echo(f"{len(rows)} institutions, {len(waiting)} sections to look at")


def accept_proposal(service_id: ServiceArgument, *, actor: ActorOption = "prossima") -> None:
    """Publish what is proposed of a service."""
    _settle(service_id, accept=True, actor=actor)


def refuse_proposal(service_id: ServiceArgument, *, actor: ActorOption = "prossima") -> None:
    """Leave a service as it was before it was proposed otherwise."""
    _settle(service_id, accept=False, actor=actor)


def join_records(
    service_id: ServiceArgument, other_id: ServiceArgument, *, actor: ActorOption = "prossima"
) -> None:
    """Say that two records are one service: the next edition has one card."""
    _decide(service_id, other_id, same=True, actor=actor)


def part_records(
    service_id: ServiceArgument, other_id: ServiceArgument, *, actor: ActorOption = "prossima"
) -> None:
    """Say that two records are two services: nobody is asked again."""
    _decide(service_id, other_id, same=False, actor=actor)


def clear_suspicion(service_ids: ServicesArgument, *, actor: ActorOption = "prossima") -> None:
    """Say that suspected services are no confidential places: the next edition shows them."""
    for service_id in dict.fromkeys(service_ids):
        disclose(Settings(), service_id, public=True, actor=actor)
        typer.echo(f"{service_id}: no confidential place, as you say. The next edition shows it.")


def confirm_suspicion(service_id: ServiceArgument, *, actor: ActorOption = "prossima") -> None:
    """Say that a service is a confidential place, suspected or not: it is hidden at once."""
    disclose(Settings(), service_id, public=False, actor=actor)
    typer.echo(f"{service_id}: confidential, as you say. It is hidden.")


def _cells(service: dict[str, Any]) -> tuple[str, str]:
    where = "; ".join(service["addresses"]) or "no address"
    dated = service["assured_date"] or "no date"
    return service["service_id"], f"{service['name']}, {where} ({dated})"


def _settle(service_id: str, *, accept: bool, actor: str) -> None:
    with Catalogue.open(Settings().catalogue_url, create=False) as catalogue:
        revision = catalogue.settle(service_id, accept=accept, actor=actor)
    typer.echo(f"{service_id}: {revision.state}. The next edition shows it.")


def _decide(service_id: str, other_id: str, *, same: bool, actor: str) -> None:
    with Catalogue.open(Settings().catalogue_url, create=False) as catalogue:
        catalogue.decide(service_id, other_id, same=same, actor=actor)
    typer.echo(
        f"{service_id} and {other_id}: {'one service' if same else 'two services'}, as you say."
    )
