"""What an export format is: how its files are written, and in which reference systems."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

Writer = Callable[[dict[str, pd.DataFrame], Path], list[Path]]
"""Writes the tables, by name, into a folder, and gives the files; a table may have a geometry."""


class Format(NamedTuple):
    """A format of exports."""

    write: Writer
    only_crs: str | None = None
    """The one reference system that the format allows; None where it takes any."""
    rule: str = ""
    """The document that says so."""
