"""The command `doctor`."""

import typer

from api.cli.tables import print_table
from api.jobs.doctor import diagnose
from api.settings import Settings


def doctor() -> None:
    """Look at the installation, and say what is missing and how to mend it."""
    findings = list(diagnose(Settings()))
    print_table(findings, prose={2})
    if any(finding.verdict != "ok" for finding in findings):
        raise typer.Exit(2)
