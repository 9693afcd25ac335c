"""Languages of the pages and their catalogues."""

from api.i18n.language import LANGUAGES, Words, words, words_for

__all__ = ["LANGUAGES", "Words", "words", "words_for"]
