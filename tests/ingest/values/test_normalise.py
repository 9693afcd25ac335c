import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values import normalise


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("45,4527", 45.4527),
        ("9.18", 9.18),
        (" 7 ", 7.0),
        ("Non Disponibile", None),
        (None, None),
        ("inf", None),
        ("nan", None),
        ("1e999", None),
        ("1_000", None),
    ],
)
def test_decimals_come_with_comma_or_point(text, number):
    assert normalise.decimal(text) == number


@pytest.mark.parametrize("text", ["15.146", "15146", "015146", "15146.0", "03015146", "15146,0"])
def test_istat_codes_survive_spreadsheets(text):
    assert normalise.istat_code(text) == "015146"


@pytest.mark.parametrize("text", ["", None, "MILANO", "1", "123456789"])
def test_what_is_no_istat_code_stays_unknown(text):
    assert normalise.istat_code(text) is None


@pytest.mark.parametrize("text", ["2", "02", "2.0", "Municipio 2", "MUNICIPIO 02", "zona 2"])
def test_a_municipio_is_its_number_however_it_is_written(text):
    assert normalise.municipio(text) == "2"


@pytest.mark.parametrize("text", ["", None, "centro", "123", "Municipio"])
def test_what_is_no_municipio_stays_unknown(text):
    assert normalise.municipio(text) is None


@pytest.mark.parametrize(
    ("text", "full"),
    [("138", "20138"), ("20138", "20138"), ("20152,0", "20152"), ("15146", None), ("", None)],
)
def test_postcodes_get_their_prefix_and_foreign_ones_are_refused(text, full):
    assert normalise.cap(text, prefix="20") == full


@given(st.floats(6, 19), st.floats(35, 48))
def test_a_point_in_italy_is_found_in_either_order(lon, lat):
    texts = f"{lon:.6f}".replace(".", ","), f"{lat:.6f}"
    point = normalise.coordinates(*texts)
    assert point == normalise.coordinates(*reversed(texts))
    assert point == pytest.approx((lon, lat), abs=1e-6)


@pytest.mark.parametrize(
    ("one", "other"), [("0", "0"), ("9.1", None), ("91000", "45.4"), ("x", "y")]
)
def test_what_is_no_point_in_italy_is_no_point(one, other):
    assert normalise.coordinates(one, other) is None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2023-05", "2023-05"), ("2014-2016", "2016"), ("n.d. (2011-15)", "2011"),
        ("n.d.", None), ("2021-2022 n.d.", "2022"), ("2025-07-29", "2025-07-29"),
        ("01/12/2024", "2024-12-01"), ("agg. 12.03.2025", "2025-03-12"), ("5/2024", "2024-05"),
        ("1° dicembre 2024", "2024-12-01"), ("mar. 2025", "2025-03"), ("2014/15", "2014"),
        ("2024-05-01T10:00", "2024-05-01"), ("1/1/2024; 3/2/2025", "2025-02-03"),
        ("2026-02-31", None), ("2023-02-39", None), ("31 aprile 2025", None), ("2025-13-01", None),
        ("31/12/2099", None), ("2099", None), ("0001-01-01", None), ("2025-2199", "2025"),
    ],
)  # fmt: skip
def test_the_latest_date_of_a_remark_is_the_assured_one(text, date):
    assert normalise.assured_date(text) == date


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("arabo, inglese e spagnolo", ("ar", "en", "es")),
        ("ar, EN", ("ar", "en")),
        ("anche al telefono, di là", ()),
        ("si", ()),
        ("Sì", ()),
        ("no", ()),
        ("sì (arabo)", ("ar",)),
        ("inglese, español, Arabic", ("ar", "en", "es")),
        ("العربية، বাংলা - 中文", ("ar", "bn", "zh")),
        ("arabo: sì; inglese: sì", ("ar", "en")),
        ("mediatrici di lingua araba", ()),
        ("inglese, klingon", ("en",)),
        ("inglese, arabo, klingonese", ()),
        ("arabo, ingelse e urdu", ()),
        ("araba, inglese", ("ar", "en")),
        ("rumena, curda, cinesi, spagnola, francese", ("es", "fr", "ku", "ro", "zh")),
        ("lingua araba", ("ar",)),
        ("mediatrice araba", ("ar",)),
        ("turche e polacchi", ("pl", "tr")),
        ("inglese, arabo classico", ("ar", "en")),
        ("inglese, arabo marocchino", ("ar", "en")),
        ("العربية، الإنجليزية", ("ar", "en")),
        ("عربية, إنجليزية", ("ar", "en")),
        ("англійська, українська", ("en", "uk")),
        ("corsi, corse", ()),
        ("arabo; bambara; wolof; pidgin; LIS; ecc.", ("ar", "bm", "wo")),
        ("inglese, francese, mattino", ()),
        ("inglese, ingelse su richiesta", ()),
        ("arabo; inglese: ?", ()),
        ("ar: no, en: sì", ()),
        (None, ()),
    ],
)
def test_languages_are_read_by_name_or_code(text: str | None, codes: tuple[str, ...]):
    assert normalise.languages(text) == codes


def test_a_name_that_is_no_known_language_is_said_and_leaves_the_others_unknown():
    names = ("lis", "ingelse", "klingonese")
    assert normalise.other_names("arabo, ingelse, klingonese e LIS") == names
    assert normalise.languages("arabo, ingelse, klingonese e LIS") == ()
    assert normalise.other_names("inglese, no arabo") == ()
    assert normalise.other_names("klingonese") == ("klingonese",)


DENIALS = [
    "{}, senegalese e inglese (no {})", "senegalese, {} su richiesta", "{}, no klingonese",
    "{}, inglese (no {})", "inglese; senza mediatore {}", "{}: no; inglese: sì", "inglese, non {}",
    "non si parla {}", "{} (in attesa di mediatore)", "{} solo il primo martedì del mese",
    "{} su richiesta", "tutte tranne {}", "inglese o {}", "{} da ottobre", "{}: 0", "inglese, {}?",
    "no {}", "{} -", "{} se c'è il volontario", "niente {}, inglese", "manca {}",
]  # fmt: skip


@given(
    st.sampled_from(DENIALS),
    st.sampled_from(["arabo", "cinese", "Español", "বাংলা", "ar"]),
    st.sampled_from(["", "francese, ", "francese e ucraino; "]),
)
def test_a_language_that_is_denied_or_limited_is_not_known(phrase, language, others):
    assert normalise.languages(others + phrase.format(language, language)) == ()


@given(
    st.sampled_from(["{}, non sempre", "non {}", "{} solo per residenti", "{} (su richiesta)",
                     "{} tranne il sabato", "{}?", "in attesa di {}", "senza {}"]),
    st.sampled_from(["sì", "no", "x", "gratis", "a pagamento"]),
)  # fmt: skip
def test_an_answer_that_is_denied_or_limited_is_not_known(phrase, answer):
    text = phrase.format(answer)
    assert (normalise.yes_no(text), normalise.free(text)) == (None, None)


def test_what_is_neither_yes_nor_no_is_not_known():
    assert [normalise.yes_no(text) for text in ("Sì", "no", "x", "forse", None)] == [
        True, False, True, None, None,
    ]  # fmt: skip


@given(st.text(alphabet="0123456789., ", max_size=12))
def test_codes_read_twice_are_as_read_once_and_no_digit_is_invented(text):
    assert normalise.code(normalise.code(text)) == normalise.code(text)
    full = normalise.cap(text, prefix="20")
    assert normalise.cap(full, prefix="20") == full
    assert full is None or full.removeprefix("20") in text
    istat = normalise.istat_code(text)
    assert normalise.istat_code(istat) == istat


@pytest.mark.parametrize(
    ("status", "first", "last"),
    [
        ("attiva 8.5.2024 - 1.5.2026, prorogabile 24 mesi", "2024-05-08", "2026-05-01"),
        ("rete 2019-2023; dal maggio 2024 confluita nella rete municipale", "2019", "2023"),
        ("ott 2021 - gen 2023, concluso", "2021-10", "2023-01"),
        ("avviato 2023", "2023", None),
        ("dal 2013; protocollo di rete gennaio 2021", "2013", None),
        ("rete citata nel 2023; dal maggio 2024 nella rete municipale", None, None),
        ("attiva 8.5.2024 - 31.2.2026", "2024-05-08", None),
        ("firmatario 2021", None, None),
        ("2025", None, None),
        (None, None, None),
    ],
)
def test_a_term_has_a_first_and_a_last_day_month_or_year(
    status: str | None, first: str | None, last: str | None
) -> None:
    assert normalise.term(status) == (first, last)
