"""Every published area has the class of most of its people."""

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from mapping.disclosure import SECTION
from mapping.edition.edition import Edition, current
from mapping.tables import CLASSES
from tests.mapping.greyzones.test_zone_table import STALE, pharmacy, town


def rows_of_another_class(edition: Edition) -> tuple[int, int]:
    """Count the areas with shares, and those whose class has fewer people than another."""
    table = edition.table("coverage.parquet")
    table = table.filter((pc.field("level") != SECTION) & pc.is_valid(pc.field("share_served")))
    names = np.array(table["class"].to_pylist())
    shares = np.column_stack(
        [table[f"share_{name}"].to_numpy(zero_copy_only=False) for name in CLASSES]
    ).astype(float)
    own = shares[np.arange(len(names)), [CLASSES.index(name) for name in names]]
    return len(names), int((own < np.nanmax(shares, axis=1)).sum())


def test_an_area_of_a_drawn_city_has_the_class_of_most(tmp_path: Path) -> None:
    edition = town(tmp_path, pharmacy(0, "a"), pharmacy(2800, "b", STALE))
    areas, others = rows_of_another_class(edition)
    assert areas > 0
    assert others == 0


@pytest.mark.shared
def test_every_area_of_milano_has_the_class_of_most(milano_var: Path) -> None:
    areas, others = rows_of_another_class(Edition.open(current(milano_var / "editions")))
    assert areas > 10_000
    assert others == 0
