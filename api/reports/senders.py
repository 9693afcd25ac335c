"""Whether a network has reported the same of a service before, known as long as a server lives."""

import math
import time

import numpy as np

from api.client_networks import networks_of
from api.shared_rows import WAYS, SharedRows, set_of

SETS = 3_125
"""Reports remembered at once: of the 16 of a set, the oldest is forgotten first."""
_SENT = np.dtype([("key", np.uint64), ("sent_at", np.float64)])


class Senders:
    """Remembers who reported what, as salted hashes in memory that a server's processes share."""

    def __init__(self) -> None:
        # Under a salt of each day, one network on two days would be two that say the same.
        self._sent = SharedRows(_SENT, SETS * WAYS, salt_seconds=math.inf)

    def has_sent(self, address: str, service_id: str, kind: str) -> bool:
        """Whether somebody in the network of an address has reported this."""
        key = self._key(address, service_id, kind)
        with self._sent.locked() as rows:
            return bool((set_of(rows, key, SETS)["key"] == key).any())

    def remember(self, address: str, service_id: str, kind: str) -> None:
        """Keep in mind that this was reported."""
        key = self._key(address, service_id, kind)
        with self._sent.locked() as rows:
            ways = set_of(rows, key, SETS)
            ways[int(np.argmin(ways["sent_at"]))] = (key, time.monotonic())

    def _key(self, address: str, service_id: str, kind: str) -> np.uint64:
        _, network = networks_of(address)
        return self._sent.key(f"{network}\n{kind}\n{service_id}")
