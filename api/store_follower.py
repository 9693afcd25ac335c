"""Follows the store that servers share: what it publishes and withholds is brought here."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from api.settings import Settings
from mapping.edition.store import EditionStore
from mapping.errors import ProssimaError
from mapping.text import without_controls

POLL_SECONDS, LONGEST_WAIT_SECONDS = 5.0, 60.0
MAX_REASON_LETTERS = 300

_LOG = logging.getLogger("uvicorn.error")


class StoreFollower:
    """Asks a store again and again, in a thread of its own; a failure changes nothing here."""

    def __init__(self, store: EditionStore, root: Path) -> None:
        self._store = store
        self._root = root
        self._seen: frozenset[str] = frozenset()
        self._stopping = threading.Event()
        self.failure: str | None = None
        """Why the store was not followed at the last attempt; None when it was."""

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """Make one for the store of the settings; None without a store."""
        if not settings.store:
            return None
        return cls(EditionStore.open(settings.store), settings.editions)

    def follow(self, *, to_verify: bool = False) -> None:
        """Bring what the store withholds and publishes now; a failure is logged once, and kept."""
        try:
            self._seen = self._store.bring_withheld(self._root, self._seen)
            self._store.bring(self._root, to_verify=to_verify)
        except (ProssimaError, OSError) as error:
            reason = without_controls(f"{error}")[:MAX_REASON_LETTERS]
            if reason != self.failure:
                _LOG.error("the store of editions is not followed: %s", reason)
            self.failure = reason
        else:
            self.failure = None

    @contextmanager
    def following(self) -> Iterator[None]:
        """Follow the store until the end of the block."""
        thread = threading.Thread(target=self._follow_on, name="store follower", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()

    def _follow_on(self) -> None:
        wait = POLL_SECONDS
        while not self._stopping.wait(wait):
            self.follow()
            wait = min(2 * wait, LONGEST_WAIT_SECONDS) if self.failure else POLL_SECONDS
