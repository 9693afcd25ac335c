"""Whether a service has room, and how long one waits, from the text of one cell."""

import re

from ingest.values import normalise
from mapping.model import RoomStatus
from mapping.text import plain

MAX_WAITING_DAYS = 3_650
_STATUSES: dict[RoomStatus, str] = {
    "waiting_list": r"list[ae] (d.?|di )attesa|in attesa|waiting_list",
    "full": r"\b(?:(?:al )?complet[oi]|esaurit[oi]|nessun posto(?: (?:libero|disponibile))?"
    r"|non c\W?e posto|non ci sono posti(?: (?:liberi|disponibili))?|senza posto|pien[oi]|full)\b",
    "to_assess": r"da valutare|caso per caso|valutazione|to_assess",
    "accepts": r"\bc\W?e posto|posti liberi|posti disponibili|accoglie|accepts",
}
_LIMITED = re.compile(
    r"\b(?:no|non|senza|nessun[oa]?|niente|mai|ne|solo|soltanto|tranne|salvo|esclus\w*|eccett\w*"
    r"|eccezion\w*|se|quando|forse|fino|dal?|dalle|dopo|prima|quasi|poc[oh]\w*|finche)\b|\?"
)
"""What denies a status, or says of whom or of which days alone it is true."""
_UNITS = {"giorn": 1, "settiman": 7, "mes": 30, "ann": 365}


def room_status(text: str) -> RoomStatus | None:
    """Read ``c'è posto``, ``lista d'attesa``, ``al completo`` or ``da valutare``.

    None where it is denied or limited, as ``c'è posto solo per residenti``, or there is room and
    there is none.
    """
    rest = plain(text)
    statuses: list[RoomStatus] = []
    for status, form in _STATUSES.items():
        if re.search(form, rest):
            statuses.append(status)
            rest = re.sub(form, ";", rest)
    if not statuses or _LIMITED.search(rest) or ("accepts" in statuses and len(statuses) > 1):
        return None
    return statuses[0]


def waiting_days(text: str) -> int | None:
    """Read how many days one waits: ``30``, ``30 giorni``, ``3 mesi``; nothing below zero."""
    written = re.fullmatch(r"(\d{1,4})\s*([a-z]*)\.?", plain(normalise.code(text) or ""))
    unit = written and next((d for stem, d in _UNITS.items() if written[2].startswith(stem)), None)
    if written is None or (written[2] and unit is None):
        return None
    days = int(written[1]) * (unit or 1)
    return days if days <= MAX_WAITING_DAYS else None
