"""A temporary PostgreSQL server behind a private socket."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: path.parts[4])
# Nothing of it survives the machine: what a killed process loses does not depend on fsync.
OPTIONS = ("-F", "-c", "listen_addresses=", "-c", "max_connections=40")
PATIENCE_SECONDS = 30


def server_program(extension: str = "postgis") -> Path | None:
    """Find a server that has an extension, or None; Debian keeps it out of the PATH."""
    if DEBIAN:
        version = DEBIAN[-1].parts[4]
        is_installed = Path(
            f"/usr/share/postgresql/{version}/extension/{extension}.control"
        ).exists()
        return DEBIAN[-1] if is_installed else None
    program = shutil.which("postgres")
    return Path(program) if program else None


def has_pgrouting() -> bool:
    """Whether a server with pgRouting is installed, and the driver to ask it."""
    return server_program("pgrouting") is not None and find_spec("psycopg") is not None


@contextmanager
def running(program: Path) -> Iterator[Path]:
    """Run a server in the block; it refuses to be root, so it is another user then.

    Gives the folder of its socket, where the user is `postgres`; raises RuntimeError with what
    it said when it does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="prossima-"))  # short: a socket's path has 107 bytes
    owner = "postgres" if os.geteuid() == 0 else None
    if owner:
        shutil.chown(folder, owner)
    data = folder / "data"
    options = ["-N", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
    make: list[str | Path] = [program.with_name("initdb"), "-D", data, *options]
    subprocess.run(make, cwd=folder, user=owner, check=True, capture_output=True)  # noqa: S603 - the server's own
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - found by `server_program`
            [program, "-D", data, "-k", folder, *OPTIONS],
            cwd=folder,
            user=owner,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(folder, server)
        yield folder
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=PATIENCE_SECONDS)
        shutil.rmtree(folder)


def _wait(folder: Path, server: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    # The last line of this file is `ready` once connections are taken.
    status = folder / "data" / "postmaster.pid"
    while not (status.exists() and status.read_text().rstrip().endswith("ready")):
        if server.poll() is not None or time.monotonic() > limit:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.05)
