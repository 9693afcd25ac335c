"""Measures quality and writes it as a page for planners and GIS officers: `prossima quality`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from api.jobs.build import fetcher
from api.settings import Settings
from ingest.evaluation.geocoding_accuracy import (
    FIRST,
    FOLDS,
    NEAR_METRES,
    STREETS_TRIED,
    Blur,
    Registers,
    typed,
)
from ingest.evaluation.matching_accuracy import Truth, fitted, measured
from ingest.locate import anchors_of
from ingest.source import source
from mapping.city import City, city
from mapping.errors import BadInputError
from mapping.geocoding.gazetteer import Gazetteer
from mapping.text import plain

HEADER = """# Qualità misurata

Questa pagina è scritta da `prossima quality --mirror CARTELLA` a partire dai dati ufficiali, senza
ritocchi: con gli stessi dati dà le stesse cifre. `prossima quality --check --mirror CARTELLA` dice
se sono ancora vere.
"""
GEOCODING = """## Geocodifica

Quanto lontano dal vero cade un indirizzo? Lo si misura nascondendo al programma i luoghi di un
registro, cercandone gli indirizzi e confrontando con le coordinate pubblicate. Nessuna coordinata
del registro in prova, né dei suoi doppioni (per le farmacie l'elenco del 2017), è fra gli appoggi,
cioè fra gli indirizzi di cui il programma conosce il luogo. Gli edifici nominati del DBT (PE_UINS)
non portano numeri civici e non possono fare da appoggio. Anche le coordinate pubblicate sbagliano:
un errore di chilometri è spesso loro. Il metodo è in [methods.md](methods.md).
"""
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
SCHOOLS = ("scuole_2026", "scuole_2016")
HOSPITALS = "ospedali_lombardia"
PHARMACIES = "farmacie_2026"
OTHERS = ("fermate_superficie", "impianti_sportivi")
REGISTER = ("dbt_streets", "stradario")
PRECISIONS = {
    "civic": "civico noto",
    "interpolated": "civico interpolato",
    "street": "via, senza il civico",
}
CONFIDENCES = (0.0, 0.5, 0.7, 0.8, 0.9, 1.01)
SHORT = {"viale": "v.le", "piazza": "p.za", "corso": "c.so", "piazzale": "p.le", "via": "v."}
LETTERS = "abcdefghilmnopqrstuvz"


@dataclass(frozen=True, eq=False)
class Trial:
    """A register held out: its name, which anchors were known, and what was found."""

    register: str
    anchors: str
    placements: pd.DataFrame


def write_quality(settings: Settings, path: Path, *, check: bool) -> str:
    """Measure, and write the page; with `check`, compare it only, and say what came of it.

    Raises BadInputError when the page is not what would be written.
    """
    registers = Registers(city(settings.city), fetcher(settings, offline=True))
    truths = registers.truths(settings.pack / "quality") if settings.pack else []
    sections = [geocoding_section(registers), matching_section(registers.city, truths)]
    page = "\n".join([HEADER, *sections])
    if not check:
        path.write_text(page, encoding="utf-8")
        return f"{path} is written."
    if not path.is_file() or path.read_text(encoding="utf-8") != page:
        raise BadInputError(
            f"{path} is not what the sources give. Write it anew: leave --check out."
        )
    return f"{path} is what the sources give."


def geocoding_section(registers: Registers) -> str:
    """Measure how well addresses are found, as Markdown."""
    survey = registers.survey()
    schools, hospitals = registers.services(*SCHOOLS), registers.services(HOSPITALS)
    pharmacies, others = registers.services(PHARMACIES), registers.anchors(*OTHERS)
    few = anchors_of([*schools, *hospitals], registers.city)
    near_schools = [*anchors_of(schools, registers.city), *others]
    near_hospitals = [*anchors_of(hospitals, registers.city), *others]
    gazetteer = survey.gazetteer([*few, *others])
    trials = [
        Trial("Farmacie", "scuole, ospedali", survey.held_out(pharmacies, few)),
        Trial("Farmacie", "anche fermate e impianti", survey.compared(pharmacies, gazetteer)),
        Trial(
            f"Scuole, in {FOLDS} parti",
            "le altre scuole, ospedali, fermate, impianti",
            survey.folded(schools, near_hospitals),
        ),
        Trial("Ospedali", "scuole, fermate, impianti", survey.held_out(hospitals, near_schools)),
    ]
    parts = [GEOCODING, _results(trials), _by_precision(trials), _by_confidence(trials[1])]
    return "\n".join([*parts, _typing(gazetteer), _dates()])


def matching_section(place: City, truths: Sequence[Truth]) -> str:
    """Measure how well records of one service are matched, as Markdown."""
    outcomes = [measured(truth, epsg=place.epsg) for truth in truths]
    results = _table(
        ("registri", "coppie vere", "unite", "chieste", "precisione", "richiamo", "o chieste"),
        [
            (
                outcome.name, str(outcome.true_pairs), str(outcome.merged), str(outcome.queued),
                _share(outcome.merged, outcome.merged + outcome.merged_wrongly),
                _share(outcome.merged, outcome.true_pairs),
                _share(outcome.merged + outcome.queued, outcome.true_pairs),
            )
            for outcome in outcomes
        ],
    )  # fmt: skip
    hard = _table(
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
    bits = _table(
        ("campo", "livello", "bit"),
        [
            (name, level, f"{worth:+.1f}".replace(".", ","))
            for name, levels in fitted(truths, epsg=place.epsg).items()
            for level, worth in levels.items()
        ],
    )
    return "\n".join([MATCHING, results, HARD_CASES, hard, EVIDENCE, bits])


def _results(trials: Sequence[Trial]) -> str:
    head = ("registro", "appoggi", "indirizzi", "trovati", "entro 150 m, su tutti", *_ERRORS)
    rows = [
        (
            trial.register,
            trial.anchors,
            str(len(trial.placements)),
            _percent(trial.placements["metres"].notna()),
            _percent(trial.placements["metres"] <= NEAR_METRES),
            *_errors(trial.placements),
        )
        for trial in trials
    ]
    return _table(head, rows)


def _by_precision(trials: Sequence[Trial]) -> str:
    head = ("registro", "appoggi", "precisione", "indirizzi", *_ERRORS)
    rows = [
        (trial.register, trial.anchors, label, str(len(part)), *_errors(part))
        for trial in trials
        for code, label in PRECISIONS.items()
        if len(part := trial.placements[trial.placements["precision"] == code])
    ]
    return "### Per precisione\n\n" + _table(head, rows)


def _by_confidence(trial: Trial) -> str:
    text = """### La fiducia

Ogni risposta porta una fiducia fra 0 e 1: la probabilità che il luogo sia entro 150 m dal vero.
Ecco quante volte lo è stato.
"""
    placed = trial.placements[trial.placements["metres"].notna()]
    band = pd.cut(placed["confidence"], CONFIDENCES, right=False)
    rows = [
        (
            f"da {limits.left:.1f} a {min(limits.right, 1):.1f}".replace(".", ","),
            str(len(part)),
            _percent(part["metres"] <= NEAR_METRES),
        )
        for limits, part in placed.groupby(band, observed=True)
    ]
    title = f"{trial.register} ({trial.anchors})"
    return f"{text}\n{_table(('fiducia', f'indirizzi: {title.lower()}', 'entro 150 m'), rows)}"


def _typing(gazetteer: Gazetteer) -> str:
    text = f"""### La ricerca mentre si scrive

{STREETS_TRIED} vie tirate a sorte, scritte male in un modo alla volta: quante volte la via giusta
è la prima, o fra le prime {FIRST}, che sono proposte.
"""
    rows = []
    for spelling, blur in BLURS.items():
        tried, first, among = typed(gazetteer, blur)
        rows.append((spelling, str(tried), _share(first, tried), _share(among, tried)))
    return f"{text}\n{_table(('scritta', 'vie', 'prima', f'fra le prime {FIRST}'), rows)}"


def _dates() -> str:
    names = (PHARMACIES, *SCHOOLS, HOSPITALS, *OTHERS, *REGISTER)
    rows = [(entry.title, entry.publisher, str(entry.assured_date)) for entry in map(source, names)]
    return "### I dati\n\n" + _table(("registro", "di chi", "data"), rows)


_ERRORS = ("errore mediano, m", "90° percentile, m", "entro l'errore dichiarato")


def _errors(trials: pd.DataFrame) -> tuple[str, str, str]:
    trials = trials[trials["metres"].notna()]
    median, ninetieth = np.quantile(trials["metres"], (0.5, 0.9)) if len(trials) else (0.0, 0.0)
    share_within = _percent(trials["metres"] <= trials["error_metres"])
    return f"{median:.0f}", f"{ninetieth:.0f}", share_within


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _percent(flags: pd.Series) -> str:
    return _share(int(flags.sum()), len(flags))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%".replace(".", ",") if whole else "-"


def _typo(name: str, lot: np.random.Generator) -> str | None:
    # A letter of the longest word is lost, doubled, wrong, or changes place with the next.
    word = max(name.split(), key=len)
    at = int(lot.integers(1, len(word) - 1)) if len(word) > 3 else 0  # noqa: PLR2004 - shorter ones are all typo
    if not at:
        return None
    wrong = LETTERS[int(lot.integers(len(LETTERS)))]
    ways = (
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + wrong + word[at + 1 :],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return name.replace(word, ways[int(lot.integers(len(ways)))])


def _bare(name: str, _lot: np.random.Generator) -> str | None:
    bare = plain(name).replace("'", " ")
    return bare if bare != name.lower() else None


def _swapped(name: str, _lot: np.random.Generator) -> str | None:
    kind, *words = name.split()
    return " ".join([*reversed(words), kind]) if len(words) > 1 else None


def _shortened(name: str, _lot: np.random.Generator) -> str | None:
    kind, _, rest = name.partition(" ")
    return f"{SHORT[kind.lower()]} {rest}" if kind.lower() in SHORT else None


def _surname(name: str, _lot: np.random.Generator) -> str | None:
    kind, *words = name.split()
    return f"{kind} {words[-1]}" if len(words) > 1 and re.fullmatch(r"\w+", words[-1]) else None


def _begun(name: str, _lot: np.random.Generator) -> str | None:
    return name[: max(len(name) * 2 // 3, 8)]


BLURS: dict[str, Blur] = {
    "con una lettera sbagliata": _typo,
    "senza accenti e apostrofi": _bare,
    "con le parole in altro ordine": _swapped,
    "con il tipo abbreviato": _shortened,
    "con il solo cognome": _surname,
    "fino a due terzi": _begun,
}
