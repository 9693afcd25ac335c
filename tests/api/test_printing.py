"""PDF from our own files alone, in letters that have a font."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont

from api.assets import VENDOR
from api.i18n.language import CATALOGUES, LANGUAGES, words
from api.pages.rendering import PAGES
from api.printing.fonts import FACES, faces
from api.printing.pdf import STATIC, one_sheet, pdf
from api.services.printed_card import FITS, shorten
from tests.api.services.test_card import inside, pages

PAGE = "<html lang=it><title>Prova</title>{}"
PRINTED = ("card_pdf.html", "sheet.html", "service_words.html", "directions.html")
UNSEEN = "\n\t\r\u200b\u200c\u200d\u200e\u200f\u202f\u2066\u2067\u2068\u2069\u00ad\ufeff"
"""Signs that no font draws."""


@pytest.fixture
def asked() -> Iterator[list[str]]:
    """Listen on loopback, as anybody else might: the addresses that were asked for."""
    heard: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    with HTTPServer(("127.0.0.1", 0), Listener) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        heard.append(f"http://127.0.0.1:{listener.server_port}")
        yield heard
        listener.shutdown()
        thread.join()


def test_a_printed_page_asks_nobody_for_anything(asked: list[str]) -> None:
    host = asked.pop()
    styled = f"<link rel=stylesheet href={host}/a.css><img src={host}/b.png alt=b>"
    assert pages(pdf(PAGE.format(styled))) == 1
    assert asked == []


def test_only_files_beside_the_pages_are_read(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.css"
    foreign.write_text("@page { size: 100mm 100mm }")
    escape = f"{STATIC.as_uri()}/../../{foreign.relative_to('/')}"
    for address in (foreign.as_uri(), escape):
        printed = pdf(PAGE.format(f"<link rel=stylesheet href={address}>"))
        assert b"283.4" not in inside(printed)


def test_the_fullest_version_that_fits_a_sheet_is_taken() -> None:
    tried: list[int] = []

    def versions() -> Iterator[str]:
        for lines in (500, 200, 20, 1):
            tried.append(lines)
            yield PAGE.format("<p>riga</p>" * lines)

    assert pages(one_sheet(versions())) == 1
    assert tried == [500, 200, 20]


def test_every_font_is_there_and_holds_what_it_is_taken_for() -> None:
    for face in FACES:
        wanted = {chr(point) for point in range(0x10000) if re.match(face.letters, chr(point))}
        for path in face.paths:
            with TTFont(VENDOR / path) as font:
                held = {chr(point) for point in font.getBestCmap()}
            assert wanted & held, path


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_letter_of_a_language_has_a_font_in_both_weights(code: str) -> None:
    text = spoken_in(code)
    for weight in (0, 1):
        held: set[str] = set()
        for face in faces(text):
            with TTFont(VENDOR / list(face.paths)[weight]) as font:
                held |= {chr(point) for point in font.getBestCmap()}
        assert sorted(set(text) - held - set(UNSEEN)) == []


def spoken_in(code: str) -> str:
    """All that a card may say in a language, but for what services say of themselves."""
    said = words(code)
    templates = "".join((PAGES / name).read_text(encoding="utf-8") for name in PRINTED)
    texts = [templates, *map(said.weekday, range(7)), *map(said.language, LANGUAGES)]
    texts += [said.minutes(754), said.metres(812), said.metres(1834), said.percent(0.5)]
    texts += [said.day(f"2026-{month:02d}-03") for month in range(1, 13)]
    if code != "it":
        with (CATALOGUES / f"{code}.po").open("rb") as file:
            texts += [str(message.string) for message in read_po(file, locale=code)]
    return "".join(texts)


def test_the_text_of_another_script_brings_its_font() -> None:
    families = {face.family for face in faces("Corso per mamme: 学习意大利语, تعلم, বাংলা")}
    assert {"Noto Sans SC", "Noto Sans Arabic", "Noto Sans Bengali"} <= families
    assert {face.family for face in faces("perché")} == {"Titillium Web"}


@pytest.mark.parametrize("fit", FITS, ids=lambda fit: fit.name)
@pytest.mark.parametrize("text", ["parole " * 200, "a" * 2000, "breve", ""])
def test_a_shortened_text_is_no_longer_than_it_may_be(text: str, fit) -> None:
    short = shorten(text, fit.letters)
    assert short is not None
    assert len(short) <= fit.letters
    assert short == text if len(text) <= fit.letters else short.endswith("…")
    assert text.startswith(short.removesuffix("…"))
