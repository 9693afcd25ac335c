"""What people report: kept on either store, counted until it is settled, never changed."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from mapping.catalogue import database
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.reports import MAX_LETTERS, Report, Reports, in_reading_order, words_of
from mapping.errors import BadInputError

HOSTILE = "\x1b[2J<script>alert(1)</script>\u202e'; DROP TABLE report; --\x00 è così, 日本"


@pytest.fixture
def reports(store: str):
    Catalogue.open(store).close()
    with Reports.open(store) as opened:
        yield opened


def past(store: str, hours: float, kind: str = "closed", *, repeated: bool = False) -> None:
    """Keep a report that was sent so many hours ago."""
    engine = database.open_database(store)
    sent = {"service_id": "drawn:a", "kind": kind, "repeated": repeated}
    moment = {"recorded_at": datetime.now(UTC) - timedelta(hours=hours)}
    with engine.begin() as connection:
        connection.execute(sa.insert(database.reports), sent | moment)
    engine.dispose()


def test_reports_wait_until_somebody_settles_them(reports: Reports) -> None:
    for kind in ("full", "wrong_hours", "full"):
        reports.add("drawn:a", kind)
    reports.add("drawn:b", "moved", "ora è in via Disegnata 3")
    first, *_, last = reports.waiting()
    assert (last.service_id, last.said) == ("drawn:b", "ora è in via Disegnata 3")
    assert reports.settle([first.report_id], "mended", note="telefonato", actor="anna") == [first]
    assert first not in reports.waiting()


def test_several_are_settled_at_once_or_none(reports: Reports) -> None:
    for kind in ("full", "wrong_hours", "moved"):
        reports.add("drawn:a", kind)
    ids = [report.report_id for report in reports.waiting()]
    with pytest.raises(BadInputError, match="No report 99 waits"):
        reports.settle([*ids[:2], 99], "mended")
    assert len(reports.waiting()) == 3
    assert [one.report_id for one in reports.settle([*ids[:2], ids[0]], "mended")] == ids[:2]
    assert [one.report_id for one in reports.waiting()] == ids[2:]


def test_what_looks_alike_is_read_last_and_the_rest_by_service() -> None:
    def sent(report_id: int, service: str, said: str | None, kind: str = "other") -> Report:
        return Report(report_id, service, kind, said, datetime.now(UTC), repeated=False)

    flood = [sent(n, f"drawn:{n % 7}", f"flood {n} " * (n % 3 + 1)) for n in range(100)]
    again = [sent(200 + n, "drawn:a", None, "closed") for n in range(9)]
    honest = [
        sent(100, "drawn:b", "orari sbagliati", "wrong_hours"),
        sent(150, "drawn:c", None, "closed"),
        sent(300, "drawn:b", "il numero è 02 1234567"),
    ]
    listed = in_reading_order([*flood, *again, *honest])
    assert [report.report_id for report in listed[:3]] == [100, 300, 150]
    assert sorted(listed, key=id) == sorted([*flood, *again, *honest], key=id)


@pytest.mark.parametrize(
    ("before", "public"),
    [
        ([], []),
        ([{"hours": 23}], []),
        ([{"hours": 1}] * 30, []),
        ([{"hours": 25, "kind": "moved"}], []),
        ([{"hours": 25, "repeated": True}], []),
        ([{"hours": 25}], ["closed"]),
    ],
    ids=["single", "the same day", "a flood", "another kind", "the same sender", "a day apart"],
)
def test_a_page_says_what_two_senders_said_on_different_days(
    store: str, reports: Reports, before: list[dict], public: list[str]
) -> None:
    for earlier in before:
        past(store, **earlier)
    reports.add("drawn:a", "closed")
    assert reports.public_kinds("drawn:b", "drawn:a") == public
    assert reports.public_kinds("drawn:b") == []


def test_a_page_says_what_a_person_confirmed_until_it_is_settled(reports: Reports) -> None:
    reports.add("drawn:a", "closed")
    (report,) = reports.waiting()
    assert reports.confirm(report.report_id, actor="anna") == report
    assert reports.public_kinds("drawn:a") == ["closed"]
    with pytest.raises(BadInputError, match="confirmed already"):
        reports.confirm(report.report_id)
    reports.settle([report.report_id], "mended")
    assert reports.public_kinds("drawn:a") == []
    with pytest.raises(BadInputError, match="No report 1 waits"):
        reports.confirm(report.report_id)


def test_a_report_is_settled_once(reports: Reports) -> None:
    reports.add("drawn:a", "closed")
    (report,) = reports.waiting()
    reports.settle([report.report_id], "as_published")
    with pytest.raises(BadInputError, match="No report 1 waits"):
        reports.settle([report.report_id], "mended")
    with pytest.raises(BadInputError, match="Unknown outcome 'yes'"):
        reports.settle([report.report_id], "yes")
    with pytest.raises(BadInputError, match="Unknown kind 'rude'"):
        reports.add("drawn:a", "rude")


def test_hostile_words_are_kept_as_words(reports: Reports) -> None:
    reports.add("drawn:'; --", "other", HOSTILE)
    (report,) = reports.waiting()
    assert report.said == "[2J<script>alert(1)</script> '; DROP TABLE report; -- è così, 日本"


def test_reports_are_only_ever_added(store: str, reports: Reports) -> None:
    reports.add("drawn:a", "closed")
    reports.confirm(reports.waiting()[0].report_id)
    reports.settle([reports.waiting()[0].report_id], "mended")
    engine = database.open_database(store)
    for change in (
        "UPDATE report SET kind = 'full'",
        "DELETE FROM report_outcome",
        "DELETE FROM report_confirmation",
    ):
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
