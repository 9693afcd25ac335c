"""How fresh what a source says is, from the day on which it was last assured."""

from datetime import date

FRESH_DAYS = 183
STALE_DAYS = 730
"""Freshness decays from six months to two years (the scale of data·inclusion's quality score)."""


def assured_on(assured: str) -> date:
    """Give the day of an assurance; a month or a year counts from its first day.

    Parameters
    ----------
    assured : str
        ISO date, month or year.

    Returns
    -------
    date
        The first day that it may mean.
    """
    year, month, day = [*map(int, assured.split("-")), 1, 1][:3]
    return date(year, month, day)


def is_stale(assured: str | None, today: date) -> bool:
    """Whether a record was assured too long ago, or nobody knows when.

    Parameters
    ----------
    assured : str or None
        ISO date, month or year.
    today : date
        The day to judge from.

    Returns
    -------
    bool
        True when more than `STALE_DAYS` have passed.
    """
    return freshness(assured, today) < 0


def freshness(assured: str | None, today: date) -> float:
    """Say how fresh a record is.

    Parameters
    ----------
    assured : str or None
        ISO date, month or year.
    today : date
        The day to judge from.

    Returns
    -------
    float
        1 until `FRESH_DAYS`, then falling in a line to 0 at `STALE_DAYS`, and below; minus infinity
        when nobody knows.
    """
    if assured is None:
        return float("-inf")
    age = (today - assured_on(assured)).days
    return min(1.0, (STALE_DAYS - age) / (STALE_DAYS - FRESH_DAYS))
