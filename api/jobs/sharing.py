"""Publishing for all servers that share a store of editions."""

from functools import partial

from api.jobs.compared_editions import share_compared
from api.jobs.edition_leaks import require_no_leaks
from api.jobs.withholding import withhold_before_publishing
from api.settings import Settings
from mapping.edition.edition import Edition, folder_of, list_editions, publish
from mapping.edition.store import EditionStore
from mapping.errors import OvertakenError


def share(settings: Settings, edition: Edition, before: Edition | None) -> None:
    """Publish an edition in the store, where there is one, as the one after `before`.

    Raises OvertakenError when the store has gone on from `before` to another.
    """
    if not settings.store:
        return
    store = EditionStore.open(settings.store)
    pointer = store.pointer()
    share_compared(settings, edition.id)
    if pointer is not None and pointer.edition_id == edition.id:
        return
    if pointer is not None and (before is None or before.id != pointer.edition_id):
        raise OvertakenError
    store.publish(edition, pointer, partial(withhold_before_publishing, settings, edition))


def use_published(settings: Settings, edition_id: str) -> None:
    """Publish an edition that was built before, here and in the store, where there is one.

    Raises BadInputError when it holds something that is confidential today.
    """
    root = settings.editions
    store = EditionStore.open(settings.store) if settings.store else None
    pointer = store.pointer() if store else None
    if store and edition_id not in list_editions(root) and store.has(edition_id):
        store.fetch(root, edition_id)
    require_no_leaks(settings, edition_id)
    edition = Edition.open(folder_of(root, edition_id))
    withhold_before_publishing(settings, edition)
    if store:
        share_compared(settings, edition_id)
        store.publish(edition, pointer, partial(withhold_before_publishing, settings, edition))
    publish(root, edition_id)
