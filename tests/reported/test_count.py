"""How many kinds of input are tried, and that the page of docs names every one."""

import re
from collections import Counter

from tests.reported.page import PAGE, TABLES, page

HUNDRED = 100


def test_more_than_a_hundred_kinds_are_tried() -> None:
    kinds = {(title, kind.words) for title, table in TABLES.items() for kind in table}
    assert len(kinds) >= 2 * HUNDRED


def test_no_kind_stands_twice_in_a_table() -> None:
    for table in TABLES.values():
        words = Counter(kind.words for kind in table)
        assert [word for word, times in words.items() if times > 1] == []


def test_every_kind_has_a_public_report_and_a_row_of_the_page() -> None:
    reports = [kind.report for table in TABLES.values() for kind in table]
    assert [one for one in reports if not re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", one)] == []
    assert len(set(reports)) >= HUNDRED
    assert PAGE.read_text(encoding="utf-8") == page()
