"""The command `greyzones`."""

from typing import Any

import typer

from api.cli.options import (
    CategoryOption,
    JsonOption,
    LangOption,
    ProfileOption,
    RequirementOption,
    WindowOption,
)
from api.cli.output import print_json
from api.cli.tables import print_table
from api.i18n.language import Words, words_named
from api.i18n.list_sentences import list_sentence, people_sentence
from api.i18n.zone_sentences import zone_name
from api.planner.zone_changes import read_zones
from api.settings import Settings
from mapping.coverage.class_words import NO_RECORDS, row_label
from mapping.coverage.situations import situation
from mapping.coverage.sureness_words import calibration_text
from mapping.maps.map_words import reason
from mapping.taxonomy import category as category_of

NONE = "Nessuna: tutti hanno un servizio vicino."
NOT_COMPUTED = (
    "Le zone grigie non sono calcolate: mancano le sezioni di censimento con il loro disegno. La"
    " mappa e la tabella per aree dicono ciò che si sa."
)


def greyzones(
    *,
    category: CategoryOption,
    profile: ProfileOption = "adult",
    window: WindowOption = "any",
    requirement: RequirementOption = "any",
    lang: LangOption = "it",
    as_json: JsonOption = False,
) -> None:
    """Print the grey zones of a category, the gravest first, and why each is one."""
    wanted = situation(profile, window, requirement)
    words = words_named(lang)
    document = read_zones(Settings().editions, category, wanted, language=words)
    if as_json:
        print_json(document)
        return
    declared = document["completeness"][category]
    if declared["known"]:
        typer.echo(list_sentence(declared, words))
        kind = category_of(category)
        if text := calibration_text(category):
            typer.echo(words.gettext(text))
        typer.echo(people_sentence(kind, document["people_bases"], words))
    print_table([_cells(row, words) for row in document["results"]], right={0}, prose={1})
    if not document["results"]:
        nothing = NONE if document["sections"] else NOT_COMPUTED
        if not declared["known"]:
            nothing = NO_RECORDS
        typer.echo(words.gettext(nothing))
    typer.echo(words.fill(words.gettext("Edizione %(edition)s."), edition=document["edition"]))


def _cells(row: dict[str, Any], words: Words) -> tuple[str, str]:
    kind = words.gettext(row_label(row))
    title = f"{zone_name(row, words)} ({kind}: {words.gettext(reason(row['reason']))})"
    return str(row["rank"] or "-"), f"{title}. {row['why']} {row['rank_why']}"
