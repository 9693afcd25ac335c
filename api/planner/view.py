"""The state of the planner's page, which its address holds in full."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mapping.coverage.requirements import ANY as NOTHING
from mapping.coverage.requirements import requirements
from mapping.coverage.situations import ADULT, Situation
from mapping.disclosure import SECTION, published_labels, publishes_people
from mapping.edition.edition import Edition
from mapping.edition.queries import held_indicators, without_records
from mapping.hours.windows import ANY as WHENEVER
from mapping.hours.windows import windows
from mapping.indicators import CLASS, Indicator, indicators
from mapping.lookup.nearest import Lookup
from mapping.tables import THRESHOLDS_MINUTES
from mapping.walking.profiles import profiles

CITY = "municipality"
USUAL_CATEGORY = "scuola_infanzia"
"""Shown at first: its list is complete, so that absence may be claimed."""
SORTS = (
    "value", "name", "demand", "class", "seconds", "within", "sureness", "other", "difference",
)  # fmt: skip
LEVEL_LABELS = {CITY: "Città", "nil": "NIL", SECTION: "Sezione"}
"""What areas are called; those between are called as in the city."""
ORDERS = ("down", "up")
_TURNED = {"page": "1", "sort": "value", "order": "down"}
LONGEST_PAGE = 200
"""Rows of a table that are shown at once."""


@dataclass(frozen=True)
class View:
    """The state of the page. Each value has one spelling, so that one screen has one address."""

    category: str = USUAL_CATEGORY
    profile: str = ADULT
    window: str = WHENEVER
    requirement: str = NOTHING
    level: str = ""
    indicator: str = CLASS
    threshold: int = 15
    versus: str = ""
    """A second indicator, beside the first."""
    since: str = ""
    """An older edition, beside this one."""
    zones: str = ""
    """``1``: the grey zones are drawn too."""
    area: str = ""
    """The area whose sheet is open, ``level:id``."""
    sort: str = "value"
    order: str = "down"
    page: int = 1

    @property
    def situation(self) -> Situation:
        """Profile, window and requirement of the view."""
        return Situation(self.profile, self.window, self.requirement)

    @property
    def shows_people(self) -> bool:
        """Whether people and shares of people may be shown of its areas."""
        return publishes_people(self.level)

    @property
    def shown(self) -> Indicator:
        """The indicator of the map."""
        return indicators()[self.indicator]

    @property
    def second(self) -> Indicator | None:
        """The indicator beside it; that of an older edition is the same."""
        return indicators()[self.versus] if self.versus else None

    def query(self, **changed: object) -> dict[str, str]:
        """Write the address of this view, some fields changed; an empty value leaves one out."""
        fields = {name: str(value) for name, value in {**vars(self), **changed}.items()}
        usual = {"profile": ADULT, "window": WHENEVER, "requirement": NOTHING, **_TURNED}
        return {name: value for name, value in fields.items() if value and value != usual.get(name)}

    @property
    def colours(self) -> dict[str, str]:
        """What the colours of the maps depend on, as an address: equal for equal colours."""
        table = {"area": "", "sort": "", "order": "", "page": "", "zones": ""}
        return self.query(**table)


def usual_category(edition: Edition) -> str:
    """Give the category of a view that names none: one of which the edition knows a service."""
    silent = without_records(edition)
    known = [code for code in (USUAL_CATEGORY, *published_labels()) if code not in silent]
    return known[0] if known else USUAL_CATEGORY


@dataclass(frozen=True)
class Offer:
    """What may be chosen: by field, the values with their Italian labels."""

    category: Mapping[str, str]
    profile: Mapping[str, str]
    window: Mapping[str, str]
    requirement: Mapping[str, str]
    level: Mapping[str, str]
    indicator: Mapping[str, str]
    threshold: Mapping[str, str]
    since: Mapping[str, str]


def offer(lookup: Lookup, municipio_word: str, editions: Iterable[str]) -> Offer:
    """List what may be chosen of an edition, with Italian labels; `editions` are the others."""
    levels_held = lookup.edition.areas["level"].unique().to_pylist()
    named = [level for level in reversed(lookup.levels) if level != CITY] or [CITY]
    levels = [*named, *(level for level in (SECTION,) if level in levels_held)]
    labels = {**LEVEL_LABELS, "municipio": municipio_word}
    return Offer(
        published_labels(),
        {code: entry.label for code, entry in profiles().items()},
        {code: entry.label for code, entry in windows().items()},
        {code: entry.label for code, entry in requirements().items()},
        {level: labels[level] for level in levels},
        {code: entry.label for code, entry in held_indicators(lookup.edition).items()},
        {str(minutes): str(minutes) for minutes in THRESHOLDS_MINUTES},
        {edition: edition for edition in editions},
    )
