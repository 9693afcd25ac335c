"""What may be disclosed is decided in one module, and nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mapping import disclosure
from mapping.taxonomy import categories

ROOT = Path(disclosure.__file__).parents[1]
HOME = ROOT / "mapping" / "disclosure.py"
OWNERS = (HOME, ROOT / "mapping" / "taxonomy.py")


def _modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in ("mapping", "ingest", "api"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _asks_confidential(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == "confidential" for node in ast.walk(tree)
    )


def _rounds_to_five(node: ast.AST) -> bool:
    """Whether a node multiplies what was divided and rounded: `5 * round(people / 5)`."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return False
    return any(
        isinstance(side, ast.Call)
        and getattr(side.func, "id", getattr(side.func, "attr", "")) == "round"
        and any(isinstance(part, ast.BinOp) for part in side.args)
        and ast.unparse(other) in {"5", "ROUND_TO", "ROUNDED"}
        for side, other in ((node.left, node.right), (node.right, node.left))
    )


def test_only_the_taxonomy_and_disclosure_ask_which_categories_are_confidential() -> None:
    assert [path for path, tree in _modules() if _asks_confidential(tree)] == sorted(OWNERS)


def test_people_are_rounded_to_five_in_one_module() -> None:
    rounding = {
        path for path, tree in _modules() if any(_rounds_to_five(node) for node in ast.walk(tree))
    }
    assert rounding == {HOME}


def test_the_check_sees_a_rule_that_is_written_again() -> None:
    assert _asks_confidential(ast.parse("[c for c in codes if not c.confidential]"))
    (expression,) = ast.parse("5 * round(people / 5)").body
    assert any(_rounds_to_five(node) for node in ast.walk(expression))


def test_each_rule_has_one_name() -> None:
    rules = {name for name in vars(disclosure) if name.startswith(("publishes_", "rounded"))}
    assert {"publishes_people", "rounded"} <= rules
    rules |= {"public_categories", "confidential_categories", "any_confidential"}
    defined = [
        node.name
        for _, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in rules
    ]
    assert sorted(defined) == sorted(rules)


def test_a_category_is_either_published_or_confidential() -> None:
    public, hidden = disclosure.published_categories(), disclosure.confidential_categories()
    assert sorted([*public, *hidden]) == sorted(categories())
    assert hidden
    assert not disclosure.any_confidential(public)
    assert all(disclosure.any_confidential([public[0], code]) for code in hidden)
    assert set(disclosure.published_labels()) == set(public)


def test_people_are_rounded_to_five_and_unknown_people_stay_unknown() -> None:
    assert disclosure.least_sum([10, 15]) == 20  # 8 and 13
    found = disclosure.rounded([0, 2.4, 2.6, 7.5, np.nan])
    assert found[:4].tolist() == [0, 0, 5, 10]
    assert np.isnan(found[4])


@pytest.mark.parametrize("people", [0, 2.5, 2.6, 7.5, 12.5, 999])
def test_one_number_is_rounded_as_an_array_is(people: float) -> None:
    assert disclosure.rounded_count(people) == disclosure.rounded(people)


def test_of_a_section_people_are_not_told() -> None:
    levels = ("municipality", "municipio", "nil", "section")
    assert [disclosure.publishes_people(level) for level in levels] == [True, True, True, False]
    assert not disclosure.publishes_zone_people(1)
    assert disclosure.publishes_zone_people(2)
    assert not disclosure.publishes_curve(2)
