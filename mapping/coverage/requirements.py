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
        """Whether a service meets the requirement.

        Parameters
        ----------
        service : mapping
            A row of `tables.SERVICES`.

        Returns
        -------
        bool or None
            None when that is not known.
        """
        if self.column is None:
            return True
        said = service[self.column]
        if self.contains is not None:
            return None if said is None else self.contains in said
        return bool(said) == self.equals if isinstance(said, bool) else None


@cache
def requirements() -> dict[str, Requirement]:
    """Read the requirements.

    Returns
    -------
    dict of str to Requirement
        By id; the first, ``any``, is met by every service.
    """
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    return {name: Requirement(id=name, **entry) for name, entry in tomllib.loads(text).items()}


def requirement(name: str) -> Requirement:
    """Look up one requirement.

    Parameters
    ----------
    name : str
        Its id.

    Returns
    -------
    Requirement
        The requirement.

    Raises
    ------
    BadInputError
        When no requirement has that id.
    """
    known = requirements()
    if name not in known:
        raise BadInputError(f"Unknown requirement '{name}'. Use one of: {', '.join(known)}.")
    return known[name]
