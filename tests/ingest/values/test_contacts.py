"""Phones, addresses of the net and tax codes, as organisations publish them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values.contacts import contact, tax_code
from mapping.services.phones import dialled, phone, phone_digits

WRITTEN = st.text(alphabet="0123456789 +-./;,()|efax tel int", max_size=40)


def digits_of(text: str) -> list[str]:
    return re.findall("[0-9]", text)


def stand_in(wanted: list[str], text: str, *, given_back: int = 0) -> bool:
    """Whether the digits stand in the text in that order, but for zeros given back."""
    left = iter(digits_of(text))
    missing = 0
    for digit in wanted:
        if digit == "0" and given_back > missing:
            missing += 1
            continue
        if digit not in left:
            return False
    return True


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("02.48953740", "02 48953740"), ("02/4022.1 (San Carlo)", "02 4022 1 (San Carlo)"),
        ("396378781", "0396378781"), ("2 1234567", "02 1234567"),
        ("tel. 02 123456 int. 3", "02 123456 (int. 3)"),
        ("02 123456 fax 02 654321", "02 123456; 02 654321 (fax)"),
        ("02 123456 e 335 1234567", "02 123456; 335 1234567"),
        ("0255038490/1", "0255038490/1"), ("n.d.", None), ("12", None), (None, None),
        ("tel. 1522", "1522"), ("112 / 118", "112; 118"), ("1522 - 800 123456", "1522; 800 123456"),
        ("int. 112", None), ("+112", None),
        ("(02) 88451234", "02 88451234"), ("02\u201388451234", "02 88451234"),
        ("02\u201188451234", "02 88451234"), ("02\u221288451234", "02 88451234"),
        ("02\u200b88451234", "0288451234"), ("+39 (0)2 88451234", "+39 02 88451234"),
        ("(02 88451234)", "02 88451234"), ("(800) 123456", "800 123456"),
        ("\uff10\uff12\uff18\uff18\uff14\uff15\uff11\uff12\uff13\uff14", "0288451234"),
        ("\u0660\u0662\u0668\u0668\u0664\u0665\u0661\u0662\u0663\u0664", "0288451234"),
        ("02 88451234 (02 88451235)", "02 88451234; 02 88451235"),
        ("02 88451234 lun-ven 9.00-12.00", "02 88451234 (lun-ven 9.00-12.00)"),
        ("02 88451234 9:00-12:00", "02 88451234 (9:00-12:00)"),
        ("lun-ven 9-12 02 88451234", "02 88451234"),
        ("1522", "1522"), ("114 (h24)", "114 (h24)"), ("19696", "19696"), ("116 117", "116 117"),
        ("199 151 152", "199 151 152"), ("2,88451E+08", None), ("2.88451E8", None),
        ("000", None), ("000 0000000", None),
    ],
)  # fmt: skip
def test_phones_stay_what_a_person_would_dial(text, tidied):
    assert phone(text) == tidied


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+39 02 1234567", {"021234567"}), ("0039021234567", {"021234567"}),
        ("02-1234567", {"021234567"}), ("2 1234567", {"021234567"}),
        ("+39 2 1234567", {"021234567"}),
        ("396378781", {"0396378781"}), ("36393285", {"036393285"}), ("800 123456", {"800123456"}),
        ("335 1234567 / 02 1234567", {"3351234567", "021234567"}),
        ("0240308328/470", {"0240308328"}), ("02/3494449 (int. 12)", {"023494449"}),
        ("39 800 123456", {"800123456"}), ("39830122", {"039830122"}), ("1522", {"1522"}),
    ],
)  # fmt: skip
def test_two_spellings_of_one_number_have_the_same_digits(text, digits):
    assert phone_digits(text) == digits


def test_hours_of_the_desk_are_no_second_number():
    (number, digits), *others = dialled(phone("02 88451234 lun-ven 9.00-12.00 e 14.00-17.00"))
    assert (number, digits) == ("02 88451234 (lun-ven 9.00-12.00 e 14.00-17.00)", "0288451234")
    assert not others


@pytest.mark.parametrize("number", ["1522", "114 (h24)", "19696", "199 151 152", "116117"])
def test_short_numbers_are_dialled(number):
    ((_, digits),) = dialled(phone(number))
    assert digits == number.partition("(")[0].replace(" ", "")


@pytest.mark.parametrize("text", ["331684288", "3921234567", "812345678", "800123456"])
def test_a_zero_is_not_given_back_where_the_number_may_be_another(text):
    assert phone_digits(text) == {text}


@pytest.mark.parametrize(
    "text",
    ["+41 91 1234567", "2676271", "09370297", "37665546501", "0039393185210565", "n.d.", None],
)
def test_a_number_that_is_none_of_italys_is_not_compared(text):
    assert phone_digits(text) == frozenset()


@given(WRITTEN)
def test_phones_tidied_twice_are_as_tidied_once(text):
    once = phone(text)
    assert phone(once) == once


@given(WRITTEN)
def test_no_digit_of_a_phone_is_invented(text):
    for number in phone_digits(text):
        assert stand_in(digits_of(number), text, given_back=number.startswith("0"))


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("a@b.it", ("a@b.it", None)), ("www.wemi.it", (None, "http://www.wemi.it")),
        ("http//www.scuola.gov.it", (None, "http://www.scuola.gov.it")),
        ("https://baroni85.it", (None, "https://baroni85.it")), ("Non Disponibile", (None, None)),
        ("x.it/abc.", (None, "http://x.it/abc")), ("javascript:alert(1)", (None, None)),
        ("mailto:a@b.it; c@d.it, www.x.it", ("a@b.it", "http://www.x.it")),
    ],
)  # fmt: skip
def test_contacts_are_told_apart(text, pair):
    assert contact(text) == pair


@given(st.text(alphabet="abc.@:/w htps,;", max_size=30))
def test_contacts_read_twice_are_as_read_once(text):
    email, web = contact(text)
    assert contact(email) == (email, None)
    assert contact(web) == (None, web)


def with_control_digit(ten: str) -> str:
    # By the decree: digits in even places are doubled and their digits added.
    total = sum(map(int, ten[::2])) + sum(sum(map(int, str(2 * int(d)))) for d in ten[1::2])
    return f"{ten}{-total % 10}"


@given(st.integers(10**7, 10**10 - 1), st.integers(1, 9))
def test_a_tax_code_is_kept_where_its_control_digit_is_right(number, more):
    right = with_control_digit(f"{number:010d}")
    wrong = right[:-1] + str((int(right[-1]) + more) % 10)
    assert tax_code(f"IT {right}") == tax_code(right) == right
    assert tax_code(right.lstrip("0")) == right
    assert tax_code(wrong) is None


@given(st.from_regex(r"[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]", fullmatch=True))
def test_the_code_of_a_person_is_never_kept(code):
    assert tax_code(code) is None


@pytest.mark.parametrize("text", [None, "", "n.d.", "00000000000", "123", "02 1234567"])
def test_what_is_no_tax_code_is_not_kept(text):
    assert tax_code(text) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://x.it/a,b", "https://x.it/a,b"), ("https://x.it/a_(b)", "https://x.it/a_(b)"),
        ("(https://x.it/a)", "https://x.it/a"), ("vedi https://x.it/a, oppure", "https://x.it/a"),
        ("www.x.it/a;b=1", "http://www.x.it/a;b=1"), ("info@x.it;www.x.it", "http://www.x.it"),
        ("https://x.it/a?b=1,2.", "https://x.it/a?b=1,2"), ("(vedi www.x.it).", "http://www.x.it"),
        ("https://x.it/a,https://y.it", "https://x.it/a"),
    ],
)  # fmt: skip
def test_a_web_address_is_kept_whole(text, address):
    assert contact(text)[1] == address


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("288451234.0", {"0288451234"}),
        ("3351234567,0", {"3351234567"}),
        ("02 88451234 dal lunedì al venerdì 9.00/13.00", {"0288451234"}),
    ],
)
def test_what_a_spreadsheet_or_a_desk_adds_is_no_number(text, digits):
    assert phone_digits(text) == digits
