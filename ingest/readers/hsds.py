"""Reads directories in HSDS 3.1: one row for each service at a location.

Open Referral, Human Services Data Specification 3.1, https://docs.openreferral.org.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest import rows
from ingest.file_parts import aside_of_json
from ingest.named_rows import beside
from ingest.page_archive import json_pages
from ingest.passages import Aside
from ingest.rows import RawTable
from mapping.errors import SourceError
from mapping.hours.opening import to_osm

_DAYS = {
    "MO": "lun", "TU": "mar", "WE": "mer", "TH": "gio", "FR": "ven", "SA": "sab", "SU": "dom"
}  # fmt: skip
# A clock without a zone, or with Italy's: any other hour would have to be converted.
_CLOCK = re.compile(r"(\d{2}:\d{2})(?::00)?(?:\+0[12]:00)?")
_AT_THE_PLACE = re.compile(
    r"in.?person|in presenza|on.?site|in loco|in sede|at (?:the )?(?:location|venue)|venue|face.to",
    re.IGNORECASE,
)
_NARROWING = (
    "valid_from", "valid_to", "dtstart", "until", "count", "byweekno", "bymonthday", "byyearday"
)  # fmt: skip
"""What makes a schedule another thing than every week's."""


def read_hsds(path: Path, *, source_id: str) -> RawTable:
    """Read full service records as one row for each place where a service is given.

    The service's own columns have their names (``name``, ``organization.name``,
    ``phones.0.number``), those of the place stand under ``service_at_location.`` and ``location.``,
    and ``hours`` is text. Raises SourceError when the file is not JSON, or holds no service.
    """
    services: list[Any] = []
    aside = Aside()
    for _, page in json_pages(path):
        full = _full(page)
        services += full
        if isinstance(page, dict) and isinstance(page.get("contents"), list):
            # What a list for browsing says of a service is of the one with its id.
            browsed = [record for record in page["contents"] if record not in full]
            aside.add(aside_of_json({**page, "contents": browsed}))
    if not services:
        raise SourceError(
            f"{path.name} holds no full HSDS service. Give those of /services/{{id}}."
        )
    table = rows.table((row for service in services for row in _rows(service)), source_id)
    return beside(table, aside)


def _full(page: Any) -> list[Any]:
    if isinstance(page, list):
        return page
    if not isinstance(page, dict):
        return [page]
    contents = page.get("contents")
    if not isinstance(contents, list):
        return [page]
    # A list for browsing has only the services' own fields: their records are pages of their own.
    return [
        record
        for record in contents
        if not isinstance(record, dict) or "service_at_locations" in record
    ]


def _rows(service: Any) -> Iterator[object]:
    if not isinstance(service, dict):
        yield service
        return
    own = {key: value for key, value in service.items() if key != "service_at_locations"}
    for place in service.get("service_at_locations") or [{}]:
        if not isinstance(place, dict):
            yield place
            continue
        at = {key: value for key, value in place.items() if key != "location"}
        location = place.get("location")
        located = location if isinstance(location, dict) else {}
        yield own | {
            "service_at_location": at,
            "location": located,
            "hours": _hours(at, located, own),
        }


def _hours(*holders: dict[str, Any]) -> str:
    """Say the schedules of the first that has any: the place's own go before the service's."""
    for holder in holders:
        schedules = [
            schedule for schedule in holder.get("schedules") or [] if isinstance(schedule, dict)
        ]
        if schedules:
            return "; ".join(filter(None, (_words(schedule) for schedule in schedules)))
    return ""


def _words(schedule: dict[str, Any]) -> str:
    texts = {
        key: (",".join(map(str, value)) if isinstance(value, list) else str(value)).strip()
        for key, value in schedule.items()
        if value not in (None, "")
    }
    clocks = [_CLOCK.fullmatch(texts.get(key, "")) for key in ("opens_at", "closes_at")]
    days = [_DAYS.get(day.strip().upper()) for day in texts.get("byday", "").split(",")]
    weekly = texts.get("freq") == "WEEKLY" and texts.get("interval", "1") == "1"
    if weekly and all(clocks) and all(days) and not any(key in texts for key in _NARROWING):
        opens, closes = (clock[1] for clock in clocks if clock)
        hours = f"{', '.join(filter(None, days))} {opens}-{closes}"
        return ", ".join([hours, *_remarks(texts, hours)])
    words = [texts[key] for key in ("description", "notes") if key in texts]
    if words:
        return ", ".join([*words, *_elsewhere(texts)])
    # Words that nothing reads as hours: a fortnight is not every week.
    keys = ("freq", "interval", "byday", *_NARROWING, "opens_at", "closes_at")
    return " ".join(f"{key}={texts[key]}" for key in keys if key in texts)


def _remarks(texts: dict[str, str], hours: str) -> list[str]:
    """Give what is words besides the hours: it may narrow them, and is never left out."""
    words = (texts.get(key, "") for key in ("description", "notes"))
    return [*(text for text in words if text and to_osm(text) != to_osm(hours)), *_elsewhere(texts)]


def _elsewhere(texts: dict[str, str]) -> list[str]:
    """Say how one attends where that is not at the place, as by telephone."""
    attending = texts.get("attending_type", "")
    return [] if not attending or _AT_THE_PLACE.search(attending) else [f"({attending})"]
