from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from ingest.layers.addresses import read_civics
from ingest.layers.raw_table import check_counts
from ingest.layers.reference import read_areas, read_census, read_income, read_networks
from ingest.layers.streets import read_streets
from ingest.source import source
from mapping.city import city
from mapping.errors import SourceError
from mapping.tables import NETWORK_KINDS, NETWORKS
from mapping.walking.network import summary
from mapping.walking.topology import from_lines

MILANO = city("milano")
CIVICS = "CODICE_VIA,AREA,DESCRIZIONE_VIA,CIVICO,BARRATO,CAP,SEZIONE,MUNICIPIO\n"


def civics(folder: Path, *rows: str):
    path = folder / "stradario.csv"
    path.write_text(CIVICS + "\n".join(rows), encoding="utf-8")
    return read_civics(source("stradario"), path, MILANO, lambda _lon, _lat: True)


def test_civic_numbers_keep_their_suffix_and_get_their_postcode(tmp_path):
    layer = civics(tmp_path, "1,VIA,A.DEL SARTO,3,A,129,665,3")
    (row,) = layer.frame.to_dict("records")
    assert (row["number"], row["suffix"], row["cap"], row["municipio"]) == (3, "A", "20129", "3")


def test_a_civic_number_without_a_number_is_quarantined(tmp_path):
    layer = civics(tmp_path, "1,VIA,A.DEL SARTO,SNC,,129,665,3", "1,VIA,A.DEL SARTO,1,,129,665,3")
    assert (layer.rows_in, layer.rows_kept) == (2, 1)
    assert [(bad.line, bad.field, bad.code) for bad in layer.quarantined] == [
        (2, "number", "missing_value")
    ]


def test_a_feed_that_collapsed_is_refused():
    with pytest.raises(
        SourceError, match=r"stradario has not 40000 to 80000 rows of the city, .* It has 12"
    ):
        check_counts(source("stradario"), 12)


@pytest.mark.shared
def test_municipi_come_in_any_order_and_are_named(mirror):
    entry = source("municipi_ds379")
    layer = read_areas(entry, mirror / str(entry.mirror), MILANO)
    assert sorted(layer.frame["area_id"]) == [str(number) for number in range(1, 10)]
    assert set(layer.frame["name"]) == {f"Municipio {number}" for number in range(1, 10)}


@pytest.mark.shared
def test_sections_in_degrees_without_a_code_fall_inside_the_city(mirror):
    entry = source("sezioni_2021")
    layer = read_areas(entry, mirror / str(entry.mirror), MILANO)
    assert layer.rows_kept == 7095
    assert layer.frame["residents"].sum() == 1_349_930
    assert layer.frame.crs.to_epsg() == 4326
    assert layer.frame["lon"].between(9.0, 9.3).all()


@pytest.mark.shared
def test_the_census_gives_children_by_class(mirror):
    entry = source("censimento_2011")
    frame = read_census(entry, mirror / str(entry.mirror), MILANO).frame
    assert frame["residents"].sum() == 1_242_123
    assert frame[["class_0_4", "class_5_9", "class_10_14"]].sum().tolist() == [55415, 53445, 49095]


@pytest.mark.shared
def test_declared_income_is_read_by_postcode(mirror):
    entry = source("redditi_cap")
    layer = read_income(entry, mirror / str(entry.mirror), MILANO)
    assert (layer.rows_kept, layer.out_of_scope["another comune"]) == (38, 570)
    first = layer.frame.set_index("area_id").loc["20121"]
    assert (first["taxpayers_to_10000"], first["taxpayers_over_120000"]) == (3232, 2387)
    # So few taxpayers of 20128 declare nothing that the cell is empty.
    assert layer.frame.set_index("area_id").loc["20128", "taxpayers_to_0"] == 0


@pytest.mark.shared
def test_the_postcode_that_the_methods_warn_of_is_as_they_say(mirror):
    entry = source("redditi_cap")
    frame = read_income(entry, mirror / str(entry.mirror), MILANO).frame.set_index("area_id")
    taxpayers = frame.filter(like="taxpayers_").sum(axis=1)
    low = frame[["taxpayers_to_0", "taxpayers_to_10000"]].sum(axis=1) / taxpayers
    mean = frame.filter(like="euro_").sum(axis=1) / taxpayers
    assert (low.idxmax(), round(low.max(), 2)) == ("20122", 0.34)
    assert mean.rank(ascending=False)["20122"] == 4


@pytest.mark.shared
def test_openstreetmap_is_a_second_reader_of_the_same_streets(mirror):
    entry = source("osm_duomo")
    layer = read_streets(entry, mirror / str(entry.mirror), MILANO)
    assert {"name", "kind", "walkable", "geometry"} <= set(layer.frame.columns)
    lines = gpd.GeoDataFrame(layer.frame).to_crs(MILANO.epsg)
    network = from_lines(lines, epsg=MILANO.epsg)
    assert summary(network)["largest_share"] > 0.95
    assert "Via Torino" in network.names


def test_a_list_of_networks_need_not_have_every_column(pack):
    declared = source("reti_qubi")
    columns = {name: column for name, column in declared.columns.items() if name != "contact"}
    own = declared.model_copy(update={"columns": columns | {"note": "note"}})
    frame = read_networks(own, pack / "networks.csv", MILANO).frame
    assert set(NETWORKS.names) <= set(frame)
    assert frame["contact"].isna().all()
    assert frame["note"].notna().any()


def test_networks_are_read_with_their_kind(pack):
    frame = read_networks(source("reti_qubi"), pack / "networks.csv", MILANO).frame
    assert frame["kind"].value_counts().to_dict() == {
        "neighbourhood": 24, "municipal": 9, "city_wide": 1, "round_table": 5, "agreement": 1,
        "tutors_organisation": 7, "body": 28,
    }  # fmt: skip
    assert set(frame["kind"]) <= set(NETWORK_KINDS)
    assert frame["assured_date"].notna().all()
    rows = frame.set_index("network_id")
    assert pd.isna(rows.loc["F313", "municipio"])
    assert rows.loc["F313", "municipi"] == ["8", "9"]
    assert rows.loc["F177", ["municipio", "municipi"]].tolist() == ["8", ["8"]]
    assert rows.loc["F177", ["active_from", "active_until"]].tolist() == [
        "2024-05-08",
        "2026-05-01",
    ]
    # The compiler's notes are for whoever mends a row.
    assert frame["note"].isna().all()
