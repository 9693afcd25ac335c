"""What people report of a service: wrong hours, moved, full; it waits until a person settles it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import sqlalchemy as sa

from mapping.catalogue.database import open_database, outcomes, reports, writing
from mapping.errors import BadInputError
from mapping.tax_codes import names_a_person
from mapping.text import tidy, without_controls

KINDS = ("wrong_hours", "moved", "closed", "full", "no_answer", "good_answer", "other")
OUTCOMES = ("mended", "as_published", "not_known", "set_aside")
"""The record was mended; it is right as it stands; nobody could tell; the report says nothing."""
MAX_LETTERS = 500


@dataclass(frozen=True)
class Report:
    """A report as it was sent; nothing is known of who sent it."""

    report_id: int
    service_id: str
    kind: str
    said: str | None
    recorded_at: datetime


def words_of(text: str) -> str | None:
    """Tidy what a person wrote in a report, or say why it cannot be kept.

    Raises BadInputError when it is longer than `MAX_LETTERS`, or holds a person's tax code.
    """
    tidied = tidy(without_controls(text))
    if tidied and len(tidied) > MAX_LETTERS:
        raise BadInputError(f"The text has {len(tidied)} letters. Write {MAX_LETTERS} at the most.")
    if names_a_person([text]):
        raise BadInputError("The text holds a person's tax code. Leave out whom it is about.")
    return tidied


class Reports:
    """The reports of one catalogue; rows are added, never changed."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the reports of an existing catalogue.

        Raises BadInputError when there is no catalogue: one that nobody reads is no place for a
        report.
        """
        return cls(open_database(url, create=False))

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Give the reports themselves."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close every connection."""
        self.close()

    def add(self, service_id: str, kind: str, text: str = "") -> None:
        """Keep a report.

        Raises BadInputError when the kind is none of ours, or the text cannot be kept.
        """
        if kind not in KINDS:
            raise BadInputError(f"Unknown kind '{kind}'. Use one of: {', '.join(KINDS)}.")
        report = {"service_id": service_id, "kind": kind, "said": words_of(text)}
        with writing(self._engine) as connection:
            connection.execute(sa.insert(reports), report | {"recorded_at": datetime.now(UTC)})

    def counts(self, *service_ids: str) -> Mapping[str, int]:
        """Count the reports of a service that nobody has settled, by kind."""
        chosen = _open(reports.c.kind, sa.func.count()).where(reports.c.service_id.in_(service_ids))
        with self._engine.connect() as connection:
            rows = connection.execute(chosen.group_by(reports.c.kind))
            numbers: dict[str, int] = {row[0]: row[1] for row in rows}
        return {kind: numbers[kind] for kind in KINDS if kind in numbers}

    def waiting(self) -> list[Report]:
        """List the reports that nobody has settled."""
        chosen = _open(*reports.c).order_by(reports.c.report_id)
        with self._engine.connect() as connection:
            return [_report(row) for row in connection.execute(chosen).mappings()]

    def settle(
        self, report_id: int, outcome: str, *, note: str = "", actor: str = "prossima"
    ) -> Report:
        """Say what came of a report.

        Raises BadInputError when the outcome is none of ours, or no such report waits.
        """
        if outcome not in OUTCOMES:
            raise BadInputError(f"Unknown outcome '{outcome}'. Use one of: {', '.join(OUTCOMES)}.")
        if names_a_person([note]):
            raise BadInputError("The note holds a person's tax code. Leave out whom it is about.")
        chosen = _open(*reports.c).where(reports.c.report_id == report_id)
        with writing(self._engine) as connection:
            row = connection.execute(chosen).mappings().first()
            if row is None:
                raise BadInputError(
                    f"No report {report_id} waits. `prossima reports list` lists those that do."
                )
            entry = {"report_id": report_id, "outcome": outcome, "note": tidy(note)}
            stamp = {"settled_at": datetime.now(UTC), "actor": actor}
            connection.execute(sa.insert(outcomes), entry | stamp)
        return _report(row)


def _open(*columns: Any) -> sa.Select[Any]:
    settled = sa.select(outcomes.c.report_id)
    return sa.select(*columns).select_from(reports).where(reports.c.report_id.not_in(settled))


def _report(row: sa.RowMapping) -> Report:
    # SQLite forgets the offset of what it stores; everything stored is UTC.
    moment: datetime = row["recorded_at"]
    utc = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return Report(**{**row, "recorded_at": utc})
