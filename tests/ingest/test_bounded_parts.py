"""Small files that unpack, or compute, without end: they are not read, and their list waits."""

import json
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.layers.raw_table import read_table
from ingest.rows import RawRow
from ingest.services import hides
from ingest.source import Source
from mapping.errors import SourceError
from tests.leaks.unusual_places import csv, stored, zipped

ENDLESS = (
    "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n"
)
MOST_MEGABYTES = 1_000
PEAK = """
import json, resource, sys
from pathlib import Path
from ingest.layers.raw_table import read_table
from ingest.services import hides
from ingest.source import Source
source, path = Source.model_validate(json.loads(sys.argv[1])), Path(sys.argv[2])
names = [row.texts["name"] for row in read_table(source, path).rows if hides(source, row)]
# What `getrusage` says of a process begins with the memory of the one that started it.
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
own, children = status["VmHWM"].split()[0], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([names, max(int(own), children) // 1024]))
"""


def _declared(reader: str) -> dict[str, Any]:
    member = {"member": "x.csv"} if reader == "csv" else {}
    return {
        "id": "prova", "title": "Prova", "publisher": "Prova", "licence": "CC0",
        "attribution": "Prova", "yields": "services", "reader": reader, "delimiter": ";", **member,
    }  # fmt: skip


def _rows(path: Path, reader: str) -> tuple[list[RawRow], list[RawRow]]:
    """Give all rows of a list, and those that wait for a person."""
    source = Source.model_validate(_declared(reader))
    rows = read_table(source, path).rows
    return rows, [row for row in rows if hides(source, row)]


@pytest.mark.parametrize("order", [ENDLESS, "CREATE VIEW v AS SELECT ST_X(geom) x FROM prova"])
def test_a_view_is_not_run(tmp_path: Path, order: str) -> None:
    path = tmp_path / "lista.gpkg"
    path.write_bytes(stored(tmp_path, order))
    rows, waiting = _rows(path, "vector")
    assert (len(rows), waiting) == (3, [])


def test_a_layer_that_is_a_view_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lista.gpkg"
    point = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i AS fid, geom"
    content = stored(
        tmp_path,
        f"CREATE VIEW lista AS {point} FROM n, prova",
        "INSERT INTO gpkg_contents(table_name, data_type, identifier, srs_id)"
        " VALUES ('lista', 'features', 'lista', 4326)",
        "INSERT INTO gpkg_geometry_columns VALUES ('lista', 'geom', 'POINT', 4326, 0, 0)",
    )
    path.write_bytes(content)
    source = Source.model_validate({**_declared("vector"), "layer": "lista"})
    with pytest.raises(SourceError, match="is a view"):
        read_table(source, path)


def test_what_a_view_says_is_read_as_words(tmp_path: Path) -> None:
    path = tmp_path / "lista.gpkg"
    path.write_bytes(stored(tmp_path, "CREATE VIEW v AS SELECT 'casa rifugio' AS nota"))
    rows, waiting = _rows(path, "vector")
    assert rows == waiting


def test_a_column_that_is_computed_without_end_lets_the_list_wait(tmp_path: Path) -> None:
    path = tmp_path / "lista.gpkg"
    long = "hex(zeroblob(8000000))"
    made = f"CREATE TABLE t(a TEXT, b TEXT GENERATED ALWAYS AS ({long}) VIRTUAL)"
    path.write_bytes(stored(tmp_path, made, *["INSERT INTO t(a) VALUES ('1')"] * 50))
    rows, waiting = _rows(path, "vector")
    assert rows == waiting
    assert {sign.where for row in rows for sign in row.signs} == {
        "tabella «t», troppo grande per essere letto"
    }


def _nested(content: bytes, depth: int) -> bytes:
    for _ in range(depth):
        content = zipped({"dentro.zip": content})
    return content


def _sqlite(folder: Path) -> bytes:
    path = folder / "s.sqlite"
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE t(a)")
        store.execute(ENDLESS)
    return path.read_bytes()


def test_a_view_of_a_packed_file_is_not_run_either(tmp_path: Path) -> None:
    path = tmp_path / "lista.zip"
    path.write_bytes(zipped({"x.csv": csv(), "note.sqlite": _sqlite(tmp_path)}))
    rows, waiting = _rows(path, "csv")
    assert (len(rows), waiting) == (3, [])


BOMBS = {
    "zip in a zip": {"dentro.zip": zipped({"a.txt": b"\n" * (150 * 2**20)})},
    "deep zip": {"dentro.zip": _nested(zipped({"a.csv": b"codice;tipo\nR;Casa rifugio"}), 4)},
    "many in a zip": {f"{at}.zip": zipped({"a.csv": b"a;b;c\n" * (7 * 2**20)}) for at in range(4)},
    "page of a PDF": {
        "n.pdf": b"%PDF-1.4\nstream\n" + zlib.compress(b"a" * (200 * 2**20)) + b"\nendstream"
    },
    "second list": {"b.csv": b"\n".join(b"%d;Nome %d;via %d" % (i, i, i) for i in range(400_000))},
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_unpacks_without_end_is_not_read_and_its_list_waits(tmp_path: Path, name: str) -> None:
    path = tmp_path / "lista.zip"
    path.write_bytes(zipped({"x.csv": csv(), **BOMBS[name]}))
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PEAK, json.dumps(_declared("csv")), str(path)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    names, megabytes = json.loads(done.stdout)
    assert len(names) == 3
    assert megabytes < MOST_MEGABYTES


def test_a_second_list_of_moderate_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "lista.zip"
    other = "\n".join(f"{at};Nome {at};via {at}" for at in range(2_000))
    packed = zipped({"b.zip": zipped({"b.csv": other})})
    path.write_bytes(zipped({"x.csv": csv(), "c.zip": packed}))
    rows, waiting = _rows(path, "csv")
    assert (len(rows), waiting) == (3, [])
