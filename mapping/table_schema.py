"""What a published table is: columns with types, units and meanings, and a key."""

from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class Column:
    """One column: its Arrow type and its meaning, unit included."""

    type: pa.DataType
    meaning: str


@dataclass(frozen=True)
class Table:
    """One published table: the columns in their order, and the key that names a row."""

    name: str
    key: tuple[str, ...]
    columns: dict[str, Column] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The column names in their published order."""
        return list(self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the table, geometry left out."""
        return pa.schema([pa.field(name, column.type) for name, column in self.columns.items()])
