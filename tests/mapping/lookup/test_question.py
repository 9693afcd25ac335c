"""What fits a question: yes, no, or not known; what is not known is never left out."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import BadInputError
from mapping.lookup.question import FLAGS, Fit, Question
from tests.mapping.drawn_tables import service_row as service

ALL = Question(
    ("nido",),
    open_at=datetime(2026, 3, 2, 10, 0),  # noqa: DTZ001 - the place's own time; a Monday
    age_months=30,
    languages=("ar", "fr"),
    residence_not_required=True,
    no_appointment=True,
    free=True,
    step_free=True,
)
NAMES = ("open", "age", "languages", "residence", "appointment", "free", "step_free")
FITTING = {
    "opening_hours": "Mo-Fr 08:00-18:00",
    "age_min_months": 3,
    "age_max_months": 36,
    "languages": ["ar", "it"],
    "residence_required": False,
    "appointment_required": False,
    "free": True,
    "step_free": True,
}
FAILING = {
    "opening_hours": "Tu 08:00-18:00",
    "age_min_months": 36,
    "age_max_months": 72,
    "languages": ["en"],
    "residence_required": True,
    "appointment_required": True,
    "free": False,
    "step_free": False,
}


def test_a_service_of_which_nothing_is_known_is_not_left_out() -> None:
    assert ALL.fit(service("nido")) == Fit((), NAMES)


def test_a_service_that_is_known_to_fit_fits() -> None:
    assert ALL.fit(service("nido", **FITTING)) == Fit((), ())


def test_a_service_that_is_known_to_fail_fails_everything_it_fails() -> None:
    assert ALL.fit(service("nido", **FAILING)) == Fit(NAMES, ())


def test_nothing_is_held_against_a_service_that_nobody_asked_for() -> None:
    assert Question(("nido",)).fit(service("nido", **FAILING)) == Fit((), ())


@pytest.mark.parametrize(
    ("age", "first", "last", "expected"),
    [
        (30, 3, 36, Fit((), ())),
        (3, 3, 36, Fit((), ())),
        (36, 3, 36, Fit(("age",), ())),  # the first age no longer served
        (2, 3, None, Fit(("age",), ())),
        (36, None, 36, Fit(("age",), ())),
        (30, 3, None, Fit((), ("age",))),
        (30, None, 36, Fit((), ("age",))),
    ],
)
def test_half_an_age_may_exclude_and_never_includes(age, first, last, expected) -> None:
    row = service("nido", age_min_months=first, age_max_months=last)
    assert Question((), age_months=age).fit(row) == expected


def test_the_ages_of_a_chosen_category_are_no_rule_for_a_service() -> None:
    assert Question(("nido",), age_months=170).fit(service("nido")) == Fit((), ("age",))


def test_where_nothing_is_chosen_kinds_for_other_ages_are_no_answer() -> None:
    young = Question((), age_months=18)
    assert young.fit(service("scuola_primaria")) == Fit(("age",), ())
    assert young.fit(service("nido")) == Fit((), ("age",))
    assert young.fit(service("farmacia")) == Fit((), ("age",))  # for everybody
    both = service("scuola_primaria", categories=["scuola_primaria", "nido"])
    assert young.fit(both) == Fit((), ("age",))
    early = service("scuola_infanzia", age_min_months=12, age_max_months=72)
    assert young.fit(early) == Fit((), ())


@pytest.mark.parametrize(
    ("spoken", "expected"),
    [(["ar"], Fit((), ())), (["en"], Fit((), ("languages",))), (None, Fit((), ("languages",)))],
)
def test_a_list_of_languages_without_italian_says_nothing_of_italian(spoken, expected) -> None:
    asked = Question((), languages=("it", "ar"))
    assert asked.fit(service("nido", languages=spoken)) == expected


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"age_months": -1}, "age_months is -1. Give 0 to 360."),
        ({"age_months": 361}, "age_months is 361"),
        ({"languages": ("arabo",)}, "Unknown language 'arabo'. Use 'ar'."),
        ({"languages": ("xx",)}, "ISO 639-1"),
        ({"profile": "robot"}, "Unknown profile 'robot'. Use one of: adult"),
        ({"max_minutes": float("nan")}, "max_minutes is nan"),
        ({"count": 0}, "count is 0"),
    ],
)
def test_an_absurd_question_is_one_line(asked: dict, words: str) -> None:
    with pytest.raises(BadInputError) as refused:
        Question((), **asked)
    assert words in str(refused.value)


flags = st.sampled_from([True, False, None])


@given(st.fixed_dictionaries({column: flags for _, column, _ in FLAGS.values()}))
def test_a_condition_is_met_failed_or_unknown_and_only_one_of_them(said: dict) -> None:
    fit = Question((), **dict.fromkeys(FLAGS, True)).fit(service("nido", **said))
    met = {name for name, column, wanted in FLAGS.values() if said[column] is wanted}
    assert set(fit.fails).isdisjoint(fit.unknown)
    assert set(fit.unknown) == {name for name, column, _ in FLAGS.values() if said[column] is None}
    assert met | set(fit.fails) | set(fit.unknown) == {name for name, *_ in FLAGS.values()}
