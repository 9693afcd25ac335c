"""Each threat of docs/security.md names the test that shows what stops it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)


def test_every_threat_has_what_stops_it():
    for threat in PAGE.split("\n## ")[1:]:
        rows = [line for line in threat.splitlines() if line.startswith("| ")][1:]
        assert len(rows) >= 3, threat.partition("\n")[0]
        assert all("`tests/" in row for row in rows)


def test_every_named_test_is_there():
    assert len(NAMED) > 30
    for path, test in NAMED:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert test in names or (not test and any(name.startswith("test_") for name in names)), (
            f"{path}::{test}"
        )
