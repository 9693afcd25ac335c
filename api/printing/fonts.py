"""Choose the fonts that a PDF embeds: those that the letters of its text need.

A browser chooses by itself. A PDF holds what it is given: letters without a font stay blank, and
every font that is opened costs time.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from api.assets import VENDOR

WEIGHTS = (400, 700)


class Face(NamedTuple):
    """A font of one script: its family, its files but for weight and ending, its letters."""

    family: str
    file: str
    letters: str
    """A class of a regular expression; never two faces of one family for one letter."""
    kind: str = "woff2"

    @property
    def paths(self) -> Iterator[str]:
        """Where its files are, under `VENDOR`, one a weight."""
        return (f"{self.file}-{weight}-normal.{self.kind}" for weight in WEIGHTS)


FACES = (
    Face("Titillium Web", "titillium-web/files/titillium-web-latin", "[\\0-\u00ff]"),
    Face("Titillium Web", "titillium-web/files/titillium-web-latin-ext", "[\u0100-\u024f]"),
    Face("Noto Sans", "noto-sans/files/noto-sans-latin", "[\u2010-\u2044]"),
    Face(
        "Noto Sans",
        "noto-sans/files/noto-sans-latin-ext",
        "[\u0250-\u02ff\u1e00-\u1e9f\u20a0-\u20c0]",
    ),
    Face("Noto Sans", "noto-sans/files/noto-sans-vietnamese", "[\u1ea0-\u1ef9]"),
    Face("Noto Sans", "noto-sans/files/noto-sans-greek", "[\u0370-\u03ff]"),
    Face("Noto Sans", "noto-sans/files/noto-sans-cyrillic", "[\u0400-\u045f\u0490\u0491\u2116]"),
    Face("Noto Sans", "noto-sans/files/noto-sans-cyrillic-ext", "[\u0460-\u048f\u0492-\u052f]"),
    Face("Noto Sans", "noto-sans/files/noto-sans-devanagari", "[\u0900-\u097f]"),
    Face(
        "Noto Sans Arabic",
        "noto-sans-arabic/files/noto-sans-arabic-arabic",
        "[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]",
    ),
    Face(
        "Noto Sans Bengali",
        "noto-sans-bengali/files/noto-sans-bengali-bengali",
        "[\u0980-\u09ff\u0964\u0965]",
    ),
    Face(
        "Noto Sans SC",
        "noto-sans-sc/files/noto-sans-sc-chinese-simplified",
        "[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]",
        "ttf",
    ),
)


def faces(text: str) -> list[Face]:
    """Choose the fonts that the letters of a text need."""
    return [face for face in FACES if re.search(face.letters, text)]


def stylesheet(text: str) -> str:
    """Declare the fonts of a text as CSS, with the addresses of their files."""
    return "".join(
        f"@font-face {{ font-family: '{face.family}'; font-weight: {weight};"
        f" src: url('{(VENDOR / path).as_uri()}'); }}\n"
        for face in faces(text)
        for weight, path in zip(WEIGHTS, face.paths, strict=True)
    )
