"""Who may come and where there is room, on a street of 4 km: beside the class, never in it."""

from datetime import timedelta

import numpy as np
import pytest

from mapping.coverage.service_status import may_come, room
from tests.mapping.coverage.test_assess import TODAY, covered, people_of_all_ages, row, service
from tests.mapping.coverage.test_assess import grounded as _grounded

ON = _grounded(census=people_of_all_ages())
SCHOOL = "scuola_infanzia"
ACCEPTS = {"room_status": "accepts", "room_date": TODAY.isoformat()}
FULL = {"room_status": "full", "room_date": TODAY.isoformat()}
SHARES = ("share_may_come", "share_may_not_come", "share_room", "share_waiting", "share_no_room")


def days_ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def of(*services, **asked):
    return row(covered(list(services), ON, SCHOOL), **asked)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ({}, "unknown"),
        ({"room_status": "accepts"}, "unknown"),  # nobody says when
        ({"room_status": "accepts", "room_date": days_ago(0)}, "yes"),
        ({"room_status": "accepts", "room_date": days_ago(89)}, "yes"),
        ({"room_status": "accepts", "room_date": days_ago(90)}, "unknown"),
        ({"room_status": "accepts", "room_date": days_ago(-1)}, "unknown"),  # a day to come
        ({"room_status": "accepts", "room_date": "2026-02"}, "yes"),
        ({"room_status": "accepts", "room_date": "2025"}, "unknown"),
        ({"room_status": "waiting_list", "room_date": days_ago(1)}, "waiting"),
        ({"waiting_days": 30, "room_date": days_ago(1)}, "waiting"),
        ({"waiting_days": 0, "room_date": days_ago(1)}, "yes"),
        ({"room_status": "accepts", "waiting_days": 30, "room_date": days_ago(1)}, "waiting"),
        ({"room_status": "full", "room_date": days_ago(1)}, "no"),
        ({"room_status": "full", "waiting_days": 0, "room_date": days_ago(1)}, "unknown"),
        ({"room_status": "to_assess", "room_date": days_ago(1)}, "unknown"),
        ({"room_status": "to_assess", "room_date": None, "waiting_days": 9}, "unknown"),
    ],
)
def test_room_is_known_for_under_ninety_days_and_only_where_a_day_is_given(said, answer):
    silent = dict.fromkeys(("room_status", "waiting_days", "room_date"))
    assert room(silent | said, TODAY) == answer


@pytest.mark.parametrize(
    ("required", "category", "answer"),
    [
        (None, "nido", "unknown"),
        (True, "nido", "no"),
        (False, "nido", "yes"),
        (False, "emporio_solidale", "unknown"),  # whoever is not referred does not come
        (True, "emporio_solidale", "no"),
    ],
)
def test_who_may_come_is_what_is_known_of_residence_and_referral(required, category, answer):
    assert may_come({"residence_required": required, "categories": [category]}) == answer


def test_where_nothing_is_known_both_are_unknown_and_nobody_is_counted() -> None:
    found = of(service(2000, SCHOOL))
    assert (found["class"], found["may_come"], found["has_room"]) == ("served",) + ("unknown",) * 2
    assert all(np.isnan(found[name]) for name in SHARES)


def test_room_is_counted_among_those_near_and_changes_neither_class_nor_minutes() -> None:
    plain = of(service(2000, SCHOOL))
    found = of(service(2000, SCHOOL, residence_required=False, **ACCEPTS))
    assert (found["may_come"], found["has_room"]) == ("yes", "yes")
    # 1200 m to either side of the school are near it.
    assert found["share_room"] == found["share_may_come"] == pytest.approx(0.6, abs=0.01)
    same = [name for name in plain if name not in (*SHARES, "may_come", "has_room")]
    assert {name: found[name] for name in same} == pytest.approx(
        {name: plain[name] for name in same}, nan_ok=True
    )


def test_waiting_is_an_answer_to_room_and_is_never_added_to_a_walk() -> None:
    plain, waits = (
        of(service(2000, SCHOOL, **said))
        for said in ({}, {"waiting_days": 200, "room_date": days_ago(3)})
    )
    assert (waits["has_room"], waits["seconds"], waits["class"]) == (
        "waiting", plain["seconds"], plain["class"],
    )  # fmt: skip
    assert waits["share_waiting"] == pytest.approx(0.6, abs=0.01)


def test_the_best_of_several_services_is_the_answer() -> None:
    queue = service(1900, SCHOOL, room_status="waiting_list", room_date=days_ago(1))
    both = of(service(2000, SCHOOL, **ACCEPTS), queue)
    assert both["has_room"] == "yes"
    assert both["share_waiting"] == pytest.approx(100 / 4000, abs=0.01)


def test_that_there_is_no_room_is_said_only_where_it_is_so_of_every_service() -> None:
    assert of(service(2000, SCHOOL, **FULL))["has_room"] == "no"
    unknown = of(service(2000, SCHOOL, **FULL), service(2010, SCHOOL))
    assert (unknown["has_room"], np.isnan(unknown["share_no_room"])) == ("unknown", True)
    # A record that is no longer sure may still be one with room.
    stale = of(service(2000, SCHOOL, **FULL), service(2010, SCHOOL, assured_date="2019"))
    assert stale["has_room"] == "unknown"


def test_of_a_list_that_is_not_complete_it_is_not_said_that_there_is_no_room() -> None:
    nido = row(covered([service(2000, "nido", **FULL)], ON, "nido"))
    assert nido["has_room"] == "unknown"


def test_a_section_has_the_words_and_no_share() -> None:
    section = of(service(2000, SCHOOL, **ACCEPTS), level="section")
    assert section["has_room"] == "yes"
    assert np.isnan(section["share_room"])


def test_shares_below_the_city_are_whole_percents_of_rounded_counts() -> None:
    nil = of(service(1330, SCHOOL, residence_required=False, **ACCEPTS))
    for name in ("share_room", "share_may_come"):
        assert nil[name] == round(nil[name], 2)


def test_of_few_people_neither_word_nor_share_is_told() -> None:
    few = people_of_all_ages()
    few[["class_0_4", "class_5_9"]] = 280.0  # about 40 children of 3 to 5 years
    small = _grounded(census=few)
    found = row(covered([service(2000, SCHOOL, **ACCEPTS)], small, SCHOOL))
    assert found["demand"] < 50
    assert (found["has_room"], np.isnan(found["share_room"])) == ("unknown", True)
