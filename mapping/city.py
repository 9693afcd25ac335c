"""What is particular to one city: its reference system, its sources, how complete its lists are."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from mapping.config import Config, read_config
from mapping.errors import BadInputError, UnknownCityError
from mapping.taxonomy import category

FOLDER = Path(__file__).with_name("cities")


class Completeness(Config):
    """How complete the list of a category is: absence may be claimed only of a complete one."""

    status: Literal["complete", "partial", "sample"] = "partial"
    known_total: int | None = Field(default=None, ge=0)
    source: str = ""
    year: int | None = None


class Labelled(Config):
    """Registers of the same things, whose codes tell which of their records are one service."""

    name: str
    columns: dict[str, str]
    """By source, the column whose code is the same for one service."""
    judged: str | None = None
    """A file of records whose code changed, judged by eye."""
    complete: bool = True
    """Whether a record without a partner truly has none."""


class Expect(Config):
    """How many rows of the city a source holds; outside of it something is wrong upstream."""

    min_rows: int = Field(default=1, ge=0)
    max_rows: int = Field(default=10_000_000, ge=1)
    max_change_share: float = Field(default=0.3, gt=0)
    """Of the services in force, the share that may be new, or gone, at once."""


class City(Config):
    """The configuration of one city."""

    id: str
    name: str
    istat: str = Field(pattern=r"^\d{6}$")
    epsg: int
    cap_prefix: str = Field(pattern=r"^\d{0,4}$")
    """The digits with which every postcode of the city starts."""
    timezone: str
    holidays: str | None = None
    """The province whose public holidays the city keeps, such as ``MI`` with Sant'Ambrogio."""
    school_calendar: str | None = None
    """The region whose school calendar holds, a file of `mapping/hours/school_calendars`."""
    centre: tuple[float, float]
    """Degrees, lon and lat: where civic numbers start, and where maps open."""
    levels: tuple[Literal["municipio", "nil"], ...] = ()
    """The parts that the city is divided into: a build without their outlines or points is refused.
    A city without any is its own outline, among those of level `neighbour`."""
    municipio_name: str = "Municipio {id}"
    """What people call a municipio of which the source gives only the number."""
    fictitious_sections: tuple[str, ...] = ()
    """Census sections of people without a real address: counted in the city, never placed."""
    sources: tuple[str, ...]
    labelled: tuple[Labelled, ...] = ()
    expect: dict[str, Expect] = Field(default_factory=dict)
    """By source, where the counts that the source declares are those of another city."""
    completeness: dict[str, Completeness] = Field(default_factory=dict)

    @property
    def municipio_word(self) -> str:
        """What people call a part of the city: ``Municipio``, ``Circoscrizione``."""
        return self.municipio_name.replace("{id}", "").strip()

    @model_validator(mode="after")
    def _known_categories(self) -> "City":
        for code in self.completeness:
            category(code)
        return self

    def completeness_of(self, code: str) -> Completeness:
        """How complete the list of `code` is; a category not declared is partial.

        Parameters
        ----------
        code : str
            Category code.

        Returns
        -------
        Completeness
            The declaration.
        """
        category(code)
        return self.completeness.get(code, Completeness())


def cities() -> list[str]:
    """List the cities that have a configuration.

    Returns
    -------
    list of str
        City ids, sorted.
    """
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def city(city_id: str) -> City:
    """Read the configuration of a city.

    Parameters
    ----------
    city_id : str
        The name of its file, such as one of `cities`.

    Returns
    -------
    City
        The configuration.

    Raises
    ------
    UnknownCityError
        When no file of that name exists.
    BadInputError
        When the file has an unknown key or a value out of its range.
    """
    if city_id not in cities():
        raise UnknownCityError(city_id, cities())
    return read_config(FOLDER / f"{city_id}.toml", City, BadInputError)
