"""Waiting for what another process or thread will bring about."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 120
"""As long as a busy machine may take."""


def until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)
