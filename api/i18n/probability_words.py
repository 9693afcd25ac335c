"""Probabilities as people read them: never nought, never certain."""

from api.i18n.language import Words
from mapping.disclosure import MAX_PROBABILITY, MIN_PROBABILITY


def band_words(low: float, high: float, words: Words) -> str:
    """Write between which percents a probability is; one alone where both ends are told alike."""
    least, most = end_words(low, words), end_words(high, words)
    if least == most:
        return least
    return words.gettext("fra %(low)s e %(high)s") % {"low": least, "high": most}


def end_words(probability: float, words: Words) -> str:
    """Write one probability; at the ends of what is published, that it is beyond them."""
    if probability <= MIN_PROBABILITY:
        return words.gettext("meno del %(share)s") % {"share": words.percent(MIN_PROBABILITY)}
    if probability >= MAX_PROBABILITY:
        return words.gettext("oltre il %(share)s") % {"share": words.percent(MAX_PROBABILITY)}
    return words.percent(probability)
