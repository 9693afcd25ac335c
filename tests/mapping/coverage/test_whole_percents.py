"""Shares of one whole sum to it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.coverage.list_words import class_shares
from mapping.coverage.whole_percents import apportioned, shares_of_one_whole, whole_percents
from mapping.tables import CLASSES


def test_what_is_left_goes_to_the_parts_that_were_cut_most():
    # By hand: 20, 20 and 15 of 55 are 36.4, 36.4 and 27.2 in a hundred.
    assert whole_percents([20 / 55, 20 / 55, 15 / 55]) == [0.37, 0.36, 0.27]
    assert whole_percents([1 / 3, 1 / 3, 1 / 3]) == [0.34, 0.33, 0.33]
    assert whole_percents([0.29, 0.71]) == [0.29, 0.71]
    assert apportioned(np.array([[np.nan, 1.5, 2.5]]))[0, 1:].tolist() == [2, 2]


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6), st.floats(0, 3000))
def test_parts_of_any_people_sum_to_them(parts: list[float], people: float):
    total = sum(parts)
    if not total:
        return
    shares = np.array([parts]) / total
    whole = 5 * round(people / 5)
    for whole_percent, step in ((True, 0.01), (False, 5 / max(whole, 5))):
        told = shares_of_one_whole(shares, [people], whole_percent=whole_percent)[0]
        if whole < 50:
            assert np.isnan(told).all()
            continue
        assert told.sum() == pytest.approx(1, abs=1e-5)
        assert told / step == pytest.approx(np.round(told / step), abs=1e-3)
        assert np.abs(told - shares[0]).max() <= 0.01 + 5 / whole


def test_classes_of_a_city_are_told_in_percents_that_sum_to_a_hundred():
    shares = dict(zip(CLASSES, (0.3333, 0.3333, 0.3334, 0.0, 0.0, 0.0), strict=True))
    row = {f"share_{name}": share for name, share in shares.items()}
    complete = {"status": "complete"}
    assert sum(class_shares(row, complete).values()) == pytest.approx(1)
    # Of a list that is not complete the first is at the least, and not rounded with the others.
    partial = class_shares(row, {"status": "partial"})
    assert partial["share_served"] == 0.3333
    assert [partial[name] for name in ("share_far", "share_unsure")] == [0.33, 0.34]
