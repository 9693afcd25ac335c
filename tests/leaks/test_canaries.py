"""The search sees a text and a point in each format; and a build that leaks is refused."""

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
import xlsxwriter
from weasyprint import HTML

import ingest.locate
import ingest.run
from mapping.errors import BadInputError
from mapping.leaks import archives
from mapping.leaks.confidential_records import ConfidentialRecords
from mapping.leaks.decoded_part import text_content
from mapping.leaks.file_content import contents
from mapping.leaks.leak_scan import Leak, leaks
from mapping.leaks.phone_digits import phones_in
from mapping.leaks.public_ground import PublicGround
from tests.leaks.conftest import Run
from tests.leaks.drawn_sources import SECRET_TEXTS, write_config, write_mirror

X, Y = 515_863.28, 5_049_974.06
LON, LAT = 9.203417, 45.603129
WORDS = "Casa di Prova, Via Segreta 183"
RECORDS = ConfidentialRecords(
    frozenset({"via segreta 183"}), frozenset({"029871234"}), np.array([[X, Y]]), 32632
)


def _frame() -> gpd.GeoDataFrame:
    points = gpd.points_from_xy([LON], [LAT])
    return gpd.GeoDataFrame({"nome": [WORDS]}, geometry=points, crs=4326)


def _parquet(path: Path) -> None:
    shapes = [shapely.to_wkb(shapely.Point(LON, LAT))]
    table = pa.table({"nome": pa.array([WORDS]).dictionary_encode(), "geometry": shapes})
    pq.write_table(table, path, compression="zstd")


def _arrow(path: Path) -> None:
    lists = {"x": pa.array([[0.0, X]]), "y": pa.array([[0.0, Y]]), "s": pa.array([[WORDS]])}
    table = pa.table(lists)
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)


def _tiles(path: Path) -> None:
    pyogrio.write_dataframe(_frame(), path, layer="prova", driver="PMTiles", MAXZOOM=14)


def _geopackage(path: Path) -> None:
    pyogrio.write_dataframe(_frame().to_crs(32632), path, layer="prova", driver="GPKG")


def _workbook(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_row(0, 0, [WORDS, LAT, LON])


def _pdf(path: Path) -> None:
    HTML(string=f"<p>{WORDS}</p><p>{LON}, {LAT}</p>").write_pdf(path)


def _gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(f"{WORDS};{LON};{LAT}".encode()))


def _json(path: Path) -> None:
    path.write_text(json.dumps({"è": WORDS, "p": [LON, LAT]}), encoding="utf-8")


def _text(path: Path) -> None:
    path.write_text(f"VIA  SEGRETA, 183\n{X} {Y}\n", encoding="utf-8")


WRITERS: dict[str, Callable[[Path], None]] = {
    "a.parquet": _parquet, "a.arrow": _arrow, "a.pmtiles": _tiles, "a.gpkg": _geopackage,
    "a.xlsx": _workbook, "a.pdf": _pdf, "a.gz": _gzip, "a.json": _json, "a.csv": _text,
}  # fmt: skip


@pytest.mark.parametrize("name", WRITERS)
def test_a_text_and_a_point_are_seen_in_every_format(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    found = leaks([path], RECORDS, PublicGround.of([]))
    assert found == [Leak(name, "point"), Leak(name, "text")]


COORDINATES = {
    "decimal commas": "9,203417; 45,603129",
    "decimal commas and words": "lat 45,603129 e lon 9,203417",
    "degrees, minutes, seconds": "45°36'11.3\"N 9°12'12.3\"E",
    "degrees and decimal minutes": "45° 36,1877' N, 9° 12,2050' E",
    "typographic signs": "45º 36\u2032 11,26\u2033 N \u2013 9º 12\u2032 12,30\u2033 E",
    "degrees with colons": "45:36:11.26 9:12:12.30",
    "metres with commas": "E 515863,28 N 5049974,06",
    "metres in groups": "515.863,28 / 5.049.974,06",
    "the web's metres": "1024519.69 5716976.87",
    "Gauss-Boaga": "1515891.4 5049994.4",
    "whole numbers": "920341 4560313",
    "whole numbers of 1e7": "92034170,456031290",
    "something between": "lon=9.203417 (zona 3) lat=45.603129",
    "well-known text": "POINT (9.203417 45.603129)",
    "a plus code": "8FQFJ633+76",
    "a short plus code": "presso j633+76, Milano",
    "zlib in base64": base64.b64encode(zlib.compress(b"9.203417 45.603129")).decode(),
    "hexadecimal WKB": shapely.to_wkb(shapely.Point(LON, LAT), hex=True),
}
WRITTEN = {
    "number first": "183, via Segreta",
    "kind last": "Segreta 183 via",
    "kind in brackets": "Segreta (via) 183",
    "number by name": "Via Segreta, numero civico 183",
    "soft hyphen": "Via Se\N{SOFT HYPHEN}greta 183",
    "zero width": "Via Se\N{ZERO WIDTH SPACE}greta\N{ZERO WIDTH JOINER} 183",
    "suffix": "segreta 183/A",
    "entities": "Via&nbsp;Segreta&#44; &#49;&#56;&#51;",
    "tags": "Via <b>Segreta</b><br>183",
    "percent signs": "q=Via%20Segreta%2C%20183",
    "twice in percent signs": "q=Via%2520Segreta%252C%2520183",
    "escapes": "Via \\u0053egreta \\x31\\x38\\x33",
    "quoted printable": "Via=20Segreta=2C=20183",
    "base64": base64.b64encode(WORDS.encode()).decode(),
    "base64 of UTF-16": base64.b64encode(WORDS.encode("utf-16")).decode(),
    "base64 twice": base64.b64encode(base64.b64encode(WORDS.encode())).decode(),
    "hexadecimal digits": WORDS.encode().hex(),
    "Cyrillic letters": "Via \u0405\u0435gr\u0435t\u0430 183",
    "Greek letters": "V\u0399\u0391 S\u0395GR\u0395\u03a4\u0391 183",
    "in words": "via Segreta centottantatré",
    "in words, not elided": "Via Segreta, al numero centoottantatre",
    "zlib in base64": base64.b64encode(zlib.compress(WORDS.encode())).decode(),
    "zlib in hexadecimal digits": zlib.compress(WORDS.encode(), 9).hex(),
    "packed in base64": base64.b64encode(gzip.compress(WORDS.encode())).decode(),
}
PHONES = [
    "02\u00a09871234", "02\u20139871234", "02.987.12.34", "+39 02 9871234", "0039029871234",
    "(02) 9871234", "02 | 9871234",
    "\uff10\uff12\uff19\uff18\uff17\uff11\uff12\uff13\uff14",
    "02\u200b9871234", "n. 5 029871234", "tel:+39-02-987-1234",
]  # fmt: skip


def _told(path: Path) -> list[Leak]:
    return leaks([path], RECORDS, PublicGround.of([]))


@pytest.mark.parametrize("text", COORDINATES.values(), ids=COORDINATES)
def test_a_point_is_seen_however_it_is_written(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    pq.write_table(pa.table({"dove": [text, "altrove"]}), tmp_path / "a.parquet")
    for name in ("a.txt", "a.parquet"):
        assert _told(tmp_path / name) == [Leak(name, "point")]


@pytest.mark.parametrize("text", [*WRITTEN.values(), *PHONES], ids=[*WRITTEN, *PHONES])
def test_a_text_is_seen_however_it_is_written(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.html").write_text(f"prima {text} dopo", encoding="utf-8")
    pq.write_table(pa.table({"dove": ["altrove", f"prima {text} dopo"]}), tmp_path / "a.parquet")
    (tmp_path / "a.json").write_text(json.dumps({"x": [{"y": text}]}), encoding="utf-8")
    for name in ("a.html", "a.parquet", "a.json"):
        assert _told(tmp_path / name) == [Leak(name, "text")]


def _rows() -> dict[str, pa.Table]:
    street, number = ["Via Padova", "Via Segreta"], ["183", "183/A"]
    return {
        "texts": pa.table({"via": street, "nome": ["a", "b"], "civico": number}),
        "whole numbers": pa.table({"civico": [5, 183], "cap": [20100, 20100], "via": street}),
        "a record": pa.table({"sede": [{"via": "Via Segreta", "civico": 183}]}),
        "codes": pa.table({"via": pa.array(street).dictionary_encode(), "civico": number}),
        "a phone in two": pa.table({"prefisso": ["031", "02"], "numero": ["1111111", "9871234"]}),
        "a phone as a number": pa.table({"telefono": [31, 29871234]}),
    }


@pytest.mark.parametrize("kind", _rows())
def test_cells_of_a_row_tell_together_what_none_tells_alone(tmp_path: Path, kind: str) -> None:
    table = _rows()[kind]
    pq.write_table(table, tmp_path / "a.parquet")
    names = ["a.parquet"]
    if not pa.types.is_struct(table.schema.types[0]):
        frame = table.to_pandas()
        frame.to_csv(tmp_path / "a.csv", index=False, sep=";")
        frame.to_json(tmp_path / "a.json", orient="records")
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(frame.astype(str).itertuples(index=False)):
                sheet.write_row(number, 0, row)
        names += ["a.csv", "a.json", "a.xlsx"] if kind != "a phone as a number" else []
    for name in names:
        assert Leak(name, "text") in _told(tmp_path / name), name


def test_a_street_and_the_number_of_another_row_tell_nothing(tmp_path: Path) -> None:
    table = pa.table({"via": ["Via Segreta", "Via Padova"], "civico": ["5", "183"]})
    pq.write_table(table, tmp_path / "a.parquet")
    table.to_pandas().to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "a.txt").write_text("via Padova 183, via Segreta 5; 183 persone", encoding="utf-8")
    for name in ("a.parquet", "a.csv", "a.txt"):
        assert _told(tmp_path / name) == []


def _columns() -> dict[str, pa.Array]:
    point = shapely.to_wkb(shapely.Point(LON, LAT))
    words = WORDS.encode()
    pairs = pa.array([[("via", WORDS)]], pa.map_(pa.string(), pa.string()))
    keys = pa.array([[(WORDS, 1)]], pa.map_(pa.string(), pa.int8()))
    unused = pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), ["altrove", WORDS])
    null = pa.Array.from_buffers(
        pa.string(), 1, [pa.py_buffer(b"\0"), *pa.array([WORDS]).buffers()[1:]]
    )
    ends = pa.RunEndEncodedArray.from_arrays(pa.array([1], pa.int32()), pa.array([WORDS]))
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([WORDS])])
    return {
        "map": pairs, "map keys": keys, "dictionary": pa.array([WORDS]).dictionary_encode(),
        "an unused code": unused, "behind a null": null, "runs": ends, "union": union,
        "record": pa.array([{"a": [{"b": WORDS}]}]), "list": pa.array([[[WORDS]]]),
        "large list": pa.array([[WORDS]], pa.large_list(pa.large_string())),
        "view": pa.array([WORDS], pa.string_view()),
        "view of bytes": pa.array([words], pa.binary_view()),
        "list of two": pa.array([[WORDS, "b"]], pa.list_(pa.string(), 2)),
        "bytes": pa.array([words]), "bytes of one length": pa.array([words], pa.binary(len(words))),
        "UTF-16": pa.array([WORDS.encode("utf-16")]), "gzip": pa.array([gzip.compress(words)]),
        "zlib": pa.array([zlib.compress(words)]),
        "WKB": pa.array([point]), "WKB of one length": pa.array([point], pa.binary(len(point))),
        "list of a point": pa.array([[0.0, LAT, LON]]),
        "point of one length": pa.array([[LON, LAT]], pa.list_(pa.float64(), 2)),
        "record of a point": pa.array([{"a": {"x": X}, "b": {"y": Y}}]),
        "point in a map": pa.array([[("x", X), ("y", Y)]], pa.map_(pa.string(), pa.float64())),
        "decimals": pa.array([{"x": Decimal("9.203417"), "y": Decimal("45.603129")}]),
        "texts of a point": pa.array([{"x": "9,203417", "y": "45,603129"}]),
        "whole numbers": pa.array([{"x": 92034170, "y": 456031290}]),
        "records in a list": pa.array([[{"lat": LAT, "lon": LON}]]),
    }  # fmt: skip


@pytest.mark.parametrize("kind", _columns())
def test_every_kind_of_arrow_column_is_taken_apart(tmp_path: Path, kind: str) -> None:
    table = pa.table({"colonna": _columns()[kind]})
    path = tmp_path / "a.arrow"
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table)
    assert len(_told(path)) == 1


def test_what_a_schema_says_beside_its_columns_is_searched(tmp_path: Path) -> None:
    field = pa.field("a", pa.int8(), metadata={"nota": WORDS})
    for name, schema in {
        "field.parquet": pa.schema([field]),
        "schema.parquet": pa.schema([("a", pa.int8())], metadata={WORDS: "1"}),
        "name.parquet": pa.schema([("via Segreta, 183", pa.int8())]),
    }.items():
        pq.write_table(pa.table([[1]], schema=schema), tmp_path / name)
        assert _told(tmp_path / name) == [Leak(name, "text")]


def _zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def _tarred(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def _packings(folder: Path) -> dict[str, bytes]:
    _parquet(folder / "inner.parquet")
    _workbook(folder / "inner.xlsx")
    _tiles(folder / "inner.pmtiles")
    text = f"{WORDS};{LON};{LAT}".encode()
    return {
        "text.zip": _zipped("a.csv", text),
        "gzip.zip": _zipped("a.csv.gz", gzip.compress(text)),
        "zip.zip": _zipped("a.zip", _zipped("b", _zipped("c", text))),
        "tar.gz": gzip.compress(_tarred("a", text)),
        "bz2.zip": _zipped("a", bz2.compress(text)),
        "xz.gz": gzip.compress(lzma.compress(text)),
        "utf16.zip": _zipped("a.txt", text.decode().encode("utf-16")),
        "utf16le.gz": gzip.compress(text.decode().encode("utf-16-le")),
        **{
            f"{path.suffix[1:]}.zip": _zipped("a", gzip.compress(path.read_bytes()))
            for path in sorted(folder.glob("inner.*"))
        },
    }


def test_archives_within_archives_are_taken_apart(tmp_path: Path) -> None:
    for name, content in _packings(tmp_path).items():
        path = tmp_path / name
        path.write_bytes(content)
        assert _told(path) == [Leak(name, "point"), Leak(name, "text")], name


def test_the_name_of_a_packed_file_is_searched(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(_zipped("via Segreta 183.txt", b""))
    assert _told(tmp_path / "a.zip") == [Leak("a.zip", "text")]


def test_more_than_the_bounds_allow_is_refused_and_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 10_000_000)
    deep = b"x"
    for _ in range(9):
        deep = gzip.compress(deep)
    for content, said in (
        (gzip.compress(bytes(20_000_000)), "unpacks to more"),
        (gzip.compress(gzip.compress(bytes(20_000_000))), "unpacks to more"),
        (deep, "deep"),
        (gzip.compress(b"x")[:-9], "damaged"),
        (b"not packed", "no archive"),
    ):
        (tmp_path / "a.gz").write_bytes(content)
        with pytest.raises(BadInputError, match=said) as raised:
            _told(tmp_path / "a.gz")
        assert "\n" not in str(raised.value)


def test_a_text_that_unpacks_without_end_is_refused() -> None:
    bomb = base64.b64encode(zlib.compress(bytes(20_000_000))).decode()
    with pytest.raises(BadInputError, match="cannot be searched"):
        text_content(f"nota: {bomb}")


@pytest.mark.parametrize(
    "text",
    [
        "Via Segreta, tre posti",
        "8FQFJ635+76",
        "A+B 2345+67",
        "\u0443\u043b\u0438\u0446\u0430 \u0421\u0435\u0433\u0440\u0435\u0442\u0430 183",
    ],
)
def test_what_only_looks_alike_is_no_alarm(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    assert _told(tmp_path / "a.txt") == []


def test_a_point_that_is_public_anyway_is_no_alarm(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    _parquet(path)
    ground = PublicGround.of([shapely.Point(X, Y).buffer(0.5).boundary])
    assert leaks([path], RECORDS, ground) == [Leak("a.parquet", "text")]
    elsewhere = PublicGround.of([shapely.Point(X + 40, Y)])
    assert Leak("a.parquet", "point") in leaks([path], RECORDS, elsewhere)


def test_a_public_point_that_a_tile_of_a_wide_zoom_rounds_is_no_alarm(tmp_path: Path) -> None:
    path = tmp_path / "a.pmtiles"
    pyogrio.write_dataframe(_frame()[["geometry"]], path, layer="a", driver="PMTiles", MAXZOOM=9)
    assert leaks([path], RECORDS, PublicGround.of([shapely.Point(X, Y)])) == []
    elsewhere = PublicGround.of([shapely.Point(X + 40, Y)])
    assert leaks([path], RECORDS, elsewhere) == [Leak("a.pmtiles", "point")]


def test_a_file_that_nothing_reads_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"")
    with pytest.raises(BadInputError, match="cannot be searched"):
        list(contents(tmp_path / "a.bin"))


@pytest.mark.parametrize("text", ["+39 02 987 1234", "02/9871234", "Tel. 02-987.12.34 int. 5"])
def test_a_phone_is_known_however_it_is_written(text: str) -> None:
    assert phones_in(text) & RECORDS.phones


def test_a_build_that_leaks_a_position_is_refused_in_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the geocoder once did: a confidential address becomes one that can be searched.
    monkeypatch.setattr(ingest.locate, "is_confidential", lambda _service: False)
    where = {"var": tmp_path / "var", "config": write_config(tmp_path / "config")}
    mirror = write_mirror(tmp_path / "mirror", secret=True)
    code, printed = run("build", "--offline", "--mirror", str(mirror), **where)
    assert code == 2
    (line,) = [line for line in printed.splitlines() if line.startswith("prossima: ")]
    assert "addresses.arrow by a point" in line
    assert not [text for text in SECRET_TEXTS if text in printed]
    assert list((tmp_path / "var" / "editions").glob("*Z-*")) == []
