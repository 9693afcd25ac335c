"""From a sheet that somebody keeps to services: every row kept, left out, or given back to mend."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest import normalise
from ingest.headings import (
    Headings,
    category_codes,
    fields,
    like_categories,
    names_a_person,
    recognise,
    simple,
)
from ingest.identity import fingerprint, settle
from ingest.readers.delimited import read_delimited
from ingest.readers.workbook import read_workbook
from ingest.rows import RawRow, RawTable
from ingest.services import Inside, read_services
from ingest.source import CategoryRule, Source, source
from mapping.catalogue import QuarantinedRow
from mapping.city import City
from mapping.errors import BadInputError, SourceError
from mapping.hours import to_osm
from mapping.model import Service
from mapping.taxonomy import categories
from mapping.text import tidy

FAMILY = "foglio"
_EVERYBODY = {"tutti", "tutte", "per tutti", "tutte le eta", "qualsiasi"}
EXAMPLE = "ESEMPIO"
"""A row whose name or code starts so is an example of the template."""


@dataclass(frozen=True)
class Refusal:
    """A row that was not kept: its number in the sheet, what is wrong, and what to mend."""

    row: int | None
    field: str
    value: str
    message: str
    code: str
    texts: dict[str, str]
    """The row as it stands in the sheet."""


@dataclass(frozen=True)
class Remark:
    """Something to look at in a row that was kept."""

    row: int
    field: str
    value: str
    message: str


@dataclass
class Sheet:
    """What was understood of a sheet."""

    columns: list[str]
    headings: Headings
    rows_in: int
    services: list[Service] = field(default_factory=list)
    rows: list[RawRow] = field(default_factory=list)
    """The rows that were kept, by our names of the fields."""
    refused: list[Refusal] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    out_of_scope: Counter[str] = field(default_factory=Counter)
    rows_kept: int = 0


class _RefusedError(ValueError):
    def __init__(self, field_name: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field_name = field_name
        self.code = code


def is_sheet(source_id: str) -> bool:
    """Whether a source is a sheet that somebody brought.

    Parameters
    ----------
    source_id : str
        Such as ``foglio:doposcuola_zona2``.

    Returns
    -------
    bool
        True for the family `FAMILY`.
    """
    return source_id.startswith(f"{FAMILY}:")


def sheet_source(name: str) -> Source:
    """Declare the source of one sheet.

    Parameters
    ----------
    name : str
        As its owner calls it, such as ``doposcuola_zona2``.

    Returns
    -------
    Source
        Of the family `FAMILY`, with the id ``foglio:NAME``.

    Raises
    ------
    BadInputError
        When the name is not of lower case letters, digits and underscores.
    """
    short = name.removeprefix(f"{FAMILY}:")
    if not re.fullmatch(r"[a-z0-9_]{2,40}", short):
        raise BadInputError(
            f"Il nome della fonte «{name}» non va bene. Usa lettere minuscole, cifre e trattini"
            " bassi, per esempio doposcuola_zona2: sempre lo stesso per lo stesso foglio."
        )
    rules = tuple(
        CategoryRule(column="category", pattern=rf"\b{code}\b", category=code)
        for code in categories()
    )
    family = source(FAMILY)
    title = f"{family.title} {short}"
    given = {"id": f"{FAMILY}:{short}", "title": title, "categories": rules}
    return family.model_copy(update=given)


def read_sheet(path: Path, source_id: str, *, sheet: str | None = None) -> RawTable:
    """Read the raw rows of a sheet.

    Parameters
    ----------
    path : Path
        A workbook, or delimited text.
    source_id : str
        Named in the rows that cannot be read.
    sheet : str, optional
        The sheet of a workbook, where it has several.

    Returns
    -------
    RawTable
        The rows, with their number in the sheet.

    Raises
    ------
    BadInputError
        When the file is not there, or of no kind that is read.
    """
    if not path.is_file():
        raise BadInputError(f"Il file «{path}» non c'è. Controlla il nome e la cartella.")
    kind = path.suffix.lower()
    if kind in {".xlsx", ".xlsm", ".xls", ".ods"}:
        return _workbook(path, source_id, sheet)
    if kind not in {".csv", ".tsv", ".txt"}:
        raise BadInputError(
            f"«{path.name}» non è un foglio che so leggere. Salvalo come .xlsx, .xls, .ods o .csv."
        )
    return read_delimited(path, delimiter=_delimiter(path), source_id=source_id)


def understand(table: RawTable, entry: Source, city: City, inside: Inside) -> Sheet:
    """Turn the rows of a sheet into services.

    Parameters
    ----------
    table : RawTable
        The rows as they are.
    entry : Source
        Of `sheet_source`.
    city : City
        Where the services are.
    inside : callable
        Whether lon and lat lie in the city.

    Returns
    -------
    Sheet
        Services whose ids come from what they say; `identity.settle` finds those known before.

    Raises
    ------
    BadInputError
        When there are data of private persons, or a required column is missing.
    """
    headings = recognise(table.columns)
    sheet = Sheet(table.columns, headings, table.rows_in)
    sheet.refused = [_refusal(row, {}) for row in table.unreadable]
    originals = {row.line: row.texts for row in table.rows}
    _refuse_tax_codes(table)
    ours = RawTable(list(fields()), _canonical(table, sheet, entry, city))
    reading = read_services(entry, ours, city, inside)
    sheet.refused += [_refusal(row, originals) for row in reading.quarantined]
    sheet.refused.sort(key=lambda refusal: refusal.row or 0)
    sheet.out_of_scope += reading.out_of_scope
    sheet.services, sheet.rows_kept = reading.services, reading.rows_kept
    lost = {refusal.row for refusal in sheet.refused}
    sheet.remarks += _outside(ours.rows, inside)
    sheet.rows = [row for row in ours.rows if row.line not in lost]
    sheet.remarks = [remark for remark in sheet.remarks if remark.row not in lost]
    return sheet


def settled(sheet: Sheet, before: Sequence[Service], *, whole: bool) -> list[Service]:
    """Give the services of a sheet the ids under which they are known.

    Parameters
    ----------
    sheet : Sheet
        What was understood.
    before : sequence of Service
        Those of the same source that are in force.
    whole : bool
        Whether the sheet is the complete list.

    Returns
    -------
    list of Service
        A code of the sheet's own decides; the others are found by `identity.settle`.
    """
    keys = {row.texts["code"] for row in sheet.rows if row.texts["code"]}
    coded = [one for one in sheet.services if one.service_id.split(":", 2)[2] in keys]
    named = {one.service_id for one in coded}
    others = [one for one in sheet.services if one.service_id not in named]
    free = [one for one in before if one.service_id not in named]
    return [*coded, *settle(others, free, whole=whole)]


def quarantine(sheet: Sheet, source_id: str) -> list[QuarantinedRow]:
    """Give the refused rows as the catalogue keeps them.

    Parameters
    ----------
    sheet : Sheet
        What was understood.
    source_id : str
        The source.

    Returns
    -------
    list of QuarantinedRow
        With the cell that is wrong only: a refused row may hold what must not be kept.
    """
    return [
        QuarantinedRow(
            source_id=source_id,
            line=refusal.row,
            field=refusal.field,
            code=refusal.code,
            message=refusal.message,
            raw={refusal.field: refusal.value} if refusal.value else {},
        )
        for refusal in sheet.refused
    ]


def _workbook(path: Path, source_id: str, sheet: str | None) -> RawTable:
    try:
        return read_workbook(path, source_id=source_id, sheet=sheet)
    except SourceError as error:
        raise BadInputError(
            f"Non riesco a leggere «{path.name}»: {error} Aprilo, salvalo come .xlsx, e riprova."
        ) from error


def _delimiter(path: Path) -> str:
    head = path.read_bytes()[:10_000].decode("utf-8", errors="replace")
    delimiter = max(";\t,", key=head.count)
    if delimiter not in head:
        raise BadInputError(
            f"«{path.name}» ha una colonna sola, o è vuoto. Salvalo come .csv con il punto e"
            " virgola."
        )
    return delimiter


def _refuse_tax_codes(table: RawTable) -> None:
    unreadable = [(row.line, map(str, row.raw.values())) for row in table.unreadable]
    for line, texts in [*((row.line, row.texts.values()) for row in table.rows), *unreadable]:
        if names_a_person(texts):
            raise BadInputError(
                f"Nella riga {line} c'è il codice fiscale di una persona. Qui si raccolgono"
                " solo servizi: niente è stato importato. Togli i dati di persone, e riprova."
            )


def _canonical(table: RawTable, sheet: Sheet, entry: Source, city: City) -> list[RawRow]:
    rows: list[RawRow] = []
    first_said: dict[str, tuple[int, dict[str, str]]] = {}
    for row in table.rows:
        texts = {name: sheet.headings.value(row.texts, name) for name in fields()}
        if not any(texts.values()):
            sheet.out_of_scope["vuote"] += 1
        elif _is_example(texts):
            sheet.out_of_scope["di esempio"] += 1
        else:
            try:
                row_of_ours = _tidied(row.line, texts, sheet, entry, city)
                _refuse_twice(row_of_ours, first_said)
                rows.append(row_of_ours)
            except _RefusedError as error:
                sheet.refused.append(_refused(row, texts, error))
    return rows


def _is_example(texts: dict[str, str]) -> bool:
    return any(texts[name].upper().startswith(EXAMPLE) for name in ("name", "code"))


def _tidied(line: int, texts: dict[str, str], sheet: Sheet, entry: Source, city: City) -> RawRow:
    """Write a row as `read_services` reads it; what would be lost is refused, or kept as a note."""
    texts = {name: tidy(text) or "" for name, text in texts.items()}
    for name in ("name", "category"):
        if not texts[name]:
            raise _RefusedError(
                name, f"missing_{name}", f"Manca «{fields()[name].label}»: scrivilo."
            )
    texts["category"] = " ".join(_categories(texts["category"]))
    _refuse_dates(texts)
    texts["city"] = texts["city"] or city.name
    texts["civic"] = normalise.code(texts["civic"]) or ""
    texts["assured_date"] = _date(texts["assured_date"]) or entry.assured_date or ""
    texts["ages"] = _ages(texts, sheet.headings)
    _require_readable(texts, city)
    _keep_unread(line, texts, sheet.remarks)
    number = normalise.whole(texts["capacity"])
    texts["capacity"] = "" if number is None else f"{number} posti"
    texts["key"] = texts["code"] or fingerprint(
        texts["name"],
        texts["organization"],
        f"{texts['street']} {texts['civic']}",
        texts["category"],
    )
    return RawRow(line, texts)


def _categories(text: str) -> list[str]:
    codes, unknown = category_codes(text)
    if unknown is not None:
        near = "», «".join(like_categories(unknown))
        raise _RefusedError(
            "category",
            "unknown_category",
            f"«{unknown}» non è una categoria. Le più vicine: «{near}»; tutte sono nel modello.",
        )
    if any(categories()[code].confidential for code in codes):
        raise _RefusedError(
            "category",
            "confidential",
            "Il luogo di questi servizi non va mai scritto: è un pericolo per chi cerca aiuto."
            " Togli la riga.",
        )
    return sorted(codes)


def _date(text: str) -> str:
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", text)
    if found:
        text = f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"
    read = normalise.assured_date(text)
    if text and not read:
        raise _RefusedError(
            "assured_date", "bad_value", f"«{text}» non è una data. Scrivila così: 21/11/2026."
        )
    return read or ""


def _refuse_dates(texts: dict[str, str]) -> None:
    for name in ("civic", "days", "hours", "ages", "capacity", "phone"):
        if re.fullmatch(r"\d{4}-\d\d-\d\d([T ].*)?", texts[name]):
            raise _RefusedError(
                name,
                "turned_to_date",
                f"Il foglio ha trasformato «{fields()[name].label}» in una data ({texts[name]})."
                " Dai alla cella il formato Testo, e riscrivila.",
            )


def _ages(texts: dict[str, str], headings: Headings) -> str:
    text = "" if simple(texts["ages"]) in _EVERYBODY else texts["ages"]
    if not text and texts["age_from"] and texts["age_to"]:
        text = f"{texts['age_from']}-{texts['age_to']}"
    columns = " ".join(headings.columns.get("ages", headings.columns.get("age_from", [])))
    in_months = "mesi" in simple(columns) and not re.search(r"mesi|anni", text.lower())
    return f"{text} mesi" if text and in_months else text


_CHECKS: dict[str, tuple[Callable[[str, City], object], str]] = {
    "phone": (lambda text, _city: normalise.phone(text), "un numero con almeno sei cifre"),
    "email": (lambda text, _city: normalise.contact(text)[0], "un indirizzo come info@esempio.org"),
    "url": (lambda text, _city: normalise.contact(text)[1], "un indirizzo come www.esempio.org"),
    "cap": (
        lambda text, city: normalise.cap(text, prefix=city.cap_prefix),
        "le cinque cifre di un CAP della città",
    ),
    "municipio": (
        lambda text, _city: re.fullmatch(r"\d{1,2}", _municipio(text)),
        "solo il numero, come 2",
    ),
}
"""What is refused where it cannot be read, with what would do."""


def _require_readable(texts: dict[str, str], city: City) -> None:
    in_city = simple(texts["city"]) == simple(city.name)
    for name, (read, rule) in _CHECKS.items():
        elsewhere = name == "cap" and not in_city
        if texts[name] and not elsewhere and not read(texts[name], city):
            label = fields()[name].label
            raise _RefusedError(
                name, "bad_value", f"{label}: «{texts[name]}» non va. Serve {rule}."
            )
    texts["municipio"] = _municipio(texts["municipio"])
    if (texts["lon"] or texts["lat"]) and not normalise.coordinates(texts["lon"], texts["lat"]):
        raise _RefusedError(
            "lon", "bad_value", "Le coordinate non sono un punto in Italia. Correggile, o toglile."
        )


def _municipio(text: str) -> str:
    return re.sub(r"^(municipio|zona|mun)\s*", "", normalise.code(simple(text)) or "").lstrip("0")


_KEPT_AS_NOTE: dict[str, tuple[Callable[[str], object], str]] = {
    "ages": (lambda text: normalise.ages(text)[1], "Scrivi 6-14, oppure 3-36 mesi."),
    "capacity": (normalise.whole, "Scrivi un numero."),
    "free": (lambda text: normalise.yes_no(text) is not None, "Scrivi sì o no."),
    "appointment_required": (
        lambda text: normalise.yes_no(text) is not None,
        "Scrivi sì o no.",
    ),
    "residence_required": (lambda text: normalise.yes_no(text) is not None, "Scrivi sì o no."),
    "step_free": (lambda text: normalise.yes_no(text) is not None, "Scrivi sì o no."),
    "languages": (normalise.languages, "Scrivi i nomi delle lingue: arabo, inglese."),
}


def _keep_unread(line: int, texts: dict[str, str], remarks: list[Remark]) -> None:
    for name, (read, remedy) in _KEPT_AS_NOTE.items():
        if texts[name] and not read(texts[name]):
            label = fields()[name].label
            remarks.append(Remark(line, name, texts[name], f"Tenuto nelle note. {remedy}"))
            texts["note"] = "; ".join(filter(None, [texts["note"], f"{label}: {texts[name]}"]))
            texts[name] = ""
    hours = f"{texts['days']} {texts['hours']}".strip()
    if hours and to_osm(hours) is None:
        message = "Sarà mostrato com'è, ma non si saprà se è aperto. Scrivi lun-ven 14-18."
        remarks.append(Remark(line, "hours", hours, message))


def _outside(rows: list[RawRow], inside: Inside) -> Iterator[Remark]:
    for row in rows:
        lon, lat = row.texts["lon"], row.texts["lat"]
        point = normalise.coordinates(lon, lat)
        if point and not inside(*point):
            message = "Il punto è fuori dalla città: il luogo sarà cercato dall'indirizzo."
            yield Remark(row.line, "lon", f"{lon}, {lat}", message)


def _refuse_twice(row: RawRow, first_said: dict[str, tuple[int, dict[str, str]]]) -> None:
    """Rows with one key are one service at several places or hours: the rest must agree."""
    line, first = first_said.setdefault(row.texts["key"], (row.line, row.texts))
    if line == row.line:
        return
    differing = {name for name, text in row.texts.items() if text != first[name]}
    if not differing:
        raise _RefusedError("name", "duplicate_row", f"È uguale alla riga {line}: tienine una.")
    apart = {"street", "civic", "cap", "municipio", "lon", "lat", "days", "hours", "step_free"}
    names = [fields()[name].label or name for name in fields() if name in differing - apart]
    if names:
        raise _RefusedError(
            next(name for name in fields() if name in differing - apart),
            "duplicate_key",
            f"È lo stesso servizio della riga {line}, ma cambia: {', '.join(names)}. Scrivi le"
            " stesse cose in entrambe, oppure dai ai due servizi nomi (o codici) diversi.",
        )


def _refused(row: RawRow, texts: dict[str, str], error: _RefusedError) -> Refusal:
    # Of a confidential service nothing is kept, not even here.
    value = "" if error.code == "confidential" else texts.get(error.field_name, "")
    return Refusal(row.line, error.field_name, value, str(error), error.code, row.texts)


_IN_ITALIAN = {
    "ragged_row": "La riga non ha tante celle quante l'intestazione. Controlla i separatori.",
    "cell_error": "Una cella contiene un errore del foglio (#RIF!, #DIV/0!). Correggi la formula.",
    "duplicate_key": "Un altro servizio ha la stessa chiave. Dai nomi o codici diversi.",
    "bad_value": "Un valore non va bene. Correggilo.",
}


def _refusal(row: QuarantinedRow, originals: dict[int, dict[str, str]]) -> Refusal:
    texts = originals.get(row.line or 0) or {name: str(text) for name, text in row.raw.items()}
    message = _IN_ITALIAN.get(row.code, row.message)
    value = str(row.raw.get(row.field, ""))
    return Refusal(row.line, row.field, value, message, row.code, texts)
