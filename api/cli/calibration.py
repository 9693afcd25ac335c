"""The commands of `calibration`."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import JsonOption
from api.cli.output import print_json
from api.jobs.calibration import bring_calibration, known_outcomes, save_calibration_sheet
from api.jobs.calibration_quality import results_text
from api.settings import Settings
from ingest.sheets.calibration import FilledSheet, strata_lines
from mapping.calibration.results import document
from mapping.catalogue.calibration import erase_outcomes


def write_sheet(
    file: Annotated[Path, typer.Argument(help="The workbook to write.", metavar="OUT.xlsx")],
    *,
    seed: Annotated[int, typer.Option(min=0, help="Another number draws others.")] = 1,
) -> None:
    """Draw services to call and walks to make, and write the sheet in which people fill in."""
    plan = save_calibration_sheet(Settings(), file, seed)
    typer.echo(
        f"{len(plan.calls.calls)} telefonate e {len(plan.walks)} passeggiate in {file}"
        f" (edizione {plan.edition_id}, estrazione {seed})"
    )
    for line in strata_lines(plan.calls, plan.walks):
        typer.echo(f"  {line}")


def show_results(*, as_json: JsonOption = False) -> None:
    """Say what calls and walks have told so far, or that there are none yet."""
    outcomes = known_outcomes(Settings())
    if as_json:
        print_json(document(outcomes))
        return
    typer.echo(results_text(outcomes))


def erase_outcome(
    code: Annotated[str, typer.Argument(help="The code of the row, such as T04.", metavar="CODE")],
    *,
    edition: Annotated[
        str | None, typer.Option(help="Its edition, where several have such a row.", metavar="ID")
    ] = None,
) -> None:
    """Erase all that was recorded of one call or walk: what should never have been written."""
    gone = erase_outcomes(Settings().catalogue_url, code, edition)
    typer.echo(
        f"Righe cancellate: {gone}. Restano nei backup già fatti e nel foglio: cancellali anche lì."
    )


def import_calibration(file: Path, *, to_write: bool, as_json: bool) -> None:
    """Bring back a sheet that people filled in: what is wrong is told row by row."""
    sheet, new = bring_calibration(Settings(), file, to_write=to_write)
    if as_json:
        print_json(_document(sheet, new))
        return
    for line in sheet.wrong:
        typer.echo(line)
    calls, walks = len(sheet.outcomes.calls), len(sheet.outcomes.walks)
    typer.echo(
        f"Telefonate: {calls}. Passeggiate: {walks}. Righe ancora vuote: {sheet.empty}."
        f" Righe da correggere: {len(sheet.wrong)}."
    )
    summary = f"Importate: {new} nuove o cambiate." if to_write else "Niente è stato importato."
    typer.echo(summary)


def _document(sheet: FilledSheet, new: int) -> dict[str, object]:
    return {
        "calls": len(sheet.outcomes.calls),
        "walks": len(sheet.outcomes.walks),
        "empty": sheet.empty,
        "wrong": sheet.wrong,
        "recorded": new,
    }
