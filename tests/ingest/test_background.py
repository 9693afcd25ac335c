"""What lies behind the maps: every row is drawn, or counted as out of scope."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pydantic import ValidationError

from ingest.layers.background import NOT_DRAWN, read_background
from ingest.source import BackgroundLayer, Source, source
from mapping.city import city

MILANO = city("milano")
LINE = shapely.LineString([(515_000, 5_035_000, 120), (515_100, 5_035_000, 121)])


def declared(*layers: dict) -> Source:
    """A background of layers, with as little else as may be declared."""
    return Source.model_validate(
        {
            "id": "disegnato",
            "title": "Sfondo disegnato",
            "publisher": "Prova",
            "licence": "prova",
            "attribution": "Prova",
            "yields": "background",
            "reader": "vector",
            "background": layers,
        }
    )


def write(path: Path, layer: str, shapes: list, **columns: list) -> None:
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:32632").to_file(path, layer=layer)


def test_every_row_is_drawn_left_out_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "disegnato.gpkg"
    write(path, "binari", [LINE, LINE, None], stato=["01", "03", "01"])
    write(path, "acque", [LINE.buffer(10)], nota=["inventata"])
    kinds = {"layer": "binari", "column": "stato", "kinds": {"01": "rail"}}
    layer = read_background(declared(kinds, {"layer": "acque", "kind": "water"}), path, MILANO)
    assert (layer.rows_in, layer.rows_kept, dict(layer.out_of_scope)) == (4, 2, {NOT_DRAWN: 1})
    assert [(bad.line, bad.code) for bad in layer.quarantined] == [(3, "no_geometry")]
    assert list(layer.frame["kind"]) == ["rail", "water"]
    assert layer.frame.crs == "EPSG:4326"


def test_names_are_written_as_people_do_and_those_that_tell_nothing_are_left_out(tmp_path: Path):
    path = tmp_path / "disegnato.gpkg"
    names = ["PARCO", "DE INVENTATIS", "PARCO INVENTATO", None]
    write(path, "parchi", [LINE.buffer(10)] * 4, nome=names)
    parks = {"layer": "parchi", "kind": "park", "name": "nome", "unnamed": "^PARCO$"}
    layer = read_background(declared(parks), path, MILANO)
    assert list(layer.frame["name"].fillna("")) == ["", "De Inventatis", "Parco Inventato", ""]


def test_a_layer_has_one_way_to_tell_its_kind() -> None:
    for keys in ({}, {"kind": "rail", "column": "stato"}, {"column": "stato"}):
        with pytest.raises(ValidationError, match="either `kind`, or `column` with `kinds`"):
            BackgroundLayer.model_validate(keys)


@pytest.mark.shared
def test_the_stations_of_the_railway_come_from_a_feed_of_timetables(mirror: Path) -> None:
    stations = source("stazioni_trenord")
    layer = read_background(stations, mirror / str(stations.mirror), MILANO)
    assert (layer.rows_in, layer.rows_kept) == (427, 24)
    assert layer.out_of_scope["another comune"] == 403
    assert {"Milano Centrale", "Milano Greco Pirelli"} <= set(layer.frame["name"])
    assert layer.frame.crs == "EPSG:4326"


def test_the_stations_of_the_fourth_line_come_with_the_pack(pack: Path) -> None:
    stations = source("metro_m4")
    layer = read_background(stations, pack / str(stations.bundled), MILANO)
    assert layer.rows_kept == 20
    assert {"Tricolore", "Stazione Forlanini", "San Cristoforo"} <= set(layer.frame["name"])
    assert set(layer.frame["kind"]) == {"station"}


@pytest.mark.shared
def test_the_background_of_milano_has_every_kind(mirror: Path) -> None:
    kinds = set()
    for name in ("dbt_sfondo", "metro_linee", "metro_stazioni", "stazioni_trenord"):
        layer = read_background(source(name), mirror / str(source(name).mirror), MILANO)
        assert layer.rows_in == layer.rows_kept + layer.out_of_scope.total()
        kinds |= set(layer.frame["kind"])
    assert kinds == {
        "water", "stream", "green", "park", "rail", "metro", "tram", "station", "premises",
        "police",
    }  # fmt: skip
