"""Origins asked for by several threads at once: a fault of a library there ends the process."""

import subprocess
import sys
from pathlib import Path

import pytest

from mapping.edition.edition import current

ASK_TOGETHER = """
import sys
import threading
from pathlib import Path

from mapping.edition.edition import Edition
from mapping.lookup.origin import CityPlaces, Where

edition = Edition.open(Path(sys.argv[1]))
for _ in range(400):
    places, at_once = CityPlaces(edition, 32632), threading.Barrier(4)

    def ask(thread: int) -> None:
        at_once.wait()
        for step in range(20):
            places.origin(Where(lon=9.13 + 0.006 * step, lat=45.43 + 0.02 * thread))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


@pytest.mark.shared
def test_threads_that_ask_at_once_do_not_end_the_process(milano_var: Path) -> None:
    command = [sys.executable, "-c", ASK_TOGETHER, str(current(milano_var / "editions"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    assert done.returncode == 0, done.stderr
