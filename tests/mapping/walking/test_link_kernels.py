"""Kernels in a library answer as numba does, and a look-up loads neither it nor LLVM."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mapping import machine_code
from mapping.walking.link_kernels import link_kernels
from tests.mapping.drawn_city import drawn_city, service

LOOK_UP = """
import json, sys
from pathlib import Path

from mapping.city import city
from mapping.edition.edition import Edition
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question

edition = Edition.open(Path(sys.argv[1]))
lookup = Lookup(edition, city(edition.manifest.city).epsg)
row = lookup.rows[0]
origin = lookup.origin(Where(lon=row.lon + 0.001, lat=row.lat))
found = [
    [(near.service.service_id, near.seconds, near.metres, near.path.tolist())
     for near in lookup.nearest(origin, Question((), profile=walker), paths=True).results]
    for walker in ("adult", "stroller", "wheelchair")
]
print(json.dumps([found, sorted({"numba", "llvmlite"} & sys.modules.keys())]))
"""


def look_up(edition: Path, cache: Path) -> list[object]:
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", LOOK_UP, str(edition)],
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    answer: list[object] = json.loads(done.stdout)
    return answer


@pytest.mark.all
def test_a_linked_look_up_loads_no_compiler_and_answers_the_same(tmp_path: Path) -> None:
    edition = drawn_city(tmp_path, [service(100, "near"), service(700, "far")]).path
    linked = tmp_path / "linked"
    subprocess.run(
        [sys.executable, "-m", "mapping.walking.link_kernels"],
        env={**os.environ, "NUMBA_CACHE_DIR": str(linked)}, check=True,
    )  # fmt: skip
    found, loaded = look_up(edition, linked)
    assert len(list(linked.glob("kernels-*.so"))) == (shutil.which("c++") is not None)
    assert loaded == ([] if shutil.which("c++") else ["llvmlite", "numba"])
    for library in linked.glob("kernels-*.so"):  # of other sources, or not to be loaded
        library.write_bytes(b"nothing")
    again, with_numba = look_up(edition, linked)
    assert with_numba == ["llvmlite", "numba"]
    assert found == again


def test_without_a_compiler_nothing_is_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert link_kernels() is None


def test_a_library_of_other_sources_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "mapping"
    shutil.copytree(machine_code.PACKAGE / "walking", package / "walking")
    shutil.copy(machine_code.PACKAGE / "machine_code.py", package)
    before = machine_code.library_paths()[-1].name
    monkeypatch.setattr(machine_code, "PACKAGE", package)
    assert machine_code.library_paths()[-1].name == before
    with (package / "walking" / "kernels.py").open("a", encoding="utf-8") as source:
        source.write("# changed\n")
    assert machine_code.library_paths()[-1].name != before
