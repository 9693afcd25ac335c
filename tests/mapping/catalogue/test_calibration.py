"""What came of calls and walks: kept on either store, the last outcome counts, never changed."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from time import process_time

import pytest
from sqlalchemy.exc import DBAPIError

from mapping.catalogue import database
from mapping.catalogue.calibration import (
    MAX_OUTCOMES,
    CalibrationOutcomes,
    CallOutcome,
    WalkOutcome,
    erase_outcomes,
    read_outcomes,
    record_outcomes,
    sheet_key,
)
from mapping.catalogue.secret import KEY_BYTES
from mapping.errors import BadInputError

FAMILY = "la famiglia del terzo piano"
DAY = date(2026, 11, 21)
CALL = CallOutcome(
    "e1", "T01", "prova:a", "project", "unknown",
    answered=True, serves=None, done_on=DAY, done_by="Rete 3",
)  # fmt: skip
WALK = WalkOutcome("e1", "P01", "prova:b", "nord-est", 12.4, 15.0, "scale", DAY, "Rete 3")


def test_what_was_found_is_read_back_and_told_once(store: str):
    outcomes = CalibrationOutcomes([CALL], [WALK])
    assert record_outcomes(store, outcomes) == 2
    assert record_outcomes(store, outcomes) == 0
    assert read_outcomes(store) == outcomes


def test_the_last_outcome_of_an_item_counts_and_other_editions_have_their_own(store: str):
    record_outcomes(store, CalibrationOutcomes([CALL]))
    again, later = replace(CALL, serves=False), replace(CALL, edition_id="e2")
    assert record_outcomes(store, CalibrationOutcomes([again, later])) == 2
    assert read_outcomes(store).calls == [again, later]


@pytest.mark.parametrize("table", ["calibration_call", "calibration_walk"])
@pytest.mark.parametrize("change", ["UPDATE {} SET code = 'x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_them(store: str, table: str, change: str):
    record_outcomes(store, CalibrationOutcomes([CALL], [WALK]))
    engine = database.open_database(store)
    with engine.begin() as connection, pytest.raises(DBAPIError, match=f"{table} is append-only"):
        connection.exec_driver_sql(change.format(table))
    engine.dispose()


def test_the_key_of_sheets_is_made_once_and_nobody_else_reads_it(store: str, tmp_path):
    key = sheet_key(store)
    assert len(key) == KEY_BYTES
    assert sheet_key(store) == key
    other = tmp_path / "other.sqlite"
    assert sheet_key(f"sqlite:///{other}") != key
    assert other.stat().st_mode & 0o777 == 0o600


def test_an_outcome_is_erased_with_what_it_was_before_and_the_rest_stays(store: str):
    later = replace(WALK, edition_id="e2")
    record_outcomes(store, CalibrationOutcomes([CALL], [replace(WALK, obstacles=FAMILY), later]))
    record_outcomes(store, CalibrationOutcomes([], [WALK]))
    with pytest.raises(BadInputError, match="e1, e2"):
        erase_outcomes(store, "P01")
    assert erase_outcomes(store, "P01", "e1") == 2
    assert read_outcomes(store) == CalibrationOutcomes([CALL], [later])
    for edition in ("e1", None):
        with pytest.raises(BadInputError, match="no outcome 'P09'"):
            erase_outcomes(store, "P09", edition)
    engine = database.open_database(store)
    with engine.begin() as connection, pytest.raises(DBAPIError, match="is append-only"):
        connection.exec_driver_sql("DELETE FROM calibration_walk")
    engine.dispose()


def test_of_what_was_erased_no_byte_stays_in_the_files(tmp_path):
    url = f"sqlite:///{tmp_path}/catalogue.sqlite"
    record_outcomes(url, CalibrationOutcomes([], [replace(WALK, obstacles=FAMILY)]))
    assert holding(tmp_path)
    assert erase_outcomes(url, "P01") == 1
    assert not holding(tmp_path)


def holding(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if FAMILY.encode() in path.read_bytes()]


def test_thousands_are_told_apart_at_once_and_no_more_are_taken(tmp_path):
    url = f"sqlite:///{tmp_path}/catalogue.sqlite"
    many = CalibrationOutcomes([replace(CALL, code=f"T{n}") for n in range(MAX_OUTCOMES)])
    assert record_outcomes(url, many) == MAX_OUTCOMES
    begun = process_time()
    assert record_outcomes(url, many) == 0
    assert process_time() - begun < 2
    with pytest.raises(BadInputError, match=f"takes {MAX_OUTCOMES}"):
        record_outcomes(url, CalibrationOutcomes([replace(CALL, edition_id="e2")]))
    assert read_outcomes(url).calls == many.calls


def test_without_a_catalogue_there_is_nothing_to_read(tmp_path):
    with pytest.raises(BadInputError, match="no catalogue"):
        read_outcomes(f"sqlite:///{tmp_path}/none.sqlite")
