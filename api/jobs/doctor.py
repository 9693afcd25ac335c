"""Checks of the installation: what is there, what is missing, how to mend it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import make_url

from api.client_networks import EVERYBODY, EVERYBODY_BELIEVED, require_networks
from api.jobs.catalogue_health import require_own_catalogue, require_sound_catalogue
from api.jobs.edition_leaks import leaking_editions, unfinished_editions
from api.jobs.withholding import hidden_for_no_known_reason
from api.printing.pdf import printer
from api.settings import Settings, require_mirror
from ingest.fetching.fetch import unjudged_copies
from mapping.catalogue.catalogue import Catalogue
from mapping.catalogue.database import named, open_database
from mapping.config import OVERLAY_VARIABLE, overlay_summary
from mapping.disclosure import is_confidential
from mapping.edition.edition import Edition, current
from mapping.errors import ProssimaError

MAX_NAMED = 5
ASSETS = Path(__file__).parents[1] / "static" / "vendor" / "manifest.json"


class Finding(NamedTuple):
    """What was found of one part: `ok`, or `problem` with what mends it."""

    part: str
    verdict: str
    text: str


def diagnose(settings: Settings) -> Iterator[Finding]:
    """Check every part that a server needs."""
    if settings.var.exists():
        os.scandir(settings.var).close()  # where it is no folder, that alone is said
    published = _Published(settings)
    checks: dict[str, Callable[[], str]] = {
        "edition": lambda: _edition(settings, published),
        "catalogue": lambda: _catalogue(settings),
        "privacy": lambda: _privacy(settings, published),
        "downloads": lambda: _downloads(settings),
        "assets": _assets,
        "printing": _printing,
        "pack": lambda: _pack(settings),
        "config": lambda: _config(settings, published),
        "proxy": lambda: _proxy(settings),
        "mirror": lambda: _mirror(settings),
    }
    for name, check in checks.items():
        try:
            yield Finding(name, "ok", check())
        except ProssimaError as error:
            yield Finding(name, "problem", str(error))


class _Published:
    """The published edition, hashed once for all checks."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._edition: Edition | None = None

    def open(self) -> Edition:
        """Give the edition. Raises NoEditionError or BrokenEditionError where it cannot be had."""
        if self._edition is None:
            self._edition = Edition.open(current(self._settings.editions))
        return self._edition

    def whole(self) -> Edition | None:
        """Give the edition; None where it cannot be had, which is said of itself."""
        try:
            return self.open()
        except ProssimaError:
            return None


def _edition(settings: Settings, published: _Published) -> str:
    edition = published.open()
    times = "estimated" if edition.manifest.parameters["estimated"] else "along streets"
    return f"{edition.id} in {settings.editions.resolve()}, times {times}"


def _catalogue(settings: Settings) -> str:
    require_sound_catalogue(settings)
    require_own_catalogue(settings)
    with Catalogue(open_database(settings.catalogue_url, create=False)) as catalogue:
        # No report of a machine counts the others.
        count = sum(not is_confidential(service) for service in catalogue.current())
    return f"{count} services published, in {named(make_url(settings.catalogue_url))}"


def _privacy(settings: Settings, published: _Published) -> str:
    if left := unfinished_editions(settings):
        names = ", ".join(str(path) for path in left[:MAX_NAMED])
        raise ProssimaError(
            f"A build was killed, and left an edition that nobody searched: {names}. Run `prossima"
            " editions prune`, or build anew."
        )
    _catalogue(settings)  # without it nobody knows what is confidential
    if leaking := leaking_editions(settings, published.whole()):
        raise ProssimaError(
            f"Editions that hold something of a confidential record, or of which a file is damaged:"
            f" {', '.join(leaking)}."
            " Run `prossima build`, then `prossima editions prune`."
        )
    if unexplained := hidden_for_no_known_reason(settings):
        raise ProssimaError(
            f"{len(unexplained)} records are hidden of which the catalogue does not tell why: a"
            " person hid them before it was begun, or a setting did. They stay hidden until"
            " `prossima editions withhold --anew` leaves them out of the list."
        )
    return "no edition holds anything of a confidential record"


def _downloads(settings: Settings) -> str:
    if copies := unjudged_copies(settings.raw):
        names = ", ".join(str(path.relative_to(settings.raw)) for path in copies[:MAX_NAMED])
        raise ProssimaError(
            f"{len(copies)} downloads may name a confidential place, since nobody judged them:"
            f" {names}{', …' if copies[MAX_NAMED:] else ''}, in {settings.raw}. Run `prossima"
            " build` online, which judges what it reads, then `prossima sources prune`."
        )
    return "no download names a confidential place"


def _assets() -> str:
    if not ASSETS.is_file():
        raise ProssimaError("The assets of the maps are not there. Run `make setup`.")
    return "the maps' scripts and styles are there"


def _printing() -> str:
    printer()
    return "cards and reports can be made as PDF"


def _pack(settings: Settings) -> str:
    if settings.pack is None:
        raise ProssimaError("No bundled pack. Install the wheel again, or set PROSSIMA_DATA.")
    return str(settings.pack.resolve())


def _config(settings: Settings, published: _Published) -> str:
    summary, edition = overlay_summary(), published.whole()
    if edition and edition.manifest.parameters.get("config") != summary:
        raise ProssimaError(
            f"The published edition was built with another {OVERLAY_VARIABLE}."
            " Run `prossima build`, or set the variable as it was."
        )
    if summary is None:
        return f"the bundled settings alone: {OVERLAY_VARIABLE} is empty"
    return f"{settings.config} over the bundled settings: {', '.join(summary['files'])}"


def _proxy(settings: Settings) -> str:
    names = require_networks(settings.forwarded_allow_ips)
    if EVERYBODY in names:
        raise ProssimaError(EVERYBODY_BELIEVED)
    if settings.public_url and not names:
        raise ProssimaError(
            "PROSSIMA_PUBLIC_URL tells of a proxy, and FORWARDED_ALLOW_IPS of none: all visitors"
            " count as one client. Give the address of the proxy, such as 127.0.0.1."
        )
    return f"who asks is told by {', '.join(names)}" if names else "nobody tells who asks"


def _mirror(settings: Settings) -> str:
    if settings.mirror is None:
        return "none given: PROSSIMA_MIRROR is empty"
    require_mirror(settings.mirror)
    return str(settings.mirror.resolve())
