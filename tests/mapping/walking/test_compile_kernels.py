"""Kernels that are compiled at set-up are those that look-ups call: none is compiled again."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mapping.drawn_city import drawn_city, service

PROGRAM = """
import sys
from pathlib import Path

from mapping.city import city
from mapping.edition.edition import Edition
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.compiled import Kernel
from mapping.walking import kernels, nearest_walks, network, paths, snapping
from mapping.walking.compile_kernels import compile_kernels

SET_UP = "compile_kernels()"
MODULES = (kernels, nearest_walks, network, paths, snapping)


def compiled():
    parts = (part for module in MODULES for part in vars(module).values())
    return {part.__name__: len(part.dispatcher.signatures)
            for part in parts if isinstance(part, Kernel)}


exec(sys.argv[2])
before = compiled()
edition = Edition.open(Path(sys.argv[1]))
lookup = Lookup(edition, city(edition.manifest.city).epsg)
row = lookup.rows[0]
origin = lookup.origin(Where(lon=row.lon, lat=row.lat))
for profile in ("adult", "wheelchair"):
    answer = lookup.nearest(origin, Question((), profile=profile), paths=True, words=True)
    assert answer.results and answer.results[0].path is not None
    if sys.argv[2] == SET_UP:
        lookup.isochrones([origin], [5], profile)
again = {name: count for name, count in compiled().items() if count != before[name]}
assert not again, again
assert before["nearest_walks"] == 1
"""


OPENED = "from api.published import Shelf; Shelf(Path(sys.argv[1]).parent).require_open()"


@pytest.mark.parametrize("before", ["compile_kernels()", OPENED], ids=["set up", "ready"])
def test_a_look_up_finds_its_kernels_compiled(tmp_path: Path, before: str) -> None:
    """After set-up, and in a server that was not set up as soon as it says that it is ready."""
    edition = drawn_city(tmp_path, [service(100, "near"), service(700, "far")])
    subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PROGRAM, str(edition.path), before], check=True
    )
