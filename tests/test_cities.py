"""No city in the code: whatever is particular to one stands in its configuration."""

import re
from pathlib import Path

import pytest

from mapping.city import cities, city

ROOT = Path(__file__).parents[1]
KINDS = {".py", ".html", ".js", ".mjs", ".css", ".sql"}
CODE = [
    path
    for folder in ("mapping", "ingest", "api")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in KINDS and "vendor" not in path.parts
]
DEFAULT = "api/settings.py"
"""The one place that may name a city: the default of PROSSIMA_CITY."""


def test_no_file_of_code_names_a_city():
    names = {word for name in cities() for word in (name, city(name).name, city(name).istat)}
    pattern = re.compile("|".join(map(re.escape, sorted(names))), re.IGNORECASE)
    found = [
        (str(path.relative_to(ROOT)), line.strip())
        for path in CODE
        for line in path.read_text(encoding="utf-8").splitlines()
        if pattern.search(line)
    ]
    assert len(CODE) > 50
    assert found == [(DEFAULT, f'city: str = "{cities()[1]}"')]


@pytest.mark.parametrize("name", cities())
def test_without_a_mirror_a_city_says_in_one_line_what_is_missing(cli, tmp_path, name):
    done = cli("build", "--city", name, "--offline", var=tmp_path / "var")
    if name == "milano":  # the pack has points for it
        assert done.returncode == 0
        return
    assert done.returncode == 2
    (line,) = [said for said in done.stderr.splitlines() if said.startswith("prossima: ")]
    assert city(name).name in line
    assert "--mirror" in line
    assert "Traceback" not in done.stderr
