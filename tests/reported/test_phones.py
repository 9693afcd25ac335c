"""Telephones as people write them, where programs that read numbers were reported wrong."""

import pytest

from mapping.services.phones import dialled, phone
from tests.reported.kind import Kind

KINDS = [
    Kind("catamphetamine/libphonenumber-js#268", "two numbers with a blank between them",
         "02 88451234 02 88455678", ("02 88451234; 02 88455678", ["0288451234", "0288455678"])),
    Kind("marmelroy/PhoneNumberKit#127", "several numbers in one text",
         "0288451234 e 0288455678, 3401234567",
         ("0288451234; 0288455678; 3401234567", ["0288451234", "0288455678", "3401234567"])),
    Kind("openlexington/gethelplex#22", "numbers with a semicolon between them",
         "+39 02 88451234;+39 02 88455678",
         ("+39 02 88451234; +39 02 88455678", ["0288451234", "0288455678"])),
    Kind("openstates/openstates-scrapers#968", "telephone and fax by their first letters",
         "T 02 88451234 / F 02 88451235",
         ("02 88451234; 02 88451235 (fax)", ["0288451234", "0288451235"])),
    Kind("openstates/openstates-scrapers#2461", "a fax before the telephone",
         "Fax 02 88451235 Tel 02 88451234",
         ("02 88451234; 02 88451235 (fax)", ["0288451234", "0288451235"])),
    Kind("openstreetmap/openstreetmap-website#2069", "one number for telephone and fax",
         "tel/fax 02 88451234", ("02 88451234", ["0288451234"])),
    Kind("haxxnz/vaxxnz#167", "a second number of which a remark says when",
         "(02) 88451234 / notte (02) 88455678",
         ("02 88451234 (notte); 02 88455678", ["0288451234", "0288455678"])),
    Kind("google/libphonenumber#1591", "two extensions behind one number",
         "02 88451234 int. 302/303", ("02 88451234 (int. 302/303)", ["0288451234"])),
    Kind("google/libphonenumber#1122", "an extension that makes a number too long",
         "02 88451234-20", ("02 88451234/20", ["0288451234"])),
    Kind("TrevorPilley/phone-number-parser#687", "the scheme of a link before the number",
         "tel:+39-02-88451234", ("+39 02 88451234", ["0288451234"])),
    Kind("TrevorPilley/phone-number-parser#689", "a stroke behind the prefix",
         "02/88451234", ("02 88451234", ["0288451234"])),
    Kind("daviddrysdale/python-phonenumbers#112", "a mobile of nine digits",
         "335 022670", ("335 022670", ["335022670"])),
    Kind("iziz/libPhoneNumber-iOS#263", "the country code without its plus",
         "390288451234", ("+390288451234", ["0288451234"])),
    Kind("osmose-qa/osmose-backend#733", "a number without charge",
         "800 123 456", ("800 123 456", ["800123456"])),
    Kind("floere/phony#137", "a prefix of three digits",
         "030 2977895", ("030 2977895", ["0302977895"])),
    Kind("giggsey/libphonenumber-for-php#493", "noughts instead of the plus",
         "0039 02 88451234", ("0039 02 88451234", ["0288451234"])),
    Kind("USEPA/e-manifest#645", "letters behind the digits",
         "02 88451235 fax", ("02 88451235 (fax)", ["0288451235"])),
    Kind("US-CBP/GTAS#964", "numbers that are no telephones",
         "piano 2, stanza 14", (None, [])),
]  # fmt: skip


@pytest.mark.parametrize("link", [" e ", ", ", "; ", " / "])
def test_a_number_behind_the_extension_of_another_is_a_number(link: str) -> None:
    text = f"0226111111 int 2{link}0226112222 int 3"
    assert phone(text) == "0226111111 (int 2); 0226112222 (int 3)"


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_numbers_are_told_apart_and_dialled(kind: Kind) -> None:
    written = phone(kind.example)
    assert (written, [digits for _, digits in dialled(written)]) == kind.right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("02 8845l234", [None]),
        ("tel. 02 88I51234; 02 88451235", [None, "0288451235"]),
        ("02 8845123O", [None]),
        ("0288451234x12", ["0288451234"]),
        ("02 88451234/A", ["0288451234"]),
    ],
)
def test_a_number_with_a_letter_among_its_digits_is_shown_and_not_dialled(
    text: str, right: list[str | None]
) -> None:
    written = phone(text)
    assert [digits for _, digits in dialled(written)] == right
    assert text.removeprefix("tel. ").partition(";")[0] in (written or "") or right[0]
