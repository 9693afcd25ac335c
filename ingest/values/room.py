"""Whether a service has room, and how long one waits, from the text of one cell."""

import re

from ingest.values import normalise
from mapping.model import RoomStatus
from mapping.text import plain

MAX_WAITING_DAYS = 3_650
_STATUSES: dict[RoomStatus, str] = {
    "waiting_list": r"list[ae] (d.?|di )attesa|in attesa|waiting_list",
    "full": r"complet[oi]|esaurit[oi]|nessun posto|non c\W?e posto|senza posto|pien[oi]|full",
    "to_assess": r"da valutare|caso per caso|valutazione|to_assess",
    "accepts": r"\bc\W?e posto|posti liberi|posti disponibili|accoglie|accepts",
}
_UNITS = {"giorn": 1, "settiman": 7, "mes": 30, "ann": 365}


def room_status(text: str) -> RoomStatus | None:
    """Read ``c'è posto``, ``lista d'attesa``, ``al completo`` or ``da valutare``."""
    written = plain(text)
    return next((status for status, form in _STATUSES.items() if re.search(form, written)), None)


def waiting_days(text: str) -> int | None:
    """Read how many days one waits: ``30``, ``30 giorni``, ``3 mesi``; nothing below zero."""
    written = re.fullmatch(r"(\d{1,4})\s*([a-z]*)\.?", plain(normalise.code(text) or ""))
    unit = written and next((d for stem, d in _UNITS.items() if written[2].startswith(stem)), None)
    if written is None or (written[2] and unit is None):
        return None
    days = int(written[1]) * (unit or 1)
    return days if days <= MAX_WAITING_DAYS else None
