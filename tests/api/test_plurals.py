"""Texts that count: right for no, one, two and a thousand things, in every language."""

import re

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from api.i18n.language import CATALOGUES, LANGUAGES, words
from api.i18n.plan_sentences import change_in_words, site_in_words
from api.i18n.zone_sentences import zone_why
from api.pages.rendering import templates
from tests.api.test_sentences import PLAN, ZONE

COUNTED = re.compile(r"%\((\w+)\)s (\w+)")
ALIKE = {"%(num)s da chiamare"}
"""Texts with one form in Italian for one thing and for several."""
ALWAYS_SEVERAL = {
    # Minutes with a decimal.
    "Il quinto nei CAP più poveri cammina %(poor)s minuti (fra %(poor_low)s e %(poor_high)s),"
    " quello nei più ricchi %(rich)s (fra %(rich_low)s e %(rich_high)s).",
    "Lontana accertata, %(rank)s di %(ranked)s: %(people)s, in media %(minutes)s minuti oltre gli"
    " accettabili.",
    "Da verificare, %(rank)s di %(ranked)s: %(people)s, in media %(minutes)s minuti oltre gli"
    " accettabili fino a un servizio che conosciamo.",
    "da %(low)s a %(high)s minuti",
    "oltre %(low)s minuti",
}
THOUSAND = {"it": "13.450", "en": "13,450", "zh": "13,450", "ar": "13,450", "es": "13.450"}


def catalogue(code: str) -> Catalog:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


COUNTING = [message.id for message in catalogue("en") if message.pluralizable]
ONCE = [message.id for message in catalogue("en") if message.id and not message.pluralizable]


class Noted(dict):
    """The parts of a sentence, whatever their names; notes which it names."""

    def __init__(self, number: str) -> None:
        super().__init__()
        self.number = number
        self.named: set[str] = set()

    def __missing__(self, name: str) -> str:
        self.named.add(name)
        return self.number if name == "num" else "X"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("number", [0, 1, 2, 1000])
def test_a_text_that_counts_says_its_number_unless_its_form_is_of_one_number(
    code: str, number: int
) -> None:
    said = words(code)
    for one, many in COUNTING:
        text = said.ngettext(one, many, number)
        parts = Noted(said.number(number))
        assert (text % parts).strip()
        alike = [n for n in range(200) if said.ngettext(one, many, n) == text]
        assert "num" in parts.named or alike == [number], text


@pytest.mark.parametrize(("one", "many"), COUNTING)
def test_one_thing_is_not_told_as_several_in_italian(one: str, many: str) -> None:
    said = words("it")
    assert (one == many) == (one in ALIKE)
    assert said.ngettext(one, many, 1) == one
    assert {said.ngettext(one, many, number) for number in (0, 2, 1000)} == {many}
    shared = set(COUNTED.findall(many)) & set(COUNTED.findall(one))
    assert one in ALIKE or not {noun for name, noun in shared if name == "num"}


def test_what_is_counted_has_its_plural_forms_in_italian() -> None:
    pairs = [pair for _, many in COUNTING for pair in COUNTED.findall(many)]
    several = {noun for name, noun in pairs if name == "num"} - {"da"}
    assert {"servizi", "minuti", "posti"} <= several
    counted = {text for text in ONCE for _, noun in COUNTED.findall(text) if noun in several}
    assert counted == ALWAYS_SEVERAL


@pytest.mark.parametrize(("code", "written"), THOUSAND.items())
def test_numbers_in_sentences_have_the_separators_of_the_language(code: str, written: str) -> None:
    before = {"within": 13450, "within_estimated": 0, "people": 27000}
    after = {"within": 26900, "within_estimated": 0}
    warnings = [{"code": "records_unplaced", "number": 13450}]
    plan = {**PLAN, "before": before, "after": after, "warnings": warnings}
    said = change_in_words(plan, words(code))
    assert [text.count(written) for text in (said["words"], said["warnings"][0]["text"])] == [2, 1]
    assert written in site_in_words(plan, words(code))["words"]
    far = {**ZONE, "nearest_minutes": 13460}
    assert written in zone_why(far, words(code))
    page = templates(code).from_string('{{ ngettext("%(num)s servizio", "%(num)s servizi", n) }}')
    assert written in page.render(n=13450)


def test_one_of_each_reads_well() -> None:
    said = words("it")
    warning = {"code": "records_unverified", "number": 1}
    plan = {**PLAN, "basis": {**PLAN["basis"], "services": 1}, "warnings": [warning]}
    (told,) = change_in_words(plan, said)["warnings"]
    assert told["text"] == "Servizi contati come esistenti: 1; da verificare: 1."
    page = templates("it").from_string(
        '{% import "names.html" as names with context %}{{ names.ages(12, 24) }}'
    )
    assert page.render(words=said).strip() == "da 12 mesi a 2 anni"


def test_parts_of_a_sentence_are_escaped_in_a_page() -> None:
    page = templates("en").from_string('{{ _("Da %(place)s", place=place) }}')
    assert page.render(place="<b>") == "From &lt;b&gt;"
