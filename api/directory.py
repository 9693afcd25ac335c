"""The services of an edition as the public sees them: one entry a service, with all its places."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from mapping.edition.edition import Edition
from mapping.services.service_row import ServiceRow
from mapping.text import readable

PAGE_ROWS = 50


class Directory:
    """Services by id, by name, and by the ids that were merged into them.

    Parameters
    ----------
    edition : Edition
        Holds no confidential service: there is none here.
    """

    def __init__(self, edition: Edition) -> None:
        held: dict[str, list[ServiceRow]] = {}
        for row in edition.service_rows:
            held.setdefault(row.service_id, []).append(row)
        self._held = held
        self._merged = {
            other: service_id for service_id, rows in held.items() for other in rows[0].same_as
        }
        living = (rows for rows in held.values() if rows[0].is_listed)
        self._living = sorted(living, key=_by_name)

    @property
    def living(self) -> list[list[ServiceRow]]:
        """The rows of every service that is not known to have ended, by name."""
        return self._living

    def find(self, service_id: str) -> list[ServiceRow]:
        """Find a service.

        Parameters
        ----------
        service_id : str
            Its id, or one that was merged into it.

        Returns
        -------
        list of ServiceRow
            One row a location, as `tables.SERVICES` describes them; empty when it is not held.
        """
        return self._held.get(self._merged.get(service_id, service_id), [])

    def chosen(self, category: str | None, municipio: str | None) -> list[list[ServiceRow]]:
        """Choose living services.

        Parameters
        ----------
        category, municipio : str or None
            None: whichever.

        Returns
        -------
        list of list of ServiceRow
            By name; with all their places, when one of them lies there.
        """
        return [rows for rows in self._living if _is_of(rows, category, municipio)]

    def search(self, words: str, limit: int = PAGE_ROWS) -> list[list[ServiceRow]]:
        """Find living services by words of their name, of who gives them, or of their address.

        Parameters
        ----------
        words : str
            All of them must be met, in any order.
        limit : int, optional
            How many at the most.

        Returns
        -------
        list of list of ServiceRow
            By name.
        """
        wanted = words.casefold().split()
        if not wanted:
            return []
        found = (rows for rows in self._living if all(one in _text(rows) for one in wanted))
        return [rows for rows, _ in zip(found, range(limit), strict=False)]

    def counts(self, of: Callable[[ServiceRow], Iterable[str | None]]) -> Mapping[str | None, int]:
        """Count living services.

        Parameters
        ----------
        of : callable
            What a row is counted under.

        Returns
        -------
        mapping
            Each service once under each thing.
        """
        return Counter(
            what for rows in self._living for what in {one for row in rows for one in of(row)}
        )


def page_after(
    services: list[list[ServiceRow]], after: str | None
) -> tuple[list[list[ServiceRow]], str | None]:
    """Cut one page out of a list.

    Parameters
    ----------
    services : list of list of ServiceRow
        Of `Directory.chosen`.
    after : str or None
        The last id of the page before; one that is no longer held begins anew.

    Returns
    -------
    tuple
        The page, and the id after which the next one begins; None on the last.
    """
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
    told = [first.name, first.organization, *(row.address for row in rows)]
    return " ".join(filter(None, told)).casefold()
