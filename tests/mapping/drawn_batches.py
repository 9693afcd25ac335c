"""Services, rows and batches that were invented for the tests of the catalogue."""

from datetime import UTC, datetime
from typing import Any

from mapping.catalogue.batches import QuarantinedRow, SourceBatch
from mapping.model import Location, Position, Provenance, Service

BAD_ROW = QuarantinedRow(
    source_id="drawn",
    line=3,
    field="lat",
    code="not_a_number",
    message="'x' is no latitude. Give degrees.",
    raw={"lat": "x", "città": "Milano"},
)


def service(key: str, name: str = "Nido", *, source_id: str = "drawn") -> Service:
    return Service(
        service_id=f"{source_id}:{key}",
        name=name,
        categories=("nido",),
        locations=(
            Location(
                location_id=key,
                position=Position(lon=9.19, lat=45.46, precision="civic"),
                cap="20138",
            ),
        ),
        provenance=Provenance(source_id=source_id, assured_date="2026-02"),
    )


def batch(*services: Service, source_id: str = "drawn", **changes: Any) -> SourceBatch:
    fields: dict[str, Any] = {
        "source_id": source_id,
        "sha256": "0" * 64,
        "taken_from": "bundled",
        "started_at": datetime(2026, 2, 15, 12, tzinfo=UTC),
        "rows_in": len(services),
        "rows_kept": len(services),
        "services": services,
    }
    return SourceBatch(**fields | changes)
