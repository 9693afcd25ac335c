"""Tables of the terminal: values are never cut or folded, only sentences go over several lines."""

import os
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal

import typer
from rich.cells import cell_len

if TYPE_CHECKING:  # where output is no terminal, nothing is folded, and nobody waits for it
    from rich.table import Table

UNLIMITED = 100_000
"""Characters of a line that nothing breaks."""
GAP = 2
"""Characters between columns."""
NARROWEST = 24
"""Characters that a column of sentences has at the least."""


def print_table(
    rows: Sequence[Sequence[str]],
    *,
    head: Sequence[str] = (),
    right: Collection[int] = (),
    prose: Collection[int] = (),
) -> None:
    """Print rows below their head, if any.

    Columns of the numbers `right` end at the right. Those of `prose` hold sentences: a terminal
    that is too narrow folds them between words, and breaks whole lines if that is not enough.
    Where output is no terminal, each row is one line.
    """
    if not rows:
        return
    is_terminal = sys.stdout.isatty()
    if not is_terminal and not os.environ.get("FORCE_COLOR"):
        lines = _lines([head, *rows] if head else rows, right)
    else:
        lines = _drawn(rows, head, right, prose, is_terminal=is_terminal)
    for line in lines:
        typer.echo(line.rstrip(), color=True)  # colours were left out, or asked for


def _lines(rows: Sequence[Sequence[str]], right: Collection[int]) -> list[str]:
    """Lay rows out, a line each, as far apart as `_table` does."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        blanks = [" " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)]
        cells = [
            blank + text if number in right else text + blank
            for number, (text, blank) in enumerate(zip(row, blanks, strict=True))
        ]
        lines.append((" " * GAP).join(cells))
    return lines


def _drawn(
    rows: Sequence[Sequence[str]],
    head: Sequence[str],
    right: Collection[int],
    prose: Collection[int],
    *,
    is_terminal: bool,
) -> list[str]:
    """Lay rows out for a terminal, which has colours and a width."""
    from rich.console import Console  # noqa: PLC0415 - for terminals alone

    widths = [
        max(_width(text, folds=number in prose) for text in column)
        for number, column in enumerate(zip(*rows, *([head] if head else []), strict=True))
    ]
    needed = sum(widths) + GAP * len(widths)
    width = max(Console().width, needed) if is_terminal else UNLIMITED
    console = Console(width=width, highlight=False)
    with console.capture() as printed:
        console.print(_table(rows, head, right, prose, widths))
    return printed.get().splitlines()


def _width(text: str, *, folds: bool) -> int:
    """Give the characters that a cell needs: all of them, or those of its longest word."""
    if not folds:
        return cell_len(text)
    return max(NARROWEST, *map(cell_len, text.split() or [""]))


def _table(
    rows: Sequence[Sequence[str]],
    head: Sequence[str],
    right: Collection[int],
    prose: Collection[int],
    widths: Sequence[int],
) -> "Table":
    from rich.table import Table  # noqa: PLC0415 - for terminals alone
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, show_header=bool(head), pad_edge=False, padding=(0, GAP, 0, 0))
    for number, width in enumerate(widths):
        title = head[number] if head else ""
        justify: Literal["left", "right"] = "right" if number in right else "left"
        whole = number not in prose
        table.add_column(Text(title), justify=justify, no_wrap=whole, min_width=width)
    for row in rows:
        # Names come from publishers' files: no bracket of theirs is markup.
        table.add_row(*map(Text, row))
    return table
