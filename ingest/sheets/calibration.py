"""The workbook in which people write what came of calls and walks, and how it is read back."""

import hmac
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

import xlsxwriter  # type: ignore[import-untyped] # it has no stubs
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from ingest.readers.workbook import read_workbook
from ingest.rows import CellError, RawRow
from ingest.sheets.cells import checked_date
from ingest.sheets.outcome_texts import is_role_or_initials, refusal
from ingest.sheets.template import A3, HEAD, WRAP, workbook
from ingest.values.normalise import yes_no
from mapping.calibration.calls import CallPlan, PlannedCall
from mapping.calibration.walks import MAX_MINUTES, QUARTERS, PlannedWalk, count_by_quarter
from mapping.catalogue.calibration import CalibrationOutcomes, CallOutcome, WalkOutcome
from mapping.coverage.confidence.survival import families
from mapping.coverage.sureness_words import SURENESS_LABELS
from mapping.errors import BadInputError
from mapping.taxonomy import category
from mapping.text import tidy, without_controls

CALLS, WALKS, GUIDE = "Telefonate", "Passeggiate", "Istruzioni"
_KEY, _SERVICE_ID, _EDITION, _CHECK = "Codice", "Codice del servizio", "Edizione", "Controllo"
_WORD, _FAMILY, _QUARTER, _PREDICTED = "Parola", "Famiglia", "Quarto", "Minuti previsti"
ANSWERED, SERVES = "Ha risposto?", "È ancora attivo?"
WALKED, OBSTACLES = "Minuti camminati", "Ostacoli"
DAY, CALLER, WALKER = "Data", "Chi ha chiamato", "Chi ha camminato"
NOT_KNOWN = "non si sa"
GIVEN: Mapping[str, Sequence[str]] = {
    CALLS: (_KEY, "Servizio", "Categoria", _FAMILY, _WORD, "Indirizzo", "Telefono"),
    WALKS: (
        _KEY, _QUARTER, "Da", "Coordinate", "A", "Categoria", "Indirizzo", _PREDICTED,
    ),
}  # fmt: skip
"""Columns that the sheet brings with it."""
ASKED: Mapping[str, Sequence[str]] = {
    CALLS: (ANSWERED, SERVES, DAY, CALLER),
    WALKS: (WALKED, OBSTACLES, DAY, WALKER),
}
"""Columns that a person fills in."""
_BEHIND = (_SERVICE_ID, _EDITION, _CHECK)
SIGNATURE_LETTERS = 16
_CODES = {CALLS: re.compile("T[0-9]{2,3}"), WALKS: re.compile("P[0-9]{2,3}")}
MAX_ROWS = 100
"""Of each page: more than is drawn, with room for a row that was copied."""
_LIST_BYTES = 2**18
"""Of the list of sheets no more is looked at."""
MAX_OBSTACLES, SHOWN = 160, 60
LONGEST_WALK, MAX_PREDICTED = 8 * MAX_MINUTES, 120
_WIDTHS = {_KEY: 8, "Servizio": 40, "A": 40, "Da": 44, "Indirizzo": 34, OBSTACLES: 44, _CHECK: 14}
_USUAL_WIDTH = 20
_EVERY_SERVICE = "Nessun servizio riservato è mai nel foglio."
_TEXTS = {
    "A che cosa serve": (
        "La mappa dice con una parola quanto è sicura di un servizio, e con i minuti quanto è"
        " lontano. Se le parole e i minuti valgano, lo sa solo chi telefona e chi cammina.",
        "I servizi e i percorsi sono estratti a sorte dall'edizione: vanno fatti così come sono."
        " Chi sceglie solo quelli facili misura la propria scelta. " + _EVERY_SERVICE,
    ),
    "Le telefonate": (
        f"Chiama il servizio (se il numero manca, cercalo) e scrivi se ha risposto ({ANSWERED} sì"
        f" o no, dopo tre tentativi in giorni diversi), se il servizio si tiene ancora lì"
        f" ({SERVES} sì, no o «{NOT_KNOWN}»), la data e chi ha chiamato: iniziali"
        " (M.R.) o un ruolo (rete 3, tutor).",
    ),
    "Le passeggiate": (
        "Parti dall'incrocio scritto, mai da casa di qualcuno, con un passeggino, al passo che ti"
        " viene, per la strada che faresti. Ferma il tempo davanti all'ingresso. Scrivi i minuti"
        " (12 oppure 12,5), gli ostacoli (scale, marciapiedi stretti, cantieri), la data e chi.",
    ),
    "Privacy": (
        "Niente di chi frequenta il servizio: né nomi, né indirizzi, né storie; e niente telefoni o"
        " indirizzi e-mail, né vie con il numero. Una riga in cui il programma ne vede non viene"
        " importata; un nome scritto da solo non lo vede: rileggi prima di mandare.",
    ),
    "Quando è compilato": (
        "prossima import FILE.xlsx lo legge, anche a metà: le righe vuote restano da fare, quelle"
        " sbagliate sono dette una per una e le altre importate. Le colonne grigie non si"
        " cambiano. I risultati sono in «prossima calibration results» e in docs/quality.md.",
    ),
}


def write_calibration(
    edition_id: str, calls: CallPlan, walks: Sequence[PlannedWalk], key: bytes
) -> bytes:
    """Write the workbook of some calls and walks, signed by a key, with a sheet that explains."""
    rows = {
        CALLS: [_call_cells(call) for call in calls.calls],
        WALKS: [_walk_cells(walk) for walk in walks],
    }

    def fill(book: xlsxwriter.Workbook) -> None:
        for name, cells in rows.items():
            _fill_sheet(book, name, [_behind(key, edition_id, *each) for each in cells])
        _fill_guide(book, strata_lines(calls, walks))

    return workbook(fill)


def is_calibration(path: Path) -> bool:
    """Whether a file is a workbook that `write_calibration` wrote, filled in or not."""
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as book, book.open("xl/workbook.xml") as sheets:
            listed = sheets.read(_LIST_BYTES).decode(errors="replace")
    except (KeyError, EOFError, RuntimeError, OSError, zipfile.BadZipFile, zlib.error):
        return False  # whoever reads it next says what is wrong with it
    return all(f'name="{name}"' in listed for name in (CALLS, WALKS))


@dataclass
class FilledSheet:
    """What was read: the outcomes, how many rows are still empty, and a line of each wrong one."""

    outcomes: CalibrationOutcomes = field(default_factory=CalibrationOutcomes)
    empty: int = 0
    wrong: list[str] = field(default_factory=list)


T = TypeVar("T")
ServicesOf = Callable[[str], Collection[str]]


def read_calibration(path: Path, key: bytes, services_of: ServicesOf) -> FilledSheet:
    """Read a workbook that people filled in; nothing is kept of a row that is wrong or unsigned.

    `services_of` gives the public services of an edition, none where it is not known.
    Raises BadInputError when a column is gone.
    """
    sheet = FilledSheet()

    def refuse(cells: Mapping[str, str], name: str) -> None:
        _refuse_changes(cells, name, key)
        _refuse_unknown(cells, name, services_of)

    calls = _read(path, CALLS, _call_outcome, sheet, refuse)
    sheet.outcomes = CalibrationOutcomes(calls, _read(path, WALKS, _walk_outcome, sheet, refuse))
    return sheet


def _call_cells(call: PlannedCall) -> tuple[list[str], str]:
    row, (family, word) = call.service, call.stratum
    label = families()[family].label
    texts = [
        call.code, row.name, category(row.category).label, label, SURENESS_LABELS[word],
        row.address or "", row.phone or "",
    ]  # fmt: skip
    return texts, row.service_id


def _walk_cells(walk: PlannedWalk) -> tuple[list[str], str]:
    row = walk.service
    texts = [
        walk.code, walk.quarter, walk.start, f"{walk.lat}, {walk.lon}", row.name,
        category(row.category).label, row.address or "", _number(walk.minutes),
    ]  # fmt: skip
    return texts, row.service_id


def _behind(key: bytes, edition_id: str, texts: Sequence[str], service_id: str) -> list[str]:
    """Add what tells which service it is, and the signature of what must stay as it is."""
    cells = [*(_as_read(text) for text in texts), service_id, edition_id]
    return [*cells, signature(cells, key)]


def _as_read(text: str) -> str:
    return tidy(without_controls(text)) or ""


def signature(cells: Sequence[str], key: bytes) -> str:
    """Sign the cells that a sheet brings: who has no key can neither change a row nor add one."""
    return hmac.new(key, "\n".join(cells).encode(), "sha256").hexdigest()[:SIGNATURE_LETTERS]


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def strata_lines(calls: CallPlan, walks: Sequence[PlannedWalk]) -> list[str]:
    """Say how many were drawn of how many, stratum by stratum."""
    lines = [
        f"{families()[stratum.family].label}, «{SURENESS_LABELS[stratum.word]}»:"
        f" {calls.drawn.get(stratum, 0)} di {known}"
        for stratum, known in calls.known.items()
    ]
    return [*lines, *(f"Passeggiate a {name}: {count}" for name, count in count_by_quarter(walks))]


def _fill_sheet(book: xlsxwriter.Workbook, name: str, rows: Sequence[Sequence[str]]) -> None:
    sheet = book.add_worksheet(name)
    brought, to_ask = GIVEN[name], ASKED[name]
    # The cells that are given come first and last: those to be filled in stand between them.
    columns = [*brought, *to_ask, *_BEHIND]
    head, grey = book.add_format(HEAD), book.add_format({**WRAP, "bg_color": "#f0f4f8"})
    to_fill = book.add_format({**WRAP, "num_format": "@", "locked": False})
    marked = book.add_format({**HEAD, "bg_color": "#0066cc"})
    for column, heading in enumerate(columns):
        sheet.write_string(0, column, heading, marked if heading in to_ask else head)
        sheet.set_column(column, column, _WIDTHS.get(heading, _USUAL_WIDTH))
    for line, cells in enumerate(rows, start=1):
        texts = [*cells[: len(brought)], *("" for _ in to_ask), *cells[len(brought) :]]
        for column, text in enumerate(texts):
            style = to_fill if columns[column] in to_ask else grey
            sheet.write_string(line, column, text, style)
    _offer_choices(sheet, columns, len(rows))
    sheet.freeze_panes(1, 2)
    sheet.protect("", {"format_columns": True, "format_rows": True, "sort": True})
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _offer_choices(sheet: Worksheet, columns: Sequence[str], rows: int) -> None:
    for heading, choices in {ANSWERED: ["sì", "no"], SERVES: ["sì", "no", NOT_KNOWN]}.items():
        if rows and heading in columns:
            column = columns.index(heading)
            sheet.data_validation(1, column, rows, column, {"validate": "list", "source": choices})


def _fill_guide(book: xlsxwriter.Workbook, drawn: Sequence[str]) -> None:
    guide = book.add_worksheet(GUIDE)
    title, wrap = book.add_format({"bold": True, "font_size": 13}), book.add_format(WRAP)
    guide.hide_gridlines(2)
    guide.fit_to_pages(1, 0)
    guide.set_column(0, 0, 110, wrap)
    line = 0
    for heading, texts in {**_TEXTS, "Quanti, di quanti": drawn}.items():
        guide.write_string(line, 0, heading, title)
        for text in texts:
            line += 1
            guide.write_string(line, 0, text, wrap)
        line += 2


def _table(path: Path, name: str) -> tuple[list[str], list[RawRow], list[str]]:
    table = read_workbook(path, source_id="calibration", sheet=name)
    bad = [f"{name}, riga {row.line}: {row.message}" for row in table.unreadable]
    return table.columns, table.rows, bad


def _read(
    path: Path,
    name: str,
    outcome: Callable[[Mapping[str, str]], T],
    sheet: FilledSheet,
    refuse: Callable[[Mapping[str, str], str], None],
) -> list[T]:
    columns, rows, bad = _table(path, name)
    if len(rows) > MAX_ROWS:
        raise BadInputError(
            f"«{path.name}», foglio «{name}»: ha {len(rows)} righe, e ne sono estratte al massimo"
            f" {MAX_ROWS}. Rimanda il foglio di `prossima calibration sheet`, senza righe in più."
        )
    needed = [*GIVEN[name], *ASKED[name], *_BEHIND]
    if lacking := [heading for heading in needed if heading not in columns]:
        raise BadInputError(
            f"«{path.name}», foglio «{name}»: manca la colonna «{lacking[0]}». Riparti dal foglio"
            " di `prossima calibration sheet`, e lascia le colonne come sono."
        )
    sheet.wrong += bad
    seen: dict[str, int] = {}
    outcomes = []
    for row in rows:
        cells = {heading: _as_read(row.texts[heading]) for heading in needed}
        if not any(cells[heading] for heading in ASKED[name]):
            sheet.empty += bool(cells[_KEY])
            continue
        try:
            refuse(cells, name)
            _refuse_copies(cells[_KEY], row.line, seen)
            outcomes.append(outcome(cells))
        except CellError as error:
            sheet.wrong.append(f"{name}, riga {row.line}: {error}")
    return outcomes


def _refuse_copies(code: str, line: int, seen: dict[str, int]) -> None:
    first = seen.setdefault(code, line)
    if first != line:
        raise _wrong(_KEY, f"«{_cut(code)}» è già nella riga {first}. Tienine una.")


def _refuse_changes(cells: Mapping[str, str], name: str, key: bytes) -> None:
    brought = [cells[heading] for heading in (*GIVEN[name], _SERVICE_ID, _EDITION)]
    if not hmac.compare_digest(signature(brought, key).encode(), cells[_CHECK].encode()):
        raise _wrong(
            _CHECK,
            "una colonna grigia è stata cambiata, o il foglio non è di qui. Rimetti la riga com'era"
            " nel foglio consegnato.",
        )


def _refuse_unknown(cells: Mapping[str, str], name: str, services_of: ServicesOf) -> None:
    """Refuse what no edition holds: a signature tells who wrote a row, and no more."""
    if not _CODES[name].fullmatch(cells[_KEY]):
        raise _wrong(_KEY, f"«{_KEY}» non è uno di quelli del foglio. Rimetti quello consegnato.")
    services = services_of(cells[_EDITION])
    if not services:
        raise _wrong(
            _EDITION,
            "l'edizione da cui è estratta non è più qui. Rifai il foglio con quella nuova.",
        )
    if cells[_SERVICE_ID] not in services:
        raise _wrong(_SERVICE_ID, "il servizio non è fra quelli pubblici della sua edizione.")


def _call_outcome(cells: Mapping[str, str]) -> CallOutcome:
    answered = yes_no(cells[ANSWERED])
    if answered is None:
        raise _bad(cells, ANSWERED, "scrivi sì o no.")
    serves, unsure = yes_no(cells[SERVES]), cells[SERVES].casefold() == NOT_KNOWN
    if answered and serves is None and not unsure:
        raise _bad(cells, SERVES, f"scrivi sì, no o «{NOT_KNOWN}».")
    if not answered and cells[SERVES]:
        raise _bad(cells, SERVES, "se non ha risposto nessuno, lascia vuoto.")
    return CallOutcome(
        cells[_EDITION], cells[_KEY], cells[_SERVICE_ID],
        _code_of(cells, _FAMILY, {key: family.label for key, family in families().items()}),
        _code_of(cells, _WORD, SURENESS_LABELS),
        answered, serves, _day(cells), _name(cells, CALLER),
    )  # fmt: skip


def _walk_outcome(cells: Mapping[str, str]) -> WalkOutcome:
    predicted, minutes = _minutes(cells[_PREDICTED]), _minutes(cells[WALKED])
    if predicted is None or not 1 <= predicted <= MAX_PREDICTED:
        raise _bad(cells, _PREDICTED, f"vanno da 1 a {MAX_PREDICTED}: rifai il foglio.")
    if cells[_QUARTER] not in QUARTERS:
        raise _wrong(_QUARTER, f"«{_QUARTER}» è uno di: {', '.join(QUARTERS)}.")
    if minutes is None:
        raise _bad(cells, WALKED, f"scrivi i minuti, fino a {LONGEST_WALK:.0f}: 12 oppure 12,5.")
    obstacles = cells[OBSTACLES] or None
    if obstacles:
        if len(obstacles) > MAX_OBSTACLES:
            raise _wrong(OBSTACLES, f"in «{OBSTACLES}» scrivi al massimo {MAX_OBSTACLES} lettere.")
        _refuse_people(cells, OBSTACLES)
    return WalkOutcome(
        cells[_EDITION], cells[_KEY], cells[_SERVICE_ID], cells[_QUARTER],
        predicted, minutes, obstacles,
        _day(cells), _name(cells, WALKER),
    )  # fmt: skip


def _code_of(cells: Mapping[str, str], heading: str, labels: Mapping[str, str]) -> str:
    for code, label in labels.items():
        if label == cells[heading]:
            return code
    raise _bad(cells, heading, "non è più fra quelle di oggi: rifai il foglio.")


def _minutes(text: str) -> float | None:
    if not re.fullmatch(r"[0-9]{1,3}([.,][0-9]{1,2})?", text):
        return None
    minutes = float(text.replace(",", "."))
    return minutes if 0 < minutes <= LONGEST_WALK else None


def _day(cells: Mapping[str, str]) -> date:
    day = checked_date(cells[DAY])
    if day is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        raise _bad(cells, DAY, "scrivi il giorno, fino a oggi: 21/11/2026.")
    return date.fromisoformat(day)


def _name(cells: Mapping[str, str], heading: str) -> str:
    name = cells[heading]
    if not name:
        raise _bad(cells, heading, "scrivi chi.")
    _refuse_people(cells, heading)
    if not is_role_or_initials(name):
        raise _wrong(heading, f"in «{heading}» scrivi iniziali (M.R.) o un ruolo: rete 3, tutor.")
    return name


def _refuse_people(cells: Mapping[str, str], heading: str) -> None:
    # What is refused for its content is not repeated.
    if reason := refusal(cells[heading]):
        raise _wrong(heading, f"«{heading}» {reason}")


def _bad(cells: Mapping[str, str], heading: str, rule: str) -> CellError:
    value = cells[heading]
    shown = f"«{_cut(value)}» in «{heading}»" if value else f"«{heading}» è vuoto"
    return _wrong(heading, f"{shown}: {rule}")


def _wrong(heading: str, message: str) -> CellError:
    return CellError(heading, "bad_value", message)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
