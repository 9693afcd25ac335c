"""Names of registers as families read them; the registers' own stay beside."""

import pytest

from mapping.services.readable_names import is_same_name, readable_name


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("SCALABRINI SRL SOCIETA' A SOCIO UNICO", "Farmacia Scalabrini"),
        ("SAN CAMILLO DEL DR.DARDANELLI GIOVANNI SNC", "Farmacia San Camillo"),
        ("AFFORI DEL DR. LUIGI WAIFER SPAGGIARI & C. SAS", "Farmacia Affori"),
        ("ANTICA FARMACIA DI BRERA SRL", "Antica Farmacia di Brera"),
        ("FARAM SNC DI ALBERO DUE SRL (EX SUZZANI)", "Farmacia Faram (ex Suzzani)"),
        ("EREDI DR. BRUNI CLAUDIO", "Farmacia Eredi Dr. Bruni Claudio"),
        ("A.F.M. N. 48", "Farmacia A.F.M. n. 48"),
        ("SAS", "Farmacia Sas"),
    ],
)
def test_a_pharmacy_is_called_as_its_sign_is(name: str, readable: str) -> None:
    assert readable_name(name, "farmacia", "Milano") == readable
    assert not is_same_name(name, readable)


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        (
            "SCUOLA DELL'INFANZIA COMUNALE VIA UCELLI DI NEMI48",
            "Scuola dell'infanzia comunale via Ucelli di Nemi 48",
        ),
        (
            "SCUOLA DELL'INFANZIA COMUNALE VIA XXII MARZO59",
            "Scuola dell'infanzia comunale via XXII Marzo 59",
        ),
        ("IL PIANETA DEL TESORO", "Il Pianeta del Tesoro"),
        ('SCUOLA DELL\'INFANZIA "ASILO AFFORI"', 'Scuola dell\'infanzia "Asilo Affori"'),
        ("SCUOLA SECONDARIA DI 1° GR. DE AMICIS", "Scuola secondaria di 1° gr. De Amicis"),
        ("SCUOLA V.LE CORSICA94", "Scuola v.le Corsica 94"),
    ],
)
def test_a_name_in_capitals_is_written_as_people_write(name: str, readable: str) -> None:
    assert readable_name(name, "scuola_infanzia", "Milano") == readable
    assert is_same_name(name, readable)


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("OSPEDALE S. GIUSEPPE - MILANO", "Ospedale S. Giuseppe"),
        ("IST.CLINICO S.SIRO SPA-MILANO", "Ist. Clinico S.Siro"),
        ("IRCCS S. RAFFAELE - MILANO", "IRCCS S. Raffaele"),
        ("ISTITUTO CLINICO CITTA' STUDI", "Istituto Clinico Città Studi"),
        ("OSPEDALE CA' GRANDA", "Ospedale Ca' Granda"),
        ("MILANO", "Milano"),
        ("Piscina Iseo Milanosport S.P.A.", "Piscina Iseo Milanosport"),
    ],
)
def test_the_city_and_the_form_of_a_company_are_left_out(name: str, readable: str) -> None:
    assert readable_name(name, "ospedale", "Milano") == readable


@pytest.mark.parametrize("name", ["Baroni85, hub giovani", "QuBì zona Gallaratese", "CAM Romana"])
def test_a_name_that_somebody_wrote_stays_as_it_is(name: str) -> None:
    assert readable_name(name, "cag", None) == name
    assert is_same_name(name, name)
