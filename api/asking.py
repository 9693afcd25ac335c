"""Questions of the command line to the published edition."""

from typing import Any

from api.settings import Settings
from mapping.answers import completeness, coverage_rows, document, moment
from mapping.city import city
from mapping.edition import Edition, current
from mapping.holidays_it import calendar_of
from mapping.lookup import Lookup, Question, Where
from mapping.situations import BASE, Situation


def ask(
    settings: Settings,
    where: Where,
    categories: list[str],
    count: int,
    max_minutes: float,
    open_at: str | None,
) -> dict[str, Any]:
    """Answer a look-up with the document that HTTP gives.

    Parameters
    ----------
    settings : Settings
        Where the editions are.
    where : Where
        Where to look from.
    categories : list of str
        Category codes; empty means every category.
    count : int
        How many answers.
    max_minutes : float
        The longest walk.
    open_at : str or None
        When it must be open.

    Returns
    -------
    dict
        As `mapping.answers.document`.
    """
    edition = Edition.open(current(settings.editions))
    question = Question(tuple(categories), count, max_minutes, moment(open_at))
    where_from = city(edition.manifest.city)
    lookup = Lookup(edition, where_from.epsg, calendar_of(where_from))
    said = document(lookup.nearest(lookup.origin(where), question), edition.id, question)
    return {**said, "completeness": completeness(edition, categories)}


def table(said: dict[str, Any]) -> str:
    """Lay an answer out for a terminal.

    Parameters
    ----------
    said : dict
        Of `ask`.

    Returns
    -------
    str
        One line a service, with what must be known of it.
    """
    origin = said["origin"]
    lines = [f"Da: {origin['address'] or 'punto dato'} ({origin['precision']})"]
    if origin["outside_city"]:
        lines.append("Il punto è fuori dalla città.")
    for found in said["results"]:
        minutes = max(1, round(found["seconds"] / 60))
        marks = [
            mark
            for mark, shown in (("stima", found["estimated"]), ("da verificare", found["stale"]))
            if shown
        ]
        lines.append(
            f"{minutes:>3} min {found['metres']:>5} m  {found['name']}, {found['address'] or '-'}"
            + (f"  [{', '.join(marks)}]" if marks else "")
        )
    if not said["results"]:
        lines.append("Nessun servizio trovato.")
    partial = [
        code for code, known in said["completeness"].items() if known["status"] != "complete"
    ]
    if partial:
        lines.append(f"L'elenco non è completo per: {', '.join(partial)}.")
    if said["unplaced"]:
        lines.append(f"Altri {len(said['unplaced'])} senza un luogo preciso: vedi --json.")
    return "\n".join([*lines, f"Edizione {said['edition']}"])


def read_coverage(
    settings: Settings, code: str, level: str | None, asked: Situation = BASE
) -> dict[str, Any]:
    """Read the coverage of a category at one level.

    Parameters
    ----------
    settings : Settings
        Where the editions are.
    code : str
        Category code.
    level : str or None
        Level of areas; None for the smallest that have names.
    asked : Situation
        Who walks, when, with what need.

    Returns
    -------
    dict
        Rows with the name of each area, and the list's completeness.
    """
    edition = Edition.open(current(settings.editions))
    level = level or Lookup(edition, city(edition.manifest.city).epsg).levels[0]
    rows = coverage_rows(edition, code, level, asked)
    areas = edition.areas.select(["level", "area_id", "name"]).to_pylist()
    names = {row["area_id"]: row["name"] for row in areas if row["level"] == level}
    return {
        "results": [{**row, "name": names[row["area_id"]]} for row in rows],
        "completeness": completeness(edition, [code]),
        "edition": edition.id,
    }


def coverage_lines(said: dict[str, Any]) -> str:
    """Lay a coverage out for a terminal.

    Parameters
    ----------
    said : dict
        Of `read_coverage`.

    Returns
    -------
    str
        One line an area.
    """
    lines = ["min  entro 15 min  classe    area"]
    for row in said["results"]:
        minutes = "-" if row["seconds"] is None else f"{row['seconds'] / 60:.0f}"
        share = "-" if row["share_15"] is None else f"{row['share_15']:.0%}"
        mark = "  (stima)" if row["estimated"] else ""
        lines.append(f"{minutes:>3}  {share:>12}  {row['class']:8}  {row['name']}{mark}")
    return "\n".join([*lines, f"Edizione {said['edition']}"])
