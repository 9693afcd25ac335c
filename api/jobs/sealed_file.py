"""Files sealed with a passphrase: scrypt makes the key, AES-256-GCM seals one chunk after another.

The order of the chunks is kept as in STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, "Online
Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015): the nonce of a chunk holds
its number and whether it is the last, so chunks that are cut off, moved or added are noticed.
"""

import io
import os
from types import TracebackType
from typing import BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from mapping.errors import BadInputError

MAGIC = b"prossima-backup 1\n"
SALT_BYTES = 32
CHUNK_BYTES = 1024 * 1024
TAG_BYTES = 16
SCRYPT_COST = 2**17
"""Takes 128 MB of memory for the moment in which a key is made (with r = 8)."""

_NUMBER_BYTES = 11


class SealedWriter(io.RawIOBase):
    """Seals what is written to it; the end of the block seals the last chunk."""

    def __init__(self, sink: BinaryIO, passphrase: str) -> None:
        salt = os.urandom(SALT_BYTES)
        self._header = MAGIC + salt
        self._cipher = AESGCM(_key(passphrase, salt))
        self._sink = sink
        self._pending = bytearray()
        self._number = 0
        sink.write(self._header)

    def __enter__(self) -> Self:
        """Begin the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Seal the last chunk, unless writing failed: without one a file is never opened."""
        if error is None:
            self._seal(bytes(self._pending), last=True)

    def writable(self) -> bool:
        """Say that it is written, never read."""
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        """Take some bytes, and write every chunk that is full and has a successor."""
        self._pending += content
        while len(self._pending) > CHUNK_BYTES:
            self._seal(bytes(self._pending[:CHUNK_BYTES]), last=False)
            del self._pending[:CHUNK_BYTES]
        return len(content)

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        nonce = _nonce(self._number, last=last)
        self._sink.write(self._cipher.encrypt(nonce, chunk, self._header))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads what a `SealedWriter` sealed, each chunk only after it has proved to be genuine.

    Raises BadInputError, at opening or reading, for another passphrase or a damaged file.
    """

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        self._header = source.read(len(MAGIC) + SALT_BYTES)
        if len(self._header) < len(MAGIC) + SALT_BYTES or not self._header.startswith(MAGIC):
            raise BadInputError("This is no backup of Prossima. Give a file of `prossima backup`.")
        self._cipher = AESGCM(_key(passphrase, self._header[len(MAGIC) :]))
        self._source = source
        self._sealed: bytes | None = source.read(CHUNK_BYTES + TAG_BYTES)
        self._number = 0
        self._chunk = memoryview(b"")

    def readable(self) -> bool:
        """Say that it is read, never written."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill some of a buffer; 0 only after the last chunk."""
        if not self._chunk and self._sealed is not None:
            self._chunk = memoryview(self._opened())
        size = min(len(buffer), len(self._chunk))
        buffer[:size] = self._chunk[:size]
        self._chunk = self._chunk[size:]
        return size

    def _opened(self) -> bytes:
        sealed, following = self._sealed or b"", self._source.read(CHUNK_BYTES + TAG_BYTES)
        nonce = _nonce(self._number, last=not following)
        try:
            chunk = self._cipher.decrypt(nonce, sealed, self._header)
        except (InvalidTag, ValueError):
            raise BadInputError(self._why()) from None
        self._number += 1
        self._sealed = following or None
        return chunk

    def _why(self) -> str:
        if self._number == 0:
            return (
                "The backup cannot be opened: the passphrase is another one, or the file is"
                " damaged. Give the passphrase that it was written with, or another backup."
            )
        return f"The backup is damaged or cut off after {self._number} MB. Take another one."


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=SCRYPT_COST, r=8, p=1).derive(passphrase.encode())


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES, "big") + bytes([last])
