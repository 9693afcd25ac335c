import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import osmnx
import pytest
import shapely

from ingest.readers.osm import download_osm
from mapping.errors import SourceError
from mapping.network import summary
from mapping.streets import from_lines

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
            answer = json.dumps(drawn()) if self.server.status == 200 else "Forbidden"
            self.wfile.write(answer.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status = 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/api"
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


def test_a_server_that_refuses_is_one_line(overpass):
    overpass.status = 403
    with pytest.raises(SourceError, match="Try again later"):
        download_osm(OUTLINE)
