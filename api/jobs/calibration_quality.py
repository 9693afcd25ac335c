"""What calls and walks told, as a section of the page of quality: empty ones are said so."""

from collections.abc import Iterator

from api.jobs.markdown import decimal, markdown_table, percent
from mapping.calibration.calls import CALLS
from mapping.calibration.results import PROMISES, Interval, WalkResult, WordResult, walk_results
from mapping.calibration.results import word_results as results_of_words
from mapping.calibration.walks import WALKS
from mapping.catalogue.calibration import CalibrationOutcomes
from mapping.coverage.confidence.survival import families
from mapping.coverage.sureness_words import SURENESS_LABELS

INTRODUCTION = f"""## Telefonate e passeggiate

Se una parola o un minuto vale, lo dicono solo le persone: {CALLS} telefonate, estratte a sorte per
parola e per famiglia di servizi, e {WALKS} passeggiate con il passeggino, in quattro quarti della
città. Come si fanno: [guida](guida.md#telefonate-e-passeggiate-per-tarare-la-mappa). «Fra» vale
nove volte su dieci (Wilson per le quote; per i minuti, ripescando le passeggiate).
"""
NO_CALLS, NO_WALKS = "Nessuna telefonata fatta.", "Nessuna passeggiata fatta."
VERDICTS = {
    "holds": "tiene",
    "broken": "promette più di quanto tiene",
    "open": "non si può dire",
    "no_promise": "la parola non promette niente",
}
WORD_HEAD = (
    "famiglia", "parola", "vuol dire almeno", "chiamati", "hanno risposto", "si sa di", "attivi",
    "quota", "fra", "esito",
)  # fmt: skip
WALK_HEAD = ("quarto", "passeggiate", "minuti in più del previsto", "fra", "rapporto", "fra")


def calibration_section(outcomes: CalibrationOutcomes) -> str:
    """Write what came of the calls and walks, as Markdown."""
    return "\n".join([INTRODUCTION, results_text(outcomes)])


def results_text(outcomes: CalibrationOutcomes) -> str:
    """Write the tables of results, or that there are none, as Markdown."""
    return "\n".join([_words(outcomes), _minutes(outcomes)])


def _words(outcomes: CalibrationOutcomes) -> str:
    if not outcomes.calls:
        return f"{NO_CALLS}\n"
    rows = [tuple(_word_cells(result)) for result in results_of_words(outcomes.calls)]
    return markdown_table(WORD_HEAD, rows)


def _minutes(outcomes: CalibrationOutcomes) -> str:
    if not outcomes.walks:
        return f"{NO_WALKS}\n"
    rows = [tuple(_walk_cells(result)) for result in walk_results(outcomes.walks)]
    return markdown_table(WALK_HEAD, rows)


def _word_cells(result: WordResult) -> Iterator[str]:
    family, promise = families().get(result.family), PROMISES.get(result.word)
    yield family.label if family else result.family
    yield SURENESS_LABELS[result.word]
    yield percent(promise) if promise else ""
    yield from map(str, (result.called, result.answered, result.known, result.serving))
    share = result.share
    yield percent(share.value) if share else "non nota"
    yield f"{percent(share.low)} e {percent(share.high)}" if share else ""
    yield VERDICTS[result.verdict]


def _walk_cells(result: WalkResult) -> Iterator[str]:
    yield result.quarter or "tutte"
    yield str(result.walks)
    yield from _with_ends(result.error_minutes, 1)
    yield from _with_ends(result.ratio, 2)


def _with_ends(interval: Interval, places: int) -> tuple[str, str]:
    value, low, high = (decimal(number, places) for number in interval)
    return value, f"{low} e {high}"
