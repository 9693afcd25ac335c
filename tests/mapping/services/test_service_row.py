"""A row of the services table as a typed value: its columns, and what readers ask of it."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from mapping import tables
from mapping.services import service_row
from mapping.services.service_row import ServiceRow, service_rows
from tests.mapping import drawn_tables as drawn

ROOT = Path(service_row.__file__).parents[2]
PREDICATES = ("status", "precision")


def test_a_row_has_the_columns_of_the_table_in_their_order() -> None:
    assert [field.name for field in fields(ServiceRow)] == tables.SERVICES.names


def test_rows_are_read_in_the_order_of_the_table_with_lists_as_tuples() -> None:
    table = drawn.services(drawn.service(name="B", languages=["ar"]), drawn.service(name="A"))
    first, second = service_rows(table)
    assert (first.name, first.languages, first.categories) == ("B", ("ar",), ("farmacia",))
    assert (second.name, second.languages, second.same_as) == ("A", None, ())


def test_a_column_that_an_older_edition_lacks_is_not_known() -> None:
    table = drawn.services(drawn.service()).drop_columns(["translations", "quality_lacks"])
    (row,) = service_rows(table)
    assert (row.translations, row.quality_lacks) == (None, ())


@pytest.mark.parametrize("status", ["active", "unsure", "defunct"])
@pytest.mark.parametrize("stale", [False, True])
def test_all_are_listed_but_the_ended_and_verified_are_the_active_and_fresh(status, stale):
    row = drawn.service_row(status=status, stale=stale)
    assert row.is_listed is (status != "defunct")
    assert row.is_verified is (status == "active" and not stale)


@pytest.mark.parametrize("precision", tables.PRECISIONS)
def test_one_walks_only_where_the_place_is_known(precision: str) -> None:
    assert drawn.service_row(precision=precision).is_routed is (precision in tables.ROUTED)


def test_a_service_answers_to_its_id_and_to_those_merged_into_it() -> None:
    row = drawn.service_row(same_as=["altra:9"])
    assert [row.is_named(name) for name in ("prova:1", "altra:9", "prova:2")] == [True, True, False]


def test_readers_of_editions_ask_the_row_and_do_not_compare_its_status_again() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in ("mapping/lookup", "mapping/edition", "api")
        for path in sorted((ROOT / package).rglob("*.py"))
        if "benches" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare)
        and any(f"row.{name}" in ast.unparse(node.left) for name in PREDICATES)
        and ast.unparse(node.comparators[0]) in {"'defunct'", "'active'", "ROUTED"}
    ]
    assert found == []
