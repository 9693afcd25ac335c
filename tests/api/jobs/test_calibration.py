"""The sheet of calls and walks: drawn, filled in by a person, read back, and told."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from ingest.readers.workbook import read_workbook
from ingest.sheets.calibration import (
    ANSWERED,
    CALLER,
    CALLS,
    DAY,
    SERVES,
    WALKED,
    WALKER,
    WALKS,
    is_calibration,
)
from mapping.catalogue.calibration import read_outcomes
from mapping.disclosure import confidential_categories
from tests.mapping.calibration.drawn_grid import grid_city, nidi_everywhere, service

HIDDEN = "Casa Segreta"
Book = dict[str, list[dict[str, str]]]
"""Rows of each sheet, by heading."""
Fill = Callable[[Book], None]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    var = tmp_path_factory.mktemp("calibration")
    hidden = service("rifugio", confidential_categories()[0], (600, 600), name=HIDDEN, phone="02 9")
    farmacie = [service(f"f{n}", "farmacia", (n * 400 + 50, 400)) for n in range(5)]
    grid_city(var / "editions", [*nidi_everywhere(), *farmacie, hidden])
    return var


@pytest.fixture
def var(built: Path, written: tuple[Path, str], tmp_path: Path) -> Path:  # noqa: ARG001 - its key
    return Path(shutil.copytree(built, tmp_path / "var"))


@pytest.fixture(scope="module")
def written(cli, built: Path, tmp_path_factory) -> tuple[Path, str]:
    """The sheet as it was written, and what the command said."""
    path = tmp_path_factory.mktemp("sheet") / "tarature.xlsx"
    done = cli("calibration", "sheet", str(path), var=built)
    assert done.returncode == 0, done.stderr
    return path, done.stdout


@pytest.fixture
def blank(written: tuple[Path, str], tmp_path: Path) -> Path:
    return Path(shutil.copy(written[0], tmp_path))


def read(path: Path) -> Book:
    names = (CALLS, WALKS)
    tables = {name: read_workbook(path, source_id="prova", sheet=name) for name in names}
    return {name: [row.texts for row in table.rows] for name, table in tables.items()}


def filled(path: Path, fill: Fill) -> Path:
    """Write into the sheet as a person does, and save it with another program."""
    book = read(path)
    fill(book)
    with xlsxwriter.Workbook(path) as saved:
        for name, rows in book.items():
            page = saved.add_worksheet(name)
            for line, cells in enumerate([list(rows[0]), *(row.values() for row in rows)]):
                page.write_row(line, 0, cells)
    return path


def write(book: Book, sheet: str, line: int, **cells: str | None) -> None:
    book[sheet][line - 2] |= {NAMES[name]: value or "" for name, value in cells.items()}


NAMES = {
    "answered": ANSWERED, "serves": SERVES, "day": DAY, "caller": CALLER, "walked": WALKED,
    "walker": WALKER, "obstacles": "Ostacoli", "word": "Parola",
}  # fmt: skip
DONE = {"answered": "sì", "serves": "sì", "day": "21/11/2025", "caller": "Rete 3"}
WALK = {"walked": "12,5", "day": "21/11/2025", "walker": "Rete 3", "obstacles": "scale in stazione"}


def test_the_sheet_says_how_many_of_how_many_and_names_nothing_confidential(
    cli, var, written, tmp_path
):
    path, said = written
    assert re.search(r"^30 telefonate e \d+ passeggiate in ", said)
    assert (
        "servizi comunali: nidi, consultori, CAG, Case di Quartiere, «non si sa»: 25 di 25" in said
    )
    assert "«quasi certo c'è»: 0 di 0" in said
    with zipfile.ZipFile(path) as parts:
        texts = [parts.read(name).decode() for name in parts.namelist()]
    assert not [text for text in texts if HIDDEN in text or "prova:rifugio" in text]
    assert [text.count('state="frozen"') for text in texts].count(1) == 2
    again = tmp_path / "again.xlsx"
    cli("calibration", "sheet", str(again), var=var)
    assert read(again) == read(path)
    assert {row["Parola"] for row in read(path)[CALLS]} == {"non si sa"}


def test_a_sheet_that_is_there_is_not_written_over(cli, var, blank):
    done = cli("calibration", "sheet", str(blank), var=var)
    assert done.returncode == 2
    assert "c'è già" in done.stderr


def test_an_empty_sheet_brings_nothing_and_the_results_say_so(cli, var, blank):
    done = cli("import", str(blank), var=var)
    assert done.returncode == 0, done.stderr
    assert "Telefonate: 0. Passeggiate: 0." in done.stdout
    shown = cli("calibration", "results", var=var)
    assert shown.stdout.split() == [
        "Nessuna",
        "telefonata",
        "fatta.",
        "Nessuna",
        "passeggiata",
        "fatta.",
    ]


def test_what_people_wrote_is_read_back_and_told(cli, var, blank):
    def fill(book: Book) -> None:
        write(book, CALLS, 2, **DONE)
        write(book, CALLS, 3, **{**DONE, "serves": "No"})
        write(book, CALLS, 4, answered="no", day="2025-11-20", caller="Rete 3")
        write(book, CALLS, 5, **{**DONE, "serves": "non si sa"})
        write(book, WALKS, 2, **WALK)

    done = cli("import", str(filled(blank, fill)), "--json", var=var)
    said = json.loads(done.stdout)
    assert (said["calls"], said["walks"], said["recorded"], said["wrong"]) == (4, 1, 5, [])
    outcomes = read_outcomes(f"sqlite:///{var}/catalogue.sqlite")
    assert [call.serves for call in outcomes.calls] == [True, False, None, None]
    (walk,) = outcomes.walks
    assert (walk.walked_minutes, walk.obstacles) == (12.5, "scale in stazione")
    told = json.loads(cli("calibration", "results", "--json", var=var).stdout)
    assert sum(word["known"] for word in told["words"]) == 2
    assert told["minutes"][0]["walks"] == 1
    again = json.loads(cli("import", str(blank), "--json", var=var).stdout)
    assert again["recorded"] == 0
    shown = cli("calibration", "results", var=var).stdout
    assert "| tutte | 1 |" in shown
    assert "Nessuna" not in shown


def test_an_outcome_is_erased_and_rows_of_an_edition_that_is_gone_are_told(cli, var, blank):
    def fill(book: Book) -> None:
        write(book, CALLS, 2, **DONE)
        write(book, WALKS, 2, **WALK)

    path = filled(blank, fill)
    assert "Importate: 2 nuove" in cli("import", str(path), var=var).stdout
    assert "Righe cancellate: 1." in cli("calibration", "erase", "T01", var=var).stdout
    assert cli("calibration", "results", var=var).stdout.startswith("Nessuna telefonata fatta.")
    again = cli("calibration", "erase", "T01", var=var)
    assert again.returncode == 2
    assert len(again.stderr.strip().splitlines()) == 1
    (folder,) = (each for each in (var / "editions").glob("2*") if each.is_dir())
    shutil.rmtree(folder)
    told = cli("import", str(path), var=var)
    assert told.returncode == 0, told.stderr
    assert told.stdout.count("l'edizione da cui è estratta non è più qui") == 2


def test_a_dry_run_writes_nothing(cli, var, blank):
    path = filled(blank, lambda book: write(book, CALLS, 2, **DONE))
    done = cli("import", str(path), "--dry-run", var=var)
    assert "Niente è stato importato." in done.stdout
    assert not read_outcomes(f"sqlite:///{var}/catalogue.sqlite").count


WRONG = [
    ({"answered": "forse"}, "«forse» in «Ha risposto?»: scrivi sì o no."),
    ({"serves": None}, "«È ancora attivo?» è vuoto: scrivi sì, no o «non si sa»."),
    ({"answered": "no"}, "se non ha risposto nessuno, lascia vuoto."),
    ({"day": "ieri"}, "«ieri» non è una data passata"),
    ({"day": "2025"}, "«2025» in «Data»: scrivi il giorno"),
    ({"day": None}, "«Data» è vuoto"),
    ({"caller": None}, "«Chi ha chiamato» è vuoto"),
    ({"caller": "Anna 333 1234567"}, "ha dati di una persona"),
    ({"caller": "anna@example.org"}, "ha dati di una persona"),
    ({"caller": "RSSMRA80A01F205X"}, "ha dati di una persona"),
    ({"word": "quasi certo c'è"}, "una colonna grigia è stata cambiata"),
]
NO_MINUTES = ("molti", "0", "-3", "1000", "12 circa", None)


def test_a_wrong_row_is_one_line_and_the_rest_is_imported(cli, var, blank):
    def fill(book: Book) -> None:
        for line, (cells, _) in enumerate(WRONG, start=2):
            write(book, CALLS, line, **{**DONE, **cells})
        write(book, CALLS, len(WRONG) + 2, **DONE)
        for line, minutes in enumerate(NO_MINUTES, start=2):
            write(book, WALKS, line, **{**WALK, "walked": minutes})

    done = cli("import", str(filled(blank, fill)), var=var)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    for line, (_, said) in enumerate(WRONG, start=2):
        (told,) = (one for one in lines if one.startswith(f"Telefonate, riga {line}: "))
        assert said in told
    walks = [one for one in lines if one.startswith("Passeggiate, riga ")]
    assert len(walks) == len(NO_MINUTES)
    assert all("scrivi i minuti" in one for one in walks)
    assert not re.search("333|anna@|RSSMRA", done.stdout)
    assert "Importate: 1 nuove o cambiate." in done.stdout
    assert len(read_outcomes(f"sqlite:///{var}/catalogue.sqlite").calls) == 1


def test_a_copied_row_is_told(cli, var, blank):
    def fill(book: Book) -> None:
        write(book, CALLS, 2, **DONE)
        book[CALLS].append(dict(book[CALLS][0]))

    done = cli("import", str(filled(blank, fill)), var=var)
    assert "è già nella riga 2" in done.stdout
    assert "Importate: 1 " in done.stdout


def test_a_sheet_without_a_column_is_refused_in_one_line(cli, var, blank):
    def fill(book: Book) -> None:
        for row in book[CALLS]:
            del row[SERVES]

    done = cli("import", str(filled(blank, fill)), var=var)
    assert done.returncode == 2
    assert "manca la colonna" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("harm", ["locked", "cut", "no zip", "other"])
def test_a_file_that_is_no_such_sheet_is_left_to_whoever_reads_others(tmp_path, blank, harm):
    path = tmp_path / "other.xlsx"
    content = bytearray(blank.read_bytes())
    if harm == "locked":
        for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            for part in re.finditer(re.escape(sign), bytes(content)):
                content[part.start() + flags] |= 1
    path.write_bytes({"cut": content[:-200], "no zip": b"Codice;Controllo"}.get(harm, content))
    if harm == "other":
        with xlsxwriter.Workbook(path) as book:
            book.add_worksheet("Servizi")
    assert not is_calibration(path)
    assert is_calibration(blank)
