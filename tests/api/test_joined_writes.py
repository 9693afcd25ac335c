"""What is written to who has left: nothing, and no line of the log."""

import asyncio
import logging
import socket
import struct

import pytest

from api.joined_writes import MOST_BYTES, JoinedWrites

AT_ONCE = struct.pack("ii", 1, 0)
"""Linger for no time: to close is to reset."""


def test_a_client_that_left_costs_no_line(caplog: pytest.LogCaptureFixture) -> None:
    async def answer() -> None:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            accepted, _ = listener.accept()
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=accepted)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        client.close()
        writes = JoinedWrites(transport, loop)
        for _ in range(20):
            writes.write(b"." * (MOST_BYTES + 1))
        assert transport.is_closing()
        assert writes.get_write_buffer_size() == 0

    with caplog.at_level(logging.WARNING, "asyncio"):
        asyncio.run(answer())
    assert caplog.messages == []
