"""What goes into the catalogue and comes out of it, and what a batch of records changes."""

import hashlib
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import orjson
from pydantic import ValidationError

from mapping.catalogue.database import NO_RECORD
from mapping.disclosure import is_confidential, row_speaks
from mapping.errors import BadInputError, SourceError
from mapping.model import Service

State = Literal["proposed", "published", "withdrawn"]
TakenFrom = Literal["mirror", "raw", "live", "bundled", "import"]
Fate = Literal["new", "changed", "unchanged", "withdrawn"]


@dataclass(frozen=True, kw_only=True)
class QuarantinedRow:
    """A row that could not be kept: where it is, what is wrong, and what it said."""

    source_id: str
    line: int | None
    field: str
    code: str
    message: str
    raw: Mapping[str, Any]


MASKED_ROW = "The row is of a confidential service, or seems to be. Mend it in its own file."
"""The message of a row that is masked."""


def masked(row: QuarantinedRow) -> QuarantinedRow:
    """Keep of a quarantined row its line and its code, and nothing that it says."""
    return replace(row, field="", message=MASKED_ROW, raw={})


def masked_in_doubt(row: QuarantinedRow) -> QuarantinedRow:
    """Mask a row that names a confidential category, or whose words speak of such a place."""
    return masked(row) if row_speaks({**row.raw, "": row.message}) else row


@dataclass(frozen=True, kw_only=True)
class SourceBatch:
    """What one reading of one source gave: its services, and what became of every row."""

    source_id: str
    sha256: str | None
    taken_from: TakenFrom
    started_at: datetime
    rows_in: int
    rows_kept: int
    rows_out_of_scope: int = 0
    quarantined: Sequence[QuarantinedRow] = ()
    services: Sequence[Service] = ()
    review: bool = False
    """Whether what is new or changed waits for a person."""


@dataclass(frozen=True)
class RecordResult:
    """How many services of a batch made a revision, and how many did not need one."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0


@dataclass(frozen=True)
class RecordChange:
    """What a batch would do to one service: None before for a new one, after for a withdrawn."""

    service_id: str
    fate: Fate
    before: Service | None
    after: Service | None


@dataclass(frozen=True)
class SourceRun:
    """One reading of a source; moments are in UTC."""

    run_id: int
    source_id: str
    started_at: datetime
    finished_at: datetime
    sha256: str | None
    taken_from: TakenFrom
    rows_in: int
    rows_kept: int
    rows_out_of_scope: int
    rows_quarantined: int


def service_of(content: Any) -> Service:
    """Read what a revision holds; raises BadInputError, which repeats nothing of it."""
    try:
        return Service.model_validate(content)
    except ValidationError:
        raise BadInputError(NO_RECORD) from None


@dataclass(frozen=True)
class Revision:
    """What was said of a service at a moment (UTC), by whom and from which source."""

    revision_id: int
    service_id: str
    state: State
    recorded_at: datetime
    actor: str
    source_id: str
    content_hash: str
    content: dict[str, Any]

    @property
    def service(self) -> Service:
        """The service as this revision describes it."""
        return service_of(self.content)


InForce = Mapping[str, Mapping[str, Any]]
"""By service id, the content and its hash that are published now."""


def require_sound(batch: SourceBatch) -> None:
    """Refuse a batch that loses rows, or says what it may not.

    Raises SourceError when rows are not all accounted for, or a service is not the source's own.
    """
    where = f"Source '{batch.source_id}'"
    accounted = batch.rows_kept + batch.rows_out_of_scope + len(batch.quarantined)
    if batch.rows_in != accounted:
        raise SourceError(
            f"{where}: {batch.rows_in} rows came in but {accounted} are accounted for."
            " Every row is kept, out of scope or quarantined: mend its reader."
        )
    ids = Counter(service.service_id for service in batch.services)
    for service_id, times in ids.items():
        if times > 1:
            raise SourceError(f"{where}: '{service_id}' comes {times} times. Join its rows by key.")
    for service in batch.services:
        if service.provenance.source_id != batch.source_id:
            raise SourceError(
                f"{where}: '{service.service_id}' says that it comes from"
                f" '{service.provenance.source_id}'. Record it with that source."
            )


def entries_of(batch: SourceBatch, in_force: InForce) -> list[dict[str, Any]]:
    """Give the revisions that a batch makes; a withdrawal repeats what it withdraws."""
    named = {service.service_id: _content(service) for service in batch.services}
    entries = [
        {"service_id": key, "state": "published", "content_hash": digest, "content": content}
        for key, (content, digest) in named.items()
        if key not in in_force or in_force[key]["content_hash"] != digest
    ]
    withdrawn = [
        {"service_id": key, "state": "withdrawn", **row}
        for key, row in in_force.items()
        if key not in named
    ]
    return entries + withdrawn


def proposals_of(
    entries: Sequence[Mapping[str, Any]],
    proposed_before: Container[tuple[str, str]],
    in_force: InForce,
) -> list[dict[str, Any]]:
    """Propose what a batch says anew, but not what was proposed before; what is gone is gone.

    A published service of which a proposal says that it is confidential is withdrawn meanwhile.
    """
    proposed = [
        {**entry, "state": "proposed"} if entry["state"] == "published" else {**entry}
        for entry in entries
        if entry["state"] == "withdrawn"
        or (entry["service_id"], entry["content_hash"]) not in proposed_before
    ]
    withdrawn = [
        {"service_id": entry["service_id"], "state": "withdrawn", **in_force[entry["service_id"]]}
        for entry in entries
        if entry["state"] == "published"
        and entry["service_id"] in in_force
        and is_confidential(service_of(entry["content"]))
    ]
    return [*withdrawn, *proposed]


def outdated_proposals(
    pending: Mapping[str, Mapping[str, Any]],
    batch: SourceBatch,
    entries: Iterable[Mapping[str, Any]],
    in_force: InForce,
) -> list[dict[str, Any]]:
    """Take back what is proposed and the source no longer says: it would be gone when accepted."""
    named = {
        service.service_id: _content(service)[1]
        for service in batch.services
        if service.service_id in pending
    }
    said_anew = {entry["service_id"] for entry in entries}
    return [
        {
            "service_id": key,
            "state": "published" if key in in_force else "withdrawn",
            **in_force.get(key, row),
        }
        for key, row in pending.items()
        if key not in said_anew and named.get(key) != row["content_hash"]
    ]


def changes_of(batch: SourceBatch, in_force: InForce) -> list[RecordChange]:
    """Tell what a batch does to each service."""
    before = {key: service_of(row["content"]) for key, row in in_force.items()}
    after = {service.service_id: service for service in batch.services}
    moved = {entry["service_id"] for entry in entries_of(batch, in_force)}
    return [
        RecordChange(key, _fate(key, before, after, moved), before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
    ]


def result_of(
    batch: SourceBatch, in_force: InForce, entries: Iterable[Mapping[str, Any]]
) -> RecordResult:
    """Count what became of the services of a batch."""
    fates = Counter(
        "withdrawn"
        if entry["state"] == "withdrawn"
        else ("changed" if entry["service_id"] in in_force else "new")
        for entry in entries
    )
    unchanged = len(batch.services) - fates["new"] - fates["changed"]
    return RecordResult(**fates, unchanged=unchanged)


def _fate(key: str, before: Container[str], after: Container[str], moved: Container[str]) -> Fate:
    if key not in after:
        return "withdrawn"
    if key not in before:
        return "new"
    return "changed" if key in moved else "unchanged"


def _content(service: Service) -> tuple[dict[str, Any], str]:
    """Give what a revision keeps of a service, and its hash.

    Fields that are not known are left out, so that a field added to the model tomorrow does not
    make a revision of every service.
    """
    content = service.model_dump(mode="json", exclude_none=True)
    text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return content, hashlib.sha256(text).hexdigest()
