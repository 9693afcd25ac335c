"""Tables in Markdown, and numbers as Italian writes them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mapping.disclosure import rounded
from mapping.text import italian_number


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay a head and rows of cells out as a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def decimal(value: float, places: int) -> str:
    """Write a number with so many decimals."""
    return f"{value:.{places}f}".replace(".", ",")


def whole(count: float) -> str:
    """Write a number without decimals, and with a point before each three digits."""
    return italian_number(count)


def count_of_people(count: float) -> str:
    """Write a number of people, rounded as it is published."""
    return whole(float(rounded(np.array([count]))[0]))


def percent(share: float) -> str:
    """Write a share of 0 to 1 in percent."""
    return f"{decimal(100 * share, 1)}%"


def percent_true(flags: pd.Series) -> str:
    """Write the share of true flags in percent, as Italian does."""
    return percent_of(int(flags.sum()), len(flags))


def percent_of(part: int, total: int) -> str:
    """Write a part of a whole in percent, as Italian does; a hyphen for none of none."""
    return f"{decimal(100 * part / total, 1)}%" if total else "-"
