"""The catalogue's PostgreSQL, made, archived and brought back to a moment by what is shipped."""

import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import Reports
from tests.conftest import POSTGRES

ROOT = Path(__file__).parents[1]
OWNER = "postgres" if os.geteuid() == 0 else None
PATIENCE_SECONDS = 60
pytestmark = [pytest.mark.postgis, pytest.mark.all]


class Site:
    """A folder with a server of ours, which is nobody's but its owner's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str | Path, check: bool = True) -> str:
        paths = {"PATH": f"{POSTGRES.parent}:{os.environ['PATH']}"}
        done = subprocess.run(  # noqa: S603
            [*map(str, words)], cwd=self.folder, user=OWNER, env=paths,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout.strip()

    def ask(self, statement: str, database: str = "prossima", *, check: bool = True) -> str:
        ours = ["--host", self.folder, "--dbname", database, "--tuples-only", "--no-align"]
        return self.run("psql", *ours, "--command", statement, check=check)

    def report(self, *texts: str) -> list[str]:
        """Add reports to the catalogue, and give what all say that wait."""
        url = f"postgresql+psycopg://{OWNER or getpass.getuser()}@/prossima?host={self.folder}"
        Catalogue.open(url).close()
        with Reports.open(url) as reports:
            for text in texts:
                reports.add("drawn:a", "moved", text)
            return [report.said for report in reports.waiting()]

    def trust(self, data: Path) -> None:
        """Let this process in, which is another user than the server."""
        (data / "pg_hba.conf").write_text("local all all trust\nlocal replication all trust\n")
        self.ask("SELECT pg_reload_conf()")

    @contextmanager
    def running(self, data: Path) -> Iterator[None]:
        own = {"DATA": data, "SOCKET": self.folder, "ARCHIVE": "archive"}
        with (self.folder / "log").open("ab") as log:
            server = subprocess.Popen(  # noqa: S603 - our own script
                [ROOT / "deploy" / "database.sh"],
                cwd=self.folder, user=OWNER, stdout=log, stderr=log,
                env={"PATH": os.environ["PATH"], **{name: str(path) for name, path in own.items()}},
            )  # fmt: skip
        try:
            self._wait(server)
            yield
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE_SECONDS)

    def _wait(self, server: subprocess.Popen) -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        ready = "SELECT 1 FROM pg_extension WHERE extname = 'postgis' AND NOT pg_is_in_recovery()"
        while self.ask(ready, check=False) != "1" or server.poll() is not None:
            assert time.monotonic() < give_up, (self.folder / "log").read_text()
            time.sleep(0.2)


@pytest.fixture
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="pitr-"))  # short: a socket's path has 107 bytes
    if OWNER:
        shutil.chown(folder, OWNER)
    yield Site(folder)
    shutil.rmtree(folder)


def test_a_database_that_was_half_made_is_made_again(site: Site) -> None:
    data = site.folder / "data"
    too_long = site.folder / ("s" * 60) / ("s" * 60)
    own = [f"DATA={data}", f"SOCKET={too_long}", f"ARCHIVE={site.folder / 'archive'}"]
    site.run("env", *own, ROOT / "deploy" / "database.sh", check=False)
    assert not data.exists()
    with site.running(data):
        assert site.ask("SELECT 1") == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
def test_root_is_told_as_whom_to_run_it(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own script
        [ROOT / "deploy" / "database.sh"], env={"PATH": os.environ["PATH"], "DATA": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "runuser --user postgres" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_catalogue_goes_back_before_a_mistake(site: Site) -> None:
    base, archive = site.folder / "base", site.folder / "archive"
    with site.running(site.folder / "data"):
        site.run("pg_isready", "--host", site.folder)
        site.trust(site.folder / "data")
        assert site.report("prima") == ["prima"]
        site.run("pg_basebackup", "--host", site.folder, "--pgdata", base, "--checkpoint", "fast")
        assert site.report("dopo") == ["prima", "dopo"]
        moment = site.ask("SELECT now()")
        time.sleep(1)
        site.ask("DROP TABLE report CASCADE")
        switched = site.ask("SELECT pg_walfile_name(pg_switch_wal())")
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not (archive / switched).exists():
            assert time.monotonic() < give_up
            time.sleep(0.2)
    recovered = site.folder / "recovered"
    # The words of the runbook, in the folder that holds them.
    site.run(ROOT / "deploy" / "recover.sh", "base", "archive", "recovered", moment)
    with site.running(Path("recovered")):
        assert site.report() == ["prima", "dopo"]
        assert site.report("ancora") == ["prima", "dopo", "ancora"]
    refused = site.run(
        ROOT / "deploy" / "recover.sh", base, archive, recovered, moment, check=False
    )
    assert refused == ""
    assert (recovered / "PG_VERSION").exists()
