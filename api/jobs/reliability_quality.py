"""Measures whether the words hold, as a section of the page of quality."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from api.jobs.markdown import decimal, markdown_table, percent, whole
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.reliability import (
    FEW_SERVICES,
    OldRegister,
    Outcomes,
    Walks,
    band_in_use,
    band_of_others,
    brier,
    claims,
    constant_hazard,
    outcomes,
    place_records,
    walks_to,
)
from ingest.evaluation.survival_counts import Find, count_survivors
from mapping.arrays import Bools, Floats
from mapping.city import City
from mapping.coverage.confidence.sureness import (
    ALMOST,
    LIKELY,
    LIKELY_THERE,
    SURELY_THERE,
    sureness,
)
from mapping.coverage.confidence.survival import Band, RegisterPair, family_of
from mapping.coverage.study_area import StudyArea
from mapping.greyzones.zone_table import ASCERTAINED

BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
WORDS = ((SURELY_THERE, "quasi certo c'è", ALMOST), (LIKELY_THERE, "probabile", LIKELY))
FEW, IN_USE = "troppo pochi", "in uso"
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
SPOKEN = """### Le parole

«Solo allo stesso civico» è la prova più severa: chi ha tenuto il codice può essersi trasferito.
"""
UNTESTED = """«Probabile che manchi» e «quasi certo manca» qui non si provano: si dicono dove un
elenco completo non ha niente entro il cammino, e a deciderli è se l'elenco è davvero completo. Lo
dicono le telefonate.
"""


@dataclass(frozen=True, eq=False)
class RegisterTrial:
    """A register under test, and the pairs through which it and the other one go."""

    register: OldRegister
    walks: Sequence[Walks]
    outcomes: Outcomes
    strictly: Outcomes
    own: RegisterPair
    other: RegisterPair

    @property
    def bands(self) -> list[tuple[str, Callable[[Floats], Band]]]:
        """What the words may rest on."""
        in_use = band_in_use(self.walks[0].kind.code)
        return [("dall'altro", band_of_others(self.other)), (IN_USE, in_use)]


def reliability_section(place: City, surveyed: SurveyedCity, find: Find) -> str:
    """Measure whether words hold, as Markdown; empty without two registers."""
    trials = list(_trials(place, surveyed, find))
    if not trials:
        return ""
    study_area = surveyed.survey.study_area
    claimed_bands = [
        (trial, name, claims(trial.register, trial.walks, study_area, band))
        for trial in trials
        for name, band in trial.bands
    ]
    scores = _scores(trials, claimed_bands, study_area)
    parts = [RELIABILITY, _tried(trials), SCORES, scores, DIAGRAM]
    words = [row for trial, name, band in claimed_bands for row in _words(trial, name, band)]
    at_eighty = [_at_eighty(trial, band) for trial, name, band in claimed_bands if name == IN_USE]
    head = ("prova", "fascia", "parola", "vuol dire almeno", "persone", "tiene", "fra",
            "servizi effettivi", "esito")  # fmt: skip
    return "\n".join(
        [
            *parts,
            _diagram(claimed_bands),
            "".join(at_eighty),
            SPOKEN,
            markdown_table(head, words),
            _verdict(words),
            UNTESTED,
        ]
    )


def _trials(place: City, surveyed: SurveyedCity, find: Find) -> Iterator[RegisterTrial]:
    entries = [entry for entry in place.survivors if entry.categories]
    pairs = {
        pair.name: pair
        for entry in entries
        for code in entry.categories.values()
        if (family := family_of(code)) is not None
        for pair in family.registers
    }
    known = [entry for entry in entries if entry.name in pairs]
    for entry in known:
        others = [pairs[other.name] for other in known if other is not entry]
        if not others:
            continue
        count = count_survivors(entry, find)
        register = place_records(count, entry.categories, surveyed.inputs.gazetteer)
        study_area = surveyed.survey.study_area
        walks = walks_to(register, study_area)
        outcome, strictly = (
            outcomes(register, walks, study_area, stands)
            for stands in (register.stands, register.same_civic)
        )
        yield RegisterTrial(register, walks, outcome, strictly, pairs[entry.name], others[0])


def _tried(trials: Sequence[RegisterTrial]) -> str:
    rows = [
        (
            trial.register.name,
            str(len(trial.register.x)),
            str(trial.register.unplaced),
            whole(len(trial.outcomes.people)),
            whole(trial.outcomes.people.sum()),
            *_share(trial.outcomes),
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
        rows.append((trial.register.name, "da battere", _score(brier(base, outcome)), "", "", ""))
        for name, probability in forecasts.items():
            gain = (base - outcome.still_served) ** 2 - (probability - outcome.still_served) ** 2
            low, high = outcome.interval(gain)
            better = "non si sa" if low <= 0 <= high else "batte" if low > 0 else "non batte"
            score = brier(probability, outcome)
            rows.append(
                (
                    trial.register.name, name, _score(score), _score(brier(base, outcome) - score),
                    f"{_score(low)} - {_score(high)}", better,
                )
            )  # fmt: skip
    return markdown_table(("prova", "previsione", "Brier", "in meno", "fra", "esito"), rows)


def _diagram(claimed_bands: Sequence[tuple[RegisterTrial, str, Band]]) -> str:
    rows = []
    for trial, name, band in claimed_bands:
        for least, most in pairwise(BINS):
            last = most == BINS[-1]
            inside = (band.low >= least) & ((band.low < most) | last)
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
                        *_share(chosen),
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
            share = _share(chosen)
            holds = "tiene" if chosen.share_held >= limit else "non tiene"
            yield (
                trial.register.name + how, name, label, percent(limit),
                whole(chosen.people.sum()), *share, FEW if share[0] == FEW else holds,
            )  # fmt: skip


def _at_eighty(trial: RegisterTrial, band: Band) -> str:
    chosen = trial.outcomes.take((band.low >= ASCERTAINED) & (band.low < ALMOST))
    share, between, services = _share(chosen)
    with_interval = f"{share} (fra {between})" if between else share
    return (
        f"Detto all'{percent(ASCERTAINED)} e fino al {percent(ALMOST)}, {trial.register.name}:"
        f" tiene {with_interval}, su {services} servizi effettivi.\n"
    )


def _verdict(rows: Sequence[tuple[str, ...]]) -> str:
    broken = [f"«{row[2]}» ({row[0]}, {row[1]})" for row in rows if row[-1] == "non tiene"]
    if broken:
        return f"**Promettono più di quanto tengono**: {'; '.join(broken)}.\n"
    return "Nessuna parola, dove i servizi bastano per dirlo, promette più di quanto tiene.\n"


def _share(chosen: Outcomes) -> tuple[str, str, str]:
    services = chosen.effective_services
    if services < FEW_SERVICES:
        return FEW, "", f"{services:.0f}"
    low, high = chosen.held_interval
    return percent(chosen.share_held), f"{percent(low)} - {percent(high)}", f"{services:.0f}"


def _score(value: float) -> str:
    return decimal(value, 4)
