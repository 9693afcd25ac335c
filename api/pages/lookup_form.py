"""The look-up form of the pages: its fields, the question they ask, and the answer."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from api.conditions import Conditions, FormConditions, read_model
from api.published import Published
from mapping.disclosure import public_categories
from mapping.errors import BadInputError, ProssimaError, UnknownAddressError
from mapping.hours.city_calendar import Calendar
from mapping.hours.opening import parse_when
from mapping.lookup import hospitals
from mapping.lookup.emergencies import is_emergency
from mapping.lookup.nearest import Answer, LedAround, NearbyService, Unplaced
from mapping.lookup.origin import Origin, Where
from mapping.lookup.question import MAX_CHILD_MONTHS, Question
from mapping.services.near_addresses import NEAR_METRES
from mapping.taxonomy import MONTHS_PER_YEAR, Category, categories
from mapping.text import plain

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOW = "now"
MAX_TYPED = 200
QUARTER_LETTERS = 5
"""A word of the name of a quarter that is as long tells it from others."""
Several = Annotated[
    list[str], AfterValidator(lambda typed: list(dict.fromkeys(filter(None, typed))))
]


class MistypedError(BadInputError):
    """A field of the form that cannot be read; what was typed in it is not repeated."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field


class NearestForm(FormConditions):
    """What a person typed, as it was typed; it lives only as long as the request."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    address: str = ""
    lon: str = ""
    lat: str = ""
    nil: str = ""
    category: Several = Field(default=[])
    age: str = ""
    age_unit: str = "months"
    day: str = ""
    """One of `DAYS`, or `NOW`."""
    hour: str = ""
    language: Several = Field(default=[])
    count: int = 5
    """How many answers of each category."""
    without: str = ""
    """A field to empty before answering; `field:value` takes one of several values away."""

    def cleared(self) -> "NearestForm":
        """Give the form without the field, or the one value of a field, that `without` names."""
        name, _, value = self.without.partition(":")
        fields = self.model_dump(exclude={"without"})
        if value and isinstance(fields.get(name), list):
            fields[name] = [other for other in fields[name] if other != value]
        else:
            fields.pop(name, None)
        if name == "day":
            fields.pop("hour")
        return NearestForm(**fields)

    def pairs(self, *but: str) -> Iterator[tuple[str, str]]:
        """Give the question again as hidden fields, without defaults and the fields of `but`."""
        fields = self.model_dump(exclude={"without", *but}, exclude_defaults=True, mode="json")
        for name, value in fields.items():
            for item in value if isinstance(value, list) else [value]:
                yield name, "true" if item is True else str(item)

    def where(self) -> Where:
        """Read the place, the address before the point before the area; raises MistypedError."""
        if len(self.address) > MAX_TYPED:
            raise MistypedError("address", f"more than {MAX_TYPED} letters. Write street, number.")
        if self.address:
            return Where(address=self.address)
        if self.lon or self.lat:
            return Where(lon=_degrees(self.lon), lat=_degrees(self.lat))
        if self.nil:
            return Where(nil=self.nil)
        raise MistypedError("where", "no place is given. Give an address, a point or an area.")

    def question(self, calendar: Calendar) -> Question:
        """Read what is looked for, in the city's time; raises BadInputError for a wrong field."""
        now = calendar.now()
        conditions = read_model(
            Conditions,
            {
                **self.model_dump(include=set(FormConditions.model_fields)),
                "open": self._open(now),
                "age_months": self.age_months(),
                "languages": self.language,
            },
        )
        return conditions.question(self.category, self.count, now.date)

    def _open(self, now: datetime) -> str | None:
        if self.day == NOW:
            return now.replace(tzinfo=None).isoformat()
        if not self.day and not self.hour:
            return None
        if self.day not in DAYS:
            raise MistypedError("day", f"give one of {', '.join(DAYS)}, or {NOW}.")
        moment = f"{self.day} {self.hour}"
        try:
            parse_when(moment, today=now.date())
        except BadInputError:
            raise MistypedError("hour", "give the time as 10:30.") from None
        return moment

    def age_months(self) -> int | None:
        """Read the child's age in months, None if not given; raises MistypedError."""
        if not self.age:
            return None
        try:
            typed = float(self.age.replace(",", "."))
        except ValueError:
            typed = -1
        months = typed * (MONTHS_PER_YEAR if self.age_unit == "years" else 1)
        if not 0 <= months <= MAX_CHILD_MONTHS:
            raise MistypedError("age", f"give 0 to {MAX_CHILD_MONTHS} months, or the years.")
        return round(months)


def need_choices() -> dict[str, dict[str, Any]]:
    """Give what a form shows of needs: public codes by group, and labels and ages by code."""
    needs: dict[str, list[str]] = {}
    for code, entry in public_categories().items():
        needs.setdefault(entry.group, []).append(code)
    known = categories()
    return {
        "needs": needs,
        "labels": {code: entry.label for code, entry in known.items()},
        "ages": {code: _ages(entry) for code, entry in known.items()},
    }


def is_about_emergency(form: NearestForm) -> bool:
    """Whether who asks may need an emergency room: it was written, or hospitals were chosen."""
    return hospitals.CATEGORY in form.category or is_emergency(form.address)


def mistake_of(error: ProssimaError) -> dict[str, Any]:
    """Name what a form got wrong, to be said in words of the page, with alike addresses if any."""
    name = error.field if isinstance(error, MistypedError) else type(error).__name__
    if not isinstance(error, UnknownAddressError):
        return {"mistake": name, "candidates": [], "unheld": None, "reason": None, "unplaced": []}
    return {
        "mistake": name,
        "candidates": error.candidates,
        "unheld": error.unheld,
        "reason": error.reason,
        "unplaced": error.unplaced,
    }


def _ages(entry: Category) -> tuple[int, int] | None:
    first, last = entry.age_min_months, entry.age_max_months
    return None if first is None or last is None else (first, last)


def _degrees(typed: str) -> float:
    try:
        return float(typed)
    except ValueError:
        raise MistypedError("point", "lon and lat are degrees, such as 9.19.") from None


def answer_form(reading: Published, form: NearestForm, *, paths: bool) -> Answer:
    """Answer a form: the nearest of each need first, then as many more of each by their walk."""
    question = form.question(reading.calendar)
    origin = reading.lookup.origin(form.where())
    needs: list[tuple[str, ...]] = [(code,) for code in question.categories] or [()]
    answer = _together(
        [
            reading.lookup.nearest(origin, replace(question, categories=need), paths=paths)
            for need in needs
        ]
    )
    firsts = first_of_each(answer.results, question.categories)
    quarter = reading.area_names.get(f"nil:{origin.nil}", "")
    unplaced = sorted(
        answer.unplaced,
        key=lambda each: (len(each.unknown), not _is_named_after(each.service.name, quarter)),
    )
    ordered = sorted(answer.results, key=lambda near: not any(near is first for first in firsts))
    return replace(answer, results=ordered, unplaced=unplaced)


def first_of_each(results: list[NearbyService], needs: Sequence[str]) -> list[NearbyService]:
    """Give the nearest service of each need, nearest first; one may serve several needs."""
    by_walk = sorted(results, key=lambda result: result.seconds)
    firsts = [
        next((result for result in by_walk if need in result.service.categories), None)
        for need in needs
    ]
    return [result for result in by_walk if any(result is first for first in firsts)]


def _is_named_after(name: str, quarter: str) -> bool:
    words = {word for word in plain(quarter).split() if len(word) >= QUARTER_LETTERS}
    return not words.isdisjoint(plain(name).split())


def _together(answers: list[Answer]) -> Answer:
    def merged(name: str) -> list[Any]:
        rows = [row for answer in answers for row in getattr(answer, name)]
        return list({_key(row): row for row in reversed(rows)}.values())

    def by_walk(name: str) -> list[NearbyService]:
        return sorted(merged(name), key=lambda service: service.seconds)

    return replace(
        answers[0],
        results=by_walk("results"),
        almost=by_walk("almost"),
        unplaced=merged("unplaced")[::-1],
        around=merged("around")[::-1],
    )


def _key(place: NearbyService | Unplaced | LedAround) -> tuple[str, str]:
    return place.service.service_id, place.service.location_id


def nearest_civic(reading: Published, origin: Origin) -> str | None:
    """Name the known civic number next to a point that was chosen on a map, if there is one."""
    if origin.address is not None:
        return None
    near = reading.lookup.places(Where(lon=origin.lon, lat=origin.lat), 1)
    metres = [math.dist((place.x, place.y), reading.lookup.metres(origin)) for place in near]
    return near[0].label if near and metres[0] <= NEAR_METRES else None
