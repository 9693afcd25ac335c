"""Sheets of invented services brought in by commands."""

import hashlib
import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from mapping.edition.edition import Edition, current

ROOT = Path(__file__).parents[3]
HEAD = ("Nome", "Ente", "Categoria", "Indirizzo", "Telefono", "Lon", "Lat")
ROWS = [
    (name, "Associazione Prova", "Doposcuola", f"via Inventata {number}", "02 000000", 9.19, 45.46)
    for number, name in enumerate(("Alfa", "Beta", "Gamma", "Delta"), start=1)
]


def sheet(folder: Path, *rows: tuple[object, ...], name: str = "servizi.xlsx") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(folder / name, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet("Servizi")
        for line, row in enumerate((HEAD, *rows)):
            page.write_row(line, 0, row)
    return str(folder / name)


def changed(row: tuple[object, ...], place: int, text: object) -> tuple[object, ...]:
    return (*row[:place], text, *row[place + 1 :])


@pytest.fixture
def bring(cli, tmp_path):
    """Import rows, and give the JSON document."""

    def run(*rows: tuple[object, ...], options: tuple[str, ...] = ("--yes",)) -> dict:
        path = sheet(tmp_path / "fogli", *rows)
        done = cli("import", path, "--source", "prova", "--json", *options, var=tmp_path / "var")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def revisions(var: Path) -> int:
    with sqlite3.connect(var / "catalogue.sqlite") as database:
        (count,) = database.execute("select count(*) from service_revision").fetchone()
    database.close()
    return count


def hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_sheet_is_shown_recorded_and_part_of_the_next_edition(cli, bring, tmp_path):
    assert bring(*ROWS)["counts"]["new"] == 4
    done = cli("build", "--offline", var=tmp_path / "var")
    assert done.returncode == 0, done.stderr
    assert "foglio:prova" in done.stdout
    edition = Edition.open(current(tmp_path / "var" / "editions"))
    placed = [row for row in edition.services.to_pylist() if row["source_id"] == "foglio:prova"]
    assert len(placed) == 4
    assert {row["precision"] for row in placed} == {"civic"}
    (entry,) = (one for one in edition.manifest.sources if one.id == "foglio:prova")
    assert (entry.taken_from, entry.rows_kept) == ("import", 4)
    before = revisions(tmp_path / "var")
    assert bring(*ROWS)["counts"]["unchanged"] == 4
    assert revisions(tmp_path / "var") == before


def test_the_same_sheet_in_another_order_makes_no_revision(bring, tmp_path):
    bring(*ROWS)
    again = bring(*reversed(ROWS))
    assert (again["counts"]["unchanged"], again["changes"]) == (4, [])
    assert revisions(tmp_path / "var") == 4


def test_a_change_is_shown_with_the_old_and_the_new_value(bring):
    bring(*ROWS)
    said = bring(changed(ROWS[0], 4, "02 000001"), *ROWS[1:], options=("--dry-run",))
    (change,) = said["changes"]
    assert (change["name"], change["fate"]) == ("Alfa", "changed")
    assert change["fields"] == [{"field": "Telefono", "old": "02 000000", "new": "02 000001"}]


def test_a_dry_run_writes_nothing(bring, tmp_path):
    assert bring(*ROWS, options=("--dry-run",))["counts"]["new"] == 4
    assert not (tmp_path / "var").exists()
    bring(*ROWS)
    before = hashes(tmp_path)
    bring(*ROWS[1:], ("", "", "Doposcuola"), options=("--dry-run",))
    after = hashes(tmp_path)
    path = str(tmp_path / "fogli" / "servizi.xlsx")
    assert after.pop(path) != before.pop(path)
    assert after == before


def test_a_sheet_that_would_remove_much_is_refused(cli, bring, tmp_path):
    bring(*ROWS)
    part = sheet(tmp_path, *ROWS[:2])
    given = ("import", part, "--source", "prova", "--yes")
    done = cli(*given, var=tmp_path / "var")
    assert done.returncode == 2
    assert "toglierebbe 2 servizi su 4" in done.stderr
    assert "--accept-removals" in done.stderr
    assert revisions(tmp_path / "var") == 4
    assert cli(*given, "--accept-removals", var=tmp_path / "var").returncode == 0
    assert revisions(tmp_path / "var") == 6


def test_rows_that_are_added_remove_nothing(bring):
    bring(*ROWS)
    said = bring(changed(ROWS[0], 0, "Epsilon"), options=("--yes", "--add"))
    assert said["counts"] == {
        "new": 1, "changed": 0, "unchanged": 4, "withdrawn": 0, "refused": 0,
    }  # fmt: skip


def test_refused_rows_come_back_and_enter_when_they_are_mended(cli, bring, tmp_path):
    bring(*ROWS)
    said = bring(*ROWS[:3], changed(ROWS[3], 2, "palestra"), changed(ROWS[0], 0, "=1+1"))
    assert said["counts"]["withdrawn"] == 0
    assert len(said["held"]) == 1
    assert [(row["row"], row["value"]) for row in said["refused"]] == [(5, "palestra")]
    given_back = Path(said["to_mend"])
    assert given_back.name == "servizi-da-correggere.xlsx"
    whole = cli("import", said["to_mend"], "--source", "prova", "--yes", var=tmp_path / "var")
    assert whole.returncode == 2
    assert "--add" in whole.stderr
    rows = CalamineWorkbook.from_path(given_back).get_sheet_by_index(0).to_python()
    assert rows[0] == ["Da correggere", *HEAD]
    mended = sheet(tmp_path, changed(tuple(rows[1][1:]), 2, "Doposcuola"), name="mended.xlsx")
    done = cli("import", mended, "--source", "prova", "--yes", "--add", var=tmp_path / "var")
    assert "nuovi 0, cambiati 0" in done.stdout
    assert "righe da correggere 0" in done.stdout


def test_a_workbook_that_may_have_been_mended_is_not_written_over(bring):
    wrong = changed(ROWS[0], 2, "palestra")
    names = [Path(bring(wrong, *ROWS[1:])["to_mend"]).name for _ in range(2)]
    assert names == ["servizi-da-correggere.xlsx", "servizi-da-correggere-2.xlsx"]


def test_without_a_terminal_it_refuses_to_guess(cli, tmp_path):
    done = cli("import", sheet(tmp_path, *ROWS), "--source", "prova", var=tmp_path / "var")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert not (tmp_path / "var").exists()


@pytest.fixture
def asking(tmp_path) -> Iterator[tuple[subprocess.Popen, int]]:
    """Start an import that has a terminal to ask at; give the other end of the terminal."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "api.cli", "import", sheet(tmp_path, *ROWS)]
    settings = {"PROSSIMA_VAR": str(tmp_path / "var"), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--source", "prova"], cwd=ROOT, env={**os.environ, **settings}, stdin=theirs,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    yield process, ours
    process.kill()
    process.wait()
    process.stdout.close()
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"\n", 1), (b"\x04", 1), (b"s\n", 0)])
def test_on_a_terminal_it_asks(asking, tmp_path, answer, code):
    process, terminal = asking
    os.write(terminal, answer)
    said, _ = process.communicate()
    assert "Importare?" in said.decode()
    assert (process.returncode, (tmp_path / "var").exists()) == (code, code == 0)


def test_an_import_that_is_killed_while_it_asks_has_written_nothing(asking, tmp_path):
    process, _ = asking
    said = b""
    while b"Importare?" not in said:
        said += process.stdout.read1()
    process.kill()
    process.wait()
    assert [path.name for path in tmp_path.iterdir()] == ["servizi.xlsx"]


def test_an_import_that_cannot_give_rows_back_records_nothing(cli, tmp_path):
    path = sheet(tmp_path, *ROWS, ("", "", "Doposcuola"))
    (tmp_path / ".servizi-da-correggere.xlsx.part").mkdir()
    done = cli("import", path, "--source", "prova", "--yes", var=tmp_path / "var")
    assert done.returncode == 2
    assert "non si può scrivere" in done.stderr
    assert not (tmp_path / "var" / "catalogue.sqlite").exists()


def test_the_ages_of_a_new_service_are_shown_as_they_were_read(cli, tmp_path):
    path = tmp_path / "nidi.csv"
    path.write_text("Nome;Ente;Categoria;Età\nAlfa;Associazione Prova;nido;12-36\n")
    done = cli("import", str(path), "--source", "prova", "--dry-run", var=tmp_path / "var")
    assert done.returncode == 0, done.stderr
    assert "12-36 mesi" in done.stdout


def test_hostile_text_is_shown_as_text(cli, tmp_path):
    hostile = changed(ROWS[0], 0, "[red]Alfa[/red]\x1b[31m<script>")
    done = cli(
        "import", sheet(tmp_path, hostile), "--source", "prova", "--dry-run", var=tmp_path / "var"
    )
    assert "[red]Alfa[/red]" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--template"),
        (("assente.xlsx", "--source", "prova"), "«assente.xlsx»"),
        (("README.md", "--source", "prova"), ".xlsx"),
        (("README.md", "--source", "Zona 2"), "doposcuola_zona2"),
        (("README.md", "--source", "prova", "--checked-on", "ieri"), "21/11/2026"),
        (("--template", "modello.xls"), ".xlsx"),
        (("--template", "assente/modello.xlsx"), "cartella"),
    ],
)
def test_a_mistake_is_one_line(cli, tmp_path, arguments, words):
    done = cli("import", *arguments, var=tmp_path / "var")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert line.startswith("prossima: ")
    assert words in line


def test_the_template_is_written_once(cli, tmp_path):
    path = tmp_path / "modello.xlsx"
    assert cli("import", "--template", str(path), var=tmp_path / "var").returncode == 0
    before = path.read_bytes()
    again = cli("import", "--template", str(path), var=tmp_path / "var")
    assert (again.returncode, path.read_bytes()) == (2, before)
    done = cli("import", str(path), "--source", "prova", "--yes", var=tmp_path / "var")
    assert "scrivine almeno uno" in done.stderr


@pytest.mark.shared
def test_an_address_that_is_not_found_is_told_with_those_that_are_alike(cli, milano_var, tmp_path):
    known, typo = (changed(row, 3, text) for row, text in zip(
        ROWS, ("via Padova 61", "via Padoa 61"), strict=False
    ))  # fmt: skip
    path = sheet(tmp_path, known, typo)
    done = cli("import", path, "--source", "prova", "--dry-run", "--json", var=milano_var)
    remarks = json.loads(done.stdout)["remarks"]
    assert [(one["row"], one["value"]) for one in remarks] == [(3, "via Padoa 61")]
    assert "Padova" in remarks[0]["message"]


@pytest.mark.shared
def test_one_thing_is_said_of_an_address_that_the_page_asks_about(cli, milano_var, tmp_path):
    addresses = ("Corsico", "via Claudio 9", "via Padova 61; via Porpora 5", "via Gola 9999")
    rows = (changed(row, 3, text) for row, text in zip(ROWS, addresses, strict=True))
    path = sheet(tmp_path, *rows)
    done = cli("import", path, "--source", "prova", "--dry-run", "--json", var=milano_var)
    remarks = {remark["value"]: remark["message"] for remark in json.loads(done.stdout)["remarks"]}
    assert len(json.loads(done.stdout)["remarks"]) == len(addresses)
    said = ["Anche un altro comune", "Non trovo", "Sono due indirizzi", "La via non ha"]
    for address, words in zip(addresses, said, strict=True):
        assert remarks[address].startswith(words)
