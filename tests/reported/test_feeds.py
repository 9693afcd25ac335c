"""Feeds of timetables (GTFS) and directories (HSDS), where readers were reported wrong."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingest.readers.gtfs import LINES, read_gtfs
from ingest.readers.hsds import read_hsds
from mapping.hours.opening import to_osm
from tests.reported.kind import Kind

HEAD = "stop_id,stop_name,stop_lat,stop_lon,location_type\n"
STOPS = HEAD + "1,A,45.4,9.1,\n2,B,45.5,9.2,\n3,C,45.5,9.2,\n"
FEED = {
    "stops.txt": STOPS,
    "routes.txt": "route_id,route_short_name\nX,90\nY,M1\n",
    "trips.txt": "route_id,trip_id\nX,a\nY,b\n",
    "stop_times.txt": "trip_id,stop_id,stop_sequence\na,1,1\na,2,2\nb,2,1\nb,3,2\n",
}
WHOLE = {"1": "90", "2": "90 M1", "3": "M1"}
NONE: list[str] = []


def feed(**files: str | bytes) -> dict[str, str | bytes]:
    return {**FEED, **{f"{name}.txt": text for name, text in files.items()}}


def with_stop(line: str) -> dict[str, str | bytes]:
    return feed(stops=STOPS + line)


def each(change: Any) -> dict[str, str | bytes]:
    return {name: change(text) for name, text in FEED.items()}


GTFS = [
    Kind("fnogatz/transportation#8", "an open quote in the timetable",
         feed(stop_times=FEED["stop_times.txt"].replace("a,2,2", 'a,"2,2')),
         ({"1": "90", "2": "M1", "3": "M1"}, ["stop_times.txt, line 3"])),
    Kind("MobilityData/gtfs-validator#741", "an open quote that meets another lines below",
         feed(stop_times='trip_id,stop_id,stop_sequence\na,"1,1\na,2,2\nb,2,1\nb,3","2\n'),
         ({"1": "", "2": "90 M1", "3": ""}, ["stop_times.txt, line 2", "stop_times.txt, line 5"])),
    Kind("MobilityData/gtfs-validator#1924", "an open quote among the stops",
         feed(stops=STOPS.replace("2,B", '2,"B')),
         ({"1": "90", "3": "M1"}, ["stops.txt, line 3"])),
    Kind("BlinkTagInc/node-gtfs#111", "an open quote among the trips",
         feed(trips=FEED["trips.txt"].replace("X,a", 'X,"a')),
         ({"1": "", "2": "M1", "3": "M1"}, ["trips.txt, line 2"])),
    Kind("OpenTransport/gtfs-csv2rdf#18", "quotes within the name of a stop",
         feed(stops=STOPS.replace("2,B", '2,Largo "B"')), (WHOLE, NONE)),
    Kind("matsim-org/pt2matsim#90", "a quote that opens, and an apostrophe that closes",
         feed(stops=STOPS.replace("2,B", "2,\"Casa B'")),
         ({"1": "90", "3": "M1"}, ["stops.txt, line 3"])),
    Kind("google/transitfeed#104", "quotes around a word at the begin of a quoted name",
         feed(stops=STOPS.replace("2,B", '2,""C" e B"')), (WHOLE, NONE)),
    Kind("mfdz/gtfs-hub#19", "quotes around a word at the end of a quoted name",
         feed(stops=STOPS.replace("2,B", '2,"Largo, "B""')), (WHOLE, NONE)),
    Kind("rangelovkiril/rampme-software#101", "a comma within quotes",
         feed(stops=STOPS.replace("2,B", '2,"Largo B, 12"')), (WHOLE, NONE)),
    Kind("ibi-group/datatools-server#436", "quotes around every cell",
         each(lambda text: '"' + text.strip().replace(",", '","').replace("\n", '"\n"') + '"'),
         (WHOLE, NONE)),
    Kind("Esri/public-transit-tools#115", "a byte order mark before a quoted header",
         feed(stops="\ufeff" + STOPS.replace("stop_id", '"stop_id"')), (WHOLE, NONE)),
    Kind("BlinkTagInc/node-gtfs#89", "blanks in header and cells",
         each(lambda text: text.replace(",", " , ")), (WHOLE, NONE)),
    Kind("chairemobilite/transition#1909", "two carriage returns at each line's end of a feed",
         each(lambda text: text.replace("\n", "\r\r\n")), (WHOLE, NONE)),
    Kind("chairemobilite/transition#244", "an empty timetable",
         feed(stop_times=""), ({"1": "", "2": "", "3": ""}, NONE)),
    Kind("chairemobilite/transition#244", "a timetable of a header alone",
         feed(stop_times="trip_id,stop_id\n"), ({"1": "", "2": "", "3": ""}, NONE)),
    Kind("afimb/gtfslib-python#21", "a folder of its own within the feed",
         {f"dati/{name}": text for name, text in FEED.items()}, (WHOLE, NONE)),
    Kind("afimb/gtfslib-python#21", "a call of a trip that nobody declares",
         feed(stop_times=FEED["stop_times.txt"] + "z,1,1\n"), (WHOLE, NONE)),
    Kind("MobilityData/gtfs-validator#402", "lines of a blank, or of commas, at the end",
         with_stop(" \n,,,,\n"), (WHOLE, NONE)),
    Kind("matsim-org/pt2matsim#90", "an empty line among the stops",
         feed(stops=STOPS.replace("2,B", "\n2,B")), (WHOLE, NONE)),
    Kind("google/transitfeed#39", "a line with a cell too many",
         with_stop("4,D,45.4,9.1,,1\n"), (WHOLE, ["stops.txt, line 5"])),
    Kind("google/transitfeed#262", "a stop without a place",
         with_stop("4,D,,,\n"), (WHOLE, ["A station"])),
    Kind("itinero/GTFS#63", "entrances among the stops",
         with_stop("4,D,45.4,9.1,2\n"), (WHOLE, ["A station"])),
    Kind("OpenMetroMaps/OpenMetroMaps#5", "a line without a trip",
         feed(routes=FEED["routes.txt"] + "Z,5\n"), (WHOLE, NONE)),
    Kind("ad-freiburg/pfaedle#22", "a stop without a name",
         feed(stops=STOPS.replace("2,B", "2,")), (WHOLE, NONE)),
    Kind("opentripplanner/OpenTripPlanner#2220", "a stop twice in one trip",
         feed(stop_times=FEED["stop_times.txt"] + "b,3,3\n"), (WHOLE, NONE)),
    Kind("google/transitfeed#32", "a feed in two bytes a letter",
         each(lambda text: text.encode("utf-16")), (WHOLE, NONE)),
    Kind("jarondl/pygtfs#66", "letters of Windows in a name",
         feed(stops=STOPS.replace("2,B", "2,Città").encode("cp1252")), (WHOLE, NONE)),
]  # fmt: skip


def weekly(**more: object) -> dict[str, object]:
    return {"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "13:00", **more}


HSDS = [
    Kind("openreferral/specification#175", "two openings of a day, each in a schedule",
         [weekly(), weekly(opens_at="14:00", closes_at="18:00")], "Mo 09:00-13:00, Mo 14:00-18:00"),
    Kind("OpenReferralUK/human-services#1", "days as a list", [weekly(byday=["MO", "WE"])],
         "Mo,We 09:00-13:00"),
    Kind("openreferral/specification#167", "a description beside the hours",
         [weekly(description="su appuntamento")], 'Mo 09:00-13:00 "su appuntamento"'),
    Kind("openreferral/specification#167", "a description that says the same hours",
         [weekly(description="lunedì dalle 9 alle 13")], "Mo 09:00-13:00"),
    Kind("openreferral/specification#167", "notes that narrow the hours",
         [weekly(notes="solo il mese di marzo, telefonare")], None),
    Kind("openreferral/specification#279", "hours of the telephone, and not of the place",
         [weekly(attending_type="phone")], None),
    Kind("openreferral/specification#279", "hours at the place, said so",
         [weekly(attending_type="in person")], "Mo 09:00-13:00"),
    Kind("openreferral/specification#167", "notes alone", [{"notes": "lun e mer 9-13"}],
         "Mo,We 09:00-13:00"),
    Kind("openreferral/specification#292", "a schedule of some weeks of the year",
         [weekly(valid_to="2026-01-31")], None),
]  # fmt: skip
KINDS = [*GTFS, *HSDS]


@pytest.mark.parametrize("kind", GTFS, ids=str)
def test_a_bad_line_of_a_feed_costs_itself(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in kind.example.items():
            archive.writestr(name, text)
    table = read_gtfs(path, source_id="prova")
    stops, troubles = kind.right
    assert {row.texts["stop_id"]: row.texts[LINES] for row in table.rows} == stops
    assert len(table.unreadable) == len(troubles)
    for row, words in zip(table.unreadable, troubles, strict=True):
        assert row.message.startswith(words)


@pytest.mark.parametrize("kind", HSDS, ids=str)
def test_a_schedule_becomes_hours_or_is_not_understood(tmp_path: Path, kind: Kind) -> None:
    place = {"id": "1", "schedules": kind.example, "location": {"name": "Sede"}}
    service = {"id": "1", "name": "Prova", "service_at_locations": [place]}
    (tmp_path / "a.json").write_text(json.dumps([service]), encoding="utf-8")
    (row,) = read_hsds(tmp_path / "a.json", source_id="prova").rows
    assert row.texts["hours"]
    assert to_osm(row.texts["hours"]) == kind.right
