"""Tables of an edition in their files: read whole, or no more of them than is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def read_table(path: Path) -> pa.Table:
    """Read a table whole; an Arrow file is mapped to memory."""
    if path.suffix == ".parquet":
        # Not `read_table`, which loads the machinery for folders of many files.
        with pq.ParquetFile(path) as file:
            return _plain(file.read())
    # The mapping outlives its name: the table's buffers hold it.
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def read_rows(
    path: Path, footer: pq.FileMetaData, wanted: Mapping[str, str | Sequence[str]]
) -> pa.Table:
    """Read the rows whose columns have the values that are wanted, one or several of each."""
    if not wanted:
        return read_table(path)
    chosen = {
        name: {values} if isinstance(values, str) else set(values)
        for name, values in wanted.items()
    }
    with pq.ParquetFile(path, metadata=footer) as file:
        table = file.read_row_groups(list(_groups(file, chosen)))
    return _plain(table.filter(_mask(table, chosen)))


def _groups(file: pq.ParquetFile, chosen: Mapping[str, set[str]]) -> Iterator[int]:
    """Give the groups of rows in which every value occurs: what a footer tells is asked first."""
    columns = {name: file.schema_arrow.get_field_index(name) for name in chosen}
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        if all(
            _spans(group.column(column).statistics, chosen[name])
            for name, column in columns.items()
        ) and all(_occurs(file, number, name, values) for name, values in chosen.items()):
            yield number


def _spans(span: pq.Statistics | None, values: set[str]) -> bool:
    return span is None or any(span.min <= value <= span.max for value in values)


def _occurs(file: pq.ParquetFile, number: int, name: str, values: set[str]) -> bool:
    column = file.read_row_group(number, columns=[name])[name]
    return not values.isdisjoint(column.unique().to_pylist())


def _mask(table: pa.Table, chosen: Mapping[str, set[str]]) -> pa.Array:
    import pyarrow.compute as pc  # noqa: PLC0415 - 9 MB that a look-up goes without

    mask = pa.repeat(pa.scalar(value=True), table.num_rows)
    for name, values in chosen.items():
        matches = pc.is_in(table[name].cast(pa.string()), pa.array(sorted(values), pa.string()))
        mask = pc.and_(mask, matches)
    return mask


def _plain(table: pa.Table) -> pa.Table:
    """Spell out the words that a file codes by a dictionary."""
    if not any(map(pa.types.is_dictionary, table.schema.types)):
        return table
    types = [
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(types, table.schema.metadata))
