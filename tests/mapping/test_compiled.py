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
