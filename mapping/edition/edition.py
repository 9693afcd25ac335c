"""Editions: folders written once, named by their content, verified on opening, never changed."""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.parquet as pq

from mapping.atomic_files import (
    locked,
    replace_text,
)
from mapping.edition.hidden_rows import OUTSIDE, SERVICES, HiddenRows
from mapping.edition.manifest import (
    EDITION_ID,
    FileStamps,
    Manifest,
    file_stamps,
    read_manifest,
    salvage_manifest,
)
from mapping.edition.table_files import read_rows, read_table
from mapping.edition.tiles import Tiles
from mapping.errors import BadInputError, BrokenEditionError, NoEditionError
from mapping.services.service_row import OutsideRow, ServiceRow, service_rows

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from mapping.geocoding.gazetteer import Gazetteer
    from mapping.walking.network import Network

POINTER = "current"
PREVIOUS = "previous"
"""Beside the pointer: what it named before, should the files of the published one be damaged."""
MAX_POINTER_BYTES = 200
MAX_SHOWN_LETTERS = 40
"""Most letters of an unknown id that an error repeats."""
MAX_SHOWN_IDS = 10


@dataclass(frozen=True, eq=False)
class Edition:
    """One edition, verified and opened for reading; tables are read when first asked for."""

    path: Path
    manifest: Manifest
    _tables: dict[str, pa.Table] = field(default_factory=dict, init=False, repr=False)
    _footers: dict[str, pq.FileMetaData] = field(default_factory=dict, init=False, repr=False)
    hidden: HiddenRows = field(default=HiddenRows(), repr=False)
    """What has become confidential since it was built, and is not shown."""
    stamps: FileStamps = ()
    """Of its files when they were verified."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an edition, after every file has proved to be the one that was written.

        Parameters
        ----------
        path : Path
            The folder of an edition, or the pointer to the published one, ``var/editions/current``.

        Returns
        -------
        Edition
            It stays the same edition when the pointer moves.

        Raises
        ------
        NoEditionError
            When there is none.
        BrokenEditionError
            When a file is missing, or is not the one that the manifest promises.
        """
        folder = current(path.parent) if path.name == POINTER else path
        if not folder.is_dir():
            name = _shown(folder.name)
            raise NoEditionError(f"There is no edition '{name}'. Run `prossima build`.")
        stamps = file_stamps(folder)
        manifest = read_manifest(folder)
        return cls(folder, manifest, HiddenRows.of(folder, manifest), stamps)

    @property
    def is_untouched(self) -> bool:
        """Whether its files are those that were verified, as far as size and time tell."""
        return file_stamps(self.path) == self.stamps

    @property
    def id(self) -> str:
        """The id, ``<utc time>-<hash8>``: equal content has an equal hash8."""
        return self.manifest.id

    def has(self, name: str) -> bool:
        """Whether the edition holds a file.

        Parameters
        ----------
        name : str
            Such as ``network.arrow``.

        Returns
        -------
        bool
            False for a layer that no source gave.
        """
        return any(file.name == name for file in self.manifest.files)

    def table(self, name: str) -> pa.Table:
        """Read a table; an Arrow file is mapped to memory, not copied.

        Parameters
        ----------
        name : str
            Such as ``areas.parquet``.

        Returns
        -------
        pyarrow.Table
            The same object at every call.

        Raises
        ------
        BadInputError
            When the edition does not hold it.
        """
        if name not in self._tables:
            self._tables[name] = self._shown(name, read_table(self._file(name)))
        return self._tables[name]

    def frame(self, name: str) -> "GeoDataFrame":
        """Read a GeoParquet table for analysis and drawing.

        Parameters
        ----------
        name : str
            Such as ``areas.parquet``.

        Returns
        -------
        GeoDataFrame
            In degrees, EPSG:4326; a new one at every call.

        Raises
        ------
        BadInputError
            When the edition does not hold it.
        """
        path = self._file(name)
        import geopandas as gpd  # noqa: PLC0415 - doubles the start of a look-up, which needs none

        frame = gpd.read_parquet(path)
        if not self.hidden:
            return frame
        frame = frame[self.hidden.shown(read_table(path))].reset_index(drop=True)
        if name == SERVICES and "near_address" in frame:
            frame["near_address"] = self.services["near_address"].to_pylist()
        return frame

    def _shown(self, name: str, table: pa.Table) -> pa.Table:
        """Leave out what is hidden, and the numbers of hidden services that others said."""
        shown = self.hidden.taken_out(table)
        may_tell = name == SERVICES and "near_address" in shown.column_names
        if not (may_tell and self.hidden.recomputed) or self.gazetteer is None:
            return shown
        if self.gazetteer.civics.surveyed:  # each door is known by others
            return shown
        from mapping.services.near_addresses import with_near_addresses  # noqa: PLC0415 - as below

        return with_near_addresses(shown, self.gazetteer)

    @cached_property
    def network(self) -> "Network | None":
        """The street network; None when the edition was built without streets."""
        if not self.has("network.arrow"):
            return None
        from mapping.walking.network import from_arrow  # noqa: PLC0415 - loads numba and shapely

        return from_arrow(self.table("network.arrow"))

    @cached_property
    def gazetteer(self) -> "Gazetteer | None":
        """The addresses; None when the edition was built without them."""
        if not self.has("addresses.arrow"):
            return None
        from mapping.geocoding import gazetteer_table  # noqa: PLC0415 - loads numba, rapidfuzz

        gazetteer = gazetteer_table.from_arrow(self.table("addresses.arrow"))
        return self._without_hidden(gazetteer) if self.hidden.recomputed else gazetteer

    def _without_hidden(self, gazetteer: "Gazetteer") -> "Gazetteer":
        """Take the addresses back that only hidden services have told."""
        from mapping.geocoding.withheld_numbers import without_numbers_of  # noqa: PLC0415 - as above

        hidden = self._hidden_services["address"].to_pylist()
        shown = self.hidden.taken_out(read_table(self._file(SERVICES)))
        known = shown["address"].to_pylist()
        if self.has("stops.parquet"):
            known += self.table("stops.parquet")["name"].to_pylist()
        return without_numbers_of(gazetteer, hidden, known)

    @property
    def hidden_names(self) -> list[str]:
        """The names of its services that must not be shown any more: nothing may say them."""
        return [name for name in self._hidden_services["name"].to_pylist() if name]

    @cached_property
    def _hidden_services(self) -> pa.Table:
        if not self.hidden:
            return self.services.slice(0, 0)
        table = read_table(self._file(SERVICES))
        is_hidden = [not is_shown for is_shown in self.hidden.shown(table)]
        return table.filter(pa.array(is_hidden, pa.bool_()))

    @cached_property
    def tiles(self) -> Mapping[str, Tiles]:
        """The map tiles by name, `basemap` and `areas`; empty when built without outlines."""
        names = (file.name for file in self.manifest.files if file.name.endswith(".pmtiles"))
        return {Path(name).stem: Tiles(self.path / name) for name in names}

    @property
    def areas(self) -> pa.Table:
        """Areas of every level, as `tables.AREAS` describes them, with WKB in `geometry`."""
        return self.table("areas.parquet")

    @property
    def services(self) -> pa.Table:
        """Services at locations, as `tables.SERVICES` describes them, with WKB in `geometry`."""
        return self.table("services.parquet")

    @cached_property
    def service_rows(self) -> tuple[ServiceRow, ...]:
        """The rows of `services` as typed values, read once, in their order."""
        return service_rows(self.services)

    @cached_property
    def outside_rows(self) -> tuple[OutsideRow, ...]:
        """Services over the border; none where no list of them was read, or by an older version."""
        if not self.has(OUTSIDE):
            return ()
        return tuple(OutsideRow(**vars(row)) for row in service_rows(self.table(OUTSIDE)))

    @property
    def outside_ids(self) -> set[str]:
        """The ids of all services over the border, hidden ones among them."""
        if not self.has(OUTSIDE):
            return set()
        return set(read_table(self._file(OUTSIDE))["service_id"].to_pylist())

    def coverage(self, **wanted: str | Sequence[str]) -> pa.Table:
        """Read coverage by area, category and situation, no more of it than is asked for.

        Parameters
        ----------
        **wanted : str or sequence of str
            By column of the key, the value wanted, or several: ``category="nido", level="nil"``.

        Returns
        -------
        pyarrow.Table
            The rows, as `tables.COVERAGE` describes them, in their order.
        """
        return self.rows("coverage.parquet", **wanted)

    def rows(self, name: str, **wanted: str | Sequence[str]) -> pa.Table:
        """Read some rows of a table, and pass over the others.

        Parameters
        ----------
        name : str
            Such as ``coverage.parquet``.
        **wanted : str or sequence of str
            By column of words, the value wanted, or several.

        Returns
        -------
        pyarrow.Table
            In their order; a new one at every call.

        Raises
        ------
        BadInputError
            When the edition does not hold the table, or it lacks a column.
        """
        path = self._file(name)
        if name not in self._footers:
            # Where a file has hundreds of groups, its footer alone takes milliseconds to read.
            self._footers[name] = pq.read_metadata(path)
        footer = self._footers[name]
        lacking = sorted(set(wanted) - set(footer.schema.to_arrow_schema().names))
        if lacking:
            raise BadInputError(
                f"{name} of edition {self.id} lacks '{lacking[0]}': it was built by an older"
                " version. Run `prossima build`."
            )
        return self._shown(name, read_rows(path, footer, wanted))

    @property
    def greyzones(self) -> pa.Table:
        """Grey zones, as `greyzones.columns.GREYZONES` describes them, with WKB in `geometry`."""
        return self.table("greyzones.parquet")

    def zones(self, **wanted: str | None) -> pa.Table:
        """Read grey zones by category and situation, without their outlines.

        Parameters
        ----------
        **wanted : str or None
            Columns of `greyzones.columns.GREYZONES` with the value that is wanted; None means any.

        Returns
        -------
        pyarrow.Table
            As `greyzones.columns.GREYZONES` describes it.

        Raises
        ------
        BadInputError
            When the edition was built before zones were told by situation.
        """
        import pyarrow.compute as pc  # noqa: PLC0415 - 9 MB that a look-up goes without

        table = self.greyzones.drop_columns(["geometry"])
        for name, value in wanted.items():
            if name not in table.column_names:
                raise BadInputError(
                    f"Edition {self.id} knows no '{name}' of a grey zone: it is too old."
                    " Run `prossima build`, or take a later one of `prossima editions list`."
                )
            if value is not None:
                table = table.filter(pc.equal(table[name], value))
        return table

    def _file(self, name: str) -> Path:
        if not self.has(name):
            names = ", ".join(file.name for file in self.manifest.files)
            raise BadInputError(f"Edition {self.id} has no '{name}'. It holds: {names}.")
        return self.path / name


def publish(root: Path, edition_id: str) -> Edition:
    """Make an edition the one that is read, once it has been verified.

    Parameters
    ----------
    root : Path
        The folder of editions.
    edition_id : str
        One of `list_editions`.

    Returns
    -------
    Edition
        The published edition.

    Raises
    ------
    NoEditionError
        When there is no such edition.
    BrokenEditionError
        When its files are not those that it was written with; the pointer stays.
    """
    edition = Edition.open(folder_of(root, edition_id))
    with locked(root):
        before = _pointed_before(root)
        if before not in (None, edition_id):
            replace_text(root / PREVIOUS, f"{before}\n")
        replace_text(root / POINTER, f"{edition_id}\n")
    return edition


def _pointed_before(root: Path) -> str | None:
    try:
        return folder_of(root, pointed_id(root / POINTER)).name
    except NoEditionError:
        return None


def current(root: Path) -> Path:
    """Find the published edition.

    Parameters
    ----------
    root : Path
        The folder of editions.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    NoEditionError
        When none is published.
    """
    pointed = pointed_id(root / POINTER)
    try:
        return folder_of(root, pointed)
    except NoEditionError as error:
        if not list_editions(root):
            raise
        raise NoEditionError(f"{error} `prossima editions use ID` takes one.") from None


def predecessor(root: Path) -> Edition | None:
    """Open the published edition as far as it can still be read, whatever its format.

    Parameters
    ----------
    root : Path
        The folder of editions.

    Returns
    -------
    Edition or None
        Of an older format, or with broken files, it holds the files that are what was written.
        None when nothing is published, or nothing of it can be read.
    """
    try:
        folder = current(root)
    except NoEditionError:
        return None
    try:
        return Edition.open(folder)
    except BrokenEditionError:
        pass
    try:
        manifest = salvage_manifest(folder)
        return Edition(folder, manifest, HiddenRows.of(folder, manifest))
    except BrokenEditionError:
        return None


def list_editions(root: Path) -> list[str]:
    """List the editions of a folder, published or not.

    Parameters
    ----------
    root : Path
        The folder of editions.

    Returns
    -------
    list of str
        Ids, newest first; empty when the folder does not exist.
    """
    names = [path.name for path in root.glob("*") if path.is_dir()]
    return sorted(filter(EDITION_ID.fullmatch, names), reverse=True)


def folder_of(root: Path, edition_id: str) -> Path:
    """Find the folder of an edition; raises NoEditionError, with those there are."""
    if EDITION_ID.fullmatch(edition_id) and (root / edition_id).is_dir():
        return root / edition_id
    known = list_editions(root)[:MAX_SHOWN_IDS]
    remedy = f"Use one of: {', '.join(known)}." if known else "Run `prossima build`."
    raise NoEditionError(f"There is no edition '{_shown(edition_id)}' in {root}. {remedy}")


def pointed_id(pointer: Path) -> str:
    """Read the id that the pointer holds: no more of the file than an id needs."""
    try:
        # Not blocking: a pipe without a writer would hold the reader for ever.
        descriptor = os.open(pointer, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        raise NoEditionError(
            f"No edition is published in {pointer.parent}. Run `prossima build`."
        ) from None
    except OSError as error:
        raise NoEditionError(f"{pointer} cannot be read: {error.strerror}. Mend it.") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NoEditionError(f"{pointer} is no file. Remove it, and run `prossima build`.")
        return os.read(descriptor, MAX_POINTER_BYTES).decode(errors="replace").strip()
    finally:
        os.close(descriptor)


def _shown(edition_id: str) -> str:
    """Write what should be an id shortly and without control characters."""
    short = edition_id[:MAX_SHOWN_LETTERS] + "…" * (len(edition_id) > MAX_SHOWN_LETTERS)
    return short if short.isprintable() else short.encode("unicode_escape").decode()
