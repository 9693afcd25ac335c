"""What a build did with one source: where its rows came from, and what became of them."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from ingest.beyond import BeyondReading
from ingest.fetching.fetch import Taken
from ingest.layers.layer import Layer
from ingest.services import RowsRead
from ingest.sheets.spreadsheet import is_sheet
from ingest.source import Source
from mapping.catalogue.batches import QuarantinedRow, SourceBatch, TakenFrom
from mapping.disclosure import is_confidential
from mapping.edition.manifest import EditionSource
from mapping.model import Service


class PublicReading(BaseModel):
    """What was public of a list of which no copy is kept, for a day without its publisher."""

    model_config = ConfigDict(frozen=True)

    entry: EditionSource
    out_of_scope: dict[str, int]
    services: tuple[Service, ...]
    """As they were read, before anything was placed by its address."""
    beyond: BeyondReading | None = None
    """What it has over the border, where it is read for that."""


@dataclass
class SourceResult:
    """What one run did with one source; the sums balance."""

    source: Source
    taken: Taken | None = None
    rows_in: int = 0
    rows_kept: int = 0
    out_of_scope: Counter[str] = field(default_factory=Counter)
    hidden: Counter[str] = field(default_factory=Counter)
    """Of these, the rows of confidential places."""
    quarantined: list[QuarantinedRow] = field(default_factory=list)
    rows_uncounted: int = 0
    """Of these, the rows that no public count has, as they are or may be of confidential places."""
    services: list[Service] = field(default_factory=list)
    services_read: list[Service] = field(default_factory=list)
    """As the list gives them, before anything is placed by its address."""
    rows_of: Counter[str] = field(default_factory=Counter)
    """How many rows each service was made of, by its id."""
    notes: list[str] = field(default_factory=list)
    beyond: BeyondReading | None = None
    """What the list has over the border, where it is read for that."""
    row_hides: bool = False
    """Whether a row that made no service may be of a confidential place."""
    restored: PublicReading | None = None
    """Where no copy is kept and the publisher gave nothing: what was public of the list."""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    def of_reading(cls, source: Source, reading: PublicReading) -> Self:
        """Say again what was public of a list, of which no copy is kept."""
        entry = reading.entry
        return cls(
            source,
            rows_in=entry.rows_in,
            rows_kept=entry.rows_kept,
            out_of_scope=Counter(reading.out_of_scope),
            services=list(reading.services),
            beyond=reading.beyond,
            restored=reading,
        )

    @property
    def names_confidential(self) -> bool:
        """Whether the list names a confidential place, or may."""
        beyond = [] if self.beyond is None else self.beyond.services
        return self.row_hides or any(map(is_confidential, [*self.services_read, *beyond]))

    @property
    def is_ours(self) -> bool:
        """Whether the file is from the mirror or the bundled pack: the operator can mend it."""
        return self.taken is not None and self.taken.taken_from in ("mirror", "bundled")

    @property
    def taken_from(self) -> TakenFrom:
        """Where the rows came from; ``live`` for OpenStreetMap too, which gives no file."""
        if self.restored is not None:
            return "raw"
        if self.taken is not None:
            return self.taken.taken_from
        return "import" if is_sheet(self.source.id) else "live"

    @property
    def rows_quarantined(self) -> int:
        """Rows that could not be kept."""
        if self.restored is not None:
            return self.restored.entry.rows_quarantined
        return len(self.quarantined)

    @property
    def rows_out_of_scope(self) -> int:
        """Rows of another comune, or of nothing that a family looks for."""
        return sum(self.out_of_scope.values())

    def keep_layer(self, layer: Layer) -> None:
        """Take over the counts of a reference layer."""
        self.rows_in, self.rows_kept = layer.rows_in, layer.rows_kept
        self.out_of_scope, self.quarantined = layer.out_of_scope, layer.quarantined
        self.note_deleted(layer.deleted)

    def keep_services(self, rows_in: int, reading: RowsRead) -> None:
        """Take over services and counts of a list of services."""
        self.rows_in, self.rows_kept = rows_in, reading.rows_kept
        self.out_of_scope, self.quarantined = reading.out_of_scope, reading.quarantined
        self.hidden, self.rows_uncounted = reading.hidden, reading.rows_uncounted
        self.services, self.rows_of = reading.services, reading.rows_of
        if reading.positions_refused:
            self.notes.append(
                f"{reading.positions_refused} positions outside the city refused: placed by address"
            )

    @property
    def public_rows_of_city(self) -> int:
        """Rows that speak of the city, as the manifest counts them: none of a confidential place.

        All of them, where a list has no others.
        """
        elsewhere, hidden = (of["another comune"] for of in (self.out_of_scope, self.hidden))
        public = self.manifest_entry().rows_in - (elsewhere - hidden)
        return public or self.rows_in - elsewhere

    def public_reading(self) -> PublicReading:
        """Give what is public of the list; a confidential service is left out, and uncounted."""
        return PublicReading(
            # Without its hash, which would confirm a guess at what is hidden.
            entry=self.manifest_entry().model_copy(update={"sha256": None}),
            out_of_scope=self.out_of_scope - self.hidden,
            services=_public(self.services_read),
            beyond=self.beyond
            and replace(self.beyond, services=list(_public(self.beyond.services))),
        )

    def note_deleted(self, rows: int) -> None:
        """Note how many rows the file marks as deleted."""
        if rows:
            self.notes.append(f"{rows} rows that the file marks as deleted are left out")

    def note_columns(self, columns: list[str]) -> None:
        """Note the columns of a file that its declaration does not know."""
        declared = self.source.mapped_columns | set(self.source.known_columns)
        new = [column for column in columns if column not in declared and "*" not in declared]
        if new:
            self.notes.append(f"unknown columns: {', '.join(new[:10])}")

    def batch(self) -> SourceBatch:
        """Give what the catalogue records."""
        return SourceBatch(
            source_id=self.source.id,
            sha256=self.taken.sha256 if self.taken else None,
            taken_from=self.taken_from,
            started_at=self.started_at,
            rows_in=self.rows_in,
            rows_kept=self.rows_kept,
            rows_out_of_scope=self.rows_out_of_scope,
            quarantined=self.quarantined,
            services=self.services if self.source.role == "catalogue" else [],
            review=self.source.review,
        )

    def manifest_entry(self, hashes_of_services: Collection[str | None] = ()) -> EditionSource:
        """Give what the manifest of an edition says of the source: nothing of a confidential row.

        It counts no such row. The hash of a file with services would confirm a guess at what is
        hidden in it: it stands in the catalogue alone.
        """
        hidden = sum(
            self.rows_of[service.service_id] or 1
            for service in self.services
            if is_confidential(service)
        )
        if self.restored is not None:
            entry = self.restored.entry
            counts = {"rows_in": entry.rows_in - hidden, "rows_kept": entry.rows_kept - hidden}
            return entry.model_copy(update={"taken_from": "raw", **counts})
        beside = self.hidden.total()
        sha256 = self.taken.sha256 if self.taken else None
        return EditionSource(
            id=self.source.id,
            publisher=self.source.publisher,
            licence=self.source.licence,
            licence_url=self.source.licence_url,
            attribution=self.source.attribution,
            retrieved=self.taken.retrieved if self.taken else None,
            sha256=None if sha256 in hashes_of_services else sha256,
            taken_from=self.taken_from,
            rows_in=self.rows_in - hidden - beside - self.rows_uncounted,
            rows_kept=self.rows_kept - hidden,
            rows_out_of_scope=self.rows_out_of_scope - beside,
            rows_quarantined=len(self.quarantined) - self.rows_uncounted,
        )


def _public(services: Iterable[Service]) -> tuple[Service, ...]:
    return tuple(service for service in services if not is_confidential(service))
