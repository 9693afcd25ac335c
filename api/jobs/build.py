"""From sources to a published edition, with its report: what `prossima build` does."""

import shutil
from collections.abc import Collection, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from api.jobs.catalogue_health import require_own_catalogue, require_sound_catalogue
from api.jobs.compared_editions import remember_compared, remember_same
from api.jobs.sharing import share
from api.jobs.withholding import withhold_before_publishing, withhold_confidential
from api.settings import Settings
from ingest.fetching.fetch import Fetcher, Request
from ingest.run import Ingest
from ingest.source import Source, source
from ingest.source_result import SourceResult
from mapping.atomic_files import locked, temporary_folder
from mapping.build import build
from mapping.catalogue.catalogue import Catalogue
from mapping.city import city
from mapping.edition.edition import POINTER, Edition, list_editions, predecessor, publish
from mapping.edition.edition_writer import adopt
from mapping.edition.losses import holdings, losses, not_compared
from mapping.edition.manifest import read_head
from mapping.edition.store import EditionStore
from mapping.edition.withheld import read_withheld
from mapping.errors import (
    BadInputError,
    LossError,
    ProssimaError,
    SourceError,
    WithheldCopyError,
)
from mapping.leaks.publication import refuse_leaks
from mapping.text import Say

UNCOUNTED = (
    "Rows that could not be read, or may be of a confidential place, are counted nowhere here:"
    " `prossima quarantine list` and `prossima review list` have them."
)
"""Said whether there are any or not."""
MAX_TOLD = 12
"""Losses that are named; of the others only the number is said."""


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
    say: Say,
    accepted: Collection[str] = (),
    new_catalogue: bool = False,
    executor: Executor | None = None,
) -> tuple[Edition, list[SourceResult], list[str]]:
    """Read the sources, compute, and write an edition, which is not yet published.

    Parameters
    ----------
    settings : Settings
        City, folders and database.
    offline : bool
        Ask no publisher.
    say : callable
        Told of each stage.
    accepted : collection of str
        Sources that may move by more than their share.
    new_catalogue : bool, optional
        Begin a catalogue though there are editions, of which the one before was lost.
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
    today = settings.build_day
    settings.var.mkdir(parents=True, exist_ok=True)
    withheld = read_withheld(settings.editions)  # a broken list is said before minutes of work
    if settings.store:
        # The new edition goes on from the one that all servers read, whoever built it.
        EditionStore.open(settings.store).bring(settings.editions)
    require_sound_catalogue(settings)
    if not new_catalogue:
        require_own_catalogue(settings)
    with (
        fetcher(settings, offline=offline) as hand,
        Catalogue.open(settings.catalogue_url) as catalogue,
    ):
        ingest = Ingest(place, hand, say, accepted=accepted, withheld=withheld)
        inputs = ingest.run(catalogue)
        confidential = withhold_confidential(settings, catalogue, ingest.withdrawn)
        keyed_hash = catalogue.keyed_hash()
    built = partial(
        build,
        root=settings.editions,
        software_version=version("prossima"),
        today=today,
    )
    with _unsearched_folder(settings) as folder:
        edition = built(replace(inputs, executor=executor), say=say, folder=folder)
        say("privacy: searching the edition for confidential records")

        def built_without() -> Edition:
            say("privacy: building as if there were none, to compare what was found")
            public = replace(ingest.without_confidential(inputs), executor=executor)
            return built(public, say=_unsaid, folder=folder)

        if refuse_leaks(edition, inputs, confidential, built_without):
            hidden = [*inputs.services, *confidential]
            remember_compared(settings.var, edition.id, hidden, keyed_hash)
        edition = adopt(settings.editions, edition)
    return edition, [*ingest.results, *ingest.neighbours], ingest.missing


@contextmanager
def _unsearched_folder(settings: Settings) -> Iterator[Path]:
    """Lend a folder from which nothing is served; what a killed build left in it is removed."""
    apart = settings.unsearched
    apart.mkdir(mode=0o700, exist_ok=True)
    with locked(apart), temporary_folder(apart) as folder:
        yield folder


def _unsaid(_stage: str) -> None:
    """Say nothing of a stage that was told once."""


def publish_edition(settings: Settings, edition: Edition, *, accept_loss: bool) -> str:
    """Publish an edition unless it lost much of what the published one has; say what was done.

    One that is the same as the published one is removed, and the published one goes on. Raises
    LossError for a loss that nobody accepted, also of another city's edition. The pack alone
    never replaces an edition that is fuller: where no mirror is named that is no mistake of
    anybody, and only said.
    """
    before = predecessor(settings.editions) or _newest_but(settings.editions, edition)
    if before is not None and before.id != edition.id and _is_same(before, edition):
        remember_same(settings.var, before.id, edition.id)
        shutil.rmtree(edition.path)
        share(settings, before, before)
        publish(settings.editions, before.id)  # the pointer may be broken
        return f"edition {before.id} goes on: what was built now is the same, to the last byte"
    lost = [] if before is None or accept_loss else losses(before, edition)
    if before is None or not lost:
        share(settings, edition, before)
        withhold_before_publishing(settings, edition)
        publish(settings.editions, edition.id)
        note = None if before is None else not_compared(holdings(before), holdings(edition))
        return f"edition {edition.id}" + (f" ({note})" if note else "")
    more = [f"{len(lost) - MAX_TOLD} more"] if len(lost) > MAX_TOLD else []
    loss_texts = [*lost[:MAX_TOLD], *more]
    places = {entry.taken_from for entry in edition.manifest.sources}
    is_pack_alone = "bundled" in places and places <= {"bundled", "import"}
    is_wanted = is_pack_alone and settings.mirror is None
    if is_wanted and before.manifest.city == edition.manifest.city:
        return (
            f"edition {edition.id} is of the bundled pack alone and stays unpublished:"
            f" {before.id}, which is fuller, goes on (it would lose: {'; '.join(loss_texts)})"
        )
    raise LossError(edition.id, loss_texts)


def _newest_but(root: Path, edition: Edition) -> Edition | None:
    """Open the newest other edition, with which one is compared where the pointer is broken."""
    if not (root / POINTER).exists():
        return None
    for name in list_editions(root):
        if name != edition.id:
            with suppress(ProssimaError):
                return Edition.open(root / name)
    return None


def _is_same(before: Edition, edition: Edition) -> bool:
    readable = read_head(before.path).is_readable
    return readable and before.manifest.has_content_of(edition.manifest)


def report(edition: Edition, runs: list[SourceResult], missing: list[str]) -> str:
    """Say what came of every source, with sums that balance.

    Parameters
    ----------
    edition : Edition
        What was built.
    runs : list of SourceResult
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
    lines.append(UNCOUNTED)
    for run in runs:
        public = run.out_of_scope - run.hidden
        reasons = [f"{number} {reason}" for reason, number in public.items()]
        notes = [*run.notes, *([f"out of scope: {', '.join(reasons)}"] if reasons else [])]
        lines += [f"{run.source.id}: {note}" for note in notes]
    lines += [f"missing: {reason}" for reason in missing]
    parameters = edition.manifest.parameters
    lines.append(
        f"merged: {parameters['records_merged']} records into {parameters['cards_merged']} cards;"
        f" {parameters['pairs_to_review']} pairs to review (prossima review list)"
    )
    levels = edition.areas["level"].to_pylist()
    counts = ", ".join(f"{levels.count(level)} {level}" for level in dict.fromkeys(levels))
    residents = edition.areas["residents"][0].as_py()
    people = "residents unknown" if residents is None else f"{residents:,} residents"
    lines.append(f"areas: {counts}; {people}")
    return "\n".join([*lines, _streets(parameters["network"])])


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
    failed = 0
    with fetcher(settings, offline=offline) as hand:
        for name in city(settings.city).sources:
            failed += not _answers(hand, source(name), say)
    return failed


def _answers(hand: Fetcher, entry: Source, say: Say) -> bool:
    """Take a source, and say from where; whether it, or what stands in for it, gives anything."""
    try:
        if entry.is_asked:
            hand.reach(entry.id, entry.live)
            say(f"{entry.id:24} live     answers; asked during a build")
        else:
            taken = hand.take(Request.of(entry))
            say(f"{entry.id:24} {taken.taken_from:8} {taken.sha256[:12]}")
    except WithheldCopyError as error:
        say(f"{entry.id:24} none     {error.tried}; its services stay as the catalogue knows them")
    except SourceError as error:
        say(f"{entry.id:24} none     {error}")
        return entry.fallback is not None
    return True


def _line(run: SourceResult) -> tuple[str, ...]:
    # A journal keeps this: no confidential row is counted in it.
    entry = run.manifest_entry()
    numbers = (
        entry.rows_in, entry.rows_kept, entry.rows_out_of_scope, entry.rows_quarantined
    )  # fmt: skip
    return (run.source.id, run.taken_from, *(f"{number:,}" for number in numbers))


def _cell(text: str, column: int, width: int) -> str:
    return text.ljust(width) if column < 2 else text.rjust(width)  # noqa: PLR2004 - two of text
