"""What people report of a service: wrong hours, moved, full; it waits until a person settles it."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import sqlalchemy as sa

from mapping.catalogue.database import confirmations, open_database, outcomes, reports, writing
from mapping.errors import BadInputError
from mapping.tax_codes import names_a_person
from mapping.text import plain, tidy, without_controls

KINDS = ("wrong_hours", "moved", "closed", "full", "no_answer", "good_answer", "other")
OUTCOMES = ("mended", "as_published", "not_known", "set_aside")
"""The record was mended; it is right as it stands; nobody could tell; the report says nothing."""
MAX_LETTERS = 500
MANY_ALIKE = 5
"""So many others that say the same make a report one of a flood."""
DAYS_APART = timedelta(days=1)
"""Between two reports that say the same, before a page repeats it."""


@dataclass(frozen=True)
class Report:
    """A report as it was sent; nothing is known of who sent it."""

    report_id: int
    service_id: str
    kind: str
    said: str | None
    recorded_at: datetime
    repeated: bool
    """Whether its sender had reported the same; it then bears out nothing."""


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


def in_reading_order(reports: Sequence[Report]) -> list[Report]:
    """Put reports in the order in which a person reads them: by service, the oldest of each first.

    Those that say the same as `MANY_ALIKE` others, whatever their numbers, come after all others:
    a flood must not hide what an honest person wrote.
    """
    alike = Counter(map(_likeness, reports))
    first: dict[str, int] = {}
    for report in sorted(reports, key=lambda report: report.report_id):
        first.setdefault(report.service_id, report.report_id)
    return sorted(
        reports,
        key=lambda report: (
            alike[_likeness(report)] > MANY_ALIKE,
            first[report.service_id],
            report.report_id,
        ),
    )


def _likeness(report: Report) -> tuple[str, str]:
    """Give what reports alike share: kind and words, or kind and service where it has no words."""
    words = " ".join(sorted(set(re.findall(r"[^\W\d_]+", plain(report.said or "")))))
    return report.kind, words or report.service_id


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

    def add(self, service_id: str, kind: str, text: str = "", *, repeated: bool = False) -> None:
        """Keep a report; `repeated` is one whose sender had reported the same.

        Raises BadInputError when the kind is none of ours, or the text cannot be kept.
        """
        if kind not in KINDS:
            raise BadInputError(f"Unknown kind '{kind}'. Use one of: {', '.join(KINDS)}.")
        report = {"service_id": service_id, "kind": kind, "said": words_of(text)}
        stamp = {"recorded_at": datetime.now(UTC), "repeated": repeated}
        with writing(self._engine) as connection:
            connection.execute(sa.insert(reports), report | stamp)

    def public_kinds(self, *service_ids: str) -> list[str]:
        """List what a page may say of a service: of what nobody has settled, what is borne out.

        It is borne out by two senders, a day apart or more, or by a person who confirmed it: a
        single report, true or false, turns no family away.
        """
        own = _open(reports.c.kind).where(reports.c.service_id.in_(service_ids))
        alike = own.add_columns(
            sa.func.min(reports.c.recorded_at), sa.func.max(reports.c.recorded_at)
        ).where(sa.not_(reports.c.repeated))
        with self._engine.connect() as connection:
            spans = connection.execute(alike.group_by(reports.c.kind)).all()
            kinds = {kind for kind, first, last in spans if last - first >= DAYS_APART}
            confirmed = own.where(reports.c.report_id.in_(sa.select(confirmations.c.report_id)))
            kinds.update(connection.scalars(confirmed))
        return [kind for kind in KINDS if kind in kinds]

    def waiting(self) -> list[Report]:
        """List the reports that nobody has settled."""
        chosen = _open(*reports.c).order_by(reports.c.report_id)
        with self._engine.connect() as connection:
            return [_report(row) for row in connection.execute(chosen).mappings()]

    def settle(
        self, report_ids: Collection[int], outcome: str, *, note: str = "", actor: str = "prossima"
    ) -> list[Report]:
        """Say what came of some reports, of all or of none.

        Raises BadInputError when the outcome is none of ours, or one of them does not wait.
        """
        if outcome not in OUTCOMES:
            raise BadInputError(f"Unknown outcome '{outcome}'. Use one of: {', '.join(OUTCOMES)}.")
        if names_a_person([note]):
            raise BadInputError("The note holds a person's tax code. Leave out whom it is about.")
        with writing(self._engine) as connection:
            settled = [_waiting(connection, report_id) for report_id in dict.fromkeys(report_ids)]
            settlement = {"outcome": outcome, "note": tidy(note), "actor": actor}
            stamp = settlement | {"settled_at": datetime.now(UTC)}
            entries = [{"report_id": report.report_id} | stamp for report in settled]
            connection.execute(sa.insert(outcomes), entries)
        return settled

    def confirm(self, report_id: int, *, actor: str = "prossima") -> Report:
        """Let the page say what a report says, from now until it is settled.

        Raises BadInputError when no such report waits, or it is confirmed already.
        """
        with writing(self._engine) as connection:
            report = _waiting(connection, report_id)
            known = sa.select(confirmations).where(confirmations.c.report_id == report_id)
            if connection.execute(known).first():
                raise BadInputError(f"Report {report_id} is confirmed already. Settle it next.")
            stamp = {"confirmed_at": datetime.now(UTC), "actor": actor}
            connection.execute(sa.insert(confirmations), {"report_id": report_id} | stamp)
        return report


def _open(*columns: Any) -> sa.Select[Any]:
    settled = sa.select(outcomes.c.report_id)
    return sa.select(*columns).select_from(reports).where(reports.c.report_id.not_in(settled))


def _waiting(connection: sa.Connection, report_id: int) -> Report:
    chosen = _open(*reports.c).where(reports.c.report_id == report_id)
    row = connection.execute(chosen).mappings().first()
    if row is None:
        raise BadInputError(
            f"No report {report_id} waits. `prossima reports list` lists those that do."
        )
    return _report(row)


def _report(row: sa.RowMapping) -> Report:
    # SQLite forgets the offset of what it stores; everything stored is UTC.
    moment: datetime = row["recorded_at"]
    utc = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return Report(**{**row, "recorded_at": utc})
