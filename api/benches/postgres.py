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


class LocalServer:
    """A server's data in a folder of their own, which is also that of its socket."""

    def __init__(self, program: Path) -> None:
        self._program = program
        # Short: a socket's path has 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="prossima-"))
        # It refuses to be root, so it is another user then.
        self._owner = "postgres" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        if self._owner:
            shutil.chown(self.folder, self._owner)
        options = ["-N", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
        make: list[str | Path] = [program.with_name("initdb"), "-D", self.folder / "data", *options]
        subprocess.run(make, cwd=self.folder, user=self._owner, check=True, capture_output=True)  # noqa: S603 - the server's own

    def start(self) -> None:
        """Start the server, and wait until it takes connections; raises RuntimeError if not."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - found by `server_program`
                [self._program, "-D", self.folder / "data", "-k", self.folder, *OPTIONS],
                cwd=self.folder,
                user=self._owner,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        _wait(self.folder, self._process)

    def stop(self) -> None:
        """End the server at once, as a crash would; what was committed comes back."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=PATIENCE_SECONDS)
            self._process = None

    def remove(self) -> None:
        """Stop the server, and remove its data."""
        self.stop()
        shutil.rmtree(self.folder)


@contextmanager
def running(program: Path) -> Iterator[Path]:
    """Run a server in the block.

    Gives the folder of its socket, where the user is `postgres`; raises RuntimeError with what
    it said when it does not start.
    """
    with restartable(program) as server:
        yield server.folder


@contextmanager
def restartable(program: Path) -> Iterator[LocalServer]:
    """Run a server in the block that can be stopped and started again."""
    server = LocalServer(program)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _wait(folder: Path, server: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + PATIENCE_SECONDS
    # The last line of this file is `ready` once connections are taken.
    status = folder / "data" / "postmaster.pid"
    while not (status.exists() and status.read_text().rstrip().endswith("ready")):
        if server.poll() is not None or time.monotonic() > limit:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.05)
