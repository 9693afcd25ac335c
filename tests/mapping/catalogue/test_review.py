"""What waits for a person, on every store: proposals, and pairs that may be one service."""

import pytest

from mapping.catalogue.catalogue import Catalogue
from mapping.errors import BadInputError
from mapping.services.matching import Decision
from tests.mapping.drawn_batches import batch, service


@pytest.fixture
def catalogue(store: str):
    with Catalogue.open(store) as opened:
        yield opened


def test_a_preview_tells_each_fate_and_writes_nothing(catalogue: Catalogue):
    catalogue.record(batch(service("a"), service("b"), service("c")))
    changes = catalogue.preview(batch(service("b"), service("c", "Micronido"), service("d")))
    assert [(one.service_id, one.fate) for one in changes] == [
        ("drawn:a", "withdrawn"),
        ("drawn:b", "unchanged"),
        ("drawn:c", "changed"),
        ("drawn:d", "new"),
    ]
    assert [one.name for one in (changes[2].before, changes[2].after) if one] == [
        "Nido",
        "Micronido",
    ]
    assert len(catalogue.current()) == 3


def test_a_source_under_review_publishes_nothing_by_itself(catalogue: Catalogue):
    proposed = batch(service("a"), service("b"), review=True)
    catalogue.record(proposed)
    assert catalogue.current() == []
    assert [one.service_id for one in catalogue.current("proposed")] == ["drawn:a", "drawn:b"]
    assert catalogue.settle("drawn:a", accept=True, actor="una persona").state == "published"
    assert catalogue.settle("drawn:b", accept=False).state == "withdrawn"
    assert [one.service_id for one in catalogue.current()] == ["drawn:a"]
    assert catalogue.current("proposed") == []
    assert catalogue.record(proposed).changed == 0
    assert catalogue.current("proposed") == []


def test_a_refused_change_leaves_what_was_published(catalogue: Catalogue):
    catalogue.record(batch(service("a")))
    catalogue.record(batch(service("a", "Altro nome"), review=True))
    assert [one.name for one in catalogue.current()] == ["Nido"]
    catalogue.settle("drawn:a", accept=False)
    assert [one.name for one in catalogue.current()] == ["Nido"]
    with pytest.raises(BadInputError, match="Nothing is proposed of 'drawn:a'"):
        catalogue.settle("drawn:a", accept=True)


def test_the_last_word_on_a_pair_counts(catalogue: Catalogue):
    catalogue.record(batch(service("a"), service("b")))
    catalogue.decide("drawn:b", "drawn:a", same=True, actor="una persona")
    catalogue.decide("drawn:a", "drawn:b", same=False)
    assert catalogue.decisions() == [Decision("drawn:a", "drawn:b", same=False)]
    with pytest.raises(BadInputError, match="'drawn:z' is no service"):
        catalogue.decide("drawn:a", "drawn:z", same=True)
    with pytest.raises(BadInputError, match="given twice"):
        catalogue.decide("drawn:a", "drawn:a", same=True)
