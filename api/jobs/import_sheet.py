"""Brings a sheet into the catalogue: read, compared, shown, and only then recorded."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.jobs.catalogue_health import require_own_catalogue
from api.jobs.withholding import withhold_confidential
from api.settings import Settings
from ingest.border import Inside, within
from ingest.rows import CellError
from ingest.sheets.cells import checked_date
from ingest.sheets.headings import TO_MEND, simple
from ingest.sheets.spreadsheet import (
    RefusedRow,
    Remark,
    Sheet,
    quarantine,
    read_sheet,
    sheet_source,
    understand,
    with_known_ids,
)
from ingest.sheets.template import write_to_mend
from ingest.source import Source
from ingest.values import normalise
from mapping.atomic_files import writing_file
from mapping.catalogue.batches import RecordChange, RecordResult, SourceBatch
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city
from mapping.edition.edition import Edition, current
from mapping.errors import (
    AmbiguousAddressError,
    BadInputError,
    NoCatalogueError,
    NoEditionError,
    UnknownAddressError,
)
from mapping.lookup.origin import CityPlaces
from mapping.lookup.record_addresses import RecordAddresses
from mapping.model import Service
from mapping.services.phones import phone

MAX_REMOVED = 0.3
"""The part of a source that a sheet may withdraw without being asked for it."""
NEAR = 3
_UNKNOWN = "Non trovo questo indirizzo."
_NOT_PLACED = {
    "several": "Può essere più di un luogo: sulla mappa non c'è finché non si sa quale.",
    "elsewhere": "È in un altro comune: sulla mappa non c'è.",
    "comune": "Anche un altro comune si chiama così: sulla mappa non c'è finché non si sa quale.",
    "number": "La via non ha questo numero: sulla mappa non c'è finché non è corretto.",
    "wide": "La via è troppo lunga senza numero: sulla mappa non c'è.",
}
"""What is said of an address that the page would ask about, by the reason."""


@dataclass(frozen=True)
class Wanted:
    """What to import: a file, under which name, and how it is meant."""

    path: Path
    name: str
    sheet: str | None = None
    adds: bool = False
    """Whether the rows are a part of the list, so that nothing is withdrawn."""
    checked_on: str | None = None
    """ISO date for the rows that have none of their own."""


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do; nothing is written yet."""

    wanted: Wanted
    source: Source
    sheet: Sheet
    batch: SourceBatch
    changes: list[RecordChange]
    untouched: list[Service]
    """Known services that only a refused row speaks of: they stay as they are."""
    exposed: list[Service]
    """Known services of which a refused row says that they are confidential: they are withdrawn."""

    def count(self, fate: str) -> int:
        """Count the changes of one fate, such as ``new``; untouched services are no changes."""
        return sum(change.fate == fate for change in self.changes)


def prepare(settings: Settings, wanted: Wanted) -> ImportPlan:
    """Read a sheet, and compare it with the catalogue; addresses with the published edition.

    Raises BadInputError when the sheet as a whole cannot be taken.
    """
    source = _source(wanted)
    started = datetime.now(UTC)
    table = read_sheet(wanted.path, source.id, sheet=wanted.sheet)
    _refuse_mended_as_whole(wanted, table.columns)
    place, edition = city(settings.city), _edition(settings)
    sheet = understand(table, source, place, _inside(edition), _areas(edition))
    sheet.remarks += _strange_addresses(sheet, edition)
    if not sheet.services and not sheet.refused:
        raise BadInputError(
            f"«{wanted.path.name}» non ha servizi da importare: scrivine almeno uno."
        )
    with _reading(settings) as catalogue:
        before = [
            service for service in catalogue.current() if service.provenance.source_id == source.id
        ]
        services = with_known_ids(sheet, before, whole=not wanted.adds)
        named = {service.service_id for service in services}
        others = [service for service in before if service.service_id not in named]
        hidden = [row for row in sheet.refused if row.is_confidential]
        exposed = [service for service in others if _is_exposed(service, hidden)]
        left = [service for service in others if service not in exposed]
        untouched = (
            [] if wanted.adds else [service for service in left if _is_held(service, sheet.refused)]
        )
        batch = _batch(wanted, sheet, started, [*services, *(left if wanted.adds else untouched)])
        changes = catalogue.preview(batch)
    return ImportPlan(wanted, source, sheet, batch, changes, untouched, exposed)


def require_few_removals(plan: ImportPlan) -> None:
    """Refuse a sheet that would withdraw more than `MAX_REMOVED` of its source's services."""
    # What has become confidential is withdrawn whatever the rest does.
    gone = plan.count("withdrawn") - len(plan.exposed)
    recorded = sum(change.before is not None for change in plan.changes)
    if gone > MAX_REMOVED * recorded:
        raise BadInputError(
            f"Questo foglio toglierebbe {gone} servizi su {recorded}. Se è una parte dell'elenco"
            " usa --add; se quei servizi non ci sono davvero più usa --accept-removals."
        )


def record(settings: Settings, plan: ImportPlan) -> tuple[RecordResult, Path | None]:
    """Record a plan in one transaction; give counts of services, and the workbook of rows to mend.

    Raises BadInputError when somebody changed the catalogue since the plan was made.
    """
    require_own_catalogue(settings)
    settings.var.mkdir(parents=True, exist_ok=True)
    to_mend = _give_back(plan) if plan.sheet.refused else None
    with Catalogue.open(settings.catalogue_url) as catalogue:
        if catalogue.preview(plan.batch) != plan.changes:
            raise BadInputError("Il catalogo è cambiato nel frattempo. Ripeti l'importazione.")
        result = catalogue.record(plan.batch, actor="import")
        withdrawn = {service.service_id for service in plan.exposed}
        withhold_confidential(settings, catalogue, withdrawn)
        return result, to_mend


def save_workbook(path: Path, content: bytes) -> None:
    """Write a workbook to a new file ending in ``.xlsx``.

    Raises BadInputError for another name, or a file that is there already: it may be somebody's
    work.
    """
    if path.suffix.lower() != ".xlsx":
        raise BadInputError(
            f"«{path}»: il foglio è un file .xlsx. Scegli un nome che finisca così."
        )
    if path.exists() or not path.parent.is_dir():
        problem = "c'è già" if path.exists() else "è in una cartella che non c'è"
        raise BadInputError(f"«{path}» {problem}: scegli un altro nome.")
    _write(path, content)


def _source(wanted: Wanted) -> Source:
    entry = sheet_source(wanted.name)
    if wanted.checked_on is None:
        return entry
    try:
        return entry.model_copy(update={"assured_date": checked_date(wanted.checked_on)})
    except CellError as error:
        raise BadInputError(f"--checked-on: {error}") from error


def _refuse_mended_as_whole(wanted: Wanted, columns: list[str]) -> None:
    if not wanted.adds and simple(TO_MEND) in map(simple, columns):
        raise BadInputError(
            f"«{wanted.path.name}» contiene solo righe corrette, non tutto l'elenco. Importalo con"
            " --add, così gli altri servizi restano."
        )


def _edition(settings: Settings) -> Edition | None:
    try:
        edition = Edition.open(current(settings.editions))
    except NoEditionError:
        return None
    return edition if edition.manifest.city == settings.city else None


def _inside(edition: Edition | None) -> Inside:
    if edition is None:
        return lambda _lon, _lat: True
    areas = edition.frame("areas.parquet")
    return within(areas[areas["level"] == "municipio"])


def _areas(edition: Edition | None) -> set[str] | None:
    """Name the areas that a catchment may have; None where they are not known."""
    if edition is None:
        return None
    areas = edition.frame("areas.parquet")
    named = areas[areas["level"].isin(["municipio", "nil"])]
    return set(named["level"] + ":" + named["area_id"]) or None


def _strange_addresses(sheet: Sheet, edition: Edition | None) -> Iterator[Remark]:
    """Say of which rows the address is not sure: what the page asks about is not placed."""
    # Without the streets only a few addresses are known, and nearly all would seem strange.
    addresses = _addresses(edition) if edition and edition.network else None
    for row in sheet.shown_rows:
        address = f"{row.texts['street']} {row.texts['civic']}".strip()
        if not row.texts["street"]:
            if not normalise.coordinates(row.texts["lon"], row.texts["lat"]):
                message = "Senza indirizzo: comparirà negli elenchi, ma non sulla mappa."
                yield Remark(row.line, "street", "", message)
        elif addresses is not None:
            strange = _strange(addresses, address, row.texts)
            yield from () if strange is None else [Remark(row.line, "street", address, strange)]


def _addresses(edition: Edition) -> RecordAddresses | None:
    gazetteer = edition.gazetteer
    if gazetteer is None:
        return None
    return RecordAddresses(gazetteer, CityPlaces(edition, gazetteer.epsg).search)


def _strange(addresses: RecordAddresses, address: str, texts: dict[str, str]) -> str | None:
    """Say what is strange about an address; None where its place is known."""
    try:
        place = addresses.find(
            address, municipio=texts["municipio"] or None, cap=texts["cap"] or None
        )
    except UnknownAddressError as error:
        near = "; ".join(error.candidates[:NEAR])
        is_several = isinstance(error, AmbiguousAddressError)
        problem = _NOT_PLACED.get("several" if is_several else error.reason or "", _UNKNOWN)
        return f"{problem} {f'Forse: {near}.' if near else 'Controlla come è scritto.'}"
    if place.precision == "street" and re.search(r"\d", address):
        return f"Trovo {place.street}, ma non il numero: il luogo sarà approssimativo."
    return None


@contextmanager
def _reading(settings: Settings) -> Iterator[Catalogue]:
    """Open the catalogue; where there is none yet, an empty one that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            opened = Catalogue.open(settings.catalogue_url, create=False)
        except NoCatalogueError:
            opened = Catalogue.open(f"sqlite:///{folder}/catalogue.sqlite")
        with opened as catalogue:
            yield catalogue


def _is_held(service: Service, refused: list[RefusedRow]) -> bool:
    """Whether a refused row is about the service, by its name, its code or its address."""
    address = next((place.address for place in service.locations if place.address), None)
    for refusal in refused:
        texts = {simple(text) for text in refusal.texts.values()}
        if simple(service.name) in texts or simple(service.service_id.split(":", 2)[2]) in texts:
            return True
        if (
            refusal.code == "missing_name"
            and address
            and simple(address) in simple(" ".join(refusal.texts.values()))
        ):
            return True
    return False


def _is_exposed(service: Service, hidden: list[RefusedRow]) -> bool:
    """Whether a confidential row has anything of the service by which it could be found."""
    key = service.service_id.split(":", 2)[2]
    service_texts = [
        service.name,
        key,
        service.email,
        *(place.address for place in service.locations),
    ]
    own = {simple(text) for text in service_texts if text}
    for row in hidden:
        cells = {simple(text) for text in row.texts.values() if text}
        numbers = {phone(text) for text in row.texts.values() if text}
        together = f" {simple(' '.join(row.texts.values()))} "
        addresses = (place.address for place in service.locations if place.address)
        if own & cells or (service.phone and service.phone in numbers):
            return True
        if any(f" {simple(address)} " in together for address in addresses):
            return True
    return False


def _batch(wanted: Wanted, sheet: Sheet, started: datetime, services: list[Service]) -> SourceBatch:
    source_id = sheet_source(wanted.name).id
    return SourceBatch(
        source_id=source_id,
        sha256=hashlib.sha256(wanted.path.read_bytes()).hexdigest(),
        taken_from="import",
        started_at=started,
        rows_in=sheet.rows_in,
        rows_kept=sheet.rows_kept,
        rows_out_of_scope=sum(sheet.out_of_scope.values()),
        quarantined=quarantine(sheet, source_id),
        services=services,
    )


def _give_back(plan: ImportPlan) -> Path:
    source = plan.wanted.path
    stem = re.sub(r"-da-correggere(-\d+)?$", "", source.stem)
    names = [
        f"{stem}-da-correggere.xlsx",
        *(f"{stem}-da-correggere-{n}.xlsx" for n in range(2, 1000)),
    ]
    # One that is there already may have been mended in the meantime: it is never written over.
    path = next(source.with_name(name) for name in names if not source.with_name(name).exists())
    refused = [row.masked() for row in plan.sheet.refused]
    _write(path, write_to_mend(plan.sheet.columns, plan.sheet.headings, refused))
    return path


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}.part")
    try:
        with writing_file(unfinished) as sink:
            sink.write(content)
        unfinished.replace(path)
    except OSError as error:
        raise BadInputError(
            f"«{path}» non si può scrivere ({error.strerror}). Scegli un'altra cartella."
        ) from error
