"""What pages make of labels of an overlay, and of settings that came after their edition."""

import asyncio
import html
import json
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from ingest.fetching.fetch import Fetcher
from ingest.layers.reference import read_areas
from ingest.source import source
from ingest.source_reader import SourceReader
from mapping.city import city
from mapping.edition.edition import Edition, current, publish
from mapping.edition.edition_writer import write as write_edition
from tests.overlay import CITY, OVERLAY, SQUARE, build_valdilago, write

ROOT = Path(__file__).parents[1]
LABEL = '100% \\"d\'asilo\\" & %s %(a)s {b} {{ c }}'
SHOWN = LABEL.replace("\\", "")
TABLES = {
    "taxonomy.toml": f'[sportello_famiglia]\nlabel = "{LABEL}"\ngroup = "{LABEL} g"\n'
    '[mensa]\nlabel = "Mensa"\ngroup = "sostegni"\n',
    "profiles.toml": f'[nonna]\nlabel = "{LABEL}"\nmetres_per_second = 0.9\nsource = "x"\n',
    "windows.toml": f'[sera]\nlabel = "{LABEL}"\ndays = "week"\nfrom = 18:00:00\nto = 21:00:00\n'
    "minutes = 60\ndays_share = 0.2\n",
    "requirements.toml": f'[cinese]\nlabel = "{LABEL}"\ncolumn = "languages"\ncontains = "zh"\n',
    "indicators.toml": f'[famiglie]\nlabel = "{LABEL}"\ngroup = "{LABEL}"\nunit = "people"\n'
    f'table = "areas"\ncolumn = "families"\nmeaning = "{LABEL}"\nmethod = "{LABEL}"\n',
    "cities/valdilago.toml": CITY.replace("epsg", f'municipio_name = "{SHOWN[:4]} {{id}}"\nepsg'),
}
PAGES = (
    "/",
    "/?category=sportello_famiglia&profile=nonna",
    "/rete?category=sportello_famiglia",
    "/rete?category=sportello_famiglia&profile=nonna&window=sera",
    "/rete?category=sportello_famiglia&requirement=cinese",
    "/rete?category=sportello_famiglia&indicator=famiglie&versus=within",
    "/rete/indicatori",
    "/rete/freschezza",
    "/rete/scenario?category=sportello_famiglia",
    "/servizi",
    "/servizi?category=sportello_famiglia",
    "/embed?category=sportello_famiglia",
    "/maps/services.html",
    "/maps/coverage.html?category=sportello_famiglia",
)


def asked(*addresses: str) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        server = httpx.ASGITransport(create_app(Settings()))
        async with httpx.AsyncClient(transport=server, base_url="http://prossima") as client:
            return [await client.get(address) for address in addresses]

    return asyncio.run(ask())


def without(var: Path, *columns: str) -> None:
    """Publish the edition of a folder again, as a version wrote it that knew no such columns."""
    held = Edition.open(var / "editions" / "current")
    names = [file.name for file in held.manifest.files if not file.name.endswith(".pmtiles")]
    tables = {name: held.table(name) for name in names}
    for name in ("areas.parquet", "coverage.parquet"):
        gone = [column for column in columns if column in tables[name].column_names]
        tables[name] = tables[name].drop_columns(gone)
    about = held.manifest
    older = write_edition(
        var / "editions",
        tables,
        city=about.city,
        software_version=about.software_version,
        parameters=about.parameters,
        sources=about.sources,
    )
    publish(var / "editions", older.id)


@pytest.mark.parametrize("language", ["it", "en", "ar"])
def test_labels_are_plain_text_on_every_page(laid, run, tmp_path, language):
    laid({**OVERLAY, **TABLES})
    build_valdilago(run, tmp_path)
    service = Edition.open(current(tmp_path / "var" / "editions")).services["service_id"][0]
    addresses = (*PAGES, f"/servizi/{service}")
    for page in asked(*(f"{one}{'&' if '?' in one else '?'}lang={language}" for one in addresses)):
        assert page.status_code == 200, page.url
        text = html.unescape(page.text)
        if "maps" not in str(page.url) and "freschezza" not in str(page.url):
            assert SHOWN.lower()[:30] in text.lower(), page.url
        assert '="100% "' not in page.text


def test_what_came_after_an_edition_is_said_not_to_be_in_it(laid, run, tmp_path, monkeypatch):
    laid(OVERLAY)
    build_valdilago(run, tmp_path)
    without(tmp_path / "var", "families", "seconds_3rd")
    taxonomy = OVERLAY["taxonomy.toml"] + '[orto]\nlabel = "Orto"\ngroup = "verde"\n'
    added = {"taxonomy.toml": taxonomy, "indicators.toml": TABLES["indicators.toml"]}
    later = write(tmp_path / "later", {**OVERLAY, **added})
    monkeypatch.setenv("PROSSIMA_CONFIG", str(later))
    shown = "/rete?lang=it&category=sportello_famiglia"
    whole, areas, coverage, category = asked(
        shown,
        f"{shown}&indicator=famiglie",
        f"{shown}&versus=seconds_3rd",
        "/rete?lang=it&category=orto",
    )
    assert whole.status_code == 200
    assert "seconds_3rd" not in whole.text
    for page in (areas, coverage):
        assert page.status_code == 422
        assert "non è in questa edizione" in page.text
    assert category.status_code == 200
    assert "si stanno ricalcolando" in category.text


def test_nothing_of_an_overlay_is_written_into_the_pack(laid, tmp_path):
    ring = {"type": "Polygon", "coordinates": SQUARE}
    drawn = [
        {"type": "Feature", "properties": {"MUNICIPIO": str(number)}, "geometry": ring}
        for number in range(1, 10)
    ]
    text = json.dumps({"type": "FeatureCollection", "features": drawn})
    write(tmp_path, {"mirror/boundaries/ds379_municipi_label.geojson": text, "pack/municipi/x": ""})
    places = {"raw": tmp_path / "raw", "mirror": tmp_path / "mirror", "bundled": tmp_path / "pack"}

    def outlines() -> list[str]:
        fetcher = Fetcher(**places, offline=True)
        reader = SourceReader(city("milano"), fetcher, lambda _text: None)
        assert reader.layer(source("municipi_ds379"), read_areas) is not None
        return [path.name for path in (tmp_path / "pack").rglob("*.geojson")]

    declared = (ROOT / "ingest/sources/municipi_ds379.toml").read_text(encoding="utf-8")
    folder = laid({"sources/municipi_ds379.toml": declared})
    assert outlines() == []
    (folder / "sources" / "municipi_ds379.toml").unlink()
    assert outlines() == ["municipi.geojson"]


def test_the_server_names_no_folder_of_the_machine(laid, run, tmp_path, monkeypatch):
    folder = laid(OVERLAY)
    build_valdilago(run, tmp_path)
    (folder / "cities" / "valdilago.toml").write_text("=", encoding="utf-8")
    (broken,) = asked("/rete?category=sportello_famiglia")
    monkeypatch.setenv("PROSSIMA_CONFIG", str(tmp_path / "gone"))
    (gone,) = asked("/rete?category=sportello_famiglia")
    for answer in (broken, gone):
        assert answer.status_code >= 400
        assert str(tmp_path) not in answer.text
    assert gone.status_code == 503
