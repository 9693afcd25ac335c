"""From sources to a published edition, with its report: what `prossima build` does."""

from collections.abc import Callable, Collection
from concurrent.futures import Executor
from datetime import date
from importlib.metadata import version
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from api.settings import Settings
from ingest.fetching.fetch import Fetcher, Request
from ingest.run import Ingest, SourceRun
from ingest.sheets.spreadsheet import is_sheet
from ingest.source import source
from mapping.build import Input, build
from mapping.catalogue.catalogue import Catalogue
from mapping.city import City, city
from mapping.edition.edition import Edition
from mapping.edition.manifest import EditionSource
from mapping.errors import BadInputError, SourceError
from mapping.model import Service

Say = Callable[[str], None]


def fetcher(settings: Settings, *, offline: bool) -> Fetcher:
    """Make the one that takes the files of sources, drawing a bar while it downloads.

    Parameters
    ----------
    settings : Settings
        Raw store, mirror and pack.
    offline : bool
        Ask no publisher.

    Returns
    -------
    Fetcher
        For one run.
    """
    bar = Progress(TextColumn("download"), BarColumn(), DownloadColumn(), transient=True)
    task = bar.add_task("download", total=None)

    def show(done: int, total: int | None) -> None:
        bar.start()
        bar.update(task, completed=done, total=total)
        if total is not None and done >= total:
            bar.stop()

    return Fetcher(
        raw=settings.raw,
        mirror=settings.mirror,
        bundled=settings.pack,
        offline=offline,
        progress=show if bar.console.is_terminal else None,
    )


def build_edition(
    settings: Settings,
    *,
    offline: bool,
    publish: bool,
    say: Say,
    accepted: Collection[str] = (),
    executor: Executor | None = None,
) -> tuple[Edition, list[SourceRun], list[str]]:
    """Read the sources, compute, write and publish.

    Parameters
    ----------
    settings : Settings
        City, folders and database.
    offline : bool
        Ask no publisher.
    publish : bool
        Whether the edition becomes the one that is read.
    say : callable
        Told of each stage.
    accepted : collection of str
        Sources that may move by more than their share.
    executor : Executor, optional
        Who measures the coverage.

    Returns
    -------
    tuple
        The edition, what was done with each source, and what no source gave.
    """
    place = city(settings.city)
    strange = sorted(set(accepted) - set(place.sources))
    if strange:
        raise BadInputError(
            f"'{strange[0]}' is no source of {place.name}. Accept one of `prossima sources list`."
        )
    settings.var.mkdir(parents=True, exist_ok=True)
    with Catalogue.open(settings.catalogue_url) as catalogue:
        hand = fetcher(settings, offline=offline)
        harvest = Ingest(place, hand, say, accepted=accepted).run(catalogue)
        services, decisions = catalogue.current(), catalogue.decisions()
        translations = catalogue.translations()
    runs = [*harvest.runs, *harvest.sheets]
    brought = [service for run in harvest.sheets for service in run.services]
    given = Input(
        city=place,
        layers=harvest.layers,
        lines=harvest.lines,
        networks=harvest.networks,
        gazetteer=harvest.gazetteer,
        services=[*_lists(services, place), *brought],
        decisions=decisions,
        translations=translations,
        sources=[_manifest_entry(run) for run in runs],
        missing=harvest.missing,
        stops=harvest.stops,
        executor=executor,
        premises=harvest.premises,
        background=harvest.background,
    )
    edition = build(
        given,
        root=settings.editions,
        software_version=version("prossima"),
        today=date.today(),  # noqa: DTZ011 - freshness is counted in the city's own days
        to_publish=publish,
        say=say,
    )
    return edition, runs, harvest.missing


def report(edition: Edition, runs: list[SourceRun], missing: list[str]) -> str:
    """Say what came of every source, with sums that balance.

    Parameters
    ----------
    edition : Edition
        What was built.
    runs : list of SourceRun
        What was done with each source.
    missing : list of str
        What no source gave.

    Returns
    -------
    str
        A table, then the notes.
    """
    head = ("source", "from", "rows in", "kept", "out of scope", "quarantined")
    rows = [head, *(_line(run) for run in runs)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["  ".join(_cell(cell, i, widths[i]) for i, cell in enumerate(row)) for row in rows]
    for run in runs:
        reasons = [f"{number} {reason}" for reason, number in run.out_of_scope.items()]
        notes = [*run.notes, *([f"out of scope: {', '.join(reasons)}"] if reasons else [])]
        lines += [f"{run.source.id}: {note}" for note in notes]
    lines += [f"missing: {reason}" for reason in missing]
    said = edition.manifest.parameters
    lines.append(
        f"merged: {said['records_merged']} records into {said['cards_merged']} cards;"
        f" {said['pairs_to_review']} pairs to review (prossima review list)"
    )
    levels = edition.areas["level"].to_pylist()
    counts = ", ".join(f"{levels.count(level)} {level}" for level in dict.fromkeys(levels))
    residents = edition.areas["residents"][0].as_py()
    people = "residents unknown" if residents is None else f"{residents:,} residents"
    lines.append(f"areas: {counts}; {people}")
    return "\n".join([*lines, _streets(said["network"]), f"edition {edition.id}"])


def _streets(network: Any) -> str:
    if network is None:
        return "times are ESTIMATED along straight lines: no street network was loaded"
    steps = "known" if network["knows_steps"] else "not known (a stroller's way may have some)"
    return (
        f"streets: {network['kilometres']:,} km; slopes known of {network['slope_share']:.0%};"
        f" steps {steps}"
    )


def check(settings: Settings, *, offline: bool, say: Say) -> int:
    """Take every source of the city, without reading it.

    Parameters
    ----------
    settings : Settings
        City and folders.
    offline : bool
        Ask no publisher.
    say : callable
        Told one line a source.

    Returns
    -------
    int
        How many sources, and their fallbacks, gave nothing.
    """
    hand = fetcher(settings, offline=offline)
    failed = 0
    for name in city(settings.city).sources:
        entry = source(name)
        try:
            if entry.is_asked:
                hand.reach(entry.id, entry.live)
                say(f"{name:24} live     answers; asked during a build")
                continue
            taken = hand.take(Request.of(entry))
            say(f"{name:24} {taken.taken_from:8} {taken.sha256[:12]}")
        except SourceError as error:
            say(f"{name:24} none     {error}")
            failed += entry.fallback is None
    return failed


def belongs(service: Service, place: City) -> bool:
    """Whether a service is the city's: of one of its sources or of a sheet, and nowhere else.

    Parameters
    ----------
    service : Service
        Of the catalogue.
    place : City
        The city.

    Returns
    -------
    bool
        False for what a regional source gave to another city with the same catalogue.
    """
    cities = {location.city for location in service.locations} - {None}
    source_id = service.provenance.source_id
    return (source_id in place.sources or is_sheet(source_id)) and cities <= {place.name}


def _lists(services: list[Service], place: City) -> list[Service]:
    # What sheets say comes from the harvest, with places.
    ours = (one for one in services if belongs(one, place))
    return [one for one in ours if not is_sheet(one.provenance.source_id)]


def _manifest_entry(run: SourceRun) -> EditionSource:
    return EditionSource(
        id=run.source.id,
        publisher=run.source.publisher,
        licence=run.source.licence,
        licence_url=run.source.licence_url,
        attribution=run.source.attribution,
        retrieved=run.taken.retrieved if run.taken else None,
        sha256=run.taken.sha256 if run.taken else None,
        taken_from=run.taken_from,
        rows_in=run.rows_in,
        rows_kept=run.rows_kept,
        rows_out_of_scope=run.rows_out_of_scope,
        rows_quarantined=len(run.quarantined),
    )


def _line(run: SourceRun) -> tuple[str, ...]:
    numbers = (run.rows_in, run.rows_kept, run.rows_out_of_scope, len(run.quarantined))
    return (run.source.id, run.taken_from, *(f"{number:,}" for number in numbers))


def _cell(text: str, column: int, width: int) -> str:
    return text.ljust(width) if column < 2 else text.rjust(width)  # noqa: PLR2004 - two of text
