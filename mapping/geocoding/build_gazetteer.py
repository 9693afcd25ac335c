"""Build a city's gazetteer: place its civic numbers along the streets, from known addresses."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from mapping.arrays import Ints
from mapping.city import City
from mapping.crs import to_metres
from mapping.geocoding.address import letters, parse, tokens
from mapping.geocoding.centreline import SAMPLE_METRES, Course, course_along
from mapping.geocoding.civics import Civics, Middles
from mapping.geocoding.gazetteer import Gazetteer
from mapping.geocoding.localities import Localities, province_of
from mapping.geocoding.place_numbers import ANCHOR_ERROR_METRES, StreetNumbers, place
from mapping.geocoding.register_streets import (
    Registered,
    StreetNames,
    aliases_of,
    is_sorted_by_word,
    with_apostrophes,
)
from mapping.geocoding.street_index import StreetIndex
from mapping.text import readable

ANCHOR_METRES = 150.0
"""An address farther than this from the street that it names has wrong coordinates."""
BORDER_METRES = 30.0
"""A border of municipi often runs along a street: its numbers may be on either side of it."""
MOSTLY = 0.5
"""Share of a street inside the border from which on it is one of the city's."""
STREET_ERROR_METRES = 300.0
"""Error on a street with a single known number: half the length of a long street."""


@dataclass(frozen=True, eq=False)
class Anchor:
    """A known address: its text, its position in metres, and how precise that is."""

    text: str
    x: float
    y: float
    municipio: str | None = None
    precision: str = "civic"
    error_metres: float = ANCHOR_ERROR_METRES


Key = tuple[int, str | None]


class Numbering:
    """Streets with their centrelines, ready to place civic numbers on them.

    Lines and outlines are in metres of one system; civic numbers run outward from the centre of
    the city where nothing else tells their direction. `districts` are names of its quarters.
    """

    def __init__(
        self,
        lines: gpd.GeoDataFrame,
        municipi: gpd.GeoDataFrame,
        city: City,
        districts: tuple[str, ...] = (),
    ) -> None:
        self._city = city
        self._localities = Localities(city.name, province_of(city.istat), districts)
        self._centre = np.ravel(to_metres([city.centre[0]], [city.centre[1]], city.epsg))
        shapes = _by_name(lines[lines["name"].notna()])
        whole = municipi.union_all()
        shapely.prepare(whole)
        # A street beyond the border never competes with one of the city's.
        self.names = sorted(name for name, shape in shapes.items() if _is_within(shape, whole))
        self._courses = self._divided([course_along(shapes[name]) for name in self.names], municipi)
        self._keys: dict[int, list[Key]] = defaultdict(list)
        for key in self._courses:
            self._keys[key[0]].append(key)

    def gazetteer(
        self,
        civics: pd.DataFrame | None,
        anchors: Sequence[Anchor],
        names: pd.DataFrame | None = None,
    ) -> Gazetteer:
        """Place every civic number of the register as precisely as possible.

        A number that the register itself places is `civic`, and so is an anchor's; one along the
        street is `interpolated`. On a street that is not
        drawn it is `street` (the middle of its electoral section), or `area` without coordinates
        where the section is not known either. Without a register, `civics` is None; `names` are
        what its streets are called, by their code.
        """
        registered = [] if civics is None else _registered(civics, names)
        rows_of, drawn = self._matched(registered)
        streets = [readable(name) for name in drawn]
        anchored = self._anchored(anchors, streets)
        if civics is None:
            rows = _in_order(_numbers_of(anchored))
        else:
            rows = civics.assign(row=civics["street_code"].map(rows_of).astype(np.int64))
            rows = self._located(_in_order(rows), anchored)
        start = np.searchsorted(rows["row"].to_numpy(), np.arange(len(streets) + 1))
        middles = _middles(self._courses, rows[rows["row"] >= len(self.names)])
        called: dict[int, list[str]] = defaultdict(list)
        for street in registered:
            called[rows_of[street.code]] += street.full_names if street.names else []
        numbers, aliases = _civics(rows, start), aliases_of(streets, called)
        epsg = self._city.epsg
        return Gazetteer(self._localities, epsg, streets, numbers, middles, aliases)

    def _divided(self, courses: list[Course], municipi: gpd.GeoDataFrame) -> dict[Key, Course]:
        """Cut the streets at the borders of the municipi."""
        runs: dict[Key, Course] = {}
        owner = np.repeat(np.arange(len(courses)), [len(course.points) for course in courses])
        start = np.searchsorted(owner, np.arange(len(courses) + 1))
        points = np.vstack([np.zeros((0, 2)), *(course.points for course in courses)])
        for area_id, shape in zip(municipi["area_id"], municipi.geometry, strict=True):
            around = shape.buffer(BORDER_METRES)
            shapely.prepare([shape, around])
            within = shapely.contains_xy(shape, *points.T)
            near = shapely.contains_xy(around, *points.T)
            for row in np.unique(owner[within]).tolist():
                runs[row, area_id] = courses[row].part(near[start[row] : start[row + 1]])
        for row in sorted(set(range(len(courses))) - {row for row, _ in runs}):
            runs[row, None] = courses[row]
        return runs

    def _matched(self, streets: list[Registered]) -> tuple[dict[str, int], list[str]]:
        """Give the street of every code its row, and the streets' names; undrawn ones come last."""
        areas = [{area for _, area in self._keys[row]} for row in range(len(self.names))]
        rows, names = StreetNames(self.names, areas).matched(streets), list(self.names)
        for street in streets:
            if street.code in rows:
                if is_sorted_by_word(names[rows[street.code]]):
                    names[rows[street.code]] = street.full_names[0].upper()
                for registered in (street.street, *street.names):
                    names[rows[street.code]] = with_apostrophes(
                        names[rows[street.code]], registered
                    )
            else:
                rows[street.code] = len(names)
                names.append(street.full_names[0].upper())
        return rows, names

    def _located(
        self, rows: pd.DataFrame, anchored: dict[Key, list[tuple[int, float, float]]]
    ) -> pd.DataFrame:
        """Keep the numbers that the register places where they are; place the others by them."""
        if "lon" not in rows or rows["lon"].isna().all():
            return self._placed(rows, anchored)
        x, y = to_metres(rows["lon"].to_numpy(float), rows["lat"].to_numpy(float), self._city.epsg)
        rows = rows.assign(x=x, y=y, precision="civic")
        known = rows["lon"].notna().to_numpy()
        seen = {key: list(numbers) for key, numbers in anchored.items()}
        columns = ["row", "municipio", "number", "x", "y"]
        for row, municipio, *number in rows.loc[known, columns].itertuples(index=False):
            seen.setdefault((row, municipio), []).append(tuple(number))
        placed = self._placed(rows[~known].reset_index(drop=True), seen)
        # Where the register has a number without this suffix, its place is a good guess, no more.
        placed["precision"] = placed["precision"].replace("civic", "interpolated")
        return _in_order(pd.concat([rows[known], placed]))

    def _anchored(
        self, anchors: Sequence[Anchor], streets: list[str]
    ) -> dict[Key, list[tuple[int, float, float]]]:
        """Known numbers by street and municipio: number, x, y."""
        drawn = StreetIndex(streets[: len(self.names)])
        anchored: dict[Key, list[tuple[int, float, float]]] = defaultdict(list)
        for anchor in anchors:
            address = parse(anchor.text)
            if anchor.precision not in ("premises", "civic") or address.civic is None:
                continue
            for key in self._near(drawn.matching(address), anchor):
                anchored[key].append((address.civic, anchor.x, anchor.y))
        return anchored

    def _near(self, streets: list[int], anchor: Anchor) -> list[Key]:
        # Where a border runs along the street its runs are equally near: the number decides later.
        keys = [key for row in streets for key in self._keys[row]]
        at = np.array([anchor.x]), np.array([anchor.y])
        distances = [float(self._courses[key].place_of(*at)[1][0]) for key in keys]
        nearest = min(distances, default=np.inf)
        if nearest > ANCHOR_METRES:
            return []
        street = keys[distances.index(nearest)][0]
        reach = nearest + BORDER_METRES
        near = [key for key, metres in zip(keys, distances, strict=True) if metres <= reach]
        return [key for key in near if key[0] == street]

    def _placed(
        self, rows: pd.DataFrame, anchored: dict[Key, list[tuple[int, float, float]]]
    ) -> pd.DataFrame:
        number = rows["number"].to_numpy(float)
        section = np.full(len(rows), -1)
        if "section" in rows:
            section = pd.factorize(rows["section"])[0]
        members_of: dict[Key, list[int]] = defaultdict(list)
        for member, key in enumerate(zip(rows["row"], _texts(rows["municipio"]), strict=True)):
            members_of[key].append(member)
        runs = []
        for key, rows_of in members_of.items():
            course = self._courses.get(key) or self._longest(key[0])
            members, anchors = np.array(rows_of), tuple(sorted(anchored.get(key, ())))
            runs.append(
                StreetNumbers(key[0], members, number[members], section[members], course, anchors)
            )
        placed = place(runs, self._centre, len(rows))
        return rows.assign(
            x=placed.points[:, 0],
            y=placed.points[:, 1],
            error_metres=placed.error_metres,
            precision=placed.precision,
        )

    def _longest(self, row: int) -> Course | None:
        courses = [self._courses[key] for key in self._keys.get(row, ())]
        return max(courses, key=lambda course: course.metres, default=None)


def gazetteer_from_anchors(anchors: Sequence[Anchor], city: City) -> Gazetteer:
    """Make a gazetteer from known addresses only, for a city without streets.

    An anchor without a civic number, or on the street only, is the middle of its street; the
    middle of another street is one of its numbers.
    """
    addresses = [parse(anchor.text) for anchor in anchors]
    names = [f"{address.kind or ''} {address.street}".strip() for address in addresses]
    # "via R.Bettazzi" and "via R. Bettazzi" are one street, "via Le Chiuse" and "viale Chiuse" two.
    keys = [(address.kind, letters(address.street)) for address in addresses]
    spelled = {
        key: readable(name) for key, name in sorted(zip(keys, names, strict=True), key=str)[::-1]
    }
    streets = sorted(set(spelled.values()))
    row_of = {street: row for row, street in enumerate(streets)}
    rows = [row_of[spelled[key]] for key in keys]
    exact = np.array(
        [
            address.civic is not None and anchor.precision != "street"
            for address, anchor in zip(addresses, anchors, strict=True)
        ],
        dtype=bool,
    )
    frame = pd.DataFrame(
        {
            "row": rows,
            "number": [address.civic or 0 for address in addresses],
            "suffix": [address.suffix for address in addresses],
            "cap": [address.cap for address in addresses],
            **{
                column: [getattr(anchor, column) for anchor in anchors]
                for column in ("x", "y", "municipio", "precision", "error_metres")
            },
        }
    )
    numbered = frame[exact].drop_duplicates(["row", "number", "suffix"])
    numbered = numbered.sort_values(["row", "number"], kind="stable")
    start = np.searchsorted(numbered["row"].to_numpy(np.int64), np.arange(len(streets) + 1))
    # A known middle, else a number of the street: which is only this near to the middle.
    middle = frame.assign(error_metres=frame["error_metres"].clip(lower=STREET_ERROR_METRES))
    middle = middle.iloc[np.argsort(exact, kind="stable")].drop_duplicates(["row", "municipio"])
    middles = Middles(
        middle["row"].to_numpy(np.int64),
        _texts(middle["municipio"]),
        *(middle[column].to_numpy(float) for column in ("x", "y", "error_metres")),
    )
    localities = Localities(city.name, province_of(city.istat))
    return Gazetteer(localities, city.epsg, streets, _civics(numbered, start), middles)


def _numbers_of(anchored: dict[Key, list[tuple[int, float, float]]]) -> pd.DataFrame:
    # Without a register, only the numbers of known addresses exist, each where it was seen: which
    # others the street has, and where its ends are, nobody knows.
    rows = [(row, area, *seen) for (row, area), numbers in anchored.items() for seen in numbers]
    frame = pd.DataFrame(rows, columns=["row", "municipio", "number", "x", "y"])
    return frame.drop_duplicates(["row", "number"]).assign(
        suffix=None, cap=None, precision="civic", error_metres=ANCHOR_ERROR_METRES
    )


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    key = ["row", "number", "suffix"]
    return rows.sort_values(key, kind="stable", na_position="first", ignore_index=True)


def _registered(civics: pd.DataFrame, names: pd.DataFrame | None) -> list[Registered]:
    """List the streets of a register of civic numbers, each with all that it is called."""
    rows = civics.reindex(columns=["street_code", "kind", "street", "municipio"])
    streets = rows.groupby("street_code", sort=False).agg(
        kind=("kind", "first"), street=("street", "first"), areas=("municipio", frozenset)
    )
    known = {} if names is None else names.set_index("street_code")[["kind", "names"]].T.to_dict()
    registered = []
    for code, kind, street, areas in streets.itertuples():
        named = known.get(code, {"kind": None, "names": ()})
        called = tuple(named["names"])
        short = street if isinstance(street, str) else next(iter(called), str(code))
        kinds = [word for word in (kind, named["kind"]) if isinstance(word, str)]
        registered.append(Registered(str(code), kinds[0] if kinds else "", short, areas, called))
    return _without_names_of_others(registered)


def _without_names_of_others(streets: list[Registered]) -> list[Registered]:
    """Leave out what a map calls a street, where it is another one's own name in the register."""
    own = [(street.kind, frozenset(tokens(street.street))) for street in streets]
    taken = set(own)
    return [
        replace(
            street,
            names=tuple(
                name
                for name in street.names
                if (key := (street.kind, frozenset(tokens(name)))) == itself or key not in taken
            ),
        )
        for street, itself in zip(streets, own, strict=True)
    ]


def _by_name(lines: gpd.GeoDataFrame) -> dict[str, shapely.Geometry]:
    """All lines of each street; "MONLUE" and "MONLUÈ" are one, under its fuller spelling."""
    streets: dict[str, list[tuple[str, shapely.Geometry]]] = defaultdict(list)
    for name, line in zip(lines["name"], lines.geometry.force_2d(), strict=True):
        if line.length > 0:
            streets[letters(name)].append((name, line))
    return {
        max(name for name, _ in parts): shapely.line_merge(
            shapely.union_all([line for _, line in parts])
        )
        for parts in streets.values()
    }


def _is_within(street: shapely.Geometry, outline: shapely.Geometry) -> bool:
    """Whether most of a street lies within an outline."""
    if not outline.intersects(street) or outline.contains(street):
        return bool(outline.intersects(street))
    return bool(street.intersection(outline).length > MOSTLY * street.length)


def _middles(courses: dict[Key, Course], undrawn: pd.DataFrame) -> Middles:
    keys = sorted(courses, key=lambda key: (key[0], key[1] or ""))
    parts = [courses[key] for key in keys]
    middles = (course.at(np.array([course.metres / 2])) for course in parts)
    middle = np.vstack([np.zeros((0, 2)), *middles])
    reach = [
        float(np.hypot(*(course.points - point).T).max()) + SAMPLE_METRES
        for course, point in zip(parts, middle, strict=True)
    ]
    with_place = undrawn[undrawn["x"].notna()]
    parts_of = with_place.groupby(["row", "municipio"])
    off = with_place[["x", "y"]] - parts_of[["x", "y"]].transform("mean")
    # The middle of numbers is as far from the street's end as they are from it, and they are known.
    reaching = np.hypot(off["x"], off["y"]) + with_place["error_metres"]
    more = with_place.assign(reach=reaching).groupby(["row", "municipio"], as_index=False)
    rest = more.agg(x=("x", "mean"), y=("y", "mean"), error=("reach", "max"))
    return Middles(
        np.array([*(row for row, _ in keys), *rest["row"]], dtype=np.int64),
        [*(area for _, area in keys), *rest["municipio"]],
        np.concatenate([middle[:, 0], rest["x"].to_numpy(float)]),
        np.concatenate([middle[:, 1], rest["y"].to_numpy(float)]),
        np.concatenate([reach, rest["error"].to_numpy(float)]),
    )


def _civics(rows: pd.DataFrame, start: Ints) -> Civics:
    return Civics(
        start.astype(np.int64),
        rows["number"].to_numpy(np.int64),
        _texts(rows["suffix"]),
        _texts(rows["municipio"]),
        _texts(rows["cap"]),
        rows["x"].to_numpy(float),
        rows["y"].to_numpy(float),
        [str(value) for value in rows["precision"]],
        rows["error_metres"].to_numpy(float),
        surveyed="lon" in rows and bool(rows["lon"].notna().any()),
    )


def _texts(column: pd.Series) -> list[str | None]:
    # A column of texts holds NaN where there is none, which no file of texts knows.
    return [value if isinstance(value, str) else None for value in column]
