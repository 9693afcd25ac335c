"""The search sees a text and a point in each format; and a build that leaks is refused."""

import gzip
import json
from collections.abc import Callable
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
from mapping.leaks.confidential_records import ConfidentialRecords, phones_in
from mapping.leaks.file_content import contents
from mapping.leaks.leak_scan import Leak, leaks
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


def test_a_point_that_is_public_anyway_is_no_alarm(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    _parquet(path)
    ground = PublicGround.of([shapely.Point(X, Y).buffer(0.5).boundary])
    assert leaks([path], RECORDS, ground) == [Leak("a.parquet", "text")]
    elsewhere = PublicGround.of([shapely.Point(X + 40, Y)])
    assert Leak("a.parquet", "point") in leaks([path], RECORDS, elsewhere)


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
