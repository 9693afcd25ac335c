"""Rows of an edition that are not shown, because they have become confidential since."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa

from mapping.disclosure import confidential_categories
from mapping.edition.manifest import Manifest
from mapping.edition.withheld import digest_of, read_withheld, withheld_stamp


@dataclass(frozen=True)
class HiddenRows:
    """Categories and services of an edition that must not be shown any more."""

    categories: frozenset[str] = frozenset()
    service_digests: frozenset[str] = frozenset()
    stamp: int = 0
    """Of the list of services: another stamp is another list."""

    def __bool__(self) -> bool:
        """Whether anything may have to be left out."""
        return bool(self.categories or self.service_digests)

    @classmethod
    def of(cls, root: Path, manifest: Manifest) -> Self:
        """Compare what an edition was built with, with what is confidential today."""
        stamp = withheld_stamp(root)
        confidential = frozenset(confidential_categories())
        declared = manifest.parameters.get("completeness")
        assessed = frozenset(declared) if isinstance(declared, dict) else confidential
        return cls(confidential & assessed, read_withheld(root), stamp)

    def is_withheld(self, service_id: str) -> bool:
        """Whether a service must not be shown under its own id."""
        return digest_of(service_id) in self.service_digests

    def taken_out(self, table: pa.Table) -> pa.Table:
        """Leave out the rows of a table that are hidden; the same table where none is."""
        if not self:
            return table
        shown = self.shown(table)
        return table if all(shown) else table.filter(pa.array(shown, pa.bool_()))

    def shown(self, table: pa.Table) -> list[bool]:
        """Say of each row of a table whether it may be shown."""
        return [
            of_category and of_service
            for of_category, of_service in zip(
                self._shown_categories(table), self._shown_services(table), strict=True
            )
        ]

    def _shown_categories(self, table: pa.Table) -> list[bool]:
        if not self.categories or "category" not in table.column_names:
            return [True] * table.num_rows
        single = table["category"].to_pylist()
        several = [()] * table.num_rows
        if "categories" in table.column_names:
            several = [codes or () for codes in table["categories"].to_pylist()]
        return [
            self.categories.isdisjoint((code, *more))
            for code, more in zip(single, several, strict=True)
        ]

    def _shown_services(self, table: pa.Table) -> list[bool]:
        # A zone names the service that is the nearest: it is not shown until the next build.
        names = [name for name in ("service_id", "nearest_id") if name in table.column_names]
        if not self.service_digests or not names:
            return [True] * table.num_rows
        ids = table[names[0]].to_pylist()
        merged = [()] * table.num_rows
        if "same_as" in table.column_names:
            merged = [others or () for others in table["same_as"].to_pylist()]
        return [
            self.service_digests.isdisjoint(map(digest_of, filter(None, (service_id, *others))))
            for service_id, others in zip(ids, merged, strict=True)
        ]
