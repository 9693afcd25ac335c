"""What calls and walks tell of the words and of the minutes, with how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy.stats import binomtest

from mapping.catalogue.calibration import CalibrationOutcomes, CallOutcome, WalkOutcome
from mapping.coverage.confidence.sureness import ALMOST, LIKELY, LIKELY_THERE, SURELY_THERE
from mapping.tables import SURENESS

CONFIDENCE = 0.9
RESAMPLES, SEED = 2_000, 60
PROMISES = {SURENESS[SURELY_THERE]: ALMOST, SURENESS[LIKELY_THERE]: LIKELY}
"""How often a record holds, at the least, of which the word is said; the others promise nothing."""
Verdict = Literal["holds", "broken", "open", "no_promise"]


class Interval(NamedTuple):
    """A figure, and between what it lies nine times in ten."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class WordResult:
    """What came of the calls about one word and family; shares are None where nobody told."""

    family: str
    word: str
    called: int
    answered: int
    known: int
    """Of how many it is known whether they still serve."""
    serving: int

    @property
    def share(self) -> Interval | None:
        """The share that still serves, of those of whom it is known (Wilson's interval)."""
        if not self.known:
            return None
        test = binomtest(self.serving, self.known)
        ends = test.proportion_ci(CONFIDENCE, method="wilson")
        return Interval(self.serving / self.known, float(ends.low), float(ends.high))

    @property
    def verdict(self) -> Verdict:
        """Whether the word holds what it promises; open while the interval holds its promise."""
        promise, share = PROMISES.get(self.word), self.share
        if promise is None:
            return "no_promise"
        if share is None or share.low < promise <= share.high:
            return "open"
        return "holds" if share.low >= promise else "broken"


@dataclass(frozen=True)
class WalkResult:
    """By how many minutes walks took longer than predicted; shorter is negative."""

    quarter: str
    """Empty for all of them."""
    walks: int
    error_minutes: Interval
    """Mean of walked less predicted, walks drawn anew."""
    ratio: Interval
    """Walked over predicted, of all minutes together."""


def word_results(calls: Sequence[CallOutcome]) -> list[WordResult]:
    """Sum the calls by family and word; empty without calls."""
    strata = sorted({(call.family, call.word) for call in calls}, key=_order)
    return [
        _word_result(family, word, [c for c in calls if (c.family, c.word) == (family, word)])
        for family, word in strata
    ]


def walk_results(walks: Sequence[WalkOutcome]) -> list[WalkResult]:
    """Compare the minutes, of all walks first and then of each quarter; empty without walks."""
    quarters = sorted({walk.quarter for walk in walks})
    groups = {"": walks} | {name: [w for w in walks if w.quarter == name] for name in quarters}
    return [_walk_result(name, group) for name, group in groups.items() if group]


def document(outcomes: CalibrationOutcomes) -> dict[str, object]:
    """Give all results, ready for JSON."""
    return {
        "calls": len(outcomes.calls),
        "walks": len(outcomes.walks),
        "words": [
            {
                "family": result.family,
                "word": result.word,
                "called": result.called,
                "answered": result.answered,
                "known": result.known,
                "serving": result.serving,
                "share": _numbers(result.share),
                "promise": PROMISES.get(result.word),
                "verdict": result.verdict,
            }
            for result in word_results(outcomes.calls)
        ],
        "minutes": [
            {
                "quarter": result.quarter or None,
                "walks": result.walks,
                "error_minutes": _numbers(result.error_minutes),
                "ratio": _numbers(result.ratio),
            }
            for result in walk_results(outcomes.walks)
        ],
    }


def _numbers(interval: Interval | None) -> dict[str, float] | None:
    if interval is None:
        return None
    return {name: round(value, 3) for name, value in interval._asdict().items()}


def _order(stratum: tuple[str, str]) -> tuple[str, int]:
    family, word = stratum
    return family, SURENESS.index(word)


def _word_result(family: str, word: str, calls: Sequence[CallOutcome]) -> WordResult:
    known = [call.serves for call in calls if call.serves is not None]
    answered = sum(call.answered for call in calls)
    return WordResult(family, word, len(calls), answered, len(known), sum(known))


def _walk_result(quarter: str, walks: Sequence[WalkOutcome]) -> WalkResult:
    walked = np.array([walk.walked_minutes for walk in walks])
    predicted = np.array([walk.predicted_minutes for walk in walks])
    count = len(walks)
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    times = np.vstack([np.ones(count), drawn])
    error = times @ (walked - predicted) / count
    ratio = (times @ walked) / (times @ predicted)
    return WalkResult(quarter, count, _interval(error), _interval(ratio))


def _interval(figures: np.ndarray) -> Interval:
    """Take the figure itself from the first row, and its interval from those drawn anew."""
    tails = (1 - CONFIDENCE) / 2
    low, high = np.quantile(figures[1:], [tails, 1 - tails]).tolist()
    return Interval(float(figures[0]), low, high)
