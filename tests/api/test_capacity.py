"""The measure of capacity: both ways of asking tell the same, and a failure voids it."""

from pathlib import Path

import pytest

from api.benches.capacity import capacity
from api.benches.http_load import ask
from api.benches.job import environment
from api.settings import Settings
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from tests.api.conftest import Server

BODIES = ['{"where": {"lon": 9.19, "lat": 45.4642}}', '{"where": {"lon": 9.2, "lat": 45.47}}']


@pytest.mark.parametrize("by_wrk", [True, False])
def test_a_server_is_asked_over_many_connections(pack_server: Server, *, by_wrk: bool) -> None:
    load = ask(f"{pack_server.client.base_url}/v1/nearest", BODIES, seconds=1, by_wrk=by_wrk)
    assert load.requests_per_second > 1
    assert 0 < load.median_milliseconds <= load.p99_milliseconds


@pytest.mark.parametrize("by_wrk", [True, False])
def test_refusals_are_no_capacity(pack_server: Server, *, by_wrk: bool) -> None:
    with pytest.raises(BadInputError, match="void"):
        ask(f"{pack_server.client.base_url}/nowhere", seconds=1, by_wrk=by_wrk)


@pytest.mark.all
def test_each_rate_stands_beside_what_is_wanted_of_it(pack_var: Path) -> None:
    edition = Edition.open(current(pack_var / "editions"))
    rows = capacity(edition, environment(Settings(), pack_var), seconds=1)
    assert [row["work"].partition(",")[0] for row in rows] == [
        "POST /v1/nearest", "POST /v1/nearest", "GET /", "GET /", "GET /rete", "GET /rete",
    ]  # fmt: skip
    assert {row["unit"] for row in rows} == {"1/s", "x", "ms"}
    assert all(row["ratio"] > 0 for row in rows)
