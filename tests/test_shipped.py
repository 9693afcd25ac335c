"""What ships: locked by hashes, under licences that bind nobody, and listed whole."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("shipped", ROOT / ".ci" / "shipped.py")
shipped = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(shipped)


def test_every_package_of_the_lock_has_its_hashes():
    locked = shipped.locked()
    assert len(locked) > 150
    assert set(shipped.shipped()) <= set(locked)
    for name, entry in locked.items():
        assert re.match(r"[\w.-]+==[^\s]+", entry), name
        assert re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry), name
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_what_ships_is_what_the_product_imports_and_no_tool_of_development():
    names = set(shipped.shipped())
    assert {"fastapi", "numba", "psycopg", "prometheus-client"} <= names
    assert not names & {"pytest", "ruff", "mypy", "playwright", "pandana"}


def test_no_licence_binds_whoever_uses_the_product():
    assert shipped.refused() == []


@pytest.mark.parametrize(
    ("licence", "refused"),
    [
        ("AGPL-3.0-only", True),
        ("GPL-2.0-or-later", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("GNU Affero General Public License v3", True),
        ("LGPL-3.0-only", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False),
        ("BSD-3-Clause", False),
    ],
)
def test_a_licence_that_binds_would_be_seen(licence, refused):
    assert bool(shipped.REFUSED.search(licence)) == refused


def test_the_bill_has_what_ships_and_the_libraries_of_the_pages():
    component = {"name": "numba", "version": "1", "bom-ref": "n"}
    tool = {"name": "pytest", "version": "9", "bom-ref": "p"}
    found = {"bomFormat": "CycloneDX", "components": [component, tool]}
    depends = [{"ref": "n", "dependsOn": ["p"]}, {"ref": "p"}]
    bill = shipped.bill({**found, "dependencies": depends})
    names = [entry["name"] for entry in bill["components"]]
    assert names[0] == "numba"
    assert "maplibre-gl" in names
    assert "pytest" not in names
    assert bill["dependencies"] == [{"ref": "n", "dependsOn": []}]


@pytest.mark.all
def test_the_target_writes_the_bill():
    done = subprocess.run(  # noqa: S603
        ["make", "sbom", f"VENV={Path(sys.prefix)}"],  # noqa: S607
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = (ROOT / "build" / "sbom.json").read_text(encoding="utf-8")
    assert '"specVersion"' in text
    assert "maplibre-gl" in text
