"""What must survive a kill, done in a process that the kernel ends at a moment it is told."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from api.jobs import backup, sealed_file
from api.settings import Settings
from mapping.catalogue.reports import Reports
from mapping.catalogue.transfer import transfer
from mapping.edition.edition import Edition, publish
from mapping.edition.store import EditionStore
from tests.mapping.catalogue.importing import READINGS, import_all
from tests.mapping.edition.test_edition import drawn_tables, write

PASSPHRASE = "quattordici rane verdi"  # noqa: S105 - of a backup of the tests
REPORTS = 12
SCRYPT_COST = 2**4
"""Cheap: a key of a real backup takes a second to make."""
LEAST_SECONDS = 1e-6
"""Zero would stop the timer."""


def url_in(folder: Path, name: str = "catalogue") -> str:
    return f"sqlite:///{folder / name}.sqlite"


def publish_another(folder: Path, _done: Callable[[], None]) -> None:
    root = folder / "editions"
    publish(root, write(root, drawn_tables(residents=8)).id)


def share_another(folder: Path, _done: Callable[[], None]) -> None:
    store = EditionStore.open(str(folder / "store"))
    (newest,) = (folder / "newest").glob("2*")
    store.publish(Edition.open(newest), store.pointer())


def import_again(folder: Path, _done: Callable[[], None]) -> None:
    import_all(url_in(folder), READINGS[1])


def migrate(folder: Path, _done: Callable[[], None]) -> None:
    transfer(url_in(folder), url_in(folder, "moved"))


def save(folder: Path, _done: Callable[[], None]) -> None:
    sealed_file.SCRYPT_COST = SCRYPT_COST
    backup.write_backup(Settings(var=folder, database_url=""), folder / "backup", PASSPHRASE)


def report(folder: Path, done: Callable[[], None]) -> None:
    with Reports.open(url_in(folder)) as reports:
        for number in range(REPORTS):
            reports.add(f"service {number}", "moved")
            done()


WORKS = {
    "publish": publish_another,
    "share": share_another,
    "import": import_again,
    "migrate": migrate,
    "backup": save,
    "report": report,
}


def do_and_die(name: str, folder: Path, pause: float | None) -> tuple[int, int, float]:
    """Give how it ended, how much of it was told as done, and how long it took."""
    reading, writing = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if not child:
        ended = 1
        try:
            if pause is not None:
                signal.setitimer(signal.ITIMER_REAL, max(pause, LEAST_SECONDS))
            WORKS[name](folder, lambda: os.write(writing, b"."))
            ended = 0
        finally:
            os._exit(ended)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        done = len(told.read())
    return os.waitpid(child, 0)[1], done, time.monotonic() - started


if __name__ == "__main__":
    # Forks share what was imported once.
    for order in sys.stdin:
        name, folder, pause = json.loads(order)
        sys.stdout.write(json.dumps(do_and_die(name, Path(folder), pause)) + "\n")
        sys.stdout.flush()
