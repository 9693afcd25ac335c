"""The public services of an edition: one entry a service, with all its places."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from mapping.edition.edition import Edition
from mapping.services.service_row import ServiceRow
from mapping.text import readable

PAGE_ROWS = 50


class Directory:
    """Services by id, by name, and by the ids that were merged into them."""

    def __init__(self, edition: Edition) -> None:
        by_service: dict[str, list[ServiceRow]] = {}
        for row in (*edition.service_rows, *edition.outside_rows):
            by_service.setdefault(row.service_id, []).append(row)
        self._by_service = by_service
        self._merged = {
            other: service_id
            for service_id, rows in by_service.items()
            for other in rows[0].same_as
        }
        # What lies over the border is found by who was told of it, and is none of the city's.
        living = (
            rows
            for rows in by_service.values()
            if rows[0].is_listed and rows[0].comune_outside is None
        )
        self._living = sorted(living, key=_by_name)

    @property
    def living(self) -> list[list[ServiceRow]]:
        """The rows of every service that is not known to have ended, by name."""
        return self._living

    def find(self, service_id: str) -> list[ServiceRow]:
        """Find a service by its id, or one merged into it: a row a location, none if not held."""
        return self._by_service.get(self._merged.get(service_id, service_id), [])

    def select(self, category: str | None, municipio: str | None) -> list[list[ServiceRow]]:
        """Choose living services by name, with all their places when one lies in the municipio."""
        return [rows for rows in self._living if _is_of(rows, category, municipio)]

    def search(self, words: str, limit: int = PAGE_ROWS) -> list[list[ServiceRow]]:
        """Find living services of which name, giver or address hold all the words, in any order."""
        wanted = words.casefold().split()
        if not wanted:
            return []
        matches = (rows for rows in self._living if all(word in _text(rows) for word in wanted))
        return [rows for rows, _ in zip(matches, range(limit), strict=False)]

    def counts(
        self, under: Callable[[ServiceRow], Iterable[str | None]]
    ) -> Mapping[str | None, int]:
        """Count living services, each once under each thing that a row is counted under."""
        return Counter(
            key for rows in self._living for key in {key for row in rows for key in under(row)}
        )


def page_after(
    services: list[list[ServiceRow]], after: str | None
) -> tuple[list[list[ServiceRow]], str | None]:
    """Cut out the page after an id, and give the id before the next page; None on the last."""
    ids = [rows[0].service_id for rows in services]
    start = ids.index(after) + 1 if after in ids else 0
    page = services[start : start + PAGE_ROWS]
    return page, page[-1][0].service_id if start + PAGE_ROWS < len(services) else None


def _by_name(rows: list[ServiceRow]) -> tuple[str, str]:
    return readable(rows[0].name).casefold(), rows[0].service_id


def _is_of(rows: list[ServiceRow], category: str | None, municipio: str | None) -> bool:
    return (category is None or category in rows[0].categories) and (
        municipio is None or any(row.municipio == municipio for row in rows)
    )


def _text(rows: list[ServiceRow]) -> str:
    first = rows[0]
    texts = [first.name, first.organization, *(row.address for row in rows)]
    return " ".join(filter(None, texts)).casefold()
