"""What people decided of records whose words speak of a confidential place."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from mapping.catalogue.database import disclosure_decisions
from mapping.disclosure import suspicions_of, words_of_record
from mapping.model import Service


def insert(connection: sa.Connection, service: Service, *, public: bool, actor: str) -> None:
    """Note a decision, and of which words it was made: other words are asked about anew."""
    decision = {
        "service_id": service.service_id,
        "public": public,
        "suspicions": list(suspicions_of(service)),
        "words_sha256": _hash_of_words(service),
        "decided_at": datetime.now(UTC),
        "actor": actor,
    }
    connection.execute(sa.insert(disclosure_decisions), decision)


def with_decisions(connection: sa.Connection, services: Iterable[Service]) -> list[Service]:
    """Mark services of whose very words a person says that they are public, or of all that not."""
    decisions = _decisions(connection)
    return [
        _marked(service, decisions[service.service_id])
        if service.service_id in decisions
        else service
        for service in services
    ]


def judged(connection: sa.Connection) -> set[str]:
    """List the services of which a person decided anything."""
    return set(connection.scalars(sa.select(disclosure_decisions.c.service_id).distinct()))


def _marked(service: Service, cleared_words: Collection[str | None]) -> Service:
    marks = {
        "cleared": _hash_of_words(service) in cleared_words,
        "confirmed": not cleared_words,
    }
    return service.model_copy(update=marks)


def _decisions(connection: sa.Connection) -> Mapping[str, set[str | None]]:
    """Give by service the words that were cleared; none where the last word is that it is secret.

    Such a word takes back what was cleared before.
    """
    table = disclosure_decisions.c
    chosen = sa.select(table.service_id, table.public, table.words_sha256)
    cleared: dict[str, set[str | None]] = defaultdict(set)
    for row in connection.execute(chosen.order_by(table.decision_id)):
        words = cleared[row.service_id]
        words.add(row.words_sha256) if row.public else words.clear()
    return cleared


def _hash_of_words(service: Service) -> str:
    return hashlib.sha256("\n".join(words_of_record(service)).encode()).hexdigest()
