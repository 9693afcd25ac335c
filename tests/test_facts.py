"""What the facts of the pack and of the mirror say, as a family would find it."""

from collections import Counter
from pathlib import Path

import pyarrow.compute as pc
import pytest

from mapping.city import city
from mapping.edition.edition import Edition, current
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.tables import ROUTED

MOVED, LEFT = "schede_qubi:F008", "schede_qubi:F009"
CLOSED_NIDI = {f"schede_qubi:F{number:03}" for number in range(88, 95)}


@pytest.fixture(scope="module")
def pack_edition(pack_var: Path) -> Edition:
    return Edition.open(current(pack_var / "editions"))


@pytest.fixture(scope="module")
def milano(milano_var: Path) -> Edition:
    return Edition.open(current(milano_var / "editions"))


def facts(edition: Edition) -> dict[str, dict]:
    return {row["service_id"]: row for row in edition.services.to_pylist()}


def offered(edition: Edition, row: dict, category: str) -> set[str]:
    """Every service of a category that a look-up from a row's own place gives, listed or routed."""
    lookup = Lookup(edition, city(edition.manifest.city).epsg)
    origin = lookup.origin(Where(lon=row["lon"], lat=row["lat"]))
    answer = lookup.nearest(origin, Question((category,), count=100, max_minutes=1440))
    return {found.service.service_id for found in answer.results} | {
        listed.service.service_id for listed in answer.unplaced
    }


def test_the_consultorio_that_moved_is_where_it_moved_to(pack_edition: Edition) -> None:
    held = facts(pack_edition)
    moved, left = held[MOVED], held[LEFT]
    assert moved["address"] == "viale Zara, 81"
    assert "De Benedetti" in moved["note"]
    assert moved["status"] == "unsure"
    assert "De Benedetti, 1" in left["address"]
    assert left["status"] == "defunct"
    near = offered(pack_edition, moved, "consultorio")
    assert MOVED in near
    assert LEFT not in near


def test_closed_nidi_are_kept_and_never_offered(pack_edition: Edition) -> None:
    held = facts(pack_edition)
    assert {held[one]["status"] for one in CLOSED_NIDI} == {"defunct"}
    assert all("CHIUSO" in held[one]["note"] for one in CLOSED_NIDI)
    for one in CLOSED_NIDI & {name for name, row in held.items() if row["lon"]}:
        assert not offered(pack_edition, held[one], "nido") & CLOSED_NIDI


def test_services_of_no_known_place_are_listed_apart(pack_edition: Edition) -> None:
    rows = pack_edition.services.to_pylist()
    nowhere = [row for row in rows if row["location_id"] == row["service_id"]]
    assert len(nowhere) > 5
    for row in nowhere:
        assert (row["lon"], row["address"], row["municipio"]) == (None, None, None)
        assert row["precision"] not in ROUTED
    somewhere = next(row for row in rows if row["lon"])
    living = [row for row in nowhere if row["status"] != "defunct"]
    for row in living:
        assert row["service_id"] in offered(pack_edition, somewhere, row["category"])


@pytest.mark.shared
def test_the_courts_of_a_sports_centre_are_one_service_at_one_place(milano: Edition) -> None:
    entry = next(one for one in milano.manifest.sources if one.id == "impianti_sportivi")
    assert (entry.rows_in, entry.rows_kept, entry.rows_quarantined) == (407, 407, 0)
    rows = milano.services.filter(pc.field("source_id") == "impianti_sportivi").to_pylist()
    assert len(rows) == len({row["service_id"] for row in rows}) == 141
    assert {row["category"] for row in rows} == {"sport"}
    saini = next(row for row in rows if row["name"] == "Centro Sportivo Saini Milanosport")
    assert (saini["address"], saini["cap"]) == ("via Arcangelo Corelli, 136", "20134")
    assert {"Nuoto", "Tennis", "Rugby"} <= set(saini["note"].split("; "))
    assert Counter(row["cap"] is None for row in rows) == {False: 141}


@pytest.mark.shared
def test_stops_keep_their_code_though_they_have_no_name(milano: Edition) -> None:
    stops = milano.table("stops.parquet").to_pylist()
    assert len(stops) == len({stop["stop_id"] for stop in stops}) > 3000
    assert 0 < sum(stop["name"] is None for stop in stops) <= 13
    assert all(stop["lines"] for stop in stops)
    entry = next(one for one in milano.manifest.sources if one.id == "fermate_superficie")
    assert entry.rows_in == 4702
    assert entry.rows_kept == len(stops)
