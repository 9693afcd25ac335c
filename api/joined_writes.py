"""Head and body of an answer sent by one system call: to send is dearer than to find most answers.

The HTTP server writes them one after the other, and the kernel is asked twice.
"""

import asyncio
from typing import TYPE_CHECKING, Any

MOST_BYTES = 64 * 1024
"""What is held back at the most: more than that is sent at once."""


class JoinedWrites:
    """A transport that sends together what is written before the event loop goes on."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._pieces: list[bytes] = []
        self._held_bytes = 0

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Give anything else of the transport itself."""
            return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Hold bytes until the end of the answer, or of this turn of the event loop."""
        if not self._pieces:
            self._loop.call_soon(self.flush)
        self._pieces.append(data)
        self._held_bytes += len(data)
        if self._held_bytes > MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what is held; nothing to who has left, of which asyncio would write a line each."""
        pieces, self._pieces, self._held_bytes = self._pieces, [], 0
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))

    def close(self) -> None:
        """Send what is held, then close."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once; what is held is dropped."""
        self._pieces = []
        self._transport.abort()

    def get_write_buffer_size(self) -> int:
        """Count the bytes that are not sent."""
        return self._held_bytes + self._transport.get_write_buffer_size()
