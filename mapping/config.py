"""Configuration in TOML: bundled files, and those of the overlay folder laid over them.

The overlay is the folder that ``PROSSIMA_CONFIG`` names. The environment is read at each call, and
worker processes inherit it.
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from mapping.config_values import identifier, shortened, unfit_value
from mapping.errors import BadInputError, ConfigError, ProssimaError, UnknownCategoryError

OVERLAY_VARIABLE = "PROSSIMA_CONFIG"
TABLES = (
    "confidential_words.toml", "indicators.toml", "matching.toml", "profiles.toml",
    "requirements.toml", "survival.toml", "taxonomy.toml", "windows.toml",
)  # fmt: skip
FOLDERS = ("cities", "school_calendars", "sources")
MAX_FILE_BYTES = 1_000_000


class Config(BaseModel):
    """A part of a configuration; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


ConfigT = TypeVar("ConfigT", bound=Config)
ResultT = TypeVar("ResultT")
Weakened = Callable[[ConfigT, ConfigT], str | None]
"""Says what the overlay's entry (second) weakens of the bundled one; None if nothing."""


def overlay_folder() -> Path | None:
    """Find the overlay folder; raises ConfigError when the variable names no folder."""
    name = os.environ.get(OVERLAY_VARIABLE)
    if not name:
        return None
    folder = Path(name)
    try:
        is_folder = folder.is_dir()
    except OSError:
        is_folder = False
    if not is_folder:
        raise ConfigError(
            f"{OVERLAY_VARIABLE} = '{shortened(name)}' is no folder that can be read. Make it, or"
            " leave the variable empty."
        )
    return folder


def overlay_files() -> list[Path]:
    """List the files of the overlay, sorted; raises BadInputError at one that nothing reads.

    Hidden files and ``*.md`` are passed over.
    """
    folder = overlay_folder()
    return [] if folder is None else sorted(_overlay_files(folder))


def _overlay_files(folder: Path) -> Iterator[Path]:
    for path in _visible(folder):
        if path.name in FOLDERS and path.is_dir():
            yield from _entries_of(path)
        elif path.name in TABLES and path.is_file():
            yield path
        else:
            known = ", ".join([*TABLES, *(f"{name}/*.toml" for name in FOLDERS)])
            raise BadInputError(
                f"Nothing reads {_shown(path)}. Rename or remove it; known are: {known}."
            )


def _entries_of(folder: Path) -> Iterator[Path]:
    for path in _visible(folder):
        if path.suffix != ".toml" or not path.is_file():
            raise BadInputError(f"Nothing reads {_shown(path)}. Rename it to *.toml, or remove it.")
        _check_id(path)
        yield path


def _visible(folder: Path) -> list[Path]:
    try:
        paths = sorted(folder.iterdir())
    except OSError as problem:
        raise ConfigError(
            f"The folder {_shown(folder)} cannot be read: {problem.strerror}. Mend its permissions."
        ) from None
    return [path for path in paths if path.suffix != ".md" and not path.name.startswith(".")]


def overlay_summary() -> dict[str, Any] | None:
    """Name the overlay's files and hash their names and contents; None without an overlay."""
    folder = overlay_folder()
    if folder is None:
        return None
    digest = hashlib.sha256()
    names = []
    for path in overlay_files():
        names.append(path.relative_to(folder).as_posix())
        content = _content(path, BadInputError)
        digest.update(f"{names[-1]}\0{len(content)}\0".encode())
        digest.update(content)
    return {"files": names, "sha256": digest.hexdigest()}


def in_overlay(path: Path) -> bool:
    """Whether a configuration file belongs to the overlay."""
    folder = overlay_folder()
    return folder is not None and path.is_relative_to(folder)


def config_name(path: Path) -> str:
    """Name a configuration file: by its path below the overlay, or within the packages."""
    root = overlay_folder() if in_overlay(path) else None
    return path.relative_to(root or Path(__file__).parents[1]).as_posix()


def cached_for_overlay(function: Callable[[], ResultT]) -> Callable[[], ResultT]:
    """Cache what a function makes of the configuration, once for each value of the variable."""

    @cache
    def remembered(_overlay: str) -> ResultT:
        return function()

    @wraps(function)
    def read() -> ResultT:
        return remembered(os.environ.get(OVERLAY_VARIABLE, ""))

    return read


def config_files(bundled: Path, folder_name: str) -> dict[str, Path]:
    """Find the file of each id in a bundled folder and in the overlay's, sorted by id."""
    overlay = overlay_folder()
    own = overlay / folder_name if overlay is not None else bundled
    folders = [bundled, own] if own.is_dir() else [bundled]
    paths = (path for folder in folders for path in _visible(folder) if path.suffix == ".toml")
    files = {path.stem: path for path in paths}  # the overlay's, which comes later, replaces
    return dict(sorted(files.items()))


def read_config(path: Path, kind: type[ConfigT], error: type[ProssimaError]) -> ConfigT:
    """Read a TOML file whose name is the `id`; raises `error`, in one line, when it is wrong."""
    entry = _identified(path.stem, "id", _read_toml(path, error), _shown(path), error)
    return _validated(kind, entry, _shown(path), error)


def read_table(
    bundled: Path,
    kind: type[ConfigT],
    *,
    key: str = "id",
    weakened: Weakened[ConfigT] | None = None,
) -> dict[str, ConfigT]:
    """Read a TOML file with one entry an id, and the overlay's file of the same name over it.

    An entry of the overlay replaces the bundled one of its id in its place, or is added at the end.
    Raises BadInputError for a file that is wrong, or an entry that weakens a bundled one.
    """
    entries = read_entries(bundled, kind, key=key)
    own_path = _own_file(bundled.name)
    if own_path is None:
        return entries
    for name, entry in read_entries(own_path, kind, key=key).items():
        if name in entries and weakened is not None:
            refuse_weakened(own_path, weakened(entries[name], entry))
        entries[name] = entry
    return entries


def read_entries(path: Path, kind: type[ConfigT], *, key: str = "id") -> dict[str, ConfigT]:
    """Read one TOML file with one entry an id; raises BadInputError when it is wrong."""
    entries = {}
    for name, entry in _read_toml(path, BadInputError).items():
        shown = f"{_shown(path)}, '{shortened(name)}'"
        if not isinstance(entry, dict):
            raise BadInputError(
                f"{shown} = {shortened(repr(entry))} is no table. Write [{shortened(name)}] and its"
                " keys."
            )
        whole = _identified(name, key, entry, shown, BadInputError)
        entries[name] = _validated(kind, whole, shown, BadInputError)
    return entries


def read_document(
    bundled: Path, kind: type[ConfigT], *, weakened: Weakened[ConfigT] | None = None
) -> ConfigT:
    """Read a TOML file that is one whole, and the overlay's keys of the same name over it."""
    base = _read_toml(bundled, BadInputError)
    document = _validated(kind, {"id": bundled.stem, **base}, _shown(bundled), BadInputError)
    own_path = _own_file(bundled.name)
    if own_path is None:
        return document
    merged = _merged(base, _read_toml(own_path, BadInputError), _shown(own_path))
    own = _validated(kind, {"id": bundled.stem, **merged}, _shown(own_path), BadInputError)
    if weakened is not None:
        refuse_weakened(own_path, weakened(document, own))
    return own


def refuse_weakened(path: Path, reason: str | None) -> None:
    """Raise BadInputError when an overlay's file weakens what the bundled one ensures."""
    if reason is not None:
        raise BadInputError(
            f"{_shown(path)}: {reason} An overlay may be stricter than the bundled settings, never"
            " less."
        )


def first_problem(error: ValidationError) -> str:
    """Put the first problem of a validation into one line: key, value, rule and remedy."""
    problem = error.errors(include_url=False)[0]
    where = shortened(".".join(str(part) for part in problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return f"unknown key '{where}'. Remove it, or check its spelling."
    if problem["type"] == "missing":
        return f"the key '{where}' is missing. Add it."
    rule = " ".join(problem["msg"].removeprefix("Value error, ").split())
    if not where:
        return f"{rule}. Mend the values."
    if isinstance(problem["input"], dict):
        return f"'{where}': {rule}. Mend its values."
    return f"'{where}' = {shortened(repr(problem['input']))}: {rule}. Mend the value."


def _own_file(name: str) -> Path | None:
    folder = overlay_folder()
    path = folder / name if folder is not None else None
    return path if path is not None and path.is_file() else None


def _read_toml(path: Path, error: type[ProssimaError]) -> dict[str, Any]:
    content = _content(path, error)
    try:
        document, unfit = _parsed(content)
    except RecursionError:
        raise error(f"{_shown(path)} is nested too deep. Write it flatter.") from None
    except ValueError as problem:  # TOMLDecodeError and UnicodeDecodeError are its kinds
        reason = shortened(str(problem), 200)
        raise error(f"{_shown(path)} is not TOML: {reason}. Mend the file.") from None
    if unfit:
        raise error(f"{_shown(path)}: {unfit}")
    return document


@lru_cache(512)
def _parsed(content: bytes) -> tuple[dict[str, Any], str | None]:
    """Parse a file, with what is unfit in it: an overlay is compared with each source anew."""
    document = tomllib.loads(content.decode())
    return document, unfit_value(document)


def _content(path: Path, error: type[ProssimaError]) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as problem:
        raise error(
            f"{_shown(path)} cannot be read: {problem.strerror}. Mend the file or its permissions."
        ) from None
    if len(content) > MAX_FILE_BYTES:
        raise error(f"{_shown(path)} is larger than {MAX_FILE_BYTES} bytes. Make it smaller.")
    return content


def _identified(
    name: str, key: str, entry: Mapping[str, Any], shown: str, error: type[ProssimaError]
) -> dict[str, Any]:
    if key in entry:
        raise error(f"{shown}: unknown key '{key}'. Remove it: the name '{name}' is the id.")
    return {key: name, **entry}


def _validated(
    kind: type[ConfigT], entry: Mapping[str, Any], shown: str, error: type[ProssimaError]
) -> ConfigT:
    try:
        # Strict, as JSON is read: `true` is no 1, and "9" no number.
        return kind.model_validate_json(json.dumps(entry, default=str), strict=True)
    except ValidationError as problem:
        raise error(f"{shown}: {first_problem(problem)}") from problem
    except UnknownCategoryError as problem:
        raise error(f"{shown}: {problem}") from problem


def _merged(base: dict[str, Any], own: dict[str, Any], shown: str) -> dict[str, Any]:
    merged = dict(base)
    for key, value in own.items():
        if key not in base:
            raise BadInputError(
                f"{shown}: unknown key '{shortened(key)}'. Remove it, or use one of:"
                f" {', '.join(base)}."
            )
        both = isinstance(value, dict) and isinstance(base[key], dict)
        merged[key] = _merged(base[key], value, shown) if both else value
    return merged


def _check_id(path: Path) -> None:
    try:
        identifier(path.stem)
    except ValueError as problem:
        name = shortened(path.stem)
        raise BadInputError(f"{_shown(path)}: '{name}' {problem}. Rename the file.") from None


def _shown(path: Path) -> str:
    """Name a file without the folders of this machine: the server answers with it too."""
    folder = overlay_folder()
    if folder is None or not path.is_relative_to(folder):
        return path.name
    return (Path(OVERLAY_VARIABLE) / path.relative_to(folder)).as_posix()
