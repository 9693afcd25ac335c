"""Sheets of invented services: what is understood, refused, and known again."""

import re
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from ingest.rows import RawRow, RawTable
from ingest.sheets.headings import category_codes, fields, like_categories, recognise
from ingest.sheets.spreadsheet import (
    quarantine,
    read_sheet,
    sheet_source,
    understand,
    with_known_ids,
)
from ingest.sheets.template import write_template, write_to_mend
from mapping.city import city
from mapping.errors import BadInputError
from mapping.taxonomy import categories

MILANO = city("milano")
SOURCE = sheet_source("prova")
ALPHA = {
    "Nome": "Alfa",
    "Ente": "Associazione Prova",
    "Indirizzo": "via Inventata 1",
    "Categoria": "Doposcuola",
}


def understood(*rows: dict[str, str], source=SOURCE):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = RawTable(columns, [RawRow(line, row) for line, row in enumerate(rows, start=2)])
    sheet = understand(table, source, MILANO, lambda lon, _lat: 9.0 < lon < 9.3)
    out = sum(sheet.out_of_scope.values())
    assert sheet.rows_in == sheet.rows_kept + out + len(sheet.refused)
    return sheet


def one(**texts: str):
    sheet = understood({**ALPHA, **texts})
    assert not sheet.refused
    return sheet.services[0]


def refusal(**texts: str):
    (refused,) = understood({**ALPHA, **texts}).refused
    return refused


def ids(*rows: dict[str, str], before=(), whole=True) -> dict[str, str]:
    services = with_known_ids(understood(*rows), before, whole=whole)
    return {service.name: service.service_id for service in services}


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("DENOMINAZIONE", "name"), ("Nome *", "name"), ("Associazione", "organization"),
        ("Tipologia", "category"), ("via", "street"), ("n. civico", "civic"), ("C.A.P.", "cap"),
        ("Orario di apertura", "hours"), ("Fascia d\u2019età", "ages"), ("Eta'", "ages"),
        ("Capienza", "capacity"), ("Cell.", "phone"), ("Telefono (sede)", "phone"),
        ("e mail", "email"), ("Indirizo", "street"), ("Accessibilità", "step_free"),
    ],
)  # fmt: skip
def test_a_column_is_known_by_the_words_that_people_use(heading, field):
    columns = {"name": "Nome", "category": "Categoria"}
    columns.pop(field, None)
    assert recognise([*columns.values(), heading]).columns[field] == [heading]


@pytest.mark.parametrize("heading", ["Colore", "Referente", "Responsabile", "Ore", "Eta media"])
def test_a_column_that_is_not_surely_known_is_ignored_and_told(heading):
    assert recognise(["Nome", "Categoria", heading]).ignored == [heading]


def test_a_number_is_civic_behind_the_street_only():
    assert recognise(["N.", "Nome", "Categoria", "Via"]).ignored == ["N."]
    assert recognise(["Nome", "Categoria", "Via", "N."]).columns["civic"] == ["N."]


def test_of_two_columns_for_one_thing_the_preferred_comes_first():
    sheet = understood(
        {**ALPHA, "Cell.": "333 000000", "Telefono": "02 000000"},
        {**ALPHA, "Nome": "Beta", "Cell.": "333 000001", "Telefono": ""},
    )
    assert sheet.headings.columns["phone"] == ["Telefono", "Cell."]
    assert [service.phone for service in sheet.services] == ["02 000000; 333 000000", "333 000001"]


def test_the_phones_of_all_columns_are_kept_each_once():
    service = one(**{
        "Telefono": "02 88451234", "Telefono (2)": "335 1234567", "Cellulare": "+39 335 1234567",
    })  # fmt: skip
    assert service.phone == "02 88451234; 335 1234567"


def test_what_a_second_column_says_in_another_way_is_told():
    sheet = understood({**ALPHA, "Nome (2)": "Beta", "Email": "a@b.it", "Email (2)": "c@d.it"})

    told = [(remark.field, remark.value) for remark in sheet.remarks]
    assert told == [("name", "Beta"), ("email", "c@d.it")]
    assert sheet.services[0].name == "Alfa"
    assert not understood({**ALPHA, "Nome (2)": " ALFA "}).remarks


def test_rows_that_are_commented_out_or_gone_for_good_are_no_services():
    rows = [{"Nome": "#Due"}, {"Nome": "Tre", "Orario": "chiuso definitivamente"}, {}]
    sheet = understood(*({**ALPHA, **row} for row in rows))

    assert [service.name for service in sheet.services] == ["Alfa"]
    assert sheet.out_of_scope == {"commentate con #": 1, "chiusi per sempre": 1}
    assert understood({**ALPHA, "Orario": "lun-ven 9-12; chiuso ad agosto"}).services


@pytest.mark.parametrize("name", ["<b>Uno</b>", "\u200fUno\u200e", "<span class='x'>Uno</span>"])
def test_markup_and_marks_of_direction_are_no_part_of_a_name(name):
    assert one(Nome=name).name == "Uno"


def test_a_name_of_thousands_of_letters_is_refused():
    assert "40000" in refusal(Nome="a" * 40_000).message


@pytest.mark.parametrize(
    ("column", "text", "field", "value"),
    [
        ("Posti", "1.000", "capacity", 1000),
        ("Posti", "2026", "capacity", None),
        ("Gratuito", "gratis", "free", True),
        ("Gratuito", "a pagamento", "free", False),
        ("Gratuito", "☑", "free", True),
        ("Su appuntamento", "☑", "appointment_required", True),
        ("Telefono", "390288451234", "phone", "+390288451234"),
    ],
)
def test_a_cell_is_read_as_people_write_it(column, text, field, value):
    sheet = understood({**ALPHA, column: text})

    assert getattr(sheet.services[0], field) == value
    assert bool(sheet.remarks) == (value is None)


@pytest.mark.parametrize(
    "heading",
    ["Nome bambino", "Codice fiscale", "COGNOME", "Data di nascita", "Telefono genitore", "Madre"],
)
def test_a_column_about_families_stops_the_import(heading):
    with pytest.raises(BadInputError, match=f"«{heading}» sembra contenere dati di persone"):
        recognise(["Nome", "Categoria", heading])


@pytest.mark.parametrize(
    "heading", ["Età bambini", "Codice fiscale ente", "Nome del servizio per bambini", "Famiglie"]
)
def test_a_column_about_services_for_families_does_not(heading):
    recognise(["Nome", "Categoria", heading])


def test_the_codice_fiscale_of_a_person_in_any_cell_stops_the_import_and_is_not_repeated():
    code = "XXXYYY00A01Z999Q"
    with pytest.raises(BadInputError, match="riga 2") as error:
        understood({**ALPHA, "Colore": f"cf {code}"})
    assert code not in str(error.value)


def test_a_required_column_is_asked_for_with_the_names_that_would_do():
    with pytest.raises(BadInputError, match=r"Manca la colonna «Categoria».*tipologia"):
        recognise(["Nome", "Indirizzo"])


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Nido d'infanzia", ["nido"]),
        ("italiano_l2", ["italiano_l2"]),
        ("Asilo nido, LUDOTECHE", ["nido", "ludoteca"]),
        ("UONPIA, neuropsichiatria infantile; ludoteca", ["uonpia", "ludoteca"]),
        ("dopo-scuola / Ludotecca", ["doposcuola", "ludoteca"]),
    ],
)
def test_a_category_is_known_by_label_code_and_other_words(text, codes):
    assert category_codes(text) == (codes, None)


def test_every_label_and_every_code_is_known():
    for code, entry in categories().items():
        assert category_codes(entry.label) == category_codes(code) == ([code], None)


def test_an_unknown_category_is_refused_with_the_nearest():
    refused = refusal(Categoria="ludo park")
    assert (refused.row, refused.field, refused.value) == (2, "category", "ludo park")
    assert "«Ludoteca»" in refused.message
    assert "Centro antiviolenza" not in like_categories("antiviolenze", count=100)


def test_a_confidential_place_is_refused_and_nothing_of_it_is_kept():
    sheet = understood({**ALPHA, "Categoria": "Casa rifugio"})
    (row,) = quarantine(sheet, SOURCE.id)
    assert (row.code, row.raw) == ("confidential", {})
    assert not sheet.services


def test_a_row_becomes_a_service():
    service = one(
        Giorni="lun-ven", Orario="14-18", Età="6-14", Posti="20", Gratuito="Sì", Lingue="arabo",
        Telefono="02/000000", Municipio="Zona 2", CAP="20125", Verificato_il="21/11/2025",
    )  # fmt: skip
    (place,) = service.locations
    assert (place.opening_hours, place.cap, place.municipio) == ("Mo-Fr 14:00-18:00", "20125", "2")
    assert (service.age_min_months, service.age_max_months) == (72, 180)
    assert (service.capacity, service.free, service.languages) == (20, True, ("ar",))
    assert service.provenance.assured_date == "2025-11-21"


def test_the_unit_of_an_age_may_stand_in_the_heading():
    assert one(**{"Età (mesi)": "3-36"}).age_max_months == 36
    assert one(**{"Età minima": "3", "Età massima": "5"}).age_min_months == 36


@pytest.mark.parametrize(
    ("cells", "months"),
    [
        ({"Età da": "6"}, (72, None)), ({"Età a": "14"}, (None, 180)),
        ({"Età da": "6", "Età a": ""}, (72, None)), ({"Età da": "6", "Età a": "14"}, (72, 180)),
        ({"Età da (mesi)": "18"}, (18, None)), ({"Età minima": "3 mesi"}, (3, None)),
        ({"Età a (mesi)": "36"}, (None, 36)), ({"Età": "dai 6 anni"}, (72, None)),
    ],
)  # fmt: skip
def test_an_age_in_one_column_alone_is_read(cells, months):
    service = one(**cells)
    assert (service.age_min_months, service.age_max_months) == months
    assert service.note is None


@pytest.mark.parametrize("category", ["nido", "Centro prima infanzia"])
@pytest.mark.parametrize(
    ("cells", "months"),
    [
        ({"Età": "12-36"}, (12, 36)), ({"Età da": "3", "Età a": "36"}, (3, 36)),
        ({"Età": "1-3"}, (12, 36)), ({"Età a": "36"}, (None, 36)),
    ],
)  # fmt: skip
def test_bare_ages_of_a_nido_are_months_where_years_make_no_sense(category, cells, months):
    service = one(Categoria=category, **cells)
    assert (service.age_min_months, service.age_max_months) == months


def test_a_nido_with_other_children_too_has_its_ages_in_years():
    assert one(Categoria="nido; doposcuola", Età="12-36").age_max_months == 37 * 12


def test_ages_that_no_nido_has_are_kept_as_a_note_and_told():
    sheet = understood({**ALPHA, "Categoria": "nido", "Età": "3-6"})
    assert sheet.services[0].age_min_months is None
    assert [remark.value for remark in sheet.remarks] == ["3-6"]


def test_an_age_for_some_children_alone_is_kept_as_a_note():
    service = one(Età="6-14 anni (disabili fino a 18)", Note="in cortile")
    assert (service.age_min_months, service.age_max_months) == (72, 180)
    assert service.note == "in cortile; età: disabili fino a 18"


@pytest.mark.parametrize(
    ("column", "text"),
    [("Gratuito", "offerta libera"), ("Età", "per i più grandi"), ("Posti", "molti")],
)
def test_what_is_not_understood_is_kept_as_a_note_and_told(column, text):
    sheet = understood({**ALPHA, column: text})
    assert sheet.services[0].note == f"{column}: {text}"
    assert [(remark.row, remark.value) for remark in sheet.remarks] == [(2, text)]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Telefono", "123"), ("E-mail", "info@"), ("Sito", "http://"), ("CAP", "99"),
        ("Municipio", "centro"), ("Lon", "400"), ("Verificato il", "ieri"),
        ("Verificato il", "31/02/2025"), ("Verificato il", "1/1/2999"),
        ("Età", "2026-06-03"), ("Nome", ""), ("Categoria", ""),
    ],
)  # fmt: skip
def test_what_would_mislead_a_family_is_refused(column, text):
    refused = refusal(**{column: text})
    assert refused.value == text
    assert refused.message


def test_examples_and_empty_rows_are_left_out():
    empty = dict.fromkeys(ALPHA, "")
    sheet = understood(ALPHA, empty, {**ALPHA, "Nome": "Esempio: Beta"})
    assert sheet.out_of_scope == {"vuote": 1, "di esempio": 1}


def test_two_rows_of_one_service_must_agree():
    same = understood(ALPHA, ALPHA)
    assert [(row.row, row.code) for row in same.refused] == [(3, "duplicate_row")]
    hours = understood({**ALPHA, "Orari": "lun 9-12"}, {**ALPHA, "Orari": "mar 14-18"})
    assert [len(service.locations) for service in hours.services] == [2]
    (phone,) = understood({**ALPHA, "Tel": "02 000000"}, {**ALPHA, "Tel": "02 000001"}).refused
    assert "Telefono" in phone.message


@settings(deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys([*ALPHA, "Età", "CAP"], st.text(max_size=9)))))
def test_whatever_the_cells_hold_every_row_is_accounted_for(rows):
    understood(ALPHA, *rows)


NAMES = [{**ALPHA, "Nome": name} for name in ("Alfa", "Beta", "Gamma", "Delta")]


@settings(deadline=None)
@given(st.permutations(NAMES))
def test_ids_do_not_depend_on_the_order_of_the_rows(rows):
    assert ids(*rows) == ids(*NAMES)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Nome", "Alfa nuovo"), ("Ente", "Cooperativa Prova"), ("Indirizzo", "via Altra 9"),
        ("Categoria", "Ludoteca"), ("Telefono", "02 000000"), ("Nome", "ALFA."),
    ],
)  # fmt: skip
def test_a_service_of_which_one_thing_changed_is_the_same(column, text):
    other = {**ALPHA, "Nome": "Beta", "Indirizzo": "via Inventata 2"}
    before = understood(ALPHA, other).services
    now = ids({**ALPHA, column: text}, other, before=before)
    assert set(now.values()) == {service.service_id for service in before}


def test_a_service_of_which_two_things_changed_is_another():
    before = understood(ALPHA).services
    now = ids({**ALPHA, "Nome": "Beta", "Indirizzo": "via Altra 9"}, before=before)
    assert before[0].service_id not in now.values()


def test_where_two_could_be_meant_neither_is():
    before = understood(ALPHA, {**ALPHA, "Nome": "Beta"}).services
    now = ids({**ALPHA, "Nome": "Gamma"}, {**ALPHA, "Nome": "Delta"}, before=before)
    assert not set(now.values()) & {service.service_id for service in before}


def test_in_a_part_of_the_list_a_second_course_is_not_the_first_renamed():
    before = understood(ALPHA).services
    assert ids({**ALPHA, "Nome": "Beta"}, before=before, whole=False)["Beta"] not in {
        service.service_id for service in before
    }


def test_a_new_service_with_the_name_that_another_had_has_an_id_of_its_own():
    before = understood(ALPHA).services
    renamed = with_known_ids(understood({**ALPHA, "Nome": "Beta"}), before, whole=True)
    both = understood({**ALPHA, "Nome": "Beta"}, ALPHA)
    now = {one.name: one for one in with_known_ids(both, renamed, whole=True)}
    assert now["Beta"].service_id == before[0].service_id
    assert now["Alfa"].service_id == f"{before[0].service_id}-2"
    again = with_known_ids(both, list(now.values()), whole=True)
    assert {one.name: one for one in again} == now


def test_names_in_other_alphabets_are_told_apart():
    sheet = understood({**ALPHA, "Nome": "مركز"}, {**ALPHA, "Nome": "中心"})
    assert len({service.service_id for service in sheet.services}) == 2


def test_a_code_decides_alone():
    before = understood({**ALPHA, "Codice": "A1"}).services
    changed = {"Codice": "A1", "Nome": "Beta", "Indirizzo": "via Altra 9", "Categoria": "Mensa"}
    assert ids(changed, before=before) == {"Beta": f"{SOURCE.id}:A1"}


@pytest.mark.parametrize("name", ["", "Zona 2", "../x", "a"])
def test_a_name_of_a_sheet_that_would_not_do_is_told(name):
    with pytest.raises(BadInputError, match="doposcuola_zona2"):
        sheet_source(name)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_delimited_text_is_read_whatever_divides_it(tmp_path, delimiter):
    path = tmp_path / "prova.csv"
    rows = [["Nome", "Categoria", "Note"], ["Alfa", "Doposcuola", "caffè"]]
    path.write_bytes("\n".join(delimiter.join(row) for row in rows).encode("cp1252"))
    table = read_sheet(path, SOURCE.id)
    assert table.rows[0].texts == dict(zip(*rows, strict=True))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("prova.pdf", "%PDF", ".xlsx"),
        ("prova.csv", "", "colonna sola"),
        ("prova.csv", "Nome\nAlfa", "colonna sola"),
    ],
)
def test_a_file_that_is_no_sheet_is_told(tmp_path, name, content, words):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(BadInputError, match=re.escape(words)):
        read_sheet(tmp_path / name, SOURCE.id)


def messy(path: Path) -> Path:
    """Write a sheet as people keep them: title, blank lines, merged cells, dates, formulas."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Servizi")
        as_date = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.merge_range(0, 0, 0, 4, "Elenco dei servizi inventati")
        sheet.write_row(3, 0, ["Denominazione", "Tipologia", "Via", "n.", "Aggiornato al", "Posti"])
        sheet.write_row(5, 0, ["Alfa", "Doposcuola", "via Inventata", 12])
        sheet.write_datetime(5, 4, date(2025, 11, 21), as_date)
        sheet.write_formula(5, 5, "=10+15", value=25)
        sheet.write_row(8, 0, ["Beta", "=1+1", "via Inventata", "12/A"])
    return path


def test_a_messy_workbook_is_read(tmp_path):
    table = read_sheet(messy(tmp_path / "prova.xlsx"), SOURCE.id)
    sheet = understand(table, SOURCE, MILANO, lambda _lon, _lat: True)
    (alpha,) = sheet.services
    assert (alpha.name, alpha.locations[0].address, alpha.capacity) == (
        "Alfa",
        "via Inventata, 12",
        25,
    )
    assert alpha.provenance.assured_date == "2025-11-21"
    assert [refused.row for refused in sheet.refused] == [9]


def test_the_template_is_understood_and_offers_no_confidential_category(tmp_path):
    path = tmp_path / "modello.xlsx"
    path.write_bytes(write_template())
    book = CalamineWorkbook.from_path(path)
    visible = [
        sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible
    ]
    assert visible == ["Servizi", "Istruzioni"]
    offered = {row[0] for row in book.get_sheet_by_name("Elenchi").to_python()}
    assert {entry.label for entry in categories().values() if not entry.confidential} <= offered
    assert categories()["antiviolenza"].label not in offered
    table = read_sheet(path, SOURCE.id)
    assert recognise(table.columns).ignored == []
    sheet = understand(table, SOURCE, MILANO, lambda _lon, _lat: True)
    assert sheet.out_of_scope == {"di esempio": 1}
    assert not sheet.services


def test_the_example_of_the_template_would_be_a_service_without_remarks():
    row = {entry.label: entry.example for entry in fields().values() if entry.label}
    sheet = understood({**row, "Nome": "Alfa"})
    assert not sheet.refused
    assert not sheet.remarks


def test_refused_rows_come_back_as_they_were_with_no_formula(tmp_path):
    row = {**ALPHA, "Categoria": '=HYPERLINK("x")', "Colore": "+cmd|' /C calc'!A0"}
    sheet = understood(row)
    path = tmp_path / "prova-da-correggere.xlsx"
    path.write_bytes(write_to_mend(sheet.columns, sheet.headings, sheet.refused))
    with zipfile.ZipFile(path) as parts:
        cells = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in cells
    assert "hyperlink" not in cells
    (given_back,) = read_sheet(path, SOURCE.id).rows
    assert "non è una categoria" in given_back.texts.pop("Da correggere")
    assert given_back.texts == row


def test_rows_that_are_added_again_are_known():
    first = with_known_ids(understood(*NAMES), (), whole=True)
    again = with_known_ids(understood(*NAMES[2:]), first, whole=False)
    assert {one.service_id for one in again} == {one.service_id for one in first[2:]}


def test_a_permit_that_is_asked_for_is_a_rule_of_the_service():
    assert one(**{"Permesso di soggiorno richiesto": "sì"}).required_documents == (
        "Permesso di soggiorno"
    )
    documents = {"Documenti": "ISEE", "Serve il permesso di soggiorno": "sì"}
    assert one(**documents).required_documents == "ISEE; Permesso di soggiorno"
    service = one(**{"Permesso di soggiorno richiesto": "no"})
    assert service.required_documents is None
    assert service.note == "Permesso di soggiorno richiesto: no"
    with pytest.raises(BadInputError, match="dati di persone"):
        one(**{"Permesso di soggiorno": "AB123"})


@pytest.mark.parametrize(
    ("columns", "months"),
    [
        ({"Età da": "6", "Età a": "14"}, (72, 180)),
        ({"Età": "6-10 e 11-14"}, (72, 180)),
        ({"Età": "gravidanza e primo anno"}, (-9, 12)),
        ({"Età": "14-18 e 3-6 anni"}, (None, None)),
    ],
)
def test_ages_of_a_sheet_are_read_or_kept_as_a_note(columns, months):
    service = one(**columns)
    assert (service.age_min_months, service.age_max_months) == months
    assert (service.note is None) == (months != (None, None))


@pytest.mark.parametrize("answer", ["si", "sì", "no"])
def test_whether_there_is_a_mediator_names_no_language(answer):
    sheet = understood({**ALPHA, "Mediazione linguistica": answer})
    assert sheet.services[0].languages is None
    assert [(remark.field, remark.value) for remark in sheet.remarks] == [("languages", answer)]


def test_a_language_that_is_denied_stays_in_the_note():
    sheet = understood({**ALPHA, "Lingue parlate": "italiano, inglese (no arabo)"})
    assert sheet.services[0].languages is None
    assert "italiano, inglese (no arabo)" in (sheet.services[0].note or "")
    assert [remark.field for remark in sheet.remarks] == ["languages"]


def test_a_list_with_a_language_that_nobody_knows_goes_to_the_note():
    sheet = understood({**ALPHA, "Lingue parlate": "arabo, klingonese, inglese"})
    assert sheet.services[0].languages is None
    assert "arabo, klingonese, inglese" in (sheet.services[0].note or "")
    assert [remark.field for remark in sheet.remarks] == ["languages"]


def test_a_language_without_a_code_goes_to_the_note_and_the_others_stay():
    sheet = understood({**ALPHA, "Lingue parlate": "araba, LIS, inglese"})
    assert sheet.services[0].languages == ("ar", "en")
    assert "altre lingue: lis" in (sheet.services[0].note or "")


@pytest.mark.parametrize("comune", ["Milano (MI)", "Comune di Milano", "MI", "20121 Milano"])
def test_a_row_of_the_city_is_in_however_its_comune_is_written(comune):
    assert one(Comune=comune, CAP="20121").locations[0].cap == "20121"


@pytest.mark.parametrize(
    "day", ["01/01/0001", "0001-01-01", "2026-02-31", "31/12/2099", "31/2/2025"]
)
def test_a_day_that_none_was_is_refused(day):
    assert refusal(**{"Verificato il": day}).field == "assured_date"


def test_a_year_of_two_digits_is_said_to_be_what_is_wrong():
    assert "l'anno di due cifre" in refusal(**{"Verificato il": "01/10/26"}).message


@pytest.mark.parametrize(
    ("day", "iso"), [("2026-2-1", "2026-02-01"), ("1/2/2026", "2026-02-01"), ("2026", "2026")]
)
def test_a_day_is_kept_as_iso(day, iso):
    assert one(**{"Verificato il": day}).provenance.assured_date == iso


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("Telefono", "da definire"), ("Telefono", "non ancora attivo"), ("E-mail", "chiedere"),
        ("Sito", "in arrivo"),
    ],
)  # fmt: skip
def test_a_contact_that_is_not_known_yet_refuses_no_row(column, text):
    sheet = understood({**ALPHA, column: text})
    (service,) = sheet.services
    assert (service.phone, service.email, service.url) == (None, None, None)
    assert service.note == f"{column}: {text}"
    assert [(remark.row, remark.value) for remark in sheet.remarks] == [(2, text)]


@pytest.mark.parametrize("number", ["2,88451E+08", "000", "00 000000"])
def test_a_number_that_nobody_can_dial_is_refused(number):
    assert refusal(Telefono=number).field == "phone"


@pytest.mark.parametrize(
    "text",
    [
        "Nome;Categoria;Indirizzo\nAlfa;Doposcuola;via A, scala B, piano 2, interno 3, cortile\n",
        "sep=;\nNome;Categoria;Indirizzo\nAlfa;Doposcuola;via A\n",
        "\n\nNome;Categoria;Indirizzo\nAlfa;Doposcuola;via A\n",
        "Servizi, aggiornati al 2026\n\nNome;Categoria;Indirizzo\nAlfa;Doposcuola;via A\n",
        "Servizi;;\nNome;Categoria;Indirizzo\nAlfa;Doposcuola;via A\n",
        "Nome|Categoria|Indirizzo\nAlfa|Doposcuola|via A\n",
        "Nome\tCategoria\tIndirizzo\nAlfa\tDoposcuola\tvia A, 1; cortile\n",
        'Nome,Categoria,Indirizzo\n="Alfa",Doposcuola,"via A; cortile"\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_text_table_is_read_as_programs_save_it(tmp_path, text, encoding):
    path = tmp_path / "servizi.csv"
    path.write_text(text, encoding=encoding)
    table = read_sheet(path, SOURCE.id)
    assert table.columns == ["Nome", "Categoria", "Indirizzo"]
    (row,) = table.rows
    assert row.texts["Nome"] == "Alfa"
    assert row.texts["Indirizzo"].startswith("via A")
    assert row.line == text.count("\n")


@pytest.mark.parametrize(
    ("text", "meant"), [("ingelse", "inglese"), ("arabo, francse", "francese"), ("arbo", "arabo")]
)
def test_a_misspelt_language_is_offered_as_it_is_written(text, meant):
    (remark,) = understood({**ALPHA, "Lingue parlate": text}).remarks
    assert remark.field == "languages"
    assert remark.message.endswith(f"Intendevi {meant}?")


def test_two_addresses_in_one_cell_are_told():
    text = "via Inventata 1 / via Prova 5"
    (remark,) = understood({**ALPHA, "Indirizzo": text}).remarks
    assert (remark.field, remark.value) == ("street", text)
    assert remark.message.startswith("Sono due indirizzi")


def test_rows_that_the_sheet_hides_and_letters_of_old_programs_are_told():
    rows = [RawRow(2, ALPHA), RawRow(3, {**ALPHA, "Nome": "Beta"})]
    table = RawTable(
        list(ALPHA), rows, hidden_rows=(3,), hidden_columns=("Indirizzo",), old_encoding="cp850",
        hidden_sheets=("Vecchi",),
    )  # fmt: skip
    sheet = understand(table, SOURCE, MILANO, lambda _lon, _lat: True)
    assert [(remark.row, remark.field, remark.value) for remark in sheet.remarks] == [
        (3, "", ""), (None, "Indirizzo", ""), (None, "", "Vecchi"), (None, "", "cp850")
    ]  # fmt: skip
    assert len(sheet.services) == 2


@pytest.mark.parametrize(
    ("column", "text", "is_doubted"),
    [
        ("Note", "CHIUSO", True),
        ("Note", "ha chiuso nel 2024", True),
        ("Note", "CHIUSO?", True),
        ("Note (2)", "chiuso dal 2024", True),
        ("Orario", "chiuso fino a nuovo avviso", True),
        ("Orario", "sospeso", True),
        ("Orario", "lun-ven 9-18 (chiuso dal 2024)", True),
        ("Indirizzo", "via Inventata 1 (CHIUSO)", True),
        ("Nome", "Consultorio Sette CHIUSO", True),
        ("Stato", "non attivo", True),
        ("Chiuso", "sì", True),
        ("Stato", "attivo", False),
        ("Sabato", "chiuso", False),
        ("Note", "Chiuso per ferie dal 5 al 25 agosto", False),
        ("Note", "domenica:\nchiuso", False),
    ],
)
def test_a_row_that_says_it_is_closed_is_to_be_verified(column, text, is_doubted):
    row = {**ALPHA, "Note": "solo su appuntamento", "Verificato il": "01/11/2026", column: text}
    sheet = understood(row)
    (service,) = sheet.services
    assert (service.provenance.assured_date is None) == is_doubted
    assert not sheet.lacks_dates
    told = [remark.value for remark in sheet.remarks if "da verificare" in remark.message]
    assert told == ([text] if is_doubted else [])


def test_of_a_doubt_the_words_are_told_and_what_to_do():
    (remark,) = understood({**ALPHA, "Note": "forse chiuso", "Verificato il": "1/11/2026"}).remarks
    assert remark.message.startswith("Dice «forse chiuso»: se è chiuso togli la riga;")


def test_of_a_service_of_several_rows_each_may_take_the_date():
    dated = {**ALPHA, "Codice": "A1", "Verificato il": "01/11/2026", "Stato": ""}
    other = {**dated, "Indirizzo": "via Inventata 9", "Stato": "chiuso dal 2024"}
    for rows in ((dated, other), (other, dated)):
        sheet = understood(*rows)
        assert not sheet.refused
        (service,) = sheet.services
        assert len(service.locations) == len(rows)
        assert service.provenance.assured_date is None


@pytest.mark.parametrize(
    ("texts", "field", "words"),
    [
        ({"Per chi abita in": "Municipio 12"}, "catchment", "La città non ha questa zona"),
        ({"Nome": "Centro Municipio 2", "Per chi abita in": "Municipio 1"}, "catchment",
         "Il nome dice un altro municipio"),
        ({"Finanziato fino al": "2027"}, "funded_until", "Non è un giorno"),
    ],
)  # fmt: skip
def test_a_catchment_of_no_area_and_an_end_that_is_no_day_are_refused_in_italian(
    texts, field, words
):
    row = {**ALPHA, **texts}
    table = RawTable(list(row), [RawRow(2, row)])
    areas = {"municipio:1", "municipio:2"}
    (refused,) = understand(table, SOURCE, MILANO, lambda *_: True, areas).refused
    assert refused.field == field
    assert refused.message.startswith(words)
