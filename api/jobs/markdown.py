"""Tables and percentages in Markdown, in Italian."""

from collections.abc import Sequence

import pandas as pd


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay a head and rows of cells out as a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def percent_true(flags: pd.Series) -> str:
    """Write the share of true flags in percent, as Italian does."""
    return percent_of(int(flags.sum()), len(flags))


def percent_of(part: int, whole: int) -> str:
    """Write a part of a whole in percent, as Italian does; a hyphen for none of none."""
    return f"{100 * part / whole:.1f}%".replace(".", ",") if whole else "-"
