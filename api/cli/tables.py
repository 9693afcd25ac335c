"""Tables of the terminal; where output is no terminal, plain columns with every value whole."""

from collections.abc import Collection, Sequence

import typer
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

UNLIMITED = 100_000
"""Characters of a line that no terminal breaks."""


def print_table(
    rows: Sequence[Sequence[str]], *, head: Sequence[str] = (), right: Collection[int] = ()
) -> None:
    """Print rows below their head, if any; columns of the numbers `right` end at the right."""
    if not rows:
        return
    console = Console(highlight=False)
    if console.is_terminal:
        console.print(_table(rows, head, right))
        return
    console = Console(width=UNLIMITED, no_color=True)
    with console.capture() as printed:
        console.print(_table(rows, head, right))
    for line in printed.get().splitlines():
        typer.echo(line.rstrip())


def _table(rows: Sequence[Sequence[str]], head: Sequence[str], right: Collection[int]) -> Table:
    table = Table(box=None, show_header=bool(head), pad_edge=False, padding=(0, 2, 0, 0))
    for number in range(len(rows[0])):
        title = head[number] if head else ""
        justify: JustifyMethod = "right" if number in right else "left"
        table.add_column(Text(title), justify=justify, overflow="fold")
    for row in rows:
        # Names come from publishers' files: no bracket of theirs is markup.
        table.add_row(*map(Text, row))
    return table
