"""What a list of services lets one say, and the Italian words of it: the same wherever it is read.

Minutes and shares are of the records in hand, and how many of these are to verify stands beside
them. Of a list that is not complete the share that is served, by fresh records alone, is at the
least; of those without one nothing is said: an absence is told of complete lists alone. Pages,
maps, reports, tables and commands take these words from here.
"""

from collections.abc import Mapping
from math import floor, isnan
from typing import Any, Literal

from mapping.coverage.whole_percents import whole_percents
from mapping.tables import CLASSES, THRESHOLDS_MINUTES, WHOLE_LIST_CLASSES
from mapping.text import italian_number
from mapping.walk_words import MEASURED, WALK_TEXTS, Basis

Declared = Mapping[str, Any]
"""How complete a list is, as `queries.completeness` gives it."""
Telling = Literal["exact", "at_least", "untold", "unknown"]
COMPLETE = "complete"
LIST_TEXTS = {
    "complete": "L'elenco è dichiarato completo (%(source)s, %(year)s): qui si può dire anche dove"
    " il servizio è lontano.",
    "expired": "L'elenco era completo quando uscì (%(source)s, %(year)s), troppo tempo fa: dove non"
    " ne compare nessuno non si può dire che manchino, e la classe è «incerta».",
    "counted": "In città ne risultano circa %(total)s (%(source)s, %(year)s); ne conosciamo"
    " %(known)s. Gli altri ci sono, ma non si sa dove: dove non ne compare nessuno la classe è"
    " «incerta», e nessun numero di qui li conta.",
    "partial": "L'elenco di questi servizi non è completo. Dove non ne compare nessuno non si può"
    " dire che manchino: la classe è «incerta».",
    "unplaced": "Di quelli che conosciamo, senza un luogo noto: %(unplaced)s. Minuti e quote non li"
    " contano.",
}
SHARE_TEXTS = {
    "at_least": "almeno %(share)s",
    "untold": "non si può dire",
    "unknown": "non noto",
    "of_known": "di quelli che conosciamo (%(known)s)",
    "of_listed": "di quelli che conosciamo (%(known)s, da verificare %(to_verify)s)",
    "of_placed": "di quelli che conosciamo (%(known)s, senza un luogo noto %(unplaced)s)",
    "of_placed_listed": "di quelli che conosciamo (%(known)s, da verificare %(to_verify)s, senza un"
    " luogo noto %(unplaced)s)",
    "of_residents": "A chi è rivolto questo servizio non è dichiarato: minuti e quote sono di tutti"
    " i residenti.",
    "by_pace": "Lontani in tutta la città: %(people)s; con un passo del 15%% più svelto sarebbero"
    " %(fewest)s, del 15%% più lento %(most)s. Le attese agli attraversamenti non sono contate.",
}
"""How a share is told, of which services it is, and how many are far, as people walk."""
AT_LEAST_COLUMNS = frozenset({"share_served", "share_low_income_served"})
"""Shares of `tables.COVERAGE` that more records could only raise: those counted are fresh."""
LISTED_COLUMNS = frozenset(f"share_{minutes}" for minutes in THRESHOLDS_MINUTES)
"""Shares that count every record in hand: more could raise them, and those to verify lower them."""
ABSENCE_COLUMNS = frozenset(f"share_{name}" for name in WHOLE_LIST_CLASSES)


def is_complete(declared: Declared) -> bool:
    """Whether a list is complete, and of late."""
    return bool(declared["status"] == COMPLETE)


def list_texts(declared: Declared) -> list[tuple[str, dict[str, int | str]]]:
    """Choose the sentences about a list, and what fills them: numbers are written by the reader.

    The last says how many have no known place, where some have not.
    """
    unplaced: dict[str, int | str] = {"unplaced": declared["unplaced"]}
    more = [(LIST_TEXTS["unplaced"], unplaced)] if declared["unplaced"] else []
    return [completeness_text(declared), *more]


def completeness_text(declared: Declared) -> tuple[str, dict[str, int | str]]:
    """Choose the one sentence of how complete a list is, wherever it is told."""
    status, total = declared["status"], declared["known_total"]
    name = status if status in (COMPLETE, "expired") else "counted" if total else "partial"
    parts = {"source": declared["source"], "year": str(declared["year"])}
    if name == "counted":
        parts |= {"total": total, "known": declared["known"]}
    return LIST_TEXTS[name], parts


def telling(column: str, share: float | None, declared: Declared) -> Telling:
    """Say how a share of `tables.COVERAGE` may be told, of a list.

    A share near a service that is 0 tells nothing, and one of an absence is not known: both are
    `untold`. Of a list that has expired, whose services may have ended, nothing is at the least.
    """
    is_known = share is not None and not isnan(share)
    if is_complete(declared) or column not in AT_LEAST_COLUMNS | LISTED_COLUMNS | ABSENCE_COLUMNS:
        return "exact" if is_known else "unknown"
    if share is None or isnan(share):
        return "untold" if column in ABSENCE_COLUMNS else "unknown"
    if column in ABSENCE_COLUMNS:
        # Where the list of a part of the city is complete; an older edition has 0 for unknown.
        return "exact" if share > 0 else "untold"
    is_least = column in AT_LEAST_COLUMNS and declared["status"] != "expired" and share < 1
    if (_rounded_down(share) if is_least else round(share, 2)) == 0:
        return "untold"
    return "at_least" if is_least else "exact"


def share_text(column: str, share: float | None, declared: Declared) -> tuple[str, float]:
    """Choose the text that tells a share as `telling` lets it be told, and the share to fill it.

    It is of whole percents: rounded down where it is at the least.
    """
    manner = telling(column, share, declared)
    if share is None or manner in ("untold", "unknown"):
        return SHARE_TEXTS["untold" if manner == "untold" else "unknown"], 0
    if manner == "at_least":
        return SHARE_TEXTS[manner], _rounded_down(share)
    return "%(share)s", round(share, 2)


def class_shares(row: Mapping[str, Any], declared: Declared) -> dict[str, float | None]:
    """Give the share of each class of a row of `tables.COVERAGE`, as `share_text` writes them.

    Those that are told exactly are whole percents, which sum to what they are together.
    """
    shares: dict[str, float | None] = {f"share_{name}": row[f"share_{name}"] for name in CLASSES}
    exact = [name for name, part in shares.items() if telling(name, part, declared) == "exact"]
    whole = whole_percents([float(shares[name] or 0) for name in exact])
    return shares | dict(zip(exact, whole, strict=True))


def _rounded_down(share: float) -> float:
    return floor(100 * share + 1e-9) / 100  # 0.29 is 28.999... percent


def italian_share(
    column: str, share: float | None, declared: Declared, basis: Basis = MEASURED
) -> str:
    """Write a share in Italian, in whole percents, as `telling` and its basis let it be written."""
    text, whole = share_text(column, share, declared)
    written = text % {"share": f"{whole:.0%}"}
    if basis.streets is not None and whole:
        return WALK_TEXTS["share"] % {"share": written, "streets": f"{basis.streets:.0%}"}
    return WALK_TEXTS["estimated"] % {"minutes": written} if basis.estimated and whole else written


def known_text(declared: Declared) -> tuple[str, dict[str, int]]:
    """Choose how the services are named of which figures are, and the numbers that fill it.

    Nothing where the list is complete, every record of it fresh, and each place known.
    """
    counts = {name: declared[name] for name in ("to_verify", "unplaced") if declared[name]}
    if is_complete(declared) and not counts:
        return "", {}
    text = {
        (): "of_known",
        ("to_verify",): "of_listed",
        ("unplaced",): "of_placed",
        ("to_verify", "unplaced"): "of_placed_listed",
    }[tuple(counts)]
    return SHARE_TEXTS[text], {"known": declared["known"], **counts}


def italian_of_known(declared: Declared) -> str:
    """Name in Italian the services of which figures are; nothing where they are all of them."""
    text, parts = known_text(declared)
    return text % {name: italian_number(number) for name, number in parts.items()}


def italian_list_sentence(declared: Declared) -> str:
    """Say in Italian what a list lets one claim."""
    return " ".join(
        text
        % {
            name: italian_number(part) if isinstance(part, int) else part
            for name, part in parts.items()
        }
        for text, parts in list_texts(declared)
    )
