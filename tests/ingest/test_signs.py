"""What a list says of its rows outside of their cells makes each of them wait for a person."""

import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import xlsxwriter

from ingest.layers.raw_table import read_table
from ingest.passages import Passage
from ingest.readers.delimited import read_delimited
from ingest.rows import RawTable
from ingest.services import hides, unread_hides
from ingest.sheets.spreadsheet import quarantine, read_sheet, sheet_source, understand
from ingest.signs import MOST_SIGNS, speaking
from ingest.source import Source
from mapping.city import city
from mapping.confidential_words import spoken_phrases
from mapping.disclosure import is_confidential

HEADER, ALFA, BETA = ["nome", "via"], ["Alfa", "via Prova 1"], ["Beta", "via Prova 2"]
POINT = {"type": "Point", "coordinates": [9.19, 45.46]}
KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
Write = Callable[[Path], None]


def source(reader: str, **more: object) -> Source:
    return Source.model_validate({
        "id": "prova", "title": "Prova", "publisher": "Prova", "licence": "CC0",
        "attribution": "Prova", "yields": "services", "reader": reader, **more,
    })  # fmt: skip


def hidden(table: RawTable, reader: str = "csv") -> set[str]:
    """Name the rows that hide."""
    entry = source(reader)
    return {next(filter(None, row.texts.values())) for row in table.rows if hides(entry, row)}


def delimited(folder: Path, *lines: str) -> RawTable:
    (folder / "prova.csv").write_text("\n".join(lines), encoding="utf-8")
    return read_delimited(folder / "prova.csv", delimiter=";", source_id="prova")


@pytest.mark.parametrize(
    "title",
    ["Case rifugio: indirizzi segreti", "ELENCO RISERVATO", "Riservato;;", "# Case rifugio"],
)
def test_a_title_is_of_every_row(tmp_path: Path, title: str) -> None:
    rows = "nome;via;tel", "Alfa;via Prova 1;02", "Beta;via Prova 2;02", "Gamma;via Prova 3"
    table = delimited(tmp_path, title, *rows)
    assert hidden(table) == {"Alfa", "Beta"}
    assert [unread_hides(source("csv"), row) for row in table.unreadable] == [True]
    assert not hidden(delimited(tmp_path, "Elenco dei servizi", *rows))


@pytest.mark.parametrize("section", ["Case rifugio;;", "Case rifugio"])
def test_a_section_is_of_the_rows_below_it_until_the_next(tmp_path: Path, section: str) -> None:
    table = delimited(
        tmp_path, "nome;via;tel", "Alfa;via Prova 1;02", section, "Zona 2;;", "Beta;via Prova 2;02",
        "Gamma;via Prova 3;02", "Doposcuola;;", "Delta;via Prova 4;02",
    )  # fmt: skip
    assert hidden(table) - {"Case rifugio", "Zona 2"} == {"Beta", "Gamma"}


def test_a_note_below_all_rows_is_of_all(tmp_path: Path) -> None:
    rows = "nome;via;tel", "Alfa;via Prova 1;02", "Beta;via Prova 2;02"
    assert hidden(delimited(tmp_path, *rows, "Indirizzi da non pubblicare;;")) >= {"Alfa", "Beta"}
    assert not hidden(delimited(tmp_path, *rows, "Fonte: Comune;;"))


HEADINGS = "Nome;Ente;Indirizzo;Categoria"
PUBLIC = "Alfa;Ente;via Prova 1;Doposcuola", "Beta;Ente;via Prova 2;Doposcuola"
BELOW = "Gamma;Ente;via Prova 3;Doposcuola", "Delta;Ente;via Prova 4;Doposcuola"


@pytest.mark.parametrize(
    "heading",
    [
        "Case rifugio;;;2", "2;Case rifugio;;", "Sezione B;Case rifugio;;",
        "Tipologia:;Case rifugio;;", "Case rifugio;Shelters;;", "Case rifugio;;1522;",
        "Case rifugio - agg. 2026;;;(riservato)", "Case;rifugio;;", "Case rifugio;2",
        ";;;Case rifugio",
    ],
)  # fmt: skip
def test_a_section_may_have_more_cells_than_one(tmp_path: Path, heading: str) -> None:
    table = delimited(tmp_path, HEADINGS, *PUBLIC, heading, *BELOW)
    assert hidden(table) & {"Alfa", "Beta", "Gamma", "Delta"} == {"Gamma", "Delta"}


@pytest.mark.parametrize("heading", ["Tipologia:;{};;", "{};;;2", "{};;;"])
def test_a_section_ends_at_a_heading_that_is_written_alike(tmp_path: Path, heading: str) -> None:
    sections = heading.format("Case rifugio"), heading.format("Doposcuola")
    table = delimited(tmp_path, HEADINGS, sections[0], *BELOW, sections[1], *PUBLIC)
    assert hidden(table) & {"Alfa", "Beta", "Gamma", "Delta"} == {"Gamma", "Delta"}


def test_a_record_that_speaks_is_no_heading(tmp_path: Path) -> None:
    shelter = "Casa rifugio;Ente;;Antiviolenza"
    assert hidden(delimited(tmp_path, HEADINGS, shelter, *PUBLIC)) == {"Casa rifugio"}


@pytest.mark.parametrize(
    "notes",
    [
        ["Nota:;Indirizzi da non pubblicare;;"], ["N.B.;gli indirizzi sono segreti;;"],
        ["Indirizzi da non pubblicare;;;", "Aggiornato al;31/10/2026;;"],
        ["Indirizzi da non pubblicare;;;", "Totale;2;;"],
        ["", "Nota:;Indirizzi;da non pubblicare;", "", "Fonte;Comune;;", "Fine;;;"],
    ],
)  # fmt: skip
def test_a_note_below_the_last_record_is_of_all(tmp_path: Path, notes: list[str]) -> None:
    assert hidden(delimited(tmp_path, HEADINGS, *PUBLIC, *notes)) >= {"Alfa", "Beta"}


NO_SIGNS = [
    "In caso di violenza chiama il 1522", "In caso di violenza o stalking chiama subito il 1522",
    "Numeri utili: emergenza 112, antiviolenza 1522", "Se sei vittima di violenza chiama il 1522",
    "L'elenco non comprende i centri antiviolenza",
    "Non comprende centri antiviolenza e case rifugio",
    "Vietata la pubblicazione senza citare la fonte", "Il file non va pubblicato senza logo",
    "Non riportare in elenco le case rifugio", "Non inserire centri antiviolenza e case rifugio",
    "Le case rifugio non sono presenti in questo elenco",
    "Le case rifugio e i centri antiviolenza non vanno inseriti in questo file",
    "Non comunicare a terzi i dati personali", "Dati personali: non divulgabili",
    "Numero antiviolenza;1522;;", "In caso di violenza;chiama il 1522;;",
]  # fmt: skip
SIGNS = [
    "Centri antiviolenza, numero 1522", "Case rifugio. In caso di violenza chiama il 1522",
    "Esclusi: centri antiviolenza", "NON PUBBLICARE: case rifugio", "Case rifugio non in mappa",
    "Le case rifugio non sono presenti in mappa", "Non divulgare", "Dati non divulgabili",
    "Centri antiviolenza;1522", "Strutture antiviolenza 1522",
    "Vietata la pubblicazione", "Non comprende i nidi. Case rifugio", "Non va pubblicato",
    "In caso di violenza: strutture aperte", "Accoglienza in caso di violenza, tel. 1522",
]  # fmt: skip


@pytest.mark.parametrize("line", NO_SIGNS)
def test_a_helpline_what_a_list_has_not_and_a_licence_are_no_signs(
    tmp_path: Path, line: str
) -> None:
    names = {"Alfa", "Beta", "Gamma", "Delta"}
    for lines in ([line, HEADINGS, *PUBLIC], [HEADINGS, *PUBLIC, line, *BELOW]):
        assert not hidden(delimited(tmp_path, *lines)) & names
    assert not hidden(delimited(tmp_path, HEADINGS, *PUBLIC, line)) & names


@pytest.mark.parametrize("line", SIGNS)
def test_a_line_that_may_name_what_follows_is_one(tmp_path: Path, line: str) -> None:
    assert hidden(delimited(tmp_path, HEADINGS, line, *PUBLIC)) >= {"Alfa", "Beta"}
    assert hidden(delimited(tmp_path, HEADINGS, *PUBLIC, line)) >= {"Alfa", "Beta"}


def test_a_helpline_ends_no_section(tmp_path: Path) -> None:
    lines = "Case rifugio;;;2", BELOW[0], NO_SIGNS[0], BELOW[1]
    assert hidden(delimited(tmp_path, HEADINGS, *PUBLIC, *lines)) >= {"Gamma", "Delta"}


def test_a_cell_of_a_row_that_names_a_helpline_is_judged_as_before(tmp_path: Path) -> None:
    row = "Gamma;Ente;via Prova 3;In caso di violenza chiama il 1522"
    assert hidden(delimited(tmp_path, HEADINGS, *PUBLIC, row)) == {"Gamma"}


@pytest.mark.parametrize("same", ["", "idem", '""""', "c.s."])
def test_a_group_that_is_written_once_is_of_the_rows_below(tmp_path: Path, same: str) -> None:
    table = delimited(
        tmp_path, "Tipologia;Nome;Ente;Indirizzo", "Casa rifugio;Alfa;Ente;via Prova 1",
        f"{same};Beta;Ente;via Prova 2", f"{same};Gamma;Ente;via Prova 3",
        "Doposcuola;Delta;Ente;via Prova 4", f"{same};Epsilon;Ente;via Prova 5",
    )  # fmt: skip
    signed = [row.texts["Nome"] for row in table.rows if hides(source("csv"), row)]
    assert signed == ["Alfa", "Beta", "Gamma"]


def test_an_empty_cell_of_a_column_of_notes_says_nothing(tmp_path: Path) -> None:
    table = delimited(
        tmp_path, "Nome;Ente;Indirizzo;Note;Mail", "Alfa;Ente;via Prova 1;;a@prova.it",
        "Beta;Ente;via Prova 2;Casa rifugio;info@casarifugio.it", "Gamma;Ente;via Prova 3;;",
    )  # fmt: skip
    assert hidden(table) == {"Beta"}


def workbook(write: Callable[[Any, Any], object] = lambda _book, _sheet: None, name: str = "Uno"):
    def written(path: Path) -> None:
        book = xlsxwriter.Workbook(path)
        sheet = book.add_worksheet(name)
        for number, row in enumerate((HEADER, ALFA, BETA), start=2):
            sheet.write_row(number, 0, row)
        write(book, sheet)
        book.close()

    return written


COVER = "Case rifugio del distretto"
OF_ALL = {
    "sheet": workbook(name="Case rifugio"),
    "title": workbook(lambda _, sheet: sheet.write(0, 0, COVER)),
    "comment of the header": workbook(lambda _, sheet: sheet.write_comment(2, 1, "Riservato")),
    "box": workbook(lambda _, sheet: sheet.insert_textbox(8, 4, "Indirizzi segreti")),
    "head of the page": workbook(lambda _, sheet: sheet.set_header("&C&14ELENCO RISERVATO")),
    "properties": workbook(lambda book, _: book.set_properties({"subject": COVER})),
}


@pytest.mark.parametrize("write", OF_ALL.values(), ids=OF_ALL)
def test_what_a_workbook_says_beside_its_table_is_of_every_row(
    tmp_path: Path, write: Write
) -> None:
    write(tmp_path / "prova.xlsx")
    assert hidden(read_table(source("workbook"), tmp_path / "prova.xlsx")) == {"Alfa", "Beta"}
    workbook()(tmp_path / "plain.xlsx")
    assert not hidden(read_table(source("workbook"), tmp_path / "plain.xlsx"))


def test_a_cover_is_of_the_sheet_that_follows_it(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "prova.xlsx")
    book.add_worksheet("Leggimi").write(0, 0, COVER)
    sheet = book.add_worksheet("Dati")
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ALFA)
    book.close()
    assert hidden(read_table(source("workbook"), tmp_path / "prova.xlsx")) == {"Alfa"}


@pytest.mark.parametrize("heading", [["Case rifugio", 2], ["Case rifugio", "", 2]])
def test_a_section_of_a_workbook_may_have_a_count(tmp_path: Path, heading: list[object]) -> None:
    book = xlsxwriter.Workbook(tmp_path / "prova.xlsx")
    sheet = book.add_worksheet("Dati")
    rows = ["Nome", "Indirizzo", "Ente"], [*ALFA, "Ente"], heading, [*BETA, "Ente"]
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    table = read_table(source("workbook"), tmp_path / "prova.xlsx")
    assert hidden(table) == {"Case rifugio", "Beta"}


def test_a_comment_is_of_its_row(tmp_path: Path) -> None:
    write = workbook(lambda _, sheet: sheet.write_comment("B5", "indirizzo da non pubblicare"))
    write(tmp_path / "prova.xlsx")
    assert hidden(read_table(source("workbook"), tmp_path / "prova.xlsx")) == {"Beta"}


ODS = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="{name}">{shapes}{rows}</table:table>
<table:table table:name="Due">{list}
<table:shapes><draw:frame><text:p>Case rifugio</text:p></draw:frame></table:shapes>
</table:table></office:spreadsheet></office:body></office:document-content>"""
NOTE = "<office:annotation><text:p>Casa</text:p><text:p>rifugio</text:p></office:annotation>"
SHAPES = "<table:shapes><draw:frame><text:p>Case rifugio</text:p></draw:frame></table:shapes>"
META = """<m xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Case rifugio</dc:title></m>"""


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({}, set[str]()),
        ({"note": NOTE}, {"Beta"}),
        ({"shapes": SHAPES}, {"Alfa", "Beta"}),
        ({"name": "Case rifugio"}, {"Alfa", "Beta"}),
        ({"meta": META}, {"Alfa", "Beta"}),
    ],
)
def test_an_ods_says_the_same(tmp_path: Path, said: dict[str, str], names: set[str]) -> None:
    def row(cells: list[str], note: str = "") -> str:
        cell = f'<table:table-cell office:value-type="string">{note}<text:p>'
        written = (f"{cell}{text}</text:p></table:table-cell>" for text in cells)
        return f"<table:table-row>{''.join(written)}</table:table-row>"

    rows = row(HEADER) + row(ALFA) + row(BETA, said.get("note", ""))
    other = row(["nome", "via", "cap"]) + row(["Gamma", "via Prova 3", "20121"])
    content = ODS.format(
        name=said.get("name", "Uno"), shapes=said.get("shapes", ""), rows=rows, list=other
    )
    with zipfile.ZipFile(tmp_path / "prova.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("content.xml", content)
        book.writestr("meta.xml", said.get("meta", "<m/>"))
        book.writestr("META-INF/manifest.xml", "<manifest/>")
    assert hidden(read_table(source("workbook"), tmp_path / "prova.ods")) == names


PLACE = (
    "<Placemark><name>{}</name>{}<Point><coordinates>9.19,45.46</coordinates></Point></Placemark>"
)
MAPS = {
    "document": f"<name>Case rifugio</name>{PLACE.format('Alfa', '')}",
    "description of the document": f"<description>Elenco &lt;b&gt;riservato&lt;/b&gt;</description>"
    f"{PLACE.format('Alfa', '')}",
    "name of a folder": f"<Folder><name>Case rifugio</name>{PLACE.format('Alfa', '')}</Folder>",
    "description of a folder": f"<Folder>{PLACE.format('Alfa', '')}<description>Indirizzi segreti"
    "</description></Folder>",
    "folder around": f"<Folder><description>Indirizzi segreti</description><Folder>"
    f"{PLACE.format('Alfa', '')}</Folder></Folder>",
    "style": PLACE.format("Alfa", "<styleUrl>#casa-rifugio</styleUrl>"),
    "snippet": PLACE.format("Alfa", "<Snippet>Casa rifugio</Snippet>"),
    "broken": f"<name>Case rifugio</name>{PLACE.format('Alfa', '').replace('9.19', 'x')}",
}


@pytest.mark.parametrize("inside", MAPS.values(), ids=MAPS)
def test_a_map_says_of_its_places_what_its_folders_and_styles_do(
    tmp_path: Path, inside: str
) -> None:
    (tmp_path / "prova.kml").write_text(KML.format(inside), encoding="utf-8")
    table = read_table(source("kml"), tmp_path / "prova.kml")
    assert hidden(table, "kml") or unread_hides(source("kml"), table.unreadable[0])


def test_the_sign_of_one_folder_is_not_of_the_next(tmp_path: Path) -> None:
    inside = MAPS["description of a folder"] + f"<Folder>{PLACE.format('Beta', '')}</Folder>"
    (tmp_path / "prova.kml").write_text(KML.format(inside), encoding="utf-8")
    table = read_table(source("kml"), tmp_path / "prova.kml")
    assert [hides(source("kml"), row) for row in table.rows] == [True, False]


@pytest.mark.parametrize("level", ["map", "layer"])
def test_a_map_of_umap_too(tmp_path: Path, level: str) -> None:
    words = {"description": "Case rifugio"}
    feature = {"type": "Feature", "geometry": POINT, "properties": {"name": "Alfa"}}
    options = {"name": "Uno"} | (words if level == "layer" else {})
    layer = {"features": [feature], "_umap_options": options}
    whole = {"type": "umap", "layers": [layer], "properties": words if level == "map" else {}}
    (tmp_path / "prova.umap").write_text(json.dumps(whole))
    table = read_table(source("umap"), tmp_path / "prova.umap")
    assert [hides(source("umap"), row) for row in table.rows] == [True]


@pytest.mark.parametrize(
    "said",
    [
        {"name": "case_rifugio"}, {"title": "Case rifugio"}, {"description": "Case rifugio"},
        {"metadata": {"note": "Indirizzi segreti"}}, {},
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_first", [True, False])
def test_a_geojson_by_what_stands_beside_its_features(
    tmp_path: Path, said: dict[str, object], *, is_first: bool
) -> None:
    features = [{"type": "Feature", "geometry": POINT, "properties": {"nome": "Alfa"}}]
    parts = [said, {"features": features}]
    whole = {"type": "FeatureCollection"} | parts[not is_first] | parts[is_first]
    (tmp_path / "prova.geojson").write_text(json.dumps(whole))
    table = read_table(source("vector"), tmp_path / "prova.geojson")
    assert [hides(source("vector"), row) for row in table.rows] == [bool(said)]


@pytest.mark.parametrize("name", ["case_rifugio.shp", "case_rifugio.gpkg", "case-rifugio.fgb"])
def test_a_layer_by_its_name(tmp_path: Path, name: str) -> None:
    frame = gpd.GeoDataFrame({"nome": ["Alfa"]}, geometry=[shapely.Point(9.19, 45.46)], crs=4326)
    frame.to_file(tmp_path / name)
    if name.endswith(".gpkg"):
        (tmp_path / name).rename(tmp_path / "prova.gpkg")
        name = "prova.gpkg"
    table = read_table(source("vector"), tmp_path / name)
    assert hidden(table, "vector") == {"Alfa"}


def test_a_gml_by_what_stands_before_its_features(tmp_path: Path) -> None:
    text = """<x:FeatureCollection xmlns:x="http://www.opengis.net/wfs/2.0"
     xmlns:gml="http://www.opengis.net/gml/3.2"><gml:name>Case rifugio</gml:name><x:member>
    <x:sede gml:id="s"><x:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>45.46 9.19
    </gml:pos></gml:Point></x:geom><x:nome>Alfa</x:nome></x:sede></x:member>
    </x:FeatureCollection>"""
    (tmp_path / "prova.gml").write_text(text, encoding="utf-8")
    (row,) = read_table(source("vector"), tmp_path / "prova.gml").rows
    assert hides(source("vector"), row)


@pytest.mark.parametrize(
    ("reader", "document"),
    [
        ("json", {"title": "Case rifugio", "records": [{"nome": "Alfa"}]}),
        ("json", {"meta": {"title": "Case rifugio"}, "records": [{"nome": "Alfa"}]}),
        ("json", {"note": ["Case rifugio"], "records": [{"nome": "Alfa"}]}),
        (
            "hsds",
            {"name": "Case rifugio", "contents": [{"name": "Alfa", "service_at_locations": []}]},
        ),
    ],
)
def test_records_by_the_object_around_them(tmp_path: Path, reader: str, document: object) -> None:
    (tmp_path / "prova.json").write_text(json.dumps(document))
    entry = source(reader, records="records")
    (row,) = read_table(entry, tmp_path / "prova.json").rows
    assert hides(entry, row)


def test_a_list_by_the_name_of_its_file(tmp_path: Path) -> None:
    delimited(tmp_path, "nome;via", "Alfa;via Prova 1")
    (tmp_path / "prova.csv").rename(tmp_path / "case-rifugio.csv")
    entry = source("csv", delimiter=";")
    (row,) = read_table(entry, tmp_path / "case-rifugio.csv").rows
    assert hides(entry, row)


def test_a_sheet_that_somebody_brings_is_hidden_by_its_title_and_keeps_no_refused_row(
    tmp_path: Path,
) -> None:
    (tmp_path / "prova.csv").write_text(
        "Case rifugio;;;\nNome;Ente;Indirizzo;Categoria\n"
        "Alfa;Ente Prova;via Inventata 1;Doposcuola\nBeta;Ente Prova;via Inventata 2;Nessuna\n",
        encoding="utf-8",
    )
    entry = sheet_source("prova")
    sheet = understand(read_sheet(tmp_path / "prova.csv", entry.id), entry, city("milano"), bool)
    assert [is_confidential(service) for service in sheet.services] == [True]
    assert not sheet.shown_rows
    (refused,) = quarantine(sheet, entry.id)
    assert not refused.raw
    assert "Beta" not in refused.message


@pytest.mark.parametrize(
    ("lines", "row", "words", "said", "waiting"),
    [
        (
            [HEADINGS, *PUBLIC, "Nota:;Indirizzi segreti, via Prova 3;;"],
            4,
            "nota sotto la tabella",
            "«indirizzi segreti»",
            2,
        ),
        (
            [HEADINGS, PUBLIC[0], "Case rifugio;;;2", PUBLIC[1]],
            3,
            "Questa riga",
            "«case rifugio»",
            1,
        ),
        (
            ["Indirizzi segreti;;;", HEADINGS, *PUBLIC],
            None,
            "riga 1: Il titolo",
            "«indirizzi segreti»",
            2,
        ),
    ],
)
def test_who_imports_is_told_once_why_rows_wait_and_where(
    tmp_path: Path, lines: list[str], row: int | None, words: str, said: str, waiting: int
) -> None:
    (tmp_path / "prova.csv").write_text("\n".join(lines), encoding="utf-8")
    entry = sheet_source("prova")
    sheet = understand(
        read_sheet(tmp_path / "prova.csv", entry.id), entry, city("milano"), lambda _lon, _lat: True
    )
    (remark,) = [remark for remark in sheet.remarks if "attesa" in remark.message]
    assert remark.row == row
    assert words in remark.message
    assert f": {waiting}." in remark.message
    assert said in remark.message
    assert "via Prova" not in remark.message
    assert not [remark for remark in sheet.remarks if "Sembra" in remark.message]


def test_a_person_who_clears_a_row_has_judged_what_stands_around_it(tmp_path: Path) -> None:
    (tmp_path / "prova.csv").write_text(
        "Case rifugio;;;\nNome;Ente;Indirizzo;Categoria\n"
        "Alfa;Ente Prova;via Inventata 1;Doposcuola\nBeta;Ente;via Inventata 2;Doposcuola\n",
        encoding="utf-8",
    )
    entry = sheet_source("prova")
    sheet = understand(read_sheet(tmp_path / "prova.csv", entry.id), entry, city("milano"), bool)
    service = sheet.services[0]
    assert service.speaking_cells == ("Case rifugio",)
    assert not is_confidential(service.model_copy(update={"cleared": True}))


def test_few_signs_are_kept_however_many_there_are() -> None:
    assert len(speaking(f"Casa rifugio {number}" for number in range(10_000))) == MOST_SIGNS


def test_rows_that_stand_alone_cost_no_more_where_there_are_many(tmp_path: Path) -> None:
    began = time.monotonic()
    lines = (f"Casa rifugio {number};" for number in range(20_000))
    table = delimited(tmp_path, "nome;via", *lines)
    assert max(len(row.signs) for row in table.rows) <= 2 * MOST_SIGNS
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("row", "is_masked"),
    [
        ("Numero antiviolenza;;1522;Nessuna", False),
        ("In caso di violenza chiama il 1522;;;Nessuna", False),
        ("Numero antiviolenza;;1522, via Segreta;Nessuna", True),
        ("Numero antiviolenza 1522;;via Segreta 3;Nessuna", True),
        ("Casa rifugio;;1522;Nessuna", True),
        ("Ninfea;chiama il 1522 contro la violenza;Cascina Linterna;Nessuna", True),
        ("Ninfea, alzaia Naviglio;numero antiviolenza 1522;;Nessuna", True),
    ],
)
def test_a_refused_helpline_is_told_as_any_row(
    tmp_path: Path, row: str, *, is_masked: bool
) -> None:
    (tmp_path / "prova.csv").write_text(f"{HEADINGS}\n{PUBLIC[0]}\n{row}\n", encoding="utf-8")
    entry = sheet_source("prova")
    sheet = understand(read_sheet(tmp_path / "prova.csv", entry.id), entry, city("milano"), bool)
    (refused,) = sheet.refused
    assert refused.is_confidential == is_masked


def test_a_record_says_in_which_part_of_its_file_it_is_spoken_of(tmp_path: Path) -> None:
    def legend(book: Any, _: object) -> None:
        book.add_worksheet("Legenda").write_row(3, 0, ["Beta", "Casa rifugio"])

    workbook(legend)(tmp_path / "prova.xlsx")
    table = read_table(source("workbook"), tmp_path / "prova.xlsx")
    assert [[sign.where for sign in row.signs] for row in table.rows] == [
        [], ["foglio «Legenda», riga 4"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ("foglio «Ninfea via Meda 44»", "foglio, riga 4"),
        ("file «x.zip/casa rifugio via Meda.csv»", "file «casa rifugio», riga 4"),
        ("foglio «Legenda»", "foglio «Legenda», riga 4"),
    ],
)
def test_of_a_name_an_import_tells_no_more_than_the_words_that_speak(part: str, shown: str) -> None:
    assert Passage("x", part, "riga 4").masked(spoken_phrases) == shown
