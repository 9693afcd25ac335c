"""Turns the rows of a sheet into services: each row is kept, left out, or given back to mend."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.border import Inside
from ingest.passages import Passage
from ingest.readers.delimited import likely_delimiter, read_delimited
from ingest.readers.workbook import read_workbook
from ingest.rows import CellError, RawRow, RawTable
from ingest.services import read_services
from ingest.sheets.cells import tidy_row
from ingest.sheets.closed_remarks import closure_told
from ingest.sheets.closed_rows import GONE
from ingest.sheets.headings import Headings, fields, recognise
from ingest.sheets.helpline import is_helpline
from ingest.sheets.identity import fingerprint, settle
from ingest.sheets.refusal_texts import in_italian
from ingest.signs import under
from ingest.source import CategoryRule, Source, source
from ingest.values import normalise
from mapping.catalogue.batches import QuarantinedRow
from mapping.city import City
from mapping.confidential_words import spoken_phrases
from mapping.disclosure import is_confidential, row_speaks
from mapping.errors import BadInputError, SourceError
from mapping.model import PLACE_FLAGS, Service
from mapping.tax_codes import names_a_person
from mapping.taxonomy import categories
from mapping.text import plain

FAMILY = "foglio"
_MASKED = "La riga sembra di un luogo riservato: non ne è tenuto niente. Correggila nel suo foglio."
_SUSPECTED = (
    "Sembra un luogo riservato: non sarà mostrato finché una persona non decide"
    " (prossima review list)."
)
_HIDDEN_ROW = "Il foglio nasconde questa riga: è letta come le altre. Se non vale, cancellala."
_HIDDEN_COLUMN = (
    "Il foglio nasconde questa colonna: è letta come le altre. Se non vale, cancellala."
)
_HIDDEN_SHEET = "Il file nasconde questo foglio: non è letto. Se vale, importalo con --sheet."
_OLD_ENCODING = (
    "Le lettere del file sono di un vecchio programma (DOS o Macintosh), riconosciuto dagli"
    " accenti: controlla i nomi, o salvalo in UTF-8."
)
_WHERE = {
    "heading": "Questa riga",
    "note": "Questa nota sotto la tabella",
    "group": "Una cella di questa riga, scritta una volta per le righe sotto,",
    "around": "Il titolo, il nome del foglio o qualcosa intorno alla tabella",
    "name": "Il nome del file o della fonte",
}
"""What speaks of a confidential place over rows, by `Passage.kind`."""
_TO_CLEAR = (
    ": righe in attesa di una persona: {}. Basta che li nomini insieme ad altri, o per escluderli."
    " Se le righe non lo sono: prossima review list --show-confidential, poi prossima review clear"
    " ID ID …"
)
EXAMPLE = "ESEMPIO"
"""A row whose name or code starts so is an example of the template."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that was not kept: its number in the sheet, what is wrong, and what to mend."""

    row: int | None
    field: str
    value: str
    message: str
    code: str
    texts: dict[str, str]
    """The row as it stands in the sheet."""

    @property
    def is_confidential(self) -> bool:
        """Whether the row is of a confidential place, or its words speak of one."""
        speaks = row_speaks(self.texts) and not is_helpline(self.texts)
        return self.code == "confidential" or speaks

    def masked(self) -> "RefusedRow":
        """Keep where a confidential row is, and nothing that it says; any other as it is."""
        if not self.is_confidential:
            return self
        message = self.message if self.code == "confidential" else _MASKED
        return replace(self, value="", message=message, texts={})


@dataclass(frozen=True)
class Remark:
    """Something to look at in a row that was kept, or around the rows."""

    row: int | None
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
    refused: list[RefusedRow] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    out_of_scope: Counter[str] = field(default_factory=Counter)
    rows_kept: int = 0
    doubted: set[str] = field(default_factory=set)
    """The keys of services whose rows say, or may say, that they are closed: no date holds."""

    @property
    def lacks_dates(self) -> bool:
        """Whether a day of checking, were it written, would verify a service that has none."""
        return any(
            service.provenance.assured_date is None
            and service.service_id.split(":", 2)[2] not in self.doubted
            for service in self.services
        )

    @property
    def shown_rows(self) -> list[RawRow]:
        """The rows that were kept, but for those of services that seem confidential."""
        hidden = _hidden_names(self.services)
        return [row for row in self.rows if row.texts["name"] not in hidden]


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
    columns = {name: name for name in fields()} | family.columns
    changes = {"id": f"{FAMILY}:{short}", "title": title, "categories": rules, "columns": columns}
    return family.model_copy(update=changes)


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
    names = (source_id, path.stem)
    if kind in {".xlsx", ".xlsm", ".xls", ".ods"}:
        return _under_names(_workbook(path, source_id, sheet), names)
    if kind not in {".csv", ".tsv", ".txt"}:
        raise BadInputError(
            f"«{path.name}» non è un foglio che so leggere. Salvalo come .xlsx, .xls, .ods o .csv."
        )
    table = read_delimited(path, delimiter=_delimiter(path), source_id=source_id)
    return _under_names(table, names)


def _under_names(table: RawTable, names: Sequence[str]) -> RawTable:
    return under(table, (Passage(name, "nome del file", kind="name") for name in names))


def understand(
    table: RawTable,
    entry: Source,
    city: City,
    inside: Inside,
    areas: Collection[str] | None = None,
) -> Sheet:
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
    areas : collection of str, optional
        Those that a catchment may name, ``level:area_id``.

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
    originals = {row.line: row.cells for row in table.rows}
    _refuse_tax_codes(table)
    ours = RawTable(list(fields()), _canonical(table, sheet, entry, city))
    reading = read_services(entry, ours, city, inside, areas)
    sheet.refused += [_refusal(row, originals) for row in reading.quarantined]
    sheet.refused.sort(key=lambda refusal: refusal.row or 0)
    sheet.out_of_scope += reading.out_of_scope
    sheet.services, sheet.rows_kept = reading.services, reading.rows_kept
    lost = {refusal.row for refusal in sheet.refused}
    sheet.remarks += _outside(ours.rows, inside)
    sheet.remarks += [Remark(row, "", "", _HIDDEN_ROW) for row in table.hidden_rows]
    sheet.rows = [row for row in ours.rows if row.line not in lost]
    shown = {row.line for row in sheet.shown_rows}
    sheet.remarks = [remark for remark in sheet.remarks if remark.row in shown]
    sheet.remarks += [Remark(None, name, "", _HIDDEN_COLUMN) for name in table.hidden_columns]
    sheet.remarks += [Remark(None, "", name, _HIDDEN_SHEET) for name in table.hidden_sheets]
    sheet.remarks += _waiting(sheet.rows)
    if table.old_encoding:
        sheet.remarks.append(Remark(None, "", table.old_encoding, _OLD_ENCODING))
    sheet.remarks += [
        Remark(row.line, "name", "", _SUSPECTED)
        for row in sheet.rows
        if row.line not in shown and not _waits_for_signs_alone(row)
    ]
    return sheet


def _waits_for_signs_alone(row: RawRow) -> bool:
    return bool(row.signs) and not row_speaks(replace(row, signs=()).cells)


def _waiting(rows: Sequence[RawRow]) -> Iterator[Remark]:
    """Say once what keeps rows waiting that say nothing themselves, and how to clear them."""
    waiting = Counter(sign for row in rows if _waits_for_signs_alone(row) for sign in row.signs)
    by_place: dict[tuple[str, str, int | None], list[tuple[str, int]]] = {}
    for sign, number in waiting.items():
        place = _WHERE[sign.kind], sign.masked(spoken_phrases), sign.line
        by_place.setdefault(place, []).append((sign.text, number))
    for (words, where, line), signs in by_place.items():
        phrases = dict.fromkeys(phrase for text, _ in signs for phrase in spoken_phrases(text))
        shown = f" (dice «{'», «'.join(phrases)}»)" if phrases else ""
        where_in = f"{where}: " if where and line is None else ""
        most = max(number for _, number in signs)
        message = f"{where_in}{words} sembra parlare di luoghi riservati{shown}"
        message += _TO_CLEAR.format(most)
        yield Remark(line, "", "", message)


def with_known_ids(sheet: Sheet, before: Sequence[Service], *, whole: bool) -> list[Service]:
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
    coded = [service for service in sheet.services if service.service_id.split(":", 2)[2] in keys]
    named = {service.service_id for service in coded}
    others = [service for service in sheet.services if service.service_id not in named]
    free = [service for service in before if service.service_id not in named]
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
        for refusal in (refused.masked() for refused in sheet.refused)
    ]


def _workbook(path: Path, source_id: str, sheet: str | None) -> RawTable:
    try:
        return read_workbook(path, source_id=source_id, sheet=sheet)
    except SourceError as error:
        raise BadInputError(
            f"Non riesco a leggere «{path.name}»: {error} Aprilo, salvalo come .xlsx, e riprova."
        ) from error


def _delimiter(path: Path) -> str:
    delimiter = likely_delimiter(path)
    if delimiter is None:
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
    first_rows: dict[str, tuple[int, dict[str, str]]] = {}
    for row in table.rows:
        texts = {name: sheet.headings.value(row.texts, name) for name in fields()}
        if not any(texts.values()):
            sheet.out_of_scope["vuote"] += 1
        elif reason := _left_out(texts):
            sheet.out_of_scope[reason] += 1
        else:
            try:
                ours, unread = tidy_row(texts, sheet.headings, entry, city)
                ours["key"] = ours["code"] or _key(ours)
                _refuse_twice(RawRow(row.line, dict(ours)), first_rows)
                if closure := closure_told(row.texts, sheet.headings):
                    sheet.doubted.add(ours["key"])
                    sheet.remarks.append(Remark(row.line, *closure))
                rows.append(RawRow(row.line, ours, row.texts, row.signs))
                sheet.remarks += [Remark(row.line, **vars(cell)) for cell in unread]
                sheet.remarks += _said_twice(row, sheet.headings)
            except CellError as error:
                sheet.refused.append(_refused(row, texts, error))
    for row in rows:
        # A date in another row of the service holds no more than one in this.
        if row.texts["key"] in sheet.doubted:
            row.texts["assured_date"] = ""
    return rows


def _left_out(texts: dict[str, str]) -> str | None:
    """Say why a row is no service: an example, a comment, or one that its own hours say is gone."""
    if _is_example(texts):
        return "di esempio"
    if texts["name"].startswith("#"):
        return "commentate con #"
    return "chiusi per sempre" if GONE.search(plain(f"{texts['days']} {texts['hours']}")) else None


def _said_twice(row: RawRow, headings: Headings) -> Iterator[Remark]:
    for name in fields():
        for column, cell in headings.unused(row.texts, name):
            message = f"Anche «{column}» lo dice, in un altro modo: vale la prima colonna."
            yield Remark(row.line, name, cell, message)


def _is_example(texts: dict[str, str]) -> bool:
    return any(texts[name].upper().startswith(EXAMPLE) for name in ("name", "code"))


def _key(texts: dict[str, str]) -> str:
    address = f"{texts['street']} {texts['civic']}"
    return fingerprint(texts["name"], texts["organization"], address, texts["category"])


def _hidden_names(services: Sequence[Service]) -> set[str]:
    return {service.name for service in services if is_confidential(service)}


def _outside(rows: list[RawRow], inside: Inside) -> Iterator[Remark]:
    for row in rows:
        lon, lat = row.texts["lon"], row.texts["lat"]
        point = normalise.coordinates(lon, lat)
        if point and not inside(*point):
            message = "Il punto è fuori dalla città: il luogo sarà cercato dall'indirizzo."
            yield Remark(row.line, "lon", f"{lon}, {lat}", message)


def _refuse_twice(row: RawRow, first_rows: dict[str, tuple[int, dict[str, str]]]) -> None:
    """Rows with one key are one service at several places or hours: the rest must agree."""
    line, first = first_rows.setdefault(row.texts["key"], (row.line, row.texts))
    if line == row.line:
        return
    differing = {name for name, text in row.texts.items() if text != first[name]}
    if not differing:
        raise CellError("name", "duplicate_row", f"È uguale alla riga {line}: tieni una riga sola.")
    apart = {"street", "civic", "cap", "municipio", "lon", "lat", "days", "hours", *PLACE_FLAGS}
    names = [fields()[name].label or name for name in fields() if name in differing - apart]
    if names:
        raise CellError(
            next(name for name in fields() if name in differing - apart),
            "duplicate_key",
            f"È lo stesso servizio della riga {line}, ma cambia: {', '.join(names)}. Rendi"
            " uguali le due righe, oppure dai ai due servizi nomi (o codici) diversi.",
        )


def _refused(row: RawRow, texts: dict[str, str], error: CellError) -> RefusedRow:
    # Of a confidential service nothing is kept, not even here.
    value = "" if error.code == "confidential" else texts.get(error.field_name, "")
    return RefusedRow(row.line, error.field_name, value, str(error), error.code, row.cells)


def _refusal(row: QuarantinedRow, originals: dict[int, dict[str, str]]) -> RefusedRow:
    texts = originals.get(row.line or 0) or {name: str(text) for name, text in row.raw.items()}
    message = in_italian(row)
    value = str(row.raw.get(row.field, ""))
    return RefusedRow(row.line, row.field, value, message, row.code, texts)
