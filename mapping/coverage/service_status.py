"""Status of each service in a situation: verified, open, suitable, or not known."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping.arrays import Bools, Floats
from mapping.coverage import requirements
from mapping.coverage.classes import (
    CLOSED,
    HOURS_UNKNOWN,
    SUITABILITY_UNKNOWN,
    SURE,
    UNSUITABLE,
    UNVERIFIED,
)
from mapping.coverage.requirements import equals
from mapping.coverage.situations import Situation
from mapping.freshness import hours_assured, is_of_late
from mapping.hours import windows
from mapping.hours.city_calendar import Calendar
from mapping.hours.windows import days_of, window
from mapping.tables import HAS_ROOM, MAY_COME, is_verified
from mapping.taxonomy import category

CONTRADICTION_METRES = 400.0
"""A source's own point that is farther from its address is another place (docs/methods.md)."""
Trits = npt.NDArray[np.int8]
"""1 for yes, -1 for no, 0 for not known."""

STEP_FREE = {"wheelchair": False, "stroller": True}
"""Profiles that a step at the door keeps out, and whether an unknown door counts as good enough:
a stroller can be lifted over a step that nobody spoke of, a wheelchair cannot."""


@dataclass(frozen=True, eq=False)
class Supply:
    """Services with a place, as arrays of length s.

    `x`, `y` and `error_metres` are metres; `verified` marks what is active and freshly assured;
    `capacity` is NaN where it is not known. `opens` and `meets` give, by window and requirement,
    whether the service is open in it and meets it; `step_free` whether its door has no step.
    `may_come` and `has_room` are indices into `tables.MAY_COME` and `tables.HAS_ROOM`.
    `outside` marks what lies over the border: it is walked to, and counted nowhere.
    `published_x`, `published_y` are the point of its source, NaN where its place is no other.
    """

    x: Floats
    y: Floats
    error_metres: Floats
    verified: Bools
    capacity: Floats
    step_free: Trits
    opens: Mapping[str, Trits]
    meets: Mapping[str, Trits]
    outside: Bools
    may_come: Trits
    has_room: Trits
    published_x: Floats
    published_y: Floats

    @property
    def is_contradicted(self) -> Bools:
        """Whether a source's own point contradicts the address: it is in one of two places."""
        flags: Bools = contradicted(self.error_metres, self.published_x)
        return flags

    def take(self, rows: Bools) -> "Supply":
        """Choose some of the services.

        Parameters
        ----------
        rows : ndarray of bool, shape (s,)
            Which ones.

        Returns
        -------
        Supply
            Theirs.
        """
        return Supply(
            self.x[rows],
            self.y[rows],
            self.error_metres[rows],
            self.verified[rows],
            self.capacity[rows],
            self.step_free[rows],
            {name: trits[rows] for name, trits in self.opens.items()},
            {name: trits[rows] for name, trits in self.meets.items()},
            self.outside[rows],
            self.may_come[rows],
            self.has_room[rows],
            self.published_x[rows],
            self.published_y[rows],
        )

    def is_known_for(self, situation: Situation) -> bool:
        """Whether anything that matters in a situation is known; true for `any`."""
        timed = situation.window == windows.ANY or bool(self.opens[situation.window].any())
        needed = situation.requirement == requirements.ANY or bool(
            self.meets[situation.requirement].any()
        )
        return timed and needed


def contradicted(error_metres: npt.ArrayLike, published: npt.ArrayLike) -> Bools:
    """Flag the services in one of two places, as far apart as the error is.

    Parameters
    ----------
    error_metres, published : array_like of float
        The error, and either coordinate of the source's own point, NaN for none.

    Returns
    -------
    ndarray of bool
        Alike in shape.
    """
    errors, points = (np.asarray(each, float) for each in (error_metres, published))
    flags: Bools = (errors > CONTRADICTION_METRES) & ~np.isnan(points)
    return flags


def supply(
    services: pd.DataFrame,
    metres: tuple[Floats, Floats],
    published: tuple[Floats, Floats],
    today: date,
    calendar: Calendar,
) -> Supply:
    """Evaluate services against every window and requirement.

    Parameters
    ----------
    services : DataFrame
        The columns of `tables.SERVICES`, s of them; those with a true `outside` lie outside.
    metres, published : tuple of ndarray
        Their x and y, and those of their sources' own points, NaN for none.
    today : date
        The windows' days are counted from here.
    calendar : Calendar
        The city's days.

    Returns
    -------
    Supply
        In the order of the services.
    """
    rows: list[dict[str, Any]] = services.to_dict("records")  # type: ignore[assignment] # names are text
    hours = [(_text(row["opening_hours"]), _hours_assured(row)) for row in rows]
    return Supply(
        *metres,
        services["error_metres"].fillna(0).to_numpy(float),
        np.array([is_verified(row["status"], stale=row["stale"]) for row in rows], bool),
        services["capacity"].to_numpy(float),
        _trits([_flag(row["step_free"]) for row in rows]),
        {name: _open_in(name, hours, today, calendar) for name in _windows()},
        {
            need.id: _trits([need.met_by(row) for row in rows])
            for need in requirements.requirements().values()
        },
        outside_of(services),
        np.array([MAY_COME.index(may_come(row)) for row in rows], np.int8),
        np.array([HAS_ROOM.index(room(row, today)) for row in rows], np.int8),
        *published,
    )


def may_come(row: Mapping[str, Any]) -> str:
    """Say whether who does not reside here may come to a service, as one of `tables.MAY_COME`.

    Where a referral applies, it is not known whom it is given to: then no residence asked for is
    not yet a yes.
    """
    if equals(row["residence_required"], wanted=True):
        return "no"
    referred = any("referral" in (category(code).admission or ()) for code in row["categories"])
    is_open = equals(row["residence_required"], wanted=False) and not referred
    return "yes" if is_open else "unknown"


def room(row: Mapping[str, Any], today: date) -> str:
    """Say whether a service has room, as one of `tables.HAS_ROOM`.

    Unknown where nobody says, or says when; where it was said `freshness.ROOM_DAYS` ago or more, or
    of a day to come; and where a full service has no waiting. A list outweighs a free place.
    """
    stated_on, status, days = (row[name] for name in ("room_date", "room_status", "waiting_days"))
    waits = None if pd.isna(days) else days > 0
    if not is_of_late(_text(stated_on), today):
        return "unknown"
    if status == "full":
        return "unknown" if waits is False else "no"
    if waits or status == "waiting_list":
        return "waiting"
    return "yes" if waits is False or status == "accepts" else "unknown"


def outside_of(services: pd.DataFrame) -> Bools:
    """Flag the services over the border; none where the frame does not say.

    Parameters
    ----------
    services : DataFrame
        With or without a column `outside`.

    Returns
    -------
    ndarray of bool, shape (s,)
        True outside.
    """
    flags: Bools = (
        services["outside"].to_numpy(bool)
        if "outside" in services
        else np.zeros(len(services), bool)
    )
    return flags


def statuses(services: Supply, situation: Situation, *, ways_known: bool = True) -> Trits:
    """Say what is known of each service in a situation.

    Parameters
    ----------
    services : Supply
        The services.
    situation : Situation
        The situation.
    ways_known : bool
        Whether the streets tell where there are steps: else what lies before the door is as
        little known as an unknown door.

    Returns
    -------
    ndarray of int8, shape (s,)
        Index into `classes.STATUSES`.
    """
    suits, opens = services.meets[situation.requirement], services.opens[situation.window]
    if situation.profile in STEP_FREE:
        reached = np.minimum(services.step_free, 1 if ways_known else 0)
        lenient = STEP_FREE[situation.profile] & (reached == 0)
        suits = np.minimum(suits, np.where(lenient, 1, reached))
    conditions = [~services.verified, suits < 0, opens < 0, opens == 0, suits == 0]
    codes = [UNVERIFIED, UNSUITABLE, CLOSED, HOURS_UNKNOWN, SUITABILITY_UNKNOWN]
    return np.select(conditions, codes, default=SURE).astype(np.int8)


def _windows() -> list[str]:
    return list(windows.windows())


def _open_in(
    name: str, hours: list[tuple[str | None, str | None]], today: date, calendar: Calendar
) -> Trits:
    opening_window = window(name)
    days = days_of(opening_window, today, calendar)
    answers = {
        (osm, assured): opening_window.is_open(osm, days, calendar, assured)
        for osm, assured in dict.fromkeys(hours)
    }
    return _trits([answers[pair] for pair in hours])


def _hours_assured(row: Mapping[str, Any]) -> str | None:
    return hours_assured(_text(row.get("field_sources")), _text(row.get("assured_date")))


def _text(cell: object) -> str | None:
    return cell if isinstance(cell, str) else None


def _flag(flag: object) -> bool | None:
    return bool(flag) if isinstance(flag, bool | np.bool_) else None


def _trits(answers: list[bool | None]) -> Trits:
    return np.array([0 if answer is None else 2 * answer - 1 for answer in answers], np.int8)
