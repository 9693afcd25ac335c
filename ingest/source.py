"""The declaration of a source: who publishes it, how to read it, what each column means."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from ingest.live import Live, WebAddress, origin
from mapping.city import Expect
from mapping.config import Config, config_files, in_overlay, read_config, refuse_weakened
from mapping.config_values import (
    MATCHED_LETTERS,
    EndingPattern,
    Identifier,
    InnerPath,
    PatternText,
    Sentence,
    shortened,
)
from mapping.disclosure import any_confidential
from mapping.errors import SourceError
from mapping.model import PLACE_FLAGS, SERVICE_FLAGS, Authority
from mapping.tables import NETWORKS
from mapping.taxonomy import category

FOLDER = Path(__file__).with_name("sources")


class _ColumnRule(Config):
    column: str
    pattern: PatternText

    def fits(self, row: dict[str, str]) -> bool:
        """Whether the rule speaks of this row, by the first `MATCHED_LETTERS` of its column."""
        text = row.get(self.column, "")[:MATCHED_LETTERS]
        return _compiled(self.pattern).search(text) is not None


class CategoryRule(_ColumnRule):
    """Rows whose column matches the pattern belong to the category."""

    category: Identifier

    @field_validator("category")
    @classmethod
    def _known(cls, code: str) -> str:
        return category(code).code


class StatusRule(_ColumnRule):
    """Rows whose column matches are not plainly active; the first rule that fits decides."""

    status: Literal["active", "defunct", "unsure"]


class Skip(_ColumnRule):
    """Rows that are left out of scope on purpose, with the reason."""

    reason: Sentence


_AREA = ("area_id", "name", "parent", "touches", "lon", "lat", "institution")
_PEOPLE = ("residents", "families", "residents_2011", "residents_unplaced", "area_km2")
_SERVICE = (
    "key", "name", "organization", "organization_tax_code", "ownership", "street", "civic", "cap",
    "municipio", "lon", "lat", "precision", "error_metres", "published_lon",
    "published_lat", "phone", "email", "url", "contact",
    "hours", "ages", "capacity", "catchment", "funded_until",
    "room_date", "room_status", "waiting_days", "languages",
    "required_documents", "note", "source_url", "assured_date", "confidence",
)  # fmt: skip
_CIVIC = (
    "street_code", "kind", "street", "number", "suffix", "cap", "municipio", "section",
    "status", "residential", "lon", "lat",
)  # fmt: skip
_NUMBERED = {
    "areas": re.compile(r"class_\d+_\d+"),
    "population": re.compile(r"(class|male)_\d+_\d+"),
    "income": re.compile(r"(taxpayers|euro)_(to|over)_\d+"),
}
FIELDS: Mapping[str, tuple[str, ...]] = {
    "areas": (*_AREA, *_PEOPLE),
    "services": (*_SERVICE, *SERVICE_FLAGS, *PLACE_FLAGS),
    "addresses": _CIVIC,
    "street_names": ("street_code", "kind", "name", "aliases"),
    "population": ("area_id", "municipio", *_PEOPLE),
    "income": ("area_id",),
    "registry": ("area_id", "year", "residents", "minors", "births"),
    "institutions": ("name", "kind", "lon", "lat"),
    "networks": tuple(NETWORKS.names),
    "stops": ("stop_id", "name", "lines", "lon", "lat", "address"),
    "premises": ("premises_id", "name", "kind", "lon", "lat", "error_metres"),
    "background": ("lon", "lat"),
}
"""By what a source yields, our fields that its columns may give; drawn layers have none but the
position of a point."""


StreetKind = Literal["street", "footpath", "cycle", "steps"]


class StreetLayer(Config):
    """One layer of street lines: of which kinds, which are named, and which may be walked."""

    layer: str | None = None
    kind: StreetKind
    column: str | None = None
    """The column with the kind of each line; `kinds` gives ours for what is not `kind`."""
    kinds: dict[str, StreetKind] = Field(default_factory=dict)
    barred: tuple[str, ...] = ()
    """Values of the column that nobody may walk."""
    name: str | None = None
    unnamed: PatternText | None = None
    unwalkable: PatternText | None = None
    level: str | None = None
    """The column with the level of a line, 0 at grade."""
    bridge: str | None = None
    tunnel: str | None = None
    """Columns that say whether a line is a bridge, or a tunnel, where its level says nothing."""
    meets: Literal["ends", "vertices"] = "ends"
    """Where lines meet: they are cut there already, or they share a vertex."""

    @model_validator(mode="after")
    def _of_a_column(self) -> Self:
        if (self.kinds or self.barred) and self.column is None:
            raise ValueError("`kinds` and `barred` are values of a `column`: name it")
        return self


BackgroundKind = Literal[
    "water",
    "stream",
    "green",
    "park",
    "rail",
    "metro",
    "tram",
    "station",
    "premises",
    "police",
]


class BackgroundLayer(Config):
    """One layer of the background of maps: of one kind, or of the kinds that a column names."""

    layer: str | None = None
    kind: BackgroundKind | None = None
    column: str | None = None
    kinds: dict[str, BackgroundKind] = Field(default_factory=dict)
    """By value of the column; rows with another value are out of scope."""
    name: str | None = None
    unnamed: EndingPattern | None = None
    """Names that tell nothing, such as ``^PARCO$``."""

    @model_validator(mode="after")
    def _one_way_to_tell(self) -> Self:
        if (self.kind is None) == (self.column is None) or bool(self.kinds) != bool(self.column):
            raise ValueError("a background layer has either `kind`, or `column` with `kinds`")
        return self


class Source(Config):
    """The declaration of one source."""

    id: Identifier
    title: Sentence
    publisher: Sentence
    licence: Sentence
    licence_url: WebAddress | None = None
    attribution: Sentence
    yields: Literal[
        "areas",
        "services",
        "streets",
        "addresses",
        "street_names",
        "population",
        "income",
        "registry",
        "institutions",
        "networks",
        "stops",
        "premises",
        "background",
    ]
    role: Literal["catalogue", "matching"] = "catalogue"
    reader: Literal[
        "csv", "vector", "json", "hsds", "gtfs", "osm", "workbook", "kml", "umap", "pbf"
    ]
    mirror: InnerPath | None = None
    live: tuple[Live, ...] = ()
    bundled: InnerPath | None = None
    """The path in the pack, where the project's own sources lie: no place for those of others."""
    fallback: Identifier | None = None
    refresh_days: int = Field(default=30, ge=0, le=3_650)
    authority: Authority = "register"
    """Whose word it is: where records of one service differ, the most authoritative is taken."""
    assured_date: str | None = Field(default=None, pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")
    level: Literal["municipio", "nil", "section", "neighbour"] | None = None
    delimiter: str = Field(default=",", pattern=r"^[,;|\t: ]$")
    member: InnerPath | None = None
    """The file to be read out of a zip, such as ``stops.txt`` or ``CIVICI_*.CSV``."""
    sheet: str | None = None
    """The sheet of a workbook; the first visible one with a header when left out."""
    records: str = ""
    """Where the list of records stands in JSON, such as ``result.records``."""
    tags: dict[str, bool | str | tuple[str, ...]] = Field(default_factory=dict)
    """What is wanted of OpenStreetMap: features with any of these tags; true is any value."""
    review: bool = False
    """Whether its rows are only proposed: a person looks before they are published."""
    layer: str | None = None
    layers: tuple[StreetLayer, ...] = ()
    beyond_metres: float = Field(default=0, ge=0, le=100_000)
    """How far over the city's border a source of streets has them all."""
    structures: tuple[str, ...] = ()
    """Layers with the outlines of bridges and tunnels: what crosses inside them may not meet."""
    tunnels: tuple[str, ...] = ()
    """Those of tunnels: a street that runs far inside one is for cars."""
    background: tuple[BackgroundLayer, ...] = ()
    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    """Our field name to the source's column, or columns to be joined by a blank."""
    known_columns: tuple[str, ...] = ()
    """Columns read by nobody; a column in neither list is reported. ``*`` knows every column."""
    extract: dict[str, EndingPattern] = Field(default_factory=dict)
    """By our field name, the pattern of the part that is meant, in its group, where a column holds
    several things: a text that does not fit says nothing."""
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Words of the source to ours, by our field name."""
    scope: str | None = None
    """The column with the comune, by name or ISTAT code."""
    skip: tuple[Skip, ...] = ()
    categories: tuple[CategoryRule, ...] = ()
    statuses: tuple[StatusRule, ...] = ()
    precision: Literal["premises", "civic", "interpolated", "street"] = "civic"
    """How precise the source's own coordinates are, with `error_metres`."""
    error_metres: float = Field(default=30, ge=0, le=100_000)
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _asks_openstreetmap_something(self) -> Self:
        if self.reader in ("osm", "pbf") and self.yields == "services" and not self.tags:
            raise ValueError("OpenStreetMap's services need `tags`: what is wanted of it")
        return self

    @model_validator(mode="after")
    def _fields_of_ours(self) -> Self:
        known, numbered = FIELDS.get(self.yields, ()), _NUMBERED.get(self.yields)
        for name in (*self.columns, *self.extract, *self.values):
            if name not in known and not (numbered and numbered.fullmatch(name)):
                near = get_close_matches(name, known, 3) or known
                raise ValueError(
                    f"'{shortened(name)}' is no field of {self.yields}: use one of"
                    f" {', '.join(near) or 'none'}"
                )
        return self

    @field_validator("extract")
    @classmethod
    def _one_group(cls, patterns: dict[str, re.Pattern[str]]) -> dict[str, re.Pattern[str]]:
        for field, pattern in patterns.items():
            if pattern.groups != 1:
                raise ValueError(f"the pattern of '{field}' has not one group in parentheses")
        return patterns

    @property
    def is_asked(self) -> bool:
        """Whether it is a query of OpenStreetMap inside the city's outline, and no file."""
        return self.reader == "osm" and not (self.mirror or self.bundled)

    @property
    def mapped_columns(self) -> set[str]:
        """Every source column that is read."""
        named: set[str] = set()
        for column in self.columns.values():
            named.update([column] if isinstance(column, str) else column)
        rules = [rule.column for rule in (*self.categories, *self.skip, *self.statuses)]
        return named | set(rules) | ({self.scope} if self.scope else set())

    @property
    def required_columns(self) -> set[str]:
        """Columns without which a file is another one."""
        if self.reader in ("csv", "vector", "workbook"):
            return self.mapped_columns
        # Where a record leaves out what it has not, only what every record has can be missed.
        needed = [self.columns.get(name, ()) for name in ("key", "name", "area_id")]
        return {column for part in needed for column in ([part] if isinstance(part, str) else part)}

    def value(self, row: dict[str, str], field: str) -> str:
        """Read one of our fields from a raw row; several columns are joined by a blank.

        Empty when the source does not have the field.
        """
        column = self.columns.get(field, "")
        if not column and field not in self.values:
            return ""
        if isinstance(column, str):
            text = row.get(column, "").strip()
        else:
            text = " ".join(row.get(part, "").strip() for part in column).strip()
        if field in self.extract:
            match = self.extract[field].search(text[:MATCHED_LETTERS])
            text = match.group(1).strip() if match else ""
        return self.values.get(field, {}).get(text, text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def source_files() -> dict[str, Path]:
    """Find the file of each source, bundled or of the overlay, sorted by id."""
    return config_files(FOLDER, "sources")


def sources() -> list[str]:
    """List the ids of every configured source, sorted."""
    return list(source_files())


def source(source_id: str) -> Source:
    """Read the declaration of a source.

    Raises SourceError when there is no such source, or its file is wrong, and BadInputError when an
    overlay's declaration is less strict than the bundled one of its id.
    """
    files = source_files()
    if source_id not in files:
        raise SourceError(f"Unknown source '{source_id}'. Use one of: {', '.join(files)}.")
    path = files[source_id]
    declared = read_config(path, Source, SourceError)
    if is_of_overlay(source_id):
        bundled = FOLDER / path.name
        before = read_config(bundled, Source, SourceError) if bundled.is_file() else None
        refuse_weakened(path, _date_to_come(declared))
        for other in _of_same_data(declared, files):
            refuse_weakened(path, _weakened(other, declared))
        if declared.bundled is not None and (before is None or declared.bundled != before.bundled):
            raise SourceError(
                f"sources/{path.name}: 'bundled' = '{declared.bundled}' is for the sources that"
                " come with Prossima. Use `mirror`, and put the file there."
            )
    return declared


def is_of_overlay(source_id: str) -> bool:
    """Whether the declaration of a source is one of the overlay."""
    path = source_files().get(source_id)
    return path is not None and in_overlay(path)


def _date_to_come(own: Source) -> str | None:
    today = datetime.now(UTC).date().isoformat()
    if own.assured_date is not None and own.assured_date > today:
        return f"assured_date = '{own.assured_date}' is to come. Write the day of the data."
    return None


def _of_same_data(own: Source, files: Mapping[str, Path]) -> Iterator[Source]:
    """Give the bundled source of one's own id, and every other one that reads the same data."""
    places = _places(own)
    others = {FOLDER / f"{own.id}.toml", *(path for name, path in files.items() if name != own.id)}
    for path in sorted(others):
        if path.is_file():
            other = read_config(path, Source, SourceError)
            same = other.yields == own.yields and not places.isdisjoint(_places(other))
            if same or other.id == own.id:
                yield other


def _places(entry: Source) -> set[str]:
    """Name the files and addresses that a source is taken from, however their path is written."""
    files = (entry.mirror, entry.bundled)
    paths = {PurePosixPath(name).as_posix().casefold() for name in files if name is not None}
    return paths | {origin(live).rstrip("/").casefold() for live in entry.live}


def _weakened(bundled: Source, own: Source) -> str | None:
    if bundled.review and not own.review:
        return "its rows would be published without review. Add `review = true`."
    if bundled.role == "matching" and own.role != "matching":
        return 'its rows would be published, and were for matching only. Add `role = "matching"`.'
    hidden = [rule for rule in bundled.categories if any_confidential([rule.category])]
    if lost := [rule for rule in hidden if rule not in own.categories]:
        return (
            f"it lacks the rule that puts '{lost[0].pattern}' into '{lost[0].category}', which is"
            " confidential. Add it."
        )
    return None
