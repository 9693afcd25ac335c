"""What people decided of records whose words speak of a confidential place."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import sqlalchemy as sa

from mapping.catalogue.database import disclosure_decisions
from mapping.disclosure import suspicions_of
from mapping.model import Service


def insert(connection: sa.Connection, service: Service, *, public: bool, actor: str) -> None:
    """Note a decision, and of which words it was made: other words are asked about anew."""
    decision = {
        "service_id": service.service_id,
        "public": public,
        "suspicions": list(suspicions_of(service)),
        "decided_at": datetime.now(UTC),
        "actor": actor,
    }
    connection.execute(sa.insert(disclosure_decisions), decision)


def with_decisions(connection: sa.Connection, services: Iterable[Service]) -> list[Service]:
    """Mark as cleared the services of which the last decision says that they are public."""
    excused = _excused(connection)
    return [
        service.model_copy(update={"cleared": True})
        if service.service_id in excused
        and excused[service.service_id].issuperset(suspicions_of(service))
        else service
        for service in services
    ]


def _excused(connection: sa.Connection) -> Mapping[str, frozenset[str]]:
    table = disclosure_decisions.c
    latest = sa.select(sa.func.max(table.decision_id)).group_by(table.service_id)
    chosen = sa.select(table.service_id, table.suspicions)
    chosen = chosen.where(table.decision_id.in_(latest), table.public.is_(True))
    return {row.service_id: frozenset(row.suspicions) for row in connection.execute(chosen)}
