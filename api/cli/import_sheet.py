"""The command `import`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.calibration import import_calibration
from api.cli.options import JsonOption
from api.cli.output import print_json
from api.jobs.import_preview import console, document, show
from api.jobs.import_sheet import Wanted, prepare, record, require_few_removals, save_workbook
from api.settings import Settings
from ingest.sheets.calibration import is_calibration
from ingest.sheets.template import write_template
from mapping.errors import BadInputError


def import_sheet(  # noqa: PLR0913 - the options of the command
    file: Annotated[Path | None, typer.Argument(help="A workbook or a CSV file.")] = None,
    *,
    source: Annotated[
        str | None, typer.Option(help="The sheet's own name, always the same.", metavar="ID")
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="Write the empty workbook instead.", metavar="OUT.xlsx")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="The sheet of a workbook that has several.")
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Add or update; withdraw nothing.")] = False,
    checked_on: Annotated[
        str | None, typer.Option(help="Day on which all rows were checked, 2026-11-21.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show; write nothing.")] = False,
    accept_removals: Annotated[
        bool, typer.Option("--accept-removals", help="Withdraw even a large part of the list.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring in the services that somebody keeps in a sheet, after showing what would change."""
    if template is not None:
        save_workbook(template, write_template())
        typer.echo(f"Modello scritto in {template}")
        return
    if file is not None and is_calibration(file):
        import_calibration(file, to_write=not dry_run, as_json=as_json)
        return
    if file is None or source is None:
        raise BadInputError(
            "Serve il foglio e il suo nome: prossima import servizi.xlsx --source doposcuola_zona2."
            " Per un foglio vuoto: prossima import --template servizi.xlsx."
        )
    wanted = Wanted(file, source, sheet, adds=add, checked_on=checked_on)
    _import(wanted, to_write=not dry_run, ask=not yes, few=not accept_removals, as_json=as_json)


def _import(wanted: Wanted, *, to_write: bool, ask: bool, few: bool, as_json: bool) -> None:
    settings = Settings()
    plan = prepare(settings, wanted)
    if not as_json:
        show(plan, console())
    elif not to_write:
        print_json(document(plan))
    if few:
        require_few_removals(plan)
    if not to_write:
        return
    if ask:
        _confirm(possible=sys.stdin.isatty() and not as_json)
    _, to_mend = record(settings, plan)
    if as_json:
        print_json({**document(plan), "to_mend": str(to_mend) if to_mend else None})
        return
    typer.echo("Importato. I servizi saranno nella prossima edizione: prossima build.")
    if to_mend:
        typer.echo(f"Le righe da correggere sono in {to_mend}: correggile, e importale con --add.")


def _confirm(*, possible: bool) -> None:
    if not possible:
        raise BadInputError(
            "Niente è stato importato: qui non posso chiedere conferma. Guarda prima con --dry-run,"
            " poi ripeti con --yes."
        )
    answer = typer.prompt("Importare? [s/N]", default="n", show_default=False)
    if not answer.strip().lower().startswith(("s", "y")):
        typer.echo("Niente è stato importato.")
        raise typer.Exit(1)
