"""How many are far at another pace: counted by hand along a drawn street."""

from pathlib import Path

from mapping.edition.queries import coverage_rows, far_numbers
from tests.mapping.greyzones.test_zone_table import pharmacy, town


def test_who_is_far_is_told_between_what_a_faster_and_a_slower_pace_make_of_it(
    tmp_path: Path,
) -> None:
    edition = town(tmp_path, pharmacy(0, "a"))
    (city,) = coverage_rows(edition, "farmacia", "municipality")
    # 25 people every 50 m, from 25 m to 3,175 m: beyond 800 m there are 1,200 of them; beyond 920 m
    # not those at 825 m and 875 m, beyond 680 m also those at 725 m and 775 m.
    assert far_numbers(city) == {"people": 1200, "fewest": 1150, "most": 1250}
    for row in coverage_rows(edition, "farmacia", "municipio"):
        assert far_numbers(row) == {}


def test_of_a_list_that_is_not_complete_no_band_is_told(tmp_path: Path) -> None:
    nursery = pharmacy(0, "a").model_copy(update={"categories": ("nido",)})
    (city,) = coverage_rows(town(tmp_path, nursery), "nido", "municipality")
    assert far_numbers(city) == {}
