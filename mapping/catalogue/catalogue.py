"""The catalogue of record: append-only revisions of services, runs of sources, quarantined rows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any, Self

import sqlalchemy as sa

from mapping.catalogue import batches, disclosure_decisions
from mapping.catalogue.batches import (
    QuarantinedRow,
    RecordChange,
    RecordResult,
    Revision,
    SourceBatch,
    SourceRun,
    State,
    changes_of,
    entries_of,
    masked_in_doubt,
    outdated_proposals,
    proposals_of,
    require_sound,
    result_of,
)
from mapping.catalogue.database import (
    content_translations,
    decisions,
    open_database,
    quarantine,
    revisions,
    runs,
    writing,
)
from mapping.catalogue.in_force import (
    in_state,
    latest,
    latest_runs,
    proposed_hashes,
    record_run,
)
from mapping.catalogue.secret import hash_with, secret_of
from mapping.disclosure import any_confidential, is_confidential, suspicions_of
from mapping.errors import BadInputError
from mapping.model import Service
from mapping.services.matching import Decision
from mapping.services.translations import Translation

ROWS_AT_A_TIME = 1_000
"""Revisions that are read and written together: a large source is not held twice."""


class Catalogue:
    """Revisions, runs and quarantine of one database; rows are added, never changed.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Of a database with the present schema; `open` makes one.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> Self:
        """Open a catalogue, created or brought to the present schema where needed.

        Parameters
        ----------
        url : str
            ``sqlite:///var/catalogue.sqlite`` or ``postgresql+psycopg://…``.
        create : bool, optional
            Whether there may be none yet: one that is only read is never begun.

        Returns
        -------
        Catalogue
            To be closed, or used in a ``with`` statement.

        Raises
        ------
        BadInputError
            When the URL names no database that this software can read, or holds no catalogue.
        """
        return cls(open_database(url, create=create))

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
        require_sound(batch)
        with writing(self._engine) as connection:
            now = datetime.now(UTC)
            record_run(connection, batch, now)
            in_force = in_state(connection, batch.source_id, "published")
            entries = entries_of(batch, in_force)
            if batch.review:
                proposed_before = proposed_hashes(connection, batch.source_id)
                entries = proposals_of(entries, proposed_before, in_force)
            pending = in_state(connection, batch.source_id, "proposed")
            changes = [*entries, *outdated_proposals(pending, batch, entries, in_force)]
            stamp = {"recorded_at": now, "actor": actor, "source_id": batch.source_id}
            for start in range(0, len(changes), ROWS_AT_A_TIME):
                part = [entry | stamp for entry in changes[start : start + ROWS_AT_A_TIME]]
                connection.execute(sa.insert(revisions), part)
        return result_of(batch, in_force, entries)

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
            of_service = revisions.c.service_id == service_id
            proposal = connection.execute(latest("proposed").where(of_service)).mappings().first()
            if proposal is None:
                raise BadInputError(
                    f"Nothing is proposed of '{service_id}'. `prossima review list` lists what is."
                )
            earlier = connection.execute(latest("published").where(of_service)).mappings().first()
            chosen = proposal if accept or earlier is None else earlier
            entry = {
                **{name: chosen[name] for name in ("service_id", "content_hash", "content")},
                "state": "published" if accept or earlier is not None else "withdrawn",
                "recorded_at": datetime.now(UTC),
                "actor": actor,
                "source_id": proposal["source_id"],
            }
            connection.execute(sa.insert(revisions), entry)
        return self.history(service_id)[-1]

    def decide(
        self, service_id: str, other_id: str, *, same: bool, actor: str = "prossima"
    ) -> None:
        """Note that two records are one service, or are not; the last word counts.

        Parameters
        ----------
        service_id, other_id : str
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
        left, right = sorted((service_id, other_id))
        if left == right:
            raise BadInputError(f"'{service_id}' is given twice. Give the ids of two services.")
        for known_id in (left, right):
            if not self.history(known_id):
                raise BadInputError(
                    f"'{known_id}' is no service of the catalogue. `prossima review list` gives"
                    " the ids."
                )
        decision = {"left_id": left, "right_id": right, "same": same, "actor": actor}
        with writing(self._engine) as connection:
            connection.execute(sa.insert(decisions), decision | {"decided_at": datetime.now(UTC)})

    def known(self) -> list[Service]:
        """List what is published, and what is proposed: of one service there may be both."""
        return [*self.current(), *self.current("proposed")]

    def disclose(self, service_id: str, *, public: bool, actor: str = "prossima") -> None:
        """Decide whether a record may be published, or is a confidential place.

        Parameters
        ----------
        service_id : str
            A published service, or one that is proposed.
        public : bool
            Whether it is no confidential place. That it is holds for whatever it says; that it is
            not, for the very words that it has now, published and proposed.
        actor : str, optional
            Who decides.

        Raises
        ------
        BadInputError
            When there is no such service, its category is confidential, or it is to be public and
            nothing is suspected of it.
        """
        decided = [
            service
            for service in self.known()
            if service.service_id == service_id
            and not any_confidential(service.categories)
            and (not public or service.confirmed or suspicions_of(service))
        ]
        if not decided:
            reason = "is not suspected of being" if public else "is no record that may become"
            raise BadInputError(
                f"'{service_id}' {reason} a confidential place. `prossima review list` gives the"
                " ids of those that are suspected, /v1/services those of all that are shown."
            )
        with writing(self._engine) as connection:
            for service in decided:
                disclosure_decisions.insert(connection, service, public=public, actor=actor)

    def knows_any(self, service_ids: Collection[str]) -> bool:
        """Whether any of some services was ever recorded here."""
        chosen = sa.select(revisions.c.service_id).limit(1)
        ids = sorted(service_ids)
        with self._engine.connect() as connection:
            return any(
                connection.scalar(
                    chosen.where(revisions.c.service_id.in_(ids[n : n + ROWS_AT_A_TIME]))
                )
                is not None
                for n in range(0, len(ids), ROWS_AT_A_TIME)
            )

    def keyed_hash(self) -> Callable[[str], str]:
        """Give a hash that nobody repeats without this catalogue: no guess is confirmed by it."""
        with writing(self._engine) as connection:
            return hash_with(secret_of(connection))

    def decided(self, services: Iterable[Service]) -> list[Service]:
        """Mark services, as their sources give them, with what people said of them here."""
        with self._engine.connect() as connection:
            return disclosure_decisions.with_decisions(connection, services)

    def withdraw(
        self, service_ids: Collection[str], source_id: str, *, actor: str = "prossima"
    ) -> None:
        """Withdraw published services of a source at once, whatever else it says.

        Parameters
        ----------
        service_ids : collection of str
            Those that are not published are passed over.
        source_id : str
            Their source.
        actor : str, optional
            Who withdraws them.
        """
        with writing(self._engine) as connection:
            in_force = in_state(connection, source_id, "published")
            stamp = {"recorded_at": datetime.now(UTC), "actor": actor, "source_id": source_id}
            gone = [
                {"service_id": key, "state": "withdrawn", **in_force[key], **stamp}
                for key in sorted(in_force.keys() & set(service_ids))
            ]
            if gone:
                connection.execute(sa.insert(revisions), gone)

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

    def translate(self, translations: Sequence[Translation]) -> None:
        """Record translations of texts of services: all of them, or none.

        Parameters
        ----------
        translations : sequence of Translation
            A later one of the same text and language takes the place of an earlier one.
        """
        recorded_at = datetime.now(UTC)
        rows = [asdict(translation) | {"recorded_at": recorded_at} for translation in translations]
        with writing(self._engine) as connection:
            if rows:
                connection.execute(sa.insert(content_translations), rows)

    def translations(self) -> list[Translation]:
        """List the translations of texts of services.

        Returns
        -------
        list of Translation
            The last of each text and language, in the order in which they were recorded.
        """
        table = content_translations.c
        key = (table.service_id, table.field, table.language)
        latest = sa.select(sa.func.max(table.translation_id)).group_by(*key)
        columns = [table[attribute.name] for attribute in fields(Translation)]
        chosen = sa.select(*columns).where(table.translation_id.in_(latest))
        with self._engine.connect() as connection:
            rows = connection.execute(chosen.order_by(table.translation_id))
            return [Translation(*row) for row in rows]

    def preview(self, batch: SourceBatch) -> list[RecordChange]:
        """Tell what `record` would do with a batch, and write nothing.

        Parameters
        ----------
        batch : SourceBatch
            All the services of the source, and what became of its rows.

        Returns
        -------
        list of RecordChange
            One for each service of the batch or in force, by service id.

        Raises
        ------
        SourceError
            As `record` does.
        """
        require_sound(batch)
        with self._engine.connect() as connection:
            in_force = in_state(connection, batch.source_id, "published")
        return changes_of(batch, in_force)

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
        chosen = latest(state).with_only_columns(revisions.c.content)
        chosen = chosen.order_by(revisions.c.service_id).execution_options(yield_per=ROWS_AT_A_TIME)
        with self._engine.connect() as connection:
            with connection.execute(chosen) as rows:  # closed too where one cannot be read
                read = [batches.service_of(row.content) for row in rows]
            return disclosure_decisions.with_decisions(connection, read)

    def once_hidden(self, service_ids: Collection[str]) -> set[str]:
        """Tell of which services it is on record why they were hidden.

        Parameters
        ----------
        service_ids : collection of str
            Services that are hidden.

        Returns
        -------
        set of str
            Those that were confidential or withdrawn once, or of which a person decided.
        """
        with self._engine.connect() as connection:
            judged = disclosure_decisions.judged(connection)
        return {
            service_id
            for service_id in service_ids
            if service_id in judged
            or any(
                revision.state == "withdrawn" or is_confidential(revision.service)
                for revision in self.history(service_id)
            )
        }

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

    def runs(self, *, latest: bool = True) -> list[SourceRun]:
        """List the readings of every source.

        Parameters
        ----------
        latest : bool, optional
            Only the last one of each source.

        Returns
        -------
        list of SourceRun
            By source, then oldest first.
        """
        chosen = sa.select(runs).order_by(runs.c.source_id, runs.c.run_id)
        if latest:
            chosen = chosen.where(runs.c.run_id.in_(latest_runs()))
        with self._engine.connect() as connection:
            return [SourceRun(**_utc(row)) for row in connection.execute(chosen).mappings()]

    def quarantined(self, source_id: str | None = None) -> list[QuarantinedRow]:
        """List the rows that the last reading of a source could not keep.

        Parameters
        ----------
        source_id : str, optional
            One source; all of them when omitted.

        Returns
        -------
        list of QuarantinedRow
            By source, in the order in which they were met; of a row that may be of a confidential
            place only where it is.
        """
        columns = [
            column for column in quarantine.c if column.name not in {"quarantine_id", "run_id"}
        ]
        chosen = sa.select(*columns).where(quarantine.c.run_id.in_(latest_runs()))
        if source_id is not None:
            chosen = chosen.where(quarantine.c.source_id == source_id)
        chosen = chosen.order_by(quarantine.c.source_id, quarantine.c.quarantine_id)
        with self._engine.connect() as connection:
            rows = connection.execute(chosen).mappings()
            return [masked_in_doubt(QuarantinedRow(**row)) for row in rows]


def _utc(row: sa.RowMapping) -> dict[str, Any]:
    # SQLite forgets the offset of what it stores; everything stored is UTC.
    return {
        name: value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
        if isinstance(value, datetime)
        else value
        for name, value in row.items()
    }
