"""Errors that a user can cause; each message gives the value, the rule and the remedy."""

from collections.abc import Sequence


class ProssimaError(Exception):
    """Root of the errors that a user can mend; printed as one line, never as a traceback."""


class BadInputError(ProssimaError, ValueError):
    """A value that breaks a rule."""


class ConfigError(BadInputError):
    """Settings that cannot be read; the message may name a folder of this machine."""


class NoCatalogueError(BadInputError):
    """There is no catalogue where one is wanted."""


class NoPlaceError(BadInputError):
    """A point at which no service of a city can stand."""


class UndeclaredDemandError(BadInputError):
    """A plan of a category of which nobody has declared whom it is for."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"Nobody has declared whom '{code}' is for: no plan counts people for it. Declare its"
            " ages or its demand in taxonomy.toml, in the folder of PROSSIMA_CONFIG."
        )


class UnknownCategoryError(ProssimaError, LookupError):
    """A category code that the taxonomy does not hold."""

    def __init__(self, code: str, known: Sequence[str]) -> None:
        super().__init__(f"Unknown category '{code}'. Use one of: {', '.join(known)}.")
        self.code = code


class NoFiguresError(ProssimaError):
    """Figures of a category that an edition does not hold; `code` is the category."""

    code: str


class NoRecordsError(NoFiguresError):
    """Figures of a category of which no service is known: there is nothing to walk to."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"No service of '{code}' is known: nothing is told of minutes, shares, zones or plans."
            " Add its services with `prossima import`."
        )
        self.code = code


class NothingCountedError(NoFiguresError):
    """Figures of a category of whose services none counts as the question would have it."""

    def __init__(self, code: str, known: int) -> None:
        super().__init__(
            f"Of the {known} known services of '{code}' none counts: each has no known place, or"
            " was not verified of late and only verified ones were asked for. Use the basis 'all',"
            " or assure them first."
        )
        self.code = code


class RecomputedError(NoFiguresError):
    """Figures of a category that the edition does not show, because they are computed anew."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"The coverage and the grey zones of '{code}' are being computed anew: they come back"
            " with the next edition. Its services can be looked up meanwhile."
        )
        self.code = code


class UnknownCityError(ProssimaError, LookupError):
    """A city without a configuration."""

    def __init__(self, city: str, known: Sequence[str]) -> None:
        super().__init__(
            f"Unknown city '{city}'. Use one of: {', '.join(known)}, or add cities/{city}.toml"
            " to the folder of PROSSIMA_CONFIG."
        )
        self.city = city


class UnknownAreaError(ProssimaError, LookupError):
    """An area, or a level of areas, that the edition does not hold."""


class UnknownAddressError(ProssimaError, LookupError):
    """An address that the gazetteer does not hold.

    Words typed as an address tell where a family lives: they are kept in `typed` for the answer
    to the person who typed them, and never enter the message, which may be logged. `unheld` is the
    kind of place that was asked for, in its words, where no list of such places is held; `unplaced`
    are the services of that name, id and name, whose place is not known. `reason` is why what was
    typed is no place to set out from: ``postcode`` alone, a ``need``, names in another
    ``alphabet``, a ``link`` without a point, a ``crossing`` that is not known, a place too
    ``wide``, a ``name`` not held, a ``number`` that a street lacks, a place ``elsewhere``, or what
    is another ``comune`` as well.
    """

    problem = "This address is not known."

    def __init__(
        self,
        typed: str,
        candidates: Sequence[str] = (),
        remedy: str = "",
        *,
        unheld: str | None = None,
        reason: str | None = None,
    ) -> None:
        remedy = remedy or "Check the spelling, or give coordinates."
        super().__init__(f"{self.problem} {remedy}")
        self.typed = typed
        self.candidates = list(candidates)
        self.unheld = unheld
        self.reason = reason
        self.unplaced: list[tuple[str, str]] = []


class AmbiguousAddressError(UnknownAddressError):
    """An address or a name that several places have: they are the candidates."""

    problem = "Several places are called so."


class OutsideItalyError(ProssimaError, ValueError):
    """Coordinates that lie outside Italy; they are not repeated in the message."""

    def __init__(self) -> None:
        super().__init__(
            "The coordinates lie outside Italy. Give lon between 6 and 19 and lat between 35 and 48"
            " (EPSG:4326), longitude first."
        )


class UnknownServiceError(ProssimaError, LookupError):
    """A service that the edition does not hold."""


class UnknownTilesError(ProssimaError, LookupError):
    """Map tiles that the edition does not hold."""


class BusyError(ProssimaError):
    """The server does as much as it can, or as much as it does for one client."""

    def __init__(self) -> None:
        super().__init__("The server is busy with others. Ask again in some seconds.")


class TooLargeError(ProssimaError):
    """A question that takes more memory than one request may have."""

    def __init__(self) -> None:
        super().__init__(
            "This takes more memory than one request may have. Ask for less at once: a shorter"
            " walk, or candidates of another kind."
        )


class ClosedDeskError(ProssimaError):
    """The catalogue does not answer: nothing can be reported now."""

    def __init__(self) -> None:
        super().__init__("Reports cannot be kept now. Send it again in some minutes.")


class NoEditionError(ProssimaError, LookupError):
    """There is no published edition to read."""


class BrokenEditionError(ProssimaError, ValueError):
    """An edition whose files are not those that its manifest promises."""


class OlderEditionError(BrokenEditionError):
    """An edition that an older version of this software wrote, in a format that is read no more."""


class StoreError(ProssimaError):
    """The store that servers share does not answer, or refuses."""


class OvertakenError(StoreError):
    """Another publisher moved the pointer of the store meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "Another publisher published an edition meanwhile: this one stays unpublished. Build"
            " again, so that it goes on from the other; or take one with `prossima editions use"
            " ID`."
        )


class LossError(ProssimaError, ValueError):
    """A new edition that lacks what the published one has: it is kept, and not published."""

    def __init__(self, edition_id: str, lost: Sequence[str]) -> None:
        self.lost = list(lost)
        super().__init__(
            f"Edition {edition_id} is not published, for it has lost: {'; '.join(lost)}. Mend its"
            " sources and build again; or accept the loss, as where a new version counts otherwise"
            " (CHANGELOG.md): `prossima build --accept-loss`, or"
            f" `prossima editions use {edition_id}`."
        )


class SourceError(ProssimaError, ValueError):
    """A source that cannot be read, or whose content breaks its own declaration.

    `public` enters reports, manifests and pages, and holds nothing of what the file says; `detail`,
    such as the names of its sheets, is only for whoever reads the error itself.
    """

    def __init__(self, public: str, *, detail: str = "") -> None:
        super().__init__(f"{public} {detail}".rstrip())
        self.public = public


class LeakError(ProssimaError):
    """An edition that holds something of a confidential place; it says in which files only."""

    def __init__(self, leaks: Sequence[str]) -> None:
        super().__init__(
            f"The edition was not published and is removed: {'; '.join(leaks)} of a confidential"
            " record. Look for whoever copies such records, `prossima review list` names them;"
            " mend it, and build again."
        )


class NoFileError(SourceError):
    """A source whose file was found nowhere; `tried` has the answer of each place."""

    def __init__(self, source_id: str, tried: Sequence[str]) -> None:
        self.tried = "; ".join(tried) or "it declares no place"
        super().__init__(
            f"No file for source '{source_id}': {self.tried}. A source is taken from the mirror,"
            " its publisher or the pack. Give a mirror that holds it (--mirror DIR), or build with"
            " internet and without --offline."
        )


class WithheldCopyError(NoFileError):
    """A list that its publisher does not give now, and of which no copy is kept.

    `reading` is what was public of it when it was read last.
    """

    def __init__(self, source_id: str, tried: Sequence[str], reading: str) -> None:
        super().__init__(source_id, tried)
        self.reading = reading
