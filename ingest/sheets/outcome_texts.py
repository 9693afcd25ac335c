"""What people write by hand of calls and walks: what tells of a person, a family or a home."""

import re

from mapping.confidential_words import suspicions
from mapping.geocoding.address import KINDS
from mapping.tax_codes import names_a_person
from mapping.text import number_words, plain

PERSON = (
    "ha dati di una persona (codice, telefono, e-mail, indirizzo con numero, famiglia). Toglili."
)
HIDDEN_PLACE = "parla di un luogo riservato. Toglilo."
_TENS = 99
_NUMBERS = {word: str(number) for word, number in number_words(_TENS).items()}
_NUMBER = re.compile(rf"\b(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b")
_CONTACT = re.compile(
    r"@|[(\[{]\s*(?:at|chiocciola)\s*[)\]}]|[a-z]\.(?:it|com|org|net|eu)\b|(?:\d[\s./-]*){7,}"
)
"""A mail address or a phone number: of who called, or of a family."""
_SHORTS = {short for shorts in KINDS.values() for short in shorts if len(short) > 1} - {"passo"}
_STREETS = "|".join(map(re.escape, sorted(_SHORTS, key=len, reverse=True)))
_BETWEEN = r"[\s.,'/°-]"
_HOME = re.compile(
    rf"\b(?:(?:{_STREETS})\b|v\.){_BETWEEN}*"
    rf"[^\W\d]+(?:{_BETWEEN}+[^\W\d]+){{0,5}}{_BETWEEN}*\d|\bcitofono\b"
)
"""A street with a civic number, though what counts may be steps."""
_FAMILY = re.compile(
    r"\b(?:mamm[ae]|papa|madre|padre|famigli[ae]|figli[oae]?|nonn[oaie]|sig(?:nor[aei]?|ra)?"
    r"|abit(?:a|ano|ava)|scala [b-df-hj-np-z]|\d+ (?:anni|mesi))\b"
)
_CHILD = re.compile(r"\b[Bb]ambin[oaie]\s+[A-Z]")
_ROLES = (
    "assistente sociale|associazione|comune|coordinatore|coordinatrice|educatore|educatrice"
    "|mediatore|mediatrice|municipio|operatore|operatrice|rete|tutor|volontaria|volontario"
)
_WHO = re.compile(rf"(?i:{_ROLES})(?: [1-9][0-9]?)?|[A-Z]{{2}}|(?:[A-Z]\. ?){{2,3}}")


def refusal(text: str) -> str | None:
    """Say why a text must not be kept; None where nothing is seen in it."""
    if names_a_person([text]) or _tells_of_people(text):
        return PERSON
    return HIDDEN_PLACE if suspicions([text]) else None


def is_role_or_initials(text: str) -> bool:
    """Whether it names who called as is enough: ``rete 3``, ``tutor``, ``M.R.``."""
    return _WHO.fullmatch(text) is not None


def _tells_of_people(text: str) -> bool:
    seen = plain(text)
    spoken = _NUMBER.sub(lambda match: _NUMBERS[match[0]], seen)
    return bool(
        _CONTACT.search(spoken) or _HOME.search(seen) or _FAMILY.search(seen) or _CHILD.search(text)
    )
