"""The Italian words for how sure it is that a service is near, and of what their percents are.

Every percent is the chance that one is there, beside each of the five words: said of its absence
in one place and of its presence in another it would read backwards. Pages, maps, reports and
commands take these words from here.
"""

from collections.abc import Callable

from mapping.coverage.confidence.sureness import is_belied
from mapping.coverage.confidence.survival import calibration, family_of
from mapping.disclosure import MAX_PROBABILITY, MIN_PROBABILITY

Band = tuple[float, float]
"""Between which probabilities a known service is near most people."""

SURENESS_LABELS = {
    "surely_there": "quasi certo c'è",
    "likely_there": "probabile",
    "unknown": "non si sa",
    "likely_missing": "probabile che manchi",
    "surely_missing": "quasi certo manca",
}
SURENESS_RANGES = {
    "surely_there": "quasi certo c'è (probabilità che ce ne sia uno vicino: dal 90%)",
    "likely_there": "probabile (probabilità che ce ne sia uno vicino: dal 50 al 90%; di più, se"
    " oltre una persona su cinque ne resta senza)",
    "unknown": "non si sa",
    "likely_missing": "probabile che manchi (probabilità che ce ne sia uno vicino: fino al 50%)",
    "surely_missing": "quasi certo manca (non si dice: nessuna prova lo ha confermato)",
}
"""The same words with what each claims at the least."""
LIKELY_TEXTS = {
    "near": "%(word)s (probabilità che ce ne sia uno vicino: %(share)s)",
    "belied": "%(word)s (probabilità che ce ne sia uno vicino: %(share)s; ma più di una persona su"
    " cinque ne resta senza)",
    "between": "fra %(low)s e %(high)s",
    "below": "meno del %(share)s",
    "above": "oltre il %(share)s",
    "meaning": "La percentuale dice sempre quanto è probabile che ce ne sia uno, anche dove la"
    " parola è «probabile che manchi»: lì è bassa. Vale per i più: che alla maggior parte delle"
    " persone resti vicino uno dei servizi che conosciamo.",
}
CALIBRATION_TEXTS = {
    "some": "Non calibrato per tutti: si è misurato quanto durano solo quelli statali; degli altri"
    " non si può dire se ci siano ancora.",
    "none": "Non calibrato: nessuno ha misurato quanto durano questi servizi, e non si può dire se"
    " ci siano ancora.",
    "funding": "Non calibrato: sono servizi a progetto, che durano quanto il loro finanziamento, e"
    " di nessuno sappiamo quando finisce. Non si può dire se ci siano ancora.",
}
"""Of which records of a category somebody measured how long they hold."""

Tell = Callable[[str], str]
"""Translates an Italian text; of Italian itself `str` does."""
Percent = Callable[[float], str]


def sureness_text(word: str, likely: Band | None, tell: Tell, percent: Percent) -> str:
    """Say a word of `tables.SURENESS`, with the chance that one is near where it is known.

    Parameters
    ----------
    word : str
        The word.
    likely : tuple of float, optional
        The band, as it is published.
    tell, percent : callable
        How the reader's language says a text, and writes a share.

    Returns
    -------
    str
        Such as ``probabile (probabilità che ce ne sia uno vicino: fra 61% e 88%)``.
    """
    label = tell(SURENESS_LABELS[word])
    if likely is None:
        return label
    text = LIKELY_TEXTS["belied" if is_belied(word, likely[0]) else "near"]
    return tell(text) % {"word": label, "share": _band(likely, tell, percent)}


def calibration_text(code: str) -> str:
    """Choose what is said of a category where nobody measured how long all its records hold."""
    known, family = calibration(code), family_of(code)
    by_funding = known == "none" and family is not None and family.ends_with_funding
    return CALIBRATION_TEXTS.get("funding" if by_funding else known, "")


def italian_sureness(word: str, likely: Band | None) -> str:
    """Say in Italian what `sureness_text` says.

    Parameters
    ----------
    word, likely
        As there.

    Returns
    -------
    str
        As there.
    """
    return sureness_text(word, likely, str, "{:.0%}".format)


def _band(likely: Band, tell: Tell, percent: Percent) -> str:
    """Write between which percents a probability is; one alone where both ends are told alike."""
    low, high = (_end(probability, tell, percent) for probability in likely)
    return low if low == high else tell(LIKELY_TEXTS["between"]) % {"low": low, "high": high}


def _end(probability: float, tell: Tell, percent: Percent) -> str:
    if probability <= MIN_PROBABILITY:
        return tell(LIKELY_TEXTS["below"]) % {"share": percent(MIN_PROBABILITY)}
    if probability >= MAX_PROBABILITY:
        return tell(LIKELY_TEXTS["above"]) % {"share": percent(MAX_PROBABILITY)}
    return percent(probability)
