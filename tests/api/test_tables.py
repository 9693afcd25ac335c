"""Tables of the command line on a terminal, and where output goes elsewhere."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

CODE = "farmacie_2026:IT-25-015146-0001"
SENTENCE = "Il più vicino è a 25 minuti: 15 oltre il limite accettabile di 10."
PROGRAM = f"""
from api.cli.tables import print_table
row = ({CODE!r}, {SENTENCE!r}, {CODE!r})
print_table([row, row], head=("codice", "perché", "altro"), prose={{1}})
"""
ESCAPE = re.compile(r"\x1b\[[\d;]*m")


def on_terminal(columns: int) -> list[str]:
    """What the program writes on a terminal of so many columns, line by line as it is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    names = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM],
        stdout=theirs,
        stdin=theirs,
        env={**names, "TERM": "xterm", "NO_COLOR": "1"},
    ) as program:
        os.close(theirs)
        sent = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    assert program.returncode == 0
    return ESCAPE.sub("", sent.decode()).splitlines()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # the program has closed its side
        return b""


def elsewhere(**settings: str) -> list[str]:
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "COLUMNS": "20", "TERM": "xterm", **settings},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().splitlines()


def test_a_wide_terminal_has_a_line_a_row() -> None:
    lines = on_terminal(200)
    assert len(lines) == 3
    assert all(SENTENCE in line and line.count(CODE) == 2 for line in lines[1:])


def test_a_narrow_terminal_folds_sentences_between_words_and_nothing_else() -> None:
    for columns in (20, 60, 100):
        lines = on_terminal(columns)
        assert len(lines) > 3
        assert sum(line.count(CODE) for line in lines) == 4
        said = " ".join(line.replace(CODE, "").strip() for line in lines[1:])
        assert " ".join(said.split()) == f"{SENTENCE} {SENTENCE}"


def test_a_line_a_row_where_output_is_no_terminal_and_colour_only_where_asked() -> None:
    plain, forced = elsewhere(), elsewhere(FORCE_COLOR="1")
    assert [len(plain), len(forced)] == [3, 3]
    assert all(SENTENCE in line and line.count(CODE) == 2 for line in (*plain[1:], *forced[1:]))
    assert "\x1b" not in "".join(plain)
    assert "\x1b" in forced[0]
