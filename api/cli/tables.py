"""Tables of the terminal: values are never cut or folded, only sentences go over several lines."""

import sys
from collections.abc import Collection, Sequence

import typer
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

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
    widths = [
        max(_width(text, folds=number in prose) for text in column)
        for number, column in enumerate(zip(*rows, *([head] if head else []), strict=True))
    ]
    needed = sum(widths) + GAP * len(widths)
    width = max(Console().width, needed) if sys.stdout.isatty() else UNLIMITED
    console = Console(width=width, highlight=False)
    with console.capture() as printed:
        console.print(_table(rows, head, right, prose, widths))
    for line in printed.get().splitlines():
        typer.echo(line.rstrip(), color=True)  # the console has left colours out, or was asked


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
) -> Table:
    table = Table(box=None, show_header=bool(head), pad_edge=False, padding=(0, GAP, 0, 0))
    for number, width in enumerate(widths):
        title = head[number] if head else ""
        justify: JustifyMethod = "right" if number in right else "left"
        whole = number not in prose
        table.add_column(Text(title), justify=justify, no_wrap=whole, min_width=width)
    for row in rows:
        # Names come from publishers' files: no bracket of theirs is markup.
        table.add_row(*map(Text, row))
    return table
