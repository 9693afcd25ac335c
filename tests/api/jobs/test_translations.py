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

from ingest.sheets.spreadsheet import read_sheet
from ingest.sheets.translations import COLUMNS, LABELS
from mapping.catalogue.catalogue import Catalogue
from mapping.edition.edition import Edition, current
from mapping.services.translations import Translation, content
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


def _says(html: str, language: str, words: str) -> bool:
    """Whether a text stands apart from those around it, in its language."""
    return re.search(rf'<(bdi|q) lang="{language}"[^>]*>{words}</\1>', html) is not None


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
    assert _says(html, "ar", "وثيقة واحدة")
    assert "Un documento" not in html
    assert OLDER not in html
    assert _says(shown(server, what, "fresh", lang="fr"), "it", "Un documento")


@pytest.mark.parametrize("what", ["page", "card", "answer"])
def test_a_translation_that_is_older_than_its_italian_text_says_so(
    server: Server, what: str
) -> None:
    html = shown(server, what, "older")
    assert _says(html, "ar", "وثيقة واحدة")
    assert OLDER in html
    # A sheet of paper is small: there the public page, in its code, has the Italian text.
    assert (">Due documenti</q>" in html) == (what != "card")


@pytest.mark.parametrize("what", ["page", "card", "answer"])
def test_without_a_translation_the_italian_is_marked_as_such(server: Server, what: str) -> None:
    assert _says(shown(server, what, "none"), "it", "Tre documenti")


@pytest.mark.parametrize("key", ["fresh", "older"])
@pytest.mark.parametrize("what", ["page", "answer"])
def test_who_translated_is_said_where_there_is_room(server: Server, what: str, key: str) -> None:
    assert "<bdi>Drawn Speaker</bdi>" in shown(server, what, key)


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


def filled(sheet: Path, *texts: dict[str, str]) -> Path:
    """Write into the first rows of a sheet, in a file of another kind."""
    table = read_sheet(sheet, "prova")
    assert table.columns == list(COLUMNS)
    path = sheet.with_suffix(".csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        for number, row in enumerate(table.rows):
            writer.writerow(row.texts | (texts[number] if number < len(texts) else {}))
    return path


def recorded(var: Path) -> list[Translation]:
    with Catalogue.open(f"sqlite:///{var / 'catalogue.sqlite'}") as catalogue:
        return catalogue.translations()


def test_a_sheet_goes_out_and_comes_back_into_the_next_edition(cli: Cli, var: Path, tmp_path):
    sheet = tmp_path / "da-tradurre.xlsx"
    out = cli("translations", "sheet", "uk", str(sheet), var=var)
    assert out.returncode == 0, out.stderr
    first, *others = read_sheet(sheet, "prova").rows
    assert out.stdout.startswith(f"{1 + len(others)} testi da tradurre")
    path = filled(
        sheet, {"Traduzione": "Пере \u202e клад \x07"}, {"Traduzione": "Інший", "Italiano": "Era"}
    )
    came = cli("translations", "import", "uk", str(path), "--translator", "Drawn", var=var)
    assert came.stdout.startswith("2 traduzioni importate"), came.stderr
    assert "Di 1 il testo italiano è già cambiato" in came.stdout
    built = cli("build", "--offline", var=var)
    assert built.returncode == 0, built.stderr
    rows = Edition.open(current(var / "editions")).service_rows
    row = next(row for row in rows if row.service_id == first.texts["Codice"])
    (field,) = (name for name, label in LABELS.items() if label == first.texts["Campo"])
    told = content(row, field, "uk")
    assert told is not None
    assert (told.text, told.translator, told.older) == ("Пере клад", "Drawn", False)
    # What is older comes back to be translated; its old translation is no new one.
    again = tmp_path / "poi.xlsx"
    assert cli("translations", "sheet", "uk", str(again), var=var).returncode == 0
    waiting = read_sheet(again, "prova").rows
    assert len(waiting) == len(others)
    assert waiting[0].texts["Traduzione di prima"] == "Інший"
    untouched = cli("translations", "import", "uk", str(again), "--translator", "Drawn", var=var)
    assert untouched.returncode == 2
    assert "non ha nessuna traduzione" in untouched.stderr


SOUND = {"Traduzione": "Добре"}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"Codice": "mai:stato\x1b[31m" + "z" * 500}, "Riga 3: «mai:stato"),
        ({"Campo": "colore"}, "Riga 3: «colore» non è un campo"),
        ({"Italiano": ""}, "Riga 3: la colonna «Italiano» è vuota"),
        ({"Traduzione": "x" * 2001}, "Riga 3: la traduzione ha 2001 lettere"),
        ({"Traduzione": "per RSSMRA85T10A562S"}, "Riga 3: c'è il codice fiscale"),
        ({"Traduzione": "????? ???"}, "Riga 3: «????? ???» non ha lettere"),
    ],
)
def test_a_row_that_cannot_be_taken_costs_the_sheet(cli: Cli, var: Path, tmp_path, texts, said):
    sheet = tmp_path / "da-tradurre.xlsx"
    cli("translations", "sheet", "uk", str(sheet), var=var)
    path = filled(sheet, SOUND, SOUND | texts)
    done = cli("translations", "import", "uk", str(path), "--translator", "Drawn", var=var)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.strip().isprintable()
    assert len(done.stderr) < 400
    assert recorded(var) == []


def test_one_text_is_translated_once(cli: Cli, var: Path, tmp_path):
    sheet = tmp_path / "da-tradurre.xlsx"
    cli("translations", "sheet", "uk", str(sheet), var=var)
    first = read_sheet(sheet, "prova").rows[0].texts
    same = {name: first[name] for name in ("Codice", "Campo", "Italiano")}
    path = filled(sheet, SOUND, SOUND | same)
    done = cli("translations", "import", "uk", str(path), "--translator", "Drawn", var=var)
    assert done.returncode == 2
    assert "Riga 3: lo stesso testo è già tradotto nella riga 2" in done.stderr
    assert recorded(var) == []


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (("Codice", "Campo", "Italiano"), "non ha la colonna «Traduzione»"),
        ((*COLUMNS, "Traduzione"), "ha due colonne «Traduzione»"),
    ],
)
def test_a_sheet_with_other_columns_is_refused(cli: Cli, var: Path, tmp_path, columns, said):
    path = tmp_path / "altro.csv"
    path.write_text("\n".join(";".join(row) for row in (columns, ["x"] * len(columns))), "utf-8")
    done = cli("translations", "import", "uk", str(path), "--translator", "Drawn", var=var)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert said in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sheet", "it", "poi.xlsx"), "«it» non è una lingua delle pagine"),
        (("sheet", "uk", "poi.ods"), "il foglio è un file .xlsx"),
        (("import", "ar\n", "no.xlsx", "--translator", "A"), "non è una lingua"),
        (("import", "uk", "no.xlsx", "--translator", "A"), "«no.xlsx» non c'è"),
        (("import", "uk", "no.xlsx", "--translator", " "), "scrivi dopo --translator"),
        (("import", "uk", "no.xlsx", "--translator", "RSSMRA85T10A562S"), "nessun codice fiscale"),
        (("import", "uk", "no.xlsx", "--translator", "A", "--translated-on", "2999-01-01"), "2999"),
        (("import", "uk", "no.xlsx", "--translator", "A", "--translated-on", ""), "«»"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(cli: Cli, var: Path, arguments, said):
    done = cli("translations", *arguments, var=var)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
