"""The tables of an edition as data frames, flattened for programs that know no lists."""

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from api.i18n.language import SOURCE, words
from api.i18n.zone_sentences import zone_rank_why, zone_why
from mapping.coverage.class_words import UNKNOWN, class_label
from mapping.coverage.situations import Situation
from mapping.crs import WGS84
from mapping.edition.edition import Edition
from mapping.edition.geoparquet import geometries
from mapping.edition.queries import completeness, with_near_addresses
from mapping.errors import BadInputError

SITUATED = ("coverage", "greyzones")
"""Tables with rows for every situation; those of one of them are written."""
TABLES = ("areas", "services", "outside", "coverage", "equity", "greyzones", "stops")
"""A zone may name a service of `outside`, over the border, as its nearest."""


def frames(edition: Edition, crs: str, situation: Situation) -> dict[str, pd.DataFrame]:
    """Read the tables of an edition by name, for one situation, projected to a reference system.

    Raises BadInputError when the reference system is not known.
    """
    tables = {}
    for name in filter(lambda name: edition.has(f"{name}.parquet"), TABLES):
        frame = _flat(edition, name, situation)
        try:
            tables[name] = frame.to_crs(crs) if isinstance(frame, gpd.GeoDataFrame) else frame
        except Exception as error:
            raise BadInputError(f"Unknown reference system '{crs}'. Give EPSG:CODE.") from error
    return tables


def _flat(edition: Edition, name: str, situation: Situation) -> pd.DataFrame:
    # GIS formats know no lists and no key of ours: codes are joined by blanks; ids may hold some.
    wanted = situation._asdict() if name in SITUATED else {}
    table = edition.rows(f"{name}.parquet", **wanted)
    # Beside a missing count a whole number would become 25.0.
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    if "geometry" in table.column_names:
        frame = gpd.GeoDataFrame(
            frame.drop(columns="geometry"), geometry=geometries(table), crs=WGS84
        )
    for field in table.schema:
        if pa.types.is_list(field.type):
            mark = "; " if field.name in ("same_as", "names") else " "
            frame[field.name] = [mark.join(v) if v is not None else None for v in frame[field.name]]
    if name == "coverage":
        frame = _with_class_words(frame)
    if name in SITUATED:
        frame = _with_lists(frame, edition)
    if name == "greyzones":
        frame = _with_sentences(frame, table, edition)
    return frame.assign(edition=edition.id)


def _with_class_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the Italian word of each class, and the answers that an older edition does not hold."""
    answers = {n: frame.get(n, UNKNOWN) for n in ("may_come", "has_room")}
    frame = frame.assign(**answers)
    rows = zip(frame["class"], frame["category"], frame["has_room"], strict=True)
    return frame.assign(class_label=[class_label(*row) for row in rows])


def _with_lists(frame: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """Add how complete the list of each row is: of how many records figures are."""
    declared = completeness(edition, frame["category"].unique().tolist())
    columns = {
        "completeness": "status", "known": "known", "to_verify": "to_verify",
        "unplaced": "unplaced",
    }  # fmt: skip
    return frame.assign(
        **{name: frame["category"].map({c: declared[c][key] for c in declared})
           for name, key in columns.items()}
    )  # fmt: skip


def _with_sentences(frame: pd.DataFrame, table: pa.Table, edition: Edition) -> pd.DataFrame:
    """Add the Italian sentences of the zones, and what they name, for readers in a GIS."""
    italian = words(SOURCE)
    rows = with_near_addresses(edition, table.drop_columns(["geometry"]).to_pylist())
    return frame.assign(
        call_near=[row["call_near"] for row in rows],
        why=[zone_why(row, italian) for row in rows],
        rank_why=[zone_rank_why(row, italian) for row in rows],
    )
