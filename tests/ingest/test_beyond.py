"""Lists that hold other comuni too: what is taken of them, and why it may not be all."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from ingest.beyond import Ground, ground, read_beyond
from ingest.fetching.fetch import Fetcher
from ingest.layers.raw_table import read_table
from ingest.layers.reference import read_areas
from ingest.rows import RawRow, RawTable
from ingest.source import source
from ingest.source_reader import SourceReader
from mapping.city import City, city
from mapping.coverage.border import longest_walk_metres

MILANO = city("milano")
SQUARE = gpd.GeoDataFrame(geometry=[shapely.box(9.1, 45.4, 9.2, 45.5)], crs=4326)
PHARMACIES = source("farmacie_lombardia")
HEADER = (
    "CODICE_FARMACIA,DESCRIZIONE_FARMACIA,INDIRIZZO,COMUNE,FRAZIONE,CAP,PROVINCIA,CODICE_ISTAT,"
    "LATITUDINE,LONGITUDINE,PARTITA_IVA,LOCATION"
)


def square() -> Ground:
    return ground(SQUARE, 2000, MILANO.epsg, {"015093": "Corsico"})


def row(number: int, code: str, lon: str, lat: str) -> RawRow:
    return RawRow(number, {
        "CODICE_FARMACIA": f"MI{number}", "DESCRIZIONE_FARMACIA": "Farmacia Prova",
        "INDIRIZZO": "VIA PROVA 1", "COMUNE": "", "CAP": "20094", "CODICE_ISTAT": code,
        "LONGITUDINE": lon, "LATITUDINE": lat,
    })  # fmt: skip


def test_rows_of_other_comuni_are_taken_as_far_as_one_walks() -> None:
    rows = [
        row(1, "15.146", "9,15", "45,45"),  # the city's own
        row(2, "15.093", "9,201", "45,45"),  # 80 m over the border
        row(3, "15.093", "9,1995", "45,45"),  # as near as surveys differ
        row(4, "15.093", "9,15", "45,45"),  # in the middle of the city: the row contradicts itself
        row(5, "15.093", "9,25", "45,45"),  # 3.9 km away
    ]

    reading = read_beyond(PHARMACIES, RawTable(list(rows[0].texts), rows), MILANO, square())

    assert [service.service_id for service in reading.services] == [
        "farmacie_lombardia:MI2", "farmacie_lombardia:MI3",
    ]  # fmt: skip
    assert {place.city for one in reading.services for place in one.locations} == {"Corsico"}
    assert (reading.rows, reading.placeless, reading.is_whole) == (4, 0, True)


@pytest.mark.parametrize(
    ("address", "precision"),
    [("VIA PROVA 1", "civic"), ("VIA PROVA", "street"), ("VIA PROVA ANG. VIA ALTRA", "street")],
)
def test_a_point_over_the_border_is_of_a_number_where_its_address_has_one(
    address: str, precision: str
) -> None:
    one = row(2, "15.093", "9,201", "45,45")
    one.texts["INDIRIZZO"] = address
    reading = read_beyond(PHARMACIES, RawTable(list(one.texts), [one]), MILANO, square())
    (place,) = reading.services[0].locations
    assert place.position.precision == precision


def test_a_list_without_positions_in_the_comuni_at_hand_is_not_whole() -> None:
    near, lost, away = (
        row(1, "15.093", "9,201", "45,45"),
        row(2, "15.093", "", ""),
        row(3, "16.024", "", ""),
    )

    def whole(*rows: RawRow) -> bool:
        table = RawTable(list(near.texts), list(rows))
        return read_beyond(PHARMACIES, table, MILANO, square()).is_whole

    assert whole(near)
    assert not whole(near, lost)
    assert whole(near, near, away)
    assert not whole(near, away, away)  # most of it is nowhere
    assert not whole()


def test_a_border_list_of_which_half_has_no_position_is_one_line(tmp_path: Path) -> None:
    lines = [
        f"MI{n},Farmacia,VIA PROVA,CORSICO,,20094,MI,15.093,{'45.45,9.201' if n % 2 else ','},,"
        for n in range(10)
    ]
    file = tmp_path / "mirror" / str(PHARMACIES.mirror)
    file.parent.mkdir(parents=True)
    file.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    fetcher = Fetcher(raw=tmp_path / "raw", mirror=tmp_path / "mirror", bundled=None, offline=True)
    reader = SourceReader(_milano_with("farmacie_lombardia"), fetcher, lambda _text: None)

    beyond = reader.beyond(square())

    assert len(beyond.services) == 5
    assert beyond.complete == frozenset()
    assert reader.missing == [
        "farmacie_lombardia: 5 of its 10 rows of other comuni have no position: near the border no"
        " absence is claimed of them. Give a list with coordinates."
    ]
    assert reader.results == []
    assert [result.source.id for result in reader.neighbours] == ["farmacie_lombardia"]


def test_a_row_of_a_shelter_of_another_comune_is_in_no_count(tmp_path: Path) -> None:
    lines = ["MI1,Farmacia,VIA PROVA,CORSICO,,20094,MI,15.093,45.45,9.201,,"]
    lines += ["MI2,Farmacia,VIA PROVA,CORSICO,,20094,MI,15.093,,,,"]
    hidden = ["MI3,Casa rifugio,VIA PROVA,CORSICO,,20094,MI,15.093,,,,"]
    hidden += ["MI4,Casa rifugio,VIA PROVA,CORSICO,,20094,MI,15.093,45.45,9.201,,"]
    said = []
    for rows in (lines, lines + hidden):
        file = tmp_path / "mirror" / str(PHARMACIES.mirror)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
        mirror = tmp_path / "mirror"
        with Fetcher(raw=tmp_path / "raw", mirror=mirror, bundled=None, offline=True) as fetcher:
            reader = SourceReader(_milano_with("farmacie_lombardia"), fetcher, lambda _text: None)
            beyond = reader.beyond(square())
        (result,) = reader.neighbours
        entry = result.manifest_entry().model_dump(exclude={"sha256", "retrieved"})
        said.append((entry, len(beyond.services), beyond.complete, reader.missing))
    assert said[0] == said[1]
    assert said[0][0]["rows_in"] == 2


def test_a_border_list_that_nobody_has_is_named_and_nothing_is_complete(tmp_path: Path) -> None:
    fetcher = Fetcher(raw=tmp_path / "raw", mirror=tmp_path, bundled=None, offline=True)
    reader = SourceReader(_milano_with("farmacie_lombardia"), fetcher, lambda _text: None)

    assert reader.beyond(square()).complete == frozenset()
    (line,) = reader.missing
    assert line.startswith("farmacie_lombardia: ")


def test_comuni_are_named_by_code_or_name() -> None:
    around = square()
    assert around.comune("15.093") == around.comune("CORSICO") == "Corsico"
    assert around.comune("CESANO BOSCONE") == "Cesano Boscone"
    assert around.comune("99.999") is None


def _milano_with(*names: str) -> City:
    beyond = MILANO.beyond.model_copy(update={"sources": names})
    return MILANO.model_copy(update={"sources": ("municipi_pack",), "beyond": beyond})


@pytest.mark.shared
def test_the_pharmacies_around_milano_are_those_within_the_longest_walk(mirror: Path) -> None:
    municipi = source("municipi_ds379")
    outlines = read_areas(municipi, mirror / str(municipi.mirror), MILANO).frame
    around = ground(gpd.GeoDataFrame(outlines), longest_walk_metres(), MILANO.epsg, {})

    table = read_table(PHARMACIES, mirror / str(PHARMACIES.mirror))
    reading = read_beyond(PHARMACIES, table, MILANO, around)

    assert (reading.rows, reading.placeless) == (3042 - 421, 0)
    assert 150 < len(reading.services) < 170
