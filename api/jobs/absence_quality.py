"""Measures whether the words of absence hold, as a section of the page of quality."""

from collections.abc import Iterator, Sequence

import numpy as np

from api.jobs.markdown import markdown_table, percent, whole
from api.jobs.register_trials import FEW, WORSE, RegisterTrial, held_share, score_cells, score_text
from api.jobs.surveyed_city import SurveyedCity
from ingest.evaluation.absence import Absences, absences, place_newer
from ingest.evaluation.reliability import FEW_SERVICES, brier
from ingest.evaluation.survival_counts import Find
from mapping.coverage.confidence.sureness import (
    ALMOST,
    LIKELY,
    LIKELY_MISSING,
    sureness,
)
from mapping.greyzones.ranking import ASCERTAINED

WORDS = ((LIKELY_MISSING, "probabile che manchi", LIKELY),)
UNPROVEN = "quasi certo manca, che non si dice"
ABSENCE = f"""### Le parole dell'assenza

Dove l'elenco di allora non aveva niente entro il cammino, quel giorno si sarebbe detto che manca:
l'elenco nuovo dice se c'è qualcosa oggi. Fuori restano le sezioni da cui si arriva al confine, e
quelle a cui l'errore di una posizione darebbe un servizio. Si prova la parola, e l'assenza detta
almeno all'{percent(ASCERTAINED)}, da cui una zona può essere «lontana accertata». La prova è più
severa dell'uso: passano quasi nove anni, e un elenco si dice completo per due; e dove stava un
servizio di allora di cui non si trova l'indirizzo, l'assenza poteva essere falsa già quel giorno.
A decidere di una sezione è il servizio di oggi che le è più vicino: gli intervalli rifanno il
sorteggio di questi, con i loro enti, e sotto {FEW_SERVICES} servizi effettivi la quota non si dice.
"""
SCORED = """Finché nessuna prova conferma «quasi certo manca», la parola più forte è «probabile che
manchi»: le due sono provate qui sopra, e si pubblica solo la seconda. Una «lontana accertata» è
certa della distanza da ogni servizio conosciuto, non che non ne sia nato un altro.

La probabilità che manchi, e da battere la quota dell'altro registro: il punteggio di
Brier, e di quanto è migliore.
"""


def absence_section(trials: Sequence[RegisterTrial], surveyed: SurveyedCity, find: Find) -> str:
    """Measure whether words of absence hold, as Markdown; empty without two registers."""
    if not trials:
        return ""
    tried = {trial.register.name: _tried(trial, surveyed, find) for trial in trials}
    rows = [
        row for name, register_absences in tried.items() for row in _words(name, register_absences)
    ]
    head = ("prova", "assenza detta", "vuol dire almeno", "sezioni", "persone", "tiene", "fra",
            "servizi effettivi", "esito")  # fmt: skip
    scores = list(_scores(tried))
    score_head = ("prova", "Brier", "da battere", "in meno", "fra", "esito")
    return "\n".join(
        [
            ABSENCE,
            markdown_table(head, rows),
            SCORED,
            markdown_table(score_head, scores),
            _verdict(rows, scores),
        ]
    )


def _tried(trial: RegisterTrial, surveyed: SurveyedCity, find: Find) -> Absences:
    new = place_newer(trial.entry, find, surveyed.inputs.gazetteer)
    return absences(trial.register, trial.walks, new, surveyed.survey.study_area)


def _words(name: str, register_absences: Absences) -> Iterator[tuple[str, ...]]:
    nothing = np.zeros(len(register_absences.high))
    word = sureness(nothing, register_absences.high, np.ones(len(register_absences.high), bool))
    claims = [(label, limit, word == code) for code, label, limit in WORDS]
    claims.append((UNPROVEN, ALMOST, 1 - register_absences.high >= ALMOST))
    claims.append(
        ("da «lontana accertata»", ASCERTAINED, 1 - register_absences.high >= ASCERTAINED)
    )
    for label, limit, inside in claims:
        chosen = register_absences.outcomes.take(inside)
        share = held_share(chosen)
        holds = "tiene" if chosen.share_held >= limit else "non tiene"
        yield (
            name, label, percent(limit), whole(int(inside.sum())), whole(chosen.people.sum()),
            *share, FEW if share[0] == FEW else holds,
        )  # fmt: skip


def _scores(tried: dict[str, Absences]) -> Iterator[tuple[str, ...]]:
    for name, register_absences in tried.items():
        of = register_absences.outcomes
        (other,) = (each.outcomes.share_held for key, each in tried.items() if key != name)
        base, forecast = np.full(len(of.people), other), 1 - register_absences.high
        score, less, between, better = score_cells(forecast, base, of)
        # That few services decide is no excuse for losing to the base rate.
        is_silent = of.effective_services < FEW_SERVICES and better != WORSE
        outcome = FEW if is_silent else better
        yield name, score, score_text(brier(base, of)), less, between, outcome


def _verdict(rows: Sequence[tuple[str, ...]], scores: Sequence[tuple[str, ...]]) -> str:
    worse = [
        f"{name}: Brier {score}, e {beaten} ripetendo la quota dell'altro registro ({between})"
        for name, score, beaten, _, between, outcome in scores
        if outcome == WORSE
    ]
    text = f"**Peggio della quota**: {'; '.join(worse)}.\n\n" if worse else ""
    return text + _of_words(rows)


def _of_words(rows: Sequence[tuple[str, ...]]) -> str:
    broken = [f"«{row[1]}» ({row[0]})" for row in rows if row[-1] == "non tiene"]
    if broken:
        return f"**Promettono più di quanto tengono**: {'; '.join(broken)}.\n"
    if all(row[-1] == FEW for row in rows):
        return (
            "I servizi che decidono sono troppo pochi perché queste prove confermino o smentiscano"
            " le parole dell'assenza: restano non provate, e lo diranno le telefonate.\n"
        )
    return "Nessuna parola dell'assenza, dove i servizi bastano, promette più di quanto tiene.\n"
