"""A list says of a shelter in an unusual place what it is: no edition, page or export has it."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from ingest.layers.raw_table import read_table
from ingest.services import hides
from ingest.source import Source
from mapping.edition.edition import Edition, current
from mapping.leaks.file_content import contents
from tests.leaks.conftest import Run
from tests.leaks.drawn_sources import CITY, OVERLAY, write_mirror
from tests.leaks.unusual_places import SECRET, Drawn, drawn
from tests.overlay import HEAD, write

COLUMNS = {name: name for name in ("name", "street", "lon", "lat")} | {"key": "id"}
OTHER_COLUMNS = {
    "kml": {"lon": "geometry.lon", "lat": "geometry.lat"},
    "hsds": {"street": "location.addresses.0.address_1", "lon": "location.longitude",
             "lat": "location.latitude"},
}  # fmt: skip
REPLACED = {f"sources/{name}.toml" for name in ("sportelli", "mappa", "elenco")}
MEMBER = "*x.csv"
RULE = '\n[[categories]]\ncolumn = "name"\npattern = "."\ncategory = "centro_ascolto"\n'


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Drawn]:
    return drawn(tmp_path_factory.mktemp("drawn"))


def declared(reader: str, suffix: str, number: int) -> str:
    columns = COLUMNS | OTHER_COLUMNS.get(reader, {})
    listed = ", ".join(f'{name} = "{column}"' for name, column in columns.items())
    more = {"csv": 'delimiter = ";"\n', "json": 'records = "records"\n'}.get(reader, "")
    more += f'member = "{MEMBER}"\n' if (reader, suffix) == ("csv", ".zip") else ""
    start = f'yields = "services"\nreader = "{reader}"\nmirror = "lista{number}{suffix}"\n'
    return f"{HEAD}{start}{more}columns = {{ {listed} }}\n{RULE}"


def test_each_file_hides_what_it_speaks_of_and_no_more(
    files: dict[str, Drawn], tmp_path: Path
) -> None:
    wrong = {}
    for number, (name, (reader, suffix, content, names)) in enumerate(files.items()):
        path = tmp_path / f"lista{number}{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        entry = Source.model_validate({
            "id": "prova", "title": "Prova", "publisher": "Prova", "licence": "CC0",
            "attribution": "Prova", "yields": "services", "reader": reader,
            "delimiter": ";", "records": "records" if reader == "json" else "",
            "member": MEMBER if (reader, suffix) == ("csv", ".zip") else None,
        })  # fmt: skip
        rows = read_table(entry, path).rows
        assert len(rows) >= 2, name
        hidden = {row.texts["name"] for row in rows if hides(entry, row)}
        if hidden & {"Ascolto Alfa", "Ascolto Gamma", SECRET, f"{SECRET} (1)"} != names:
            wrong[name] = hidden
    assert not wrong


def test_no_edition_page_or_export_has_it(
    files: dict[str, Drawn], tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, mirror = {}, write_mirror(tmp_path / "mirror", secret=False)
    for number, (reader, suffix, content, _) in enumerate(files.values()):
        sources[f"sources/lista{number}.toml"] = declared(reader, suffix, number)
        body = content.encode() if isinstance(content, str) else content
        (mirror / f"lista{number}{suffix}").write_bytes(body)
    names = json.dumps(["confini", "vie", *(f"lista{number}" for number in range(len(files)))])
    place = CITY.replace('["confini", "vie", "sportelli", "mappa", "elenco"]', names)
    others = {name: text for name, text in OVERLAY.items() if name not in REPLACED}
    config = write(tmp_path / "config", others | sources | {"cities/valdilago.toml": place})
    where = {"var": tmp_path / "var", "config": config}
    code, printed = run("build", "--offline", "--mirror", str(mirror), **where)
    assert code == 0, printed
    assert run("export", "csv", "--out", str(tmp_path / "out"), **where)[0] == 0
    edition = Edition.open(current(tmp_path / "var" / "editions"))
    assert len(edition.frame("services.parquet")) >= 1
    written = [*edition.path.iterdir(), *(tmp_path / "out").iterdir()]
    texts = [text for path in written for part in contents(path) for text in part.texts]
    monkeypatch.setenv("PROSSIMA_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("PROSSIMA_CONFIG", str(config))
    texts += [printed, asyncio.run(_answers(len(files)))]
    assert any("Ascolto Alfa" in text for text in texts)
    assert not [text for text in texts if SECRET in text or "Segreta" in text]


async def _answers(lists: int) -> str:
    server = httpx.ASGITransport(create_app(Settings()))
    async with httpx.AsyncClient(transport=server, base_url="http://localhost") as client:
        asked = {"address": "via Segreta 61"}
        answers = [await client.get("/v1/services?limit=1000"), await client.get("/servizi")]
        for number in range(lists):
            answers.append(await client.get(f"/v1/services/lista{number}:b1"))
            assert answers[-1].status_code == 404
        told = await client.post("/v1/geocode", json=asked)
        assert "45.6068" not in told.text, told.text
        assert told.json().get("precision") not in ("civic", "point"), told.text
    return "".join(answer.text for answer in answers)
