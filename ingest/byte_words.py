"""What looks like words among bytes that are no text: programs, pictures, pages to print."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress

from ingest.allowance import PartsAllowance

_STREAM, _STREAM_END = re.compile(rb"stream\r?\n"), b"endstream"
_SHOWN = re.compile(rb"\\.|\((?:[^()\\]|\\.)*+\)|<[0-9A-Fa-f\s]{4,}+>", re.DOTALL)
"""A text of a page; a sign that is written with a stroke before it begins none."""
_RUN = re.compile(rb"(?:[\t\n\r -~\xc0-\xff]\0){5,}|[\t\n\r -~\xc0-\xff]{5,}")
_WORDS = 0.8
"""So much of what looks like a text among other bytes is letters and blanks, if it is one."""
_WORD = re.compile(r"[^\W\d_]{3}")


def words_in(content: bytes, allowance: PartsAllowance | None = None) -> Iterator[str]:
    """Give what looks like words among bytes that are no text: of a PDF, what its pages show.

    Raises BeyondAllowanceError when it unpacks to more than may be read.
    """
    left = allowance or PartsAllowance()
    if content.startswith(b"PK\x03\x04"):
        with suppress(zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error):
            yield from _packed_words(content, left)
        return
    if content.startswith(b"%PDF"):
        for stream in _streams(content):
            shown = stream
            with suppress(zlib.error):
                shown = zlib.decompressobj().decompress(stream, left.bytes_left + 1)
            left.take(len(shown))
            yield b"".join(map(_shown, _SHOWN.findall(shown))).decode("latin-1")
    if content.startswith(b"\x89PNG"):
        content = b"".join(
            re.findall(rb"(?:tEXt|iTXt)(.*?)(?=IDAT|IEND|tEXt|iTXt)", content, re.DOTALL)
        )
    for run in _RUN.findall(content):
        text = run.replace(b"\0", b"").decode("latin-1")
        letters = sum(letter.isalpha() or letter.isspace() for letter in text)
        if letters >= _WORDS * len(text) and _WORD.search(text):
            yield text


def _streams(content: bytes) -> Iterator[bytes]:
    at = 0
    while start := _STREAM.search(content, at):
        end = content.find(_STREAM_END, start.end())
        if end < 0:
            return
        yield content[start.end() : end]
        at = end + len(_STREAM_END)


def _packed_words(content: bytes, left: PartsAllowance) -> Iterator[str]:
    """Give the words of a document that is a zip of XML, packed in another."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            with archive.open(name) as file:
                body = file.read(left.bytes_left + 1)
            left.take(len(body))
            yield name
            if name.endswith((".xml", ".txt", ".html")):
                text = body.decode("utf-8", "replace")
                yield from filter(None, map(str.strip, re.split(r"[<>\"]", text)))
                yield " ".join(re.sub("<[^<>]*>", "", text).split())


def _shown(written: bytes) -> bytes:
    if written.startswith(b"\\"):
        return b""
    if written.startswith(b"("):
        return re.sub(rb"\\(.)", rb"\1", written[1:-1])
    digits = b"".join(written[1:-1].split())
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode()).replace(b"\0", b"")
