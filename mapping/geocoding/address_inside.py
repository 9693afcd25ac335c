"""The address inside a sentence, without what stands before its street or behind its number."""

import re
from collections.abc import Iterator

from rapidfuzz.distance import OSA

from mapping.geocoding.address import KINDS, STREET_WORDS, Address, parse
from mapping.geocoding.vocabulary import TYPO_LETTERS

_KINDS = STREET_WORDS.split("|")
_SPLIT_KIND = re.compile(r"\b([cvp])[\s.]+(so|le|za|zza)\b", re.IGNORECASE)
"""A short type of street that was written as two words: ``c so``."""
_SHORT = {short.replace(".", ""): kind for kind in _KINDS for short in KINDS[kind][1:3]}
_HEARD = {"shari": "via", "sharia": "via", "chari": "via"}
"""What others call a street, in Latin letters."""
MAX_INSIDE = 4


def addresses_inside(text: str) -> Iterator[str]:
    """List the texts inside a text that may be an address, the likeliest first.

    Each begins with a type of street, which may have a letter wrong, and ends at its number.
    """
    words = _SPLIT_KIND.sub(r"\1\2", text).replace(",", " , ").split()
    begun = [
        (at, kind) for at, word in enumerate(words[:-1]) if (kind := _kind(word, first=at == 0))
    ]
    for at, kind in begun[::-1][:MAX_INSIDE]:
        address = parse(" ".join([kind, *words[at + 1 :]]))
        street = f"{kind} {address.street}"
        number = _number(address)
        is_whole = at == 0 and words[0].lower() == kind and not (address.locality or address.cap)
        if address.kind and not is_whole:
            yield f"{street}{number}"


def _number(address: Address) -> str:
    if address.civic is None:
        return ""
    return f" {address.civic}" + (f"/{address.suffix}" if address.suffix else "")


def _kind(word: str, *, first: bool) -> str | None:
    """Read a type of street, with a letter wrong at the most."""
    written = word.lower().strip(".'\u2019")
    known = _SHORT.get(written.replace(".", "")) or _HEARD.get(written)
    if written in _KINDS or known:
        return known or written
    if not first:
        return None
    near = (kind for kind in _KINDS if len(kind) >= TYPO_LETTERS)
    return next((kind for kind in near if OSA.distance(written, kind) == 1), None)
