"""Whatever the file of a list says in no cell of it is read, each format by one collector."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
import xlsxwriter

from ingest.layers.raw_table import read_table
from ingest.services import hides
from ingest.source import Source
from tests.ingest.drawn_xls import xls

HEADER, ALFA, BETA = ["nome", "via", "tipo"], ["Alfa", "via Prova 1", "D"], ["Beta", "via 2", "R"]
BOTH, SHELTERS = {"Alfa", "Beta"}, "Case rifugio"
POINT = {"type": "Point", "coordinates": [9.19, 45.46]}
Write = Callable[[Any, Any], object]


def hidden(path: Path, reader: str, **more: object) -> set[str]:
    """Name the rows that hide."""
    entry = Source.model_validate({
        "id": "prova", "title": "Prova", "publisher": "Prova", "licence": "CC0",
        "attribution": "Prova", "yields": "services", "reader": reader, **more,
    })  # fmt: skip
    rows = read_table(entry, path).rows
    return {row.texts.get("nome") or row.texts["name"] for row in rows if hides(entry, row)}


def workbook(folder: Path, write: Write) -> Path:
    book = xlsxwriter.Workbook(folder / "prova.xlsx")
    sheet = book.add_worksheet("Dati")
    for number, row in enumerate((HEADER, ALFA, BETA)):
        sheet.write_row(number, 0, row)
    write(book, sheet)
    book.close()
    return folder / "prova.xlsx"


def other_sheet(rows: list[list[str]], *, is_hidden: bool = False) -> Write:
    def write(book: Any, _: object) -> None:
        sheet = book.add_worksheet("Altro")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if is_hidden:
            sheet.hide()

    return write


def chart(book: Any, sheet: Any) -> None:
    drawn = book.add_chart({"type": "column"})
    drawn.add_series({"values": "=Dati!$C$2:$C$3"})
    drawn.set_title({"name": SHELTERS})
    sheet.insert_chart("F2", drawn)


def table(name: str, heading: str) -> Write:
    columns = [{"header": "nome"}, {"header": "via"}, {"header": heading}]
    return lambda _, sheet: sheet.add_table("A1:C3", {"name": name, "columns": columns})


LONG_NOTE = "Gli indirizzi sono segreti: chiedere alla segreteria prima di darli ad altri"
NOTES = [["Nota", "Indirizzi segreti"], ["Fonte", "Comune"]]
LEGEND = [["Codice", "Tipo", "Nota"], ["D", "Doposcuola", "-"], ["R", "Casa rifugio", "-"]]
SHELTERS_LIST = [["nome", "via", "cap"], ["Ninfea", "via Prova 9", "20121"],
                 ["Casa rifugio Loto", "via Prova 8", "20121"]]  # fmt: skip
OF_ALL: dict[str, Write] = {
    "table": table("Case_rifugio", "tipo"),
    "range": lambda book, _: book.define_name("Case_rifugio", "=Dati!$A$1:$C$3"),
    "message of a list": lambda _, sheet: sheet.data_validation(
        "C2:C3", {"validate": "any", "input_title": "Nota", "input_message": "Indirizzi segreti"}
    ),
    "chart": chart,
    "company": lambda book, _: book.set_properties({"company": "Casa rifugio Ninfea"}),
    "comments": lambda book, _: book.set_properties({"comments": "ELENCO RISERVATO"}),
    "own property": lambda book, _: book.set_custom_property("Nota", "Indirizzi segreti"),
    "name of an own property": lambda book, _: book.set_custom_property("Case rifugio", "1"),
    "foot of the page": lambda _, sheet: sheet.set_footer("&L&8Indirizzi segreti"),
    "words of a picture": lambda _, sheet: sheet.insert_textbox(
        5, 5, "x", {"description": SHELTERS}
    ),
    "a name for a text": lambda book, _: book.define_name("Nota", '="Indirizzi segreti"'),
    "notes behind": other_sheet(NOTES),
    "hidden notes": other_sheet(NOTES, is_hidden=True),
    "notes with letters": other_sheet([["D", LONG_NOTE], ["R", "Aggiornato ogni anno"]]),
    "notes of three columns": other_sheet(
        [["Nota:", "Indirizzi segreti", "2026"], ["Fonte:", "Comune", "2026"]]
    ),
}


@pytest.mark.parametrize("write", OF_ALL.values(), ids=OF_ALL)
def test_a_workbook_says_of_all_rows_what_no_cell_does(tmp_path: Path, write: Write) -> None:
    assert hidden(workbook(tmp_path, write), "workbook") == BOTH


OF_BETA: dict[str, Write] = {
    "link": lambda _, sheet: sheet.write_url("B3", "https://www.casarifugio.it", string="via 2"),
    "tip of a link": lambda _, sheet: sheet.write_url(
        "B3", "https://prova.it", string="via 2", tip=SHELTERS
    ),
    "legend of codes": other_sheet(LEGEND),
    "a format of numbers": lambda book, sheet: sheet.write_number(
        "D3", 1, book.add_format({"num_format": '"Casa rifugio";;;'})
    ),
}


@pytest.mark.parametrize("write", OF_BETA.values(), ids=OF_BETA)
def test_a_workbook_says_of_a_row_what_is_of_it_alone(tmp_path: Path, write: Write) -> None:
    assert hidden(workbook(tmp_path, write), "workbook") == {"Beta"}


OF_NONE: dict[str, Write] = {
    "another list": other_sheet(SHELTERS_LIST),
    "what a cell may say": lambda _, sheet: sheet.data_validation(
        "C2:C3", {"validate": "list", "source": ["Doposcuola", "Casa rifugio"]}
    ),
    "a heading": table("Tabella", "Casa rifugio"),
    "a range elsewhere": lambda book, sheet: (
        other_sheet(SHELTERS_LIST)(book, sheet),
        book.define_name("Case_rifugio", "=Altro!$A$1:$C$3"),
    ),
}


@pytest.mark.parametrize("write", OF_NONE.values(), ids=OF_NONE)
def test_what_is_said_of_other_lists_and_of_columns_hides_no_row(
    tmp_path: Path, write: Write
) -> None:
    path = workbook(tmp_path, lambda book, sheet: (sheet.write_column(1, 2, ["no", "no"]),
                                                   write(book, sheet)))  # fmt: skip
    assert not hidden(path, "workbook")


CODES = ["RIFUG", "C.R.", "CR-1", "CR 1", "A/R", "*", "10001"]
WHOSE = {
    **{code: (code, [["Codice", "Tipo", "Nota"], ["D", "Doposcuola", "-"],
                     [code, "Casa rifugio", "-"]]) for code in CODES},
    "four columns": ("R", [["Codice", "Tipo", "Forma", "Legge"], ["D", "Doposcuola", "diurno", "1"],
                           ["R", "Casa rifugio", "notturno", "2"]]),
    "code behind": ("R", [["Tipo", "Codice", "Nota"], ["Doposcuola", "D", "-"],
                          ["Casa rifugio", "R", "-"]]),
    "by name": ("D", [["nome", "via", "tipo"], ["Alfa", "via Prova 1", "Doposcuola"],
                      ["Beta", "via Altra 2", "Casa rifugio"]]),
}  # fmt: skip


@pytest.mark.parametrize(("code", "rows"), WHOSE.values(), ids=WHOSE)
def test_a_row_elsewhere_speaks_of_the_rows_that_have_what_it_alone_has(
    tmp_path: Path, code: str, rows: list[list[str]]
) -> None:
    def write(book: Any, sheet: Any) -> None:
        sheet.write_column(1, 2, ["D", code])
        other_sheet(rows)(book, sheet)

    assert hidden(workbook(tmp_path, write), "workbook") == {"Beta"}


def test_who_wrote_a_workbook_hides_no_row(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, lambda book, _: book.set_properties({"author": "Rete antiviolenza Milano"})
    )
    assert not hidden(path, "workbook")


@pytest.mark.parametrize("beside", ["Casa rifugio", "ELENCO RISERVATO", "&CIndirizzi segreti"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le"])
def test_a_text_of_an_xls_that_is_in_no_cell_is_of_all_rows(
    tmp_path: Path, beside: str, encoding: str
) -> None:
    rows = enumerate((HEADER, ALFA, [*BETA[:2], "è un doposcuola\u2013misto"]))
    cells = {(at, column): text for at, row in rows for column, text in enumerate(row)}
    path = tmp_path / "prova.xls"
    path.write_bytes(xls(cells, b"\0" + beside.encode(encoding)))
    assert hidden(path, "workbook") == BOTH
    path.write_bytes(xls(cells | {(3, 0): beside, (3, 1): "via 3"}))
    assert not hidden(path, "workbook") & BOTH


def test_a_legend_in_a_narrow_table_is_of_the_rows_with_its_code(tmp_path: Path) -> None:
    (tmp_path / "prova.csv").write_text(
        "nome;via;tipo\nAlfa;via Prova 1;DS\nBeta;via Prova 2;DS, CR\n"
        "CR;Casa rifugio;\nDS;Doposcuola;"
    )
    assert hidden(tmp_path / "prova.csv", "csv", delimiter=";") & BOTH == {"Beta"}


def place(name: str, inside: str = "", attributes: str = "") -> str:
    return (
        f"<Placemark {attributes}><name>{name}</name>{inside}<Point>"
        "<coordinates>9.19,45.46</coordinates></Point></Placemark>"
    )


NINFEA = place("Alfa", "<styleUrl>#m</styleUrl>") + place("Beta", "<styleUrl>#n</styleUrl>")
DATA = '<ExtendedData><Data name="a">{}<value>{}</value></Data></ExtendedData>'
KML_MAPS = {
    "overlay": ("<ScreenOverlay><name>Case rifugio</name></ScreenOverlay>" + NINFEA, BOTH),
    "data of the document": (DATA.format("", "Indirizzi segreti") + NINFEA, BOTH),
    "author": (
        '<a:author xmlns:a="http://www.w3.org/2005/Atom"><a:name>Case rifugio</a:name></a:author>'
        + NINFEA,
        BOTH,
    ),
    "id of the document": ('<Folder id="case-rifugio">' + NINFEA + "</Folder>", BOTH),
    "map of styles": (
        NINFEA + '<StyleMap id="m"><Pair><key>normal</key><styleUrl>#casa-rifugio</styleUrl></Pair>'
        "</StyleMap>",
        {"Alfa"},
    ),
    "text of a style": (
        '<Style id="m"><BalloonStyle><text>Indirizzo segreto</text></BalloonStyle></Style>'
        '<Style id="n"><IconStyle/></Style>' + NINFEA,
        {"Alfa"},
    ),
    "icon of a style": (
        '<StyleMap id="n"><Pair><styleUrl>#o</styleUrl></Pair></StyleMap>'
        '<Style id="o"><IconStyle><Icon><href>casa-rifugio.png</href></Icon></IconStyle></Style>'
        + NINFEA,
        {"Beta"},
    ),
    "id of a place": (place("Alfa", attributes='id="casa-rifugio-1"') + place("Beta"), {"Alfa"}),
    "name of a column that holds": (
        place("Alfa", DATA.format("<displayName>Casa rifugio</displayName>", "sì"))
        + place("Beta", DATA.format("<displayName>Casa rifugio</displayName>", "no")),
        {"Alfa"},
    ),
    "a style that none has": ('<Style id="casa-rifugio"/>' + NINFEA, set[str]()),
}


@pytest.mark.parametrize(("inside", "names"), KML_MAPS.values(), ids=KML_MAPS)
def test_a_map_says_in_any_element_what_its_places_are(
    tmp_path: Path, inside: str, names: set[str]
) -> None:
    kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'
    (tmp_path / "prova.kml").write_text(kml, encoding="utf-8")
    assert hidden(tmp_path / "prova.kml", "kml") == names


def feature(name: str, **more: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": POINT, "properties": {"nome": name}} | more


COLLECTIONS: list[tuple[dict[str, object], dict[str, object], set[str]]] = [
    ({"legend": {"R": "Casa rifugio"}}, {}, BOTH),
    ({"notes": [{"text": "Indirizzi segreti"}]}, {}, BOTH),
    ({"case_rifugio": True}, {}, BOTH),
    ({"case_rifugio": False}, {}, set()),
    ({}, {"title": "casa rifugio"}, {"Beta"}),
    ({}, {"meta": {"note": ["indirizzo segreto"]}}, {"Beta"}),
    ({}, {"id": "casa-rifugio-2"}, {"Beta"}),
    ({}, {"geometry": POINT | {"note": "Indirizzo segreto"}}, {"Beta"}),
    ({}, {"attributes": {"tipo": "casa rifugio"}}, {"Beta"}),
    (
        {},
        {"geometry": {"type": "GeometryCollection", "geometries": [POINT | {"note": SHELTERS}]}},
        {"Beta"},
    ),
]


@pytest.mark.parametrize(("around", "of_beta", "names"), COLLECTIONS)
@pytest.mark.parametrize("form", ["whole", "pages", "lines"])
def test_a_geojson_by_any_member(
    tmp_path: Path, around: dict[str, object], of_beta: dict[str, object], names: set[str],
    form: str,
) -> None:  # fmt: skip
    features = [feature("Alfa"), feature("Beta", **of_beta)]
    path = tmp_path / "prova.geojson"
    text = json.dumps({"type": "FeatureCollection", "features": features} | around)
    if form == "lines":
        path.write_text("\n".join(map(json.dumps, features)))
        names = names if of_beta else set()
    elif form == "pages":
        with zipfile.ZipFile(path := tmp_path / "prova.zip", "w") as pages:
            pages.writestr("page-0001.geojson", text)
    else:
        path.write_text(text)
    assert hidden(path, "vector") == names


def test_a_map_of_umap_by_any_member(tmp_path: Path) -> None:
    features = [feature("Alfa"), feature("Beta", title="casa rifugio")]
    layer = {"_umap_options": {"name": "Uno"}, "features": features}
    path = tmp_path / "prova.umap"
    path.write_text(json.dumps({"type": "umap", "layers": [layer]}))
    assert hidden(path, "umap") == {"Beta"}
    path.write_text(json.dumps({"type": "umap", "layers": [layer | {"note": SHELTERS}]}))
    assert hidden(path, "umap") == BOTH
    path.write_text(json.dumps({"type": "umap", "layers": [layer], "title": SHELTERS}))
    assert hidden(path, "umap") == BOTH


@pytest.mark.parametrize(
    ("around", "names"),
    [
        ({"notes": [{"text": "Indirizzi segreti", "date": "2026"}]}, BOTH),
        ({"meta": {"info": {"licence": {"note": "Indirizzi segreti"}}}}, BOTH),
        ({"altri": [{"nome": f"Casa rifugio {n}", "via": "x", "cap": "y"} for n in "ab"]}, set()),
        ({"fields": [{"id": "casa_rifugio"}]}, set()),
        ({"fields": [{"id": "tipo", "info": {"notes": "R = casa rifugio"}}]}, BOTH),
    ],
)
def test_records_in_json_by_what_stands_beside_them(
    tmp_path: Path, around: dict[str, object], names: set[str]
) -> None:
    path = tmp_path / "prova.json"
    path.write_text(
        json.dumps({"result": {"records": [{"nome": "Alfa"}, {"nome": "Beta"}]} | around})
    )
    assert hidden(path, "json", records="result.records") == names


def layer(path: Path) -> Path:
    frame = gpd.GeoDataFrame({"nome": ["Alfa"]}, geometry=[shapely.Point(9.19, 45.46)], crs=4326)
    frame.to_file(path)
    return path


@pytest.mark.parametrize("form", ["folder", "zip"])
@pytest.mark.parametrize("suffix", ["shp.xml", "xml", "qmd", "txt"])
def test_a_shapefile_by_what_is_written_beside_it(tmp_path: Path, suffix: str, form: str) -> None:
    path = layer(tmp_path / "prova.shp")
    assert not hidden(path, "vector")
    (tmp_path / "altra.shp.xml").write_text("<m><title>Case rifugio</title></m>")
    metadata = '<metadata><idinfo title="x"><descript>Case <b>rifugio</b></descript></idinfo>'
    (tmp_path / f"prova.{suffix}").write_text(metadata)
    if form == "zip":
        files = [beside for beside in tmp_path.iterdir() if beside.stem != "altra.shp"]
        path = tmp_path / "tutto.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for beside in files:
                archive.write(beside, beside.name)
    assert hidden(path, "vector") == {"Alfa"}


INTO_GEOPACKAGE = {
    "of the layer": ["UPDATE gpkg_contents SET identifier = 'Case rifugio'"],
    "metadata": [
        "CREATE TABLE gpkg_metadata (metadata TEXT)",
        "INSERT INTO gpkg_metadata VALUES ('<m>Case rifugio</m>')",
    ],
    "styles": [
        "CREATE TABLE layer_styles (f_table_name TEXT, description TEXT)",
        "INSERT INTO layer_styles VALUES ('prova', 'Case rifugio')",
    ],
    "codes": [
        "CREATE TABLE legenda (codice TEXT, tipo TEXT)",
        "INSERT INTO legenda VALUES ('R', 'Casa rifugio')",
    ],
    "of another layer": [
        "CREATE TABLE layer_styles (f_table_name TEXT, description TEXT)",
        "INSERT INTO layer_styles VALUES ('altra', 'Case rifugio')",
    ],
}


@pytest.mark.parametrize(("where", "orders"), INTO_GEOPACKAGE.items(), ids=INTO_GEOPACKAGE)
def test_a_geopackage_by_its_own_tables(tmp_path: Path, where: str, orders: list[str]) -> None:
    path = layer(tmp_path / "prova.gpkg")
    with closing(sqlite3.connect(path)) as store, store:
        for order in orders:
            store.execute(order)
    assert hidden(path, "vector") == (set() if "another" in where else {"Alfa"})


def test_a_gml_by_what_stands_behind_its_features(tmp_path: Path) -> None:
    (tmp_path / "prova.gml").write_text(
        """<x:FeatureCollection xmlns:x="http://www.opengis.net/wfs/2.0"
     xmlns:gml="http://www.opengis.net/gml/3.2"><x:member>
    <x:sede gml:id="s"><x:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>45.46 9.19
    </gml:pos></gml:Point></x:geom><x:nome>Alfa</x:nome></x:sede></x:member>
    <gml:description>Case rifugio</gml:description></x:FeatureCollection>"""
    )
    assert hidden(tmp_path / "prova.gml", "vector") == {"Alfa"}


@pytest.mark.parametrize(
    "mark", ['<x:sede tipo="casa rifugio" gml:id="s">', '<!-- casa rifugio --><x:sede gml:id="s">']
)
def test_a_gml_by_what_is_within_a_feature_and_no_cell(tmp_path: Path, mark: str) -> None:
    (tmp_path / "prova.gml").write_text(
        f"""<x:FeatureCollection xmlns:x="http://www.opengis.net/wfs/2.0"
     xmlns:gml="http://www.opengis.net/gml/3.2"><x:member>
    {mark}<x:geom><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>45.46 9.19
    </gml:pos></gml:Point></x:geom><x:nome>Alfa</x:nome></x:sede></x:member>
    </x:FeatureCollection>"""
    )
    assert hidden(tmp_path / "prova.gml", "vector") == {"Alfa"}
