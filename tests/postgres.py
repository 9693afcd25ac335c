"""A PostgreSQL server of the tests' own, in a temporary folder, behind a private socket."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg

from mapping.catalogue import Catalogue

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: path.parts[4])
# Nothing of a test survives the machine: what a killed process loses does not depend on fsync.
OPTIONS = ("-F", "-c", "listen_addresses=", "-c", "max_connections=40")
PATIENCE_SECONDS = 30

NewStore = Callable[[], AbstractContextManager[str]]
"""Gives the URL of an empty catalogue, until the end of the block."""


def server_program() -> Path | None:
    """Find the server that comes with PostGIS; Debian keeps it out of the PATH."""
    if DEBIAN:
        version = DEBIAN[-1].parts[4]
        known = Path(f"/usr/share/postgresql/{version}/extension/postgis.control").exists()
        return DEBIAN[-1] if known else None
    found = shutil.which("postgres")
    return Path(found) if found else None


class Postgres:
    """A running server; every database it gives is new, and is dropped after use."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._numbers = itertools.count(1)

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.socket}"

    @contextmanager
    def database(self, template: str = "catalogue") -> Iterator[str]:
        """Give the URL of a copy of a database: an empty catalogue, or template0 for a bare one."""
        name = f"drawn_{next(self._numbers)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.say(f"DROP DATABASE {name} WITH (FORCE)")

    def say(self, statement: str, database: str = "postgres") -> None:
        with self._connect(database) as connection:
            connection.execute(statement)

    def ask(self, question: str, database: str = "postgres") -> list[tuple]:
        with self._connect(database) as connection:
            return connection.execute(question).fetchall()

    def _connect(self, database: str) -> psycopg.Connection:
        told = f"host={self.socket} user=postgres dbname={database}"
        return psycopg.connect(told, autocommit=True)


@contextmanager
def running(program: Path) -> Iterator[Postgres]:
    """Run a server until the end of the block; it refuses to be root, so it is somebody else."""
    folder = Path(tempfile.mkdtemp(prefix="prossima-"))  # short: a socket's path has 107 bytes
    owner = "postgres" if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner)
    data = folder / "data"
    make = [program.with_name("initdb"), "-D", data, "-N", "-A", "trust", "-U", "postgres"]
    make += ["-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run(make, cwd=folder, user=owner, check=True, capture_output=True)  # noqa: S603
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603
            [program, "-D", data, "-k", folder, *OPTIONS],
            cwd=folder,
            user=owner,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield _ready(Postgres(folder), server, folder / "log")
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=PATIENCE_SECONDS)
        shutil.rmtree(folder)


def _ready(postgres: Postgres, server: subprocess.Popen[bytes], log: Path) -> Postgres:
    limit = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            postgres.say("CREATE DATABASE catalogue TEMPLATE template0")
            break
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(log.read_text()) from None
            time.sleep(0.05)
    Catalogue.open(postgres.url("catalogue")).close()
    return postgres
