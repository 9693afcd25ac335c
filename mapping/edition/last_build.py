"""How the last build ended, in a small file beside the editions, for whoever watches the server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mapping.atomic_files import replace_text
from mapping.errors import LeakError, LossError

FILE_NAME = "last_build.json"
REFUSED = (LossError, LeakError)


@dataclass(frozen=True)
class LastBuild:
    """When the last build ended, and as what: `done`, `refused` or `failed`."""

    ended_at: datetime
    result: str

    @property
    def success(self) -> bool:
        """Whether nothing is to be mended."""
        return self.result == "done"


@contextmanager
def recorded(var: Path) -> Iterator[None]:
    """Write down how the build in this block ends; what went wrong is raised on."""
    result = "failed"
    try:
        yield
        result = "done"
    except REFUSED:
        result = "refused"
        raise
    finally:
        _write(var, result)


def last_build(var: Path) -> LastBuild | None:
    """Read how the last build ended; None when nothing, or nothing readable, says so."""
    try:
        entry = json.loads((var / FILE_NAME).read_text(encoding="utf-8"))
        return LastBuild(datetime.fromisoformat(entry["ended_at"]), str(entry["result"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(var: Path, result: str) -> None:
    entry = {"ended_at": datetime.now(UTC).isoformat(timespec="seconds"), "result": result}
    with suppress(OSError):  # a full disk is what the build itself tells of
        replace_text(var / FILE_NAME, json.dumps(entry))
