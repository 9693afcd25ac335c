"""What waits for a person, on every store: proposals, and pairs that may be one service."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from mapping.catalogue import database
from mapping.catalogue.catalogue import Catalogue
from mapping.disclosure import is_confidential
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


def test_a_proposal_that_its_source_has_taken_back_is_no_more(catalogue: Catalogue):
    catalogue.record(batch(service("a")))
    changed = batch(service("a", "Altro nome"), service("b"), review=True)
    catalogue.record(changed)
    assert len(catalogue.current("proposed")) == 2
    catalogue.record(batch(service("a"), review=True))
    assert catalogue.current("proposed") == []
    assert [one.name for one in catalogue.current()] == ["Nido"]
    with pytest.raises(BadInputError, match="Nothing is proposed of 'drawn:b'"):
        catalogue.settle("drawn:b", accept=True)
    catalogue.record(changed)  # said again, it waits again
    assert [one.service_id for one in catalogue.current("proposed")] == ["drawn:a", "drawn:b"]
    before = len(catalogue.history("drawn:b"))
    catalogue.record(changed)
    assert len(catalogue.history("drawn:b")) == before


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


def _confidential(catalogue: Catalogue) -> list[bool]:
    return [is_confidential(one) for one in catalogue.current()]


def test_a_record_is_cleared_of_the_very_words_that_a_person_saw(catalogue: Catalogue):
    first = service("a", "Casa protetta Girasole")
    catalogue.record(batch(first))
    assert _confidential(catalogue) == [True]
    catalogue.disclose("drawn:a", public=True, actor="anna")
    assert _confidential(catalogue) == [False]
    catalogue.record(batch(service("a", "CASA  PROTETTA «Girasole»")))
    assert _confidential(catalogue) == [False]
    # Of the same kind of place, and worse: nobody has seen these words.
    catalogue.record(batch(service("a", "Casa protetta per donne in fuga, indirizzo protetto")))
    assert _confidential(catalogue) == [True]
    catalogue.record(batch(first))
    assert _confidential(catalogue) == [False]


def test_a_record_is_cleared_of_the_cells_that_nobody_reads_too(catalogue: Catalogue):
    def said(cell: str):
        return service("a", "Girasole").model_copy(update={"speaking_cells": (cell,)})

    catalogue.record(batch(said("tipo: casa rifugio")))
    assert _confidential(catalogue) == [True]
    catalogue.disclose("drawn:a", public=True, actor="anna")
    assert _confidential(catalogue) == [False]
    catalogue.record(batch(said("tipo: Casa Rifugio")))
    assert _confidential(catalogue) == [False]
    catalogue.record(batch(said("tipo: casa rifugio, indirizzo segreto")))
    assert _confidential(catalogue) == [True]


def test_a_record_that_nothing_is_suspected_of_is_hidden_when_a_person_says_so(
    catalogue: Catalogue,
):
    catalogue.record(batch(service("a", "Girasole")))
    with pytest.raises(BadInputError, match="is not suspected"):
        catalogue.disclose("drawn:a", public=True)
    catalogue.disclose("drawn:a", public=False)
    assert _confidential(catalogue) == [True]
    with pytest.raises(BadInputError, match="no record"):
        catalogue.disclose("drawn:z", public=False)


def test_a_place_that_a_person_confirmed_stays_secret_whatever_it_says(catalogue: Catalogue):
    catalogue.record(batch(service("a", "Casa protetta")))
    catalogue.disclose("drawn:a", public=True)
    catalogue.disclose("drawn:a", public=False)
    assert _confidential(catalogue) == [True]
    catalogue.record(batch(service("a", "Girasole")))
    assert _confidential(catalogue) == [True]
    assert [is_confidential(one) for one in catalogue.decided([service("a", "Girasole")])] == [True]
    catalogue.disclose("drawn:a", public=True)
    assert _confidential(catalogue) == [False]


def test_what_is_proposed_is_cleared_with_what_is_published(catalogue: Catalogue):
    catalogue.record(batch(service("a", "Casa protetta")))
    catalogue.disclose("drawn:a", public=True)
    catalogue.record(batch(service("a", "Casa protetta Girasole"), review=True))
    (proposed,) = catalogue.current("proposed")
    assert is_confidential(proposed)
    catalogue.disclose("drawn:a", public=True)
    assert not any(map(is_confidential, [*catalogue.current(), *catalogue.current("proposed")]))


def test_a_decision_of_an_older_version_is_asked_anew(catalogue: Catalogue, store: str):
    catalogue.record(batch(service("a", "Casa protetta")))
    engine = database.open_database(store)
    old = {"service_id": "drawn:a", "public": True, "suspicions": ["casa_protetta"],
           "decided_at": datetime.now(UTC), "actor": "anna"}  # fmt: skip
    with engine.begin() as connection:
        connection.execute(sa.insert(database.disclosure_decisions), old)
    engine.dispose()
    assert _confidential(catalogue) == [True]
