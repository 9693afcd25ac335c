"""Where civic numbers stand along their streets, from the few whose place is known."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from mapping.addresses import kind_of, parse, same_street, tokens
from mapping.city import City
from mapping.crs import to_metres
from mapping.gazetteer import Civics, Gazetteer, Middles
from mapping.text import readable

Floats = npt.NDArray[np.float64]

SAMPLE_METRES = 10.0
ANCHOR_METRES = 150.0
"""An address farther than this from the street that it names has wrong coordinates."""
ANCHOR_ERROR_METRES = 30.0
# Error of an interpolated number: a door's width, and a part of the way to the nearest known one.
# Calibrated on known addresses left out and found again (tests/ingest/test_locate.py).
BASE_ERROR_METRES = 75.0
ERROR_SHARE = 0.25
STREET_ERROR_METRES = 300.0
"""Of a street of which only a number is known: half of a long one."""
MISFIT_SHARE = 0.3
"""A known number farther than this part of the street from where it should be is not believed."""


@dataclass(frozen=True, eq=False)
class Anchor:
    """An address whose place is known: its text, metres, and how well."""

    text: str
    x: float
    y: float
    municipio: str | None = None
    precision: str = "civic"
    error_metres: float = ANCHOR_ERROR_METRES


@dataclass(frozen=True, eq=False)
class _Course:
    """The run of a street inside a municipio: points every few metres, from low to high numbers."""

    points: Floats

    @property
    def metres(self) -> float:
        return SAMPLE_METRES * len(self.points)

    def place_of(self, x: float, y: float) -> tuple[float, float]:
        """How far along a point is, in [0, 1], and how far beside."""
        beside = np.hypot(*(self.points - (x, y)).T)
        row = int(beside.argmin())
        return row / max(len(self.points) - 1, 1), float(beside[row])

    def at(self, share: Floats) -> Floats:
        """Points at shares of the course; (n, 2)."""
        rows = np.clip(np.round(share * (len(self.points) - 1)), 0, len(self.points) - 1)
        return self.points[rows.astype(np.int64)]

    def turned(self) -> "_Course":
        return _Course(self.points[::-1])


Key = tuple[int, str | None]


class Numbering:
    """Streets with their courses, ready to place civic numbers on them.

    Parameters
    ----------
    lines : GeoDataFrame
        `name` (None where there is none) and lines, metres.
    municipi : GeoDataFrame
        `area_id` and outlines, metres of the same system.
    city : City
        Civic numbers run outward from its centre.
    """

    def __init__(self, lines: gpd.GeoDataFrame, municipi: gpd.GeoDataFrame, city: City) -> None:
        named = lines[lines["name"].notna()]
        self._city = city
        self.names = sorted(named["name"].unique())
        self._rows = {name: row for row, name in enumerate(self.names)}
        self._courses = self._sample(named, municipi)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for row, name in enumerate(self.names):
            for word in set(parse(name).tokens):
                self._by_word[word].append(row)

    def gazetteer(self, civics: pd.DataFrame | None, anchors: Sequence[Anchor]) -> Gazetteer:
        """Place every civic number as well as it can be known.

        Parameters
        ----------
        civics : DataFrame or None
            street_code, kind, street, number, suffix, cap, municipio; None when no register is had.
        anchors : sequence of Anchor
            Addresses with a known place.

        Returns
        -------
        Gazetteer
            An anchor's number is `civic`, one along the street `interpolated`, one on a street that
            is not drawn `area`: known to exist, with no place.
        """
        known = self._anchors(anchors)
        rows = _none() if civics is None else civics.assign(row=self._matched(civics))
        streets = [*map(readable, self.names), *_undrawn(rows, len(self.names))]
        if civics is None:
            rows = self._numbers_of(known)
        rows = rows.sort_values(["row", "number", "suffix"], kind="stable", na_position="first")
        rows = self._placed(rows.reset_index(drop=True), known)
        start = np.searchsorted(rows["row"].to_numpy(), np.arange(len(streets) + 1))
        return Gazetteer(
            self._city.name, self._city.epsg, streets, _civics(rows, start), self._middles()
        )

    def _sample(self, lines: gpd.GeoDataFrame, municipi: gpd.GeoDataFrame) -> dict[Key, _Course]:
        merged = lines.geometry.force_2d().groupby(lines["name"]).agg(list)
        points, street = [], []
        for name, parts in merged.items():
            sampled = _walked(shapely.line_merge(shapely.union_all(parts)))
            points.append(sampled)
            street.append(np.full(len(sampled), self._rows[str(name)]))
        place, owner = np.vstack(points), np.concatenate(street)
        shapes = shapely.points(place)
        inside = np.full(len(place), -1)
        point, area = municipi.sindex.query(shapes, predicate="intersects")
        inside[point[::-1]] = area[::-1]
        centre = np.ravel(
            to_metres([self._city.centre[0]], [self._city.centre[1]], self._city.epsg)
        )
        ids = [*municipi["area_id"], None]
        # Points come street by street: a run of one street in one municipio keeps their order.
        key = owner * len(ids) + inside % len(ids)
        order = np.argsort(key, kind="stable")
        keys, first = np.unique(key[order], return_index=True)
        return {
            (one // len(ids), ids[one % len(ids)]): _outward(place[where], centre)
            for one, where in zip(keys.tolist(), np.split(order, first[1:]), strict=True)
        }

    def _matched(self, civics: pd.DataFrame) -> npt.NDArray[np.int64]:
        """Row of the street of every civic number; streets that are not drawn come after."""
        streets = civics.groupby("street_code", sort=False).agg(
            kind=("kind", "first"), street=("street", "first"), municipi=("municipio", set)
        )
        rows, undrawn = {}, len(self.names)
        for code, kind, street, municipi in streets.itertuples():
            found = self._same(str(kind), str(street), municipi)
            if found is None:
                found, undrawn = undrawn, undrawn + 1
            rows[code] = found
        return civics["street_code"].map(rows).to_numpy(np.int64)

    def _same(self, kind: str, street: str, municipi: set[str]) -> int | None:
        scored = []
        for row in self._candidates(street):
            address = parse(self.names[row])
            left = same_street(street, address.street)
            if left is not None and kind_of(kind) == address.kind:
                shared = sum((row, municipio) in self._courses for municipio in municipi)
                scored.append((-shared, left, row))
        scored.sort()
        if not scored or scored[0][0] == 0 or [s[:2] for s in scored].count(scored[0][:2]) > 1:
            return None
        return scored[0][2]

    def _candidates(self, street: str) -> list[int]:
        words = tokens(street)
        whole = [word for word in words if word in self._by_word]
        rarest = min(whole, key=lambda word: len(self._by_word[word]), default=None)
        if rarest is not None:
            return self._by_word[rarest]
        starts = [word for word in self._by_word if len(words[0]) > 3 and word.startswith(words[0])]  # noqa: PLR2004
        return [row for word in starts for row in self._by_word[word]]

    def _anchors(self, anchors: Sequence[Anchor]) -> dict[Key, list[tuple[int, float, float]]]:
        """Known numbers by street and municipio: number, x, y."""
        drawn = Gazetteer.of_streets([readable(name) for name in self.names], self._city)
        known: dict[Key, list[tuple[int, float, float]]] = defaultdict(list)
        by_row: dict[int, list[Key]] = defaultdict(list)
        for key in self._courses:
            by_row[key[0]].append(key)
        for anchor in anchors:
            if anchor.precision not in ("premises", "civic"):
                continue
            address = parse(anchor.text)
            keys = [key for row in drawn.streets_of(address) for key in by_row[row]]
            near = [(self._courses[key].place_of(anchor.x, anchor.y)[1], key) for key in keys]
            beside, key = min(near, key=lambda pair: pair[0], default=(np.inf, (-1, None)))
            if address.civic is not None and beside <= ANCHOR_METRES:
                known[key].append((address.civic, anchor.x, anchor.y))
        return known

    def _numbers_of(self, known: dict[Key, list[tuple[int, float, float]]]) -> pd.DataFrame:
        # Without a register, the numbers that exist are those that somebody has told.
        rows = [(row, area, n) for (row, area), numbers in known.items() for n, _, _ in numbers]
        frame = pd.DataFrame(rows, columns=["row", "municipio", "number"]).drop_duplicates()
        return frame.assign(suffix=None, cap=None)

    def _placed(
        self, rows: pd.DataFrame, known: dict[Key, list[tuple[int, float, float]]]
    ) -> pd.DataFrame:
        place = np.full((len(rows), 2), np.nan)
        error = np.full(len(rows), np.nan)
        precision = np.full(len(rows), "area", dtype=object)
        members_of: dict[Key, list[int]] = defaultdict(list)
        for member, key in enumerate(zip(rows["row"], rows["municipio"], strict=True)):
            members_of[key].append(member)
        for key, members in members_of.items():
            course = self._courses.get(key) or self._longest(key[0])
            if course is not None:
                numbers = rows["number"].to_numpy(np.int64)[members]
                found = _along(course, numbers, known.get(key, []))
                place[members], error[members], precision[members] = found
        return rows.assign(x=place[:, 0], y=place[:, 1], error_metres=error, precision=precision)

    def _longest(self, row: int) -> _Course | None:
        courses = [course for (street, _), course in self._courses.items() if street == row]
        return max(courses, key=lambda course: course.metres, default=None)

    def _middles(self) -> Middles:
        keys = sorted(self._courses, key=lambda key: (key[0], key[1] or ""))
        courses = [self._courses[key] for key in keys]
        middle = np.vstack([course.at(np.array([0.5])) for course in courses])
        reach = [
            np.hypot(*(course.points - point).T).max() + SAMPLE_METRES
            for course, point in zip(courses, middle, strict=True)
        ]
        return Middles(
            np.array([row for row, _ in keys], dtype=np.int64),
            [municipio for _, municipio in keys],
            middle[:, 0],
            middle[:, 1],
            np.array(reach, dtype=float),
        )


def told(anchors: Sequence[Anchor], city: City) -> Gazetteer:
    """Make a gazetteer of nothing but the addresses that somebody has told.

    Parameters
    ----------
    anchors : sequence of Anchor
        Addresses with their places.
    city : City
        The city.

    Returns
    -------
    Gazetteer
        An anchor without a civic number, or on the street only, is the middle of its street; the
        other streets are known by one of their numbers.
    """
    addresses = [parse(anchor.text) for anchor in anchors]
    names = [f"{one.kind or ''} {one.street}".strip() for one in addresses]
    streets = sorted({readable(name) for name in names})
    rows = [streets.index(readable(name)) for name in names]
    exact = np.array(
        [
            one.civic is not None and anchor.precision != "street"
            for one, anchor in zip(addresses, anchors, strict=True)
        ],
        dtype=bool,
    )
    frame = pd.DataFrame(
        {
            "row": rows,
            "number": [one.civic or 0 for one in addresses],
            "suffix": [one.suffix for one in addresses],
            "cap": [one.cap for one in addresses],
            **{
                column: [getattr(anchor, column) for anchor in anchors]
                for column in ("x", "y", "municipio", "precision", "error_metres")
            },
        }
    )
    numbered = frame[exact].drop_duplicates(["row", "number", "suffix"])
    numbered = numbered.sort_values(["row", "number"], kind="stable")
    start = np.searchsorted(numbered["row"].to_numpy(np.int64), np.arange(len(streets) + 1))
    # The middle that somebody told, else a number of the street: which is only that near to it.
    middle = frame.assign(error_metres=frame["error_metres"].clip(lower=STREET_ERROR_METRES))
    middle = middle.iloc[np.argsort(exact, kind="stable")].drop_duplicates(["row", "municipio"])
    middles = Middles(
        middle["row"].to_numpy(np.int64),
        _texts(middle["municipio"]),
        *(middle[column].to_numpy(float) for column in ("x", "y", "error_metres")),
    )
    return Gazetteer(city.name, city.epsg, streets, _civics(numbered, start), middles)


def _walked(line: shapely.Geometry) -> Floats:
    """Points every few metres; parts in the order of the street's main direction."""
    parts = [part for part in shapely.get_parts(line) if part.length > 0]
    sampled = []
    for part in parts:
        count = max(int(np.ceil(part.length / SAMPLE_METRES)), 1)
        along = (np.arange(count) + 0.5) * part.length / count
        sampled.append(shapely.get_coordinates(shapely.line_interpolate_point(part, along)))
    points = np.vstack(sampled)
    if len(parts) == 1:
        return points
    centred = points - points.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    return points[np.argsort(centred @ axis, kind="stable")]


def _outward(points: Floats, centre: Floats) -> _Course:
    first, last = np.hypot(*(points[[0, -1]] - centre).T)
    return _Course(points if first <= last else points[::-1])


def _along(
    course: _Course,
    numbers: npt.NDArray[np.int64],
    anchors: list[tuple[int, float, float]],
) -> tuple[Floats, Floats, npt.NDArray[np.object_]]:
    """Place the numbers of one course between the known ones."""
    low, high = int(numbers.min()), int(numbers.max())
    course, known = _oriented(course, low, high, anchors)
    believed = {number for number, _ in known}
    count = np.array([low, *(n for n, _ in known), max(high, low + 1)], dtype=float)
    share = np.maximum.accumulate([0.0, *(at for _, at in known), 1.0])
    at = np.interp(numbers, count, share)
    place = course.at(at)
    anchored = np.array([t for _, t in known] or [np.inf])
    gap = np.abs(at[:, None] - anchored).min(axis=1).clip(max=0.5) * course.metres
    error = BASE_ERROR_METRES + ERROR_SHARE * gap
    precision = np.full(len(numbers), "interpolated", dtype=object)
    for number, x, y in anchors:
        same = (numbers == number) & (number in believed)
        place[same], error[same], precision[same] = (x, y), ANCHOR_ERROR_METRES, "civic"
    return place, error, precision


def _oriented(
    course: _Course, low: int, high: int, anchors: list[tuple[int, float, float]]
) -> tuple[_Course, list[tuple[int, float]]]:
    # The low end is the one nearer to the centre, unless two known numbers or more say otherwise;
    # a number that does not fit the others at all has wrong coordinates.
    inside = sorted(anchor for anchor in anchors if low <= anchor[0] <= high)
    expected = np.array([(number - low) / max(high - low, 1) for number, _, _ in inside])
    ways = [course, course.turned()] if len(inside) > 1 else [course]
    at = [np.array([way.place_of(x, y)[0] for _, x, y in inside]) for way in ways]
    misfit = [np.abs(places - expected) for places in at]
    best = min(range(len(ways)), key=lambda way: float(np.median(misfit[way])) if inside else 0.0)
    kept = np.flatnonzero(misfit[best] <= MISFIT_SHARE)
    return ways[best], [(inside[row][0], float(at[best][row])) for row in kept]


def _undrawn(rows: pd.DataFrame, drawn: int) -> list[str]:
    late = rows[rows["row"] >= drawn].drop_duplicates("row").sort_values("row")
    return [
        f"{(kind_of(str(kind)) or str(kind)).capitalize()} {readable(str(street))}"
        for kind, street in zip(late["kind"], late["street"], strict=True)
    ]


def _none() -> pd.DataFrame:
    return pd.DataFrame({"row": [], "kind": [], "street": []})


def _civics(rows: pd.DataFrame, start: npt.NDArray[np.int64]) -> Civics:
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
    )


def _texts(column: pd.Series) -> list[str | None]:
    # A column of texts holds NaN where there is none, which no file of texts knows.
    return [value if isinstance(value, str) else None for value in column]
