"""What translators bring: a sheet goes out, comes back, and is read on pages and cards."""

import csv
import io
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from ingest.spreadsheet import read_sheet
from ingest.translating import COLUMNS
from mapping.catalogue import Catalogue
from mapping.edition import Edition, current
from mapping.translations import Translation, content
from tests.api.conftest import Server, serving
from tests.conftest import Cli
from tests.mapping.drawn_city import drawn_city, place, service

OLDER = "أقدم من النص الإيطالي"
HOSTILE = "<script>alert(1)</script>"


def translated(key: str, italian: str, text: str, field="required_documents") -> Translation:
    day = date(2026, 1, 2)
    return Translation(f"prova:{key}", field, "ar", italian, text, "Drawn Speaker", day)


@pytest.fixture(scope="module")
def server(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    var = tmp_path_factory.mktemp("translated")
    services = [
        service(300, "fresh", required_documents="Un documento", note="Suonare"),
        service(400, "older", required_documents="Due documenti", note="Suonare due volte"),
        service(500, "none", required_documents="Tre documenti"),
        service(600, "hostile", required_documents="Quattro", note="Cinque"),
    ]
    translations = [
        translated("fresh", "Un documento", "وثيقة واحدة"),
        translated("older", "Un documento", "وثيقة واحدة"),
        translated("older", "Suonare", "رن الجرس", field="note"),
        translated("hostile", "Quattro", HOSTILE),
        translated("hostile", "Cinque", HOSTILE, field="note"),
    ]
    drawn_city(var / "editions", services, translations=translations)
    with serving(var, pack, tmp_path_factory.mktemp("log") / "log") as running:
        yield running


def shown(server: Server, what: str, key: str, lang: str = "ar") -> str:
    if what == "page":
        return server.client.get(f"/servizi/prova:{key}?lang={lang}").text
    if what == "card":
        data = {"service": f"prova:{key}"}
        return server.client.post("/scheda", params={"lang": lang}, data=data).text
    lon, lat = place(100)
    data = {"lon": str(lon), "lat": str(lat), "category": "nido"}
    html = server.client.post("/", params={"lang": lang}, data=data).text
    (found,) = (
        one for one in re.findall(r'<li class="result".*?</dl>', html, re.DOTALL)
        if f"Inventato {key}<" in one
    )  # fmt: skip
    return found


@pytest.mark.parametrize("what", ["page", "card", "answer"])
def test_a_translated_text_is_read_in_the_language(server: Server, what: str) -> None:
    html = shown(server, what, "fresh")
    assert '<bdi lang="ar">وثيقة واحدة</bdi>' in html
    assert "Un documento" not in html
    assert OLDER not in html
    assert '<bdi lang="it">Un documento</bdi>' in shown(server, what, "fresh", lang="fr")


@pytest.mark.parametrize("what", ["page", "card", "answer"])
def test_a_translation_that_is_older_than_its_italian_text_says_so(
    server: Server, what: str
) -> None:
    html = shown(server, what, "older")
    assert '<bdi lang="ar">وثيقة واحدة</bdi>' in html
    assert OLDER in html
    # A sheet of paper is small: there the public page, in its code, has the Italian text.
    assert ('<q lang="it">Due documenti</q>' in html) == (what != "card")


@pytest.mark.parametrize("what", ["page", "card", "answer"])
def test_without_a_translation_the_italian_is_marked_as_such(server: Server, what: str) -> None:
    assert '<bdi lang="it">Tre documenti</bdi>' in shown(server, what, "none")


def test_who_translated_is_said_where_there_is_room(server: Server) -> None:
    assert "Drawn Speaker" in shown(server, "page", "fresh")


@pytest.mark.parametrize("what", ["page", "card", "answer"])
def test_hostile_translations_stay_texts(server: Server, what: str) -> None:
    html = shown(server, what, "hostile")
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html


def test_a_card_in_arabic_is_still_one_sheet(server: Server) -> None:
    answer = server.client.post(
        "/scheda", params={"lang": "ar"}, data={"service": "prova:older", "as": "pdf"}
    )
    assert answer.headers["content-type"] == "application/pdf"
    assert len(PdfReader(io.BytesIO(answer.content)).pages) == 1


@pytest.fixture
def var(pack_var: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pack_var, tmp_path / "var", symlinks=True))


def filled(sheet: Path, **texts: str) -> Path:
    """Translate the first text of a sheet, in a file of another kind."""
    table = read_sheet(sheet, "prova")
    assert table.columns == list(COLUMNS)
    path = sheet.with_suffix(".csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        for number, row in enumerate(table.rows):
            writer.writerow(row.texts | (texts if number == 0 else {}))
    return path


def test_a_sheet_goes_out_and_comes_back_into_the_next_edition(cli: Cli, var: Path, tmp_path):
    sheet = tmp_path / "da-tradurre.xlsx"
    out = cli("translations", "sheet", "uk", str(sheet), var=var)
    assert out.returncode == 0, out.stderr
    first, *others = read_sheet(sheet, "prova").rows
    assert out.stdout.startswith(f"{1 + len(others)} testi da tradurre")
    path = filled(sheet, Traduzione="Переклад")
    came = cli("translations", "import", "uk", str(path), "--translator", "Drawn", var=var)
    assert came.stdout.startswith("1 traduzioni importate"), came.stderr
    built = cli("build", "--offline", var=var)
    assert built.returncode == 0, built.stderr
    rows = Edition.open(current(var / "editions")).services.to_pylist()
    (row,) = [row for row in rows if row["service_id"] == first.texts["Codice"]][:1]
    field = {"note": "note"}.get(first.texts["Campo"], "required_documents")
    told = content(row, field, "uk")
    assert told is not None
    assert (told.text, told.translator, told.older) == ("Переклад", "Drawn", False)
    again = cli("translations", "sheet", "uk", str(tmp_path / "poi.xlsx"), var=var)
    assert again.stdout.startswith(f"{len(others)} testi da tradurre")


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"Codice": "mai:stato", "Traduzione": "x"}, "«mai:stato» non è un servizio"),
        ({"Campo": "colore", "Traduzione": "x"}, "Riga 2: «colore» non è un campo"),
        ({"Italiano": "", "Traduzione": "x"}, "Riga 2: la colonna «Italiano» è vuota"),
        ({"Traduzione": "x" * 2001}, "ha 2001 lettere"),
        ({"Traduzione": "per RSSMRA85T10A562S"}, "codice fiscale"),
        ({"Traduzione": ""}, "non ha nessuna traduzione"),
    ],
)
def test_a_row_that_cannot_be_taken_costs_the_sheet(cli: Cli, var: Path, tmp_path, texts, said):
    sheet = tmp_path / "da-tradurre.xlsx"
    cli("translations", "sheet", "uk", str(sheet), var=var)
    path = filled(sheet, **texts)
    done = cli("translations", "import", "uk", str(path), "--translator", "Drawn", var=var)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    with Catalogue.open(f"sqlite:///{var / 'catalogue.sqlite'}") as catalogue:
        assert catalogue.translations() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sheet", "it", "poi.xlsx"), "«it» non è una lingua delle pagine"),
        (("sheet", "uk", "poi.ods"), "il foglio è un file .xlsx"),
        (("import", "xx", "no.xlsx", "--translator", "A"), "«xx» non è una lingua"),
        (("import", "uk", "no.xlsx", "--translator", "A"), "«no.xlsx» non c'è"),
        (("import", "uk", "no.xlsx", "--translator", " "), "Di chi sono"),
        (("import", "uk", "no.xlsx", "--translator", "A", "--translated-on", "2999-01-01"), "2999"),
        (("import", "uk", "no.xlsx", "--translator", "A", "--translated-on", "ieri"), "ieri"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(cli: Cli, var: Path, arguments, said):
    done = cli("translations", *arguments, var=var)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
