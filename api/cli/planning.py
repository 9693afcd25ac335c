"""The commands of a planner: sites, scenarios, closures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.options import JsonOption, LangOption
from api.cli.output import print_json
from api.cli.tables import print_table
from api.conditions import read_model
from api.i18n.language import Words, words_named
from api.i18n.plan_sentences import (
    change_in_words,
    closure_in_words,
    closures_in_words,
    site_in_words,
)
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
    weight: Annotated[str, typer.Option(help="people or low-income.")] = "people",
    minutes: MinutesOption = None,
    profile: ProfileOption = "adult",
    basis: BasisOption = "all",
    aversion: Annotated[float, typer.Option(help="To inequality, for median; 0.5 to 2.")] = 0.0,
    max_seconds: Annotated[float, typer.Option(help="How long to look for the best.")] = 20.0,
    lang: LangOption = "it",
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
    ask, words = query.ask, words_named(lang)
    answer = site_in_words(plan_sites(open_plan_data(Settings()), ask), words)
    if as_json:
        print_json(answer)
    else:
        _print_sites(answer, words)


def scenario(
    file: Annotated[Path, typer.Argument(help="Changes, as JSON.", metavar="FILE")],
    *,
    lang: LangOption = "it",
    as_json: JsonOption = False,
) -> None:
    """Say what changes of services would do: who is nearer, who loses access, where."""
    body = read_scenario(file)
    ask, requested, words = body.ask, body.requested, words_named(lang)
    answer = change_in_words(change(open_plan_data(Settings()), ask, requested), words)
    if as_json:
        print_json(answer)
    else:
        _print_scenario(answer, words)


def closures(  # noqa: PLR0913 - the options of the command
    *,
    category: Annotated[str, typer.Option(help="Category code.")],
    count: Annotated[int, typer.Option(help="How many services.", min=1)] = 10,
    minutes: MinutesOption = None,
    profile: ProfileOption = "adult",
    basis: BasisOption = "all",
    lang: LangOption = "it",
    as_json: JsonOption = False,
) -> None:
    """List the services that most would miss, were they to close."""
    options = {"category": category, "minutes": minutes, "profile": profile, "basis": basis}
    query = read_model(PlanQuery, options)
    ask, words = query.ask, words_named(lang)
    ranking = fragile(open_plan_data(Settings()), ask, count=count)
    answer = closures_in_words(ranking, words)
    if as_json:
        print_json(answer)
    else:
        _print_closures(answer, words)


def _print_sites(answer: dict[str, Any], words: Words) -> None:
    _, solution = words.gettext, answer["solution"]
    typer.echo(answer["list"])
    rows = [(f"{row['rank']}.", row["words"]) for row in answer["sites"]]
    print_table(rows, right={0}, prose={1})
    if not answer["sites"]:
        typer.echo(_("Nessuna sede porterebbe il servizio a qualcuno in più."))
    typer.echo(answer["words"])
    if solution["status"] == "optimal":
        gap = words.number(round(100 * solution["gap"], 2))
        typer.echo(words.fill(_("È il piano migliore (scarto: %(gap)s%%)."), gap=gap))
    number = answer["candidates"]["number"]
    typer.echo(words.fill(_("Sedi possibili: %(number)s."), number=number))
    _print_ending(answer, words)


def _print_scenario(answer: dict[str, Any], words: Words) -> None:
    _ = words.gettext
    typer.echo(answer["list"])
    typer.echo(answer["words"])
    for row in answer["changes"]:
        if row["words"]:
            typer.echo(row["words"])
    print_table(
        [_area_cells(row, words) for row in answer["areas"]],
        head=(
            f"{_('Persone entro il cammino')}: {_('prima')}",
            _("dopo"),
            _("Minuti (metà cammina di più)"),
            _("Area"),
        ),
        right={0, 1, 2},
    )
    _print_ending(answer, words)


def _area_cells(row: dict[str, Any], words: Words) -> tuple[str, ...]:
    before, after = row["before"], row["after"]
    minutes = [_median(figures, words) for figures in (before, after)]
    within = [words.number(figures["within"]) for figures in (before, after)]
    return *within, " -> ".join(minutes), row["name"]


def _print_closures(answer: dict[str, Any], words: Words) -> None:
    typer.echo(answer["list"])
    typer.echo(answer["words"])
    rows = [
        (words.number(row["losing"]), row["name"], closure_in_words(row, words))
        for row in answer["services"]
    ]
    print_table(rows, right={0}, prose={1, 2})
    _print_ending(answer, words)


def _print_ending(answer: dict[str, Any], words: Words) -> None:
    typer.echo(answer["people_source"])
    for warning in answer["warnings"]:
        typer.echo(f"! {warning['text']}")
    typer.echo(words.fill(words.gettext("Edizione %(edition)s."), edition=answer["edition"]))


def _median(figures: dict[str, Any], words: Words) -> str:
    minutes = figures["median_minutes"]
    if minutes is None:
        return "-"
    return words.walked_number(minutes, estimated=figures["median_estimated"])
