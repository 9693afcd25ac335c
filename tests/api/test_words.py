"""The pages in the languages of the families: complete, well formed, legible, and honest."""

import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po
from fastapi import Request
from fontTools.ttLib import TTFont

from api.assets import VENDOR
from api.i18n.language import (
    CATALOGUES,
    LANGUAGES,
    Words,
    read_words,
    words,
    words_for,
    words_named,
)
from api.pages.rendering import FONTS, render
from mapping.errors import BadInputError

ROOT = Path(__file__).parents[2]
TRANSLATED = [code for code in LANGUAGES if code != "it"]
NAMED = re.compile(r"%\(\w+\)[a-z]|%%|\{\w+\}|<[^>]+>")
STOPS = str.maketrans("。।؟،", "..?,")
SCRIPTS = {"ar": "ARABIC", "bn": "BENGALI", "zh": "CJK", "uk": "CYRILLIC"}


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with (CATALOGUES / f"{request.param}.po").open("rb") as file:
        return read_po(file, locale=request.param)


def pairs(catalogue: Catalog) -> list[tuple[str, str]]:
    """Each translation beside the Italian that it translates, every plural form on its own."""
    return [pair for message in catalogue if message.id for pair in _forms(message)]


def _forms(message: Message) -> list[tuple[str, str]]:
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[index > 0], said) for index, said in enumerate(message.string)]


def _stop(text: str) -> str:
    """What ends a sentence; one word may be shortened."""
    last = _plain(text.translate(STOPS))[-1]
    return last if last in ".:?!," else ""


def _plain(text: str) -> str:
    """The same text without wide signs and narrow spaces."""
    return unicodedata.normalize("NFKC", text)


def asking(query: str = "", accepted: str = "") -> Request:
    headers = [(b"accept-language", accepted.encode())] if accepted else []
    return Request({"type": "http", "query_string": query.encode(), "headers": headers})


def base(said: Words) -> str:
    return render(
        "base.html",
        said,
        city="Provopoli",
        languages=LANGUAGES,
        font=FONTS.get(said.code),
        path="/",
        link=lambda path: path,
        attributions=["Fonte di prova"],
        edition="1",
    )


@pytest.fixture(scope="module")
def updated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Catalogues as `make words` leaves them, when one had lost a text and one had one more."""
    folder = tmp_path_factory.mktemp("locale")
    shutil.copytree(CATALOGUES, folder, dirs_exist_ok=True)
    english = (folder / "en.po").read_text()
    (folder / "en.po").write_text(f'{english}\nmsgid "Gatto"\nmsgstr "Cat"\n')
    french = (folder / "fr.po").read_text()
    (folder / "fr.po").write_text(re.sub(r'\nmsgid "Cerca"\nmsgstr .*\n', "", french))
    make = ["make", "--silent", f"--directory={ROOT}", "catalogues"]
    subprocess.run([*make, f"LOCALE={folder}", f"VENV={sys.prefix}"], check=True)  # noqa: S603
    return folder


def test_every_text_of_the_pages_is_in_every_language(catalogue: Catalog):
    lacking = [text for text, translated in pairs(catalogue) if not translated]
    assert lacking == [], "translate them in api/i18n/locale/"


@pytest.mark.parametrize("code", [code for code in TRANSLATED if code != "fr"])
def test_catalogues_hold_the_texts_of_the_pages_and_no_others(code: str, updated: Path):
    name = f"{code}.po"
    assert (updated / name).read_text() == (CATALOGUES / name).read_text(), "run 'make words'"


def test_a_text_that_a_catalogue_lacks_is_added_without_a_translation(updated: Path):
    with (updated / "fr.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    assert catalogue["Cerca"].string == ""
    assert not catalogue["Cerca"].fuzzy


@pytest.mark.parametrize(
    "text",
    ["Consultorio familiare", "Quanto si cammina", "In arabo", "Il sabato", "Passeggino", "NIL"],
)
def test_labels_of_the_tables_are_extracted(text: str):
    assert words("uk").translations._catalog[text]  # type: ignore[attr-defined]


def test_placeholders_and_marks_are_those_of_the_italian(catalogue: Catalog):
    assert [errors for _, errors in catalogue.check()] == []
    plural = {text for message in catalogue if message.pluralizable for text in message.id}
    for text, said in pairs(catalogue):
        given, kept = sorted(NAMED.findall(text)), sorted(NAMED.findall(said))
        # "One" and "two" may be said by the word itself.
        assert set(kept) <= set(given) if text in plural else kept == given, (text, said)


def test_nothing_is_fuzzy_and_edges_are_as_in_the_italian(catalogue: Catalog):
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    for text, said in pairs(catalogue):
        assert said[:1].isspace() == text[:1].isspace(), (text, said)
        assert said[-1:].isspace() == text[-1:].isspace(), (text, said)
        assert _stop(said) == _stop(text) or " " not in text, (text, said)


def test_each_language_is_in_its_own_script(catalogue: Catalog):
    script = SCRIPTS.get(str(catalogue.locale), "LATIN")
    for text, said in pairs(catalogue):
        letters = [c for c in NAMED.sub("", said) if c.isalpha()]
        ours = any(script in unicodedata.name(letter) for letter in letters)
        assert ours or not any(c.isalpha() for c in NAMED.sub("", text)), (text, said)


@pytest.mark.parametrize("code", TRANSLATED)
def test_plural_forms_divide_numbers_as_the_language_does(code: str):
    said, locale = words(code).translations, Locale.parse(code)
    pairs = {(locale.plural_form(n), said.plural(n)) for n in range(1000)}  # type: ignore[attr-defined]
    assert len(pairs) == len({category for category, _ in pairs})
    assert len(pairs) == len({index for _, index in pairs})


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_letter_has_a_glyph_in_the_fonts_of_the_page(code: str):
    with (CATALOGUES / "en.po").open("rb") as file:
        italian = {text for text, _ in pairs(read_po(file))}
    shown = italian if code == "it" else {said for _, said in _translations(code)}
    shown |= set(LANGUAGES[code])
    folder = FONTS.get(code, "titillium-web")
    fonts = [*(VENDOR / folder / "files").glob("*-400-*"), *_latin()]
    glyphs = {point for font in fonts for point in TTFont(font).getBestCmap()}
    assert sorted({c for text in shown for c in text if ord(c) not in glyphs}) == []


def _translations(code: str) -> list[tuple[str, str]]:
    with (CATALOGUES / f"{code}.po").open("rb") as file:
        return pairs(read_po(file, locale=code))


def _latin() -> list[Path]:
    return [VENDOR / "titillium-web/files/titillium-web-latin-400-normal.woff2"]


@pytest.mark.parametrize(
    ("code", "minutes", "metres", "day"),
    [
        ("it", "12 min", "1,8 km", "3 mag 2026"),
        ("ar", "12 د", "1.8 كم", "3 مايو 2026"),
        ("zh", "12分钟", "1.8公里", "2026年5月3日"),
        ("fr", "12 min", "1,8 km", "3 mai 2026"),
    ],
)
def test_numbers_and_days_are_of_the_language(code: str, minutes: str, metres: str, day: str):
    said = words(code)
    written = [said.minutes(700), said.metres(1800), said.day("2026-05-03")]
    assert [_plain(text) for text in written] == [minutes, metres, day]


@pytest.mark.parametrize("code", LANGUAGES)
def test_digits_are_those_of_the_doors_and_phones_beside_them(code: str):
    said = words(code)
    texts = [said.number(1234567), said.percent(0.34), said.minutes(700), said.day("2026-05-03")]
    assert all(c in "0123456789" for text in texts for c in text if c.isdigit())


@pytest.mark.parametrize(
    ("query", "accepted", "expected"),
    [
        ("", "", "it"),
        ("lang=ar", "en", "ar"),
        ("", "uk-UA,uk;q=0.9,en;q=0.8", "uk"),
        ("", "zh-Hans-CN", "zh"),
        ("", "de-DE, fr;q=0.5", "fr"),
        ("lang=xx", "es", "es"),
        ("lang=", "tlh", "it"),
        ("lang=../../etc/passwd", "%00;q=;;,", "it"),
        ("lang=en&lang=ar", "", "ar"),
    ],
)
def test_language_is_the_one_asked_for_else_the_browsers_else_italian(
    query: str, accepted: str, expected: str
):
    assert words_for(asking(query, accepted)).code == expected


@pytest.mark.parametrize("code", LANGUAGES)
def test_page_names_its_language_and_its_direction(code: str):
    direction = "rtl" if code == "ar" else "ltr"
    assert f'<html lang="{code}" dir="{direction}">' in base(words(code))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_page_says_that_its_translation_is_automatic_until_somebody_reviews_it(
    code: str, tmp_path: Path
):
    mark = 'class="notice automatic"'
    assert (mark in base(words(code))) == (code != "it")
    if code != "it":
        path = tmp_path / f"{code}.po"
        written = (CATALOGUES / f"{code}.po").read_text(encoding="utf-8")
        path.write_text(written.replace('"X-Reviewed-By: ', '"X-Reviewed-By: Persona Provata'))
        assert read_words(path).reviewed_by == "Persona Provata"
        assert mark not in base(read_words(path))


def test_every_file_that_the_extraction_names_is_there() -> None:
    config = (ROOT / "babel.cfg").read_text(encoding="utf-8")
    named = re.findall(r"^\[\w+: ([^\]*]+)\]$", config, re.MULTILINE)
    assert len(named) >= 7
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize(
    ("accepted", "code"),
    [("EN", "en"), ("Fr", "fr"), ("IT", "it"), ("ZH-CN", "zh"), ("UK-ua", "uk"), ("xx", "it")],
)
def test_a_language_tag_is_read_in_any_case(accepted: str, code: str) -> None:
    assert words_for(asking(accepted=accepted)).code == code


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("en;q=0.1, fr;q=0.9", "fr"),
        ("en ; Q = 0.5 , ar;q=0.500", "en"),
        ("en;q=0, fr;q=0.2", "fr"),
        ("en-GB, en;q=0", "it"),
        ("fr;q=0.3, en", "en"),
        ("it;q=0, *", "en"),
        ("de, *;q=0.5", "it"),
        ("*;q=0.1, uk;q=0.2", "uk"),
        ("it;q=0", "it"),
        ("en;q=high, fr;q=0.1", "fr"),
        ("en;q=, fr;q=nan, es;q=-1, zh;q=2, bn;q=0.4", "bn"),
        (";;;,,q=1;=,*;*", "it"),
        (f"{'x' * 5000},en;q=0.9", "en"),
    ],
)
def test_the_language_that_is_wanted_most_is_chosen(accepted: str, code: str) -> None:
    assert words_for(asking(accepted=accepted)).code == code


def test_an_unknown_language_is_refused_in_one_line() -> None:
    with pytest.raises(BadInputError, match=r"Unknown language 'xx'\. Use one of: it, en, ar"):
        words_named("xx")
