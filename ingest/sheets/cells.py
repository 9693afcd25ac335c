"""Reads one row of a sheet, cell by cell: understood, kept as a note, or refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from ingest.rows import CellError
from ingest.services import in_city
from ingest.sheets.headings import Headings, category_codes, fields, like_categories, simple
from ingest.source import Source
from ingest.values import contacts, normalise
from ingest.values.ages import ages as read_ages
from ingest.values.capacities import places
from ingest.values.catchments import catchment
from ingest.values.room import room_status, waiting_days
from mapping.city import City
from mapping.disclosure import any_confidential
from mapping.geocoding.street_corners import addresses_written
from mapping.hours.italian import is_contradiction
from mapping.hours.opening import to_osm
from mapping.services.phones import phone
from mapping.taxonomy import for_infants
from mapping.text import tidy

NO_ROOM_DATE = "Senza il giorno in «Posti al» non conta: scrivilo, come 21/11/2026."
_PERMIT = "Permesso di soggiorno"
_HOURS_UNREAD = "Sarà mostrato com'è, ma non si saprà se è aperto. Scrivilo come lun-ven 14-18."
_CONTRADICTION = "Dice aperto e chiuso negli stessi giorni: non si saprà se è aperto. Correggilo."
NAME_LETTERS = 200
_TAG = re.compile(
    r"</?(?:a|b|i|u|em|strong|span|font|small|big|sup|sub|h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE
)
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_EVERYBODY = {"tutti", "tutte", "per tutti", "tutte le eta", "qualsiasi"}


@dataclass(frozen=True)
class Unread:
    """A cell that was not understood, and is kept as it is."""

    field: str
    value: str
    message: str


def tidy_row(
    texts: dict[str, str], headings: Headings, entry: Source, city: City
) -> tuple[dict[str, str], list[Unread]]:
    """Write a row as `ingest.services.read_services` reads it, and list what went into the note.

    Raises CellError when a cell would mislead a family, or is required and empty.
    """
    texts = {name: tidy(_bare(text)) or "" for name, text in texts.items()}
    for name in ("name", "category"):
        if not texts[name]:
            label = fields()[name].label
            raise CellError(name, f"missing_{name}", f"Manca «{label}»: scrivilo.")
    if len(texts["name"]) > NAME_LETTERS:
        message = f"Il nome ha {len(texts['name'])} lettere: accorcialo, al più {NAME_LETTERS}."
        raise CellError("name", "bad_value", message)
    texts["category"] = " ".join(_categories(texts["category"]))
    _refuse_dates(texts)
    texts["city"] = texts["city"] or city.name
    texts["civic"] = normalise.code(texts["civic"]) or ""
    texts["assured_date"] = checked_date(texts["assured_date"]) or entry.assured_date or ""
    texts["ages"] = _ages(texts, headings)
    _require_readable(texts, city)
    texts |= _permit(texts)
    unread = _keep_unread(texts, infants=for_infants(texts["category"].split()))
    number = places(texts["capacity"])
    texts["capacity"] = "" if number is None else f"{number} posti"
    return texts, unread


def _bare(text: str) -> str:
    """Leave out the markup and the marks of direction that a web page or a program left behind."""
    return _TAG.sub(" ", _DIRECTION.sub("", text))


def _permit(texts: dict[str, str]) -> dict[str, str]:
    """Write whether a permit of stay is asked for among the documents, or in the note."""
    answer = texts["permit_required"]
    if not answer:
        return {}
    if normalise.yes_no(answer):
        return {
            "required_documents": "; ".join(filter(None, [texts["required_documents"], _PERMIT]))
        }
    remark = f"{_PERMIT} richiesto: {answer}"
    return {"note": "; ".join(filter(None, [texts["note"], remark]))}


def checked_date(text: str) -> str | None:
    """Read the day on which somebody checked a row, ``21/11/2026``, a month or a year, as ISO.

    None for an empty text. Raises CellError when it is no day, or one still to come.
    """
    if not text:
        return None
    day = normalise.stated_date(text)
    if day:
        return day
    is_short = re.fullmatch(r"\d\d?[-/.]\d\d?[-/.]\d\d", text)
    wrong = "ha l'anno di due cifre" if is_short else "non è una data passata"
    message = f"«{text}» {wrong}. Scrivila così: 21/11/2026."
    raise CellError("assured_date", "bad_value", message)


def _categories(text: str) -> list[str]:
    codes, unknown = category_codes(text)
    if unknown is not None:
        near = "», «".join(like_categories(unknown))
        raise CellError(
            "category",
            "unknown_category",
            f"«{unknown}» non è una categoria. Le più vicine: «{near}»; tutte sono nel modello.",
        )
    if any_confidential(codes):
        raise CellError(
            "category",
            "confidential",
            "Il luogo di questi servizi non va mai scritto: è un pericolo per chi cerca aiuto."
            " Togli la riga.",
        )
    return sorted(codes)


def _refuse_dates(texts: dict[str, str]) -> None:
    for name in ("civic", "days", "hours", "ages", "capacity", "waiting_days", "phone"):
        if re.fullmatch(r"\d{4}-\d\d-\d\d([T ].*)?", texts[name]):
            raise CellError(
                name,
                "turned_to_date",
                f"Il foglio ha trasformato «{fields()[name].label}» in una data ({texts[name]})."
                " Dai alla cella il formato Testo, e riscrivi il valore.",
            )


def _ages(texts: dict[str, str], headings: Headings) -> str:
    if texts["ages"]:
        everybody = simple(texts["ages"]) in _EVERYBODY
        return "" if everybody else _with_unit(texts["ages"], headings, "ages")
    first, last = (normalise.code(texts[name]) or "" for name in ("age_from", "age_to"))
    if first and last:
        return _with_unit(f"{first}-{last}", headings, "age_from", "age_to")
    # Of one column alone, or one cell, the other age is not known.
    if first:
        return f"da {_with_unit(first, headings, 'age_from')}"
    return f"fino a {_with_unit(last, headings, 'age_to')}" if last else ""


def _with_unit(text: str, headings: Headings, *names: str) -> str:
    """Write the unit behind an age that has none where its column says that it is months."""
    columns = " ".join(column for name in names for column in headings.columns.get(name, ()))
    if re.search(r"[^\W\d_]", text) and re.search(r"mes|ann|\d\s?[ma]\b", text.lower()):
        return text
    if "mesi" in simple(columns):
        return f"{text} mesi"
    return text


_CHECKS: dict[str, tuple[Callable[[str, City], object], str]] = {
    "phone": (lambda text, _city: phone(text), "un numero con almeno sei cifre, o breve come 112"),
    "email": (lambda text, _city: contacts.contact(text)[0], "un indirizzo come info@esempio.org"),
    "url": (lambda text, _city: contacts.contact(text)[1], "un indirizzo come www.esempio.org"),
    "cap": (
        lambda text, city: normalise.cap(text, prefix=city.cap_prefix),
        "le cinque cifre di un CAP della città",
    ),
    "municipio": (
        lambda text, _city: normalise.municipio(text),
        "solo il numero, come 2",
    ),
}
"""What is refused where it cannot be read, with what would do."""
_CONTACTS = ("phone", "email", "url")
_WORDS_ALONE = re.compile(r"[^\d@./:]+")
"""No number and no address, but that it is not known: ``da definire``."""


def _require_readable(texts: dict[str, str], city: City) -> None:
    is_here = in_city(texts["city"], city)
    for name, (read, rule) in _CHECKS.items():
        elsewhere = name == "cap" and not is_here
        is_untold = name in _CONTACTS and _WORDS_ALONE.fullmatch(texts[name])
        if texts[name] and not (elsewhere or is_untold or read(texts[name], city)):
            label = fields()[name].label
            message = f"{label}: «{texts[name]}» non va bene. Serve {rule}."
            raise CellError(name, "bad_value", message)
    texts["municipio"] = normalise.municipio(texts["municipio"]) or ""
    if (texts["lon"] or texts["lat"]) and not normalise.coordinates(texts["lon"], texts["lat"]):
        raise CellError(
            "lon", "bad_value", "Le coordinate non sono in Italia. Correggile, o toglile."
        )


_TWO_ADDRESSES = (
    "Sono due indirizzi: sulla mappa sta il primo. Per averli tutti, ripeti la riga: uguale, con un"
    " indirizzo ciascuna."
)
_LANGUAGE_NAMES = "Scrivi i nomi delle lingue: arabo, inglese."


@cache
def _kept_as_note(*, infants: bool) -> dict[str, tuple[Callable[[str], object], str]]:
    """Say of each field that goes into the note when it is not understood: reader and remedy."""
    yes_no = [name for name, entry in fields().items() if entry.choices == "yes_no"]
    return {
        "phone": (phone, "Non si sa: scrivilo quando c'è."),
        "email": (lambda text: contacts.contact(text)[0], "Non si sa: scrivilo quando c'è."),
        "url": (lambda text: contacts.contact(text)[1], "Non si sa: scrivilo quando c'è."),
        "ages": (
            lambda text: read_ages(text, infants=infants) != (None, None),
            "Scrivi 6-14, oppure 3-36 mesi.",
        ),
        "capacity": (places, "Scrivi il numero dei posti; uno come 2026 sembra un anno."),
        "room_date": (
            normalise.stated_date,
            "Scrivi un giorno passato, come 21/11/2026: senza, posti e attesa non contano.",
        ),
        "room_status": (
            room_status,
            "Scegli: c'è posto, lista d'attesa, al completo, da valutare.",
        ),
        "waiting_days": (
            lambda text: waiting_days(text) is not None,
            "Scrivi quanti giorni si aspetta, da 0 in su, o quanti mesi.",
        ),
        **dict.fromkeys(yes_no, (_is_yes_or_no, "Scrivi sì o no.")),
        "free": (lambda text: normalise.free(text) is not None, "Scrivi sì o no."),
        "languages": (normalise.languages, _LANGUAGE_NAMES),
        "catchment": (catchment, "Scrivi Municipio 8, Municipi 1 e 4, NIL 76 o tutta la città."),
    }


def _is_yes_or_no(text: str) -> bool:
    return normalise.yes_no(text) is not None


def _spelling(text: str) -> str:
    """Offer the right spelling of what is nearly the name of a language."""
    meant = ", ".join(normalise.likely_languages(text))
    return f" Intendevi {meant}?" if meant else ""


def _keep_unread(texts: dict[str, str], *, infants: bool) -> list[Unread]:
    unread: list[Unread] = []
    for name, (read, remedy) in _kept_as_note(infants=infants).items():
        if texts[name] and not read(texts[name]):
            guess = _spelling(texts[name]) if name == "languages" else ""
            unread.append(Unread(name, texts[name], f"Rimane nelle note. {remedy}{guess}"))
            remark = f"{fields()[name].label}: {texts[name]}"
            texts["note"] = "; ".join(filter(None, [texts["note"], remark]))
            texts[name] = ""
    if others := ", ".join(normalise.other_names(texts["languages"])):
        message = f"Rimane nelle note. {_LANGUAGE_NAMES}{_spelling(others)}"
        unread.append(Unread("languages", others, message))
        texts["note"] = "; ".join(filter(None, [texts["note"], f"altre lingue: {others}"]))
    undated = next((name for name in ("room_status", "waiting_days") if texts[name]), None)
    if undated and not texts["room_date"]:
        unread.append(Unread(undated, texts[undated], NO_ROOM_DATE))
    if len(addresses_written(texts["street"])) > 1:
        unread.append(Unread("street", texts["street"], _TWO_ADDRESSES))
    hours = f"{texts['days']} {texts['hours']}".strip()
    if hours and to_osm(hours, texts["assured_date"] or None) is None:
        message = _CONTRADICTION if is_contradiction(hours) else _HOURS_UNREAD
        unread.append(Unread("hours", hours, message))
    return unread
