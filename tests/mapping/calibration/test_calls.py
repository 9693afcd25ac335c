"""Which services are drawn to be called: as many of each stratum, the same each time."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.calibration.calls import Stratum, even_shares, plan_calls, stratum_of
from mapping.coverage.confidence.survival import families
from mapping.disclosure import confidential_categories
from mapping.model import Provenance
from mapping.services.service_row import ServiceRow
from tests.mapping.calibration.drawn_grid import grid_city, service

TODAY = date(2026, 3, 2)
FEW, MANY = 5, 30


@pytest.fixture(scope="module")
def edition(tmp_path_factory):
    regulated = [
        service(
            f"farmacia{n}",
            "farmacia",
            (n * 10, 0),
            phone=f"02 1234{n:04}" if n else None,
            provenance=Provenance(source_id="prova", assured_date="2026-01-10", confidence="high"),
        )
        for n in range(MANY)
    ]
    municipal = [service(f"nido{n}", "nido", (n * 10, 300)) for n in range(FEW)]
    project = [service(f"wemi{n}", "wemi", (n * 10, 600), phone="02 555555") for n in range(3)]
    hidden = [service(f"rifugio{n}", confidential_categories()[0], phone="1522") for n in range(3)]
    services = [*regulated, *municipal, *project, *hidden]
    return grid_city(tmp_path_factory.mktemp("calls"), services)


@given(st.lists(st.integers(0, 40), max_size=9), st.integers(0, 90))
def test_shares_are_even_but_where_there_are_few(known: list[int], count: int):
    shares = even_shares(known, count)
    assert sum(shares) == min(count, sum(known))
    assert all(share <= size for share, size in zip(shares, known, strict=True))
    open_ended = [share for share, size in zip(shares, known, strict=True) if share < size]
    assert not open_ended or max(shares) - min(open_ended) <= 1


def test_each_stratum_gives_as_many_and_small_ones_all_they_have(edition):
    plan = plan_calls(edition, seed=1, count=20)
    by_family = Counter(call.stratum.family for call in plan.calls)
    assert by_family == {"regulated": 14, "municipal": FEW, "project": 1}
    assert [plan.known[stratum] for stratum in plan.known if stratum.family == "project"] == [
        0, 0, 1,  # three share a phone
    ]  # fmt: skip
    assert set(plan.known) == {
        Stratum(family, word)
        for family in families()
        for word in ("surely_there", "likely_there", "unknown")
    }
    assert [call.code for call in plan.calls] == [f"T{n:02}" for n in range(1, 21)]


def test_the_same_seed_draws_the_same_and_another_draws_others(edition):
    ids = [
        [call.service.service_id for call in plan_calls(edition, seed=seed, count=20).calls]
        for seed in (1, 1, 2)
    ]
    assert ids[0] == ids[1] != ids[2]


def test_no_confidential_service_is_ever_drawn(edition):
    plan = plan_calls(edition, seed=3, count=1000)
    assert len(plan.calls) == MANY + FEW + 1
    hidden = set(confidential_categories())
    assert all(hidden.isdisjoint(call.service.categories) for call in plan.calls)


def row(code: str, **said: object) -> ServiceRow:
    plain = {"category": code, "status": "active", "confidence": "high", "assured_date": None}
    return ServiceRow.from_row({**plain, **said})


@pytest.mark.parametrize(
    ("code", "said", "word"),
    [
        ("farmacia", {"assured_date": "2026-03-01"}, "surely_there"),
        ("farmacia", {"assured_date": "2025-03-01"}, "likely_there"),
        ("farmacia", {"assured_date": "1990"}, "unknown"),
        ("farmacia", {}, "unknown"),
        ("scuola_infanzia", {"assured_date": "2026-03-01", "ownership": "not_state"}, "unknown"),
        ("farmacia", {"assured_date": "2026-03-01", "status": "unsure"}, "unknown"),
        ("nido", {"assured_date": "2026-03-01"}, "unknown"),  # nobody measured how long they last
    ],
)
def test_the_word_of_a_record_is_that_of_its_age_and_family(code, said, word):
    assert stratum_of(row(code, **said), TODAY).word == word
