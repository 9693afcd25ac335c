"""Taking packed bytes apart, archives within archives too, within bounds of memory and number."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from mapping.errors import BadInputError

MAX_BYTES = 512 * 1024 * 1024
MAX_FILES = 10_000
MAX_DEPTH = 5
"""An archive within another: that deep, and no deeper."""
_CHUNK_BYTES = 1024 * 1024


@dataclass
class Bounds:
    """What may still be unpacked of one published file."""

    name: str
    bytes_left: int = field(default_factory=lambda: MAX_BYTES)
    files_left: int = MAX_FILES

    def read(self, file: IO[bytes] | io.BufferedIOBase) -> bytes:
        """Read a stream that may not be larger than what is left."""
        parts = []
        while chunk := file.read(_CHUNK_BYTES):
            self.bytes_left -= len(chunk)
            if self.bytes_left < 0:
                raise self.refusal(f"unpacks to more than {MAX_BYTES:,} bytes")
            parts.append(chunk)
        self.files_left -= 1
        if self.files_left < 0:
            raise self.refusal(f"holds more than {MAX_FILES:,} files")
        return b"".join(parts)

    def refusal(self, reason: str) -> BadInputError:
        """Say why a file cannot be searched: what nobody can search is not published."""
        return BadInputError(f"{self.name} cannot be searched: it {reason}. Leave it out.")


def is_archive(content: bytes) -> bool:
    """Whether bytes are packed in a way that `members` undoes."""
    return content.startswith((b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ")) or (
        content[257:262] == b"ustar"
    )


def members(content: bytes, bounds: Bounds) -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of each file in an archive, or of the one in a packed stream.

    Raises BadInputError when there is more of it than the bounds allow, or it cannot be read.
    """
    try:
        if content.startswith(b"PK\x03\x04"):
            yield from _zipped(content, bounds)
        elif content[257:262] == b"ustar":
            yield from _tarred(content, bounds)
        else:
            yield "", bounds.read(_stream(content))
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, tarfile.TarError) as error:
        if isinstance(error, BadInputError):
            raise
        raise bounds.refusal("is packed and damaged") from error
    except (NotImplementedError, RuntimeError, zlib.error, lzma.LZMAError) as error:
        raise bounds.refusal("is packed in a way that nobody here can undo") from error


def _stream(content: bytes) -> io.BufferedIOBase:
    packed = io.BytesIO(content)
    if content.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=packed)
    return bz2.BZ2File(packed) if content.startswith(b"BZh") else lzma.LZMAFile(packed)


def _zipped(content: bytes, bounds: Bounds) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        yield "", archive.comment
        for info in archive.infolist():
            yield "", b"\n".join((info.filename.encode(), info.comment))
            with archive.open(info) as file:
                yield info.filename, bounds.read(file)


def _tarred(content: bytes, bounds: Bounds) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for info in archive:
            yield "", "\n".join((info.name, info.linkname, *info.pax_headers.values())).encode()
            if (file := archive.extractfile(info)) is not None:
                yield info.name, bounds.read(file)
