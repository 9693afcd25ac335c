"""Plans count from the figures of coverage: what a plan changes is added to what pages tell.

A plan needs people at their doors, and those are rounded section by section
(`coverage.random_rounding`): their sums differ by a few from those of coverage. Differences between
two plans are of these; what they are counted from is the number that every page, map and file has.
"""

from collections.abc import Mapping

from mapping.coverage.situations import Situation
from mapping.edition.edition import Edition
from mapping.edition.edition_cache import cached_by_edition
from mapping.edition.queries import people_of_share
from mapping.siting.asks import Ask
from mapping.tables import SECONDS_PER_MINUTE, THRESHOLDS_MINUTES, Row

CITY = "municipality"
HELD_LEVELS = 64
"""Of which the counts are kept: people try one scenario after the other of a category."""


class CoverageCounts:
    """What coverage counts in the situation of a plan; nothing where it counts another thing.

    Coverage counts within its own `tables.THRESHOLDS_MINUTES`, near every record in hand.

    Parameters
    ----------
    edition : Edition
        The edition.
    ask : Ask
        The plan's question.
    """

    def __init__(self, edition: Edition, ask: Ask) -> None:
        self._edition, self._category = edition, ask.category
        self._profile = ask.profile
        minutes = ask.walk_seconds / SECONDS_PER_MINUTE
        self._is_counted = ask.basis == "all" and minutes in THRESHOLDS_MINUTES
        self._column = f"share_{minutes:.0f}"

    def rows(self, level: str) -> Mapping[str, Row]:
        """Give the rows of a level by the id of their area.

        Parameters
        ----------
        level : str
            One of `tables.COVERAGE`.

        Returns
        -------
        mapping of str to dict
            Empty where coverage does not count what the plan does.
        """
        if not self._is_counted:
            return {}
        return _rows(self._edition, self._category, self._profile, self._column, level)

    def counted(self, before: Row, after: Row, row: Row | None) -> tuple[Row, Row]:
        """Count an area before and after a plan from its row of coverage.

        Parameters
        ----------
        before, after : dict
            `people`, `within` and `share` as the plan sums them, beside other figures.
        row : dict, optional
            The row of coverage of the area.

        Returns
        -------
        tuple of dict
            The same figures; below the city, where coverage gives whole percents alone, people
            within stay those of the plan.
        """
        if row is None or not row["demand"]:
            return before, after
        people, share = int(row["demand"]), row.get(self._column)
        own, gained = before["within"], after["within"] - before["within"]
        first = people_of_share(row, self._column) if row["level"] == CITY else own
        start = own if first is None else first
        shares = [None, None] if share is None else [share, share + gained / people]
        begun, ended = (
            {
                **side,
                "people": people,
                "within": min(max(within, 0), people),
                "share": None if part is None else round(min(max(part, 0), 1), 2),
            }
            for side, within, part in zip(
                (before, after), (start, start + gained), shares, strict=True
            )
        )
        return begun, ended


@cached_by_edition(HELD_LEVELS)
def _rows(
    edition: Edition, category: str, profile: str, column: str, level: str
) -> Mapping[str, Row]:
    situation = Situation(profile=profile)._asdict()
    table = edition.coverage(category=category, level=level, **situation)
    rows = table.select(["level", "area_id", "demand", column]).to_pylist()
    return {row["area_id"]: row for row in rows}
