"""Machine code of an earlier version of the program is made again, never fatal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KERNEL = """
from typing import NamedTuple
from mapping.compiled import compiled

class {name}(NamedTuple):
    metres: float

@compiled
def doubled(length):
    return 2 * length.metres

print(doubled({name}(21.0)))
"""

KEPT = """
import sys
import numpy as np
from mapping.compiled import compiled

@compiled
def doubled(lengths):
    return 2 * np.cumsum(lengths)

@compiled
def highest(lengths):
    return doubled(lengths).max()

if __name__ == "__main__":
    lengths = np.array([1.0, 2.0])
    print(doubled(lengths).tolist())
    print([name for name in ("numba.cpython.cmathimpl", "scipy.linalg") if name in sys.modules])
    print(highest(lengths) if "highest" in sys.argv else "")
"""


def test_machine_code_that_is_kept_is_loaded_without_the_compiler(tmp_path: Path) -> None:
    kernel = tmp_path / "kept.py"
    kernel.write_text(KEPT, encoding="utf-8")
    variables = {**os.environ, "PYTHONPATH": f"{ROOT}", "NUMBA_CACHE_DIR": f"{tmp_path / 'code'}"}

    def run(*words: str) -> list[str]:
        command = [sys.executable, str(kernel), *words]
        done = subprocess.run(  # noqa: S603 - our own interpreter
            command, env=variables, capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()

    assert run()[0] == "[2.0, 6.0]"
    assert run() == ["[2.0, 6.0]", "[]", ""]
    # What was loaded so is compiled into what is not kept yet, and the other way round.
    assert run("highest") == ["[2.0, 6.0]", "[]", "6.0"]
    assert run("highest") == ["[2.0, 6.0]", "[]", "6.0"]


@pytest.mark.slow
def test_a_type_that_was_renamed_is_compiled_again(tmp_path: Path) -> None:
    kernel = tmp_path / "kernel.py"
    variables = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{tmp_path}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": f"{tmp_path / 'code'}",
    }
    moment = 1_700_000_000
    for name in ("Length", "Stride"):
        kernel.write_text(KERNEL.format(name=name), encoding="utf-8")
        os.utime(kernel, (moment, moment))  # the cache tells sources apart by their time and size
        done = subprocess.run(
            [sys.executable, "-c", "import kernel"],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "42.0\n"), done.stderr
