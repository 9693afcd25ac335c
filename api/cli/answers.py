"""Questions of the command line to the published edition."""

from typing import Any

from api.settings import Settings
from mapping.city import city
from mapping.coverage.situations import BASE, Situation
from mapping.edition.edition import Edition, current
from mapping.edition.queries import completeness, coverage_rows
from mapping.hours.city_calendar import calendar_of
from mapping.lookup.documents import document, outlines
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question

CONDITIONS = {
    "open": "aperto in quel momento",
    "age": "età",
    "languages": "lingua",
    "residence": "anche per non residenti",
    "appointment": "senza appuntamento",
    "free": "gratuito",
    "step_free": "senza gradini",
    "max_minutes": "più lontano dei minuti chiesti",
}
LACKING = {
    "steps": "Le strade non dicono dove ci sono gradini: sul percorso possono essercene.",
    "slopes": "Di alcune strade non si conosce la pendenza: possono essere ripide.",
}


def ask(settings: Settings, where: Where, question: Question) -> dict[str, Any]:
    """Answer a look-up with the document that HTTP gives.

    Parameters
    ----------
    settings : Settings
        Where the editions are.
    where : Where
        Where to look from.
    question : Question
        What to look for.

    Returns
    -------
    dict
        As `mapping.lookup.documents.document`.
    """
    lookup = _lookup(settings)
    edition = lookup.edition
    said = document(lookup.nearest(lookup.origin(where), question), edition.id, question)
    return {**said, "completeness": completeness(edition, question.categories)}


def outline(
    settings: Settings, where: Where | None, service: str | None, minutes: list[int], walker: str
) -> dict[str, Any]:
    """Outline what is reached on foot, with the document that HTTP gives.

    Parameters
    ----------
    settings : Settings
        Where the editions are.
    where : Where or None
        Where to set out from.
    service : str or None
        Or the id of a service.
    minutes : list of int
        How long.
    walker : str
        Id of a profile.

    Returns
    -------
    dict
        As `mapping.lookup.documents.outlines`.
    """
    lookup = _lookup(settings)
    places = lookup.starts(where, service)
    drawn = lookup.isochrones(places, minutes, walker)
    return outlines(places, lookup.reach(walker), drawn, lookup.edition.id)


def _lookup(settings: Settings) -> Lookup:
    edition = Edition.open(current(settings.editions))
    where = city(edition.manifest.city)
    return Lookup(edition, where.epsg, calendar_of(where))


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
    if said["profile"]["id"] != "adult":
        lines.append(f"A piedi: {said['profile']['label']}.")
    lines += [LACKING[limit] for limit in said["profile"]["unknown"]]
    lines += [_line(found) for found in said["results"]]
    if not said["results"]:
        lines.append("Nessun servizio trovato.")
    if said["almost"]:
        lines.append("Manca una sola condizione a:")
        lines += [f"{_line(near)}  <- {CONDITIONS[near['fails']]}" for near in said["almost"]]
    partial = [
        code for code, known in said["completeness"].items() if known["status"] != "complete"
    ]
    if partial:
        lines.append(f"L'elenco non è completo per: {', '.join(partial)}.")
    if said["unplaced"]:
        lines.append(f"Altri {len(said['unplaced'])} senza un luogo preciso: vedi --json.")
    return "\n".join([*lines, f"Edizione {said['edition']}"])


def _line(found: dict[str, Any]) -> str:
    minutes = max(1, round(found["seconds"] / 60))
    shown = (("stima", found["estimated"]), ("da verificare", found["stale"]))
    marks = [mark for mark, is_shown in shown if is_shown]
    if found["unknown"]:
        marks.append(f"non si sa: {', '.join(CONDITIONS[name] for name in found['unknown'])}")
    said = f"{minutes:>3} min {found['metres']:>5} m  {found['name']}, {found['address'] or '-'}"
    return f"{said}  [{', '.join(marks)}]" if marks else said


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
