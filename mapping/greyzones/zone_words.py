"""What a person reads of a grey zone, in Italian: why it is one, and why it has its rank."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mapping.city import Completeness

GIVEN = {
    "complete": "complete_list",
    "known_total": "known_total",
    "records": "records_in_hand",
}
"""What a confidence supposes: a list that is whole, that lacks so many, or no more than is held."""


@dataclass(frozen=True)
class Nearest:
    """The service that is the nearest of most people of a zone, and their median walk to it."""

    service: Mapping[str, Any]
    seconds: float

    @property
    def minutes(self) -> int:
        """Whole minutes, rounded up: nobody is promised less than the walk takes."""
        return max(1, math.ceil(self.seconds / 60))


def why(reason: str, nearest: Nearest | None, walk_minutes: int, about: Completeness) -> str:
    """Say why the nearest service does not serve a zone.

    Parameters
    ----------
    reason : str
        The reason of its class.
    nearest : Nearest or None
        None where no service can be reached.
    walk_minutes : int
        The acceptable walk.
    about : Completeness
        What is known of the list.

    Returns
    -------
    str
        One sentence.
    """
    if reason in _ALONE:
        return _ALONE[reason]
    said = _distance(nearest, walk_minutes)
    more = _because(reason, nearest, about)
    return f"{said}; {more}." if more else f"{said}."


def rank_reason(row: Mapping[str, Any], of: int) -> str:
    """Say why a zone has its rank.

    Parameters
    ----------
    row : mapping
        A row of `tables.GREYZONES` with its rank.
    of : int
        How many zones are ranked with it.

    Returns
    -------
    str
        One sentence with the three factors.
    """
    people = row["demand"]
    few = people is None or math.isnan(people)
    crowd = "le persone di una sola sezione" if few else f"circa {_count(people)} persone"
    excess = f"{row['depth'] * row['walk_minutes']:.1f}".replace(".", ",")
    return (
        f"{row['rank']} di {of}: {crowd}, in media {excess} minuti oltre gli accettabili, "
        f"{_sureness(row['confidence'], row['confidence_given'])}."
    )


_ALONE = {
    "estimated_times": "Senza le strade i tempi sono solo stimati in linea d'aria.",
    "off_network": "Nessuna strada nota arriva fin qui.",
    "no_way": "Un adulto ci arriva, ma per questo profilo non si conosce una via percorribile.",
}

_BUT = {
    "all_closed": "in questa fascia è chiuso",
    "all_unsuitable": "non è adatto a questa richiesta",
    "hours_unknown": "non si sa se in questa fascia è aperto",
    "suitability_unknown": "non si sa se è adatto a questa richiesta",
    "records_unplaced": "di altri servizi dell'elenco non si conosce la posizione",
    "places_short": "i posti sono meno di quelli che servono",
}
"""What else is to be said, whichever the service is."""


def _distance(nearest: Nearest | None, walk_minutes: int) -> str:
    if nearest is None:
        return "Nessun servizio noto è raggiungibile a piedi"
    said = f"Il più vicino, {nearest.service['name']}, è a {_minutes(nearest.minutes)}"
    over = nearest.minutes - walk_minutes
    return f"{said}: {over} oltre i {walk_minutes} accettabili" if over > 0 else said


def _because(reason: str, nearest: Nearest | None, about: Completeness) -> str:
    if reason == "catalogue_incomplete":
        total = about.known_total
        return "l'elenco non è completo" + (f": in città sono circa {total}" if total else "")
    if reason in _BUT:
        return _BUT[reason]
    if reason == "records_unverified" and nearest is not None:
        return f"da verificare: {_doubt(nearest.service)}"
    if reason == "position_uncertain" and nearest is not None:
        return f"la sua posizione è nota entro {_count(nearest.service['error_metres'])} metri"
    return ""


def _doubt(service: Mapping[str, Any]) -> str:
    if service["status"] == "unsure":
        return "la fonte non è certa che sia attivo"
    assured = service["assured_date"]
    return f"l'ultima conferma è del {assured[:4]}" if assured else "non si sa quando fu confermato"


def _sureness(confidence: float, given: str) -> str:
    if math.isnan(confidence):
        return "confidenza non calcolata"
    supposing = ", se l'elenco è tutto qui" if given == GIVEN["records"] else ""
    return f"confidenza {round(100 * confidence)}%{supposing}"


def _minutes(count: int) -> str:
    return f"{count} minut{'o' if count == 1 else 'i'}"


def _count(number: float) -> str:
    return f"{round(number):,}".replace(",", ".")
