"""What a family needs of a service besides its place: met, not met, or not known."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from mapping.config import Config
from mapping.errors import BadInputError

ANY = "any"


class Requirement(Config):
    """A column of the services, and what it must be or hold."""

    id: str
    label: str
    column: str | None = None
    equals: bool | None = None
    contains: str | None = None

    def met_by(self, service: Mapping[str, Any]) -> bool | None:
        """Whether a row of `tables.SERVICES` meets the requirement; None when that is not known."""
        if self.column is None:
            return True
        value = service[self.column]
        if self.contains is not None:
            return None if value is None else self.contains in value
        return bool(value) == self.equals if isinstance(value, bool) else None


@cache
def requirements() -> dict[str, Requirement]:
    """Read the requirements by id; the first, ``any``, is met by every service."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return {name: Requirement(id=name, **entry) for name, entry in tomllib.loads(text).items()}


def requirement(name: str) -> Requirement:
    """Look up a requirement by id; raises BadInputError when there is none."""
    known = requirements()
    if name not in known:
        raise BadInputError(f"Unknown requirement '{name}'. Use one of: {', '.join(known)}.")
    return known[name]
