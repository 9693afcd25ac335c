"""The catalogue of record: append-only revisions of services, runs of sources, quarantined rows."""

import hashlib
import json
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

import sqlalchemy as sa

from mapping.database import decisions, open_database, quarantine, revisions, runs, writing
from mapping.errors import BadInputError, SourceError
from mapping.matching import Decision
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
class Change:
    """What a batch would do to one service: None before for a new one, after for a withdrawn."""

    service_id: str
    fate: Fate
    before: Service | None
    after: Service | None


@dataclass(frozen=True)
class Run:
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
        return Service.model_validate(self.content)


class Catalogue:
    """Revisions, runs and quarantine of one database; rows are added, never changed."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a catalogue, created or brought to the present schema where needed.

        Parameters
        ----------
        url : str
            ``sqlite:///var/catalogue.sqlite`` or ``postgresql+psycopg://…``.

        Returns
        -------
        Catalogue
            To be closed, or used in a ``with`` statement.

        Raises
        ------
        BadInputError
            When the URL names no database that this software can read.
        """
        return cls(open_database(url))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Give the catalogue itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close every connection."""
        self.close()

    def record(self, batch: SourceBatch, *, actor: str = "prossima") -> RecordResult:
        """Record what a source says now, in one transaction.

        A service whose content is the one in force makes no revision; one of the same source that
        the batch no longer names is withdrawn.

        Parameters
        ----------
        batch : SourceBatch
            All the services of the source, and what became of its rows.
        actor : str, optional
            Who records it.

        Returns
        -------
        RecordResult
            Counts of services.

        Raises
        ------
        SourceError
            When rows are not all accounted for, or a service is not the source's own.
        """
        _require_sound(batch)
        with writing(self._engine) as connection:
            now = datetime.now(UTC)
            _record_run(connection, batch, now)
            in_force = _published(connection, batch.source_id)
            entries = _entries(batch, in_force)
            if batch.review:
                entries = _proposals(entries, _proposed_hashes(connection, batch.source_id))
            if entries:
                stamp = {"recorded_at": now, "actor": actor, "source_id": batch.source_id}
                connection.execute(sa.insert(revisions), [entry | stamp for entry in entries])
        return _result(batch, in_force, entries)

    def settle(self, service_id: str, *, accept: bool, actor: str = "prossima") -> Revision:
        """Publish what is proposed of a service, or leave it as it was.

        Parameters
        ----------
        service_id : str
            A service of which something is proposed.
        accept : bool
            Whether the proposal holds; the same proposal, once refused, is not made again.
        actor : str, optional
            Who decides.

        Returns
        -------
        Revision
            The revision that is in force now; a refused new service is withdrawn.

        Raises
        ------
        BadInputError
            When nothing is proposed of it.
        """
        with writing(self._engine) as connection:
            mine = revisions.c.service_id == service_id
            proposal = connection.execute(_latest("proposed").where(mine)).mappings().first()
            if proposal is None:
                raise BadInputError(
                    f"Nothing is proposed of '{service_id}'. `prossima review list` lists what is."
                )
            earlier = connection.execute(_latest("published").where(mine)).mappings().first()
            kept = proposal if accept or earlier is None else earlier
            entry = {
                **{name: kept[name] for name in ("service_id", "content_hash", "content")},
                "state": "published" if accept or earlier is not None else "withdrawn",
                "recorded_at": datetime.now(UTC),
                "actor": actor,
                "source_id": proposal["source_id"],
            }
            connection.execute(sa.insert(revisions), entry)
        return self.history(service_id)[-1]

    def decide(self, one: str, other: str, *, same: bool, actor: str = "prossima") -> None:
        """Note that two records are one service, or are not; the last word counts.

        Parameters
        ----------
        one, other : str
            Service ids.
        same : bool
            Whether they are.
        actor : str, optional
            Who says so.

        Raises
        ------
        BadInputError
            When an id was never recorded, or both are one.
        """
        left, right = sorted((one, other))
        if left == right:
            raise BadInputError(f"'{one}' is given twice. Give the ids of two services.")
        for service_id in (left, right):
            if not self.history(service_id):
                raise BadInputError(
                    f"'{service_id}' is no service of the catalogue. `prossima review list` gives"
                    " the ids."
                )
        said = {"left_id": left, "right_id": right, "same": same, "actor": actor}
        with writing(self._engine) as connection:
            connection.execute(sa.insert(decisions), said | {"decided_at": datetime.now(UTC)})

    def decisions(self) -> list[Decision]:
        """List what people said of pairs of records.

        Returns
        -------
        list of Decision
            The last word on each pair, sorted.
        """
        table = decisions.c
        latest = sa.select(sa.func.max(table.decision_id)).group_by(table.left_id, table.right_id)
        chosen = sa.select(table.left_id, table.right_id, table.same)
        chosen = chosen.where(table.decision_id.in_(latest))
        with self._engine.connect() as connection:
            return sorted(Decision(*row) for row in connection.execute(chosen))

    def preview(self, batch: SourceBatch) -> list[Change]:
        """Tell what `record` would do with a batch, and write nothing.

        Parameters
        ----------
        batch : SourceBatch
            All the services of the source, and what became of its rows.

        Returns
        -------
        list of Change
            One for each service of the batch or in force, by service id.

        Raises
        ------
        SourceError
            As `record` does.
        """
        _require_sound(batch)
        with self._engine.connect() as connection:
            in_force = _published(connection, batch.source_id)
        before = {key: Service.model_validate(row["content"]) for key, row in in_force.items()}
        after = {service.service_id: service for service in batch.services}
        hashes = {key: _content(service)[1] for key, service in after.items()}
        same = {key for key, digest in hashes.items() if digest == _hash_of(in_force, key)}
        return [
            Change(key, _fate(key, before, after, same), before.get(key), after.get(key))
            for key in sorted(before.keys() | after.keys())
        ]

    def current(self, state: State = "published") -> list[Service]:
        """List the services that are in a state now.

        Parameters
        ----------
        state : {"published", "proposed", "withdrawn"}, optional
            A published service with a proposed change is still published, as it was.

        Returns
        -------
        list of Service
            By service id.
        """
        with self._engine.connect() as connection:
            rows = connection.execute(_latest(state).order_by(revisions.c.service_id))
            return [Service.model_validate(row.content) for row in rows]

    def history(self, service_id: str) -> list[Revision]:
        """List every revision of a service, oldest first.

        Parameters
        ----------
        service_id : str
            Its id.

        Returns
        -------
        list of Revision
            Empty for a service that was never recorded.
        """
        chosen = sa.select(revisions).where(revisions.c.service_id == service_id)
        with self._engine.connect() as connection:
            rows = connection.execute(chosen.order_by(revisions.c.revision_id)).mappings()
            return [Revision(**_utc(row)) for row in rows]

    def runs(self, *, latest: bool = True) -> list[Run]:
        """List the readings of every source.

        Parameters
        ----------
        latest : bool, optional
            Only the last one of each source.

        Returns
        -------
        list of Run
            By source, then oldest first.
        """
        chosen = sa.select(runs).order_by(runs.c.source_id, runs.c.run_id)
        if latest:
            chosen = chosen.where(runs.c.run_id.in_(_latest_runs()))
        with self._engine.connect() as connection:
            return [Run(**_utc(row)) for row in connection.execute(chosen).mappings()]

    def quarantined(self, source_id: str | None = None) -> list[QuarantinedRow]:
        """List the rows that the last reading of a source could not keep.

        Parameters
        ----------
        source_id : str, optional
            One source; all of them when omitted.

        Returns
        -------
        list of QuarantinedRow
            By source, in the order in which they were met.
        """
        columns = [
            column for column in quarantine.c if column.name not in {"quarantine_id", "run_id"}
        ]
        chosen = sa.select(*columns).where(quarantine.c.run_id.in_(_latest_runs()))
        if source_id is not None:
            chosen = chosen.where(quarantine.c.source_id == source_id)
        chosen = chosen.order_by(quarantine.c.source_id, quarantine.c.quarantine_id)
        with self._engine.connect() as connection:
            return [QuarantinedRow(**row) for row in connection.execute(chosen).mappings()]


def _require_sound(batch: SourceBatch) -> None:
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


def _record_run(connection: sa.Connection, batch: SourceBatch, now: datetime) -> None:
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
        rows = [asdict(row) | {"run_id": run_id} for row in batch.quarantined]
        connection.execute(sa.insert(quarantine), rows)


def _entries(batch: SourceBatch, in_force: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
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


def _proposals(
    entries: Iterable[Mapping[str, Any]], made: Container[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Propose what a batch says anew, but not what was proposed before; what is gone is gone."""
    return [
        {**entry, "state": "proposed"} if entry["state"] == "published" else {**entry}
        for entry in entries
        if entry["state"] == "withdrawn" or (entry["service_id"], entry["content_hash"]) not in made
    ]


def _proposed_hashes(connection: sa.Connection, source_id: str) -> set[tuple[str, str]]:
    chosen = sa.select(revisions.c.service_id, revisions.c.content_hash).where(
        revisions.c.source_id == source_id, revisions.c.state == "proposed"
    )
    return {(row.service_id, row.content_hash) for row in connection.execute(chosen)}


def _result(
    batch: SourceBatch, in_force: Mapping[str, object], entries: Iterable[Mapping[str, Any]]
) -> RecordResult:
    fates = Counter(
        "withdrawn"
        if entry["state"] == "withdrawn"
        else ("changed" if entry["service_id"] in in_force else "new")
        for entry in entries
    )
    unchanged = len(batch.services) - fates["new"] - fates["changed"]
    return RecordResult(**fates, unchanged=unchanged)


def _hash_of(in_force: Mapping[str, Mapping[str, Any]], key: str) -> str | None:
    return in_force[key]["content_hash"] if key in in_force else None


def _fate(key: str, before: Container[str], after: Container[str], same: Container[str]) -> Fate:
    if key not in after:
        return "withdrawn"
    if key not in before:
        return "new"
    return "unchanged" if key in same else "changed"


def _content(service: Service) -> tuple[dict[str, Any], str]:
    """Give what a revision keeps of a service, and its hash.

    Fields that are not known are left out, so that a field added to the model tomorrow does not
    make a revision of every service.
    """
    content = service.model_dump(mode="json", exclude_none=True)
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return content, hashlib.sha256(text.encode()).hexdigest()


def _latest(state: State) -> sa.Select[Any]:
    """Choose the revisions that stand in a state: a proposal changes nothing until published."""
    latest = sa.select(sa.func.max(revisions.c.revision_id)).group_by(revisions.c.service_id)
    if state != "proposed":
        latest = latest.where(revisions.c.state != "proposed")
    return sa.select(revisions).where(
        revisions.c.revision_id.in_(latest), revisions.c.state == state
    )


def _latest_runs() -> sa.Select[tuple[int]]:
    return sa.select(sa.func.max(runs.c.run_id)).group_by(runs.c.source_id)


def _published(connection: sa.Connection, source_id: str) -> dict[str, dict[str, Any]]:
    chosen = _latest("published").where(revisions.c.source_id == source_id)
    return {
        row["service_id"]: {"content_hash": row["content_hash"], "content": row["content"]}
        for row in connection.execute(chosen).mappings()
    }


def _utc(row: sa.RowMapping) -> dict[str, Any]:
    # SQLite forgets the offset of what it stores; everything stored is UTC.
    return {
        name: value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
        if isinstance(value, datetime)
        else value
        for name, value in row.items()
    }
