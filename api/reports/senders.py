"""Whether a network has reported the same of a service before, known as long as a process lives."""

import hashlib
import secrets
from collections import OrderedDict

from api.reports.rate_limit import networks

MAX_REMEMBERED = 50_000
"""Reports remembered at once; the oldest is forgotten first."""


class Senders:
    """Remembers who reported what, as hashes under a salt that is written nowhere."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(32)
        self._sent: OrderedDict[bytes, None] = OrderedDict()

    def has_sent(self, address: str, service_id: str, kind: str) -> bool:
        """Whether somebody in the network of an address has reported this."""
        return self._key(address, service_id, kind) in self._sent

    def remember(self, address: str, service_id: str, kind: str) -> None:
        """Keep in mind that this was reported."""
        self._sent[self._key(address, service_id, kind)] = None
        if len(self._sent) > MAX_REMEMBERED:
            self._sent.popitem(last=False)

    def _key(self, address: str, service_id: str, kind: str) -> bytes:
        _, network = networks(address)
        sent = f"{network}\n{kind}\n{service_id}".encode()
        return hashlib.blake2b(sent, key=self._salt, digest_size=16).digest()
