"""Measures how well addresses are found, as a section of the page of quality."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from api.jobs.markdown import markdown_table, percent_of, percent_true
from ingest.evaluation.geocoding_accuracy import FOLDS, NEAR_METRES, Registers
from ingest.locate import anchors_of
from ingest.source import source

GEOCODING = """## Geocodifica

Quanto lontano dal vero cade un indirizzo? Con il registro dei numeri civici (DS634) ogni civico ha
il suo punto. I punti delle farmacie vengono da quello stesso registro: la loro riga prova le
parole, non il vero. Scuole e ospedali hanno punti propri, che sono il lato debole del confronto:
contano quelli di cui il registro ha il civico.
"""
GUESSED = """### Senza il registro dei civici

Così è dove nessuno pubblica i civici con le coordinate. Lo si misura nascondendo al programma i
luoghi di un registro, cercandone gli indirizzi e confrontando con le coordinate pubblicate.
Nessuna coordinata del registro in prova, né dei suoi doppioni (per le farmacie l'elenco del 2017),
è fra gli appoggi, cioè fra gli indirizzi di cui il programma conosce il luogo. Gli edifici nominati
del DBT (PE_UINS) non portano numeri civici e non possono fare da appoggio. Anche le coordinate
pubblicate sbagliano: un errore di chilometri è spesso loro. [Il metodo](methods.md).
"""
SCHOOLS = ("scuole_2026", "scuole_2016")
HOSPITALS = "ospedali_lombardia"
PHARMACIES = "farmacie_2026"
OTHERS = ("fermate_superficie", "impianti_sportivi")
REGISTER = ("dbt_streets", "stradario")
DOORS, NAMES = ("civici_ds634",), "vie_ds634"
DOOR_METRES = (50, 150)
PRECISIONS = {
    "civic": "civico noto",
    "interpolated": "civico interpolato",
    "street": "via, senza il civico",
}
CONFIDENCES = (0.0, 0.5, 0.8, 0.9, 1.0, 1.01)
_ERRORS = ("errore mediano, m", "90° percentile, m", "entro l'errore dichiarato")


@dataclass(frozen=True, eq=False)
class Trial:
    """A register held out: its name, which anchors were known, and what was found."""

    register: str
    anchors: str
    placements: pd.DataFrame


def geocoding_section(registers: Registers) -> str:
    """Measure how well addresses are found, as Markdown."""
    survey = registers.survey(*REGISTER[1:])
    schools, hospitals = registers.services(*SCHOOLS), registers.services(HOSPITALS)
    pharmacies, others = registers.services(PHARMACIES), registers.anchors(*OTHERS)
    few = anchors_of([*schools, *hospitals], registers.city)
    near_schools = [*anchors_of(schools, registers.city), *others]
    near_hospitals = [*anchors_of(hospitals, registers.city), *others]
    gazetteer = survey.gazetteer([*few, *others])
    trials = [
        Trial("Farmacie", "scuole, ospedali", survey.hold_out(pharmacies, few)),
        Trial("Farmacie", "anche fermate e impianti", survey.compare(pharmacies, gazetteer)),
        Trial(
            f"Scuole, in {FOLDS} parti",
            "le altre scuole, ospedali, fermate, impianti",
            survey.cross_validate(schools, near_hospitals),
        ),
        Trial("Ospedali", "scuole, fermate, impianti", survey.hold_out(hospitals, near_schools)),
    ]
    doors = registers.survey(*DOORS, *REGISTER[1:], names=NAMES).gazetteer([])
    known = [
        (name, survey.compare(services, doors))
        for name, services in (
            ("Farmacie", pharmacies), ("Scuole", schools), ("Ospedali", hospitals),
        )
    ]  # fmt: skip
    parts = [GEOCODING, _at_doors(known), _misses(known), GUESSED, _results(trials)]
    parts += [_by_precision(trials), _by_confidence(trials[1])]
    return "\n".join([*parts, _dates()])


def _at_doors(known: Sequence[tuple[str, pd.DataFrame]]) -> str:
    head = ("registro", "indirizzi", "con il civico", *(f"entro {n} m" for n in DOOR_METRES))
    rows = []
    for name, placements in known:
        numbered = placements[placements["precision"] == "civic"]
        share = percent_of(len(numbered), len(placements))
        rows.append((name, str(len(placements)), share, *_near_doors(numbered)))
        if name == "Farmacie":
            whole = f"{name}, anche senza il civico"
            rows.append((whole, str(len(placements)), "", *_near_doors(placements)))
    return markdown_table(head, rows)


def _near_doors(placements: pd.DataFrame) -> list[str]:
    return [percent_true(placements["metres"] <= limit) for limit in DOOR_METRES]


def _misses(known: Sequence[tuple[str, pd.DataFrame]]) -> str:
    """List what is found farther than `NEAR_METRES` from the published point, and who may err."""
    text = f"""### Lontani più di {NEAR_METRES:.0f} m

Dove il civico scritto c'è, sbaglia il punto pubblicato, o si intendeva un'altra via dello stesso
nome. Dove non c'è, sbagliamo noi, o chi ha scritto l'indirizzo.
"""
    rows = [
        (
            name,
            address,
            "non trovato" if np.isnan(metres) else f"{metres:.0f}",
            "il punto, o un omonimo" if precision == "civic" else "noi, o l'indirizzo",
        )
        for name, placements in known
        for address, metres, precision in zip(
            *(placements[column] for column in ("address", "metres", "precision")), strict=True
        )
        if not metres <= NEAR_METRES
    ]  # fmt: skip
    return f"{text}\n{markdown_table(('registro', 'indirizzo', 'metri', 'chi sbaglia'), rows)}"


def _results(trials: Sequence[Trial]) -> str:
    head = ("registro", "appoggi", "indirizzi", "trovati", "entro 150 m, su tutti", *_ERRORS)
    rows = [
        (
            trial.register,
            trial.anchors,
            str(len(trial.placements)),
            percent_true(trial.placements["metres"].notna()),
            percent_true(trial.placements["metres"] <= NEAR_METRES),
            *_errors(trial.placements),
        )
        for trial in trials
    ]
    return markdown_table(head, rows)


def _by_precision(trials: Sequence[Trial]) -> str:
    head = ("registro", "appoggi", "precisione", "indirizzi", *_ERRORS)
    rows = [
        (trial.register, trial.anchors, label, str(len(part)), *_errors(part))
        for trial in trials
        for code, label in PRECISIONS.items()
        if len(part := trial.placements[trial.placements["precision"] == code])
    ]
    return "### Per precisione\n\n" + markdown_table(head, rows)


def _by_confidence(trial: Trial) -> str:
    text = """### La fiducia

Ogni risposta porta una fiducia fra 0 e 1: quanto risponde alle parole scritte. È 1 per la via e il
civico che sono stati scritti, 0,9 dove il luogo del civico è stimato, 0,6 dove il civico non c'è;
meno dove la via è solo simile. Quanto è preciso il luogo lo dice l'errore, non la fiducia.
"""
    placed = trial.placements[trial.placements["metres"].notna()]
    band = pd.cut(placed["confidence"], CONFIDENCES, right=False)
    rows = [
        (
            f"da {limits.left:.1f} a {min(limits.right, 1):.1f}".replace(".", ","),
            str(len(part)),
            percent_true(part["metres"] <= NEAR_METRES),
        )
        for limits, part in placed.groupby(band, observed=True)
    ]
    title = f"{trial.register} ({trial.anchors})"
    return (
        f"{text}\n{markdown_table(('fiducia', f'indirizzi: {title.lower()}', 'entro 150 m'), rows)}"
    )


def _dates() -> str:
    names = (*DOORS, NAMES, PHARMACIES, *SCHOOLS, HOSPITALS, *OTHERS, *REGISTER)
    rows = [(entry.title, entry.publisher, str(entry.assured_date)) for entry in map(source, names)]
    return "### I dati\n\n" + markdown_table(("registro", "di chi", "data"), rows)


def _errors(trials: pd.DataFrame) -> tuple[str, str, str]:
    trials = trials[trials["metres"].notna()]
    median, ninetieth = np.quantile(trials["metres"], (0.5, 0.9)) if len(trials) else (0.0, 0.0)
    share_within = percent_true(trials["metres"] <= trials["error_metres"])
    return f"{median:.0f}", f"{ninetieth:.0f}", share_within
