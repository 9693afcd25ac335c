"""What people report: kept on either store, counted until it is settled, never changed."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from mapping.catalogue import database
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import MAX_LETTERS, Reports, words_of
from mapping.errors import BadInputError

HOSTILE = "\x1b[2J<script>alert(1)</script>\u202e'; DROP TABLE report; --\x00 è così, 日本"


@pytest.fixture
def reports(store: str):
    Catalogue.open(store).close()
    with Reports.open(store) as opened:
        yield opened


def test_reports_wait_by_kind_until_somebody_settles_them(reports: Reports) -> None:
    for kind in ("full", "wrong_hours", "full"):
        reports.add("drawn:a", kind)
    reports.add("drawn:b", "moved", "ora è in via Disegnata 3")
    assert list(reports.counts("drawn:a").items()) == [("wrong_hours", 1), ("full", 2)]
    first, *_, last = reports.waiting()
    assert (last.service_id, last.said) == ("drawn:b", "ora è in via Disegnata 3")
    assert reports.counts("drawn:b", "drawn:a") == {"wrong_hours": 1, "moved": 1, "full": 2}
    assert reports.settle(first.report_id, "mended", note="telefonato", actor="anna") == first
    assert reports.counts("drawn:a") == {"wrong_hours": 1, "full": 1}
    assert first not in reports.waiting()


def test_a_report_is_settled_once(reports: Reports) -> None:
    reports.add("drawn:a", "closed")
    (report,) = reports.waiting()
    reports.settle(report.report_id, "as_published")
    with pytest.raises(BadInputError, match="No report 1 waits"):
        reports.settle(report.report_id, "mended")
    with pytest.raises(BadInputError, match="Unknown outcome 'yes'"):
        reports.settle(report.report_id, "yes")
    with pytest.raises(BadInputError, match="Unknown kind 'rude'"):
        reports.add("drawn:a", "rude")


def test_hostile_words_are_kept_as_words(reports: Reports) -> None:
    reports.add("drawn:'; --", "other", HOSTILE)
    (report,) = reports.waiting()
    assert report.said == "[2J<script>alert(1)</script> '; DROP TABLE report; -- è così, 日本"
    assert reports.counts("drawn:'; --") == {"other": 1}


def test_reports_are_only_ever_added(store: str, reports: Reports) -> None:
    reports.add("drawn:a", "closed")
    reports.settle(reports.waiting()[0].report_id, "mended")
    engine = database.open_database(store)
    for change in ("UPDATE report SET kind = 'full'", "DELETE FROM report_outcome"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(change))
    engine.dispose()


def test_where_there_is_no_catalogue_nothing_is_reported(tmp_path) -> None:
    with pytest.raises(BadInputError, match="There is no catalogue"):
        Reports.open(f"sqlite:///{tmp_path / 'none.sqlite'}")
    assert list(tmp_path.iterdir()) == []


def test_whom_a_text_is_about_is_not_kept() -> None:
    with pytest.raises(BadInputError, match="tax code"):
        words_of("per rssmra85t10a562s, grazie")
    with pytest.raises(BadInputError, match=f"{MAX_LETTERS} at the most"):
        words_of("a" * (MAX_LETTERS + 1))


@given(st.text(max_size=MAX_LETTERS))
def test_tidied_words_stay_as_they_are_and_steer_no_terminal(text: str) -> None:
    said = words_of(text)
    assert said is None or words_of(said) == said
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in said or "")
