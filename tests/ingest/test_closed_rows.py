"""What rows say of themselves: closed or moved, perhaps, or nothing of the kind."""

import pytest

from ingest.sheets.closed_rows import Cell, closing_words, verdict

CLOSED = """
CHIUSO
Chiuso dal 2024
ha chiuso
ha chiuso nel 2024
il centro è chiuso
Il nostro centro è purtroppo chiuso
sportello chiuso dal 2024
chiuso dal 01/09/2025
chiuso dal 1/9/25
chiuso dal 1 settembre 2025
chiuso dal 2025-09-01
chiuso il 30/6/2025
chiuso da giugno
chiuso da giugno 2025
chiuso 2024
chiuso da due anni
*** chiuso ***
sospeso
Servizio sospeso
sospeso il servizio
non operativo
non più attivo
non attivo
inattivo
fuori servizio
chiusura definitiva
Chiuso definitivamente
definitivamente chiuso
chiuso fino a nuovo avviso
chiuso a tempo indeterminato
attualmente chiuso
Attenzione: chiuso
Stato: chiuso
chiuso per lavori
chiuso per mancanza di fondi
spostato in via Oglio 18
spostato in …
trasferito in via Monza 3
Si è trasferito in via Prova 5
Sede trasferita in piazza Prova 2
ha cambiato sede
non più in via Padova 61
trasferito
traslocato altrove
disattivato
demolito
edificio demolito
cessata attività
ha cessato l'attività
lun-ven 9-18 (chiuso dal 2024)
lun-ven 9-18. CHIUSO
solo su appuntamento; chiuso dal 2024
riaperto nel 2023, chiuso dal 2024
chiuso e mai riaperto
non esiste più
CHIUSO dall'anno 2023/24
CHIUSO (2021)
CHIUSO - ora in via Prova 3
chiuso, riapre a settembre
chiuso x lavori
chiuso<br/>
CHIUSO: trasferito a viale Prova 81
Promosso dal quartiere, attualmente chiuso
Permanently closed
""".strip().splitlines()

NOTHING = """
domenica: chiuso
sab e dom: chiuso
sab. e dom.: chiuso
domenica, chiuso
Agosto: chiuso
chiuso ad agosto
Chiuso il lunedì
chiuso: sabato e domenica
chiuso (lunedì)
Chiuso per ferie dal 5 al 25 agosto
chiuso dal 1 al 31 agosto
chiuso dal 24/12 al 6/1
chiuso dal 24/12/2026 al 6/1/2027
chiuso per Natale
chiuso per pausa pranzo
chiuso dalle 12 alle 14
chiuso il 25 dicembre
chiuso ad agosto; nei festivi chiuso
lun-ven 9-12; chiuso ad agosto
lun-ven 9-13, sabato chiuso
chiude alle 18
orario di chiusura: 18:00
giorno di chiusura: lunedì
chiusura estiva
chiuso nel 2023, riaperto nel 2025
riaperto dopo la chiusura del 2024
cortile interno, chiuso
Spazio (chiuso)
spazio chiuso (recintato)
giardino chiuso
scuola con cortile chiuso
Cancello: chiuso (citofonare)
Iscrizioni: chiuse
iscrizioni chiuse dal 2025
chiuse le iscrizioni
sospese le iscrizioni
Pre-scuola: non attivo
Trasferito qui da via Padova 10
Nuova sede accessibile
per famiglie trasferite da poco a Milano
unità mobile: si sposta nei quartieri
ex scuola dismessa
fermata 73 soppressa
ISEE non più attivo
numero non più attivo
assistenza dopo la cessazione dell'allattamento
attività al chiuso
corso a numero chiuso
caffè sospeso
non chiude ad agosto
non è chiuso
quando la scuola è chiusa
sempre aperto
spostato al martedì
gruppo chiuso
via della Chiusa 5
Loc. Chiuso
viale Le Chiuse 40
Non disponibile
non presente
Nessuna chiusura
scrivi a chiuso@esempio.org
attivo (trasferito qui da largo Prova 1)
giardini chiusi da due anni
tel. disattivato
orario: 9-18. Chiuso: 13-14
chiuso S. Ambrogio
chiuso 24/12-06/01
chiuso quando la scuola non c'è
non c'è più posto
spazio protetto e chiuso
chiuso x ferie
vicino all'ex ospedale dismesso
<b>domenica</b><br>chiuso
""".strip().splitlines()

DOUBT = """
CHIUSO?
progetto concluso nel 2023
confluito in un altro servizio
9-13 / chiuso / 15-18
trasferito al secondo piano
chiuso ad agosto 2025
chiuso fino a settembre
forse chiuso
non si sa se è chiuso
mensa chiusa dal 2024
lun-ven 9-18, chiuso
Laboratorio Blu: chiuso
chiuso al pubblico
la scuola materna è chiusa
chiude il 30/6/2026
nuova sede in via Prova 5
""".strip().splitlines()


@pytest.mark.parametrize("text", CLOSED)
def test_plain_words_close_a_service(text):
    assert verdict(Cell("Note", text)) == "closed"


@pytest.mark.parametrize("text", NOTHING)
def test_a_time_a_part_or_another_thing_closes_nothing(text):
    assert verdict(Cell("Note", text)) is None


@pytest.mark.parametrize("text", DOUBT)
def test_words_that_are_neither_plain_are_a_doubt(text):
    assert verdict(Cell("Note", text)) == "doubt"


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        ("Consultorio Sette CHIUSO", "name", "closed"),
        ("Spazio Mamme (CHIUSO)", "name", "closed"),
        ("Doposcuola Uno - chiuso dal 2024", "name", "closed"),
        ("Sportello famiglie trasferito in via Prova 5", "name", "closed"),
        ("Sport al chiuso", "name", None),
        ("Scuola di via della Chiusa", "name", None),
        ("via Padova 61 (CHIUSO)", "address", "closed"),
        ("ex via Padova 61", "address", "closed"),
        ("non più in via Padova 61", "address", "closed"),
        ("via Chiusa 3", "address", None),
        ("via Padova 61, ex via Prova 3", "address", None),
        ("corso Prova 5 (cortile chiuso)", "address", None),
    ],
)
def test_names_and_addresses_are_read_too(text, kind, said):
    assert verdict(Cell("", text, kind)) == said


@pytest.mark.parametrize(
    ("heading", "text", "said"),
    [
        ("Stato", "non attivo", "closed"),
        ("Stato", "attivo", None),
        ("FAX_SEDE", "non attivo", None),
        ("Chiuso", "sì", "closed"),
        ("Chiuso", "no", None),
        ("Chiuso dal", "2024", "closed"),
        ("Ancora attivo", "no", "closed"),
        ("Attivo", "sì", None),
        ("Sabato", "chiuso", None),
        ("Agosto", "chiuso", None),
        ("Cortile", "chiuso", None),
        ("Iscrizioni", "chiuse", None),
        ("Giorno di chiusura", "lunedì", None),
        ("Periodo di chiusura", "Dal 8 al 23 agosto", None),
    ],
)
def test_the_heading_of_a_column_that_is_not_read_is_a_part_of_what_it_says(heading, text, said):
    assert verdict(Cell(heading, text, "unread")) == said


def test_the_plainest_cell_is_told():
    cells = [Cell("Note", "CHIUSO?"), Cell("Orario", "chiuso dal 2024"), Cell("Nome", "Alfa")]
    assert closing_words(cells) == (cells[1], "closed")
    assert closing_words([Cell("Note", "lun chiuso")]) is None
