"""The document of an answer, as an object and as the bytes that the server sends."""

import itertools
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from mapping.edition.queries import completeness
from mapping.lookup.documents import document, encoded
from mapping.lookup.nearest import Lookup
from mapping.lookup.origin import Where
from mapping.lookup.question import Question
from mapping.model import Location
from tests.mapping.drawn_city import MILANO, drawn_city, place, service

WISHES = (
    {},
    {"free": True},
    {"age_months": 30, "languages": ("ar",)},
    {"open_at": datetime(2026, 11, 30, 10)},  # noqa: DTZ001 - the city's own time
    {"max_minutes": 1.0},
)


@pytest.fixture(scope="module")
def lookup(tmp_path_factory: pytest.TempPathFactory) -> Lookup:
    """Hold a street with services that know much or little, and one whose place is not known."""
    services = [
        service(100, 'di "quà" \\ e <là>'),
        service(200, "old", age_min_months=36, age_max_months=72, free=True),
        service(300, "dear", age_min_months=3, age_max_months=36, free=False, languages=("ar",)),
        service(400, "lost", locations=(Location(location_id="prova:lost"),)),
    ]
    root: Path = tmp_path_factory.mktemp("drawn")
    return Lookup(drawn_city(root, services), MILANO.epsg)


def test_the_bytes_are_those_of_the_document(lookup: Lookup) -> None:
    walked = 0
    for metres, codes, wishes in itertools.product(range(-400, 1400, 40), ((), ("nido",)), WISHES):
        lon, lat = place(metres)
        question = Question(codes, **wishes)
        answer = lookup.nearest(lookup.origin(Where(lon=lon, lat=lat)), question)
        lists = completeness(lookup.edition, codes)
        whole = {**document(answer, "x", question), "completeness": lists}
        assert encoded(answer, "x", question, lists) == orjson.dumps(whole)
        walked += len(answer.results) + len(answer.almost) + len(answer.unplaced)
    assert walked > 1000
