"""Bad days of a server: damaged files under it, a database that goes away, a clock that jumps."""

import asyncio
import shutil
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.benches import postgres as local_postgres
from api.settings import Settings
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Reports
from mapping.edition import edition_writer
from mapping.edition.earlier_editions import stand_in
from mapping.edition.edition import POINTER, PREVIOUS, Edition, current, list_editions, publish
from mapping.hours import city_calendar
from tests.api.conftest import Server, serving
from tests.api.test_defects import get
from tests.api.waiting import until
from tests.mapping.drawn_city import drawn_city, place, service
from tests.mapping.edition.test_edition import drawn_tables, write
from tests.mapping.edition.twins import twin_of

DUOMO = {"lon": 9.1900, "lat": 45.4642}


@pytest.fixture
def var(pack_var: Path, tmp_path: Path) -> Path:
    """A folder with two editions of the same content; the later one is published."""
    var = tmp_path / "var"
    shutil.copytree(pack_var / "editions", var / "editions")
    publish(var / "editions", twin_of(Edition.open(var / "editions" / "current")).id)
    return var


def geocoded(server: Server) -> httpx.Response:
    return server.client.post("/v1/geocode", json={"address": "piazza del Duomo 1"})


def cut_short(path: Path, size: int) -> None:
    with path.open("r+b") as file:
        file.truncate(size)


@pytest.mark.slow
@pytest.mark.parametrize("left", [0, 3 * 4096 + 100])
def test_a_mapped_file_cut_short_under_a_server_never_gives_a_wrong_answer(
    var: Path, pack: Path, tmp_path: Path, left: int
) -> None:
    """The kernel may end the process, and whoever supervises it starts it again; it comes back."""
    newest = current(var / "editions")
    (earlier,) = set(list_editions(var / "editions")) - {newest.name}
    with ExitStack() as servers:
        server = servers.enter_context(serving(var, pack, tmp_path / "server.log"))
        nearest = server.nearest(DUOMO)["results"]
        right = geocoded(server).json()["results"]
        for path in newest.glob("*.arrow"):
            cut_short(path, left)

        def has_come_back() -> bool:
            nonlocal server
            try:
                answers = geocoded(server), server.client.post("/v1/nearest", json={"where": DUOMO})
            except httpx.TransportError:
                until(lambda: not _is_alive(server))  # its sockets close a little before it ends
                server = servers.enter_context(serving(var, pack, tmp_path / "server.log"))
                return False
            # An answer is the right one, or says that it is none.
            assert answers[0].status_code == 500 or answers[0].json()["results"] == right
            assert answers[1].status_code == 500 or answers[1].json()["results"] == nearest
            return server.get("/ready")["status"] == "degraded"

        until(has_come_back)
        assert server.get("/ready")["edition"] == earlier
        assert server.nearest(DUOMO)["results"] == nearest
        assert geocoded(server).json()["results"] == right
    assert (tmp_path / "server.log").read_text().count("is not the file that was written") == 1


def test_an_edition_that_is_put_back_answers_again(var: Path, pack: Path, tmp_path: Path) -> None:
    newest = current(var / "editions")
    with serving(var, pack, tmp_path / "server.log") as server:
        path = newest / "services.parquet"
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + b"?")
        until(lambda: server.get("/ready")["status"] == "degraded")
        path.write_bytes(whole)
        until(lambda: server.get("/ready")["status"] == "ok")
        assert server.nearest(DUOMO)["edition"] == newest.name


def _is_alive(server: Server) -> bool:
    try:
        state = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_damaged_edition_without_an_earlier_one_is_refused(
    pack_var: Path, cli, tmp_path: Path
) -> None:
    shutil.copytree(pack_var / "editions", tmp_path / "var" / "editions")
    cut_short(current(tmp_path / "var" / "editions") / "addresses.arrow", 0)
    refused = cli("serve", "--port", "65001", var=tmp_path / "var")
    assert refused.returncode == 2
    assert "is not the file that was written" in " ".join(refused.stderr.split())


@pytest.mark.parametrize("pointed", ["damaged", "nowhere"])
def test_the_newest_that_opens_answers_where_the_one_before_is_gone(
    pack_var: Path, tmp_path: Path, pointed: str
) -> None:
    root = tmp_path / "editions"
    shutil.copytree(pack_var / "editions", root)
    sound = current(root).name
    damaged = f"{'2' if pointed == 'damaged' else '1'}9991231T235959Z-00000000"
    shutil.copytree(root / sound, root / damaged)
    cut_short(root / damaged / "addresses.arrow", 0)
    (root / POINTER).write_text(f"{damaged}\n" if pointed == "damaged" else "x\n")
    (root / PREVIOUS).write_text("20200101T000000Z-00000000\n")
    edition = stand_in(root)
    assert edition is not None
    assert edition.id == sound


@pytest.mark.postgis
@pytest.mark.all
def test_look_ups_go_on_while_the_database_is_away_and_reports_come_back(
    var: Path, pack: Path, tmp_path: Path
) -> None:
    program = local_postgres.server_program()
    assert program
    with local_postgres.restartable(program) as database:
        url = f"postgresql+psycopg://postgres@/postgres?host={database.folder}"
        Catalogue.open(url).close()
        with serving(var, pack, tmp_path / "log", PROSSIMA_DATABASE_URL=url) as server:
            service = server.get("/v1/services?limit=1")["results"][0]["service_id"]

            def report() -> int:
                sent = server.client.post(f"/segnala/{service}", data={"kind": "moved"})
                return sent.status_code

            assert report() == 303
            database.stop()
            away_until = time.monotonic() + 60
            statuses = []
            while time.monotonic() < away_until:
                assert server.nearest(DUOMO)["results"]
                assert server.client.get(f"/servizi/{service}").status_code == 200
                statuses.append(report())
                time.sleep(5)
            assert set(statuses) <= {503, 429}
            database.start()
            until(lambda: server.client.get("/health").is_success and report() in {303, 429})
        with Reports.open(url) as reports:
            assert len(reports.waiting()) >= 1


def clock_at(monkeypatch: pytest.MonkeyPatch, moment: datetime, *modules: object) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    for module in modules:
        monkeypatch.setattr(module, "datetime", Clock)


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(hours=-1), timedelta(days=4000)])
def test_a_clock_that_jumped_changes_neither_what_is_published_nor_what_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    from mapping.catalogue import catalogue as catalogues  # noqa: PLC0415 - its clock is turned
    from tests.mapping.drawn_batches import batch, service  # noqa: PLC0415

    root = tmp_path / "editions"
    publish(root, write(root).id)
    with Catalogue.open(f"sqlite:///{tmp_path / 'catalogue.sqlite'}") as catalogue:
        catalogue.record(batch(service("a", "Nido")))
        clock_at(monkeypatch, datetime.now(UTC) + jump, edition_writer, catalogues)
        catalogue.record(batch(service("a", "Asilo")))
        assert [one.name for one in catalogue.current()] == ["Asilo"]
    later = write(root, drawn_tables(residents=8))
    publish(root, later.id)
    assert current(root) == later.path
    assert Edition.open(root / "current").areas["residents"][0].as_py() == 8
    monkeypatch.undo()
    last = write(root, drawn_tables(residents=9))
    publish(root, last.id)
    assert current(root) == last.path


@pytest.fixture
def drawn_app(tmp_path: Path) -> FastAPI:
    """An application for a city whose only nido rests on public holidays."""
    hours = "Mo-Sa 09:00-12:00; PH off"
    drawn_city(tmp_path / "editions", [service(400, "uno", opening_hours=hours)])
    return create_app(Settings(var=tmp_path))


def is_open(app: FastAPI, when: str) -> bool | None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            lon, lat = place(300)
            body = {"where": {"lon": lon, "lat": lat}, "categories": ["nido"], "open": when}
            return await client.post("/v1/nearest", json=body)

    answer = asyncio.run(ask())
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    return results[0]["open"] if results else False


def test_a_weekday_is_counted_from_the_day_of_the_city(
    drawn_app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Just after midnight in Milano a server in UTC is a day behind."""
    sunday = datetime(2026, 4, 18, 22, 30, tzinfo=UTC)
    clock_at(monkeypatch, sunday, city_calendar)
    assert not is_open(drawn_app, "sat 10:00")  # the next is 25 April
    clock_at(monkeypatch, sunday - timedelta(days=1), city_calendar)
    assert is_open(drawn_app, "sat 10:00")


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_in_the_nights_when_clocks_change_every_hour_is_answered(
    drawn_app: FastAPI, monkeypatch: pytest.MonkeyPatch, night: str
) -> None:
    """One hour is not there, another is there twice."""
    for half_hours in range(8):
        moment = datetime.fromisoformat(f"{night}T00:00Z") + timedelta(minutes=30 * half_hours)
        clock_at(monkeypatch, moment, city_calendar)
        assert get(drawn_app, "/").status_code == 200
        assert not is_open(drawn_app, f"{night}T02:{30 * (half_hours % 2):02}")
        assert is_open(drawn_app, "mon 10:00")
