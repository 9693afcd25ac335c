"""What waits for a person: seen, decided, and shown by the next edition."""

import json
import shutil
from pathlib import Path

import pytest

import ingest.source
from ingest.fetching.fetch import Fetcher
from ingest.run import Ingest
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city
from tests.conftest import Cli
from tests.mapping.drawn_batches import batch, service

TOML = """
title = "Mappa disegnata"
publisher = "Una rete inventata"
licence = "da verificare"
attribution = "Una rete inventata"
yields = "services"
reader = "kml"
mirror = "mappa.kml"
authority = "community"
review = true

[columns]
key = "name"
name = "name"
street = "description.Indirizzo"
hours = "description.Orari"
lon = "geometry.lon"
lat = "geometry.lat"

[[categories]]
column = "folder"
pattern = "doposcuola"
category = "doposcuola"
"""
MAP = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>Doposcuola</name>
<Placemark><name>Doposcuola disegnato</name>
<description><![CDATA[Indirizzo: via Disegnata 12<br>Orari: {hours}]]></description>
<Point><coordinates>9.19,45.46,0</coordinates></Point></Placemark>
</Folder></Document></kml>"""


@pytest.fixture
def drawn_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Declare a map that people draw as a source, in a folder of declarations of its own."""
    folder = tmp_path / "sources"
    folder.mkdir()
    for path in ingest.source.FOLDER.glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "mappa.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.setattr(ingest.source, "FOLDER", folder)
    return tmp_path


def read(folder: Path, pack: Path, catalogue: Catalogue, hours: str) -> None:
    (folder / "mappa.kml").write_text(MAP.format(hours=hours), encoding="utf-8")
    place = city("milano").model_copy(update={"sources": ("municipi_pack", "nil_pack", "mappa")})
    hand = Fetcher(raw=folder / "raw", mirror=folder, bundled=pack, offline=True)
    Ingest(place, hand, lambda _text: None).run(catalogue)


def test_a_drawn_map_proposes_and_a_person_publishes(cli: Cli, pack, drawn_map: Path):
    var = drawn_map / "var"
    var.mkdir()
    url = f"sqlite:///{var / 'catalogue.sqlite'}"
    with Catalogue.open(url) as catalogue:
        read(drawn_map, pack, catalogue, "lun 14-18")
        assert catalogue.current() == []
    said = json.loads(cli("review", "list", "--json", var=var).stdout)
    (proposed,) = said["proposed"]
    assert proposed["addresses"] == ["via Disegnata, 12"]
    done = cli("review", "accept", proposed["service_id"], "--actor", "anna", var=var)
    assert "published" in done.stdout
    with Catalogue.open(url) as catalogue:
        (service,) = catalogue.current()
        assert service.locations[0].opening_hours == "Mo 14:00-18:00"
        assert catalogue.history(service.service_id)[-1].actor == "anna"
        read(drawn_map, pack, catalogue, "mar 14-18")
        assert catalogue.current() == [service]
    refused = cli("review", "refuse", proposed["service_id"], var=var)
    assert refused.returncode == 0
    again = cli("review", "refuse", proposed["service_id"], var=var)
    assert again.returncode == 2
    assert "Nothing is proposed" in again.stderr


@pytest.mark.shared
def test_what_a_person_says_of_a_pair_is_asked_no_more(cli: Cli, milano_var: Path, tmp_path: Path):
    var = tmp_path / "var"
    var.mkdir()
    for path in milano_var.glob("catalogue.sqlite*"):
        shutil.copy(path, var)
    said = json.loads(cli("review", "list", "--json", var=var).stdout)
    assert said["proposed"] == []
    pair = said["pairs"][0]
    assert pair["probability"] >= said["pairs"][-1]["probability"] >= 0.1
    ids = [service["service_id"] for service in pair["services"]]
    shown = cli("review", "list", var=var).stdout
    assert all(service_id in shown for service_id in ids)
    assert cli("review", "apart", *ids, var=var).returncode == 0
    left = json.loads(cli("review", "list", "--json", var=var).stdout)["pairs"]
    assert len(left) == len(said["pairs"]) - 1


def test_several_suspected_services_are_cleared_at_once(cli: Cli, tmp_path: Path):
    with Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        catalogue.record(batch(service("a", "Casa rifugio"), service("b", "Casa rifugio due")))
    listing = ("review", "list", "--json")
    waiting = json.loads(cli(*listing, var=tmp_path).stdout)["suspected"]
    ids = [entry["service_id"] for entry in waiting]
    done = cli("review", "clear", *ids, "--actor", "anna", var=tmp_path)
    assert (len(ids), done.returncode) == (2, 0)
    assert json.loads(cli(*listing, var=tmp_path).stdout)["suspected"] == []
