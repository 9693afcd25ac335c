"""Look-ups in the published edition, and how their answers look on a terminal."""

from typing import Any

import typer

from api.freed_memory import keep_little
from api.settings import Settings
from mapping.city import city
from mapping.edition.edition import Edition, current
from mapping.edition.queries import completeness, incomplete
from mapping.hours.city_calendar import calendar_of
from mapping.lookup.documents import document, outlines
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.tables import ROUGH_METRES
from mapping.walk_words import whole_minutes
from mapping.walking.service_walks import FAR_FROM_STREETS_METRES

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
DOUBTS = {
    "cap": "Il CAP scritto non è di questa via: controlla l'indirizzo.",
    "suffix": "Il numero c'è, la lettera scritta no: controlla l'indirizzo.",
    "area": "Il quartiere o il municipio scritto non è quello di questo indirizzo: controllalo.",
    "rough": "Il punto di partenza è incerto: i minuti sono indicativi.",
}
LACKING = {
    "steps": "Le strade non dicono dove ci sono gradini: sul percorso possono essercene.",
    "slopes": "Di alcune strade non si conosce la pendenza: possono essere ripide.",
}


def ask(settings: Settings, where: Where, question: Question) -> dict[str, Any]:
    """Answer a look-up with the document that HTTP gives."""
    lookup = _lookup(settings, timed=question.open_at is not None)
    edition = lookup.edition
    answer = lookup.nearest(lookup.origin(where), question)
    completeness_by_category = completeness(edition, question.categories)
    return {**document(answer, edition.id, question), "completeness": completeness_by_category}


def outline(
    settings: Settings, where: Where | None, service: str | None, minutes: list[int], walker: str
) -> dict[str, Any]:
    """Outline what is reached on foot from a place or a service, as the GeoJSON that HTTP gives."""
    lookup = _lookup(settings)
    places = lookup.starts(where, service)
    drawn = lookup.isochrones(places, minutes, walker)
    return outlines(places, lookup.reach(walker), drawn, lookup.edition.id)


def print_answer(answer: dict[str, Any]) -> None:
    """Print the document of `ask`: a row for each service, with what must be known of it."""
    from api.cli.tables import print_table  # noqa: PLC0415 - JSON needs no tables

    for line in _heading(answer):
        typer.echo(line)
    print_table([cells(row) for row in answer["results"]], right={0, 1}, prose={2, 3})
    if not answer["results"]:
        typer.echo("Nessun servizio trovato.")
    if answer["almost"]:
        typer.echo("Manca una sola condizione a:")
        rows = [(*cells(near), f"<- {CONDITIONS[near['fails']]}") for near in answer["almost"]]
        print_table(rows, right={0, 1}, prose={2, 3, 4})
    for line in _ending(answer):
        typer.echo(line)


def _lookup(settings: Settings, *, timed: bool = False) -> Lookup:
    keep_little()
    edition = Edition.open(current(settings.editions))
    place = city(edition.manifest.city)
    return Lookup(edition, place.epsg, calendar_of(place) if timed else None)


def _heading(answer: dict[str, Any]) -> list[str]:
    origin, walker = answer["origin"], answer["profile"]
    lines = [f"Da: {origin['address'] or 'punto dato'} ({origin['precision']})"]
    if "rough" in origin["doubts"]:
        lines[0] += f", a ± {origin['error_metres']} m"
    lines += [DOUBTS[doubt] for doubt in origin["doubts"]]
    if origin["outside_city"]:
        lines.append("Il punto è fuori dalla città.")
    if walker["id"] != "adult":
        lines.append(f"A piedi: {walker['label']}.")
    return lines + [LACKING[limit] for limit in walker["unknown"]]


def _ending(answer: dict[str, Any]) -> list[str]:
    partial = incomplete(answer["completeness"])
    lines = [f"L'elenco non è completo per: {', '.join(partial)}."] if partial else []
    if silent := [code for code, entry in answer["completeness"].items() if not entry["known"]]:
        lines.append(f"Nessun dato, non ne conosciamo nessuno: {', '.join(silent)}.")
    if answer["unplaced_count"]:
        lines.append(f"Altri {answer['unplaced_count']} senza un luogo preciso: vedi --json.")
    return [*lines, f"Edizione {answer['edition']}"]


def cells(row: dict[str, Any]) -> tuple[str, ...]:
    """Write the row of a service: minutes, metres, what it is, and what must be known of it."""
    minutes = whole_minutes(row["seconds"])
    away = row["snap_metres"] or 0
    straight = f"ultimi {away:.0f} m in linea d'aria" if away > FAR_FROM_STREETS_METRES else "stima"
    is_rough = row["estimated"] or away > FAR_FROM_STREETS_METRES
    around = "forse c'è un passaggio che non conosciamo"
    error = row["error_metres"] or 0
    is_about = error > ROUGH_METRES
    notes = (
        (straight, is_rough),
        (around, row["detour"]),
        (f"posto a ± {error:.0f} m", is_about),
        ("da verificare", row["stale"]),
    )
    marks = [note for note, is_shown in notes if is_shown]
    if row["unknown"]:
        marks.append(f"non si sa: {', '.join(CONDITIONS[name] for name in row['unknown'])}")
    over_border = f" ({row['comune_outside']})" if row["comune_outside"] else ""
    service = f"{row['name']}, {row['address'] or '-'}{over_border}"
    return (
        f"circa {minutes} min" if is_about else f"{minutes} min",
        f"{row['metres']} m",
        service,
        f"[{', '.join(marks)}]" if marks else "",
    )
