"""Ages as services publish them, in months."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.values.ages import ages


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("3-36 mesi", (3, 36)), ("6-14", (72, 180)), ("3 mesi - 3 anni", (3, 36)),
        ("0-6", (0, 84)), ("14-36 mesi (nido); 0-6 (centro)", (0, 84)),
        ("dai 6 ai 14 anni", (72, 180)), ("da 0 a 3 anni", (0, 36)), ("6/13 anni", (72, 168)),
        ("dai 18 mesi ai 3 anni", (18, 36)), ("0-18 e adulti", (0, None)),
    ],
)  # fmt: skip
def test_a_range_of_ages_is_months(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("6-10 e 11-14", (72, 180)), ("24-36 mesi; 3-6 anni", (24, 84)),
        ("0-3 e 4-6 anni", (0, 84)),
        ("6-18 (0-6 da settembre)", (0, 228)), ("3 e 4 anni", (36, 60)), ("6 — 14 anni", (72, 180)),
        ("tra i 6 e i 14 anni", (72, 180)), ("dai tre ai sei anni", (36, 84)),
        ("3½-6 anni", (42, 84)), ("3 anni e mezzo - 6 anni", (42, 84)),
        ("1-3 volte a settimana, 6-11 anni", (72, 144)),
        ("gruppi da 10-15 bambini, 6-14", (72, 180)),
        ("nido e infanzia", (3, 72)), ("nido (12-36 mesi)", (12, 36)), ("6\u201114", (72, 180)),
    ],
)  # fmt: skip
def test_all_the_ages_of_a_text_count_and_no_other_number(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("fino ai 6 anni non compiuti", (None, 72)), ("3-6 anni non compiuti", (36, 72)),
        ("fino al compimento dei 6 anni", (None, 72)), ("under 14", (None, 168)),
        ("minori di 14 anni", (None, 168)), ("over 14", (168, None)),
        ("fino a 3 anni e mezzo", (None, 42)),
    ],
)  # fmt: skip
def test_an_age_that_is_left_out_is_left_out(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("gravidanza e primo anno di vita", (-9, 12)), ("dalla gravidanza", (-9, None)),
        ("dalla gravidanza ai 3 anni", (-9, 36)), ("gravidanza e primi anni", (-9, None)),
        ("i primi 1000 giorni", (-9, 24)), ("donne in gravidanza", (None, None)),
    ],
)  # fmt: skip
def test_before_birth_is_an_age_too(text, months):
    assert ages(text) == months


@pytest.mark.parametrize("text", ["14-18 e 3-6 anni", "3-6 anni e 14-18 anni", "0-3; 11-14"])
def test_ages_apart_are_not_told_by_two_numbers(text):
    assert ages(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("fino a 3 anni", (None, 36)), ("fino ai 14 anni", (None, 180)),
        ("da 18 mesi", (18, None)), ("12+", (144, None)), ("dai 6 anni", (72, None)),
        ("da 18 mesi fino a 6 anni", (18, 84)),
    ],
)  # fmt: skip
def test_an_age_that_is_not_told_stays_unknown(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("scuola dell'infanzia", (36, 72)), ("scuola primaria", (72, 132)),
        ("scuola media", (132, 168)), ("Scuole secondarie di I grado", (132, 168)),
        ("scuola primaria e media", (72, 168)), ("scuole superiori", (168, 228)),
    ],
)  # fmt: skip
def test_an_order_of_school_stands_for_its_years(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "adolescenti",
        "donne adulte",
        "2019-2023",
        "medio/grandi",
        "14-6",
        "3/10/2023",
        "classi 1-5",
        "14.00-18.00",
        "ore 14-18",
        "2-3 volte a settimana",
    ],
)
def test_what_names_no_age_is_unknown(text):
    assert ages(text) == (None, None)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("più di 3 anni e meno di 6", (36, 72)), ("dai 6 ai 14 anni e oltre", (72, None)),
        ("6-14+", (72, None)), ("6 anni e oltre", (72, None)), ("dai 6 anni in poi", (72, None)),
        ("non oltre i 6 anni", (None, 84)), ("almeno 6 anni e non più di 14", (72, 180)),
        ("sotto i 14 anni", (None, 168)), ("sopra i 14 anni", (168, None)),
        ("da 2 anni e 1/2 a 6 anni", (30, 84)), ("dai 3 mesi compiuti ai 3 anni", (3, 36)),
        ("fino ai 36 mesi e dai 3 ai 6 anni", (None, 84)), ("fino a 3 anni, 12-36 mesi", (12, 36)),
    ],
)  # fmt: skip
def test_words_that_compare_say_on_which_side_an_age_is(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    "text",
    [
        "dal primo anno di vita ai 6 anni", "14 anni e 1/2", "1/2 anno - 3 anni",
        "under 18 e adulti", "bambini under 6 e over 65", "dai 14 anni, fino a 6 anni",
        "0-6 anni, esclusi i minori di 3 anni", "vietato ai minori di 14 anni",
        "tranne gli under 3, fino a 6 anni", "3-6 anni, over 65", "da 5 mesi a 3 mesi",
    ],
)  # fmt: skip
def test_what_would_be_read_as_its_contrary_is_not_told(text):
    assert ages(text) == ages(text, infants=True) == (None, None)


years = st.integers(4, 60)
"""Above three: until then the last birthday ends an age."""
SINCE = (
    "da {} anni", "dai {} anni", "over {}", "oltre i {} anni", "più di {} anni", "almeno {} anni",
    "sopra i {} anni", "maggiori di {} anni", "{} anni e oltre", "{}+", "dai {} anni in su",
)  # fmt: skip
UNTIL = ("fino a {} anni", "fino ai {} anni", "non oltre i {} anni", "non più di {} anni")
UNDER = ("under {}", "meno di {} anni", "sotto i {} anni", "minori di {} anni")
RANGES = (
    "{}-{} anni",
    "dai {} ai {} anni",
    "da {} a {} anni",
    "tra i {} e i {} anni",
    "{}/{} anni",
)
OPEN = ("", " e oltre", " ed oltre", "+", " in su")


@st.composite
def phrases(draw):
    """A phrase, and the youngest age and the end that it states, in months."""
    low, more = draw(years), draw(st.integers(1, 20))
    form = draw(st.sampled_from((*SINCE, *UNTIL, *UNDER, *RANGES)))
    if form in SINCE:
        return form.format(low), 12 * low, None
    if form in UNTIL + UNDER:
        return form.format(low), None, 12 * (low + (form in UNTIL))
    open_end = draw(st.sampled_from(OPEN))
    end = None if open_end else 12 * (low + more + 1)
    return form.format(low, low + more) + open_end, 12 * low, end


@given(phrases())
def test_a_phrase_is_read_as_it_says(phrase):
    text, low, end = phrase
    assert ages(text) == (low, end)


@given(
    st.lists(phrases(), min_size=1, max_size=3),
    st.sampled_from((" e ", ", ", "; ", " oppure ", " / ")),
    st.sampled_from(("", " e adulti", ", esclusi gli under 3", " (non residenti: over 65)")),
)
def test_of_composed_phrases_no_age_is_read_as_its_contrary(parts, between, ending):
    low, end = ages(between.join(text for text, *_ in parts) + ending)
    lows, ends = {low for _, low, _ in parts}, {end for *_, end in parts}
    assert low in {None, *lows, *([216] if "adult" in ending else [])}
    assert end in {None, *ends}
    assert low is None or end is None or low < end
    if end is not None:
        # Whoever comes at an age that is stated as the youngest is not above the end.
        assert all(stated is None or stated < end for stated in lows)
    if "esclusi" in ending:
        assert (low, end) == (None, None)


@given(st.text(max_size=30))
def test_the_youngest_is_younger_than_the_end(text):
    low, end = ages(text)
    assert low is None or end is None or low < end


@given(st.integers(0, 17), st.integers(1, 18))
def test_a_range_is_read_the_same_in_every_form(low, years):
    high = low + years
    forms = [f"{low}-{high} anni", f"da {low} a {high} anni", f"dai {low} ai {high} anni"]
    assert len({ages(form) for form in forms}) == 1
    assert ages(forms[0])[0] == 12 * low


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("12-36", (12, 36)), ("3-36", (3, 36)), ("0-36", (0, 36)), ("24-36", (24, 36)),
        ("da 12 a 36", (12, 36)), ("3-12", (3, 12)), ("fino a 36", (None, 36)),
        ("12-36, 20 posti", (12, 36)), ("12+", (12, None)),
        # Years that make sense of children under three, and of a nido with a school.
        ("0-3", (0, 36)), ("1-3", (12, 36)), ("0-6", (0, 84)), ("0-3 anni", (0, 36)),
        ("nido", (3, 36)), ("scuola dell'infanzia", (36, 72)), ("12-36 anni", (144, 444)),
        # Neither months nor years of such a service.
        ("3-6", (None, None)), ("40-60", (None, None)),
    ],
)  # fmt: skip
def test_bare_numbers_are_months_where_years_would_be_past_infants(text, months):
    assert ages(text, infants=True) == months


@pytest.mark.parametrize("text", ["12-36", "3-36", "0-36"])
def test_bare_numbers_are_years_of_a_service_for_others(text):
    low, high = text.split("-")
    assert ages(text) == (int(low) * 12, (int(high) + 1) * 12)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("da 0 a 1000 giorni", (0, 33)), ("0-1000 giorni", (0, 33)), ("0-1.000 giorni", (0, 33)),
        ("da 0 a mille giorni", (0, 33)), ("fino a 365 giorni", (None, 12)),
        ("primi mille giorni", (-9, 24)), ("6-11 anni, aperto 200 giorni l'anno", (72, 144)),
    ],
)  # fmt: skip
def test_days_that_are_many_are_an_age_and_have_an_end(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("età superiore ai 6 anni", (72, None)), ("superiori a 14 anni", (168, None)),
        ("età uguale o superiore a 6 anni", (72, None)), ("superiore ai 18 anni", (216, None)),
        ("superiore a sei anni e inferiore a 14 anni", (72, 168)),
        ("età inferiore ai 3 anni", (None, 36)), ("inferiori o uguali a 14 anni", (None, 180)),
        ("non superiore a 6 anni", (None, 84)), ("non inferiore a 6 anni", (72, None)),
        ("maggiore di 6 anni", (72, None)), ("minore di 6 anni", (None, 72)),
        ("superiore rispetto ai 6 anni", (None, None)), ("superiore a una 6", (None, None)),
        ("scuole superiori", (168, 228)), ("superiori (14-19 anni)", (168, 240)),
        ("scuole superiori di 2° grado", (168, 228)), ("medie e superiori", (132, 228)),
    ],
)  # fmt: skip
def test_an_age_that_is_compared_is_no_school(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("3-6 anni (anticipatari dai 2 anni e mezzo)", (30, 84)),
        ("0-3 anni (da 12 mesi tempo pieno)", (0, 36)),
        ("6-18 anni (sportello da 14 anni)", (72, 228)),
        ("11-18 anni, dai 14 anni autonomi", (132, 228)),
        ("3-6 anni, meno di 3 con un genitore, dai 4 anni soli", (None, 84)),
        ("3-6 anni, da 7 anni doposcuola", (None, None)), ("0-3 anni, dai 3 anni", (None, None)),
        ("0-3 anni, dai 3 anni in su", (0, None)), ("6-14 e 14+", (72, None)),
    ],
)  # fmt: skip
def test_a_youngest_age_beside_a_range_takes_no_end_away(text, months):
    assert ages(text) == months


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("almeno 3 anni, massimo 6 anni", (36, 84)), ("dai 6 anni, max 11 anni", (72, 144)),
        ("dai 3 anni fino a un massimo di 6 anni", (36, 84)), ("età massima 14 anni", (None, 180)),
        ("età minima: 6 anni, massima: 14 anni", (72, 180)), ("dai 6 anni, max 11", (None, None)),
        ("6-14 anni, massimo 20", (None, None)), ("6-14 anni, max 20 bambini", (72, 180)),
        ("6-14 anni, fino a 20 bambini", (72, 180)), ("minimo 3 anni", (36, None)),
    ],
)  # fmt: skip
def test_an_oldest_age_is_read_or_no_age_is(text, months):
    assert ages(text) == months


@given(
    st.integers(0, 9), st.integers(1, 9), st.integers(0, 20),
    st.sampled_from(["({} {})", ", {} {}", "; {} {} soli", ", anticipatari {} {}"]),
    st.sampled_from(["da {} anni", "dai {} anni", "almeno {} anni", "min {} anni"]),
)  # fmt: skip
def test_no_youngest_age_opens_a_range_that_ends(first, years, other, frame, since):
    closed = f"{first}-{first + years} anni"
    read = ages(f"{closed} {frame.format('per alcuni', since.format(other))}")
    assert read == (None, None) or read[1] == ages(closed)[1]
