"""The commands of `translations`."""

from pathlib import Path
from typing import Annotated

import typer

from api.jobs.translate import bring, save_to_translate
from api.settings import Settings

LanguageArgument = Annotated[
    str, typer.Argument(help="Of the translations, as ar or uk.", metavar="LANGUAGE")
]


def write_sheet(
    language: LanguageArgument,
    file: Annotated[Path, typer.Argument(help="The workbook to write.", metavar="OUT.xlsx")],
) -> None:
    """Write what has no translation, or one that is older than its Italian text."""
    count, left_out = save_to_translate(Settings(), language, file)
    typer.echo(f"{count} testi da tradurre in {file}")
    if left_out:
        typer.echo(f"Altri {left_out} sono troppo lunghi per una cella: restano in italiano.")


def import_translations(
    language: LanguageArgument,
    file: Annotated[Path, typer.Argument(help="The workbook, filled in.")],
    *,
    translator: Annotated[str, typer.Option(help="Who made them: shown beside each.")],
    translated_on: Annotated[
        str | None, typer.Option(help="When, if not today: 2026-11-21.", metavar="DAY")
    ] = None,
) -> None:
    """Bring in the translations that somebody wrote into a sheet."""
    count, older = bring(Settings(), file, language, translator, translated_on)
    typer.echo(f"{count} traduzioni importate: si vedranno dopo `prossima build`.")
    if older:
        typer.echo(f"Di {older} il testo italiano è già cambiato: la pagina lo dirà.")
