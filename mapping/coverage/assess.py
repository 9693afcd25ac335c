"""Coverage of every case in every situation; a situation without data of its own is skipped."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from mapping.coverage.blocks import Block
from mapping.coverage.case_measure import Assessment, CaseMeasure
from mapping.coverage.cases import Case
from mapping.coverage.study_area import StudyArea

T = TypeVar("T")


class CaseOutcome(NamedTuple, Generic[T]):
    """What a case gives: its rows of coverage, and what `ask` kept of each assessment."""

    blocks: list[Block]
    results: list[T]


def assess(
    cases: Sequence[Case],
    study_area: StudyArea,
    ask: Callable[[Assessment], T],
    executor: Executor | None = None,
) -> CaseOutcome[T]:
    """Measure every case, in threads of this machine or by an executor; the answer is the same.

    `ask` takes from each assessment what is kept: all of them would not fit into memory. The result
    has the blocks for `blocks.table`, and what was kept, in the order of the cases.
    """
    work = partial(assess_one, study_area=study_area, ask=ask)
    if executor is None:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            outcomes = list(threads.map(work, cases))
    else:
        outcomes = list(executor.map(work, cases))
    blocks = [block for outcome in outcomes for block in outcome.blocks]
    return CaseOutcome(blocks, [result for outcome in outcomes for result in outcome.results])


def assess_one(case: Case, study_area: StudyArea, ask: Callable[[Assessment], T]) -> CaseOutcome[T]:
    """Measure one case in each of its situations, independently of other cases.

    `ask` is called only where sections have a result of their own.
    """
    outcome: CaseOutcome[T] = CaseOutcome([], [])
    measure = CaseMeasure(case, study_area)
    for situation in case.situations:
        walks = measure.walks(situation)
        outcome.blocks.extend(measure.blocks(walks))
        if case.differs(situation):
            outcome.results.append(ask(measure.assessment(walks)))
    return outcome
