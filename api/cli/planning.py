"""The commands of a planner: sites, scenarios, closures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.options import JsonOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.conditions import read_model
from api.i18n.language import SOURCE, words
from api.i18n.plan_sentences import change_in_words, closures_in_words, site_in_words
from api.planner.plan_requests import PlanQuery, SitesQuery, open_plan_data, read_scenario
from api.settings import Settings
from mapping.siting.answers import change, fragile
from mapping.siting.answers import site as plan_sites

MinutesOption = Annotated[
    float | None, typer.Option(help="The acceptable walk; else the category's own.")
]
ProfileOption = Annotated[str, typer.Option(help="Who walks.")]
BasisOption = Annotated[str, typer.Option(help="Records that count: all, or only verified.")]


def site(  # noqa: PLR0913 - the options of the command
    *,
    category: Annotated[str, typer.Option(help="Category code.")],
    count: Annotated[int, typer.Option(help="How many sites at the most.")] = 1,
    objective: Annotated[str, typer.Option(help="cover, median or capacity.")] = "cover",
    candidates: Annotated[str, typer.Option(help="premises, services or nodes.")] = "premises",
    places: Annotated[float | None, typer.Option(help="New places in all, for capacity.")] = None,
    site_places: Annotated[float | None, typer.Option(help="The most of one site.")] = None,
    weight: Annotated[str, typer.Option(help="children or low-income.")] = "children",
    minutes: MinutesOption = None,
    profile: ProfileOption = "adult",
    basis: BasisOption = "all",
    aversion: Annotated[float, typer.Option(help="To inequality, for median; 0.5 to 2.")] = 0.0,
    max_seconds: Annotated[float, typer.Option(help="How long to look for the best.")] = 20.0,
    as_json: JsonOption = False,
) -> None:
    """Say where the next services should be, and why."""
    query = read_model(
        SitesQuery,
        {
            "category": category,
            "minutes": minutes,
            "profile": profile,
            "basis": basis,
            "weight": weight,
            "count": count,
            "objective": objective,
            "candidates": candidates,
            "places": places,
            "site_places": site_places,
            "aversion": aversion,
            "max_seconds": max_seconds,
        },
    )
    ask = query.ask
    answer = site_in_words(plan_sites(open_plan_data(Settings()), ask), words(SOURCE))
    if as_json:
        print_json(answer)
    else:
        _print_sites(answer)


def scenario(
    file: Annotated[Path, typer.Argument(help="Changes, as JSON.", metavar="FILE")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Say what changes of services would do: who is nearer, who loses access, where."""
    body = read_scenario(file)
    ask, wishes = body.ask, body.wishes
    found = change(open_plan_data(Settings()), ask, wishes)
    answer = change_in_words(found, words(SOURCE))
    if as_json:
        print_json(answer)
    else:
        _print_scenario(answer)


def closures(
    *,
    category: Annotated[str, typer.Option(help="Category code.")],
    count: Annotated[int, typer.Option(help="How many services.", min=1)] = 10,
    minutes: MinutesOption = None,
    profile: ProfileOption = "adult",
    basis: BasisOption = "all",
    as_json: JsonOption = False,
) -> None:
    """List the services that most would miss, were they to close."""
    options = {"category": category, "minutes": minutes, "profile": profile, "basis": basis}
    query = read_model(PlanQuery, options)
    ask = query.ask
    found = fragile(open_plan_data(Settings()), ask, count=count)
    answer = closures_in_words(found, words(SOURCE))
    if as_json:
        print_json(answer)
    else:
        _print_closures(answer)


def _print_sites(answer: dict[str, Any]) -> None:
    found, before, after = answer["solution"], answer["before"], answer["after"]
    print_table([(f"{row['rank']}.", row["words"]) for row in answer["sites"]], right={0})
    if not answer["sites"]:
        typer.echo("Nessuna sede porterebbe il servizio a qualcuno in più.")
    typer.echo(
        f"Entro {answer['minutes']:g} minuti: da {before['within']} a {after['within']}"
        f" {answer['unit']} su {before['people']}."
    )
    typer.echo(
        f"Soluzione: {found['status']}, scarto {100 * found['gap']:.2f}%,"
        f" {found['seconds']:.1f} s, {answer['candidates']['number']} sedi possibili."
    )
    _print_ending(answer)


def _print_scenario(answer: dict[str, Any]) -> None:
    typer.echo(answer["words"])
    print_table(
        [_area_cells(row["name"], row["before"], row["after"]) for row in answer["areas"]],
        head=("entro il cammino: prima", "dopo", "minuti (mediana)", "area"),
        right={0, 1, 2},
    )
    _print_ending(answer)


def _area_cells(name: str, before: dict[str, Any], after: dict[str, Any]) -> tuple[str, ...]:
    minutes = f"{_or_dash(before['median_minutes'])} -> {_or_dash(after['median_minutes'])}"
    return f"{before['within']}", f"{after['within']}", minutes, name


def _print_closures(answer: dict[str, Any]) -> None:
    typer.echo(
        f"Se chiudesse, resterebbero senza entro {answer['minutes']:g} minuti ({answer['unit']}):"
    )
    rows = [
        (
            f"{row['losing']}",
            row["name"],
            f"poi {row['fallback']}, {_or_dash(row['fallback_minutes'])} min"
            if row["fallback"]
            else "nessuno",
        )
        for row in answer["services"]
    ]
    print_table(rows, right={0})
    _print_ending(answer)


def _print_ending(answer: dict[str, Any]) -> None:
    for warning in answer["warnings"]:
        typer.echo(f"! {warning['text']}")
    typer.echo(f"Edizione {answer['edition']}")


def _or_dash(minutes: float | None) -> str:
    return "-" if minutes is None else f"{minutes:g}"
