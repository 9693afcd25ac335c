"""What a family needs of a service besides its place: met, not met, or not known."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
from pydantic import model_validator

from mapping.config import Config, cached_for_overlay, read_table
from mapping.config_values import Identifier, Label
from mapping.errors import BadInputError
from mapping.tables import SERVICES

ANY = "any"


class Requirement(Config):
    """A column of the services, and what it must be or hold."""

    id: Identifier
    label: Label
    column: str | None = None
    equals: bool | None = None
    contains: Label | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        if self.column is not None and self.column not in SERVICES.names:
            raise ValueError(f"services have no column '{self.column}'")
        conditions = (self.equals is not None) + (self.contains is not None)
        if conditions != (self.column is not None):
            raise ValueError("a column needs either `equals` or `contains`, and they a column")
        if self.column is not None:
            kind = SERVICES.columns[self.column].type
            fits = pa.types.is_boolean if self.equals is not None else pa.types.is_list
            if not fits(kind):
                raise ValueError("`equals` needs a column that is yes or no, `contains` a list")
        return self

    def met_by(self, service: Mapping[str, Any]) -> bool | None:
        """Whether a row of `tables.SERVICES` meets the requirement; None when that is not known."""
        if self.column is None:
            return True
        value = service[self.column]
        if self.contains is not None:
            return None if value is None else self.contains in value
        return equals(value, wanted=self.equals)


def equals(value: object, *, wanted: bool | None) -> bool | None:
    """Compare a yes-or-no column of a service with what is wanted; None where it is not known."""
    return value is wanted if isinstance(value, bool) else None


@cached_for_overlay
def requirements() -> dict[str, Requirement]:
    """Read the requirements.

    Returns
    -------
    dict of str to Requirement
        By id; the first, ``any``, is met by every service.
    """
    return read_table(Path(__file__).with_suffix(".toml"), Requirement, weakened=_weakened)


def requirement(name: str) -> Requirement:
    """Look up a requirement by id; raises BadInputError when there is none."""
    by_id = requirements()
    if name not in by_id:
        raise BadInputError(f"Unknown requirement '{name}'. Use one of: {', '.join(by_id)}.")
    return by_id[name]


def _weakened(_bundled: Requirement, own: Requirement) -> str | None:
    if own.id == ANY and own.column is not None:
        return f"'{ANY}' asks for something: every service meets it. Give another id."
    return None
