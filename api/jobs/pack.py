"""Write the positions that the geocoder found into the bundled pack."""

import csv
from pathlib import Path

from api.settings import Settings
from mapping.edition.edition import Edition, current
from mapping.errors import BadInputError
from mapping.tables import is_routed

SOURCE = "schede_qubi"
FILE = Path("services") / "schede.csv"


def refresh_pack(settings: Settings, *, to_write: bool) -> str:
    """Write the published edition's positions into the pack, and say how many rows changed.

    Raises BadInputError when there is no pack, or the edition was made without streets.
    """
    edition = Edition.open(current(settings.editions))
    if settings.pack is None or edition.manifest.parameters["estimated"]:
        raise BadInputError(
            "The pack takes its positions from an edition with streets and addresses."
            " Build one with --mirror DIR."
        )
    path = settings.pack / FILE
    positions = _positions(edition)
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        columns, rows = list(reader.fieldnames or []), list(reader)
    fresh = [{**row, **positions.get(row["id"], {})} for row in rows]
    changed = sum(row != other for row, other in zip(rows, fresh, strict=True))
    if to_write and changed:
        _write(path, columns, fresh)
    placed = sum(bool(row["lon"]) for row in fresh)
    return f"{placed} of {len(fresh)} services of the pack have a position; {changed} rows changed."


def _positions(edition: Edition) -> dict[str, dict[str, str]]:
    rows = [row for row in edition.services.to_pylist() if row["source_id"] == SOURCE]
    return {row["service_id"].partition(":")[2]: _position(row) for row in rows}


def _position(row: dict[str, object]) -> dict[str, str]:
    blank = {"lon": "", "lat": "", "precision": "", "error_metres": ""}
    if not is_routed(str(row["precision"])):
        return blank
    return {
        "lon": f"{row['lon']:.6f}",
        "lat": f"{row['lat']:.6f}",
        "precision": str(row["precision"]),
        "error_metres": f"{row['error_metres']:.0f}",
    }


def _write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    temporary.replace(path)
