"""Exports of a whole edition, for the municipality's GIS and for spreadsheets."""

import json
import shutil
import tempfile
from pathlib import Path

from api.exports import csv_files, geojson_files, geopackage
from api.exports.format import Format
from api.exports.frames import frames
from mapping.city import city
from mapping.coverage.situations import BASE, Situation, computed
from mapping.edition.edition import Edition
from mapping.errors import BadInputError

__all__ = ["export", "formats"]


def formats() -> dict[str, Format]:
    """List the formats, each by the name that the command line gives it.

    Returns
    -------
    dict of str to Format
        How each of them is written.
    """
    return {
        "gpkg": geopackage.FORMAT,
        "geojson": geojson_files.FORMAT,
        "csv": csv_files.FORMAT,
    }


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
    chosen = _format(kind, crs)
    tables = frames(edition, crs, computed(situation))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".export-") as temporary:
        written = chosen.write(tables, Path(temporary))
        written.append(_manifest(edition, situation, Path(temporary)))
        return [Path(shutil.move(path, out / path.name)) for path in written]


def _format(kind: str, crs: str) -> Format:
    if kind not in formats():
        raise BadInputError(f"Unknown format '{kind}'. Use one of: {', '.join(formats())}.")
    chosen = formats()[kind]
    if chosen.only_crs and crs.upper() != chosen.only_crs:
        raise BadInputError(
            f"{kind} is in {chosen.only_crs} ({chosen.rule}), not '{crs}'. Leave --crs out."
        )
    return chosen


def _manifest(edition: Edition, situation: Situation, folder: Path) -> Path:
    path = folder / "edition.json"
    manifest = json.loads(edition.manifest.model_dump_json()) | {"situation": situation._asdict()}
    # An older manifest may name the phones of records.
    manifest["recomputed"] = sorted(edition.hidden.recomputed)
    manifest["parameters"]["confidential"] = city(edition.manifest.city).confidential_contacts
    path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    return path
