"""Measures how well records of one service are matched, as a section of the page of quality."""

from collections.abc import Sequence

from api.jobs.markdown import markdown_table, percent_of
from ingest.evaluation.matching_accuracy import Truth, fit_weights, measure_matching
from mapping.city import City

MATCHING = """## Abbinamento

Lo stesso servizio sta in più elenchi: quante volte il programma lo riconosce, e quante volte unisce
per errore due servizi diversi? Lo si misura su registri che portano un codice, che il programma non
guarda: la partita IVA delle farmacie, il codice meccanografico delle scuole. Le scuole che hanno
cambiato codice sono state riconosciute a occhio, una per una (`data/quality/schools.csv`). I pesi
sono contati su metà dei servizi etichettati, le cifre misurate sull'altra metà. Una coppia
«chiesta» sta in `prossima review list`, dove decide una persona. Il metodo è in
[methods.md](methods.md).
"""


HARD_CASES = """### I casi difficili

Due servizi alla stessa porta (tutte le coppie etichettate) non vanno uniti. Un servizio rinominato
o trasferito si chiede, non si unisce. Chi sta in un solo elenco ha chiuso, ha aperto dopo, o non è
statale e manca dagli elenchi nuovi: non deve trovare un compagno.
"""


EVIDENCE = """### I pesi

Quanti bit vale ogni livello di somiglianza, contati sulla metà per i pesi; in uso sono quelli di
`mapping/services/matching.toml`.
"""


def matching_section(place: City, truths: Sequence[Truth]) -> str:
    """Measure how well records of one service are matched, as Markdown."""
    outcomes = [measure_matching(truth, epsg=place.epsg) for truth in truths]
    results = markdown_table(
        ("registri", "coppie vere", "unite", "chieste", "precisione", "richiamo", "o chieste"),
        [
            (
                outcome.name, str(outcome.true_pairs), str(outcome.merged), str(outcome.queued),
                percent_of(outcome.merged, outcome.merged + outcome.merged_wrongly),
                percent_of(outcome.merged, outcome.true_pairs),
                percent_of(outcome.merged + outcome.queued, outcome.true_pairs),
            )
            for outcome in outcomes
        ],
    )  # fmt: skip
    hard = markdown_table(
        ("registri", "unite per errore", "chieste invano", "alla stessa porta", "unite fra queste",
         "in un solo elenco"),
        [
            (outcome.name, *(str(count) for count in (
                outcome.merged_wrongly, outcome.queued_needlessly, outcome.shared_doors,
                outcome.shared_merged, outcome.unpartnered,
            )))
            for outcome in outcomes
        ],
    )  # fmt: skip
    bits = markdown_table(
        ("campo", "livello", "bit"),
        [
            (name, level, f"{worth:+.1f}".replace(".", ","))
            for name, levels in fit_weights(truths, epsg=place.epsg).items()
            for level, worth in levels.items()
        ],
    )
    return "\n".join([MATCHING, results, HARD_CASES, hard, EVIDENCE, bits])
