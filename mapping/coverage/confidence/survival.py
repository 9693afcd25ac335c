"""How likely a record is still true after some years, by family of services, as a band."""

from pathlib import Path
from typing import Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from mapping.arrays import Floats
from mapping.config import Config, cached_for_overlay, read_table
from mapping.config_values import Identifier, Label, Sentence
from mapping.errors import BadInputError
from mapping.taxonomy import category

FILE = Path(__file__).with_name("survival.toml")
SHAPES = (0.5, 2.0)
"""Exponents of the Weibull curves through the measured point: of 0.5 most end soon, of 2 late; the
constant hazard, 1, lies between. Two lists cannot tell which it is."""


class RegisterPair(Config):
    """Two lists of the same services, years apart."""

    name: Label
    records: int = Field(ge=30)
    """How many the older list holds: of fewer than 30 nothing is measured."""
    outliving: int = Field(ge=0)
    """How many of them still stand there by the newer one."""
    low: float = Field(gt=0, le=1)
    high: float = Field(gt=0, le=1)
    """Between which their share is nine times in ten, organisations drawn anew."""
    years: float = Field(gt=0)
    source: Sentence

    @model_validator(mode="after")
    def _found_among_records(self) -> Self:
        if self.outliving > self.records:
            raise ValueError("outliving is above records")
        if not self.low <= self.outliving / self.records <= self.high:
            raise ValueError("the share outliving is not between low and high")
        return self


class Family(Config):
    """Services whose records age alike."""

    id: Identifier
    label: Label
    common_fate: bool = False
    ends_with_funding: bool = False
    """Whether they end when their funding does, of which no source tells the day."""
    registers: tuple[RegisterPair, ...] = ()


class Band(NamedTuple):
    """Between which probabilities records still hold, each (r,)."""

    low: Floats
    high: Floats


@cached_for_overlay
def families() -> dict[str, Family]:
    """Read the families by id, in the order of `survival.toml`; an overlay's come last."""
    return read_table(FILE, Family, weakened=_weakened)


def _weakened(bundled: Family, own: Family) -> str | None:
    if bundled.registers and own.registers != bundled.registers:
        return f"'{own.id}' is measured, and has other registers. Take '{own.id}' out."
    if bundled.common_fate and not own.common_fate:
        return f"'{own.id}' no longer ends together. Add `common_fate = true`."
    return None


def family_of(code: str, ownership: str | None = None) -> Family | None:
    """Give the family of the records of a category that are run so; None where it declares none.

    Raises BadInputError where `survival.toml` lacks the family that the taxonomy names.
    """
    kind = category(code)
    owned = {str(who): name for who, name in kind.family_by_ownership.items()}
    name = owned.get(str(ownership), kind.family)
    return None if name is None else _family(name, code)


def _family(name: str, code: str) -> Family:
    if name not in families():
        raise BadInputError(
            f"taxonomy.toml: family = '{name}' of '{code}' is not in survival.toml. Use one of:"
            f" {', '.join(families())}."
        )
    return families()[name]


def calibration(code: str) -> Literal["all", "some", "none"]:
    """Say of which records of a category somebody measured how long they hold."""
    every = [family_of(code), *(family_of(code, who) for who in category(code).family_by_ownership)]
    measured = [family is not None and bool(family.registers) for family in every]
    return "all" if all(measured) else "some" if any(measured) else "none"


def is_calibrated(code: str, ownership: str | None) -> bool:
    """Whether somebody measured how long those records of a category hold that are run so."""
    family = family_of(code, ownership)
    return family is not None and bool(family.registers)


def survival(code: str, age_years: Floats) -> Band | None:
    """Say how likely records still hold, of the family that was measured.

    Of records of another family it says nothing: `is_calibrated`.

    The share found after some years is known between `low` and `high`; from it on, and before, the
    curve is Weibull's, ``share ** ((age / years) ** shape)``, with the shape anywhere between
    `SHAPES`. Of several registers the lowest and the highest count.

    Parameters
    ----------
    code : str
        The category.
    age_years : ndarray of float, shape (r,)
        Since each record was last known to be true; 0 where that is to come.

    Returns
    -------
    Band or None
        In [0, 1]; None where no family of the category is calibrated.
    """
    owners = (None, *category(code).family_by_ownership)
    families_of_code = {family.id: family for who in owners if (family := family_of(code, who))}
    registers = [pair for family in families_of_code.values() for pair in family.registers]
    if not registers:
        return None
    bands = [band_of(register, age_years) for register in registers]
    low = np.min([band.low for band in bands], axis=0)
    return Band(low, np.max([band.high for band in bands], axis=0))


def band_of(register: RegisterPair, age_years: Floats) -> Band:
    """Say how likely records still hold by one pair of registers alone.

    Parameters
    ----------
    register : RegisterPair
        The pair.
    age_years : ndarray of float, shape (r,)
        Since each record was last known to be true.

    Returns
    -------
    Band
        In [0, 1].
    """
    powers = (np.clip(age_years, 0, None)[:, None] / register.years) ** np.array(SHAPES)
    return Band(register.low ** powers.max(axis=1), register.high ** powers.min(axis=1))
