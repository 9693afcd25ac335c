"""The check of docstrings: every sort of a bad one fails it, and a good one passes."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / ".ci" / "docstrings.py"

PUBLIC = '"""A drawn package."""\n\nfrom drawn.walks import reach\n\n__all__ = ["reach"]\n'
GOOD = '''"""Walks."""


def reach(minutes: int) -> int:
    """Count what is within a walk.

    Parameters
    ----------
    minutes : int
        How long the walk may be.

    Returns
    -------
    int
        How many.
    """
    return minutes


def seconds(metres: Floats) -> Floats:
    """Give the time of a walk.

    Parameters
    ----------
    metres : (n,) array
        Lengths; NaN where there is no way.

    Returns
    -------
    (n,) array
        Seconds.
    """
    return metres


class Feet(NamedTuple):
    """Places."""

    seconds: Floats


def farthest(feet: Feet) -> int:
    """Find the farthest place.

    Parameters
    ----------
    feet : Feet
        Arrays of shape (n,).

    Returns
    -------
    int
        Its number.
    """
    return feet.seconds.argmax()


class Walk:
    """A walk."""

    def is_long(self, minutes: int) -> bool:
        """Say whether it takes longer."""
        return bool(minutes)

    @property
    def metres(self) -> Floats:
        """Lengths of its legs."""
        return self._metres

    def _lengths(self, metres: Floats) -> None:
        """whatever"""
'''
SECTION = (
    "\n\n        Parameters\n        ----------\n        {} : int\n            The limit.\n        "
)


def check(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    package = folder / "drawn"
    package.mkdir()
    (package / "__init__.py").write_text(PUBLIC, encoding="utf-8")
    (package / "walks.py").write_text(text, encoding="utf-8")
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, PROGRAM, package], capture_output=True, text=True, check=False
    )


def test_good_docstrings_pass(tmp_path):
    done = check(tmp_path, GOOD)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("good", "bad", "code", "name"),
    [
        ("A walk.", "\n\n    A walk.\n    ", "GL01", "Walk"),
        ("A walk.", "A walk.\n\n\n    It ends.\n    ", "GL03", "Walk"),
        ("Say whether it takes longer.", "Say whether it takes longer", "SS03", "Walk.is_long"),
        ("longer.", "longer." + SECTION.format("hours"), "PR01", "Walk.is_long"),
        ("longer.", "longer." + SECTION.format("hours"), "PR02", "Walk.is_long"),
        ("(metres: Floats)", "(metres: Floats, epsg: int)", "PR01", "seconds"),
        ("metres : (n,) array", "meters : (n,) array", "PR02", "seconds"),
        ("(minutes: int) -> int", "(minutes: int, count: int) -> int", "PR01", "reach"),
        ("(feet: Feet)", "(feet: Feet, count: int)", "PR01", "farthest"),
        ("minutes : int\n", "count : int\n    minutes : int\n", "PR03", "reach"),
        ("        How many.\n", "", "RT03", "reach"),
        ("    Returns\n    -------\n    int\n        How many.\n", "", "RT01", "reach"),
        ("    return minutes", "    yield minutes", "YD01", "reach"),
    ],
)
def test_every_sort_of_bad_docstring_is_one_line(tmp_path, good, bad, code, name):
    text = GOOD.replace("(minutes: int) -> int", "(minutes: int, count: int) -> int")
    text = (text if code == "PR03" else GOOD).replace(good, bad, 1)
    done = check(tmp_path, text)
    assert done.returncode == 1
    wanted = f": {code} drawn.walks.{name}: "
    lines = [line for line in done.stdout.splitlines() if wanted in line]
    assert len(lines) == 1, done.stdout
    assert lines[0].startswith(f"{tmp_path / 'drawn' / 'walks.py'}:")


def test_a_public_name_without_a_docstring_fails(tmp_path):
    done = check(tmp_path, "def reach():\n    pass\n")
    assert " GL08 drawn.walks.reach: " in done.stdout


def test_the_check_runs_on_every_package():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert ".ci/docstrings.py mapping ingest api\n" in makefile
