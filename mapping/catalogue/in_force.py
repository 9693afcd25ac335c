"""Rows of the catalogue that say what is in force: of readings, and of revisions by state."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from mapping.catalogue.batches import SourceBatch, State, masked_in_doubt
from mapping.catalogue.database import quarantine, revisions, runs


def record_run(connection: sa.Connection, batch: SourceBatch, now: datetime) -> None:
    """Record one reading of a source, and the rows that it could not keep."""
    run = {
        "source_id": batch.source_id,
        "started_at": batch.started_at.astimezone(UTC),
        "finished_at": now,
        "sha256": batch.sha256,
        "taken_from": batch.taken_from,
        "rows_in": batch.rows_in,
        "rows_kept": batch.rows_kept,
        "rows_out_of_scope": batch.rows_out_of_scope,
        "rows_quarantined": len(batch.quarantined),
    }
    run_id = connection.execute(sa.insert(runs).returning(runs.c.run_id), run).scalar_one()
    if batch.quarantined:
        rows = [asdict(masked_in_doubt(row)) | {"run_id": run_id} for row in batch.quarantined]
        connection.execute(sa.insert(quarantine), rows)


def proposed_hashes(connection: sa.Connection, source_id: str) -> set[tuple[str, str]]:
    """List what was proposed of a source, but for what it has ceased to say since."""
    readings = sa.select(runs.c.finished_at).where(runs.c.source_id == source_id)
    latest = sa.select(sa.func.max(revisions.c.revision_id)).group_by(revisions.c.service_id)
    gone = sa.select(revisions.c.service_id).where(
        revisions.c.revision_id.in_(latest),
        revisions.c.state != "proposed",
        revisions.c.recorded_at.in_(readings),
    )
    chosen = sa.select(revisions.c.service_id, revisions.c.content_hash).where(
        revisions.c.source_id == source_id,
        revisions.c.state == "proposed",
        revisions.c.service_id.not_in(gone),
    )
    return {(row.service_id, row.content_hash) for row in connection.execute(chosen)}


def latest(state: State) -> sa.Select[Any]:
    """Choose the revisions that stand in a state: a proposal changes nothing until published."""
    latest = sa.select(sa.func.max(revisions.c.revision_id)).group_by(revisions.c.service_id)
    if state != "proposed":
        latest = latest.where(revisions.c.state != "proposed")
    return sa.select(revisions).where(
        revisions.c.revision_id.in_(latest), revisions.c.state == state
    )


def latest_runs() -> sa.Select[tuple[int]]:
    """Choose the last reading of each source."""
    return sa.select(sa.func.max(runs.c.run_id)).group_by(runs.c.source_id)


def in_state(connection: sa.Connection, source_id: str, state: State) -> dict[str, dict[str, Any]]:
    """Give by service what a source has in a state now, with its hash."""
    chosen = latest(state).where(revisions.c.source_id == source_id)
    return {
        row["service_id"]: {"content_hash": row["content_hash"], "content": row["content"]}
        for row in connection.execute(chosen).mappings()
    }
