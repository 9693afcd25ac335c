"""Kinds of input that other tools broke on, by public report, and what is right here."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of input: where it was reported, in what it consists, an example and what is right.

    The example is our own, of the kind that was reported.
    """

    report: str
    words: str
    example: Any
    right: Any

    def __str__(self) -> str:
        """Name the test after the report and the kind."""
        return f"{self.report} {self.words}"
