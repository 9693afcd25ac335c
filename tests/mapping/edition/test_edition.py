"""Editions: equal content, equal hash; a changed byte is seen; a killed build leaves no trace."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pydantic import ValidationError

from mapping.edition import edition as editions
from mapping.edition import edition_writer
from mapping.edition.edition import Edition
from mapping.edition.geoparquet import geometries, with_geometry_metadata
from mapping.edition.manifest import EditionSource
from mapping.errors import BadInputError, BrokenEditionError, NoEditionError

REPOSITORY = Path(__file__).parents[3]
POINT = shapely.Point(9.19, 45.46)
SQUARE = shapely.box(9.0, 45.0, 9.5, 45.25)
SOURCE = {
    "id": "drawn",
    "publisher": "the test",
    "licence": "CC0-1.0",
    "taken_from": "bundled",
    "rows_in": 5,
    "rows_kept": 3,
    "rows_out_of_scope": 1,
    "rows_quarantined": 1,
}


def wkb_table(*shapes: shapely.Geometry | None, **columns: list[object]) -> pa.Table:
    column = pa.array(
        [None if shape is None else shapely.to_wkb(shape) for shape in shapes], pa.binary()
    )
    return pa.table({**columns, "geometry": column})


def drawn_tables(residents: int = 7) -> dict[str, pa.Table]:
    areas = wkb_table(SQUARE, None, name=["Ovest", "Est"], residents=[residents, 0])
    network = pa.table({"node_x": pa.array([[1.0, 2.0, 3.0]], pa.large_list(pa.float64()))})
    return {"areas.parquet": with_geometry_metadata(areas), "network.arrow": network}


def write(root: Path, tables: dict[str, pa.Table] | None = None) -> Edition:
    return edition_writer.write(
        root,
        drawn_tables() if tables is None else tables,
        city="drawn",
        software_version="0",
        parameters={"offline": True},
        sources=[EditionSource(**SOURCE)],
    )


def test_an_edition_reads_back_what_was_written(tmp_path: Path) -> None:
    edition = Edition.open(write(tmp_path).path)
    assert edition.table("areas.parquet")["residents"].to_pylist() == [7, 0]
    assert edition.table("network.arrow")["node_x"].to_pylist() == [[1.0, 2.0, 3.0]]
    assert edition.manifest.sources == (EditionSource(**SOURCE),)
    assert edition.manifest.parameters == {"offline": True}
    assert edition.manifest.created_at.isoformat().endswith("+00:00")
    assert edition.frame("areas.parquet").geometry[0].equals(SQUARE)


def test_rows_are_found_by_what_they_say_and_others_are_passed_over(tmp_path: Path) -> None:
    words = [f"{n // 10_000}" for n in range(30_000)]
    coded = pa.table({"word": pa.array(words).dictionary_encode(), "number": range(30_000)})
    edition = write(tmp_path, {"coverage.parquet": coded})
    with pq.ParquetFile(edition.path / "coverage.parquet") as file:
        assert file.num_row_groups > 3
    found = edition.rows("coverage.parquet", word="1")
    assert found["number"].to_pylist() == list(range(10_000, 20_000))
    assert found.schema.field("word").type == pa.string()
    assert edition.coverage(word=["0", "2"]).num_rows == 20_000
    assert edition.coverage(word="3").num_rows == 0
    with pytest.raises(BadInputError, match=r"lacks 'wind'.*Run `prossima build`"):
        edition.coverage(wind="1")


def test_the_manifest_names_every_file_with_its_size(tmp_path: Path) -> None:
    edition = write(tmp_path)
    written = json.loads((edition.path / "manifest.json").read_text())
    sizes = {file["name"]: file["bytes"] for file in written["files"]}
    assert sizes == {name: (edition.path / name).stat().st_size for name in drawn_tables()}
    sealed = hashlib.sha256((edition.path / "manifest.json").read_bytes()).hexdigest()
    assert (edition.path / "manifest.json.sha256").read_text() == f"{sealed}  manifest.json\n"


def test_an_arrow_table_is_mapped_to_memory_not_copied(tmp_path: Path) -> None:
    path = write(tmp_path).path
    before = pa.total_allocated_bytes()
    table = Edition.open(path).table("network.arrow")
    assert table.num_rows == 1
    assert pa.total_allocated_bytes() == before


def test_equal_content_has_an_equal_hash_however_it_was_put_together(tmp_path: Path) -> None:
    tables = {**drawn_tables(), "addresses.arrow": pa.table({"number": [1, 2]})}
    pieces = {name: pa.concat_tables([t.slice(0, 1), t.slice(1)]) for name, t in tables.items()}
    first = write(tmp_path / "a", tables).id
    assert write(tmp_path / "b", dict(reversed(pieces.items()))).id[-8:] == first[-8:]
    assert write(tmp_path / "c", drawn_tables(residents=8)).id[-8:] != first[-8:]


def test_equal_content_within_one_second_is_one_edition(tmp_path: Path) -> None:
    ids = {write(tmp_path).id for _ in range(3)}
    assert set(editions.list_editions(tmp_path)) == ids


def test_nothing_is_read_until_something_is_published(tmp_path: Path) -> None:
    with pytest.raises(NoEditionError, match="prossima build"):
        editions.current(tmp_path)
    edition = write(tmp_path)
    with pytest.raises(NoEditionError, match="prossima build"):
        Edition.open(tmp_path / "current")
    editions.publish(tmp_path, edition.id)
    assert editions.current(tmp_path) == edition.path
    assert Edition.open(tmp_path / "current").id == edition.id


def test_an_older_edition_can_be_published_again(tmp_path: Path) -> None:
    old, new = write(tmp_path), write(tmp_path, drawn_tables(residents=8))
    editions.publish(tmp_path, new.id)
    editions.publish(tmp_path, old.id)
    assert editions.current(tmp_path) == old.path


@pytest.mark.parametrize("name", ["", "..", "../areas", "current", "20260101T000000Z-00000000"])
def test_an_unknown_edition_is_refused_with_those_there_are(tmp_path: Path, name: str) -> None:
    edition = write(tmp_path)
    with pytest.raises(NoEditionError, match=edition.id):
        editions.publish(tmp_path, name)


FILES = ["areas.parquet", "network.arrow", "manifest.json", "manifest.json.sha256"]


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_bit_anywhere_breaks_the_edition(tmp_path: Path, name: str) -> None:
    edition = write(tmp_path)
    path = edition.path / name
    sound = path.read_bytes()
    for position in {0, len(sound) // 3, len(sound) // 2, len(sound) - 1}:
        flipped = bytearray(sound)
        flipped[position] ^= 1
        path.write_bytes(flipped)
        with pytest.raises(BrokenEditionError, match="prossima editions use"):
            Edition.open(edition.path)
    path.write_bytes(sound)
    assert Edition.open(edition.path).id == edition.id


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_truncated_file_breaks_the_edition(tmp_path: Path, name: str) -> None:
    edition = write(tmp_path)
    path = edition.path / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BrokenEditionError, match=edition.id):
        Edition.open(edition.path)
    path.unlink()
    with pytest.raises(BrokenEditionError, match=edition.id):
        Edition.open(edition.path)


def test_a_broken_edition_is_not_published(tmp_path: Path) -> None:
    served, broken = write(tmp_path), write(tmp_path, drawn_tables(residents=8))
    editions.publish(tmp_path, served.id)
    (broken.path / "network.arrow").write_bytes(b"")
    with pytest.raises(BrokenEditionError):
        editions.publish(tmp_path, broken.id)
    assert editions.current(tmp_path) == served.path


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    unwritable = pa.table({"when": pa.nulls(1, pa.month_day_nano_interval())})
    with pytest.raises(pa.ArrowNotImplementedError):
        write(tmp_path, {**drawn_tables(), "coverage.parquet": unwritable})
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize(
    "name", ["../areas.parquet", "areas.csv", "manifest.json", "Areas.parquet"]
)
def test_a_file_name_that_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInputError, match=r"NAME\.parquet"):
        write(tmp_path, {name: pa.table({"a": [1]})})


def test_a_table_that_the_edition_lacks_is_said_with_those_it_holds(tmp_path: Path) -> None:
    edition = write(tmp_path, {"areas.parquet": drawn_tables()["areas.parquet"]})
    with pytest.raises(BadInputError, match=r"no 'services\.parquet'. It holds: areas\.parquet"):
        edition.table("services.parquet")
    assert edition.network is None
    assert edition.gazetteer is None


def test_a_manifest_refuses_rows_that_are_not_accounted_for() -> None:
    with pytest.raises(ValidationError, match="6 rows in, 5 accounted for"):
        EditionSource(**{**SOURCE, "rows_in": 6})


def test_opening_and_reading_loads_no_data_frames(tmp_path: Path) -> None:
    path = write(tmp_path).path
    code = (
        "import sys, pathlib; from mapping.edition.edition import Edition;"
        "e = Edition.open(pathlib.Path(sys.argv[1]));"
        "e.areas, e.table('network.arrow');"
        "print({'pandas', 'geopandas', 'shapely', 'numba'} & sys.modules.keys())"
    )
    done = run_python("-c", code, str(path))
    assert done.stdout.strip() == "set()", done.stderr


def test_geometry_metadata_is_read_by_geopandas(tmp_path: Path) -> None:
    line = shapely.LineString([(9.1, 45.3), (9.6, 45.2)])
    table = wkb_table(POINT, None, line, SQUARE, name=["p", "none", "l", "s"])
    pq.write_table(with_geometry_metadata(table), tmp_path / "t.parquet")
    frame = gpd.read_parquet(tmp_path / "t.parquet")
    assert frame.crs.to_epsg() == 4326
    assert list(frame.geometry.isna()) == [False, True, False, False]
    assert frame.geometry[3].equals(SQUARE)
    described = json.loads(pq.read_schema(tmp_path / "t.parquet").metadata[b"geo"])
    assert described["version"] == "1.1.0"
    assert described["columns"]["geometry"]["geometry_types"] == ["LineString", "Point", "Polygon"]
    assert described["columns"]["geometry"]["bbox"] == [9.0, 45.0, 9.6, 45.46]


def test_geometry_metadata_agrees_with_that_of_geopandas(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"geometry": [POINT, SQUARE]}, crs=4326)
    frame.to_parquet(tmp_path / "t.parquet", schema_version="1.1.0")
    theirs = json.loads(pq.read_schema(tmp_path / "t.parquet").metadata[b"geo"])
    ours = json.loads(with_geometry_metadata(wkb_table(POINT, SQUARE)).schema.metadata[b"geo"])
    assert ours["primary_column"] == theirs["primary_column"]
    theirs["columns"]["geometry"]["geometry_types"].sort()
    assert ours["columns"] == theirs["columns"]


@pytest.mark.parametrize("shapes", [(), (None, None), (shapely.Point(),)])
def test_without_any_coordinate_there_is_no_bbox(
    shapes: tuple[shapely.Geometry | None, ...],
) -> None:
    table = with_geometry_metadata(wkb_table(*shapes))
    assert "bbox" not in json.loads(table.schema.metadata[b"geo"])["columns"]["geometry"]
    assert len(geometries(table)) == len(shapes)


def test_metres_written_as_degrees_are_refused() -> None:
    with pytest.raises(BadInputError, match="EPSG:4326"):
        with_geometry_metadata(wkb_table(shapely.Point(514_000, 5_034_000)))


def test_a_build_killed_at_any_moment_leaves_the_previous_edition_served(tmp_path: Path) -> None:
    served = write(tmp_path)
    editions.publish(tmp_path, served.id)
    done = run_python(__file__, str(tmp_path))
    assert done.returncode == 0, done.stderr
    # By content: the builds run for more than a second, and an id begins with its second.
    before, after = (name[-8:] for name in (served.id, editions.current(tmp_path).name))
    seen = [name[-8:] for name in done.stdout.split()]
    moved = seen.index(after)
    assert moved > 8
    assert seen == [before] * moved + [after] * (len(seen) - moved)
    assert all(Edition.open(tmp_path / name) for name in editions.list_editions(tmp_path))
    assert not list(tmp_path.glob(".tmp-*"))


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )


def _die_at(moment: int, root: Path) -> None:
    """Kill this process at the given touch of a file below root (opening, renaming, removing)."""
    left = moment

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event.startswith(("open", "os.", "shutil.")) and str(root) in str(arguments):
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)


def _build_killed_at_every_moment(root: Path) -> None:
    status = -1
    moment = 0
    while status:
        child = os.fork()
        if not child:
            _die_at(moment, root)
            editions.publish(root, write(root, drawn_tables(residents=8)).id)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert status in {0, signal.SIGKILL}
        sys.stdout.write(f"{Edition.open(root / 'current').id}\n")
        moment += 1


if __name__ == "__main__":
    _build_killed_at_every_moment(Path(sys.argv[1]))
