"""A gazetteer as a table of an edition."""

from typing import Any

import numpy as np
import pyarrow as pa

from mapping.geocoding.civics import Civics, Middles, repeated_texts
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities

_LISTS = {
    "civic": tuple(name for name in Civics.__annotations__ if name != "surveyed"),
    "middle": tuple(Middles.__annotations__),
}
_TYPES: dict[str, pa.DataType] = {
    "start": pa.int64(),
    "number": pa.int64(),
    "street": pa.int64(),
    "x": pa.float64(),
    "y": pa.float64(),
    "error_metres": pa.float64(),
}


def to_arrow(gazetteer: Gazetteer) -> pa.Table:
    """Write the gazetteer as one row with a list for each array; city and EPSG are metadata."""
    columns = {"streets": pa.array([gazetteer.streets], pa.large_list(pa.string()))}
    for prefix, part in (("civic", gazetteer.civics), ("middle", gazetteer.middles)):
        for name in _LISTS[prefix]:
            values = getattr(part, name)
            kind = _TYPES.get(name, pa.string())
            columns[f"{prefix}_{name}"] = pa.array([values], pa.large_list(kind))
    columns["alias_street"] = pa.array(
        [[row for row, _ in gazetteer.aliases]], pa.large_list(pa.int64())
    )
    columns["alias_name"] = pa.array(
        [[name for _, name in gazetteer.aliases]], pa.large_list(pa.string())
    )
    districts = list(gazetteer.localities.districts)
    columns["district"] = pa.array([districts], pa.large_list(pa.string()))
    surveyed = "yes" if gazetteer.civics.surveyed else "no"
    province = gazetteer.localities.province or ""
    metadata = {
        "city": gazetteer.city,
        "epsg": str(gazetteer.epsg),
        "surveyed": surveyed,
        "province": province,
    }
    return pa.table(columns).replace_schema_metadata(metadata)


def from_arrow(table: pa.Table) -> Gazetteer:
    """Read a gazetteer that `to_arrow` wrote.

    Its numbers are copied: a mapped file that somebody cuts short reads as zeros.
    """

    def read(prefix: str, name: str) -> Any:
        values = table[f"{prefix}_{name}"].chunk(0).values
        return np.array(np.from_dlpack(values)) if name in _TYPES else repeated_texts(values)

    metadata = table.schema.metadata
    civics = Civics(
        **{name: read("civic", name) for name in _LISTS["civic"]},
        surveyed=metadata.get(b"surveyed") == b"yes",
    )
    middles = Middles(**{name: read("middle", name) for name in _LISTS["middle"]})
    city, epsg = metadata[b"city"].decode(), int(metadata[b"epsg"])
    streets = table["streets"].chunk(0).values.to_pylist()
    aliases: list[tuple[int, str]] = []
    if "alias_name" in table.column_names:  # an edition of before has none
        parts = (table[f"alias_{name}"].chunk(0).values for name in ("street", "name"))
        aliases = list(zip(*(part.to_pylist() for part in parts), strict=True))
    localities = Localities(city)
    if "district" in table.column_names:  # nor its quarters
        districts = tuple(table["district"].chunk(0).values.to_pylist())
        localities = Localities(city, metadata[b"province"].decode() or None, districts)
    return Gazetteer(localities, epsg, streets, civics, middles, aliases)
