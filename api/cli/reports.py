"""The commands of `reports`."""

from typing import Annotated

import typer

from api.cli.options import ActorOption, JsonOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.jobs.reports_waiting import masked_reports, reports_waiting
from api.settings import Settings
from mapping.catalogue.reports import Reports


def list_reports(*, as_json: JsonOption = False) -> None:
    """List the reports that nobody has settled, by service, and what looks alike last."""
    waiting = reports_waiting(Settings())
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


def settle_reports(
    report_ids: Annotated[
        list[int], typer.Argument(help="Ids of `reports list`.", metavar="ID...")
    ],
    *,
    outcome: Annotated[
        str, typer.Option(help="mended, as_published, not_known or set_aside.", metavar="WORD")
    ],
    note: Annotated[str, typer.Option(help="What was found, for the record.")] = "",
    actor: ActorOption = "prossima",
) -> None:
    """Say what came of reports, all or none: the pages of their services show them no longer."""
    settings = Settings()
    with Reports.open(settings.catalogue_url) as reports:
        settled = reports.settle(report_ids, outcome, note=note, actor=actor)
    for report in masked_reports(settings, settled):
        typer.echo(f"{report.report_id}, {report.kind} of {report.service_id}: {outcome}.")


def confirm_report(
    report_id: Annotated[int, typer.Argument(help="An id of `reports list`.", metavar="ID")],
    *,
    actor: ActorOption = "prossima",
) -> None:
    """Let the page of the service say what was reported, until the report is settled."""
    settings = Settings()
    with Reports.open(settings.catalogue_url) as reports:
        reported = reports.confirm(report_id, actor=actor)
    (confirmed,) = masked_reports(settings, [reported])
    typer.echo(
        f"{report_id}, {confirmed.kind} of {confirmed.service_id}: shown until it is settled."
    )
