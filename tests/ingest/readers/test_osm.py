import hashlib
import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import geopandas as gpd
import osmnx
import pytest
import shapely

import ingest.source
from ingest.fetching.fetch import Fetcher
from ingest.readers.osm import download_features, download_osm
from ingest.run import Ingest
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city
from mapping.errors import SourceError
from mapping.walking.network import summary
from mapping.walking.topology import from_lines

LON, LAT, STEP = 9.19, 45.46, 0.002


def drawn() -> dict:
    """Draw a block of two streets and a footpath, as Overpass answers."""
    far = LON + STEP
    corners = [(LON, LAT), (far, LAT), (far, LAT + STEP), (LON, LAT + STEP), (LON, LAT - STEP / 2)]
    nodes = [
        {"type": "node", "id": number, "lon": lon, "lat": lat}
        for number, (lon, lat) in enumerate(corners, start=1)
    ]
    ways = [
        ([1, 2, 3], {"highway": "residential", "name": "Via Prova"}),
        ([3, 4], {"highway": "footway"}),
        ([4, 1, 5], {"highway": "residential", "name": "Via Disegnata"}),
    ]
    streets = [
        {"type": "way", "id": 10 + number, "nodes": ends, "tags": tags}
        for number, (ends, tags) in enumerate(ways)
    ]
    return {"elements": [*nodes, *streets]}


@pytest.fixture
def overpass(monkeypatch):
    """Answer as an Overpass server does, on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(self.server.status)
            self.end_headers()
            self.server.asked += 1
            answer = json.dumps(self.server.answer) if self.server.status == 200 else "Forbidden"
            self.wfile.write(answer.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.answer, server.asked = 200, drawn(), 0
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/api"
    server.url = url
    monkeypatch.setattr(osmnx.settings, "overpass_url", url)
    monkeypatch.setattr(osmnx.settings, "overpass_rate_limit", False)
    yield server
    server.shutdown()
    server.server_close()


OUTLINE = shapely.box(LON - STEP, LAT - STEP, LON + 2 * STEP, LAT + 2 * STEP)


@pytest.mark.usefixtures("overpass")
def test_a_city_without_a_mirror_gets_its_streets_live():
    lines = download_osm(OUTLINE)
    assert set(lines["kind"]) == {"street", "footpath"}
    assert lines["walkable"].all()
    network = from_lines(lines.to_crs(32632), epsg=32632)
    assert {"Via Prova", "Via Disegnata"} <= set(network.names)
    assert summary(network)["components"] == 1


def places() -> dict:
    """Draw a library as a point and a kindergarten as a building, as Overpass answers."""
    corners = [(LON, LAT), (LON + 0.001, LAT), (LON + 0.001, LAT + 0.001), (LON, LAT + 0.001)]
    nodes = [
        {"type": "node", "id": number, "lon": lon, "lat": lat}
        for number, (lon, lat) in enumerate(corners, start=1)
    ]
    school = {"amenity": "kindergarten", "name": "Scuola di prova", "operator": "Comune"}
    library = {
        "amenity": "library",
        "name": "Biblioteca di prova",
        "opening_hours": "Mo 09:00-13:00",
    }
    building = {"type": "way", "id": 10, "nodes": [1, 2, 3, 4, 1], "tags": school}
    point = {"type": "node", "id": 11, "lon": LON + STEP, "lat": LAT, "tags": library}
    return {"elements": [*nodes, building, point]}


def test_features_come_with_their_tags_in_a_fixed_order(overpass):
    overpass.answer = places()
    found = download_features(OUTLINE, {"amenity": ("library", "kindergarten")})
    assert found["osm_id"].tolist() == [11, 10]
    assert found["name"].tolist() == ["Biblioteca di prova", "Scuola di prova"]
    assert set(found.geom_type) == {"Point", "Polygon"}


DECLARED = """
title = "Luoghi di OpenStreetMap"
publisher = "OpenStreetMap contributors"
licence = "ODbL 1.0"
attribution = "© OpenStreetMap contributors"
yields = "services"
reader = "osm"
live = ["{url}/status"]
known_columns = ["*"]
tags = {{ amenity = ["library", "kindergarten"] }}

[columns]
key = ["osm_type", "osm_id"]
name = "name"
lon = "geometry.lon"
lat = "geometry.lat"

[[categories]]
column = "amenity"
pattern = "library"
category = "biblioteca"

[[categories]]
column = "amenity"
pattern = "kindergarten"
category = "scuola_infanzia"
"""


@pytest.fixture
def declared(overpass, tmp_path, monkeypatch):
    """Declare OpenStreetMap as a source of services, with two areas drawn for the city."""
    folder, outlines = tmp_path / "sources", tmp_path / "mirror"
    shutil.copytree(ingest.source.FOLDER, folder)
    (folder / "osm_prova.toml").write_text(DECLARED.format(url=overpass.url), encoding="utf-8")
    monkeypatch.setattr(ingest.source, "FOLDER", folder)
    overpass.answer = places()
    return outlines


def harvest(tmp_path, mirror, pack, *, areas="municipi_ds379", offline=False):
    # A build leaves the outlines in its pack: this one has its own.
    pack = shutil.copytree(pack, tmp_path / "pack", dirs_exist_ok=True)
    fetcher = Fetcher(raw=tmp_path / "raw", mirror=mirror, bundled=pack, offline=offline)
    names = (areas, "nil_pack", "osm_prova")
    work = Ingest(city("milano").model_copy(update={"sources": names}), fetcher, lambda _: None)
    with Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        work.run(catalogue)
    return work


def outlined(mirror):
    """Draw nine municipi as columns that cover the block."""
    edges = [LON - STEP + n * STEP / 2 for n in range(10)]
    boxes = [shapely.box(west, LAT - STEP, east, LAT + 2 * STEP) for west, east in pairwise(edges)]
    frame = gpd.GeoDataFrame({"MUNICIPIO": list(range(1, 10))}, geometry=boxes, crs=4326)
    (mirror / "boundaries").mkdir(parents=True)
    frame.to_file(mirror / "boundaries" / "ds379_municipi_label.geojson")
    return mirror


def test_openstreetmap_is_a_source_of_services_kept_by_its_content(
    declared, overpass, pack, tmp_path
):
    mirror = outlined(declared)
    work = harvest(tmp_path, mirror, pack)
    run = work.results[-1]
    assert (run.source.id, run.taken.taken_from, run.rows_kept) == ("osm_prova", "live", 2)
    assert {s.categories for s in run.services} == {("biblioteca",), ("scuola_infanzia",)}
    (kept,) = (tmp_path / "raw").rglob(run.taken.path.name)
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == run.taken.sha256
    asked = overpass.asked
    again = harvest(tmp_path, mirror, pack, offline=True).results[-1]
    assert (again.taken.taken_from, again.taken.sha256) == ("raw", run.taken.sha256)
    assert overpass.asked == asked


def test_a_busy_openstreetmap_does_not_stop_the_city(declared, overpass, pack, tmp_path):
    overpass.status = 429
    work = harvest(tmp_path, outlined(declared), pack)
    assert "OpenStreetMap's server is busy: HTTP 429" in work.missing[-1]


def test_without_outlines_openstreetmap_is_not_asked(declared, overpass, pack, tmp_path):
    work = harvest(tmp_path, declared, pack, areas="municipi_pack")
    (reason,) = work.missing
    assert "not asked, for want of the outlines of the municipi" in reason
    assert overpass.asked == 0


def test_a_server_that_refuses_is_one_line(overpass):
    overpass.status = 403
    with pytest.raises(SourceError, match="Try again later"):
        download_osm(OUTLINE)
