"""Places of a service, from the text of one cell."""

import re

from ingest.values import normalise
from mapping.text import plain, tidy

_PLACES = r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+|\d{1,6})(?![\d.,])"

_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_YEAR = re.compile(r"(?:19|20)\d\d")
"""No service has so many places: somebody wrote the year beside."""


def places(text: str) -> int | None:
    """Read how many places there are: ``25``, ``25 posti``, ``2 sezioni da 25 posti``."""
    written = plain(tidy(text) or "")
    tidied = written if _THOUSANDS.fullmatch(written) else plain(normalise.code(text) or "")
    groups = re.search(rf"(\d+) (?:sezion[ei]|grupp[oi]|class[ei]) (?:da|di) {_PLACES}", tidied)
    if groups:
        return int(groups[1]) * int(groups[2])
    stated = re.fullmatch(_PLACES, tidied) or re.search(rf"(?<!\d-){_PLACES} posti", tidied)
    if re.search(r"\bnid[oi]\b", tidied) and re.search("infanzia|matern", tidied):
        # Together they are those of none of them.
        return None
    return normalise.whole(stated[1]) if stated and not _YEAR.fullmatch(tidied) else None
