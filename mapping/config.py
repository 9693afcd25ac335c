"""Configuration files: TOML with no key that nobody knows."""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mapping.errors import ProssimaError


class Config(BaseModel):
    """A part of a configuration; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=Config)


def read_config(path: Path, kind: type[ConfigT], error: type[ProssimaError]) -> ConfigT:
    """Read a TOML file; its name is the `id`.

    Parameters
    ----------
    path : Path
        The file.
    kind : type
        What it describes.
    error : type
        Raised, in one line, when the file is not TOML, or breaks a rule.

    Returns
    -------
    Config
        The configuration, of the given kind.
    """
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
        return kind.model_validate({"id": path.stem, **said})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise error(f"{path.name} is not TOML: {problem}. Mend the file.") from problem
    except ValidationError as problem:
        raise error(f"{path.name}: {first_problem(problem)}") from problem


def first_problem(error: ValidationError) -> str:
    """Say the first problem of a validation in one line.

    Parameters
    ----------
    error : ValidationError
        What pydantic raised.

    Returns
    -------
    str
        Key, value, rule, and what to do.
    """
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"]) or "the file"
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{where}'. Remove it, or check its spelling."
    return f"'{where}' = {problem['input']!r}: {problem['msg']}. Mend the value."
