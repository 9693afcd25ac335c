"""Languages of the pages and their catalogues."""

from api.i18n.language import LANGUAGES, Words, translated_labels, words, words_for

__all__ = ["LANGUAGES", "Words", "translated_labels", "words", "words_for"]
