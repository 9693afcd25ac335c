"""The Italian words of three questions: is a service near, may one come, has it room.

The class answers the first. Where referral, a waiting list or enrolment applies, who is near is not
yet served: the word of `served` is then "vicina", until it is known that there is room, or a list.
Every page, map, report, table, command and export takes its words from here.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mapping.taxonomy import categories

Row = Mapping[str, Any]

UNKNOWN = "unknown"
CLASS_LABELS = {
    "served": "servita",
    "far": "lontana",
    "unsure": "incerta",
    "closed": "chiusa",
    "unsuitable": "non adatta",
    "crowded": "affollata",
}
NEAR_LABELS = {UNKNOWN: "vicina", "no": "vicina"}
"""The word of `served` where admission applies, by what is known of room: else it stays."""
NEAR_KEYS = {
    UNKNOWN: "vicina (posti e attese: non si sa)",
    "no": "vicina (posti: al completo)",
}
"""The same for a legend, with what is known beside it."""
QUESTIONS = {"class": "c'è vicino", "may_come": "può venire", "has_room": "c'è posto"}
"""Each question by the column of `tables.COVERAGE` that answers it."""
MAY_COME_LABELS = {
    UNKNOWN: "non si sa",
    "no": "solo chi è residente",
    "yes": "anche chi non è residente",
}
HAS_ROOM_LABELS = {
    UNKNOWN: "non si sa",
    "no": "no, al completo",
    "waiting": "c'è una lista d'attesa",
    "yes": "sì",
}
UNTOLD = {
    "columns": "C'è vicino: lo dice la classe. Può venire: non si sa. C'è posto: non si sa.",
    "open": "C'è vicino: lo dice la classe. Può venire: non risulta che servano invio, lista"
    " d'attesa o iscrizione; se servano la residenza o un appuntamento, non si sa. C'è posto: non"
    " si sa.",
}
"""What is said once in place of two columns of which nothing is known; of a category that receives
whoever comes, also what is declared. Of residence that declares nothing."""
NO_RECORDS = (
    "Nessun dato: non ne conosciamo nessuno. Non vuol dire che in città non ce ne siano: nessuna"
    " fonte ce li dice."
)
"""What is said of a category without records, in place of any figure."""


def class_label(name: str, code: str, has_room: str | None = None) -> str:
    """Name a class of `tables.CLASSES`, as told of a category and what is known of room there.

    A category of which nobody declared whether it receives whoever comes is taken not to.
    """
    return _word(name, code, has_room, NEAR_LABELS)


def class_key(name: str, code: str, has_room: str | None = None) -> str:
    """Name a class in a legend: as `class_label`, with what is known of room beside it."""
    return _word(name, code, has_room, NEAR_KEYS)


def row_label(row: Row) -> str:
    """Name the class of a row of `tables.COVERAGE`."""
    return class_label(row["class"], row["category"], row.get("has_room"))


def answer(row: Row, question: str) -> str:
    """Read `may_come` or `has_room` from a row; an edition from before them knows neither."""
    value: str = row.get(question) or UNKNOWN
    return value


def knows_admission(rows: Iterable[Row]) -> bool:
    """Whether anything is known of who may come, or of room, in any of some rows."""
    return any(answer(row, name) != UNKNOWN for row in rows for name in ("may_come", "has_room"))


def untold(code: str) -> str:
    """Say in place of the two columns that nothing is known, beside what the category declares."""
    kind = categories().get(code)
    is_open = kind is not None and kind.receives_whoever_comes
    return UNTOLD["open" if is_open else "columns"]


def _word(name: str, code: str, has_room: str | None, near: Mapping[str, str]) -> str:
    kind = categories().get(code)
    if name != "served" or (kind is not None and kind.receives_whoever_comes):
        return CLASS_LABELS[name]
    return near.get(has_room or UNKNOWN, CLASS_LABELS[name])
