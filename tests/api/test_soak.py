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
def test_a_short_soak_answers_every_look_up_and_loses_no_report(
    milano_var: Path, pack: Path
) -> None:
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
    # Half a minute says nothing of memory, which `make soak` judges.
    assert done.returncode in {0, 1}, done.stderr
    assert "are lost" not in done.stdout, done.stdout
    assert "was published" not in done.stdout, done.stdout
    failed = next(line for line in done.stdout.splitlines() if line.startswith("errors"))
    assert "look-up" not in failed
    assert "report" not in failed
    assert "editions swapped" in done.stdout
