"""Exports of an edition, read back as a GIS or a spreadsheet does."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from api.exports import export, formats
from api.planner import downloads
from api.planner.screen import screen
from api.planner.view import View
from api.published import Published
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from tests.mapping.drawn_city import drawn_city, service, square

FORMULA = '=HYPERLINK("https://example.invalid")'


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """A city whose municipio and service are named as a spreadsheet writes formulas."""
    layers = square()
    named = layers.municipi.assign(name=FORMULA)
    services = [service(100, "a", name=FORMULA, phone="+39 02 0000 0000")]
    root = tmp_path_factory.mktemp("editions")
    return drawn_city(root, services, layers=replace(layers, municipi=named, nil=named))


def test_no_cell_of_an_export_is_run_by_a_spreadsheet(edition: Edition, tmp_path: Path) -> None:
    written = [path for path in export(edition, "csv", tmp_path) if path.suffix == ".csv"]
    assert {"areas", "services", "coverage"} <= {path.stem for path in written}
    for path in written:
        rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]
    services = pd.read_csv(tmp_path / "services.csv", encoding="utf-8-sig")
    assert services["name"].tolist() == [f"'{FORMULA}"]
    assert services["lon"].tolist() == edition.services["lon"].to_pylist()


def test_no_cell_of_the_planner_s_table_is_run_by_a_spreadsheet(edition: Edition) -> None:
    reading = Published(edition)
    view = replace(View(), category="nido", level="municipio")
    text = downloads.as_csv(screen(edition, view), reading)
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\N{BYTE ORDER MARK}")))
    assert row["name"] == f"'{FORMULA}"


def test_a_table_without_shapes_takes_no_other_reference_system(edition, tmp_path) -> None:
    with pytest.raises(BadInputError, match="lon and lat are degrees"):
        export(edition, "csv", tmp_path, crs="EPSG:32632")
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("kind", [*formats()])
def test_a_count_beside_an_unknown_one_stays_whole(tmp_path, kind: str) -> None:
    services = [service(100, "a", capacity=25), service(300, "b")]
    drawn = drawn_city(tmp_path / "editions", services)
    export(drawn, kind, tmp_path / "out")
    if kind == "csv":
        written = (tmp_path / "out" / "services.csv").read_text(encoding="utf-8-sig")
        capacities = sorted(row["capacity"] for row in csv.DictReader(io.StringIO(written)))
        assert capacities == ["", "25"]
    else:
        (path,) = (tmp_path / "out").glob("*.gpkg" if kind == "gpkg" else "services.geojson")
        frame = gpd.read_file(path, layer="services")
        assert sorted(frame["capacity"].dropna()) == [25]


@pytest.mark.parametrize("kind", [*formats()])
def test_each_format_writes_the_manifest_beside_the_tables(edition, tmp_path, kind: str) -> None:
    names = {path.name for path in export(edition, kind, tmp_path)}
    assert "edition.json" in names
    assert len(names) > 1
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_format_with_a_reference_system_of_its_own_takes_no_other(edition, tmp_path) -> None:
    with pytest.raises(BadInputError, match=r"EPSG:4326 \(RFC 7946\), not 'EPSG:3003'"):
        export(edition, "geojson", tmp_path, crs="EPSG:3003")


def test_exports_open_in_a_gis_and_carry_the_edition(cli, pack_var, tmp_path):
    edition = current(pack_var / "editions").name
    done = cli("export", "gpkg", "--out", str(tmp_path), "--crs", "EPSG:32632", var=pack_var)
    assert done.returncode == 0, done.stderr
    layers = {name for name, _ in pyogrio.list_layers(tmp_path / "prossima.gpkg")}
    assert {"areas_municipio", "areas_nil", "services", "coverage", "greyzones"} <= layers
    services = gpd.read_file(tmp_path / "prossima.gpkg", layer="services")
    assert services.crs.to_epsg() == 32632
    assert len(services) == 180
    assert set(services["edition"]) == {edition}
    assert json.loads((tmp_path / "edition.json").read_text())["id"] == edition


def test_an_export_tells_of_one_situation(cli, pack_var, tmp_path):
    situation = ("--profile", "stroller", "--window", "saturday")
    assert cli("export", "csv", "--out", str(tmp_path), *situation, var=pack_var).returncode == 0
    rows = pd.read_csv(tmp_path / "coverage.csv", encoding="utf-8-sig")
    assert set(zip(rows["profile"], rows["window"], strict=True)) == {("stroller", "saturday")}
    assert not rows.duplicated(["level", "area_id", "category"]).any()
    written = json.loads((tmp_path / "edition.json").read_text())["situation"]
    assert written == {"profile": "stroller", "window": "saturday", "requirement": "any"}


def test_geojson_and_csv_hold_the_same_services(cli, pack_var, tmp_path):
    for kind in ("geojson", "csv"):
        assert cli("export", kind, "--out", str(tmp_path), var=pack_var).returncode == 0
    table = pd.read_csv(tmp_path / "services.csv", dtype=str, encoding="utf-8-sig")
    shapes = gpd.read_file(tmp_path / "services.geojson")
    assert table["location_id"].tolist() == shapes["location_id"].tolist()
    assert shapes.crs.to_epsg() == 4326
