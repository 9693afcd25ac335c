"""Short commands import little: what a list does not need would make it start slowly."""

import json
import subprocess
import sys

import pytest

HEAVY = (
    "numba",
    "pyarrow.compute",
    "scipy.linalg",
    "scipy.sparse",
    "pandas",
    "geopandas",
    "sqlalchemy",
    "folium",
    "fastapi",
)
PROGRAM = "import importlib, json, sys; importlib.import_module(sys.argv[1]); "
PROGRAM += "print(json.dumps(sorted(sys.modules)))"


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ("api.cli.main", ()),
        ("api.cli.sources", ()),
        ("api.cli.editions", ("pyarrow.compute",)),
        ("api.cli.nearest", ()),
    ],
)
def test_a_short_command_imports_only_what_it_needs(command: str, needed: tuple[str, ...]) -> None:
    run = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", PROGRAM, command], check=True, capture_output=True, text=True
    )
    assert {*HEAVY} & {*json.loads(run.stdout)} == {*needed}
