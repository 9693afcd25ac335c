"""By what a row of a list can be known: its id or code, name, whole address, phone and contacts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ingest.rows import BLANK
from mapping.confidential_words import tidied_words
from mapping.geocoding.address import kind_of, parse, tokens
from mapping.text import NO_WORDS, YES_WORDS, plain

Cells = Sequence[str]
Key = tuple[str, str]
"""What it is (`ID`, `CODE` …), and it in one form."""

ID, CODE, NAME, ADDRESS, PHONE, CONTACT = "id", "code", "name", "address", "phone", "contact"
OF_NOTES = {ID, NAME, ADDRESS}
"""What narrows a note."""
COUNT = re.compile(r"\d{1,4}")
"""A number that says how many, or which of nine, in more columns than that of a code."""
_CODE, _BETWEEN_CODES = re.compile(r"\S{1,8}|\S{1,4} \S{1,4}"), re.compile(r"\s*[,;/+]\s*")
_LONGEST_CODES, _SHORT_CODE = 60, 3
_NAME = re.compile(r"(?!\d+$).*[^\W\d_].{2,}")
_WORDS = re.compile(r"[^\W_]+")
_NEVER = {
    "cap", "zip", "postcode", "postal", "postale", "comune", "citta", "city", "town", "provincia",
    "prov", "municipio", "zona", "quartiere", "nil", "ora", "orari", "orario", "hours", "giorni",
    "giorno", "days", "data", "date", "anno", "year", "agg", "aggiornamento", "aggiornato", "lon",
    "lat", "longitude", "latitude", "longitudine", "latitudine", "civico", "civic", "n",
    "housenumber", "eta", "posti", "geometry", "x", "y", "fonte", "source", "lingue",
}  # fmt: skip
"""Headings of what many rows have, and of parts of an address: never a key."""
_COMMON = {
    "ente", "gestore", "gestito", "organizzazione", "organization", "organisation", "body",
    "operator", "tipo", "tipologia", "categoria", "category", "kind", "type", "nota", "note",
    "notes", "descrizione", "description", "legge", "stato", "target", "settore",
}  # fmt: skip
"""Headings of bodies, kinds and remarks, which may be codes and are no names."""
_IDS = {
    "id", "codice", "code", "cod", "sigla", "key", "chiave", "uid", "fid", "ref",
}  # fmt: skip
_STREETS = {
    "indirizzo", "street", "via", "address", "addr", "ubicazione",
}  # fmt: skip
_NAMES = _STREETS | {
    "nome", "name", "denominazione", "servizio", "service", "titolo", "title", "struttura",
    "sede", "centro",
}  # fmt: skip
_KINDS_OF_STREET = {
    "via", "viale", "piazza", "piazzale", "piazzetta", "corso", "largo", "vicolo", "alzaia",
    "ripa", "strada",
}  # fmt: skip
_OF_PHONES = {"tel", "telefono", "phone", "cellulare", "cell", "mobile"}
_GLUED = re.compile(r"(?:v|v\.le|p\.za|p\.zza|p\.le|c\.so|l\.go)\.?[a-z]")
"""A kind that is shortened, with the name glued to it."""
_BETWEEN = {
    "di", "del", "della", "e", "numero", "fiscale", "web", "sito", "email", "mail",
}  # fmt: skip
_USUAL = _NEVER | _COMMON | _IDS | _NAMES | _OF_PHONES | _BETWEEN
_CIVIC = re.compile(r"\d{1,4}\s?(?:[/-]?\s?\w{1,3})?")
_SENSELESS = {*YES_WORDS, *NO_WORDS, "-", "--", "n.d.", "nd", ""}
_CONTACT = re.compile(r"\S+@\S+|(?:https?://)?(?:www\.)?[\w.-]+\.[a-z]{2,}(?:/\S*)?")
_ORIGIN = re.compile(r"^(?:mailto:|https?://)?(?:www\.)?|/$")
_PHONE = re.compile(r"(?:\+|00)?[\d ./()-]{6,20}")
_PREFIX = re.compile(r"^(?:00)?39(?=[03]\d{6})")
_DIGITS = range(6, 12)
_OF_TIME = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}|\d{1,2}[.:]\d\d\s*-.*")


@lru_cache(1024)
def words_of_heading(heading: str) -> frozenset[str]:
    """Give the words of a heading, of a nested one those of its last part."""
    # Asked of every cell of a column.
    last = re.split(r"[.:]", plain(heading).strip(" .:"))[-1]
    return frozenset(_WORDS.findall(last.replace("_", " ")))


def is_never_key(heading: str) -> bool:
    """Whether what stands under a heading names no single service."""
    words = words_of_heading(heading)
    return not words.isdisjoint(_NEVER) and words.isdisjoint(_OF_PHONES)


def is_common(heading: str) -> bool:
    """Whether a body, a kind or a remark stands under a heading."""
    return not words_of_heading(heading).isdisjoint(_COMMON)


def is_of_ids(heading: str) -> bool:
    """Whether ids or codes stand under a heading."""
    return not words_of_heading(heading).isdisjoint(_IDS)


def is_reference(heading: str) -> bool:
    """Whether a heading says of what its ids are: ``id_servizio``, and not ``id``."""
    return is_of_ids(heading) and not words_of_heading(heading) <= _IDS


def is_of_names(heading: str) -> bool:
    """Whether names or addresses stand under a heading."""
    return not words_of_heading(heading).isdisjoint(_NAMES)


def is_known(heading: str) -> bool:
    """Whether a text is a usual heading."""
    words = words_of_heading(heading)
    return bool(words) and words <= _USUAL and not words <= _BETWEEN


def is_mark(cell: str) -> bool:
    """Whether a text may be what a legend explains: a code, a number, a sign."""
    return bool(_CODE.fullmatch(cell))


def is_code(cell: str) -> bool:
    """Whether a cell may be a code or an id."""
    return is_mark(cell) and cell not in _SENSELESS and not _is_street(cell)


def is_short_code(cell: str) -> bool:
    """Whether a cell is surely one: of three letters at the most."""
    return is_code(cell) and len(cell) <= _SHORT_CODE


def codes_of(cell: str) -> set[str]:
    """Give a cell, and each code of one with several: ``D, R``."""
    if len(cell) > _LONGEST_CODES:
        return set()
    whole = plain(cell).strip(BLANK)
    return {whole, *_BETWEEN_CODES.split(whole)} - _SENSELESS


def _is_street(cell: str) -> bool:
    return kind_of(cell.strip().partition(" ")[0]) in _KINDS_OF_STREET and " " in cell.strip()


def name_keys(cell: str, heading: str) -> Iterator[Key]:
    """Give the key of a name, however it is written; a street alone is none."""
    is_street = _is_street(cell) or not words_of_heading(heading).isdisjoint(_STREETS)
    if is_street and not any(map(str.isdigit, cell)):
        return
    if _NAME.fullmatch(words := tidied_words(cell)) and not _OF_TIME.fullmatch(plain(cell).strip()):
        yield NAME, words


def contact_keys(cell: str) -> Iterator[Key]:
    """Give the keys of phones, e-mail and web addresses that a cell is."""
    text = plain(cell).strip(BLANK)
    for part in re.split(r"[;,]|\s+(?:e|o)\s+", text):
        piece = part.strip()
        if _CONTACT.fullmatch(piece):
            yield CONTACT, _ORIGIN.sub("", piece)
        elif _PHONE.fullmatch(piece) and not _OF_TIME.fullmatch(piece):
            digits = _PREFIX.sub("", re.sub(r"\D", "", piece))
            if digits[:1] in ("0", "3", "8") and len(digits) in _DIGITS:
                yield PHONE, digits


def address_keys(cells: Cells, headings: Mapping[int, str]) -> Iterator[Key]:
    """Give the whole addresses of a row, of which the number may be in the next cell."""
    for column, cell in enumerate(cells):
        first = cell.strip().partition(" ")[0]
        if not (kind_of(first) or _GLUED.match(plain(cell).strip())):
            continue
        address = parse(cell)
        after = cells[column + 1].strip() if column + 1 < len(cells) else ""
        words = words_of_heading(headings.get(column + 1, ""))
        is_civic = _CIVIC.fullmatch(after) and words <= {"n", "civico", "civic", "numero"}
        if address.civic is None and is_civic:
            address = parse(cell, civic=after)
        if address.civic is not None:
            written = *tokens(address.street), str(address.civic), address.suffix or ""
            yield ADDRESS, " ".join(written).lower()
