"""Places of a service, from the text of one cell."""

import re

from ingest.values import normalise
from mapping.text import plain

_PLACES = r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+|\d{1,6})(?![\d.,])"


def places(text: str) -> int | None:
    """Read how many places there are: ``25``, ``25 posti``, ``2 sezioni da 25 posti``."""
    tidied = plain(normalise.code(text) or "")
    groups = re.search(rf"(\d+) (?:sezion[ei]|grupp[oi]|class[ei]) (?:da|di) {_PLACES}", tidied)
    if groups:
        return int(groups[1]) * int(groups[2])
    stated = re.fullmatch(_PLACES, tidied) or re.search(rf"(?<!\d-){_PLACES} posti", tidied)
    if re.search(r"\bnid[oi]\b", tidied) and re.search("infanzia|matern", tidied):
        # Together they are those of none of them.
        return None
    return normalise.whole(stated[1]) if stated else None
