"""Measures whether the words hold, as a section of the page of quality."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from api.jobs.markdown import markdown_table, percent, whole
from api.jobs.register_trials import (
    FEW,
    IN_USE,
    RegisterTrial,
    held_share,
    score_cells,
    score_text,
)
from ingest.evaluation.reliability import FEW_SERVICES, brier, claims, constant_hazard
from mapping.arrays import Bools
from mapping.coverage.confidence.sureness import (
    ALMOST,
    LIKELY,
    LIKELY_THERE,
    SURELY_THERE,
    sureness,
)
from mapping.coverage.confidence.survival import Band
from mapping.coverage.study_area import StudyArea
from mapping.greyzones.ranking import ASCERTAINED

BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
WORDS = ((SURELY_THERE, "quasi certo c'è", ALMOST), (LIKELY_THERE, "probabile", LIKELY))
RELIABILITY = f"""## Le parole alla prova

Si fa finta di avere in mano l'elenco di allora, e che oggi sia il giorno dell'elenco nuovo. Ogni
sezione che aveva un servizio entro il cammino della sua categoria (lungo le strade, un adulto)
riceve dal programma la probabilità che uno di quelli serva ancora alla maggior parte dei suoi
abitanti, con lo stesso calcolo che si pubblica; l'elenco nuovo dice se ce n'è ancora uno, con lo
stesso codice o allo stesso civico. I servizi di allora stanno dove dice il loro indirizzo: i
punti pubblicati con le farmacie del 2017 non servono. Le sezioni pesano per gli abitanti, o per i
bambini dell'età.

Cento sezioni attorno a una farmacia sono una prova sola. Perciò gli intervalli, di nove volte su
dieci, rifanno il sorteggio degli enti con tutti i loro servizi, non delle sezioni; e i servizi
sono «effettivi»: quanti, se pesassero tutti uguale, direbbero altrettanto (Kish). Sotto
{FEW_SERVICES} c'è scritto «{FEW}», e la quota non si dice.
"""
SCORES = """### Il punteggio di Brier

L'errore quadratico medio delle probabilità: meno è meglio. La fascia ha due estremi, e ognuno è
una previsione; «un solo rischio» è la quota dell'altro registro, con un rischio uguale in ogni
anno. Da battere è chi per ogni sezione ripete la quota delle sezioni dell'altro registro: «in
meno» è di quanto il punteggio è migliore del suo, «fra» nove volte su dieci. Dove l'intervallo
comprende lo zero, non si sa chi dei due sia meglio.
"""
DIAGRAM = """### Quanto è detto, quanto tiene

Le sezioni per probabilità detta (l'estremo basso della fascia, quello che sceglie la parola).
«Dall'altro» è la fascia che si avrebbe dal solo altro registro, che questo non l'ha mai visto;
«in uso» è quella che il programma usa, e questo registro ha contribuito a farla.
"""
IN_SAMPLE = "nel campione"
SPOKEN = f"""### Le parole

«{IN_SAMPLE}»: la fascia in uso ha visto questo registro, e non è una prova.
«Solo allo stesso civico» è la prova più severa: chi ha tenuto il codice può essersi trasferito.
"""


def reliability_section(trials: Sequence[RegisterTrial], study_area: StudyArea) -> str:
    """Measure whether words hold, as Markdown; empty without two registers."""
    if not trials:
        return ""
    claimed_bands = [
        (trial, name, claims(trial.register, trial.walks, study_area, band))
        for trial in trials
        for name, band in trial.bands
    ]
    scores = _scores(trials, claimed_bands, study_area)
    parts = [RELIABILITY, _tried(trials), SCORES, scores, DIAGRAM]
    words = [row for trial, name, band in claimed_bands for row in _words(trial, name, band)]
    at_eighty = [_at_eighty(*claimed) for claimed in claimed_bands]
    head = ("prova", "fascia", "parola", "vuol dire almeno", "persone", "tiene", "fra",
            "servizi effettivi", "esito")  # fmt: skip
    return "\n".join(
        [
            *parts,
            _diagram(claimed_bands),
            "".join(at_eighty),
            SPOKEN,
            markdown_table(head, words),
            _verdict(words, _broken_bins(claimed_bands), _surest(claimed_bands)),
        ]
    )


def _tried(trials: Sequence[RegisterTrial]) -> str:
    rows = [
        (
            trial.register.name,
            str(len(trial.register.x)),
            str(trial.register.unplaced),
            whole(len(trial.outcomes.people)),
            whole(trial.outcomes.people.sum()),
            *held_share(trial.outcomes),
        )
        for trial in trials
    ]
    head = ("prova", "servizi", "indirizzo non trovato", "sezioni", "persone", "tiene", "fra",
            "servizi effettivi")  # fmt: skip
    return markdown_table(head, rows)


def _scores(
    trials: Sequence[RegisterTrial],
    claimed_bands: Sequence[tuple[RegisterTrial, str, Band]],
    study_area: StudyArea,
) -> str:
    rows = []
    for trial in trials:
        outcome = trial.outcomes
        (other,) = (each.outcomes.share_held for each in trials if each.own is trial.other)
        hazard = claims(trial.register, trial.walks, study_area, constant_hazard(trial.other))
        own = [(name, band) for of, name, band in claimed_bands if of is trial]
        forecasts = {
            f"{name}, {end}": values
            for name, band in (*own, ("un solo rischio", hazard))
            for end, values in zip(("estremo basso", "estremo alto"), band, strict=True)
        }
        base = np.full(len(outcome.people), other)
        beaten = score_text(brier(base, outcome))
        rows.append((trial.register.name, "da battere", beaten, "", "", ""))
        for name, probability in forecasts.items():
            rows.append((trial.register.name, name, *score_cells(probability, base, outcome)))
    return markdown_table(("prova", "previsione", "Brier", "in meno", "fra", "esito"), rows)


def _diagram(claimed_bands: Sequence[tuple[RegisterTrial, str, Band]]) -> str:
    rows = []
    for trial, name, band in claimed_bands:
        for least, most in pairwise(BINS):
            inside = _inside(band, least, most)
            if inside.any():
                chosen = trial.outcomes.take(inside)
                averages = [percent(np.average(end[inside], weights=chosen.people)) for end in band]
                rows.append(
                    (
                        trial.register.name,
                        name,
                        f"{100 * least:.0f}-{100 * most:.0f}%",
                        *averages,
                        whole(chosen.people.sum()),
                        *held_share(chosen),
                    )
                )
    head = ("prova", "fascia", "detta", "in media, almeno", "al più", "persone", "tiene", "fra",
            "servizi effettivi")  # fmt: skip
    return markdown_table(head, rows)


def _words(trial: RegisterTrial, name: str, band: Band) -> Iterator[tuple[str, ...]]:
    word = sureness(band.low, band.high, np.zeros(len(band.low), bool))
    for code, label, limit in WORDS:
        inside: Bools = word == code
        for outcome, how in ((trial.outcomes, ""), (trial.strictly, ", solo allo stesso civico")):
            chosen = outcome.take(inside)
            share = held_share(chosen)
            tested = "tiene" if chosen.share_held >= limit else "non tiene"
            holds = IN_SAMPLE if name == IN_USE else tested
            yield (
                trial.register.name + how, name, label, percent(limit),
                whole(chosen.people.sum()), *share, FEW if share[0] == FEW else holds,
            )  # fmt: skip


def _at_eighty(trial: RegisterTrial, name: str, band: Band) -> str:
    """Say what came of claims at 80%; a band that has seen the register is no trial of it."""
    chosen = trial.outcomes.take((band.low >= ASCERTAINED) & (band.low < ALMOST))
    share, between, services = held_share(chosen)
    outcome = f"tiene {share} (fra {between})" if between else share
    seen = f" ({IN_SAMPLE}, non è una prova)" if name == IN_USE else ""
    return (
        f"Detto all'{percent(ASCERTAINED)} e fino al {percent(ALMOST)}, {trial.register.name},"
        f" fascia «{name}»{seen}: {outcome}, su {services} servizi effettivi.\n"
    )


def _broken_bins(claimed_bands: Sequence[tuple[RegisterTrial, str, Band]]) -> list[str]:
    """Name the bins, of bands that never saw the register, that hold less often than they say."""
    bins = []
    for trial, name, band in claimed_bands:
        for least, most in pairwise(BINS):
            chosen = trial.outcomes.take(_inside(band, least, most))
            if name == IN_USE or chosen.effective_services < FEW_SERVICES:
                continue
            if chosen.held_interval[1] < least:
                share, between, services = held_share(chosen)
                bin_range = f"{100 * least:.0f}-{100 * most:.0f}%"
                bins.append(
                    f"{trial.register.name}, detta al {bin_range}: tiene {share} ({between}), su"
                    f" {services} servizi effettivi"
                )
    return bins


def _surest(claimed_bands: Sequence[tuple[RegisterTrial, str, Band]]) -> list[str]:
    """Count whom the strongest word is said of, and how many of them are in the surest bin."""
    least, most = BINS[-2:]
    return [
        f"{trial.register.name}, {whole(_people(trial, band, least, most))} persone su"
        f" {whole(_people(trial, band, ALMOST, most))}"
        for trial, name, band in claimed_bands
        if name != IN_USE
    ]


def _people(trial: RegisterTrial, band: Band, least: float, most: float) -> float:
    return float(trial.outcomes.take(_inside(band, least, most)).people.sum())


def _inside(band: Band, least: float, most: float) -> Bools:
    flags: Bools = (band.low >= least) & ((band.low < most) | (most == BINS[-1]))
    return flags


def _verdict(rows: Sequence[tuple[str, ...]], bins: Sequence[str], surest: Sequence[str]) -> str:
    words = _of_words(rows, surest)
    if not bins:
        return words
    return words + f"\n**Una fascia promette più di quanto tiene**: {'; '.join(bins)}.\n"


def _of_words(rows: Sequence[tuple[str, ...]], surest: Sequence[str]) -> str:
    broken = [f"«{row[2]}» ({row[0]}, {row[1]})" for row in rows if row[-1] == "non tiene"]
    if broken:
        return f"**Promettono più di quanto tengono**: {'; '.join(broken)}.\n"
    return (
        "Nessuna parola, dove i servizi bastano per dirlo, promette più di quanto tiene,"
        " nell'insieme. Nell'insieme pesa soprattutto chi sta nella fascia più sicura,"
        f" {100 * BINS[-2]:.0f}-{100 * BINS[-1]:.0f}%: di chi si sente dire «{WORDS[0][1]}» sono"
        f" {'; '.join(surest)}. Delle fasce sotto non lo dice.\n"
    )
