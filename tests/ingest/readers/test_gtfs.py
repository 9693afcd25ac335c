"""Stops of a feed come with their lines; what is no stop is set apart."""

import zipfile
from pathlib import Path

import pytest

from ingest.layers.reference import read_stops
from ingest.readers.gtfs import LINES, read_gtfs
from ingest.source import Source
from mapping.city import city
from mapping.errors import SourceError

STOPS = """stop_id,stop_name,stop_lat,stop_lon,location_type
1,"via Disegnata, 12",45.46,9.19,
2,piazza Inventata,45.47,9.20,0
9,Stazione,45.48,9.21,1
"""
REST = {
    "stop_times.txt": "trip_id,stop_id,stop_sequence\na,1,1\na,2,2\nb,2,1\n",
    "trips.txt": "route_id,service_id,trip_id\nX,s,a\nY,s,b\n",
    "routes.txt": "route_id,route_short_name,route_type\nX,90,3\nY,M 1,1\n",
}


def feed(folder: Path, files: dict[str, str]) -> Path:
    path = folder / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def test_stops_come_with_the_lines_that_call_there(tmp_path: Path):
    table = read_gtfs(feed(tmp_path, {"stops.txt": STOPS, **REST}), source_id="prova")
    assert [row.texts[LINES] for row in table.rows] == ["90", "90 M-1"]
    assert [row.raw["stop_name"] for row in table.unreadable] == ["Stazione"]
    assert table.rows_in == 3


def test_a_feed_without_timetables_has_stops_alone(tmp_path: Path):
    table = read_gtfs(feed(tmp_path, {"stops.txt": "\ufeff" + STOPS}), source_id="prova")
    assert [row.texts[LINES] for row in table.rows] == ["", ""]


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"routes.txt": REST["routes.txt"]}, "no stops.txt"),
        ({"stops.txt": "a,b\n1,2\n"}, "no stop_id"),
        ({"stops.txt": STOPS, **REST, "trips.txt": "x\n1\n"}, "trips.txt"),
    ],
)
def test_what_is_no_feed_is_refused(tmp_path: Path, files: dict[str, str], word: str):
    with pytest.raises(SourceError, match=word):
        read_gtfs(feed(tmp_path, files), source_id="prova")


@pytest.mark.shared
def test_the_stops_of_milano_are_read_from_a_feed(tmp_path: Path, mirror: Path):
    files = {
        f"{name}.txt": (mirror / "transit" / f"amat_gtfs_{name}.csv").read_text(encoding="utf-8")
        for name in ("stops", "routes")
    }
    columns = {"stop_id": "stop_id", "name": "stop_name", "lines": LINES}
    points = {"lon": "stop_lon", "lat": "stop_lat"}
    declared = {"id": "prova", "title": "x", "publisher": "x", "licence": "x", "attribution": "x"}
    source = Source.model_validate(
        {**declared, "yields": "stops", "reader": "gtfs", "columns": columns | points}
    )
    layer = read_stops(source, feed(tmp_path, files), city("milano"), lambda _lon, _lat: True)
    assert layer.rows_in == 4_987
    assert layer.rows_kept + len(layer.quarantined) == 4_987
    assert len(layer.frame) > 4_900
