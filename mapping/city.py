"""Configuration of one city: reference system, sources, completeness of its lists."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from mapping.config import Config, config_files, in_overlay, read_config, refuse_weakened
from mapping.config_values import (
    HelpLine,
    Identifier,
    InnerPath,
    Label,
    PatternText,
    Sentence,
    letters_alone,
)
from mapping.disclosure import confidential_categories
from mapping.errors import BadInputError, UnknownCityError
from mapping.taxonomy import bundled_categories, category

FOLDER = Path(__file__).with_name("cities")
CLAIMS = {"sample": 0, "partial": 1, "expired": 1, "complete": 2}
"""How much each status lets one claim: only of a complete list may absence be claimed."""


AreaId = Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,20}$")]


class CompletePart(Config):
    """A complete list of some areas of the city: absence may be claimed inside of them."""

    municipi: tuple[AreaId, ...] = ()
    nil: tuple[AreaId, ...] = ()
    known_total: int = Field(ge=0, le=1_000_000)
    source: Sentence
    year: int = Field(ge=1900, le=2100)
    expires: date | None = None
    """The day from which it is complete no more; no later than its category allows."""
    status: Literal["complete", "expired"] = "complete"

    @model_validator(mode="after")
    def _of_one_level(self) -> Self:
        if bool(self.municipi) == bool(self.nil):
            raise ValueError("a part of a list names its `municipi`, or its `nil`")
        return self

    @property
    def level(self) -> Literal["municipio", "nil"]:
        """The level of its areas."""
        return "nil" if self.nil else "municipio"

    @property
    def area_ids(self) -> tuple[str, ...]:
        """Its areas."""
        return self.nil or self.municipi

    def on(self, day: date, complete_years: int) -> Self:
        """Say whether it is complete on a day, as of the list of a whole city."""
        expires = _expiry(self.year, self.expires, complete_years)
        status = "expired" if day >= expires else self.status
        return self.model_copy(update={"status": status, "expires": expires})


class Completeness(Config):
    """How complete the list of a category is: absence may be claimed only of a complete one."""

    status: Literal["complete", "partial", "sample", "expired"] = "partial"
    """``expired``: it was complete, too long ago to claim an absence today."""
    known_total: int | None = Field(default=None, ge=0, le=1_000_000)
    source: Sentence | Literal[""] = ""
    year: int | None = Field(default=None, ge=1900, le=2100)
    expires: date | None = None
    """The day from which a complete list is so no more; no later than its category allows."""
    parts: tuple[CompletePart, ...] = ()
    """Complete lists of parts of the city, where that of the whole is not."""

    @model_validator(mode="after")
    def _complete_is_proved(self) -> Self:
        if self.status == "complete" and not (self.known_total and self.source and self.year):
            raise ValueError("a complete list needs known_total, source and year")
        return self

    @model_validator(mode="after")
    def _lists_do_not_contradict(self) -> Self:
        if self.parts and self.status == "complete":
            raise ValueError(
                "a list that is complete has no complete `parts`: take them out, or write"
                ' status = "partial"'
            )
        if len({part.level for part in self.parts}) > 1:
            raise ValueError("some parts are of municipi, others of nil: name one level")
        part_of: dict[str, CompletePart] = {}
        named = [(part, area_id) for part in self.parts for area_id in part.area_ids]
        for part, area_id in named:
            if area_id in part_of:
                first = part_of[area_id]
                raise ValueError(
                    f"{part.level} '{area_id}' is in two complete lists, of {first.known_total}"
                    f" ({first.source}, {first.year}) and of {part.known_total} ({part.source},"
                    f" {part.year}): keep it in one"
                )
            part_of[area_id] = part
        return self

    def on(self, day: date, complete_years: int) -> Self:
        """Say how complete the list is on a day: after `complete_years` it is ``expired``.

        A year counts from its first day; an earlier `expires` of the list itself holds.
        """
        parts = tuple(part.on(day, complete_years) for part in self.parts)
        if self.status != "complete" or self.year is None:
            return self.model_copy(update={"parts": parts})
        expires = _expiry(self.year, self.expires, complete_years)
        status = "expired" if day >= expires else "complete"
        return self.model_copy(update={"status": status, "expires": expires})


def _expiry(year: int, expires: date | None, complete_years: int) -> date:
    last = date(year + complete_years, 1, 1)
    return last if expires is None else min(expires, last)


class Labelled(Config):
    """Registers with common codes, which show which of their records are one service."""

    name: Label
    columns: dict[Identifier, str]
    """By source, the column whose code is the same for one service."""
    judged: InnerPath | None = None
    """A file of records whose code changed, judged by eye."""
    complete: bool = True
    """Whether a record without a partner truly has none."""


class RegisterColumns(Config):
    """Where a register has what tells whether its services still stand."""

    source: Identifier
    code: str
    """The column whose code is the same as long as the service is."""
    address: tuple[str, ...] = Field(min_length=1)
    """Columns that make the address, one after the other."""
    organization: str | None = None
    kind: str | None = None
    where: dict[str, PatternText] = Field(default_factory=dict)
    """Columns, and the pattern that the records meant have in them."""


class Survivors(Config):
    """Two registers of the same services, years apart: how many records outlive their list."""

    name: Label
    """Its name in `coverage/confidence/survival.toml`."""
    years: float = Field(gt=0)
    older: RegisterColumns
    newer: RegisterColumns
    kinds: dict[str, str] = Field(default_factory=dict)
    """Kinds of the older, and what the newer calls them; services of other kinds are others."""
    categories: dict[str, Identifier] = Field(default_factory=dict)
    """Kinds of the older, and the category of each; the kind is empty where there is one alone."""


class Institution(Config):
    """A place whose residents are no families at home: they are counted on a line of their own.

    Homes of protection and reception centres are never listed: their residents stay ordinary.
    """

    name: Label
    kind: Literal["prison", "barracks", "convent", "hospital", "association"]
    """``association``: people without a home who are registered where an association is."""
    sections: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,13}$")], ...] = Field(min_length=1)
    source: Sentence
    """What tells that it is there."""
    checked_by: Label | None = None
    """Who looked at the source, and when; without it the place is marked as not confirmed."""


class Expect(Config):
    """How many rows of the city a source holds; outside of it something is wrong upstream."""

    min_rows: int = Field(default=1, ge=0)
    max_rows: int = Field(default=10_000_000, ge=1)
    max_change_share: float = Field(default=0.3, gt=0)
    """Of the services in force, the share that may be new, or gone, at once."""

    @model_validator(mode="after")
    def _rows_in_order(self) -> Self:
        if self.min_rows > self.max_rows:
            raise ValueError("min_rows is above max_rows")
        return self


class BeyondBorder(Config):
    """What is read over the city's border, for distance alone."""

    sources: tuple[Identifier, ...] = ()
    """Lists of services that hold other comuni too."""
    complete: tuple[Identifier, ...] = ()
    """Categories of which these lists are complete there; without a list, there are none."""

    @field_validator("complete")
    @classmethod
    def _known(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(category(code).code for code in codes)


class City(Config):
    """The configuration of one city."""

    id: Identifier
    name: Label
    istat: str = Field(pattern=r"^[0-9]{6}$")
    """Six digits of ASCII: other digits would make another code of the same comune."""
    epsg: Literal[32632, 32633]
    """The reference system in metres: zone 32 or 33 of UTM."""
    cap_prefix: str = Field(pattern=r"^[0-9]{0,4}$")
    """The digits with which every postcode of the city starts."""
    timezone: Label
    holidays: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    """The province whose public holidays the city keeps, such as ``MI`` with Sant'Ambrogio."""
    school_calendar: Identifier | None = None
    """The region whose school calendar holds, a file of `mapping/hours/school_calendars`."""
    centre: tuple[float, float]
    """Degrees, lon and lat: where civic numbers start, and where maps open."""
    levels: tuple[Literal["municipio", "nil"], ...] = ()
    """The parts that the city is divided into: a build without their outlines or points is refused.
    A city without any is its own outline, among those of level `neighbour`."""
    municipio_name: Label = "Municipio {id}"
    """What people call a municipio of which the source gives only the number."""
    fictitious_sections: tuple[Annotated[str, Field(pattern=r"^[0-9]{1,13}$")], ...] = ()
    """Census sections of people without a real address: counted in the city, never placed."""
    institutions: tuple[Institution, ...] = ()
    """Prisons, barracks, convents, hospitals: no demand of families comes from their sections."""
    sources: tuple[Identifier, ...] = Field(min_length=1)
    labelled: tuple[Labelled, ...] = ()
    survivors: tuple[Survivors, ...] = ()
    expect: dict[Identifier, Expect] = Field(default_factory=dict)
    """By source, where the counts that the source declares are those of another city."""
    completeness: dict[Identifier, Completeness] = Field(default_factory=dict)
    beyond: BeyondBorder = BeyondBorder()
    help_lines: dict[Identifier, tuple[HelpLine, ...]] = Field(default_factory=dict)
    """By confidential category, the city's own numbers; the category itself has the national."""

    @property
    def confidential_contacts(self) -> list[dict[str, str | None]]:
        """The numbers of each confidential category: of the configuration, never of a record."""
        return [
            {"category": code, "phone": phone}
            for code in confidential_categories()
            for phone in self._numbers(code) or (None,)
        ]

    def _numbers(self, code: str) -> tuple[str, ...]:
        national = category(code).help_line
        return ((national,) if national else ()) + self.help_lines.get(code, ())

    @property
    def municipio_word(self) -> str:
        """What people call a part of the city: ``Municipio``, ``Circoscrizione``."""
        return self.municipio_name.replace("{id}", "").strip()

    @field_validator("municipio_name")
    @classmethod
    def _with_no_other_braces(cls, name: str) -> str:
        if set("{}") & set(name.replace("{id}", "")) or not name.replace("{id}", "").strip():
            raise ValueError("write a word, and {id} for the number; no other braces")
        return name

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("no such time zone: give one such as Europe/Rome") from None

    @model_validator(mode="after")
    def _known_categories(self) -> Self:
        for code in (*self.completeness, *self.help_lines):
            category(code)
        for code, declared in self.completeness.items():
            if lacking := {part.level for part in declared.parts} - set(self.levels):
                raise ValueError(
                    f"[[completeness.{code}.parts]] is by {lacking.pop()}, and `levels` has none"
                )
        return self

    def completeness_of(self, code: str) -> Completeness:
        """How complete the list of `code` is declared; a category not declared is partial."""
        category(code)
        return self.completeness.get(code, Completeness())

    def completeness_on(self, code: str, day: date) -> Completeness:
        """How complete the list of `code` is on a day: what was complete expires."""
        return self.completeness_of(code).on(day, category(code).complete_years)


def city_files() -> dict[str, Path]:
    """Find the file of each city, bundled or of the overlay, sorted by id."""
    return config_files(FOLDER, "cities")


def cities() -> list[str]:
    """List the ids of the cities that have a configuration, sorted."""
    return list(city_files())


def city(city_id: str) -> City:
    """Read the configuration of a city.

    Raises UnknownCityError when no file has that name, and BadInputError when the file is wrong or
    claims more than the bundled file of the same comune: one with its code, its id or its name.
    """
    files = city_files()
    if city_id not in files:
        raise UnknownCityError(city_id, list(files))
    path = files[city_id]
    city = read_config(path, City, BadInputError)
    if in_overlay(path):
        refuse_weakened(path, _future_year(city))
        bundled = (read_config(other, City, BadInputError) for other in FOLDER.glob("*.toml"))
        for same in (other for other in bundled if _is_same(other, city)):
            refuse_weakened(path, _weakened(same, city))
    return city


def _is_same(bundled: City, own: City) -> bool:
    named = {letters_alone(bundled.id), letters_alone(bundled.name)}
    return own.istat == bundled.istat or not named.isdisjoint(
        {letters_alone(own.id), letters_alone(own.name)}
    )


def _future_year(own: City) -> str | None:
    this_year = datetime.now(UTC).year
    for code, claim in own.completeness.items():
        for year in (claim.year, *(part.year for part in claim.parts)):
            if year is not None and year > this_year:
                return f"year = {year} of '{code}' is to come. Write that of its source."
    return None


def _weakened(bundled: City, own: City) -> str | None:
    if own.istat != bundled.istat:
        return (
            f"istat = '{own.istat}' is not that of {bundled.name}, {bundled.istat}. Write"
            f" '{bundled.istat}', or give the city another id and name."
        )
    for code, numbers in bundled.help_lines.items():
        if lacking := sorted(set(numbers) - set(own.help_lines.get(code, ()))):
            return f"[help_lines] lacks {lacking[0]} of '{code}'. Add it."
    return _claims_more(bundled, own)


def _claims_more(bundled: City, own: City) -> str | None:
    if claimed := sorted(set(own.beyond.complete) - set(bundled.beyond.complete)):
        return (
            f"[beyond] calls '{claimed[0]}' complete over the border, and the bundled"
            f" {bundled.name} does not. Take it out."
        )
    # Categories that the overlay adds are not bundled: of these it may claim what it likes.
    for code in bundled_categories():
        before, after = bundled.completeness_of(code), own.completeness_of(code)
        if claim := _list_claims_more(before, after, code, bundled.name):
            return claim
    return None


def _list_claims_more(
    before: Completeness, after: Completeness, code: str, bundled: str
) -> str | None:
    if CLAIMS[after.status] > CLAIMS[before.status]:
        return (
            f"'{code}' is '{before.status}' in the bundled {bundled}, and '{after.status}'"
            f" here, which claims more. Write status = '{before.status}'."
        )
    if after.parts and before.status != "complete" and after.parts != before.parts:
        return (
            f"'{code}' is complete here in parts that are not those of the bundled {bundled},"
            " which claims more. Take its `parts` out."
        )
    if _claims_newer(before, after):
        return (
            f"year of '{code}' is {before.year} in the bundled {bundled}, and {after.year}"
            " here, of the same source. Write the same year, or the source of the later list."
        )
    if _claims_fewer_missing(before, after):
        return (
            f"known_total of '{code}' is {before.known_total} ({before.year}) in the bundled"
            f" {bundled}, and {after.known_total} here. Write the same, a larger one, or a"
            " later year with its source."
        )
    return None


def _claims_newer(before: Completeness, after: Completeness) -> bool:
    same = after.status == before.status == "complete" and after.source == before.source
    return same and (after.year or 0) > (before.year or 0)


def _claims_fewer_missing(before: Completeness, after: Completeness) -> bool:
    if before.known_total is None:
        return False
    if after.known_total is None:
        # A list that is no longer called complete claims less, with a total or without.
        return before.status != "complete"
    is_newer = bool(after.source) and (after.year or 0) > (before.year or 0)
    return after.known_total < before.known_total and not is_newer
