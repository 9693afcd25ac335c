import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

import ingest.source
from ingest.fetching.fetch import Fetcher
from ingest.run import Ingest
from mapping.catalogue.catalogue import Catalogue
from mapping.city import BeyondBorder, City, city
from mapping.errors import SourceError

HEADER = '"CODICE_FARMACIA","DESCRIZIONE_FARMACIA","INDIRIZZO","CAP","CODICE_ISTAT","LATITUDINE",'
COLUMNS = HEADER + '"LONGITUDINE","COMUNE","FRAZIONE","PROVINCIA","PARTITA_IVA","LOCATION"\n'
ROW = '"{n}","Farmacia di prova","VIA PROVA, 1","20137","15.146","45,45","9,22","","","","",""\n'


@pytest.fixture
def publisher(tmp_path, monkeypatch):
    """Serve a folder on loopback, and declare it as the publisher of the pharmacies."""
    folder, sources = tmp_path / "published", tmp_path / "sources"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    shutil.copytree(ingest.source.FOLDER, sources)
    lines = (sources / "farmacie_2026.toml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(("live", "mirror"))]
    live = f'live = ["http://127.0.0.1:{server.server_port}/farmacie.csv"]'
    (sources / "farmacie_2026.toml").write_text("\n".join([live, *kept]), encoding="utf-8")
    monkeypatch.setattr(ingest.source, "FOLDER", sources)
    yield folder
    server.shutdown()
    server.server_close()


def small_city() -> City:
    names = ("municipi_pack", "nil_pack", "farmacie_2026", "schede_qubi")
    return city("milano").model_copy(update={"sources": names})


def run(tmp_path: Path, pack: Path, *, accepted: tuple[str, ...] = ()) -> Ingest:
    fetcher = Fetcher(raw=tmp_path / "raw", mirror=None, bundled=pack, offline=False)
    work = Ingest(small_city(), fetcher, lambda _text: None, accepted=accepted)
    with Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        work.run(catalogue)
    return work


def test_a_published_file_is_read(tmp_path, pack, publisher):
    text = COLUMNS + "".join(ROW.format(n=n) for n in range(400))
    (publisher / "farmacie.csv").write_text(text, encoding="utf-8")
    work = run(tmp_path, pack)
    kept = {one.source.id: one.rows_kept for one in work.results}
    assert kept == {"municipi_pack": 9, "nil_pack": 88, "farmacie_2026": 400, "schede_qubi": 180}
    assert work.missing == []


@pytest.mark.parametrize(
    ("text", "word"),
    [("a,b\n1,2\n", "another shape"), (COLUMNS + ROW.format(n=1), "rows of the city")],
)
def test_a_published_file_that_has_changed_does_not_stop_the_city(
    tmp_path, pack, publisher, text, word
):
    (publisher / "farmacie.csv").write_text(text, encoding="utf-8")
    work = run(tmp_path, pack)
    assert [one.source.id for one in work.results][-1] == "schede_qubi"
    (reason,) = work.missing
    assert reason.startswith("farmacie_2026: ")
    assert word in reason


def test_what_a_misread_file_says_is_never_told(tmp_path, pack, publisher):
    (publisher / "farmacie.csv").write_text("Casa Segreta|via Prova 9|021234567\n")
    (reason,) = run(tmp_path, pack).missing
    assert "one column" in reason
    assert 'delimiter = "|"' in reason
    assert not re.search("Segreta|Prova|0212", reason)


def test_a_broken_pack_stops_it(tmp_path, pack):
    broken = tmp_path / "data"
    shutil.copytree(pack, broken)
    (broken / "nil.csv").write_text("", encoding="utf-8")
    with pytest.raises(SourceError, match=r"nil\.csv is empty"):
        run(tmp_path, broken)


def recorded(tmp_path: Path, source_id: str) -> int:
    with Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        services = catalogue.current()
    return sum(one.provenance.source_id == source_id for one in services)


def test_a_published_list_that_loses_a_third_waits_for_a_person(tmp_path, pack, publisher):
    whole = [ROW.format(n=n) for n in range(560)]
    (publisher / "farmacie.csv").write_text(COLUMNS + "".join(whole), encoding="utf-8")
    run(tmp_path, pack)
    shutil.rmtree(tmp_path / "raw")
    (publisher / "farmacie.csv").write_text(COLUMNS + "".join(whole[:360]), encoding="utf-8")
    (reason,) = run(tmp_path, pack).missing
    assert "more than 30% of its services would go or come" in reason
    assert "560" not in reason
    assert "--accept farmacie_2026" in reason
    assert recorded(tmp_path, "farmacie_2026") == 560
    assert run(tmp_path, pack, accepted=("farmacie_2026",)).missing == []
    assert recorded(tmp_path, "farmacie_2026") == 360


HIDDEN = "".join(ROW.format(n=9000 + n).replace("Farmacia", "Casa rifugio") for n in range(100))
"""Rows that are suspected of being shelters."""


@pytest.mark.parametrize("hidden", ["", HIDDEN], ids=["without", "with"])
def test_confidential_services_do_not_steady_a_list(tmp_path, pack, publisher, hidden):
    """130 of 400 public ones come: a third, though it were less of all."""
    for rows in (400, 530):
        text = COLUMNS + hidden + "".join(ROW.format(n=n) for n in range(rows))
        (publisher / "farmacie.csv").write_text(text, encoding="utf-8")
        shutil.rmtree(tmp_path / "raw", ignore_errors=True)
        missing = run(tmp_path, pack).missing
    assert ["more than 30% of its services" in reason for reason in missing] == [True]


def test_confidential_services_that_come_and_go_do_not_stop_a_list(tmp_path, pack, publisher):
    public = "".join(ROW.format(n=n) for n in range(360))
    for hidden in ("", HIDDEN * 2, ""):
        rows = hidden.replace('"90', '"80', 100) + public
        (publisher / "farmacie.csv").write_text(COLUMNS + rows, encoding="utf-8")
        shutil.rmtree(tmp_path / "raw", ignore_errors=True)
        assert run(tmp_path, pack).missing == []
    assert recorded(tmp_path, "farmacie_2026") == 360


def test_confidential_rows_do_not_fill_a_list_that_collapsed(tmp_path, pack, publisher):
    public = "".join(ROW.format(n=n) for n in range(340))
    (publisher / "farmacie.csv").write_text(COLUMNS + HIDDEN + public, encoding="utf-8")
    (reason,) = run(tmp_path, pack).missing
    assert "rows of the city" in reason


def test_confidential_points_do_not_make_degrees_of_metres(tmp_path, pack, publisher):
    metres = '"45,45","9,22"', '"5030000,1","514000,2"'
    public = "".join(ROW.format(n=n).replace(*metres) for n in range(400))
    (publisher / "farmacie.csv").write_text(COLUMNS + HIDDEN + public, encoding="utf-8")
    (reason,) = run(tmp_path, pack).missing
    assert "none of its 400 positions is in Italy" in reason


def test_a_pack_whose_keys_change_stops_the_build(tmp_path, pack):
    half = tmp_path / "data"
    shutil.copytree(pack, half)
    run(tmp_path, half)
    cards = half / "services" / "schede.csv"
    text = cards.read_text(encoding="utf-8").replace("\nF0", "\nG0")
    cards.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="would go"):
        run(tmp_path, half)


COMMON = 'title = "A"\npublisher = "A"\nlicence = "CC0"\nattribution = "A"\nreader = "vector"\n'


@pytest.mark.parametrize(("east", "read"), [(9.15, True), (7.65, False)])
def test_streets_of_another_city_are_refused_in_one_line(
    tmp_path, pack, monkeypatch, east: float, *, read: bool
):
    mirror, sources = tmp_path / "mirror", tmp_path / "sources"
    mirror.mkdir()
    sources.mkdir()
    outline, street = shapely.box(9.1, 45.4, 9.2, 45.5), [(east, 45.45), (east + 0.01, 45.45)]
    for name, shape in (("aree", outline), ("strade", shapely.LineString(street))):
        frame = gpd.GeoDataFrame({"id": ["1"], "via": ["VIA PROVA"]}, geometry=[shape], crs=4326)
        frame.to_file(mirror / f"{name}.geojson")
    areas = 'yields = "areas"\nlevel = "municipio"\n[columns]\narea_id = "id"\n'
    streets = 'yields = "streets"\n[[layers]]\nkind = "street"\nname = "via"\n'
    for name, text in (("aree", areas), ("strade", streets)):
        declared = f'{COMMON}mirror = "{name}.geojson"\n{text}'
        (sources / f"{name}.toml").write_text(declared, encoding="utf-8")
    monkeypatch.setattr(ingest.source, "FOLDER", sources)
    place = city("milano").model_copy(
        update={"sources": ("aree", "strade"), "levels": ("municipio",), "beyond": BeyondBorder()}
    )
    fetcher = Fetcher(raw=tmp_path / "raw", mirror=mirror, bundled=pack, offline=True)
    work = Ingest(place, fetcher, lambda _text: None)
    with Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        lines = work.run(catalogue).lines
    said = "strade: none of its 1 streets lies in Milano."
    assert (lines is not None) == read
    assert any(line.startswith(said) for line in work.missing) != read
