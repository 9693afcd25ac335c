"""The worked examples of docs/methods.md, read so that a test can compute them again."""

import re
from pathlib import Path

METHODS = Path(__file__).parents[2] / "docs" / "methods.md"


def section(title: str) -> str:
    text = METHODS.read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def table(text: str) -> dict[str, list[str]]:
    """Columns of the last table of a text, by heading."""
    lines = re.findall(r"(?:^\|.*\|\n?)+", text, re.MULTILINE)[-1].strip().split("\n")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    head, _, *rows = cells
    return {name: [row[number] for row in rows] for number, name in enumerate(head)}


def numbers(column: list[str]) -> list[float]:
    """Numbers of a column; a dash is NaN."""
    return [float("nan") if cell == "-" else float(cell) for cell in column]
