"""Options and arguments that several commands have."""

from typing import Annotated

import typer

CityOption = Annotated[str | None, typer.Option(help="The city, one of the files cities/*.toml.")]
MirrorOption = Annotated[str | None, typer.Option(help="A folder with copies of the sources.")]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Ask no publisher.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
CategoryOption = Annotated[str, typer.Option(help="Category code.")]
ProfileOption = Annotated[str, typer.Option(help="Who walks, such as stroller.")]
WindowOption = Annotated[str, typer.Option(help="When, such as weekday_afternoon.")]
RequirementOption = Annotated[str, typer.Option(help="What is needed, such as no_residence.")]
LangOption = Annotated[
    str, typer.Option(help="Language of the sentences: it, en, ar, es, bn, fr, zh or uk.")
]
ActorOption = Annotated[str, typer.Option(help="Who decides, for the record.")]
