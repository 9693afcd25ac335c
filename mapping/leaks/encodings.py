"""Texts behind other texts: entities, escapes, percent signs, base64, and bytes in any encoding."""

import base64
import binascii
import codecs
import html
import re
import sys
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from mapping.errors import BadInputError

MAX_DEPTH = 3
"""So often one encoding within another is undone."""
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2}))"
)
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})")
_QUOTED = re.compile(r"=(?:[0-9A-F]{2}|\r?\n)")
_PACKED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_ZLIB_START = b"x"
"""Of a stream with the usual window."""
MAX_INFLATED_BYTES = 1024 * 1024
_NUL_SHARE = 0.2
"""In UTF-16 every second byte of a Latin text is none."""


def decoded_forms(text: str, depth: int = 0) -> Iterator[str]:
    """Give a text, and each text that it stands for when it is decoded; every one once."""
    waiting, seen = [(text, depth)], {text}
    while waiting:
        form, level = waiting.pop()
        yield form
        if level >= MAX_DEPTH:
            continue
        for more in _undone(form):
            if more and more not in seen:
                seen.add(more)
                waiting.append((more, level + 1))


def packed_bytes(text: str) -> Iterator[bytes]:
    """Give what tokens of a text may be in base64 or hexadecimal digits; most is noise.

    What is a stream of zlib gives also what it holds. Raises BadInputError where that is too much.
    """
    for content in _untokened(text):
        yield content
        if (more := inflated(content)) is not None:
            yield more


def inflated(content: bytes) -> bytes | None:
    """Undo zlib; None where bytes are no stream of it.

    Raises BadInputError when more is in it than anybody packs in a text.
    """
    if content[:1] != _ZLIB_START:
        return None
    stream = zlib.decompressobj()
    try:
        more = stream.decompress(content, MAX_INFLATED_BYTES)
    except zlib.error:
        return None
    if stream.unconsumed_tail:
        raise BadInputError(
            f"A text cannot be searched: it holds more than {MAX_INFLATED_BYTES:,} packed bytes."
            " Leave it out."
        )
    return more


def _untokened(text: str) -> Iterator[bytes]:
    for token in _PACKED.findall(text):
        if _HEX.fullmatch(token):
            yield bytes.fromhex(token)
        letters = token.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
        except binascii.Error:
            continue


def text_of(content: bytes) -> str:
    """Decode bytes by their mark, as UTF-16 where every second one is none, or else as UTF-8."""
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name, errors="replace")
    sample = content[:4096]
    if len(sample) > 1 and sample.count(0) >= _NUL_SHARE * len(sample):
        odd = sample[1::2].count(0) >= sample[::2].count(0)
        return content.decode("utf-16-le" if odd else "utf-16-be", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _undone(text: str) -> Iterator[str]:
    if "&" in text:
        yield html.unescape(text)
    if "<" in text:
        yield re.sub(r"<[^>]*>", " ", text)
    if "%" in text and _PERCENT.search(text):
        yield text_of(unquote_to_bytes(text))
    if "\\" in text and _ESCAPE.search(text):
        yield _ESCAPE.sub(_character, text)
    if "=" in text and _QUOTED.search(text):
        yield text_of(binascii.a2b_qp(text.encode()))
    for content in packed_bytes(text):
        unpacked = _readable(content)
        if unpacked is not None:
            yield unpacked


def _readable(content: bytes) -> str | None:
    """Decode bytes that are a text; noise, which is no UTF-8, says nothing."""
    if 0 in content or content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = text_of(content)
    else:
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return text if sum(map(str.isprintable, text)) > 0.9 * len(text) else None


def _character(match: re.Match[str]) -> str:
    number = int(next(filter(None, match.groups())), 16)
    return chr(number) if number <= sys.maxunicode else " "
