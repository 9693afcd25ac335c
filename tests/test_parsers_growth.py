"""No parser of a cell or a form takes longer than its text grows: a long text stops nobody."""

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.parsers import expat
from zipfile import ZipFile

import pytest

from ingest.byte_words import words_in
from ingest.file_parts import aside_of
from ingest.layer_signs import beside_records
from ingest.rows import RawTable
from ingest.values import ages, contacts, normalise
from ingest.workbook_parts import xlsx_marks
from mapping.confidential_words import may_speak, spoken_phrases
from mapping.disclosure import as_sign
from mapping.geocoding import address
from mapping.hours import italian, opening, timetable
from mapping.services import comparison, phones
from mapping.services.readable_names import readable_name
from mapping.text import plain, readable, tidy, without_controls

DAY = date(2026, 11, 29)
PARSERS: dict[str, Callable[[str], object]] = {
    "ages": ages.ages,
    "contact": contacts.contact,
    "tax_code": contacts.tax_code,
    "decimal": normalise.decimal,
    "whole": normalise.whole,
    "code": normalise.code,
    "istat_code": normalise.istat_code,
    "cap": lambda text: normalise.cap(text, prefix="20"),
    "coordinates": lambda text: normalise.coordinates(text, text),
    "assured_date": normalise.assured_date,
    "stated_date": normalise.stated_date,
    "yes_no": normalise.yes_no,
    "languages": normalise.languages,
    "address": address.parse,
    "normalise_text": address.normalise_text,
    "street_words": address.tokens,
    "same_street": lambda text: address.same_street(text, text),
    "alike_streets": lambda text: comparison.alike_streets(text, f"{text}x"),
    "hours": italian.parse_italian,
    "to_osm": opening.to_osm,
    "spans": lambda text: opening.spans(text, DAY),
    "timetable": lambda text: timetable.timetable(text, DAY),
    "phone": phones.phone,
    "phone_digits": phones.phone_digits,
    "dialled": phones.dialled,
    "tidy": tidy,
    "plain": plain,
    "readable": readable,
    "readable_name": lambda text: readable_name(text.upper(), "farmacia", "Milano"),
    "is_by_appointment": opening.is_by_appointment,
    "without_controls": without_controls,
}
# fmt: off
PIECES = (
    "1 febbraio ", "via roma 1 ", "ang. ", "12 bis ", "(", "()", "snc ", "V.", "1a", "XX ", "e ",
    "lun-ven ", "9:00-12:00 ", "dalle 9 ", "Mo 09:00-12:00; ", "PH off; ", "dal 1 marzo ", "0",
    "0-3 anni ", "da 3 a ", "mesi ", "02/", "1-", "- 3", "+39 ", "tel ", "fax.", "116117/",
    ".", ",", ";", "&", "&amp;", "amp;#38;", "<b>", "(EX ", "DEL DR ",
    "a@b.", "http://", "italiano, ", "\u0301", "\u00c3\u00a9", "\x00",
)
# fmt: on
LETTERS = 1_000
GROWTH = 8
MOST = 3 * GROWTH
"""A text eight times as long takes eight times as long, sixty-four where time is quadratic."""
TOO_SHORT_SECONDS = 0.02
"""What takes less is not worth a measure."""


def seconds(parse: Callable[[str], object], text: str) -> float:
    # The collector of garbage comes where many objects are, and is no time of the parser's.
    gc.disable()
    try:
        start = time.process_time()
        parse(text)
        return time.process_time() - start
    finally:
        gc.enable()


def growth(parse: Callable[[str], object], piece: str, least: int = LETTERS) -> float:
    """Compare the processor's time of a long text with that of a short one; the best of some."""
    short, long = (piece * (letters // len(piece)) for letters in (least, GROWTH * least))
    whole = seconds(parse, long)
    if whole < TOO_SHORT_SECONDS:
        return 0.0
    # Each measure reads another text: what is remembered is not parsed.
    longs = [whole, *(seconds(parse, long + " " * n) for n in (1, 2))]
    shorts = [seconds(parse, short + " " * n) for n in range(9)]
    return min(longs) / sorted(shorts)[4]


@pytest.mark.parametrize("name", PARSERS)
def test_time_grows_no_faster_than_the_text(name: str) -> None:
    growths = {piece: growth(PARSERS[name], piece) for piece in PIECES}
    assert {piece: times for piece, times in growths.items() if times > MOST} == {}


def of_pdf(text: str) -> object:
    return list(words_in(b"%PDF-1.4\n" + text.encode()))


def of_page(text: str) -> object:
    return of_pdf(f"stream\n{text}\nendstream")


def of_gml(text: str) -> object:
    with TemporaryDirectory() as folder:
        path = Path(folder, "lista.gml")
        member = f"<x:featureMember><x:n>abc{text}</x:n></x:featureMember>"
        path.write_text(f"<x:c>{member}</x:c>", encoding="utf-8")
        return beside_records(path, "", RawTable([], []))


def of_workbook(part: str, start: str, text: str) -> object:
    """Read a workbook of which a part is no whole XML: it is refused where it is followed."""
    packed = BytesIO()
    target, kind = 'Target="worksheets/sheet1.xml"', 'xmlns:r="urn:r"'
    with ZipFile(packed, "w") as book:
        parts = {
            "xl/workbook.xml": f'<w {kind}><sheet name="S" r:id="a"/></w>',
            "xl/_rels/workbook.xml.rels": f'<r><Relationship Id="a" {target}/></r>',
            "xl/worksheets/sheet1.xml": "<s/>",
            "xl/styles.xml": "<s/>",
        }
        for name, content in (parts | {part: start + text}).items():
            book.writestr(name, content)
    with ZipFile(packed) as book, suppress(expat.ExpatError):
        return xlsx_marks(book, 0, "S")
    return None


SHARED, STYLES, SHEET = "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"
STRUCK = "<strike/>"
READERS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "pdf": (of_pdf, ("stream\n", "endstream", "stream\nendstream ")),
    "page": (of_page, ("(", "\\(", "<aa", "(a)", "<61 61>")),
    "png": (lambda text: list(words_in(b"\x89PNG" + text.encode())), ("tEXt", "IDAT", "a\0")),
    "text": (lambda text: aside_of("a.txt", text.encode()), ("a;b\n", '"', '"a;b\n', "abc ")),
    "page of the web": (lambda text: aside_of("a.html", f"<{text}".encode()), ("<", '"', "&amp;")),
    "json": (lambda text: aside_of("a.json", f"[{text}1]".encode()), ("1,", '"a",', '{"a":1},')),
    "gml": (of_gml, ("<!--", "<![CDATA[", "<?", "a=", 'a="', "a ", "abc", "<![CDATA[<!--]]>", " ")),
    "gml in data": (lambda text: of_gml(f"<![CDATA[{text}]]>"), ("<!--", "<?", "<![CDATA[", "a ")),
    "shared texts": (
        lambda text: of_workbook(SHARED, STRUCK, text), ("<si>", "<rPh>", "<si/>", "<!--")
    ),
    "styles": (
        lambda text: of_workbook(STYLES, STRUCK, text),
        ("<fonts>", "<font>", "<cellXfs>", "<numFmt ", '<numFmt "', "<cellStyle "),
    ),
    "a format": (lambda text: of_workbook(STYLES, "<numFmt ", text), ('numFmtId="1" ', "a ")),
    "a style": (lambda text: of_workbook(STYLES, "<cellStyle ", text), ('name="1" ', "a ")),
    "sheet": (
        lambda text: of_workbook(SHEET, "", text),
        ("<sheetData>", "</sheetData>", "<!--", "<row>", "<c>", '<c r="A1">', "<c><f></f>"),
    ),
    "formula": (lambda text: of_workbook(SHEET, "<c><f></f>", text), (" ", "<v>")),
    "may_speak": (
        lambda text: may_speak([text]), ("indirizzo ", "violenza ", "casa ", "rifugio", "donne ")
    ),
    "as_sign": (as_sign, ("indirizzo ", "indirizzo x y z ", "a b ", "c. ", "&amp;", "<")),
    "spoken": (spoken_phrases, ("indirizzo ", "non pubblicare ", "centro ")),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_what_stands_beside_a_list_is_read_in_no_longer_than_it_is_long(name: str) -> None:
    parse, pieces = READERS[name]
    growths = {piece: growth(parse, piece, least=4 * LETTERS) for piece in pieces}
    assert {piece: times for piece, times in growths.items() if times > MOST} == {}


def test_a_quadratic_parser_is_seen() -> None:
    def pairs(text: str) -> int:
        return sum(left == right for left in text[::4] for right in text[::4])

    assert growth(pairs, "e") > MOST


@pytest.mark.parametrize("word", ["1 ", "1a "])
def test_the_longest_address_of_numbers_alone_is_read_as_fast(word: str) -> None:
    # Addresses are cut at a length, where a quadratic time would not show above.
    short, long = word * 8, word * (address.MAX_LETTERS // len(word))
    shorts, longs = (
        sorted(seconds(address.parse, text) for _ in range(21)) for text in (short, long)
    )
    assert longs[10] < MOST * shorts[10]
