"""The soak, in half a minute: a server under load while editions and the database change."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.all
@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.postgis
def test_a_short_soak_has_no_errors_and_flat_memory(milano_var: Path, pack: Path) -> None:
    settings = {"VAR": str(milano_var), "DATA": str(pack), "MIRROR": "", "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "api.benches.soak"],
        cwd=ROOT,
        env={
            **os.environ,
            **{f"PROSSIMA_{name}": value for name, value in settings.items()},
            "SOAK_SECONDS": "25",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "errors     0" in done.stdout
    assert "4 editions swapped" in done.stdout or "3 editions swapped" in done.stdout
