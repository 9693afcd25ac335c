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
    """What coverage counts in the situation of a plan: people always, and who is within the walk.

    These it counts within its own `tables.THRESHOLDS_MINUTES`, near every record in hand; of
    another walk, or near verified records alone, the sums of the plan stand.

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
        is_counted = ask.basis == "all" and minutes in THRESHOLDS_MINUTES
        self._column = f"share_{minutes:.0f}" if is_counted else None

    def rows(self, level: str) -> Mapping[str, Row]:
        """Give the rows of a level by the id of their area.

        Parameters
        ----------
        level : str
            One of `tables.COVERAGE`.

        Returns
        -------
        mapping of str to dict
            With whom the category is for, and, where coverage counts them, who is within the walk.
        """
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
            The same figures; where coverage does not count who is within the walk, and below the
            city, where it gives whole percents alone, these stay those of the plan.
        """
        if row is None or not row["demand"]:
            return before, after
        people = int(row["demand"])
        if self._column is None:
            return _among(before, people), _among(after, people)
        share = row.get(self._column)
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


def _among(side: Row, people: int) -> Row:
    """Count who is within the walk, as a plan sums them, among the people of coverage."""
    within, share = min(side["within"], people), side["share"]
    if share is not None:
        share = round(within / people, 2)
    return side | {"people": people, "within": within, "share": share}


@cached_by_edition(HELD_LEVELS)
def _rows(
    edition: Edition, category: str, profile: str, column: str | None, level: str
) -> Mapping[str, Row]:
    situation = Situation(profile=profile)._asdict()
    table = edition.coverage(category=category, level=level, **situation)
    names = ["level", "area_id", "demand", *([column] if column else [])]
    rows = table.select(names).to_pylist()
    return {row["area_id"]: row for row in rows}
