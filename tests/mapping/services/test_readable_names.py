"""Names of registers as families read them; the registers' own stay beside."""

import pytest

from mapping.services.readable_names import is_same_name, readable_name

ABBEY = "Antica Farmacia dell'Abbazia di Chiaravalle"


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
        ("STAZIONE CENTRALE FARMA ACQUISITION SRL", "Farmacia Stazione Centrale"),
        ("BENU RETAIL SRL - LARGO AUGUSTO", "Farmacia Benu largo Augusto"),
        ("DR.MAX ITALIA SRL - INSUBRIA", "Farmacia Dr.Max Insubria"),
        ("GLORIA SAS - FARMACIA FASOLIS", "Farmacia Fasolis"),
        ("GESTIONI SAN GIUSEPPE SRL", "Farmacia San Giuseppe"),
        ("COOP.FARM.S.AGNESE", "Farmacia Cooperativa S. Agnese"),
        ("UNGHERIA DI DE LUCA EREDI SDF", "Farmacia Ungheria"),
        ("ANTICA FARMACIA DELL'ABBAZIA DI CHIARAVALLE SNC", ABBEY),
        ("GENOVA SRL (EX MONTAGNA SNC)", "Farmacia Genova (ex Montagna)"),
        ("EREDI CATALUCCI snc", "Farmacia Eredi Catalucci"),
        (
            "Farmacia Giulio Cesare S.n.c. Dei Dr. Roberto, Gabriele E Francesca Marzani",
            "Farmacia Giulio Cesare",
        ),
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
        ("SCUOLA V.LE CORSICA94", "Scuola v.le Corsica 94"),
        ('"ARCHIMEDE"', "Archimede"),
        ("SCUOLA DELL'INFANZIA VIA T.MANN9", "Scuola dell'infanzia via T. Mann 9"),
        ('SCUOLA PRIMARIA PARITARIA"LA ZOLLA"', 'Scuola primaria paritaria "La Zolla"'),
    ],
)
def test_a_name_in_capitals_is_written_as_people_write(name: str, readable: str) -> None:
    assert readable_name(name, "scuola_infanzia", "Milano") == readable
    assert is_same_name(name, readable)


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("OSPEDALE S. GIUSEPPE - MILANO", "Ospedale S. Giuseppe"),
        ("IST.CLINICO S.SIRO SPA-MILANO", "Istituto Clinico S. Siro"),
        ("IRCCS S. RAFFAELE - MILANO", "IRCCS S. Raffaele"),
        ("ISTITUTO CLINICO CITTA' STUDI", "Istituto Clinico Città Studi"),
        ("OSPEDALE CA' GRANDA", "Ospedale Ca' Granda"),
        ("MILANO", "Milano"),
        ("Piscina Iseo Milanosport S.P.A.", "Piscina Iseo Milanosport"),
    ],
)
def test_the_city_and_the_form_of_a_company_are_left_out(name: str, readable: str) -> None:
    assert readable_name(name, "ospedale", "Milano") == readable


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ('SCUOLA ELEM.PAR."A.LIMONTA"', 'Scuola elementare paritaria "A. Limonta"'),
        ("SC.INTERN.EUROPEA A.SPINELLI-TO", "Scuola Intern. Europea A. Spinelli"),
        ("SCUOLA SECONDARIA DI 1° GR. DE AMICIS", "Scuola secondaria di 1° grado De Amicis"),
        ("UMBERTO I (CONVITTO NAZ.LE)", "Umberto I (Convitto Nazionale)"),
        ("Primaria - Quarenghi", "Scuola primaria Quarenghi"),
        ("Infanzia - S.Uguzzone", "Scuola dell'infanzia S. Uguzzone"),
        ("Secondari Primo Grado - Pisa", "Scuola secondaria di primo grado Pisa"),
    ],
)
def test_what_a_school_register_shortens_is_written_out(name: str, readable: str) -> None:
    assert readable_name(name, "scuola_primaria", "Torino") == readable


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("Impianto Sportivo Mojazza A.S.D.", "Impianto Sportivo Mojazza"),
        ("Impianto Sportivo Olimpia Eventi S.S.D. A R.L.", "Impianto Sportivo Olimpia Eventi"),
        ("Impianto Sportivo Valla Società Coop. Sportiva A R.L.", "Impianto Sportivo Valla"),
        ("Centro Ippico Centro Ippico Lombardo A.S.D.", "Centro Ippico Lombardo"),
        ("Palazzo Del Ghiaccio Agorà S.R.L.", "Palazzo del Ghiaccio Agorà"),
    ],
)
def test_a_sports_ground_is_called_without_the_form_of_its_club(name: str, readable: str) -> None:
    assert readable_name(name, "sport", "Milano") == readable


@pytest.mark.parametrize("name", ["Baroni85, hub giovani", "QuBì zona Gallaratese", "CAM Romana"])
def test_a_name_that_somebody_wrote_stays_as_it_is(name: str) -> None:
    assert readable_name(name, "cag", None) == name
    assert is_same_name(name, name)
