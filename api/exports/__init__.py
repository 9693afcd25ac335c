"""Exports of a whole edition, for the municipality's GIS and for spreadsheets."""

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyogrio

from api.i18n.language import SOURCE, words
from api.i18n.zone_sentences import zone_rank_why, zone_why
from mapping.city import city
from mapping.coverage.situations import BASE, Situation, computed
from mapping.crs import WGS84
from mapping.edition.edition import Edition
from mapping.edition.geoparquet import geometries
from mapping.errors import BadInputError

__all__ = ["export", "formats"]

Writer = Callable[[dict[str, gpd.GeoDataFrame], Path], list[Path]]
SITUATED = ("coverage", "greyzones")
"""Tables with rows for every situation; those of one of them are written."""
TABLES = ("areas", "services", "coverage", "equity", "greyzones", "stops")


def formats() -> dict[str, Writer]:
    """List the formats, each with its writer.

    Returns
    -------
    dict of str to callable
        The writer gives the files that it wrote into a folder.
    """
    return {"gpkg": _gpkg, "geojson": _geojson, "csv": _csv}


def export(
    edition: Edition,
    kind: str,
    out: Path,
    *,
    crs: str = "EPSG:4326",
    situation: Situation = BASE,
) -> list[Path]:
    """Write an edition in one format; the folder gets all of it or nothing.

    Parameters
    ----------
    edition : Edition
        What to write.
    kind : str
        One of `formats`.
    out : Path
        The folder; made when missing.
    crs : str
        Reference system of the coordinates, such as ``EPSG:32632``. GeoJSON is always EPSG:4326
        (RFC 7946).
    situation : Situation
        Of whom, when and with what need coverage and grey zones are written: of one situation an
        area and a category have one row.

    Returns
    -------
    list of Path
        The files, the edition's manifest among them.

    Raises
    ------
    BadInputError
        When the format or the reference system is not known, or the situation not computed.
    """
    if kind not in formats():
        raise BadInputError(f"Unknown format '{kind}'. Use one of: {', '.join(formats())}.")
    if kind == "geojson" and crs.upper() != "EPSG:4326":
        raise BadInputError(f"GeoJSON is in EPSG:4326 (RFC 7946), not '{crs}'. Leave --crs out.")
    frames = _frames(edition, crs, computed(situation))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".export-") as temporary:
        written = formats()[kind](frames, Path(temporary))
        written.append(_manifest(edition, situation, Path(temporary)))
        return [Path(shutil.move(path, out / path.name)) for path in written]


def _frames(edition: Edition, crs: str, asked: Situation) -> dict[str, gpd.GeoDataFrame]:
    frames = {}
    for name in filter(lambda name: edition.has(f"{name}.parquet"), TABLES):
        frame = _flat(edition, name, asked)
        try:
            frames[name] = frame.to_crs(crs) if isinstance(frame, gpd.GeoDataFrame) else frame
        except Exception as error:
            raise BadInputError(f"Unknown reference system '{crs}'. Give EPSG:CODE.") from error
    return frames


def _flat(edition: Edition, name: str, asked: Situation) -> gpd.GeoDataFrame:
    # GIS formats know no lists and no key of ours: codes are joined by blanks; ids may hold some.
    wanted = asked._asdict() if name in SITUATED else {}
    table = edition.rows(f"{name}.parquet", **wanted)
    frame = table.to_pandas()
    if "geometry" in table.column_names:
        frame = gpd.GeoDataFrame(
            frame.drop(columns="geometry"), geometry=geometries(table), crs=WGS84
        )
    for field in table.schema:
        if pa.types.is_list(field.type):
            mark = "; " if field.name == "same_as" else " "
            frame[field.name] = [mark.join(v) if v is not None else None for v in frame[field.name]]
    if name == "greyzones":
        frame = _with_sentences(frame, table)
    return frame.assign(edition=edition.id)


def _with_sentences(frame: pd.DataFrame, table: pa.Table) -> pd.DataFrame:
    """Add the Italian sentences of the zones, for whoever reads the table in a GIS."""
    italian, rows = words(SOURCE), table.drop_columns(["geometry"]).to_pylist()
    return frame.assign(
        why=[zone_why(row, italian) for row in rows],
        rank_why=[zone_rank_why(row, italian) for row in rows],
    )


def _gpkg(frames: dict[str, gpd.GeoDataFrame], folder: Path) -> list[Path]:
    path = folder / "prossima.gpkg"
    for name, frame in frames.items():
        if isinstance(frame, gpd.GeoDataFrame) and name == "areas":
            for level, part in frame.groupby("level", sort=False):
                _write_layer(part, path, f"areas_{level}")
        else:
            _write_layer(frame, path, name)
    return [path]


def _write_layer(frame: pd.DataFrame, path: Path, layer: str) -> None:
    pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG")


def _geojson(frames: dict[str, gpd.GeoDataFrame], folder: Path) -> list[Path]:
    written = []
    for name, frame in frames.items():
        if isinstance(frame, gpd.GeoDataFrame):
            path = folder / f"{name}.geojson"
            path.write_text(frame.to_json(drop_id=True, to_wgs84=True), encoding="utf-8")
            written.append(path)
    return written


def _csv(frames: dict[str, gpd.GeoDataFrame], folder: Path) -> list[Path]:
    written = []
    for name, frame in frames.items():
        path = folder / f"{name}.csv"
        plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
        plain.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
        written.append(path)
    return written


def _manifest(edition: Edition, asked: Situation, folder: Path) -> Path:
    path = folder / "edition.json"
    manifest = json.loads(edition.manifest.model_dump_json()) | {"situation": asked._asdict()}
    # An older manifest may name the phones of records.
    contacts = city(edition.manifest.city).confidential_contacts
    manifest["parameters"]["confidential"] = contacts
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    return path
