"""People of a class, of an area and of the city that it is a part of."""

import numpy as np
import pytest

from mapping.disclosure import disclosed_shares, least_shares, rounded
from mapping.edition.queries import about_people_of_class

PEOPLE = np.array([119_910.0, 168_675.0, 98_440.0, 151_020.0, 612.0])
FAR = np.array([2_260.0, 10_120.0, 40.0, 22_313.0, 301.0])
"""Of five areas, whom the category is for and how many of them are far; together a city."""


def row(people: float, part: float, *, level: str) -> dict[str, object]:
    (share,) = disclosed_shares(
        np.array([part / people]), np.array([people]), whole_percent=level != "municipality"
    )
    return {"level": level, "demand": int(rounded(people)), "share_far": share}


def test_people_of_an_area_are_told_as_finely_as_whole_percents_tell() -> None:
    told = [
        about_people_of_class(row(*area, level="municipio"), "far")
        for area in zip(PEOPLE, FAR, strict=True)
    ]
    assert told == [2_000, 10_000, 0, 23_000, 300]


def test_areas_sum_to_the_city_within_what_their_rounding_allows() -> None:
    areas = [row(*area, level="municipio") for area in zip(PEOPLE, FAR, strict=True)]
    city = row(PEOPLE.sum(), FAR.sum(), level="municipality")
    whole = about_people_of_class(city, "far")
    assert whole == pytest.approx(FAR.sum(), abs=2.5)
    off = sum(about_people_of_class(area, "far") for area in areas) - whole
    assert abs(off) <= sum(0.005 * area["demand"] + 500 for area in areas)
    for area, exact in zip(areas, FAR, strict=True):
        step = 500 if area["demand"] > 90_000 else 2.5
        assert abs(about_people_of_class(area, "far") - exact) <= 0.005 * area["demand"] + step


def test_people_at_the_least_are_never_more_than_there_are() -> None:
    for people, part in [*zip(PEOPLE, FAR, strict=True), (52.4, 52.4), (8_990.0, 7_574.0)]:
        for level in ("nil", "municipality"):
            (share,) = least_shares(
                np.array([part / people]), np.array([people]), whole_percent=level == "nil"
            )
            counted = {"level": level, "demand": int(rounded(people)), "share_served": share}
            assert share <= part / people
            assert about_people_of_class(counted, "served", at_least=True) <= part


def test_people_at_the_least_tell_no_more_than_fives() -> None:
    shares = least_shares(np.array([95, 99.9]) / 102, np.array([102.0, 102.0]), whole_percent=True)
    assert shares.tolist() == [0.92, 0.92]
    assert np.isnan(least_shares(np.array([1.0]), np.array([47.0]), whole_percent=True))


def test_where_no_share_is_known_nobody_is_counted() -> None:
    assert about_people_of_class({"level": "nil", "demand": 40, "share_far": None}, "far") is None
