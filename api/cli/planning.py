"""The commands of a planner: sites, scenarios, closures."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.nearest import JsonOption, as_text
from api.settings import Settings

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
    from api.i18n.language import SOURCE, words  # noqa: PLC0415
    from api.i18n.plan_sentences import site_in_words  # noqa: PLC0415
    from api.planner.plan_requests import open_ground, site_lines  # noqa: PLC0415 - loads the data libraries
    from mapping.siting.answers import site as plan  # noqa: PLC0415
    from mapping.siting.asks import SiteAsk  # noqa: PLC0415

    ask = SiteAsk(
        category, minutes, profile, basis, weight, count, objective, candidates, places,
        site_places, aversion, max_seconds,
    )  # fmt: skip
    said = site_in_words(plan(open_ground(Settings()), ask), words(SOURCE))
    typer.echo(as_text(said) if as_json else site_lines(said))


def scenario(
    file: Annotated[Path, typer.Argument(help="Changes, as JSON.", metavar="FILE")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Say what changes of services would do: who is nearer, who loses access, where."""
    from api.i18n.language import SOURCE, words  # noqa: PLC0415
    from api.i18n.plan_sentences import change_in_words  # noqa: PLC0415
    from api.planner.plan_requests import open_ground, read_scenario, scenario_lines  # noqa: PLC0415
    from mapping.siting.answers import change  # noqa: PLC0415

    asked = read_scenario(file)
    found = change(open_ground(Settings()), asked.ask, asked.wishes)
    said = change_in_words(found, words(SOURCE))
    typer.echo(as_text(said) if as_json else scenario_lines(said))


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
    from api.i18n.language import SOURCE, words  # noqa: PLC0415
    from api.i18n.plan_sentences import closures_in_words  # noqa: PLC0415
    from api.planner.plan_requests import closure_lines, open_ground  # noqa: PLC0415
    from mapping.siting.answers import fragile  # noqa: PLC0415
    from mapping.siting.asks import Ask  # noqa: PLC0415

    ask = Ask(category, minutes, profile, basis)
    found = fragile(open_ground(Settings()), ask, count=count)
    said = closures_in_words(found, words(SOURCE))
    typer.echo(as_text(said) if as_json else closure_lines(said))
