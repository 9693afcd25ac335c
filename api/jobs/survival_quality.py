"""Measures how long records of services hold, as a section of the page of quality."""

from collections.abc import Sequence
from itertools import permutations

from api.jobs.markdown import decimal, markdown_table
from ingest.evaluation.survival_counts import Find, SurvivorCount, count_survivors, foretell
from mapping.city import City

SURVIVAL = """## Quanto durano i servizi

Di un elenco di anni fa, quanti servizi stanno ancora lì nell'elenco di oggi? Quelli allo stesso
civico, o con lo stesso codice (la partita IVA, il codice meccanografico) nella stessa via; un
codice che più servizi hanno in comune non prova niente. Cambiare nome non è chiudere, trasferirsi
sì. Con queste cifre si dice quanto è probabile che un servizio conosciuto sia ancora attivo; il
metodo è in [methods.md](methods.md).
"""
FORECAST = """### Alla prova: un registro predice l'altro

La quota di un registro, con un rischio uguale in ogni anno, predice quella dell'altro. Sbaglia:
le farmacie chiudono e si spostano più delle scuole statali, e una curva sola non vale per tutte.
Per questo la parola si sceglie sulla fascia intera, dal registro che va peggio a quello che va
meglio. L'intervallo è di nove volte su dieci, rifacendo il sorteggio degli enti. Il punteggio di
Brier è l'errore quadratico medio; quello di chi conoscesse già la quota osservata, e non altro, è
il più basso che si possa avere.
"""
OPEN = """### Che cosa nessuno ha misurato

Delle scuole non statali (comunali, paritarie, private), dei servizi comunali (nidi, consultori,
CAG, Case di Quartiere) e di quelli a progetto (sportelli QuBì, doposcuola, WeMi) non c'è nessun
elenco di ieri da ritrovare in uno di oggi: di loro si dice «non calibrato». Lo decidono le
telefonate: sessanta, estratte per parola e per famiglia. Finora non ne è stata fatta nessuna.
"""


def survival_section(place: City, find: Find) -> str:
    """Measure how many services outlive their list, as Markdown; empty without registers."""
    counts = [count_survivors(entry, find) for entry in place.survivors]
    if not counts:
        return ""
    counted = markdown_table(
        (
            "registri",
            "anni",
            "servizi",
            "stesso codice e via",
            "stesso civico",
            "ancora lì",
            "quota",
        ),
        [_counted(count) for count in counts],
    )
    return "\n".join([SURVIVAL, counted, FORECAST, _forecasts(counts), OPEN])


def _counted(count: SurvivorCount) -> tuple[str, ...]:
    numbers = len(count.surviving), count.by_code.sum(), count.by_civic.sum(), count.surviving.sum()
    return (
        count.name,
        decimal(count.years, 1),
        *(str(int(number)) for number in numbers),
        _percent(count.surviving.mean()),
    )


def _forecasts(counts: Sequence[SurvivorCount]) -> str:
    rows = []
    for known, other in permutations(counts, 2):
        forecast = foretell(known, other)
        rows.append(
            (
                known.name, other.name, _percent(forecast.expected), _percent(forecast.observed),
                f"{_percent(forecast.low)} - {_percent(forecast.high)}",
                _score(forecast.brier), _score(forecast.base_brier),
            )
        )  # fmt: skip
    head = ("da", "predice", "predetta", "osservata", "fra", "Brier", "di chi sa la quota")
    return markdown_table(head, rows)


def _percent(share: float) -> str:
    return f"{decimal(100 * share, 1)} %"


def _score(value: float) -> str:
    return decimal(value, 3)
