from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.edition.losses import Holdings, lost_holdings, not_compared

FULL_TABLES = {"stops.parquet": 100, "premises.parquet": 10, "greyzones.parquet": 50}
FULL = Holdings(
    streets=True,
    addresses=1000,
    levels=frozenset({"municipality", "nil"}),
    services=100,
    by_category=Counter(nido=60, consultorio=40),
    street_kilometres=1000,
    people={"residents": 1000, "children_0_2": 100},
    table_rows=FULL_TABLES,
    source_rows={"census": 100, "stops": 100},
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"streets": False}, "the streets"),
        ({"addresses": 900}, "addresses, 1,000 before and 900 now"),
        ({"levels": frozenset({"municipality"})}, "the areas of level nil"),
        ({"services": 90}, "services, 100 before and 90 now"),
        ({"by_category": Counter(nido=60, consultorio=32)}, "consultorio, 40 before and 32 now"),
        ({"by_category": Counter(nido=60)}, "consultorio, 40 before and 0 now"),
        ({"street_kilometres": 900}, "kilometres of streets, 1,000 before and 900 now"),
        ({"people": {"residents": 1000}}, "children_0_2, 100 before and 0 now"),
        (
            {"table_rows": FULL_TABLES | {"stops.parquet": 80}},
            "rows of stops.parquet, 100 before and 80 now",
        ),
        (
            {"table_rows": {"premises.parquet": 10, "greyzones.parquet": 50}},
            "the table stops.parquet",
        ),
        ({"source_rows": {"stops": 100}}, "rows of source census, 100 before and 0 now"),
    ],
)
def test_a_loss_is_named(change: dict, said: str) -> None:
    (loss,) = lost_holdings(FULL, replace(FULL, **change))
    assert loss.startswith(said)


@pytest.mark.parametrize(
    "change",
    [
        {"addresses": 901},
        {"services": 91},
        {"by_category": Counter(nido=60, consultorio=33)},
        {"levels": frozenset({"municipality", "nil", "section"})},
        {"table_rows": FULL_TABLES | {"greyzones.parquet": 5}},
        {"source_rows": {"census": 81, "stops": 100, "streets": 5}},
    ],
)
def test_a_small_change_is_none(change: dict) -> None:
    assert lost_holdings(FULL, replace(FULL, **change)) == []


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("struttura per età 2011", "nascite e minori dell'anagrafe 2011-2024", False),
        ("nascite e minori dell'anagrafe 2011-2024", "struttura per età 2011", False),
        ("anagrafe 2011-2024", "anagrafe 2011-2025", True),  # another year is no other way
        ("anagrafe 2011-2024", None, True),
        (None, "anagrafe 2011-2024", True),
    ],
)
def test_children_that_are_estimated_otherwise_are_not_compared(before, after, lost) -> None:
    had = replace(FULL, children_basis=before)
    has = replace(FULL, children_basis=after, people={"residents": 1000, "children_0_2": 77})
    assert bool(lost_holdings(had, has)) == lost
    assert (not_compared(had, has) is None) == lost
    fewer = replace(has, people={"residents": 800, "children_0_2": 77})
    assert any("residents" in loss for loss in lost_holdings(had, fewer))


@given(st.integers(0, 50), st.integers(0, 50))
def test_what_grows_is_never_a_loss(services: int, addresses: int) -> None:
    more = replace(FULL, services=100 + services, addresses=1000 + addresses)
    assert lost_holdings(FULL, more) == []
