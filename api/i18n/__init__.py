"""Languages of the pages and their catalogues."""

from api.i18n.language import LANGUAGES, Words, spoken, words

__all__ = ["LANGUAGES", "Words", "spoken", "words"]
