"""Rows of an edition that are not shown, because they have become confidential since."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from mapping.disclosure import confidential_categories
from mapping.edition.manifest import Manifest
from mapping.edition.withheld import digest_of, read_withheld, withheld_stamp

SERVICES = "services.parquet"
OUTSIDE = "outside.parquet"
"""Services over the border, as `tables.SERVICES` describes them: there to be walked to."""
_NAMING = ("service_id", "same_as", "category", "categories")
"""What tells of a service whether it is hidden, and whose figures it shaped."""


@dataclass(frozen=True)
class HiddenRows:
    """Categories and services of an edition that must not be shown any more."""

    categories: frozenset[str] = frozenset()
    service_digests: frozenset[str] = frozenset()
    stamp: int = 0
    """Of the list of services: another stamp is another list."""
    recomputed: frozenset[str] = frozenset()
    """Categories whose figures a hidden service has shaped: they wait for the next edition."""

    def __bool__(self) -> bool:
        """Whether anything may have to be left out."""
        return bool(self.categories or self.service_digests)

    @classmethod
    def of(cls, folder: Path, manifest: Manifest) -> Self:
        """Compare what an edition was built with, with what is confidential today."""
        stamp = withheld_stamp(folder.parent)
        confidential = frozenset(confidential_categories())
        declared = manifest.parameters.get("completeness")
        assessed = frozenset(declared) if isinstance(declared, dict) else confidential
        hidden = cls(confidential & assessed, read_withheld(folder.parent), stamp)
        files = {file.name for file in manifest.files} & {SERVICES, OUTSIDE} if hidden else ()
        shaped = (hidden.shaping(_naming(folder / name)) for name in files)
        return replace(hidden, recomputed=frozenset().union(*shaped))

    def is_withheld(self, service_id: str) -> bool:
        """Whether a service must not be shown under its own id."""
        return digest_of(service_id) in self.service_digests

    def shaping(self, services: pa.Table) -> frozenset[str]:
        """Give every category of the services that are hidden."""
        if "category" not in services.column_names:
            return frozenset()
        shown = self.shown(services)
        main, several = services["category"].to_pylist(), _lists(services, "categories")
        return frozenset(
            code
            for is_shown, code, more in zip(shown, main, several, strict=True)
            if not is_shown
            for code in (code, *more)
        )

    def taken_out(self, table: pa.Table) -> pa.Table:
        """Leave out the rows of a table that are hidden; the same table where none is."""
        if not self:
            return table
        shown = self.shown(table)
        return table if all(shown) else table.filter(pa.array(shown, pa.bool_()))

    def shown(self, table: pa.Table) -> list[bool]:
        """Say of each row of a table whether it may be shown."""
        # Not by Arrow's own arrays: to make one of a list loads pandas.
        if "category" not in table.column_names:
            return [True] * table.num_rows
        codes = table["category"].to_pylist()
        if "service_id" not in table.column_names:
            # Rows that name no service were computed from every service of their category.
            hidden = self.categories | self.recomputed
            return [code not in hidden for code in codes]
        merged, several = _lists(table, "same_as"), _lists(table, "categories")
        return [
            self.service_digests.isdisjoint(map(digest_of, (service_id, *others)))
            and self.categories.isdisjoint((code, *more))
            for service_id, others, code, more in zip(
                table["service_id"].to_pylist(), merged, codes, several, strict=True
            )
        ]


def _naming(path: Path) -> pa.Table:
    with pq.ParquetFile(path) as file:
        known = file.schema_arrow.names
        return file.read(columns=[name for name in _NAMING if name in known])


def _lists(table: pa.Table, name: str) -> list[list[str] | tuple[()]]:
    if name not in table.column_names:
        return [()] * table.num_rows
    return [values or () for values in table[name].to_pylist()]
