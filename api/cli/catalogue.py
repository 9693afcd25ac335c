"""The commands of the catalogue: `import`, `review`, `reports`, `translations`, `quarantine`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.nearest import JsonOption, as_text
from api.settings import Settings, settings_of
from mapping.errors import BadInputError

if TYPE_CHECKING:
    from api.jobs.import_sheet import Wanted

quarantine_app = typer.Typer(help="Rows that could not be kept.", no_args_is_help=True)
review_app = typer.Typer(help="What waits for a person.", no_args_is_help=True)
translations_app = typer.Typer(help="What services say, in other languages.", no_args_is_help=True)
reports_app = typer.Typer(help="What people report of services.", no_args_is_help=True)

CityOption = Annotated[str | None, typer.Option(help="The city, one of the files cities/*.toml.")]
ServiceArgument = Annotated[str, typer.Argument(help="An id of `review list`.", metavar="ID")]
LanguageArgument = Annotated[
    str, typer.Argument(help="Of the translations, as ar or uk.", metavar="LANGUAGE")
]
ActorOption = Annotated[str, typer.Option(help="Who decides, for the record.")]


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
    from api.jobs.import_sheet import Wanted, save_workbook  # noqa: PLC0415 - loads the data libraries
    from ingest.sheets.template import write_template  # noqa: PLC0415

    if template is not None:
        save_workbook(template, write_template())
        typer.echo(f"Modello scritto in {template}")
        return
    if file is None or source is None:
        raise BadInputError(
            "Serve il foglio e il suo nome: prossima import servizi.xlsx --source doposcuola_zona2."
            " Per un foglio vuoto: prossima import --template servizi.xlsx."
        )
    wanted = Wanted(file, source, sheet, adds=add, checked_on=checked_on)
    _import(wanted, to_write=not dry_run, ask=not yes, few=not accept_removals, as_json=as_json)


@review_app.command("list")
def list_review(*, city: CityOption = None, as_json: JsonOption = False) -> None:
    """List what waits for a person: proposed services, and pairs that may be one service."""
    from api.jobs.review import lines, waiting  # noqa: PLC0415

    said = waiting(settings_of(city, None))
    typer.echo(as_text(said) if as_json else lines(said))


@review_app.command("accept")
def accept_proposal(service_id: ServiceArgument, *, actor: ActorOption = "prossima") -> None:
    """Publish what is proposed of a service."""
    _settle(service_id, accept=True, actor=actor)


@review_app.command("refuse")
def refuse_proposal(service_id: ServiceArgument, *, actor: ActorOption = "prossima") -> None:
    """Leave a service as it was before it was proposed otherwise."""
    _settle(service_id, accept=False, actor=actor)


@review_app.command("same")
def say_same(
    one: ServiceArgument, other: ServiceArgument, *, actor: ActorOption = "prossima"
) -> None:
    """Say that two records are one service: the next edition has one card."""
    _decide(one, other, same=True, actor=actor)


@review_app.command("apart")
def say_apart(
    one: ServiceArgument, other: ServiceArgument, *, actor: ActorOption = "prossima"
) -> None:
    """Say that two records are two services: nobody is asked again."""
    _decide(one, other, same=False, actor=actor)


@reports_app.command("list")
def list_reports(*, as_json: JsonOption = False) -> None:
    """List the reports that nobody has settled, oldest first."""
    from mapping.catalogue.reports import Reports  # noqa: PLC0415 - loads the database's libraries

    with Reports.open(Settings().catalogue_url) as reports:
        waiting = reports.waiting()
    if as_json:
        rows = [{**vars(one), "recorded_at": one.recorded_at.isoformat()} for one in waiting]
        typer.echo(as_text(rows))
        return
    for one in waiting:
        said = f": {one.said}" if one.said else ""
        typer.echo(
            f"{one.report_id:>5}  {one.recorded_at:%Y-%m-%d}  {one.service_id}  {one.kind}{said}"
        )


@reports_app.command("settle")
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
    from mapping.catalogue.reports import Reports  # noqa: PLC0415

    with Reports.open(Settings().catalogue_url) as reports:
        settled = reports.settle(report_id, outcome, note=note, actor=actor)
    typer.echo(f"{report_id}, {settled.kind} of {settled.service_id}: {outcome}.")


@translations_app.command("sheet")
def sheet_to_translate(
    language: LanguageArgument,
    file: Annotated[Path, typer.Argument(help="The workbook to write.", metavar="OUT.xlsx")],
) -> None:
    """Write what has no translation, or one that is older than its Italian text."""
    from api.jobs.translate import save_to_translate  # noqa: PLC0415 - loads the data libraries

    count, left_out = save_to_translate(Settings(), language, file)
    typer.echo(f"{count} testi da tradurre in {file}")
    if left_out:
        typer.echo(f"Altri {left_out} sono troppo lunghi per una cella: restano in italiano.")


@translations_app.command("import")
def import_translations(
    language: LanguageArgument,
    file: Annotated[Path, typer.Argument(help="The workbook, filled in.")],
    *,
    translator: Annotated[str, typer.Option(help="Who made them: shown beside each.")],
    translated_on: Annotated[
        str | None, typer.Option(help="When, if not today: 2026-11-21.", metavar="DAY")
    ] = None,
) -> None:
    """Bring in the translations that somebody wrote into a sheet."""
    from api.jobs.translate import bring  # noqa: PLC0415

    count, older = bring(Settings(), file, language, translator, translated_on)
    typer.echo(f"{count} traduzioni importate: si vedranno dopo `prossima build`.")
    if older:
        typer.echo(f"Di {older} il testo italiano è già cambiato: la pagina lo dirà.")


@quarantine_app.command("list")
def list_quarantine(
    *,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the rows that the last run of each source could not keep, with the reason."""
    from mapping.catalogue.catalogue import Catalogue  # noqa: PLC0415

    with Catalogue.open(Settings().catalogue_url) as catalogue:
        rows = catalogue.quarantined(source)
    if as_json:
        typer.echo(as_text([{**vars(row), "raw": dict(row.raw)} for row in rows]))
        return
    for row in rows:
        typer.echo(f"{row.source_id}:{row.line} {row.field} {row.code}: {row.message}")


def _settle(service_id: str, *, accept: bool, actor: str) -> None:
    from mapping.catalogue.catalogue import Catalogue  # noqa: PLC0415

    with Catalogue.open(Settings().catalogue_url) as catalogue:
        revision = catalogue.settle(service_id, accept=accept, actor=actor)
    typer.echo(f"{service_id}: {revision.state}. The next edition shows it.")


def _decide(one: str, other: str, *, same: bool, actor: str) -> None:
    from mapping.catalogue.catalogue import Catalogue  # noqa: PLC0415

    with Catalogue.open(Settings().catalogue_url) as catalogue:
        catalogue.decide(one, other, same=same, actor=actor)
    typer.echo(f"{one} and {other}: {'one service' if same else 'two services'}, as you say.")


def _import(wanted: "Wanted", *, to_write: bool, ask: bool, few: bool, as_json: bool) -> None:
    from api.jobs.import_preview import console, document, show  # noqa: PLC0415
    from api.jobs.import_sheet import prepare, record, require_few_removals  # noqa: PLC0415

    settings = Settings()
    plan = prepare(settings, wanted)
    if not as_json:
        show(plan, console())
    elif not to_write:
        typer.echo(as_text(document(plan)))
    if few:
        require_few_removals(plan)
    if not to_write:
        return
    if ask:
        _confirm(possible=sys.stdin.isatty() and not as_json)
    _, to_mend = record(settings, plan)
    if as_json:
        typer.echo(as_text({**document(plan), "to_mend": str(to_mend) if to_mend else None}))
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
