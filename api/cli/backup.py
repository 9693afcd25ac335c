"""The commands `backup` and `restore`."""

from pathlib import Path
from typing import Annotated

import typer

from api.jobs.backup import Contents, read_passphrase, write_backup
from api.jobs.restore import restore_backup
from api.settings import Settings

MEGABYTE = 1_000_000

FileArgument = Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        help="A file whose first line is the passphrase; else PROSSIMA_BACKUP_PASSPHRASE.",
        metavar="FILE",
    ),
]


def backup(
    file: FileArgument,
    *,
    passphrase_file: PassphraseOption = None,
    all_editions: Annotated[
        bool, typer.Option("--all-editions", help="Not the published edition alone.")
    ] = False,
) -> None:
    """Write the catalogue and the published edition into one sealed file."""
    settings = Settings()
    passphrase = read_passphrase(settings, passphrase_file)
    contents = write_backup(settings, file, passphrase, all_editions=all_editions)
    typer.echo(f"{file}: {_summary(contents)}, {file.stat().st_size / MEGABYTE:,.1f} MB.")


def restore(
    file: FileArgument,
    *,
    passphrase_file: PassphraseOption = None,
    catalogue_only: Annotated[
        bool, typer.Option("--catalogue-only", help="No edition: the next build makes one.")
    ] = False,
) -> None:
    """Restore a backup into an empty PROSSIMA_VAR, and verify all that it holds."""
    settings = Settings()
    passphrase = read_passphrase(settings, passphrase_file)
    contents = restore_backup(settings, file, passphrase, catalogue_only=catalogue_only)
    typer.echo(
        f"{settings.var}: {_summary(contents)}, as they were on {contents.created_at:%F %H:%M} UTC."
    )


def _summary(contents: Contents) -> str:
    catalogue = "no catalogue" if contents.catalogue_sha256 is None else "the catalogue"
    editions = ", ".join(contents.editions) or "none"
    return f"{catalogue}, editions: {editions} (published: {contents.published or 'none'})"
