"""An import of many drawn sources; as a program, one that is killed when it is told to."""

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count

from mapping.catalogue.batches import SourceBatch
from mapping.catalogue.catalogue import Catalogue
from tests.mapping.drawn_batches import BAD_ROW, batch, service

SOURCES = [f"source_{number}" for number in range(8)]
READINGS = ({"a": "Nido", "b": "Nido", "c": "Nido"}, {"a": "Nido", "b": "Asilo", "d": "Nido"})
"""What every source says: at the second reading one name is as it was, one changed, one is gone."""

LEAST_SECONDS = 1e-6
"""Zero would stop the timer."""


def drawn(source_id: str, names: dict[str, str]) -> SourceBatch:
    services = [service(key, name, source_id=source_id) for key, name in names.items()]
    refused = [replace(BAD_ROW, source_id=source_id, line=line) for line in (3, 4)]
    rows_in = len(services) + len(refused)
    return batch(*services, source_id=source_id, quarantined=refused, rows_in=rows_in)


def import_all(url: str, names: dict[str, str], done: Callable[[], object] = lambda: None) -> None:
    with Catalogue.open(url) as catalogue:
        done()
        for source_id in SOURCES:
            catalogue.record(drawn(source_id, names))
            done()


def _import_and_die(url: str, batches: int, pause: float) -> int:
    """Import in a process of its own that the kernel ends some time after so many batches.

    Its timer keeps its moment on a busy machine too, where a parent that waits would come late;
    nothing of ours runs when it ends, as after SIGKILL.
    """
    child = os.fork()
    if not child:
        ended, marks = 1, count(-1)

        def done() -> None:
            if next(marks) == batches:
                signal.setitimer(signal.ITIMER_REAL, max(pause, LEAST_SECONDS))

        try:
            done()
            import_all(url, READINGS[1], done)
            ended = 0
        finally:
            os._exit(ended)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    # Forks share what was imported once: fifty imports need not load the libraries fifty times.
    for order in sys.stdin:
        sys.stdout.write(f"{_import_and_die(*json.loads(order))}\n")
        sys.stdout.flush()
