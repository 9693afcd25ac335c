"""Editions that were found the same without some confidential records: what no search tells again.

A public consultorio in the building of a shelter is near it in every edition; that the edition was
built again as if there were no shelter, and is the same, is remembered here. The file has hashes of
whole records, keyed by the catalogue, which has the records; a store has the same of each edition
that is published in it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from api.settings import Settings
from mapping.atomic_files import PRIVATE, locked, read_regular, replace_text
from mapping.catalogue.catalogue import Catalogue
from mapping.disclosure import is_confidential
from mapping.edition.edition import list_editions
from mapping.edition.store import EditionStore
from mapping.model import Service

FILE = "compared.json"
MAX_BYTES = 64 * 1024 * 1024
KeyedHash = Callable[[str], str]
_COMPARED = TypeAdapter(dict[str, frozenset[str]])


def remember_compared(
    var: Path, edition_id: str, services: Iterable[Service], keyed_hash: KeyedHash
) -> None:
    """Note that an edition tells nothing of confidential records as they are now."""
    hidden = filter(is_confidential, services)
    _remember(
        var, edition_id, frozenset(keyed_hash(service.model_dump_json()) for service in hidden)
    )


def remember_same(var: Path, edition_id: str, other_id: str) -> None:
    """Note of an edition what is known of another one of the same content."""
    if (digests := _read(var).get(other_id)) is not None:
        _remember(var, edition_id, digests)


def read_compared(var: Path, edition_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Read what is remembered of some editions: the hashes of records, by edition."""
    known = _read(var)
    return {name: known[name] for name in edition_ids if name in known}


def write_compared(var: Path, known: Mapping[str, Iterable[str]]) -> None:
    """Write down what is remembered of every edition, for the owner alone to read."""
    text = _COMPARED.dump_json({name: frozenset(digests) for name, digests in known.items()})
    replace_text(var / FILE, text.decode(), mode=PRIVATE)


def _remember(var: Path, edition_id: str, digests: frozenset[str]) -> None:
    with locked(var):
        known = read_compared(var, list_editions(var / "editions"))
        known[edition_id] = digests | known.get(edition_id, frozenset())
        write_compared(var, known)


def share_compared(settings: Settings, edition_id: str) -> None:
    """Let all that follow the store know what is remembered here of an edition, if anything is."""
    if settings.store and (digests := _read(settings.var).get(edition_id)):
        EditionStore.open(settings.store).note_compared(edition_id, digests)


def compared_with(settings: Settings, edition_id: str) -> frozenset[str]:
    """Read what is remembered of an edition here, and in the store by whoever built it."""
    compared = _read(settings.var).get(edition_id, frozenset())
    if settings.store:
        compared |= EditionStore.open(settings.store).compared(edition_id)
    return compared


def to_search_for(
    settings: Settings, edition_id: str, services: Sequence[Service]
) -> Sequence[Service]:
    """Leave out the confidential records without which an edition was found the same."""
    compared = compared_with(settings, edition_id)
    if not compared:
        return services
    with Catalogue.open(settings.catalogue_url, create=False) as catalogue:
        keyed_hash = catalogue.keyed_hash()
    return [
        service
        for service in services
        if not is_confidential(service) or keyed_hash(service.model_dump_json()) not in compared
    ]


def _read(var: Path) -> dict[str, frozenset[str]]:
    try:
        return _COMPARED.validate_json(read_regular(var / FILE, MAX_BYTES))
    except (OSError, ValidationError):
        return {}  # then editions are searched for every record
