"""Texts of services in other languages: kept on either store, and older than the Italian or not."""

import json
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from mapping.catalogue import database
from mapping.catalogue.catalogue import Catalogue
from mapping.services.service_row import ServiceRow
from mapping.services.translations import Content, Translation, as_column, content
from tests.mapping.drawn_city import drawn_city, service

DOCUMENTS = service(1, "a", required_documents="Un documento", note="Suonare due volte")
FIRST = Translation(
    "prova:a", "required_documents", "fr", "Un documento", "Une pièce d'identité", "Anna",
    date(2026, 1, 2),
)  # fmt: skip


def test_the_last_translation_of_a_text_counts(store: str) -> None:
    arabic = replace(FIRST, language="ar", text="وثيقة")
    second = replace(FIRST, text="Un document", translator="Bruno", translated_on=date(2026, 2, 3))
    with Catalogue.open(store) as catalogue:
        assert catalogue.translations() == []
        catalogue.translate([FIRST, arabic])
        catalogue.translate([second])
        catalogue.translate([])
        assert catalogue.translations() == [arabic, second]


def test_translations_are_only_ever_added(store: str) -> None:
    with Catalogue.open(store) as catalogue:
        catalogue.translate([FIRST])
    engine = database.open_database(store)
    for change in ("UPDATE content_translation SET text = ''", "DELETE FROM content_translation"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(sa.text(change))
    engine.dispose()


def row(*translations: Translation, of=DOCUMENTS) -> ServiceRow:
    texts = {"required_documents": of.required_documents, "note": of.note}
    return ServiceRow.from_row({**texts, "translations": as_column(of, translations)})


def test_a_text_is_said_in_the_language_and_else_in_italian() -> None:
    told = row(FIRST)
    assert content(told, "required_documents", "fr") == Content(
        "Une pièce d'identité", "fr", "Anna", "2026-01-02"
    )
    assert content(told, "required_documents", "ar") == Content("Un documento", "it")
    assert content(told, "note", "fr") == Content("Suonare due volte", "it")


def test_a_translation_of_another_italian_text_is_older() -> None:
    old = replace(FIRST, italian="Due documenti")
    found = content(row(old), "required_documents", "fr")
    assert found is not None
    assert found.older
    # Blanks are no other text.
    blanks = content(row(replace(FIRST, italian=" Un\n documento")), "required_documents", "fr")
    assert blanks is not None
    assert not blanks.older


@pytest.mark.parametrize("day", [date(2026, 1, 2), date(2026, 2, 3)])
def test_a_translation_of_the_very_text_goes_before_a_later_one_of_another(day: date) -> None:
    other = replace(FIRST, italian="Due documenti", text="Deux pièces", translated_on=day)
    for told in (row(FIRST, other), row(other, FIRST)):
        found = content(told, "required_documents", "fr")
        assert found is not None
        assert (found.text, found.older) == ("Une pièce d'identité", False)


def test_what_is_said_no_more_has_no_translation() -> None:
    silent = service(1, "a")
    told = row(FIRST, of=silent)
    assert told.translations is None
    assert content(told, "required_documents", "fr") is None


def test_rows_of_an_older_edition_know_no_translations() -> None:
    assert content(ServiceRow.from_row({"note": "Suonare"}), "note", "fr") == Content(
        "Suonare", "it"
    )


def test_an_edition_tells_translations_of_merged_records_too(tmp_path) -> None:
    merged = DOCUMENTS.model_copy(update={"same_as": ("altra:z",)})
    theirs = replace(FIRST, service_id="altra:z", field="note", italian="Suonare", text="Sonner")
    stranger = replace(FIRST, service_id="prova:nessuno")
    edition = drawn_city(
        tmp_path, [merged, service(500, "b")], translations=[FIRST, theirs, stranger]
    )
    told = dict(
        zip(*(edition.services[name].to_pylist() for name in ("service_id", "translations")),
            strict=True)
    )  # fmt: skip
    assert told["prova:b"] is None
    assert json.loads(told["prova:a"] or "") == {
        "fr": {
            "note": {
                "day": "2026-01-02", "older": True, "text": "Sonner", "translator": "Anna",
            },
            "required_documents": {
                "day": "2026-01-02", "older": False, "text": "Une pièce d'identité",
                "translator": "Anna",
            },
        }
    }  # fmt: skip
