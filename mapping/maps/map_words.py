"""The Italian words of the maps: what a row of a table says to a person."""

import math
from collections.abc import Mapping
from typing import Any

from mapping.coverage.class_words import (
    CLASS_LABELS,
    HAS_ROOM_LABELS,
    MAY_COME_LABELS,
    answer,
    row_label,
)
from mapping.coverage.list_words import SHARE_TEXTS, Declared, class_shares, italian_share
from mapping.coverage.sureness_words import italian_sureness
from mapping.edition.queries import far_numbers, likely, people_estimated
from mapping.services.service_row import ServiceRow
from mapping.taxonomy import MONTHS_PER_YEAR, Category, categories
from mapping.text import italian_number
from mapping.walk_words import WALK_TEXTS, is_estimated, whole_minutes

Row = Mapping[str, Any]

_TEENS = 11  # the age at which the scuola secondaria begins

RANKING_LABELS = {
    "ascertained": "lontana accertata",
    "to_check": "da verificare",
    "depends": "dipende dalle ipotesi",
}
REASONS = {
    "within_walk": "entro la distanza accettabile",
    "estimated_times": "tempi stimati in linea d'aria",
    "off_network": "senza una strada nota fino a un servizio",
    "records_unverified": "servizi vicini, ma da verificare",
    "premises_declared": "un edificio si dichiara tale, e nessun elenco lo conosce",
    "catalogue_incomplete": "elenco dei servizi incompleto",
    "list_expired": "elenco dei servizi troppo vecchio per dire che manchino",
    "records_unplaced": "servizi senza una posizione nota",
    "position_uncertain": "posizione del servizio incerta",
    "border": "vicino al confine, oltre il quale non si conosce tutto",
    "border_streets": "vicino al confine, oltre il quale non si conoscono tutte le strade",
    "beyond_walk": "oltre la distanza accettabile",
    "places_short": "pochi posti per i bambini della zona",
    "hours_unknown": "servizi vicini, ma con orari non noti",
    "suitability_unknown": "servizi vicini, ma non si sa se adatti",
    "all_closed": "servizi vicini, ma chiusi in quel momento",
    "all_unsuitable": "servizi vicini, ma non adatti",
    "no_way": "nessuna strada adatta fino al servizio",
    "residents_unknown": "residenti non noti",
    "people_disagree": "i dati non concordano, per l'anagrafe ci vivono più minori di quanti il"
    " censimento possa spiegare",
}
_PRECISIONS = {
    "premises": "posizione dell'edificio",
    "civic": "numero civico",
    "interpolated": "stimata lungo la via",
    "street": "punto approssimato, numero civico non trovato",
    "area": "nota solo la zona",
    "none": "posizione non nota",
}
_DEMANDS = {
    None: "persone, non dichiarate quali",
    "residents": "residenti",
    "women_15_49": "donne di 15-49 anni",
    "births": "bambini sotto un anno",
}
_GROUPS = {"comunita": "comunità", "lingua": "lingua e mediazione"}
_ANSWERS = {"may_come": MAY_COME_LABELS, "has_room": HAS_ROOM_LABELS}
_SERVICE = ("Categoria", "Indirizzo", "Posizione", "Orari", "Telefono", "Aggiornamento")
LABELS: dict[str, tuple[str, ...]] = {
    "service": _SERVICE,
    "stop": ("A piedi", *_SERVICE),
    "area": (
        "Persone",
        "Tempo mediano",
        *("Con uno vicino", "Lontane", "Incerte", "Chiuse", "Non adatte", "Affollate"),
        "Classe",
        "Motivo",
        "Quanto è sicuro che ci sia, per i più",
        "Può venire",
        "C'è posto",
    ),
}
"""The labels of the facts, by kind of thing, in the order in which the facts are given."""


def service_facts(row: ServiceRow) -> list[str]:
    """Say a row of the services table, in the order of ``LABELS["service"]``."""
    return [
        _categories(row),
        " ".join(filter(None, (row.address, row.cap, row.city))) or "non noto",
        _position(row),
        row.opening_hours_text or row.opening_hours or "orari non noti",
        row.phone or "non noto",
        _freshness(row),
    ]


def area_labels(*, with_answers: bool) -> tuple[str, ...]:
    """Name the facts of an area: without the last two where a map knows nothing of them."""
    return LABELS["area"] if with_answers else LABELS["area"][: -len(_ANSWERS)]


def area_facts(row: Row, declared: Declared, *, with_answers: bool) -> list[str]:
    """Say a row of the coverage table, in the order of `area_labels`, as its list lets one."""
    shares = class_shares(row, declared)
    facts = [
        number(row["demand"]),
        median_walk(row["seconds"], estimated=is_estimated(row)),
        *(italian_share(column, share, declared) for column, share in shares.items()),
        row_label(row) if row["class"] in CLASS_LABELS else "nessun dato",
        reason(row["reason"]),
        sureness(row),
    ]
    return facts + [labels[answer(row, name)] for name, labels in _ANSWERS.items() if with_answers]


def walk(seconds: float | None, metres: float | None = None, *, estimated: bool = False) -> str:
    """Say a walk in whole minutes, and metres; NaN seconds: unreachable, None: unknown."""
    if seconds is None:
        return "non noto"
    if math.isnan(seconds):
        return "non raggiungibile a piedi"
    parts = [f"{whole_minutes(seconds)} min"]
    parts += [] if metres is None else [f"{number(round(metres, -1))} m"]
    return ", ".join([*parts, *(["stima in linea d'aria"] if estimated else [])])


def median_walk(seconds: float | None, *, estimated: bool) -> str:
    """Say the median walk of an area; as `walk` if unknown."""
    if seconds is None or math.isnan(seconds):
        return walk(seconds)
    text = f"{whole_minutes(seconds)} min"
    return WALK_TEXTS["estimated"] % {"minutes": text} if estimated else text


def some_estimated(city: Row) -> str:
    """Say for how many in a city the walk to the nearest is estimated; nothing where for none."""
    crowd = people_estimated(city)
    if not crowd:
        return ""
    whom = people(categories()[city["category"]])
    return WALK_TEXTS["city"] % {"whom": whom, "people": number(crowd)}


def far_band(city: Row) -> str:
    """Say how many are far in a city, and would be at another pace; nothing where none is known."""
    numbers = {part: number(people) for part, people in far_numbers(city).items()}
    return SHARE_TEXTS["by_pace"] % numbers if numbers else ""


def sureness(row: Row) -> str:
    """Say how sure it is that a known service is near, with the percents where they are known."""
    word = row["sureness"]
    return italian_sureness(word, likely(row)) if word else "non noto"


def reason(code: str | None) -> str:
    """Say why an area has its class; the code itself where there are no words."""
    return REASONS.get(code or "", (code or "").replace("_", " "))


def people(category: Category) -> str:
    """Say whom a category serves, such as ``bambini di 3-5 anni``, or ``residenti``."""
    if category.age_min_months is None or category.age_max_months is None:
        return _DEMANDS[category.demand]
    if category.age_min_months % MONTHS_PER_YEAR or category.age_max_months % MONTHS_PER_YEAR:
        return f"bambini di {category.age_min_months}-{category.age_max_months} mesi"
    first, last = (
        category.age_min_months // MONTHS_PER_YEAR,
        math.ceil(category.age_max_months / MONTHS_PER_YEAR) - 1,
    )
    people = {"children": "bambini", "teens": "ragazzi", "both": "bambini e ragazzi"}
    return f"{people[counted(category)]} di {first}-{last} anni"


def counted(category: Category) -> str:
    """Name whom a category serves as counts do: its demand, `children`, `teens` or `both`."""
    if category.age_min_months is None or category.age_max_months is None:
        return category.demand or "people"
    first = category.age_min_months // MONTHS_PER_YEAR
    last = math.ceil(category.age_max_months / MONTHS_PER_YEAR) - 1
    return "children" if last < _TEENS else "teens" if first >= _TEENS else "both"


def group(code: str) -> str:
    """Say the name of a group of categories."""
    return _GROUPS.get(code, code.replace("_", " ")).capitalize()


def label(code: str) -> str:
    """Say the label of a category, or its code where the taxonomy lacks it."""
    kind = categories().get(code)
    return kind.label if kind else code


def number(value: float | None) -> str:
    """Write a whole number as ``1.349.930``; None or NaN is not published."""
    if value is None or math.isnan(value):
        return "non pubblicato"
    return italian_number(value)


def _categories(row: ServiceRow) -> str:
    codes = row.categories or (row.category,)
    return "; ".join(label(code) for code in codes)


def _position(row: ServiceRow) -> str:
    words = _PRECISIONS.get(row.precision, row.precision)
    error = row.error_metres
    if error is None or math.isnan(error):
        return str(words)
    return f"{words} (errore atteso circa {number(error)} m)"


def _freshness(row: ServiceRow) -> str:
    parts = [f"verificato {row.assured_date}" if row.assured_date else "data non nota"]
    if row.stale:
        parts.append("da verificare")
    if row.status != "active":
        parts.append("attività non confermata")
    return ", ".join(parts)
