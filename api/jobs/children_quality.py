"""Measures how well children are counted, as a section of the page of quality."""

import numpy as np

from api.jobs.markdown import markdown_table, percent, whole
from ingest.evaluation.children_accuracy import (
    FEW_MINORS,
    FIRST_ORIGIN,
    HORIZON,
    ORIGIN,
    Population,
    foretold,
    read_population,
    share_within,
    state_pupils,
    with_range,
    with_zone_range,
)
from ingest.fetching.fetch import Fetcher
from mapping.arrays import Floats
from mapping.city import City
from mapping.territory.cohorts import PROFILES, ages_of_minors

LAST = ORIGIN + HORIZON
CHILDREN = """## Bambini

Quanti bambini vivono in un NIL, anno per anno d'età? L'anagrafe dice i nati e i minori di ogni
anno (DS205); il resto sono traslochi, e a che età si trasloca nessuno lo conta. Il metodo
([methods.md](methods.md#people)) dà la cifra di mezzo, e la più bassa e la più alta fra cinque modi
di traslocare che rispettano i totali. Le sezioni si spartiscono i bambini del loro NIL.
"""
ENROLLED = """### Chi va a scuola

Gli iscritti delle scuole **statali** nel febbraio 2026, accanto ai bambini degli stessi anni di
nascita: gli altri vanno a scuole paritarie o fuori città, e c'è chi viene da fuori.
"""
FORETELLING = f"""### Alla prova: i minori dal {ORIGIN + 1} al {LAST}, nascosti

I minori dei NIL si conoscono fino al {ORIGIN}; dopo, solo i nati. Contano i NIL con almeno
{FEW_MINORS} minori. Da battere è tenere ferma la quota di ogni NIL. Se i minori dell'intera città
sono noti, i nati da soli non la battono; i nati **e** i residenti sì. I residenti comprendono i
minori: per un settimo la risposta è già nella domanda. La combinazione è stata scelta guardando
questi anni; anche partendo dal 2016, dal 2017 e dal 2018 batte la quota ferma.
"""
RANGE = f"""### Quante volte il vero sta fra minimo e massimo

L'intervallo della prova è quello in cui stava il 90% degli errori delle previsioni fatte dal
{FIRST_ORIGIN} al {ORIGIN - 1} su anni fino al {ORIGIN}: gli anni su cui si misura non li ha visti.
L'altro è quello di una zona grigia grande come il NIL (`demand_low`, `demand_high`), largo di
proposito: una sezione sbaglia molto più di un NIL. «Nove volte su dieci» si dice solo di zone così
e di 0-17 anni, l'età che la prova osserva.
"""
METHODS = {
    "held_shares": "quota del NIL ferma (da battere)",
    "cohorts": "nati e traslochi",
    "residents": "residenti",
    "cohorts_and_residents": "nati, traslochi e residenti",
}
PUPILS_OF = {
    "Istituto Istruzione Primario": ("primarie", range(5, 10)),
    "Istituto Istruzione Secondario Primo grado": ("secondarie di primo grado", range(10, 13)),
}
"""By type of school in 2025/26, its name and the ages that its pupils had at the end of 2024."""


def children_section(place: City, fetcher: Fetcher) -> str:
    """Measure how well children are counted, as Markdown."""
    population = read_population(place, fetcher)
    ages = ages_of_minors(population.register, population.structure)
    parts = [CHILDREN, _by_age(population, ages.sum(axis=1)), _sums(population, ages)]
    parts += [_enrolled(ages[0].sum(axis=0), state_pupils(place, fetcher))]
    return "\n".join([*parts, FORETELLING, _errors(population), RANGE, _ranges(population)])


def _by_age(population: Population, ages: Floats) -> str:
    """Lay the city's children by year of age beside the births of their year."""
    register = population.register
    born = dict(zip(register.years.tolist(), register.births.sum(axis=0), strict=True))
    last = int(register.years[-1])
    even = ages[PROFILES.index("even")]
    rows = [
        (
            str(age),
            str(last - age),
            whole(born[last - age]) if last - age in born else "",
            *(whole(count[age]) for count in (even, ages.min(axis=0), ages.max(axis=0))),
        )
        for age in range(ages.shape[1])
    ]
    head = (f"età a fine {last}", "anno", "nati in città", "bambini", "il meno", "il più")
    return markdown_table(head, rows)


def _sums(population: Population, ages: Floats) -> str:
    minors = population.register.minors[:, -1]
    off = np.abs(ages.sum(axis=2) - minors).max()
    cells = population.areas.cells
    in_sections = np.bincount(cells.nil, cells.bands.sum(axis=1), len(minors))
    lost = np.abs(in_sections - minors).max()
    under_three = ages[:, :, :3].sum(axis=(1, 2))
    middle, least, most = under_three[0], under_three.min(), under_three.max()
    born = population.register.births[:, -3:].sum()
    return (
        f"Somma dei NIL: {whole(ages[0].sum())} minori, come in anagrafe. Lo scarto più grande di"
        f" un NIL è {off:.0f}, della somma delle sue sezioni {lost:.0f}. Sotto i tre anni sono"
        f" {whole(middle)}, fra {whole(least)} e {whole(most)}; i nati degli ultimi tre anni"
        f" {whole(born)}.\n"
    )


def _enrolled(ages: Floats, pupils: dict[str, int]) -> str:
    rows = []
    for words, (name, years) in PUPILS_OF.items():
        children = ages[list(years)].sum()
        share = f"{100 * pupils[words] / children:.0f}%"
        rows.append((name, whole(pupils[words]), whole(children), share))
    return f"{ENROLLED}\n{markdown_table(('scuole statali', 'iscritti', 'bambini', 'quota'), rows)}"


def _errors(population: Population) -> str:
    rows = []
    for method, name in METHODS.items():
        for known, words in ((True, "sì"), (False, "no")):
            foretold_rows = foretold(population, method, city_known=known)
            last = foretold_rows[foretold_rows["year"] == LAST]
            errors = [
                percent(quantile)
                for part in (last, foretold_rows)
                for quantile in part["error"].quantile([0.5, 0.9])
            ]
            rows.append((name, words, str(len(last)), *errors))
    head = (
        "metodo",
        "città nota",
        "NIL",
        f"{LAST}: errore mediano",
        f"{LAST}: 90° percentile",
        f"{ORIGIN + 1}-{LAST}: mediano",
        f"{ORIGIN + 1}-{LAST}: 90° percentile",
    )
    return markdown_table(head, rows)


def _ranges(population: Population) -> str:
    method = "cohorts_and_residents"
    tried = {
        "della prova": with_range(population, method),
        "di una zona grande come il NIL": with_zone_range(population, method),
    }
    years = range(ORIGIN + 1, LAST + 1)
    rows = [
        (
            name,
            *(
                percent(share_within(foretold_rows[foretold_rows["year"] == year]))
                for year in years
            ),
            percent(share_within(foretold_rows)),
        )
        for name, foretold_rows in tried.items()
    ]
    return markdown_table(("intervallo", *map(str, years), "in tutto"), rows)
