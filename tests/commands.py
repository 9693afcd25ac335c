"""Run the command line within the tests' own process."""

import gc
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from api.cli.main import main


def in_process(
    arguments: Sequence[str], *, typed: str, cwd: Path, settings: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Call `main` as a process would: with its arguments, settings, folder and standard streams."""
    out, err, typed_in = _stream(), _stream(), _stream(typed)
    thresholds = gc.get_threshold()
    with (
        chdir(cwd),
        mock.patch.dict(os.environ, settings, clear=True),
        mock.patch.object(sys, "argv", ["prossima", *arguments]),
        mock.patch.object(sys, "stdin", typed_in),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        status = _exit_status()
    gc.set_threshold(*thresholds)
    return subprocess.CompletedProcess(list(arguments), status, _text(out), _text(err))


def _exit_status() -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _stream(text: str = "") -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode()
