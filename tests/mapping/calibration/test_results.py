"""What calls and walks tell: figures by hand, and nothing where nobody called or walked."""

import json
from datetime import date

import pytest

from mapping.calibration.results import document, walk_results, word_results
from mapping.catalogue.calibration import CalibrationOutcomes, CallOutcome, WalkOutcome
from mapping.tables import SURENESS

DAY = date(2026, 11, 21)


def call(
    number: int, *, serves: bool | None, word="likely_there", family="regulated"
) -> CallOutcome:
    answered = serves is not None
    return CallOutcome("e", f"T{number}", "prova:a", family, word, answered, serves, DAY, "rete")


def walk(number: int, predicted: float, walked: float, quarter="nord-est") -> WalkOutcome:
    return WalkOutcome("e", f"P{number}", "prova:a", quarter, predicted, walked, None, DAY, "rete")


def calls(serving: int, gone: int, silent: int = 0, **more: str) -> list[CallOutcome]:
    said = [True] * serving + [False] * gone + [None] * silent
    return [call(number, serves=serves, **more) for number, serves in enumerate(said)]


def test_nothing_is_told_where_nobody_called_or_walked():
    assert word_results([]) == []
    assert walk_results([]) == []
    assert document(CalibrationOutcomes()) == {"calls": 0, "walks": 0, "words": [], "minutes": []}


def test_shares_are_of_those_of_whom_it_is_known():
    (found,) = word_results(calls(8, 2, silent=5))
    assert (found.called, found.answered, found.known, found.serving) == (15, 10, 10, 8)
    assert found.share.value == 0.8
    # Wilson at nine in ten, z = 1.645: (0.8 + z^2/20 +- z sqrt(0.016 + z^2/400)) / (1 + z^2/10)
    assert (found.share.low, found.share.high) == pytest.approx((0.541, 0.931), abs=0.001)
    (silent,) = word_results(calls(0, 0, silent=3))
    assert silent.share is None


@pytest.mark.parametrize(
    ("word", "serving", "gone", "verdict"),
    [
        ("likely_there", 20, 0, "holds"),
        ("likely_there", 1, 19, "broken"),
        ("likely_there", 11, 9, "open"),
        ("surely_there", 20, 0, "open"),  # 20 of 20 may yet be 88% of all
        ("surely_there", 60, 0, "holds"),
        ("unknown", 1, 19, "no_promise"),
    ],
)
def test_a_word_is_held_to_what_it_promises(word, serving, gone, verdict):
    (found,) = word_results(calls(serving, gone, word=word))
    assert found.verdict == verdict


def test_words_and_families_are_told_apart():
    made = [*calls(1, 0, word="unknown"), *calls(1, 1), *calls(2, 0, family="project")]
    assert [(one.family, one.word, one.called) for one in word_results(made)] == [
        ("project", "likely_there", 2),
        ("regulated", "likely_there", 2),
        ("regulated", "unknown", 1),
    ]
    assert {one.word for one in word_results(made)} <= set(SURENESS)


def test_minutes_are_compared_with_what_was_said():
    whole, east, west = walk_results(
        [walk(1, 10, 12), walk(2, 20, 24), walk(3, 10, 9, quarter="sud-ovest")]
    )
    assert (whole.quarter, whole.walks) == ("", 3)
    assert whole.error_minutes.value == pytest.approx(5 / 3)
    assert whole.error_minutes.low < 5 / 3 < whole.error_minutes.high
    assert whole.ratio.value == pytest.approx(45 / 40)
    assert [*east.ratio] == pytest.approx([1.2] * 3)
    assert (west.quarter, [*west.error_minutes]) == ("sud-ovest", [-1] * 3)
    assert walk_results([walk(1, 10, 12)])[0].error_minutes.low == 2


def test_all_results_are_json():
    said = document(CalibrationOutcomes(calls(8, 2), [walk(1, 10, 12)]))
    assert json.loads(json.dumps(said)) == said
    assert said["words"][0]["promise"] == 0.5
