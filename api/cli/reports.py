"""The commands of `reports`."""

from typing import Annotated

import typer

from api.cli.options import ActorOption, JsonOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.settings import Settings
from mapping.catalogue.reports import Reports, in_reading_order


def list_reports(*, as_json: JsonOption = False) -> None:
    """List the reports that nobody has settled, by service, and what looks alike last."""
    with Reports.open(Settings().catalogue_url) as reports:
        waiting = in_reading_order(reports.waiting())
    if as_json:
        print_json(
            [{**vars(report), "recorded_at": report.recorded_at.isoformat()} for report in waiting]
        )
        return
    print_table(
        [
            (
                f"{report.report_id}",
                f"{report.recorded_at:%Y-%m-%d}",
                report.service_id,
                f"{report.kind}: {report.said}" if report.said else report.kind,
            )
            for report in waiting
        ],
        right={0},
        prose={3},
    )


def settle_report(
    report_id: Annotated[int, typer.Argument(help="An id of `reports list`.", metavar="ID")],
    *,
    outcome: Annotated[
        str, typer.Option(help="mended, as_published, not_known or set_aside.", metavar="WORD")
    ],
    note: Annotated[str, typer.Option(help="What was found, for the record.")] = "",
    actor: ActorOption = "prossima",
) -> None:
    """Say what came of a report: it is shown on the page of the service no longer."""
    with Reports.open(Settings().catalogue_url) as reports:
        settled = reports.settle(report_id, outcome, note=note, actor=actor)
    typer.echo(f"{report_id}, {settled.kind} of {settled.service_id}: {outcome}.")


def confirm_report(
    report_id: Annotated[int, typer.Argument(help="An id of `reports list`.", metavar="ID")],
    *,
    actor: ActorOption = "prossima",
) -> None:
    """Let the page of the service say what was reported, until the report is settled."""
    with Reports.open(Settings().catalogue_url) as reports:
        confirmed = reports.confirm(report_id, actor=actor)
    typer.echo(
        f"{report_id}, {confirmed.kind} of {confirmed.service_id}: shown until it is settled."
    )
