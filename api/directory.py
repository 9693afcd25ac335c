"""The public services of an edition: one entry a service, with all its places."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mapping.edition.edition import Edition
from mapping.text import readable

Row = dict[str, Any]
PAGE_ROWS = 50


class Directory:
    """Services by id, by name, and by the ids that were merged into them; none is confidential."""

    def __init__(self, edition: Edition) -> None:
        held: dict[str, list[Row]] = {}
        for row in edition.services.drop_columns(["geometry"]).to_pylist():
            held.setdefault(row["service_id"], []).append(row)
        self._held = held
        self._merged = {
            other: service_id
            for service_id, rows in held.items()
            for other in rows[0]["same_as"] or ()
        }
        living = (rows for rows in held.values() if rows[0]["status"] != "defunct")
        self._living = sorted(living, key=_by_name)

    @property
    def living(self) -> list[list[Row]]:
        """The rows of every service that is not known to have ended, by name."""
        return self._living

    def find(self, service_id: str) -> list[Row]:
        """Find a service by its id or one merged into it: a row a location, or none."""
        return self._held.get(self._merged.get(service_id, service_id), [])

    def chosen(self, category: str | None, municipio: str | None) -> list[list[Row]]:
        """Choose living services, by name, with all places when one lies in the municipio."""
        return [rows for rows in self._living if _is_of(rows, category, municipio)]

    def search(self, words: str, limit: int = PAGE_ROWS) -> list[list[Row]]:
        """Find living services, by name, in whose name, provider or address all words occur."""
        wanted = words.casefold().split()
        if not wanted:
            return []
        found = (rows for rows in self._living if all(word in _text(rows) for word in wanted))
        return [rows for rows, _ in zip(found, range(limit), strict=False)]

    def counts(self, values: Callable[[Row], Iterable[str | None]]) -> Mapping[str | None, int]:
        """Count living services, each once under each value that `values` gives for its rows."""
        return Counter(
            value for rows in self._living for value in {v for row in rows for v in values(row)}
        )


def page_after(services: list[list[Row]], after: str | None) -> tuple[list[list[Row]], str | None]:
    """Give a page of services and the id after which the next begins, None on the last.

    An `after` that is no longer held begins anew.
    """
    ids = [rows[0]["service_id"] for rows in services]
    start = ids.index(after) + 1 if after in ids else 0
    page = services[start : start + PAGE_ROWS]
    return page, page[-1][0]["service_id"] if start + PAGE_ROWS < len(services) else None


def _by_name(rows: list[Row]) -> tuple[str, str]:
    return readable(rows[0]["name"]).casefold(), rows[0]["service_id"]


def _is_of(rows: list[Row], category: str | None, municipio: str | None) -> bool:
    return (category is None or category in rows[0]["categories"]) and (
        municipio is None or any(row["municipio"] == municipio for row in rows)
    )


def _text(rows: list[Row]) -> str:
    first = rows[0]
    texts = [first["name"], first["organization"], *(row["address"] for row in rows)]
    return " ".join(filter(None, texts)).casefold()
