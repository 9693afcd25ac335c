"""A calibration sheet that somebody forged, or filled in with what must not be kept."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from ingest.sheets.calibration import (
    ASKED,
    CALLS,
    GIVEN,
    MAX_ROWS,
    WALKS,
    FilledSheet,
    read_calibration,
    signature,
)
from mapping.coverage.confidence.survival import families
from mapping.errors import BadInputError
from mapping.text import tidy

KEY = bytes(32)
SHELTER = "Casa rifugio Aurora via Segreta 31, Milano"
EDITION = "20261130T112953Z-a5c4002a"
FAMILY = families()["regulated"].label
OLD = "20200101T000000Z-00000000"
SERVICES = {EDITION: ["prova:1", "prova:2"], OLD: []}
Row = tuple[dict[str, str], dict[str, str], tuple[str, str]]
Sign = Callable[[list[str]], str]

WHO = ["rete", "Rete 3", "tutor", "assistente sociale", "MR", "M.R.", "M. R."]


def call(
    code: str = "T01", service_id: str = "prova:1", edition: str = EDITION, **asked: str
) -> Row:
    given = dict.fromkeys(GIVEN[CALLS], "Farmacia")
    given |= {"Codice": code, "Famiglia": FAMILY, "Parola": "probabile"}
    answers = {
        "Ha risposto?": "sì", "È ancora attivo?": "sì", "Data": "2025-11-21",
        "Chi ha chiamato": "rete",
    }  # fmt: skip
    return given, answers | asked, (service_id, edition)


def walk(code: str = "P01", quarter: str = "nord-ovest", said: str = "12,0", **asked: str) -> Row:
    given = dict.fromkeys(GIVEN[WALKS], "Farmacia")
    given |= {"Codice": code, "Quarto": quarter, "Minuti previsti": said}
    answers = {
        "Minuti camminati": "12", "Ostacoli": "", "Data": "2025-11-21", "Chi ha camminato": "rete"
    }  # fmt: skip
    return given, answers | asked, ("prova:2", EDITION)


def signed(cells: list[str]) -> str:
    return signature([tidy(cell) or "" for cell in cells], KEY)


def forged(cells: list[str]) -> str:
    return hashlib.sha256("\n".join(cells).encode()).hexdigest()[:16]


def book(path: Path, *rows: Row, sign: Sign = signed) -> Path:
    with xlsxwriter.Workbook(path) as saved:
        for name in (CALLS, WALKS):
            page = saved.add_worksheet(name)
            heads = [*GIVEN[name], *ASKED[name], "Codice del servizio", "Edizione", "Controllo"]
            page.write_row(0, 0, heads)
            own = [row for row in rows if tuple(row[0]) == tuple(GIVEN[name])]
            for line, (given, asked, behind) in enumerate(own, 1):
                check = sign([*given.values(), *behind])
                page.write_row(line, 0, [*given.values(), *asked.values(), *behind, check])
    return path


def read(tmp_path: Path, *rows: Row, sign: Sign = signed) -> FilledSheet:
    return read_calibration(
        book(tmp_path / "foglio.xlsx", *rows, sign=sign), KEY, SERVICES.__getitem__
    )


def test_a_row_that_is_not_signed_by_the_key_is_refused(tmp_path):
    assert read(tmp_path, call(), walk()).outcomes.count == 2
    sheet = read(tmp_path, call(), walk(), sign=forged)
    assert not sheet.outcomes.count
    assert len(sheet.wrong) == 2
    assert all("il foglio non è di qui" in line for line in sheet.wrong)


@pytest.mark.parametrize("said", ["dodici", "", "1e999", "nan", "0", "-12", "0,5", "121", "٣٠"])
def test_minutes_that_nobody_predicts_cost_their_row_alone(tmp_path, said):
    sheet = read(tmp_path, call(), walk("P01", said=said), walk("P02"))
    assert [done.code for done in sheet.outcomes.walks] == ["P02"]
    assert len(sheet.outcomes.calls) == 1
    (line,) = sheet.wrong
    assert line.startswith("Passeggiate, riga 2: «")
    assert "Minuti previsti" in line


def test_a_page_with_more_rows_than_are_drawn_is_refused(tmp_path):
    rows = [call(f"T{n:02}") for n in range(MAX_ROWS + 1)]
    assert read(tmp_path, *rows[:-1]).outcomes.count == MAX_ROWS
    with pytest.raises(BadInputError, match=f"«Telefonate»: ha {MAX_ROWS + 1} righe"):
        read(tmp_path, *rows)


OF_NO_EDITION = [
    (walk(quarter=SHELTER), "«Quarto» è uno di: nord-ovest"),
    (call(service_id=SHELTER), "il servizio non è fra quelli pubblici"),
    (call(edition=OLD), "l'edizione da cui è estratta non è più qui"),
    (call("T04 Luca Bianchi anni 3"), "«Codice» non è uno di quelli"),
    (call("P01"), "«Codice» non è uno di quelli"),
    (call("T\u0660\u0661"), "«Codice» non è uno di quelli"),
    (walk(Ostacoli="scale davanti alla casa rifugio Aurora"), "parla di un luogo riservato"),
    (call(**{"Chi ha chiamato": "rete della casa rifugio"}), "«Chi ha chiamato»"),
]


@pytest.mark.parametrize(("row", "said"), OF_NO_EDITION)
def test_a_signed_row_of_what_no_edition_holds_is_refused_and_not_repeated(tmp_path, row, said):
    sheet = read(tmp_path, row)
    assert not sheet.outcomes.count
    (line,) = sheet.wrong
    assert said in line
    assert not re.search("Aurora|rifugio|Bianchi", line)


OF_PEOPLE = [
    "La mamma Fatima Bianchi abita in via Padova 55 scala B, bambino Luca 3 anni",
    "via Padova 55", "v.le Monza, 12", "P.ZZA Duomo n. 3", "scale, v. Padova 55", "Via Padova55",
    "rossi(at)esempio.org, tel tre quattro otto 12 34 56", "rossi [at] esempio",
    "tre quattro otto uno due tre quattro", "la signora del terzo piano", "bambino Luca",
    "ha 3 anni", "codice RSS MRA 80A01 F205X",
]  # fmt: skip
OF_STREETS = [
    "scale in stazione", "marciapiede largo 80 cm", "scala a chiocciola", "3 gradini, cantiere",
    "via Padova chiusa per lavori", "un bambino a piedi non passa", "passo carraio, 2 auto",
]  # fmt: skip


@pytest.mark.parametrize("said", OF_PEOPLE)
def test_obstacles_that_tell_of_people_are_refused_and_not_repeated(tmp_path, said):
    sheet = read(tmp_path, walk(Ostacoli=said))
    assert not sheet.outcomes.count
    (line,) = sheet.wrong
    assert "«Ostacoli» ha dati di una persona" in line
    assert said not in line


def test_obstacles_of_streets_are_kept_and_are_short(tmp_path):
    rows = [walk(f"P{n:02}", Ostacoli=said) for n, said in enumerate(OF_STREETS, 1)]
    sheet = read(tmp_path, *rows, walk("P50", Ostacoli="scale " * 30))
    assert [done.obstacles for done in sheet.outcomes.walks] == OF_STREETS
    (line,) = sheet.wrong
    assert "scrivi al massimo 160 lettere" in line


@pytest.mark.parametrize(
    "who", ["Famiglia Bianchi, via Padova 55", "Fatima Bianchi", "tutor Fatima", "Luca", "=1+1"]
)
def test_who_called_is_a_role_or_initials(tmp_path, who):
    asked = {"Chi ha chiamato": who}
    sheet = read(tmp_path, call(**asked))
    assert not sheet.outcomes.count
    assert "«Chi ha chiamato»" in sheet.wrong[0]
    assert who not in sheet.wrong[0]
    known = [call(f"T{n}", **{"Chi ha chiamato": said}) for n, said in enumerate(WHO, 10)]
    assert [done.done_by for done in read(tmp_path, *known).outcomes.calls] == WHO
