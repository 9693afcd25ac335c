"""What turns confidential disappears at once; old editions that hold it are named and removed."""

import asyncio
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import Settings
from tests.leaks.conftest import SHEET, Run
from tests.leaks.drawn_sources import write_config, write_mirror

SHELTER = SHEET.replace("Centro di ascolto", "Centro antiviolenza")
OTHER = "Ascolto Ponte;Centro di ascolto;via Lariana 6;031555555\n"


@pytest.fixture
def where(tmp_path: Path) -> dict[str, Path]:
    return {"var": tmp_path / "var", "config": write_config(tmp_path / "config")}


def _import(run: Run, folder: Path, text: str, where: dict[str, Path], *more: str) -> None:
    sheet = folder / "foglio.csv"
    sheet.write_text(text, encoding="utf-8")
    done = run("import", str(sheet), "--source", "foglio_di_prova", "--yes", *more, **where)
    assert done[0] == 0, done[1]


async def _pages(*addresses: str) -> list[str]:
    server = httpx.ASGITransport(create_app(Settings()))
    async with httpx.AsyncClient(transport=server, base_url="http://localhost") as client:
        answers = [await client.get(address) for address in addresses]
    assert all(answer.status_code < 500 for answer in answers)
    return [answer.text for answer in answers]


def _shown(monkeypatch: pytest.MonkeyPatch, where: dict[str, Path]) -> str:
    monkeypatch.setenv("PROSSIMA_VAR", str(where["var"]))
    monkeypatch.setenv("PROSSIMA_CONFIG", str(where["config"]))
    asked = "/v1/services?limit=1000", "/servizi", "/sitemap.xml", "/embed", "/", "/v1/categories"
    return "\n".join(asyncio.run(_pages(*asked)))


@pytest.mark.parametrize("more", [(), ("--add",)])
def test_a_record_imported_again_as_a_shelter_is_hidden_at_once(
    run: Run, tmp_path: Path, where, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    mirror = write_mirror(tmp_path / "mirror", secret=False)
    built = "build", "--offline", "--mirror", str(mirror)
    _import(run, tmp_path, SHEET + OTHER, where)
    assert run(*built, **where)[0] == 0
    assert "Ascolto Piazza" in _shown(monkeypatch, where)
    _import(run, tmp_path, SHELTER + OTHER, where, *more)
    shown = _shown(monkeypatch, where)
    assert "Ascolto Piazza" not in shown
    assert "031444444" not in shown
    assert "Ascolto Ponte" in shown
    code, printed = run(*built, "--accept-loss", **where)
    assert code == 0, printed
    assert "Ascolto Piazza" not in _shown(monkeypatch, where)


def test_an_overlay_that_hides_a_category_acts_on_the_published_edition(
    run: Run, tmp_path: Path, where, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = write_mirror(tmp_path / "mirror", secret=False)
    built = "build", "--offline", "--mirror", str(mirror)
    assert run(*built, **where)[0] == 0
    assert "Ascolto Lago" in _shown(monkeypatch, where)
    stricter = write_config(tmp_path / "stricter")
    hidden = 'label = "Ascolto"\ngroup = "orientamento"\nconfidential = true\n'
    (stricter / "taxonomy.toml").write_text(f"[centro_ascolto]\n{hidden}", encoding="utf-8")
    where = {"var": where["var"], "config": stricter}
    assert "Ascolto Lago" not in _shown(monkeypatch, where)
    (old,) = (where["var"] / "editions").glob("*Z-*")
    code, printed = run("doctor", **where)
    assert code == 2
    assert old.name in printed
    code, printed = run(*built, "--accept-loss", **where)
    assert code == 0, printed
    code, printed = run("editions", "use", old.name, **where)
    assert (code, "confidential today" in printed) == (2, True), printed
    code, printed = run("editions", "prune", **where)
    assert (code, f"{old.name} is removed." in printed) == (0, True), printed
    assert old.name not in run("doctor", **where)[1]
