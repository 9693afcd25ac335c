"""Sections of prisons, barracks, convents and hospitals, whose residents are no families at home.

A section is left out of the demand where the city's configuration lists it, or where two
independent signs agree. One sign alone only proposes: a section without families may be a home of
protection or a reception centre, and these stay ordinary sections, on no list.
"""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from mapping.city import Institution

KINDS: Final = ("prison", "barracks", "convent", "hospital")
CROWDED_FAMILIES: Final = 6
"""With more residents a family than this, people may be registered at an association."""
HOME_FAMILY: Final = 4
"""Up to so many residents a family they live in homes, whatever else stands in the section."""
NOT_CONFIRMED: Final = " (non confermata)"
COLUMNS: Final = ("area_id", "name", "kind", "confirmed", "residents", "families")


def institutions(
    sections: gpd.GeoDataFrame,
    signs: gpd.GeoDataFrame | None,
    listed: Sequence[Institution],
) -> pd.DataFrame:
    """Find the sections of institutions.

    Parameters
    ----------
    sections : GeoDataFrame
        `area_id`, `residents`, outlines, and where known `families` and `institution`, the kind
        that the census gives.
    signs : GeoDataFrame or None
        Premises of institutions and schools within them: `name`, `kind`, a point.
    listed : sequence of Institution
        What the city's configuration lists.

    Returns
    -------
    DataFrame
        `COLUMNS`, a row for each section with residents, in the order of `sections`; `families` are
        those that the census counts there, and that are set apart with it, NaN where not known.
    """
    rows: dict[str, tuple[str, str, bool]] = {
        section: (place.name, place.kind, place.checked_by is not None)
        for place in listed
        for section in place.sections
    }
    for section, name, kind in _agreeing(sections, signs):
        rows.setdefault(section, (name, kind, False))
    counted = sections.assign(families=_families(sections))[["area_id", "residents", "families"]]
    populated = counted[counted["area_id"].isin(rows) & (counted["residents"] > 0)]
    records = [
        (section, *rows[section], residents, families)
        for section, residents, families in populated.itertuples(index=False, name=None)
    ]
    return pd.DataFrame(records, columns=list(COLUMNS))


def proposals(sections: gpd.GeoDataFrame, away: pd.DataFrame) -> pd.DataFrame:
    """List the sections that a person may look at: one sign, or very large families.

    `away` are those of `institutions`, which need no proposal. Columns `area_id`, `residents`,
    `families`, and `reason`: ``no_families``, ``many_a_family``, or the kind that the census gives.
    """
    families = _families(sections)
    kind = _census_kind(sections)
    crowded = sections["residents"] > CROWDED_FAMILIES * families
    reason = kind.where(kind.notna(), crowded.map({True: "many_a_family", False: None}))
    reason = reason.where(families != 0, "no_families")
    waiting = reason.notna() & (sections["residents"] > 0) & families.notna()
    rows = sections.assign(reason=reason)[waiting & ~sections["area_id"].isin(away["area_id"])]
    columns = ["area_id", "residents", "families", "reason"]
    ordered = pd.DataFrame(rows.sort_values("residents", ascending=False, kind="stable"))
    return ordered.reindex(columns=columns).reset_index(drop=True)


def _agreeing(
    sections: gpd.GeoDataFrame, signs: gpd.GeoDataFrame | None
) -> list[tuple[str, str, str]]:
    """Give section, name and kind where the census and a place inside the section agree."""
    if signs is None or signs.empty:
        return []
    sign, row = sections.sindex.query(signs.geometry, predicate="intersects")
    order = np.lexsort((signs["name"].astype(str).to_numpy()[sign], row))
    sign, row = sign[order], row[order]
    ids = sections["area_id"].to_numpy(object)[row]
    census_kind = _census_kind(sections).to_numpy(object)[row]
    families = _families(sections)
    alone = (families == 0).to_numpy()[row]
    at_home = (sections["residents"] <= HOME_FAMILY * families).to_numpy()[row]
    names, kinds = (signs[name].to_numpy(object)[sign] for name in ("name", "kind"))
    return [
        (section, name, kind)
        for section, name, kind, of_census, no_family, homes in zip(
            ids, names, kinds, census_kind, alone, at_home, strict=True
        )
        if kind in KINDS and (no_family or (kind == of_census and not homes))
    ]


def _census_kind(sections: gpd.GeoDataFrame) -> pd.Series:
    unknown = pd.Series(None, sections.index, object)
    kind = pd.Series(sections.get("institution", unknown))
    return kind.where(kind.isin(KINDS), None)


def _families(sections: gpd.GeoDataFrame) -> pd.Series:
    return pd.Series(sections.get("families", pd.Series(np.nan, sections.index, float)))
