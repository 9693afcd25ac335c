"""The command line: its commands by name, and how it ends."""

import sys
from traceback import format_tb
from typing import Annotated, NoReturn

import typer

from api.cli.lazy_groups import Group, LazyGroup
from api.cli.machine_failures import machine_failure
from api.settings import Settings, collect_seldom
from mapping.errors import ProssimaError
from mapping.text import without_controls


class Commands(LazyGroup):
    """Every command, by name."""

    table = {  # noqa: RUF012 - the base class annotates it
        "nearest": "api.cli.nearest:nearest",
        "isochrone": "api.cli.nearest:isochrone",
        "site": "api.cli.planning:site",
        "scenario": "api.cli.planning:scenario",
        "closures": "api.cli.planning:closures",
        "import": "api.cli.import_sheet:import_sheet",
        "build": "api.cli.build:build",
        "serve": "api.cli.serve:serve",
        "geocode": "api.cli.geocode:geocode",
        "coverage": "api.cli.coverage:coverage",
        "greyzones": "api.cli.greyzones:greyzones",
        "export": "api.cli.export:export",
        "doctor": "api.cli.doctor:doctor",
        "backup": "api.cli.backup:backup",
        "restore": "api.cli.backup:restore",
        "migrate": "api.cli.migrate:migrate",
        "pack": "api.cli.pack:pack",
        "quality": "api.cli.quality:quality",
        "bench": "api.cli.bench:bench",
        "review": Group(
            "What waits for a person.",
            {
                "list": "api.cli.review:list_review",
                "accept": "api.cli.review:accept_proposal",
                "refuse": "api.cli.review:refuse_proposal",
                "clear": "api.cli.review:clear_suspicion",
                "hide": "api.cli.review:confirm_suspicion",
                "same": "api.cli.review:join_records",
                "apart": "api.cli.review:part_records",
                "institutions": "api.cli.review:review_institutions",
            },
        ),
        "reports": Group(
            "What people report of services.",
            {
                "list": "api.cli.reports:list_reports",
                "confirm": "api.cli.reports:confirm_report",
                "settle": "api.cli.reports:settle_reports",
            },
        ),
        "calibration": Group(
            "Calls and walks that hold the map against the world.",
            {
                "sheet": "api.cli.calibration:write_sheet",
                "results": "api.cli.calibration:show_results",
                "erase": "api.cli.calibration:erase_outcome",
            },
        ),
        "translations": Group(
            "What services say, in other languages.",
            {
                "sheet": "api.cli.translations:write_sheet",
                "import": "api.cli.translations:import_translations",
            },
        ),
        "sources": Group(
            "The sources of a city.",
            {
                "list": "api.cli.sources:list_sources",
                "check": "api.cli.take_sources:check_sources",
                "fetch": "api.cli.take_sources:fetch_source",
                "prune": "api.cli.take_sources:prune_copies",
            },
        ),
        "editions": Group(
            "The editions that were built.",
            {
                "list": "api.cli.editions:list_built",
                "verify": "api.cli.editions:verify_edition",
                "use": "api.cli.prune_editions:use_edition",
                "prune": "api.cli.prune_editions:prune_editions",
                "withhold": "api.cli.prune_editions:withhold_records",
                "diff": "api.cli.editions:diff_editions",
            },
        ),
        "quarantine": Group(
            "Rows that could not be kept.", {"list": "api.cli.quarantine:list_quarantine"}
        ),
    }


app = typer.Typer(
    help="Maps the services that families with children can reach in a city.",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main() -> None:
    """Run the command line: a mistake of a user, or a failure of the machine, is one line, exit 2.

    Only a bug is a traceback: where it is, and not what it says, which may be of a family or of
    a confidential place.
    """
    collect_seldom()
    try:
        app(prog_name="prossima")
    except ProssimaError as error:
        typed = getattr(error, "typed", None)
        candidates = getattr(error, "candidates", [])
        message = f"{error}" if typed is None else f"'{typed}': {error}"
        near = f" Perhaps: {'; '.join(candidates)}." if candidates else ""
        _end(message + near)
    except Exception as error:
        failure = machine_failure(error)
        if failure is None:
            _end_of_bug(error)
        _end(failure)


def _end(message: str) -> NoReturn:
    typer.echo(f"prossima: {without_controls(message)}", err=True)
    sys.exit(2)


def _end_of_bug(error: BaseException) -> NoReturn:
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None:
        chain.append(cause)
    for link in reversed(chain):
        places = "".join(format_tb(link.__traceback__)).rstrip()
        typer.echo(f"Traceback (most recent call last):\n{places}\n{type(link).__name__}", err=True)
    typer.echo("prossima: this is a defect of Prossima. Please report these lines.", err=True)
    sys.exit(1)


@app.callback(invoke_without_command=True)
def _root(
    *, show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    if show_version:
        from importlib.metadata import version  # noqa: PLC0415 - as long as all of typer

        typer.echo(version("prossima"))
        raise typer.Exit
    if Settings().config is not None:
        from api.jobs.overlay import check_overlay  # noqa: PLC0415 - only an overlay needs it

        check_overlay()


if __name__ == "__main__":
    main()
