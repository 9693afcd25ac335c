"""Finds the bundled pack: services and areas that come with the software."""

from pathlib import Path

PACKAGED = Path(__file__).parents[1] / "data"
"""The pack in an installed wheel."""
REPOSITORY = Path(__file__).parents[2]


def bundled_folder() -> Path | None:
    """Find the pack of the installed wheel, else the repository's `data/`; None without either."""
    # Beside an installed package, a folder called `data` is somebody else's.
    repository = REPOSITORY / "data" if (REPOSITORY / "pyproject.toml").is_file() else None
    candidates = [path for path in (PACKAGED, repository) if path and path.is_dir()]
    return candidates[0] if candidates else None
