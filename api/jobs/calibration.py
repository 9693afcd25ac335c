"""Calls and walks that hold the map against the world: their sheet, and what comes back."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from api.jobs.import_sheet import save_workbook
from api.settings import Settings
from ingest.sheets.calibration import (
    FilledSheet,
    ServicesOf,
    read_calibration,
    write_calibration,
)
from mapping.calibration.calls import CallPlan, may_be_drawn, plan_calls
from mapping.calibration.walks import PlannedWalk, plan_walks
from mapping.catalogue.calibration import (
    CalibrationOutcomes,
    read_outcomes,
    record_outcomes,
    sheet_key,
)
from mapping.city import city
from mapping.edition.edition import Edition, current, folder_of
from mapping.errors import BrokenEditionError, NoEditionError


@dataclass(frozen=True)
class CalibrationPlan:
    """What was drawn for an edition."""

    edition_id: str
    calls: CallPlan
    walks: list[PlannedWalk]


def save_calibration_sheet(settings: Settings, path: Path, seed: int) -> CalibrationPlan:
    """Draw calls and walks of the published edition, and write them into a new workbook."""
    edition = Edition.open(current(settings.editions))
    place = city(edition.manifest.city)
    plan = CalibrationPlan(edition.id, plan_calls(edition, seed), plan_walks(edition, place, seed))
    key = _key(settings)
    save_workbook(path, write_calibration(edition.id, plan.calls, plan.walks, key))
    return plan


def bring_calibration(settings: Settings, path: Path, *, to_write: bool) -> tuple[FilledSheet, int]:
    """Read a sheet that people filled in, and record what is new; gives how many outcomes are.

    Raises BadInputError when it is not the sheet as it was written.
    """
    sheet = read_calibration(path, _key(settings), _services_of(settings))
    if not to_write or not sheet.outcomes.count:
        return sheet, 0
    return sheet, record_outcomes(settings.catalogue_url, sheet.outcomes)


def known_outcomes(settings: Settings) -> CalibrationOutcomes:
    """Read what the catalogue holds of calls and walks; nothing where there is no catalogue."""
    if not settings.has_catalogue:
        return CalibrationOutcomes()
    return read_outcomes(settings.catalogue_url)


def _services_of(settings: Settings) -> ServicesOf:
    @cache
    def services_of(edition_id: str) -> frozenset[str]:
        try:
            edition = Edition.open(folder_of(settings.editions, edition_id))
        except (NoEditionError, BrokenEditionError):
            return frozenset()
        return frozenset(row.service_id for row in edition.service_rows if may_be_drawn(row))

    return services_of


def _key(settings: Settings) -> bytes:
    settings.var.mkdir(parents=True, exist_ok=True)
    return sheet_key(settings.catalogue_url)
