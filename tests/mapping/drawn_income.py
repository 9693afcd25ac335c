"""Declared income of two drawn postcodes, and the civic numbers that carry it to areas."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mapping.geocoding.civics import Civics
from mapping.territory.income import INCOME_CLASSES


def postcode(area_id: str, people: Sequence[float], euro: float) -> dict[str, object]:
    """Taxpayers by class; what they declare, all in the highest class."""
    taxpayers = {f"taxpayers_{name}": n for name, n in zip(INCOME_CLASSES, people, strict=True)}
    amounts = dict.fromkeys((f"euro_{name}" for name in INCOME_CLASSES[:-1]), 0.0)
    return {"area_id": area_id, **taxpayers, **amounts, "euro_over_120000": euro}


def numbered(*civics: tuple[str | None, float]) -> Civics:
    """Civic numbers by postcode and metres from west to east."""
    caps, x = [cap for cap, _ in civics], np.array([x for _, x in civics])
    count, none = len(civics), [None] * len(civics)
    return Civics(
        np.array([0, count]), np.arange(count), none, none, caps, x, x * 0 + 50,
        ["civic"] * count, x * 0,
    )  # fmt: skip


POOR = postcode("A", [10, 30, 20, 40, 0, 0, 0, 0], 1_500_000)
RICH = postcode("B", [0, 10, 10, 20, 0, 0, 0, 160], 20_000_000)
DECLARED = pd.DataFrame([POOR, RICH])
