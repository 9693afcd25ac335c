"""The question of the pages, as a form posts it, and its answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from api.published import Published
from mapping.disclosure import public_categories
from mapping.errors import BadInputError
from mapping.hours.city_calendar import Calendar
from mapping.hours.opening import parse_when
from mapping.lookup.nearest import Answer, Found, Unplaced
from mapping.lookup.origin import Origin, Where
from mapping.lookup.question import MAX_AGE_MONTHS, Question

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NOW = "now"
MAX_TYPED = 200
MONTHS_PER_YEAR = 12
CONDITIONS = ("residence_not_required", "no_appointment", "free", "step_free")
Several = Annotated[
    list[str], AfterValidator(lambda typed: list(dict.fromkeys(filter(None, typed))))
]


class MistypedError(BadInputError):
    """A field of the form that cannot be read; what was typed in it is not repeated."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field


class NearestForm(BaseModel):
    """What a person typed, as it was typed; it lives only as long as the request."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    address: str = ""
    lon: str = ""
    lat: str = ""
    nil: str = ""
    category: Several = []
    age: str = ""
    age_unit: str = "months"
    day: str = ""
    """One of `DAYS`, or `NOW`."""
    hour: str = ""
    language: Several = []
    residence_not_required: bool = False
    no_appointment: bool = False
    free: bool = False
    step_free: bool = False
    profile: str = "adult"
    count: int = 5
    """How many answers of each category."""
    max_minutes: float = 60
    without: str = ""
    """A field to empty before answering; `field:value` takes one of several values away."""

    def cleared(self) -> "NearestForm":
        """Take away what `without` names.

        Returns
        -------
        NearestForm
            Another one; the same question where nothing of that name is asked.
        """
        name, _, value = self.without.partition(":")
        asked = self.model_dump(exclude={"without"})
        if name in asked and value:
            asked[name] = [one for one in asked[name] if one != value]
        else:
            asked.pop(name, None)
        if name == "day":
            asked.pop("hour")
        return NearestForm(**asked)

    def pairs(self, *but: str) -> Iterator[tuple[str, str]]:
        """Give the question again, as hidden fields of another form.

        Parameters
        ----------
        *but : str
            Fields to leave out.

        Yields
        ------
        tuple of str
            Name and value; what was left as it was is left out.
        """
        asked = self.model_dump(exclude={"without", *but}, exclude_defaults=True, mode="json")
        for name, value in asked.items():
            for one in value if isinstance(value, list) else [value]:
                yield name, "true" if one is True else str(one)

    def where(self) -> Where:
        """Read the place: the address before the point, the point before the area.

        Returns
        -------
        Where
            One of the three.

        Raises
        ------
        MistypedError
            When none is given, or one cannot be read.
        """
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
        """Read what is looked for.

        Parameters
        ----------
        calendar : Calendar
            Of the city: its time is meant.

        Returns
        -------
        Question
            Every condition that was chosen.

        Raises
        ------
        BadInputError
            When a field cannot be read, or breaks its rule.
        """
        return Question(
            tuple(self.category),
            self.count,
            self.max_minutes,
            self.moment(calendar),
            self.age_months(),
            tuple(self.language),
            profile=self.profile,
            **{name: getattr(self, name) for name in CONDITIONS},
        )

    def moment(self, calendar: Calendar) -> datetime | None:
        """Read when one wants to go.

        Parameters
        ----------
        calendar : Calendar
            Of the city.

        Returns
        -------
        datetime or None
            In the city's own time; None where it does not matter.

        Raises
        ------
        MistypedError
            When the day or the hour is missing, or cannot be read.
        """
        now = calendar.local(datetime.now(UTC))
        if self.day == NOW:
            return now
        if not self.day and not self.hour:
            return None
        if self.day not in DAYS:
            raise MistypedError("day", f"give one of {', '.join(DAYS)}, or {NOW}.")
        try:
            return parse_when(f"{self.day} {self.hour}", today=now.date())
        except BadInputError:
            raise MistypedError("hour", "give the time as 10:30.") from None

    def age_months(self) -> int | None:
        """Read the child's age.

        Returns
        -------
        int or None
            Months; None where it was not said.

        Raises
        ------
        MistypedError
            When it is no number of months, or of years.
        """
        if not self.age:
            return None
        try:
            typed = float(self.age.replace(",", "."))
        except ValueError:
            typed = -1
        months = typed * (MONTHS_PER_YEAR if self.age_unit == "years" else 1)
        if not 0 <= months <= MAX_AGE_MONTHS:
            raise MistypedError("age", f"give 0 to {MAX_AGE_MONTHS} months, or the years.")
        return round(months)


def needs_by_group() -> dict[str, list[str]]:
    """Give the needs that a form offers.

    Returns
    -------
    dict of str to list of str
        Category codes by group; those whose places must not be known are left out.
    """
    needs: dict[str, list[str]] = {}
    for code, entry in public_categories().items():
        needs.setdefault(entry.group, []).append(code)
    return needs


def _degrees(typed: str) -> float:
    try:
        return float(typed)
    except ValueError:
        raise MistypedError("point", "lon and lat are degrees, such as 9.19.") from None


def answer_form(reading: Published, form: NearestForm, *, paths: bool) -> Answer:
    """Answer a posted form.

    Parameters
    ----------
    reading : Published
        The edition.
    form : NearestForm
        What was typed.
    paths : bool
        Whether the walking paths are wanted.

    Returns
    -------
    Answer
        Nearest first; of several categories as many of each, so that none crowds out another.

    Raises
    ------
    ProssimaError
        When the form cannot be answered.
    """
    question = form.question(reading.calendar)
    origin = reading.lookup.origin(form.where())
    needs: list[tuple[str, ...]] = [(code,) for code in question.categories] or [()]
    return _together(
        [
            reading.lookup.nearest(origin, replace(question, categories=need), paths=paths)
            for need in needs
        ]
    )


def _together(answers: list[Answer]) -> Answer:
    def merged(name: str) -> list[Any]:
        rows = [row for answer in answers for row in getattr(answer, name)]
        return list({_key(row): row for row in reversed(rows)}.values())

    def by_walk(name: str) -> list[Found]:
        return sorted(merged(name), key=lambda found: found.seconds)

    return replace(
        answers[0],
        found=by_walk("found"),
        almost=by_walk("almost"),
        unplaced=merged("unplaced")[::-1],
    )


def _key(found: Found | Unplaced) -> tuple[str, str]:
    return found.service.service_id, found.service.location_id


def nearest_civic(reading: Published, origin: Origin) -> str | None:
    """Name the known civic number next to a point that somebody chose.

    Parameters
    ----------
    reading : Published
        The edition.
    origin : Origin
        Of a look-up.

    Returns
    -------
    str or None
        None where the place has an address of its own, or no address is known.
    """
    if origin.address is not None:
        return None
    near = reading.lookup.places(Where(lon=origin.lon, lat=origin.lat), 1)
    return near[0].label if near else None
