"""Reads any file as passages and side tables, for what stands beside a list: none stays unread.

Files of others are read in the process of `ingest.parts_process`, whose memory is bounded.
"""

import csv
import io
import json
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from html import unescape
from itertools import count, pairwise
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ingest.allowance import MOST_DEPTH, BeyondAllowanceError, PartsAllowance
from ingest.byte_words import words_in
from ingest.passages import Aside, Passage, SideRow, SideTable
from mapping.text import NO_WORDS, plain

BLANKS = b"\xef\xbb\xbf\x1e \t\r\n"
SQLITE = b"SQLite format 3\0"
PACKED = b"PK\x03\x04"
UNREAD = "non pubblicare, non letto per intero: nessuno sa che cosa dice"
"""What is said in the place of what is beyond the bounds: it speaks, as a note may."""
_STEPS, _MOST_STEPS = 1_000, 50_000
"""Of the machine of SQLite: so often it is looked whether a statement has taken too long."""
_LONGEST_VALUE = 2**24
_MARKS, _TAGS = re.compile(r"[<>\"]"), re.compile(r"<[^<>]*>")
_HEADINGS = "fields"
"""What lists of open data portals call their columns."""
_NAMES = ("name", "alias", "id", "type")
"""How a column is called is judged with its cells; what else is said of it, a legend, is not."""
_DENIED = {"", *NO_WORDS}
_HEAD_BYTES = 4096
_DAMAGED = (
    ValueError, RecursionError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error,
    sqlite3.DatabaseError, struct.error, EOFError,
)  # fmt: skip
"""What goes wrong where a file is no whole one of its format: it is read as plain bytes."""
_TABLES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
)
_VIEWS = "SELECT name, sql FROM sqlite_master WHERE type = 'view'"
_GEOMETRIES, _OWN = "gpkg_geometry_columns", ("gpkg_", "layer_styles")
_SHAPE = b"GP"
"""How a place of a GeoPackage begins."""
_REMARKS = re.compile(r"--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_OF_EVERYBODY = re.compile(
    r"gpkg_(?:tile_matrix|spatial_ref_sys|ogr_contents|geometry_columns)|rtree_|sqlite_|idx_"
)
"""Tables of the format itself, which are the same in every file."""
_LAYER_COLUMNS = ("table_name", "f_table_name")
_DBF = re.compile(rb"[\x03\x30\x31\x83\x8b\xf5]")
_DBF_HEAD = struct.Struct("<4xIHH")
_DBF_FIELD = struct.Struct("<11sc4xB15x")


def aside_of(
    name: str, content: bytes, allowance: PartsAllowance | None = None, depth: int = 0
) -> Aside:
    """Read what a file says, whatever it is, as it stands beside a list.

    Parameters
    ----------
    name : str
        By which a person finds it.
    content : bytes
        All of it.
    allowance : PartsAllowance, optional
        What is left of it, with the files that it is packed in.
    depth : int, optional
        How many these are.

    Returns
    -------
    Aside
        Rows of tables, and any other text; of bytes that are no text, what looks like words. What
        is beyond the bounds is a passage that speaks.
    """
    part, left = f"file «{name}»", allowance or PartsAllowance()
    try:
        left.take(len(content))
        aside = _read(part, name, content, left, depth)
    except BeyondAllowanceError:
        aside = unread(part)
    if any(table.is_list or table.name for table in aside.tables):
        # The name of a list is over its own rows; folders are a part of it.
        path = str(PurePosixPath(name).with_suffix(""))
        aside.tables = [
            replace(table, name=f"{path} {table.name}".strip()) for table in aside.tables
        ]
        return aside
    aside.passages.append(Passage(PurePosixPath(name).stem, part, "nome", "name"))
    return aside


def unread(part: str) -> Aside:
    """Say of a part that it was not read, in words that let the rows beside it wait for a person.

    Parameters
    ----------
    part : str
        As a person finds it.

    Returns
    -------
    Aside
        One passage.
    """
    return Aside([Passage(UNREAD, f"{part}, troppo grande per essere letto")])


def _read(part: str, name: str, content: bytes, left: PartsAllowance, depth: int) -> Aside:
    with suppress(*_DAMAGED):
        if content.startswith(PACKED):
            return _packed(name, content, left, depth)
        if content.startswith(SQLITE):
            return _stored(part, content, left)
        if name.lower().endswith(".dbf") and _DBF.match(content):
            return Aside(tables=[SideTable(part, [*_dbf_rows(content, left)])])
        if content[:_HEAD_BYTES].lstrip(BLANKS).startswith((b"{", b"[")):
            return aside_of_json(json.loads(content.decode("utf-8-sig")), part)
    return _unpacked(part, content, left)


def _unpacked(part: str, content: bytes, left: PartsAllowance) -> Aside:
    text = text_of(content)
    if text is None:
        return Aside([Passage(words, part) for words in words_in(content, left)])
    if text.lstrip().startswith("<"):
        return Aside([Passage(words, part) for words in texts_of_markup(content)])
    return _written(part, text, left)


def text_of(content: bytes) -> str | None:
    """Decode a text; None of bytes that are none."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    if b"\0" in content or content.startswith(b"%PDF"):
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        head = content[:_HEAD_BYTES]
        signs = sum(byte < ord(" ") and byte not in BLANKS for byte in head)
        return None if signs else content.decode("cp1252", "replace")


def _packed(name: str, content: bytes, left: PartsAllowance, depth: int) -> Aside:
    aside = Aside()
    if depth >= MOST_DEPTH:
        raise BeyondAllowanceError
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            with archive.open(info) as file:
                # What a zip says of its sizes may be untrue.
                body = file.read(left.bytes_left + 1)
            aside.add(aside_of(f"{name}/{info.filename}", body, left, depth + 1))
    return aside


def _written(part: str, text: str, left: PartsAllowance) -> Aside:
    """Read a text: a table where its lines are of one width, or else lines, and all of them."""
    lines = [line for line in text.splitlines() if line.strip("\x1a\u00a0").strip()]
    left.take(0, len(lines))
    for delimiter in ";\t,|":
        try:
            rows = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        table = SideTable(part, [SideRow(row, f"riga {at}") for at, row in enumerate(rows, 1)])
        widths = {len(row) for row in rows}
        if table.is_list or (len(rows) > 1 and widths == {2} and delimiter in ";\t"):
            return Aside(tables=[table])
    passages = [Passage(line, part, f"riga {at}") for at, line in enumerate(lines, 1)]
    # A phrase may go on in the next line.
    passages += [
        Passage(" ".join(pair), part, f"riga {at}") for at, pair in enumerate(pairwise(lines), 1)
    ]
    return Aside(passages)


def texts_of_markup(body: bytes) -> Iterator[str]:
    """Give each text and attribute of markup, whole or not, and what it says without its tags."""
    whole = body.decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    yield from (text for part in _MARKS.split(whole) if (text := unescape(part).strip()))
    yield " ".join(unescape(_TAGS.sub("", whole)).split())


def _dbf_rows(content: bytes, left: PartsAllowance) -> Iterator[SideRow]:
    rows, head_bytes, row_bytes = _DBF_HEAD.unpack_from(content)
    places = range(_DBF_HEAD.size + 20, head_bytes - 1, _DBF_FIELD.size)
    widths = [_DBF_FIELD.unpack_from(content, place)[2] for place in places]
    for number in range(rows):
        left.take(len(widths), 1)
        at, cells = head_bytes + number * row_bytes + 1, []
        for width in widths:
            cells.append((text_of(content[at : at + width]) or "").strip())
            at += width
        yield SideRow(cells, f"riga {number + 1}")


def _stored(part: str, content: bytes, left: PartsAllowance) -> Aside:
    with TemporaryDirectory() as folder:
        path = Path(folder, "file.sqlite")
        path.write_bytes(content)
        return aside_of_store(path, None, left, part)


def aside_of_store(path: Path, layer: str | None, left: PartsAllowance, part: str = "") -> Aside:
    """Read what an SQLite file says beside the rows of a layer: its own tables, and any other.

    What the format keeps of another layer is of that one. A view is never run: it is a program of
    the file, of which the text is read. Raises sqlite3.DatabaseError of a file that is damaged.
    """
    aside, where = Aside(), f"{part}, " if part else ""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as store:
        store.text_factory = lambda text: text.decode("utf-8", "replace")
        store.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        store.execute("PRAGMA trusted_schema = OFF")
        steps = count()
        store.set_progress_handler(lambda: next(steps) > _MOST_STEPS, _STEPS)
        for name, order in store.execute(_VIEWS).fetchall():
            aside.passages.append(Passage(order or "", f"{where}vista «{name}»"))
        orders = dict(store.execute(_TABLES).fetchall())
        if _GEOMETRIES not in orders:
            layer = layer or next(iter(orders), None)
        for name, order in orders.items():
            if not _OF_EVERYBODY.match(name):
                try:
                    _add_table(aside, store, name, layer, left, f"{where}tabella «{name}»")
                except (BeyondAllowanceError, sqlite3.OperationalError):
                    aside.add(unread(f"{where}tabella «{name}»"))
                remarks = _REMARKS.findall(order or "") if name == layer else []
                aside.passages += [Passage(text, f"{where}tabella «{name}»") for text in remarks]
    return aside


def _add_table(
    aside: Aside,
    store: sqlite3.Connection,
    name: str,
    layer: str | None,
    left: PartsAllowance,
    part: str,
) -> None:
    if name == layer:
        return
    quoted = name.replace('"', '""')
    rows = store.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - a name of the file
    columns = [column for column, *_ in rows.description]
    of_layers = next((columns.index(column) for column in _LAYER_COLUMNS if column in columns), -1)
    side = SideTable(part, [], name=name, columns=columns)
    for number, row in enumerate(rows, start=1):
        texts = [_as_text(value, left) for value in row]
        left.take(sum(map(len, texts)), 1)
        if of_layers < 0 and not name.startswith(_OWN):
            side.rows.append(SideRow(texts, f"riga {number}"))
        elif of_layers < 0 or row[of_layers] in (None, "", layer):
            inside = (words for text in texts for words in texts_of_markup(text.encode()))
            aside.passages += [Passage(words, part, f"riga {number}") for words in inside]
    aside.tables += [side] if side.rows else []


def _as_text(value: object, left: PartsAllowance) -> str:
    if isinstance(value, bytes):
        return "" if value.startswith(_SHAPE) else " ".join(words_in(value, left))
    return "" if value is None else str(value)


def aside_of_json(value: object, part: str = "") -> Aside:
    """Read what JSON says beside a list: texts, lists of objects as tables, objects as pairs.

    A name of which the answer is no says nothing.
    """
    aside, left = Aside(), [("", "", value)]
    while left:
        place, name, value = left.pop()
        if isinstance(value, str):
            aside.passages.append(Passage(value, part, place))
        elif isinstance(value, dict):
            pairs = [row for key, inner in value.items() if (row := _pair(str(key), inner))]
            aside.tables.append(SideTable(part, [SideRow(row, place) for row in pairs]))
            for key, inner in value.items():
                if _holds(inner):
                    below = _but_headings(key, inner)
                    # A list of records has a name, which is over these alone.
                    aside.passages += [] if _is_list(below) else [Passage(str(key), part, place)]
                    left.append((f"{place}.{key}".strip("."), str(key), below))
        elif isinstance(value, list) and _is_list(value):
            aside.tables.append(_table_of_records(part, place, name, value))
        elif isinstance(value, list):
            left += [(place, name, inner) for inner in value]
            aside.passages.append(Passage(" ".join(map(str, value)), part, place))
    return aside


def _holds(value: object) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _is_list(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(inner, dict) for inner in value)


def _pair(key: str, value: object) -> list[str] | None:
    """Give a name and its answer, or the name alone where that is yes."""
    if _holds(value) or not value or plain(str(value)).strip() in _DENIED:
        return None
    return [key] if value is True else [key, str(value)]


def texts_within(value: object) -> list[str]:
    """Give all texts of some JSON, and the names that are not answered with no, each once."""
    return [*_within(value)]


def _within(value: object) -> dict[str, None]:
    texts: dict[str, None] = {}
    left = [value]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            for key, inner in part.items():
                if _holds(inner) or _pair(str(key), inner):
                    texts[str(key)] = None
                left.append(inner)
        elif isinstance(part, list):
            left += reversed(part)
        elif part not in (None, "") and not isinstance(part, bool):
            texts[str(part)] = None
    return texts


def _table_of_records(part: str, place: str, name: str, records: list[object]) -> SideTable:
    """Give objects as rows, with the names of their members as headings."""
    known = (key for record in records if isinstance(record, dict) for key in record)
    columns = list(dict.fromkeys(map(str, known)))
    rows = []
    for at, record in enumerate(records):
        members = record if isinstance(record, dict) else {"": record}
        cells = {str(key): _cell(inner) for key, inner in members.items()}
        own = [cells.pop(column, "") for column in columns]
        rows.append(SideRow([*own, *cells.values()], f"{place}.{at}"))
    return SideTable(part, rows, name=name, columns=columns)


def _cell(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "sì" if value else ""
    return " ".join(_within(value)) if _holds(value) else str(value or "")


def _but_headings(key: str, part: object) -> object:
    if key != _HEADINGS or not isinstance(part, list):
        return part
    columns = (column for column in part if isinstance(column, dict))
    return {
        str(at): {name: value for name, value in column.items() if name not in _NAMES}
        for at, column in enumerate(columns)
    }
