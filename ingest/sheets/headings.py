"""Recognises the columns of a sheet by the words that people use for them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from rapidfuzz import fuzz, process

from mapping.config import Config, cached_for_overlay, read_document
from mapping.disclosure import published_labels
from mapping.errors import BadInputError
from mapping.services.phones import phone_digits
from mapping.taxonomy import categories
from mapping.text import plain

LIKENESS = 88
"""Of 100: below it a word is not taken for another. "Indirizo" is 94 of "indirizzo"."""
SHORT = 5
"""A shorter word is taken only as it is: "via" and "eta" are one letter away from others."""
_COUNTERS = {"n", "nr", "num", "numero"}
TO_MEND = "Da correggere"
"""The heading of the column in which refused rows come back."""

_ONE = "bambin[oa]|figli[oa]|minore|madre|padre|genitore|mamma|papa|alunn[oa]|utente|assistit[oa]"
_ONE += "|student[ei]|studentessa|beneficiari[oa]|iscritt[oa]|famiglia"
_MANY = (
    "bambini|figli|minori|madri|padri|genitori|mamme|alunni|utenti|assistiti|beneficiari|iscritti"
)
_DATUM = "nome|cognome|nominativ[oi]|dati|nascita|residenza|cittadinanza|nazionalita|telefono|cell"
_PERSONAL = re.compile(
    rf"\b({_DATUM})\b.*\b({_ONE}|{_MANY})\b|\b({_ONE}|{_MANY})\b.*\b({_DATUM})\b|^({_ONE})$"
    r"|\bcognom[ei]\b|\b(data|luogo|anno) (di )?nascita\b|\bnat[oa] (a|il)\b"
    r"|\bcodic[ei] fiscal[ei]\b"
    r"|^(cf|c f|isee|valore isee|diagnosi|patologia)$|\bpermesso di soggiorno\b"
)
# "Permesso di soggiorno richiesto" is a rule of the service, and nobody's permit.
_NOT_PERSONAL = re.compile(
    r"\b(ente|associazione|cooperativa|organizzazione|servizio|struttura)\b"
    r"|\b(richiest|necessari|obbligatori)[oa]\b|^serve\b"
)


class SheetField(Config):
    """One thing that a sheet may say of a service; without a label the template leaves it out."""

    label: str = ""
    words: tuple[str, ...]
    help: str = ""
    example: str = ""
    required: bool = False
    choices: Literal["category", "days", "yes_no", "room"] | None = None
    width: int = 12


class _Vocabulary(Config):
    id: str
    fields: dict[str, SheetField]
    categories: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Headings:
    """Which columns were taken for which field, the preferred first, and which for nothing."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def value(self, texts: dict[str, str], name: str) -> str:
        """Read a field from a row: the first of its columns that is not empty, else ''.

        Phones are those of all its columns, each number once.
        """
        cells = [cell for _, cell in self._cells(texts, name)]
        if name != "phone":
            return next(iter(cells), "")
        numbers, known = list[str](), frozenset[str]()
        for cell in cells:
            digits = phone_digits(cell)
            if not numbers or not digits <= known:
                numbers.append(cell)
            known |= digits
        return "; ".join(numbers)

    def unused(self, texts: dict[str, str], name: str) -> list[tuple[str, str]]:
        """List the further columns of a field that say another thing in a row, and what."""
        first, *others = self._cells(texts, name) or [("", "")]
        if name == "phone":
            return []
        return [(column, cell) for column, cell in others if simple(cell) != simple(first[1])]

    def _cells(self, texts: dict[str, str], name: str) -> list[tuple[str, str]]:
        cells = ((column, texts.get(column, "").strip()) for column in self.columns.get(name, ()))
        return [(column, cell) for column, cell in cells if cell]


@cache
def fields() -> dict[str, SheetField]:
    """Read what a sheet may say, by our name of the field, in the order of the template."""
    return _vocabulary().fields


def recognise(columns: Iterable[str]) -> Headings:
    """Recognise the field of each column of a sheet; what is not surely known is ignored.

    Raises BadInputError when a column holds data of private persons, or a required one is missing.
    """
    ranked: dict[str, list[tuple[int, str]]] = {}
    ignored: list[str] = []
    before = ""
    for column in filter(str.strip, columns):
        _refuse_personal(column)
        meaning = _meaning(column)
        # "N." counts the rows, unless it stands behind the street.
        if meaning is None or (_closed(column) in _COUNTERS and before != "street"):
            ignored.append(column)
        else:
            ranked.setdefault(meaning[0], []).append((meaning[1], column))
        before = meaning[0] if meaning else ""
    columns_of = {
        name: [column for _, column in sorted(ranked[name], key=lambda pair: pair[0])]
        for name in fields()
        if name in ranked
    }
    _require_all(columns_of)
    return Headings(columns_of, ignored)


def category_codes(text: str) -> tuple[list[str], str | None]:
    """Read the categories that a cell names: labels, codes or other words for them.

    Several are separated by a semicolon, a slash or a comma. Gives the codes, and the first word
    that names no category; None when all do.
    """
    codes: list[str] = []
    for part in re.split(r"[;/\n]", text):
        # A label may have a comma inside: it is tried whole first.
        whole = _closed(part) in _category_words()
        for word in filter(str.strip, [part] if whole else part.split(",")):
            code = _category_of(word)
            if code is None:
                return [], word.strip()
            codes.append(code)
    return list(dict.fromkeys(codes)), None


def like_categories(word: str, count: int = 3) -> list[str]:
    """List the labels that are most like a word, best first; confidential ones never."""
    words = _category_words()
    hits = process.extract(_closed(word), list(words), scorer=fuzz.WRatio, limit=len(words))
    offered = published_labels()
    codes = (words[near] for near, *_ in hits)
    return list(dict.fromkeys(offered[code] for code in codes if code in offered))[:count]


def simple(text: str) -> str:
    """Lower a text, without accents and punctuation, its words with single blanks."""
    return " ".join(re.findall(r"[^\W_]+", plain(text)))


@cache
def _vocabulary() -> _Vocabulary:
    return read_document(Path(__file__).with_name("spreadsheet.toml"), _Vocabulary)


@cache
def _field_words() -> dict[str, tuple[str, int]]:
    """Give field and rank of every word for a column."""
    return {
        _closed(word): (name, rank)
        for name, entry in fields().items()
        for rank, word in enumerate(entry.words)
    }


@cached_for_overlay
def _category_words() -> dict[str, str]:
    code_of = {_closed(entry.label): code for code, entry in categories().items()}
    code_of |= {_closed(code): code for code in categories()}
    others = _vocabulary().categories.items()
    return code_of | {_closed(word): code for code, words in others for word in words}


def _closed(text: str) -> str:
    # "C.A.P." is "CAP", "e-mail" is "email", "dopo scuola" is "doposcuola".
    return simple(text).replace(" ", "")


def _meaning(column: str) -> tuple[str, int] | None:
    words = _field_words()
    # "Telefono (sede)", "Nome *", "Età [anni]": what stands in brackets explains.
    for closed in (_closed(column), _closed(re.sub(r"[(\[].*?[)\]]", " ", column))):
        if closed in words:
            return words[closed]
    near = _alike(_closed(column), words)
    # Behind every exact word: a column that is only alike serves where the others say nothing.
    return (words[near][0], len(words)) if near else None


def _category_of(text: str) -> str | None:
    words = _category_words()
    closed = _closed(text)
    if closed in words:
        return words[closed]
    near = _alike(closed, words)
    return words[near] if near else None


def _alike(closed: str, words: dict[str, Any]) -> str | None:
    """Find the only meaning that a mistyped word may have."""
    if len(closed) < SHORT:
        return None
    hits = process.extract(closed, list(words), scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=5)
    hits = [hit for hit in hits if len(hit[0]) >= SHORT]
    meanings = {_meaning_of(words[word]) for word, *_ in hits}
    return hits[0][0] if len(meanings) == 1 else None


def _meaning_of(meaning: Any) -> str:
    return meaning if isinstance(meaning, str) else str(meaning[0])


def _refuse_personal(column: str) -> None:
    heading = simple(column)
    if _PERSONAL.search(heading) and not _NOT_PERSONAL.search(heading):
        raise BadInputError(
            f"La colonna «{column.strip()}» sembra contenere dati di persone. Qui si raccolgono"
            " solo servizi, e ciò che si importa sarà pubblico: niente è stato letto. Togli dal"
            " foglio le colonne con dati di persone o famiglie, e riprova."
        )


def _require_all(columns_of: dict[str, list[str]]) -> None:
    for name, entry in fields().items():
        if entry.required and name not in columns_of:
            raise BadInputError(
                f"Manca la colonna «{entry.label}». Chiamala così, oppure:"
                f" {', '.join(entry.words[1:6])}. Se i servizi sono in un altro foglio del file,"
                " indicalo con --sheet. Il modello vuoto: prossima import --template servizi.xlsx."
            )
