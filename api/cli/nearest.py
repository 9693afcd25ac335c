"""The commands that look around one place: `nearest` and `isochrone`."""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.cli.answers import ask, outline, print_answer
from api.cli.options import JsonOption
from api.cli.output import print_json
from api.conditions import Conditions, read_model
from api.settings import Settings
from mapping.errors import BadInputError
from mapping.lookup.origin import Where

_Address = Annotated[
    str | None,
    typer.Argument(help="Street and civic number, or a place by name; '-' reads standard input."),
]
_Lon = Annotated[float | None, typer.Option(help="Degrees, instead of an address.")]
_Lat = Annotated[float | None, typer.Option(help="Degrees, instead of an address.")]
_Nil = Annotated[str | None, typer.Option(help="A NIL (or municipio), by number or name.")]
_Profile = Annotated[
    str, typer.Option(help="Who walks: adult, stroller, child or wheelchair.", metavar="ID")
]


def nearest(  # noqa: PLR0913 - the options of the command
    address: _Address = None,
    *,
    lon: _Lon = None,
    lat: _Lat = None,
    nil: _Nil = None,
    category: Annotated[list[str] | None, typer.Option(help="Category code; repeatable.")] = None,
    count: Annotated[int, typer.Option(help="How many answers.")] = 5,
    max_minutes: Annotated[float, typer.Option(help="The longest walk.")] = 60,
    open_at: Annotated[
        str | None, typer.Option("--open", help="When it must be open, such as 'sat 10:00'.")
    ] = None,
    age_months: Annotated[int | None, typer.Option(help="The child's age, in months.")] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(help="A language spoken there, such as ar; repeatable, one is enough."),
    ] = None,
    residence_not_required: Annotated[
        bool, typer.Option("--residence-not-required", help="Open to who is not resident.")
    ] = False,
    no_appointment: Annotated[
        bool, typer.Option("--no-appointment", help="Without an appointment.")
    ] = False,
    free: Annotated[bool, typer.Option("--free", help="Free of charge.")] = False,
    step_free: Annotated[bool, typer.Option("--step-free", help="Reached without steps.")] = False,
    profile: _Profile = "adult",
    as_json: JsonOption = False,
) -> None:
    """Find the nearest services from an address, a point or a NIL."""
    conditions = read_model(
        Conditions,
        {
            "max_minutes": max_minutes,
            "open": open_at,
            "age_months": age_months,
            "languages": language or [],
            "residence_not_required": residence_not_required,
            "no_appointment": no_appointment,
            "free": free,
            "step_free": step_free,
            "profile": profile,
        },
    )
    own_day = date.today  # of the asker
    question = conditions.question(category or [], count, own_day)
    answer = ask(Settings(), _where(address, lon, lat, nil), question)
    if as_json:
        print_json(answer)
    else:
        print_answer(answer)


def isochrone(  # noqa: PLR0913 - the options of the command
    address: _Address = None,
    *,
    lon: _Lon = None,
    lat: _Lat = None,
    nil: _Nil = None,
    service: Annotated[
        str | None, typer.Option(help="A service instead: all its places.", metavar="ID")
    ] = None,
    minutes: Annotated[
        list[int] | None, typer.Option(help="1 to 60; repeatable, up to 6; else 5, 10 and 15.")
    ] = None,
    profile: _Profile = "adult",
    out: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.")] = None,
) -> None:
    """Outline where one is after so many minutes on foot, as GeoJSON."""
    has_place = any(value is not None for value in (address, lon, lat, nil))
    where = _where(address, lon, lat, nil) if has_place else None
    outlines = outline(Settings(), where, service, minutes or [5, 10, 15], profile)
    text = json.dumps(outlines, ensure_ascii=False)
    if out is None:
        typer.echo(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInputError(
            f"'{out}' cannot be written: {error.strerror}. Give a file in a folder that exists."
        ) from None


def _where(address: str | None, lon: float | None, lat: float | None, nil: str | None) -> Where:
    # Arguments land in the shell's history: an address may come from standard input instead.
    typed = sys.stdin.readline().strip() if address == "-" else address
    return Where(address=typed, lon=lon, lat=lat, nil=nil)
