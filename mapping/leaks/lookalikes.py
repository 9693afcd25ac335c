"""Letters of other alphabets that look like Latin ones, and numbers that are written as words."""

from functools import lru_cache

from mapping.text import number_words

_LETTERS = (
    "00f8o 0131i 0142l 0251a 0261g 0269i 028bv 0391a 0392b 0395e 0396z 0397h 0399i 039ak 039cm "
    "039dn 039fo 03a1p 03a4t 03a5y 03a7x 03b1a 03b2b 03b3y 03b5e 03b7n 03b9i 03bak 03bdv 03bfo "
    "03c1p 03c3o 03c4t 03c5u 03c7x 03c9w 0405s 0406i 0408j 0410a 0412b 0415e 041ak 041cm 041dh "
    "041eo 0420p 0421c 0422t 0423y 0425x 0430a 0432b 0433r 0435e 043ak 043cm 043dh 043eo 043fn "
    "0440p 0441c 0442t 0443y 0445x 044cb 0451e 0455s 0456i 0457i 0458j 0474v 0475v 04bbh 04c0i "
    "04cfl 0501d 050cg 051bq 051dw 0578n"
)
"""Cyrillic, Greek and other letters by their number, each with the Latin one that it looks like."""
_LOOKALIKES = {int(letter[:-1], 16): letter[-1] for letter in _LETTERS.split()}

MOST = 999
FEWEST = 2
"""``uno`` is an article, too."""


def latin(text: str) -> str:
    """Write a text in Latin letters wherever it looks as if it were."""
    return text.translate(_LOOKALIKES)


def in_figures(words: list[str]) -> list[str]:
    """Write Italian numbers in figures, as far as a house may have them."""
    return [_figures_by_word().get(word, word) for word in words]


@lru_cache(1)
def _figures_by_word() -> dict[str, str]:
    words = number_words(MOST)
    return {word: str(number) for word, number in words.items() if number >= FEWEST}
