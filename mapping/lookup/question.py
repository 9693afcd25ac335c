"""What is looked for, and whether a service answers it: yes, no, or not known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from mapping.coverage.requirements import equals
from mapping.errors import BadInputError
from mapping.hours.city_calendar import Calendar
from mapping.services.languages import language_codes
from mapping.services.service_row import ServiceRow
from mapping.taxonomy import categories, placed_category
from mapping.text import plain
from mapping.walking.profiles import profile

MAX_COUNT = 100
MAX_MINUTES = 24 * 60
FAR_MINUTES = 180
"""A walk that is longer is offered to nobody who has not asked for it."""
MAX_CHILD_MONTHS = 360
ITALIAN = "it"
FLAGS = {
    "residence_not_required": ("residence", "residence_required", False),
    "no_appointment": ("appointment", "appointment_required", False),
    "free": ("free", "free", True),
    "step_free": ("step_free", "step_free", True),
}
"""For each yes-or-no wish: its name in an answer, its column, and the required value."""


class Fit(NamedTuple):
    """The conditions that a service is known not to meet, and those of which it is not known."""

    fails: tuple[str, ...]
    unknown: tuple[str, ...]


FITTING = Fit((), ())


@dataclass(frozen=True)
class Question:
    """What to look for, and who walks there.

    Only a service that is known to fail a condition is left out: one of which it is not known
    stays, and the answer says so.
    """

    categories: tuple[str, ...]
    count: int = 5
    max_minutes: float = 60.0
    open_at: datetime | None = None
    age_months: int | None = None
    """The child's age."""
    languages: tuple[str, ...] = ()
    """ISO 639-1; one of them is enough."""
    residence_not_required: bool = False
    no_appointment: bool = False
    free: bool = False
    step_free: bool = False
    profile: str = "adult"

    def __post_init__(self) -> None:
        """Check every value against its rule."""
        for code in self.categories:
            placed_category(code)
        if not 1 <= self.count <= MAX_COUNT:
            raise BadInputError(f"count is {self.count}. Give 1 to {MAX_COUNT}.")
        if not 0 < self.max_minutes <= MAX_MINUTES:
            raise BadInputError(
                f"max_minutes is {self.max_minutes}. Give more than 0, up to {MAX_MINUTES}."
            )
        if self.age_months is not None and not 0 <= self.age_months <= MAX_CHILD_MONTHS:
            raise BadInputError(f"age_months is {self.age_months}. Give 0 to {MAX_CHILD_MONTHS}.")
        for code in self.languages:
            _require_language(code)
        profile(self.profile)

    def of_category(self, service: ServiceRow) -> bool:
        """Whether a service is of a wanted category.

        Parameters
        ----------
        service : mapping
            A row of `tables.SERVICES`.

        Returns
        -------
        bool
            True for every service when no category is named.
        """
        return not self.categories or not self._wanted.isdisjoint(service.categories)

    def fit(self, service: ServiceRow, calendar: Calendar | None = None) -> Fit:
        """Hold a service against the conditions.

        Parameters
        ----------
        service : mapping
            A row of `tables.SERVICES`.
        calendar : Calendar, optional
            The city's holidays.

        Returns
        -------
        Fit
            Empty both ways for a service that is known to meet every condition.
        """
        if not self.is_conditional:
            return FITTING
        answers = list(self._answers(service, calendar))
        return Fit(
            tuple(name for name, answer in answers if answer is False),
            tuple(name for name, answer in answers if answer is None),
        )

    def _answers(
        self, service: ServiceRow, calendar: Calendar | None
    ) -> Iterator[tuple[str, bool | None]]:
        if self.open_at is not None:
            yield "open", service.is_open_at(self.open_at, calendar)
        if self.age_months is not None:
            yield "age", self._suits_age(service, self.age_months)
        if self.languages:
            yield "languages", _speaks(service.languages, self.languages)
        for name, column, wanted in self._flags:
            yield name, equals(column(service), wanted=wanted)

    def _suits_age(self, service: ServiceRow, age: int) -> bool | None:
        suits = _takes(age, service.age_min_months, service.age_max_months)
        is_unusual = bool(self._unusual) and self._unusual.issuperset(service.categories)
        return False if suits is None and is_unusual else suits

    @cached_property
    def _unusual(self) -> frozenset[str]:
        """Categories that are usually for other ages: no answer where nothing was chosen."""
        if self.age_months is None or self.categories:
            return frozenset()
        kinds = categories().items()
        return frozenset(
            code
            for code, kind in kinds
            if _takes(self.age_months, kind.age_min_months, kind.age_max_months) is False
        )

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(self.categories)

    @cached_property
    def _flags(self) -> list[tuple[str, Callable[[ServiceRow], bool | None], bool]]:
        return [
            (name, attrgetter(column), wanted)
            for wish, (name, column, wanted) in FLAGS.items()
            if getattr(self, wish)
        ]

    @cached_property
    def is_conditional(self) -> bool:
        """Whether a service may fail it, or be unknown to meet it."""
        is_timed = self.open_at is not None or self.age_months is not None
        return is_timed or bool(self.languages or self._flags)


def _takes(age: int, first: int | None, last: int | None) -> bool | None:
    # Services say their ages; those of a chosen category are no rule (a child may start early).
    if (first is not None and age < first) or (last is not None and age >= last):
        return False
    return None if first is None or last is None else True


def _speaks(spoken: Sequence[str] | None, wanted: tuple[str, ...]) -> bool | None:
    if spoken is None:
        return None
    if not set(wanted).isdisjoint(spoken):
        return True
    # Lists of languages name the foreign ones: that Italian is not in it says nothing.
    return None if ITALIAN in wanted else False


def _require_language(code: str) -> None:
    codes = language_codes()
    if code not in codes.values():
        meant = codes.get(plain(code))
        remedy = f"Use '{meant}'." if meant else "Use a code of ISO 639-1, such as 'ar'."
        raise BadInputError(f"Unknown language '{code}'. {remedy}")
