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


@pytest.mark.parametrize(
    "stops",
    [
        "stop_id,stop_name,stop_lat,stop_lon\n1,A,45.46,9.19,\n2,B,45.47,9.20,\n",
        "stop_id, stop_name, stop_lat, stop_lon\n1, A, 45.46, 9.19\n2 ,B , 45.47 ,9.20\n",
        "\nstop_id,stop_name,stop_lat,stop_lon\n\n1,A,45.46,9.19\n\n2,B,45.47,9.20\n",
    ],
    ids=["a comma too many", "blanks", "empty lines"],
)
def test_a_feed_is_read_whatever_its_commas_and_blanks(tmp_path: Path, stops: str):
    rest = {name: text.replace("\n", ",\n") for name, text in REST.items()}
    table = read_gtfs(feed(tmp_path, {"stops.txt": stops, **rest}), source_id="prova")
    assert [row.texts["stop_id"] for row in table.rows] == ["1", "2"]
    assert [row.texts["stop_name"] for row in table.rows] == ["A", "B"]
    assert [row.texts["stop_lat"] for row in table.rows] == ["45.46", "45.47"]
    assert [row.texts[LINES] for row in table.rows] == ["90", "90 M-1"]


def test_a_line_may_have_a_long_name_only(tmp_path: Path):
    long = {"routes.txt": "route_id,route_long_name\nX,Linea 90\nY,Metro Uno\n"}
    table = read_gtfs(feed(tmp_path, {"stops.txt": STOPS, **REST, **long}), source_id="prova")
    assert [row.texts[LINES] for row in table.rows] == ["Linea-90", "Linea-90 Metro-Uno"]


def test_a_feed_may_lie_in_a_folder_of_its_zip_in_the_letters_of_windows(tmp_path: Path):
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("feed/stops.txt", STOPS.replace("Inventata", "Città").encode("cp1252"))
    table = read_gtfs(path, source_id="prova")
    assert table.rows[1].texts["stop_name"] == "piazza Città"


def test_a_stop_of_too_many_cells_is_set_apart_and_the_others_go_on(tmp_path: Path):
    table = read_gtfs(feed(tmp_path, {"stops.txt": STOPS + "4,a,b,c,d,e,f\n"}), source_id="prova")
    assert [row.code for row in table.unreadable] == ["no_stop", "ragged_row"]
    assert len(table.rows) == 2


def test_stops_of_which_none_can_be_used_are_an_empty_layer(tmp_path: Path):
    path = feed(tmp_path, {"stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n1,A,,\n2,B,,\n"})
    entry = Source(
        id="prova", title="Prova", publisher="Prova", licence="CC0", attribution="Prova",
        yields="stops", reader="gtfs", columns={"stop_id": "stop_id", "name": "stop_name",
        "lines": LINES, "lon": "stop_lon", "lat": "stop_lat"},
    )  # fmt: skip
    layer = read_stops(entry, path, city("milano"), lambda _lon, _lat: True)
    assert (layer.rows_in, layer.rows_kept, len(layer.quarantined)) == (2, 0, 2)
    assert len(layer.frame) == 0
