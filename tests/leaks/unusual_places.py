"""Small files of every format, each of which says in another unusual place what Ninfea is."""

import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import xlsxwriter

from tests.ingest.drawn_xls import xls

SECRET, HEADINGS = "Ninfea", ["id", "name", "street", "tipo", "lon", "lat"]
ALFA = ["a1", "Ascolto Alfa", "via Lariana 3", "D", "9.201", "45.6"]
GAMMA = ["a2", "Ascolto Gamma", "via Lariana 5", "D", "9.202", "45.6"]
HIDDEN = ["b1", SECRET, "via Segreta 61", "R", "9.206617", "45.606829"]
ROWS = [HEADINGS, ALFA, GAMMA, HIDDEN]
LEGEND = "codice;tipo;legge\nD;Doposcuola;1\nR;Casa rifugio;2\n"
TOLD = "Nota: gli indirizzi sono segreti"
Files = dict[str, bytes | str]


def csv(rows: list[list[str]] = ROWS, *, below: str = "") -> str:
    return "\n".join(";".join(row) for row in rows) + below


def zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def pdf(text: str) -> bytes:
    page = zlib.compress(f"BT ({text}) Tj ET".encode())
    return b"%PDF-1.4\n1 0 obj <</Filter /FlateDecode>>\nstream\n" + page + b"\nendstream\nendobj"


def book(write: Callable[[Any, Any], object] = lambda _book, _sheet: None) -> bytes:
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content)
    sheet = workbook.add_worksheet("Dati")
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
    write(workbook, sheet)
    workbook.close()
    return content.getvalue()


def with_parts(content: bytes, more: Files, change: tuple[str, str, str] = ("", "", "")) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts: Files = {name: old.read(name) for name in old.namelist()}
    name, pattern, text = change
    if name:
        written = bytes(parts[name]) if isinstance(parts[name], bytes) else b""
        parts[name] = re.sub(pattern, text, written.decode(), count=1)
    return zipped(parts | more)


def sheet_of(rows: list[list[str]], comment: str = "") -> Callable[[Any, Any], None]:
    def write(workbook: Any, _: object) -> None:
        sheet = workbook.add_worksheet("Altro")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if comment:
            sheet.write_comment(len(rows) - 1, 0, comment)

    return write


def named_format(workbook: Any, sheet: Any) -> None:
    sheet.write_number("G4", 1, workbook.add_format({"num_format": '"casa rifugio" 0'}))


LONG = [["codice", "tipo", "legge"], *([f"X{n}", "Doposcuola", "1"] for n in range(2500)),
        ["R", "Casa rifugio", "2"]]  # fmt: skip
LISTED = [["nome", "via", "cap"], ["Loto", "via 1", "22100"], [SECRET, "via 2", "22100"]]
WORD = zipped({"word/document.xml": f"<w:t xmlns:w='w'>{TOLD}</w:t>"})
WORKBOOKS = {
    "phonetic guide": with_parts(
        book(), {}, ("xl/sharedStrings.xml", "</t></si>",
                     f"</t><rPh sb='0' eb='1'><t>{TOLD}</t></rPh></si>"),
    ),
    "comment in XML": with_parts(
        book(), {}, ("xl/worksheets/sheet1.xml", "<sheetData>", f"<sheetData><!-- {TOLD} -->")
    ),
    "part that nothing names": with_parts(book(), {"customXml/item1.xml": f"<n>{TOLD}</n>"}),
    "letter in a sheet": with_parts(book(), {"xl/embeddings/Microsoft1.docx": WORD}),
    "comment on another list": book(sheet_of(LISTED, "casa rifugio")),
    "row 2500 of a legend": book(sheet_of(LONG)),
    "format of a number": book(named_format),
}  # fmt: skip


def ods(styles: str = "", style: str = "ce0", more: Files | None = None) -> bytes:
    def row(cells: list[str], name: str) -> str:
        cell = (
            f'<table:table-cell table:style-name="{name}" office:value-type="string">'
            "<text:p>{}</text:p></table:table-cell>"
        )
        return f"<table:table-row>{''.join(cell.format(text) for text in cells)}</table:table-row>"

    rows = "".join(row(cells, style if cells is HIDDEN else "ce0") for cells in ROWS)
    content = f"""<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:automatic-styles>{styles}
</office:automatic-styles><office:body><office:spreadsheet>
<table:table table:name="Uno">{rows}</table:table></office:spreadsheet></office:body>
</office:document-content>"""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    files: Files = {"mimetype": kind, "content.xml": content, "meta.xml": "<m/>",
                    "META-INF/manifest.xml": "<m/>"}  # fmt: skip
    return zipped(files | (more or {}))


def kml(*, before: str = "", inside: str = "") -> str:
    places = "".join(
        f"<Placemark><name>{name}</name>{inside if name == SECRET else ''}<ExtendedData>"
        f'<Data name="id"><value>{key}</value></Data><Data name="street"><value>{street}</value>'
        f"</Data></ExtendedData><Point><coordinates>{lon},{lat}</coordinates></Point></Placemark>"
        for key, name, street, _, lon, lat in ROWS[1:]
    )
    return (
        f'{before}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{places}</Document></kml>'
    )


def features(inside: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return [
        {"type": "Feature", "properties": dict(zip(HEADINGS, row, strict=True)),
         "geometry": {"type": "Point", "coordinates": [float(row[4]), float(row[5])]},
         **(inside or {} if row is HIDDEN else {})}
        for row in ROWS[1:]
    ]  # fmt: skip


def geojson(around: dict[str, Any], inside: dict[str, Any] | None = None) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features(inside)} | around)


def deep(levels: int, text: str) -> dict[str, Any]:
    return {"n": text if levels == 0 else deep(levels - 1, text)}


def layer(folder: Path, name: str) -> Path:
    gpd.GeoDataFrame.from_features(features(), crs=4326).to_file(folder / name)
    return folder / name


def stored(folder: Path, *orders: str) -> bytes:
    path = layer(folder, "prova.gpkg")
    with closing(sqlite3.connect(path)) as store, store:
        for order in orders:
            store.execute(order)
    content = path.read_bytes()
    path.unlink()
    return content


def shapes(folder: Path, more: Files) -> bytes:
    layer(folder, "prova.shp")
    parts: Files = {path.name: path.read_bytes() for path in sorted(folder.glob("prova.*"))}
    for path in folder.glob("prova.*"):
        path.unlink()
    return zipped(parts | more)


def gml(inside: str) -> str:
    members = "".join(
        f"<x:member><x:sede gml:id='{row[0]}'><x:geom><gml:Point srsName='EPSG:4326'><gml:pos>"
        f"{row[4]} {row[5]}</gml:pos></gml:Point></x:geom>"
        + "".join(
            f"<x:{key}>{text}</x:{key}>" for key, text in zip(HEADINGS, row, strict=True)
        )
        + f"{inside if row is HIDDEN else ''}</x:sede></x:member>"
        for row in ROWS[1:]
    )  # fmt: skip
    return (
        "<x:FeatureCollection xmlns:x='http://www.opengis.net/wfs/2.0'"
        f" xmlns:gml='http://www.opengis.net/gml/3.2'>{members}</x:FeatureCollection>"
    )


def records(around: dict[str, Any]) -> str:
    rows = [dict(zip(HEADINGS, row, strict=True)) for row in ROWS[1:]]
    return json.dumps({"records": rows} | around)


def hsds(more: list[dict[str, Any]]) -> str:
    full = [
        {"id": key, "name": name, "service_at_locations": [{"location": {
            "longitude": float(lon), "latitude": float(lat),
            "addresses": [{"address_1": street}]}}]}
        for key, name, street, _, lon, lat in ROWS[1:]
    ]  # fmt: skip
    return json.dumps({"contents": full + more})


OTHERS = [["nome", "via", "tel"], ["Loto", "via Zuretti 1", "0229871299"]]
THERE = ["Casa sicura", "Via Segreta, 61", "02 9871234"]
OURS = [[*row, phone] for row, phone in zip(
    ROWS, ("tel", "024812345", "024812346", "029871234"), strict=True)]  # fmt: skip
LIBRARIES = [["20142", "lun-ven 9-18", "Comune"], ["20121", "h24", "Coop"]]


def sheets(others: dict[str, list[list[str]]], ours: list[list[str]] = ROWS) -> bytes:
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content)
    for name, rows in {"Dati": ours, **others}.items():
        sheet = workbook.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    workbook.close()
    return content.getvalue()


def coded(code: str, below: str) -> str:
    return csv([HEADINGS, ALFA, GAMMA, [*HIDDEN[:3], code, *HIDDEN[4:]]], below=below)


def side_tables(folder: Path) -> dict[str, "Drawn"]:
    """Give files with a table beside the list, by how it speaks of one of its rows, or of none."""
    shelters = [*OTHERS, THERE]
    links = [["servizio", "cod"], ["a1", "X1"], ["a2", "X1"], ["b1", "X7"]]
    kinds = [["cod", "tipo", "legge"], ["X1", "Doposcuola", "1"], ["X7", "Casa rifugio", "2"]]
    titled = [["Elenco"], ["Case rifugio"], *OTHERS, [SECRET, "", ""]]
    group = [["tipo", *OTHERS[0]], ["Casa rifugio", *OTHERS[1]], ["", SECRET, "via 9", "1"]]
    twice = [*OTHERS, [SECRET, "via 9", "Casa rifugio"], [SECRET, "via 9", "Casa rifugio notte"]]
    public = [["nome", "via", "cap", "orari", "ente"],
              ["Casa rifugio Loto", "via Lariana", *LIBRARIES[0]],
              ["Consultorio", "via Bovisasca 3", *LIBRARIES[1]]]  # fmt: skip
    ours = [
        [*row, *more]
        for row, more in zip(
            ROWS, (["cap", "orari", "ente"], LIBRARIES[0], LIBRARIES[0], LIBRARIES[1]), strict=True
        )
    ]
    bare = [row for row in ours if row[0] != "b1"]
    named = {"case_rifugio": [dict(zip(OTHERS[0], row, strict=True)) for row in titled[3:]]}
    orders = {
        "ids": ("CREATE TABLE case_rifugio (id TEXT)", "INSERT INTO case_rifugio VALUES ('b1')"),
        "names": (
            "CREATE TABLE case_rifugio (nome TEXT, via TEXT)",
            "INSERT INTO case_rifugio VALUES ('Loto', 'via Z'), ('ninfea', 'via Segreta')",
        ),
        "a further table": (
            "CREATE TABLE legami (servizio TEXT, cod TEXT)",
            "INSERT INTO legami VALUES ('a1', 'X1'), ('b1', 'X7')",
            "CREATE TABLE generi (cod TEXT, tipo TEXT, legge TEXT)",
            "INSERT INTO generi VALUES ('X1', 'Doposcuola', '1'), ('X7', 'Casa rifugio', '2')",
        ),
    }
    return {
        "name of another sheet": (
            "workbook", ".xlsx", sheets({"Case rifugio": shelters}, OURS), ONE
        ),
        "title in another sheet": ("workbook", ".xlsx", sheets({"Altri": titled}), ONE),
        "group in another sheet": ("workbook", ".xlsx", sheets({"Altri": group}), ONE),
        "twice in another sheet": ("workbook", ".xlsx", sheets({"Altri": twice}), ONE),
        "a third sheet": ("workbook", ".xlsx", sheets({"Legami": links, "Generi": kinds}), ONE),
        **{f"layer with {name}": ("vector", ".gpkg", stored(folder, *some), ONE)
           for name, some in orders.items()},
        "name of a list of JSON": ("json", ".json", records(named), ONE),
        "name of a file in a zip": ("csv", ".zip", zipped(
            {"x.csv": csv(), "case rifugio/elenco.csv": csv(titled[2:])}), ONE),
        "postcode, hours and body": ("workbook", ".xlsx", sheets({"Altri": public}, bare), set()),
        "harmless other list": ("csv", ".zip", zipped(
            {"x.csv": csv(bare), "centri_antiviolenza.csv": csv(public)}), set()),
    }  # fmt: skip


def notes() -> dict[str, "Drawn"]:
    """Give lists with a note or a legend below, by what of it is of a row, or seems so."""
    bodies = [[*row[:3], body, *row[4:]] for row, body in zip(
        ROWS, ("ente", "Comune", "Caritas", "12/03/2026"), strict=True)]  # fmt: skip
    legend = "\nD;Doposcuola;;;;\nC;Ciclofficina;;;;\nR;Casa rifugio;;;;"
    codes = ("D-R", "D R", "DR", "R1", "R*", "R (notte)", "[R]", "D|R", "r.", "D\u2013R", "Q")
    said = ("Fonte;Caritas;gli indirizzi sono segreti", "Nota;Comune;non pubblicare gli indirizzi",
            "Aggiornato al;12/03/2026;gli indirizzi sono segreti")  # fmt: skip
    in_name = csv([HEADINGS, ALFA, GAMMA, ["b1", f"{SECRET} (1)", *HIDDEN[2:]]],
                  below="\n1;casa rifugio;;;;\n2;Ricreazione;;;;")  # fmt: skip
    return {
        **{text: ("csv", ".csv", csv(bodies, below=f"\n{text};;;"), ALL) for text in said},
        **{f"coded {code}": ("csv", ".csv", coded(code, legend), ALL if code == "Q" else ONE)
           for code in codes},
        "mark of a name": ("csv", ".csv", in_name, {f"{SECRET} (1)"}),
        "note among codes": ("csv", ".csv", csv(
            below="\nD;Doposcuola;;;;\nPS;Gli indirizzi sono segreti;;;;"), ALL),
        **{f"harmless: {text}": ("csv", ".csv", csv(ROWS[:3], below=f"\n{text};;;;;"), set())
           for text in HARMLESS},
    }  # fmt: skip


HARMLESS = [
    "n.d.: indirizzo non noto", "(*) sede non comunicata dall'ente gestore",
    "Indirizzi non comunicati: contattare la segreteria", "Elenco riservato ai residenti",
    "Luogo protetto e accogliente per i bambini", "Contro la violenza: chiama il 1522",
    "Sei vittima di violenza? 1522",
    "Telefono azzurro 19696, emergenza infanzia 114, antiviolenza 1522",
    "25 novembre Giornata internazionale contro la violenza sulle donne",
]  # fmt: skip
CODES = [{"codice": "D", "tipo": "Doposcuola", "legge": "1"},
         {"codice": "R", "tipo": "Casa rifugio", "legge": "2"}]  # fmt: skip
MANY = (
    "INSERT INTO tipi WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500"
    ") SELECT 'X' || i, 'Doposcuola', '1' FROM n"
)
CDATA = "<x:n><![CDATA[casa rifugio]]></x:n>"
STYLE = '<style:style style:name="ce1" style:parent-style-name="Casa_20_rifugio"/>'
ALL, ONE = {"Ascolto Alfa", "Ascolto Gamma", SECRET}, {SECRET}
Drawn = tuple[str, str, bytes | str, set[str]]
"""Reader, suffix, content, and the names of the rows that wait."""


def drawn(folder: Path) -> dict[str, Drawn]:
    """Give every file by what is unusual in it."""
    numbered = [[*row[:3], {"R": "2", "D": "1"}.get(row[3], row[3]), *row[4:]] for row in ROWS]
    pairs = "1;Doposcuola;;;;\n2;Casa rifugio;;;;"
    return {
        "note in a zip": ("csv", ".zip", zipped({"x.csv": csv(), "LEGGIMI.txt": TOLD}), ALL),
        "PDF in a zip": ("csv", ".zip", zipped({"x.csv": csv(), "n.pdf": pdf(TOLD)}), ALL),
        "name in a zip": ("csv", ".zip", zipped({"x.csv": csv(), "case-rifugio.png": b""}), ALL),
        "legend in a zip": (
            "csv", ".zip", zipped({"dati/x.csv": csv(), "tipi.txt": LEGEND}), ONE
        ),
        "workbook in a zip": (
            "csv", ".zip", zipped({"x.csv": csv(), "n.xlsx": book(sheet_of([[TOLD]]))}), ALL
        ),
        "legend below": ("csv", ".csv", csv(below="\nD;Doposcuola;;;;\nR;Casa rifugio;;;;"), ONE),
        "legend of numbers": ("csv", ".csv", csv(numbered, below=f"\n{pairs}"), ONE),
        **{name: ("workbook", ".xlsx", content,
                  ONE if name in ("comment on another list", "row 2500 of a legend",
                                  "format of a number") else ALL)
           for name, content in WORKBOOKS.items()},
        "box in an XLS": ("workbook", ".xls", xls(
            {(at, column): text for at, row in enumerate(ROWS) for column, text in enumerate(row)},
            b"\0" + TOLD.encode("utf-16-le")), ALL),
        "style in an ODS": ("workbook", ".ods", ods(STYLE, "ce1"), ONE),
        "object in an ODS": (
            "workbook", ".ods", ods(more={"Object 1/content.xml": f"<n>{TOLD}</n>"}), ALL
        ),
        "comment in a place": ("kml", ".kml", kml(inside="<!-- casa rifugio -->"), ONE),
        "instruction before a map": ("kml", ".kml", kml(before="<?nota indirizzi segreti?>"), ALL),
        "note in a KMZ": ("kml", ".kmz", zipped({"doc.kml": kml(), "files/n.txt": TOLD}), ALL),
        "deep member": ("vector", ".geojson", geojson({}, deep(40, "casa rifugio")), ONE),
        "list of codes": ("vector", ".geojson", geojson({"codici": CODES}), ONE),
        "late row of a table": ("vector", ".gpkg", stored(
            folder, "CREATE TABLE tipi (codice TEXT, tipo TEXT, legge TEXT)",
            MANY,
            "INSERT INTO tipi VALUES ('R', 'Casa rifugio', '2')"), ONE),
        "page beside shapes": (
            "vector", ".zip", shapes(folder, {"info.html": f"<p title='{TOLD}'>x</p>"}), ALL
        ),
        "codes beside shapes": ("vector", ".zip", shapes(folder, {"tipi.csv": LEGEND}), ONE),
        "raw text in a feature": ("vector", ".gml", gml(CDATA), ONE),
        "attribute in a feature": ("vector", ".gml", gml("<x:n x:t='casa rifugio'/>"), ONE),
        "codes beside records": ("json", ".json", records({"tipi": CODES}), ONE),
        "record for browsing": (
            "hsds", ".json", hsds([{"id": "b1", "description": "Casa rifugio"}]), ONE
        ),
        **side_tables(folder),
        **notes(),
    }  # fmt: skip
